"""Gradients that vanish on the way to the first layers.

Each sigmoid multiplies a gradient by at most 0.25, so behind ten of them a millionth is left: the last layers train and the
first ones keep their random weights. Reported where, in three sampled steps in a row, the gradient of the first weight
matrix, relative to its size, is less than 1e-6 of that of the last one, and there are at least four of them. Measured ratios
(width 32, torch's initialisation): 2e-11 for twelve sigmoid layers, 2e-6 for six, 2e-3 for twelve tanh layers, 3e-5 for
twelve ReLU layers without normalisation. Programs that train well
(see `benchmarks/thresholds.py`) stay above 4e-3, those with the bug below 3e-10.

Example:

    layers = [nn.Sequential(nn.Linear(32, 32), nn.Sigmoid()) for _ in range(16)]
    net = nn.Sequential(*layers, nn.Linear(32, 4))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(6):
        loss = F.cross_entropy(net(torch.randn(16, 32)), torch.randint(0, 4, (16,)))
        optimizer.zero_grad()
        loss.backward()  # error
        optimizer.step()

Use instead:

    layers = [nn.Sequential(nn.Linear(32, 32), nn.BatchNorm1d(32), nn.ReLU()) for _ in range(4)]
    net = nn.Sequential(*layers, nn.Linear(32, 4))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(6):
        loss = F.cross_entropy(net(torch.randn(16, 32)), torch.randint(0, 4, (16,)))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

Not reported: small gradients in all layers alike, as at the end of a training.

    net = nn.Linear(32, 4)

At run time: norms of gradients and weights are read in sampled steps.
"""

from collections.abc import Iterator

from lrcheck.events import StepStatistics
from lrcheck.findings import Finding, Label, Level
from lrcheck.rule import rule

RATIO = 1e-6
LAYERS = 4
STEPS = 3


@rule("LR702", Level.WARNING)
def check(step: StepStatistics) -> Iterator[Finding]:
    recent = (*step.history[-(STEPS - 1) :], step)
    ratios = [_ratio(each) for each in recent]
    if len(recent) < STEPS or not all(ratio is not None and ratio < RATIO for ratio in ratios):
        return
    weights = _weights(step)
    yield Finding(
        title="gradients vanish on the way to the first layer",
        at=Label(step.site, f"`{weights[0][0]}` gets {ratios[-1]:.0e} of the gradient of `{weights[-1][0]}`"),
        note="the first layers keep their random weights; only the last ones train",
        help="use `nn.ReLU()` and normalisation layers, or connections around blocks: `x + block(x)`",
    )


def _ratio(step: StepStatistics) -> float | None:
    weights = _weights(step)
    if len(weights) < LAYERS or weights[-1][1] == 0:
        return None
    return weights[0][1] / weights[-1][1]


def _weights(step: StepStatistics) -> list[tuple[str, float]]:
    """The weight matrices with gradients, in the order of the model, and their gradients relative to their size."""
    return [
        (each.name, each.gradient / each.weight)
        for each in step.parameters
        if len(each.size) >= 2 and each.gradient is not None and each.weight > 0
    ]
