"""A bias that batch normalisation takes away again.

Batch normalisation subtracts the mean of each channel, and with it any constant that the layer before has added. The bias gets
a gradient of exactly zero up to rounding; it costs memory and time and does nothing.

Example:

    net = nn.Sequential(nn.Linear(20, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 4))  # error
    out = net(x)

Use instead:

    net = nn.Sequential(nn.Linear(20, 64, bias=False), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 4))
    out = net(x)

Not reported: an activation in between, and other norms.

    net = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.BatchNorm1d(64), nn.Linear(64, 64), nn.LayerNorm(64))
    out = net(x)

Not reported: a bias that is chosen by an option.

    net = nn.Sequential(nn.Linear(20, 64, bias=config.bias), nn.BatchNorm1d(64))
    out = net(x)

At run time: the gradient of this bias is zero.
"""

from collections.abc import Iterator

from lrcheck.events import LayerCall
from lrcheck.findings import Finding, Fix, Label, Level, Safety
from lrcheck.fixing import add_argument
from lrcheck.rule import rule


@rule("LR425", Level.INFO)
def check(call: LayerCall) -> Iterator[Finding]:
    before = call.before
    if "BatchNorm" not in call.layer.name or before is None or before.site is None or call.bias is not True:
        return
    if call.actual is not None and call.expected not in (None, call.actual):
        return
    plain = "bias" not in before.site.text and before.site.text.endswith(")")
    yield Finding(
        title="batch normalisation takes this bias away",
        at=Label(before.site, "adds a constant per channel"),
        because=(Label(call.layer.site, "subtracts it again"),) if call.layer.site is not None else (),
        note="the gradient of the bias is zero: it is never trained",
        help="leave the bias out: `bias=False`",
        fix=Fix("leave the bias out: `bias=False`", add_argument(before.site, "bias=False"), Safety.SAFE) if plain else None,
    )
