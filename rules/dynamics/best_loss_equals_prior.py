"""Loss that never beats the class frequencies.

A model that ignores its input can do no better than the entropy of the labels: 0.69 for two equally frequent classes, 2.30
for ten. A loss that has come down (or up) to this value and stays within one percent of it for 200 steps and more has learnt the class
frequencies and nothing else: the labels cannot be told from the inputs, as in `y = [0, 1, 1, 0]` for `x = [1, 2, 3, 4]` and one
linear unit, or no information about the input reaches the output. Programs that train well
(see `benchmarks/thresholds.py`) end at least 37 % away from it, those with the bug within 0.7 %.

Example:

    x = torch.tensor([[1.0], [2.0], [3.0], [4.0]])
    y = torch.tensor([0, 1, 1, 0])
    net = nn.Linear(1, 2)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(1100):
        loss = F.cross_entropy(net(x), y)  # error
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

Use instead:

    x = torch.tensor([[-1.5, 2.25], [-0.5, 0.25], [0.5, 0.25], [1.5, 2.25]])
    y = torch.tensor([0, 1, 1, 0])
    net = nn.Linear(2, 2)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(1100):
        loss = F.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

Not reported: short runs, and losses that are still moving.

    net = nn.Linear(1, 2)

At run time: the loss and the counts of the classes are read in sampled steps and compared at the end.
"""

from collections.abc import Iterator

from lrcheck.events import LossCurve
from lrcheck.findings import Finding, Label, Level
from lrcheck.rule import rule

STEPS = 200
LAST = 4  # sampled steps that must all be close
CLOSE = 0.01


@rule("LR711", Level.WARNING)
def check(curve: LossCurve) -> Iterator[Finding]:
    prior = curve.prior
    if prior is None or prior < 0.3 or len(curve.values) < 2 * LAST or curve.values[-1][0] < STEPS:
        return
    last = [value for _, value in curve.values[-LAST:]]
    if not all(abs(value - prior) <= CLOSE * prior for value in last):  # NaN is another mistake
        return
    yield Finding(
        title="the loss never beats the class frequencies",
        at=Label(curve.site, f"{last[-1]:.3f} after {curve.values[-1][0]} steps"),
        note=f"always predicting the class frequencies costs {prior:.3f}: nothing about the input is used",
        help="try to overfit one batch: `lrcheck.overfit_one_batch(model, batch)`; then look at labels and features",
    )
