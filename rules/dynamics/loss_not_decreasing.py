"""Loss that stays above that of guessing.

A classifier that gives each of C classes the same probability has a loss of ln C (0.69 for 2 classes, 2.30 for 10). A loss
that is above it in every sampled step, after a hundred steps and more, means that the model does worse than a blind guess: the learning
rate is too high, the inputs are far from unit scale, or labels and inputs do not belong together. A loss that has not fallen is no finding by itself. The
limit is 1.05 ln C: a model that knows nothing sits at ln C. Programs that train well (see `benchmarks/thresholds.py`) come below 0.63 ln C.

Example:

    net = nn.Linear(8, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=300.0)
    for _ in range(130):
        loss = F.cross_entropy(net(torch.randn(16, 8)), torch.randint(0, 4, (16,)))  # error
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

Use instead:

    net = nn.Linear(8, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(130):
        x = torch.randn(16, 8)
        loss = F.cross_entropy(net(x), x[:, :4].argmax(dim=1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

Not reported: fewer than a hundred steps.

    net = nn.Linear(8, 4)

At run time: the loss is read in sampled steps and compared with ln C at the end.
"""

import math
from collections.abc import Iterator

from lrcheck.events import LossCurve
from lrcheck.findings import Finding, Label, Level
from lrcheck.rule import rule

STEPS = 100
SAMPLED = 8
ABOVE = 1.05  # times ln C, in every sampled step behind the first quarter


@rule("LR705", Level.WARNING)
def check(curve: LossCurve) -> Iterator[Finding]:
    values = sorted({**dict(curve.values), **dict(curve.between)}.items())
    if curve.family != "cross_entropy" or curve.classes < 2 or len(values) < SAMPLED or values[-1][0] < STEPS:
        return
    chance = math.log(curve.classes)
    later = [value for _, value in values[len(values) // 4 :]]
    if not all(math.isfinite(value) and value > ABOVE * chance for value in later):
        return
    yield Finding(
        title="the model stays worse than guessing",
        at=Label(curve.site, f"{later[-1]:.2f} after {values[-1][0]} steps, and never below {min(later):.2f}"),
        note=f"equal probabilities for {curve.classes} classes give ln {curve.classes} = {chance:.2f}",
        help="check that labels and inputs belong together, then lower the learning rate: `lr=1e-3`",
    )
