"""Units that are zero for every sample.

A ReLU whose input is negative for the whole data set has output 0 and gradient 0: it never comes back. A few such units are normal.
Reported where more than 90 % of the units of one layer are 0 for a whole batch of at least 16 samples. Measured on the
reference programs: at most 45 % in any layer at any sampled step; 97 to 100 % after one step with a learning rate that is too high.

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

Not reported: smaller batches, and units that are 0 for some samples only.

    net = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 4))

At run time: the outputs of ReLU layers are looked at in sampled steps.
"""

from collections.abc import Iterator

from lrcheck.events import UnitStatistics
from lrcheck.findings import Finding, Label, Level
from lrcheck.rule import rule

SHARE = 0.9
UNITS = 8


@rule("LR707", Level.WARNING)
def check(units: UnitStatistics) -> Iterator[Finding]:
    if units.units < UNITS or units.dead <= SHARE * units.units:
        return
    yield Finding(
        title="most units of a layer are dead",
        at=Label(units.site, f"{units.dead} of {units.units} units are 0 for all {units.samples} samples"),
        note=f"step {units.step}: a dead unit has gradient 0 and does not come back",
        help="lower the learning rate, start biases at 0, or use `nn.LeakyReLU()`",
    )
