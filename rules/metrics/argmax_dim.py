"""The best sample of each class instead of the best class of each sample.

Scores of a batch have the shape `(N, C)`: samples in rows, classes in columns. `argmax(dim=0)` looks down the columns and gives
C row numbers. Compared with N labels that raises, unless N equals C; then it counts matches between row numbers and classes.

Example:

    images, labels = next(iter(DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=10)))
    scores = nn.Linear(784, 10)(images.flatten(1))
    predicted = scores.argmax(dim=0)  # error

Use instead:

    images, labels = next(iter(DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=10)))
    scores = nn.Linear(784, 10)(images.flatten(1))
    predicted = scores.argmax(dim=1)

Not reported: the scores of one sample.

    scores = nn.Linear(784, 10)(torch.randn(784))
    predicted = scores.argmax(dim=0)

Not reported: rows that are not known to be samples.

    predicted = scores.argmax(dim=0)

Not reported: something else than class scores.

    images, labels = next(iter(DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=10)))
    brightest = images.flatten(1).argmax(dim=0)

At run time: `The size of tensor a (10) must match the size of tensor b (64)`, or an accuracy at the level of chance.
"""

import re
from collections.abc import Iterator

from lrcheck.events import ArgReduction
from lrcheck.facts import BATCH, Form
from lrcheck.findings import Finding, Label, Safety
from lrcheck.fixing import code, fix, replace
from lrcheck.rule import rule

_SCORES = (Form.LOGITS, Form.PROBABILITIES, Form.LOG_PROBABILITIES)
_DIM = re.compile(r"(.*[(,=]\s*)(?:0|-2)(\s*(?:,\s*keepdim\s*=\s*\w+\s*)?\))", re.DOTALL)


@rule("LR208")
def check(reduction: ArgReduction) -> Iterator[Finding]:
    scores = reduction.input
    if scores.form not in _SCORES or not scores.shape or scores.shape[0] != BATCH:
        return
    rank = len(scores.shape)
    if rank not in (2, 4) or reduction.dim not in (0, -rank) or scores.shape[1] == 1:
        return
    pixels = rank == 4
    classes = scores.shape[1] if isinstance(scores.shape[1], int) else "C"
    match = _DIM.fullmatch(reduction.site.text) if not pixels else None
    text = f"{match.group(1)}1{match.group(2)}" if match is not None else ""
    yield Finding(
        title=f"`{reduction.name}` runs over the samples of the batch",
        at=Label(
            reduction.site,
            "gives numbers of images, not one class for each pixel"
            if pixels
            else f"gives {classes} row numbers, not one class for each sample",
        ),
        because=(Label(scores.layer.label("").site, f"shape (N, {classes}{', H, W' if pixels else ''})"),)
        if scores.layer is not None
        else (),
        note="what is compared with the labels is which image of the batch has the highest score"
        if pixels
        else f"raises against the labels, unless a batch has {classes} samples: then the accuracy is chance",
        help="take the maximum over the classes: `dim=1`",
        fix=fix(f"take the maximum over the classes: {code(text)}", Safety.SAFE, replace(reduction.site, text))
        if text
        else None,
    )
