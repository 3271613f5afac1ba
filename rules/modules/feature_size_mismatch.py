"""Two layers whose sizes do not fit.

A layer gets a tensor with another number of features than it was made for. The first forward pass raises: `mat1 and mat2
shapes cannot be multiplied` or `expected input to have 16 channels, but got 8 channels instead`.

Example:

    net = nn.Sequential(nn.Linear(20, 32), nn.ReLU(), nn.Linear(64, 4))
    out = net(x)  # error
    conv, norm = nn.Conv2d(3, 8, 3), nn.BatchNorm2d(16)
    out = norm(conv(x))  # error

Use instead:

    net = nn.Sequential(nn.Linear(20, 32), nn.ReLU(), nn.Linear(32, 4))
    out = net(x)

Not reported: sizes that are only known when the program runs.

    net = nn.Sequential(nn.Linear(20, config.width), nn.ReLU(), nn.Linear(64, 4), nn.LazyLinear(3))
    out = net(x)

Not reported: layers that a loop calls one by one.

    layers = nn.ModuleList([nn.Linear(20, 8), nn.Linear(8, 8), nn.Linear(8, 4)])
    out = torch.zeros(3, 20)
    for layer in layers:
        out = torch.relu(layer(out))

Not reported: a change of shape in between.

    first, last = nn.Conv2d(3, 8, 3), nn.Linear(1152, 4)
    out = last(first(x).flatten(1))
    wide, narrow = nn.Linear(20, 32), nn.Linear(64, 4)
    out = narrow(torch.cat([wide(x), wide(x)], dim=1))

At run time: a shape error at the first forward pass.
"""

from collections.abc import Iterator

from lrcheck.events import LayerCall
from lrcheck.findings import Finding, Label
from lrcheck.rule import rule


@rule("LR410")
def check(call: LayerCall) -> Iterator[Finding]:
    if call.expected is None or call.actual is None or call.expected == call.actual:
        return
    because = []
    if call.layer.site is not None and call.layer.site.key() != call.site.key():
        because.append(Label(call.layer.site, f"made for {call.expected}"))
    layer = call.input.layer
    if layer is not None and call.actual == call.input.out_features:
        because.append(Label(layer.layer or layer.site, f"gives {call.actual}"))
    yield Finding(
        title=f"`{call.layer.name}` expects {call.expected} features and gets {call.actual}",
        at=Label(call.site, f"{call.actual} features arrive"),
        because=tuple(because),
        note="raises at the first forward pass",
        help=f"make the layer for {call.actual} features",
    )
