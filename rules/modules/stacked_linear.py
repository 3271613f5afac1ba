"""Two linear layers with nothing between them.

A linear layer of a linear layer is one linear layer: the pair can express nothing that one could not, at twice the cost. An
activation is missing, or one of the two.

Example:

    net = nn.Sequential(nn.Linear(20, 64), nn.Linear(64, 4))
    out = net(x)  # error

Use instead:

    net = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 4))
    out = net(x)

Not reported: a bottleneck, which makes the product small on purpose.

    net = nn.Sequential(nn.Linear(512, 8), nn.Linear(8, 512))
    out = net(x)

Not reported: sizes that are not known, and anything in between but a BatchNorm that learns scales, which is linear once it is trained.

    net = nn.Sequential(nn.Linear(20, config.width), nn.Linear(64, 4))
    out = net(x)
    first, second = nn.Linear(20, 64), nn.Linear(64, 4)
    out = second(first(x) + context)
    out = second(nn.LayerNorm(64)(first(x)))
    out = second(nn.BatchNorm1d(64, affine=False)(first(x)))

At run time: the accuracy is that of a linear model.
"""

from collections.abc import Iterator

from lrcheck.events import LayerCall
from lrcheck.findings import Finding, Label, Level
from lrcheck.rule import rule


@rule("LR411", Level.INFO)
def check(call: LayerCall) -> Iterator[Finding]:
    if call.layer.name != "nn.Linear" or call.before is None or call.before.name != "nn.Linear":
        return
    width = call.expected
    if width is None or call.inputs is None or call.outputs is None or width < min(call.inputs, call.outputs):
        return
    if call.actual != width:
        return
    yield Finding(
        title="two linear layers follow each other",
        at=Label(call.site, "applied to the output of a linear layer"),
        because=tuple(Label(m.site, "linear") for m in (call.before, call.layer) if m.site is not None),
        note="together they are one linear layer",
        help="put an activation between them: `nn.ReLU()`",
    )
