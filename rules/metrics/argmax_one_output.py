"""The largest of one score.

`argmax` over a single column is 0 for every sample: the model predicts class 0 whatever its output is, and the accuracy is the
share of class 0. One output is compared with a threshold: 0 for logits, 0.5 for probabilities.

Example:

    net = nn.Linear(20, 1)
    predicted = net(torch.randn(32, 20)).argmax(dim=1)  # error

Use instead:

    net = nn.Linear(20, 1)
    predicted = (net(torch.randn(32, 20)) > 0).long().squeeze(1)

Not reported: two outputs or more.

    net = nn.Linear(20, 2)
    predicted = net(torch.randn(32, 20)).argmax(dim=1)

Not reported: the maximum over the samples of a batch.

    net = nn.Linear(20, 1)
    best = net(torch.randn(32, 20)).argmax(dim=0)

Not reported: a function that treats one score and several in two ways.

    net = nn.Linear(20, 1)
    scores = net(torch.randn(32, 20))
    if len(torch.unique(y)) > 2:
        predicted = torch.softmax(scores, dim=1).argmax(dim=1)
    else:
        predicted = torch.sigmoid(scores).round()

Not reported: the number of outputs is not known.

    net = nn.Linear(20, classes)
    predicted = net(torch.randn(32, 20)).argmax(dim=1)

At run time: every prediction is 0.
"""

import re
from collections.abc import Iterator

from lrcheck.events import ArgReduction
from lrcheck.facts import Form
from lrcheck.findings import Finding, Label, Safety
from lrcheck.fixing import code, fix, replace
from lrcheck.rule import rule

_METHOD = re.compile(r"(.+)\.argmax\([^()]*\)", re.DOTALL)


@rule("LR210")
def check(reduction: ArgReduction) -> Iterator[Finding]:
    scores = reduction.input
    if (
        reduction.chosen
        or reduction.name not in ("argmax", "max")
        or reduction.dim not in (1, -1)
        or scores.layer is None
    ):
        return
    if scores.form not in (Form.LOGITS, Form.PROBABILITIES) or (scores.columns or scores.out_features) != 1:
        return
    shape = scores.shape
    images = shape is not None and len(shape) > 2
    if shape is not None and len(shape) != 2 and not (images and reduction.dim == 1 and shape[1] == 1):
        return
    bound = "0" if scores.form is Form.LOGITS else "0.5"
    match = _METHOD.fullmatch(reduction.site.text)
    text = f"({match.group(1)} > {bound}).long().squeeze(1)" if match is not None and not images else ""
    yield Finding(
        title=f"`{reduction.name}` chooses from a single score",
        at=Label(reduction.site, "0 for every sample"),
        because=(Label(scores.layer.label("").site, "one output"),),
        note="every sample is predicted as class 0: the accuracy is the share of class 0",
        help=f"compare the output with {bound}",
        fix=fix(f"compare with a threshold: {code(text)}", Safety.UNSAFE, replace(reduction.site, text))
        if text
        else None,
    )
