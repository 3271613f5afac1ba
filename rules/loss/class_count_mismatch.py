"""Fewer outputs than classes.

A model with 9 outputs cannot predict ten classes. The first batch that holds the missing class stops with
`IndexError: Target 9 is out of bounds` on a CPU and with a device-side assert on a GPU, whose message names another line; a
rare class may appear only after hours.

Example:

    images, labels = next(iter(DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=64)))
    net = nn.Linear(28 * 28, 9)  # error
    loss = F.cross_entropy(net(images.flatten(1)), labels)

Use instead:

    images, labels = next(iter(DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=64)))
    net = nn.Linear(28 * 28, 10)
    loss = F.cross_entropy(net(images.flatten(1)), labels)

Not reported: more outputs than classes; the rest learns not to be chosen.

    images, labels = next(iter(DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=64)))
    net = nn.Linear(28 * 28, 16)
    loss = F.cross_entropy(net(images.flatten(1)), labels)

Not reported: a configurable head.

    images, labels = next(iter(DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=64)))
    net = nn.Linear(28 * 28, config.classes)
    loss = F.cross_entropy(net(images.flatten(1)), labels)

Not reported: the number of classes is not known.

    net = nn.Linear(20, 4)
    loss = F.cross_entropy(net(x), y)

Not reported: new labels made from the old ones.

    images, labels = next(iter(DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=64)))
    net = nn.Linear(28 * 28, 2)
    loss = F.cross_entropy(net(images.flatten(1)), (labels > 4).long())

At run time: `Target 9 is out of bounds`.
"""

import re
from collections.abc import Iterator

from lrcheck.events import LossCall
from lrcheck.facts import Form
from lrcheck.findings import Edit, Finding, Label, Safety, Site
from lrcheck.fixing import code, fix, replace
from lrcheck.rule import rule


@rule("LR120")
def check(call: LossCall) -> Iterator[Finding]:
    if (
        call.family not in ("cross_entropy", "nll")
        or call.target.form is not Form.CLASS_INDEX
        or call.input.layer is None
    ):
        return
    outputs = call.input.out_features if call.input.shape is None else call.input.columns
    classes = call.target.classes
    if outputs is None or classes is None or not 1 < outputs < classes:
        return
    layer = call.input.layer.layer or call.input.layer.site
    edits = _widen(layer, outputs, classes)
    yield Finding(
        title=f"the last layer has fewer outputs than the {classes} classes",
        at=Label(layer, f"{outputs} outputs"),
        because=(Label(call.target_site or call.site, f"{classes} classes"),),
        note=f"raises for the first sample of class {outputs}: `Target {outputs} is out of bounds`",
        help=f"make {classes} outputs",
        fix=fix(f"make {classes} outputs: {code(edits[0].text)}", Safety.SAFE, edits) if edits else None,
    )


def _widen(layer: Site, outputs: int, classes: int) -> tuple[Edit, ...]:
    """The size is changed where it stands in the construction as a number; elsewhere it may mean something else too."""
    match = re.fullmatch(
        rf"(.*Linear\(.*[,=]\s*){outputs}(\s*(?:,\s*(?:bias|device|dtype)\s*=[^()]*)?,?\s*\))", layer.text, re.DOTALL
    )
    return replace(layer, f"{match.group(1)}{classes}{match.group(2)}") if match else ()
