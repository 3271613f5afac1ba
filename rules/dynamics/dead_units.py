"""Layer whose units are all zero.

A ReLU whose input is negative for the whole batch has output 0 and gradient 0. Dead units are common and mostly harmless; a
layer in which every unit is 0 for every sample of a batch (at least 16) passes nothing on and no gradient back: everything
in front of it has stopped learning, and the model gives one output for all inputs. Usual causes are a learning rate that
was far too high in one step, and biases that start far below zero. In programs that train well (see `benchmarks/thresholds.py`) up to
88 % of the units of a layer are dead for one batch: only all of them are a finding.

Example:

    net = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 4))
    nn.init.constant_(net[0].bias, -20.0)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(4):
        loss = F.cross_entropy(net(torch.randn(32, 8)), torch.randint(0, 4, (32,)))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    # the layer `nn.ReLU()` in line 1 is reported  # error: 1

Use instead:

    net = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 4))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(4):
        loss = F.cross_entropy(net(torch.randn(32, 8)), torch.randint(0, 4, (32,)))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

Not reported: layers in which some units are dead.

    net = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 4))

At run time: the outputs of ReLU layers are looked at in sampled steps.
"""

from collections.abc import Iterator

from lrcheck.events import UnitStatistics
from lrcheck.findings import Finding, Label
from lrcheck.rule import rule

UNITS = 8


@rule("LR707")
def check(units: UnitStatistics) -> Iterator[Finding]:
    if units.units < UNITS or units.dead < units.units:
        return
    yield Finding(
        title="every unit of a layer is dead",
        at=Label(units.site, f"all {units.units} units are 0 for all {units.samples} samples"),
        note=f"step {units.step}: no gradient passes this layer: what is in front of it has stopped learning",
        help="lower the learning rate, start biases at 0, or use `nn.LeakyReLU()`",
    )
