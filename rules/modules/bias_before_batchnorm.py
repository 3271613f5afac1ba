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

Not reported: a normalisation that is not always there.

    def block(inputs, outputs, normalise=True):
        layers = [nn.Linear(inputs, outputs)]
        if normalise:
            layers.append(nn.BatchNorm1d(outputs))
        return nn.Sequential(*layers, nn.LeakyReLU(0.2))

    out = block(20, 64)(x)

Not reported: the same, decided in `forward`.

    class Net(nn.Module):
        def __init__(self, normalise=True):
            super().__init__()
            self.normalise = normalise
            self.fc, self.norm, self.head = nn.Linear(20, 64), nn.BatchNorm1d(64), nn.Linear(64, 4)

        def forward(self, x):
            x = self.fc(x)
            if self.normalise:
                x = self.norm(x)
            return self.head(torch.relu(x))

    out = Net()(x)

Not reported: features that become images, where one channel has many different biases.

    fc, norm = nn.Linear(20, 128 * 7 * 7), nn.BatchNorm2d(128)
    out = norm(fc(x).view(-1, 128, 7, 7))

Not reported: steps of a sequence as channels.

    fc, norm = nn.Linear(20, 64), nn.BatchNorm1d(10)
    out = norm(fc(torch.randn(32, 10, 20)))

Not reported: a bias that is chosen by an option.

    net = nn.Sequential(nn.Linear(20, 64, bias=config.bias), nn.BatchNorm1d(64))
    out = net(x)

Not reported: a layer whose other arguments come from the caller.

    class Block(nn.Module):
        def __init__(self, inputs, outputs, **options):
            super().__init__()
            self.conv, self.norm = nn.Conv2d(inputs, outputs, 3, **options), nn.BatchNorm2d(outputs)

        def forward(self, x):
            return torch.relu(self.norm(self.conv(x)))

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
    if call.optional or not _cancels(call):
        return
    plain = "bias" not in before.site.text and before.site.text.endswith(")")
    yield Finding(
        title="batch normalisation takes this bias away",
        at=Label(before.site, "adds a constant per channel"),
        because=(Label(call.layer.site, "subtracts it again"),) if call.layer.site is not None else (),
        note="the gradient of the bias is zero: it is never trained",
        help="leave the bias out: `bias=False`",
        fix=Fix("leave the bias out: `bias=False`", add_argument(before.site, "bias=False"), Safety.SAFE)
        if plain
        else None,
    )


def _cancels(call: LayerCall) -> bool:
    """Does every channel of the normalisation hold one bias only?"""
    if call.actual is not None and call.expected not in (None, call.actual):
        return False
    if "Linear" not in (call.before.name if call.before is not None else ""):
        return True
    if call.layer.name.endswith(("2d", "3d")):
        return False
    shape = call.input.shape
    if shape is not None and len(shape) == 3 and shape[1] != call.size:
        return False
    return call.size is None or call.expected in (None, call.size)
