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

Where this loss alone goes backward, in one complete run, values between the sampled steps tell it after 120 steps: the second half
of the run is as good as the guess, and its last quarter no better than the one before, within three times their noise. So can a squared error be judged, whose
guess is the mean of the targets of all samples so far.

At run time: the loss and the counts of the classes are read in sampled steps and compared at the end.
"""

import math
from collections.abc import Iterator

from lrcheck.events import LossCurve
from lrcheck.findings import Finding, Label, Level
from lrcheck.rule import rule

STEPS = 200
SHORT = 120  # steps that are enough where the values between the sampled ones are known
LAST = 4  # sampled steps that must all be close
CLOSE = 0.01
LATER = 16  # values in the second half of such a run, at least


@rule("LR711", Level.WARNING)
def check(curve: LossCurve) -> Iterator[Finding]:
    prior = curve.prior
    if prior is not None and prior < 0.3:
        return
    if prior is not None and _stays(curve, prior):
        yield _finding(curve, curve.values[-1], f"the class frequencies costs {prior:.3f}", "class frequencies")
    elif prior is not None:
        later = _later(curve)
        mean = _mean(later) if later else 0.0
        if later and -CLOSE * prior <= mean - prior <= 2 * CLOSE * prior and _drop(later) <= CLOSE * mean:
            last = (curve.between[-1][0], mean)
            yield _finding(curve, last, f"the class frequencies costs {prior:.3f}", "class frequencies")
    else:
        later = _later(curve)
        shares = [share for step, share in curve.shares if 2 * step >= SHORT]
        if later and len(shares) > 1 and all(abs(share - 1) <= 2 * CLOSE for share in shares):
            last = (curve.between[-1][0], _mean(later))
            yield _finding(
                curve, last, f"the mean of the targets costs 1/{shares[-1]:.2f} of it", "mean of the targets"
            )


def _stays(curve: LossCurve, prior: float) -> bool:
    """In the last sampled steps of a long run."""
    if len(curve.values) < 2 * LAST or curve.values[-1][0] < STEPS:
        return False
    return all(abs(value - prior) <= CLOSE * prior for _, value in curve.values[-LAST:])  # NaN is another mistake


def _later(curve: LossCurve) -> list[float]:
    """The losses in the second half of the run, where its last quarter is no better than the one before, within their noise."""
    if not curve.between or curve.between[-1][0] < SHORT:
        return []
    later = [value for step, value in curve.between if 2 * step >= curve.between[-1][0]]
    third, last = later[: len(later) // 2], later[len(later) // 2 :]
    if len(later) < LATER or not all(abs(value) < float("inf") for value in later):
        return []
    noise = (_variance(third) / len(third) + _variance(last) / len(last)) ** 0.5
    return later if _drop(later) <= 3 * noise else []


def _drop(later: list[float]) -> float:
    return _mean(later[: len(later) // 2]) - _mean(later[len(later) // 2 :])


def _finding(curve: LossCurve, last: tuple[int, float], guess: str, what: str) -> Finding:
    step, value = last
    return Finding(
        title=f"the loss never beats the {what}",
        at=Label(curve.site, f"{value:.3f} after {step} steps"),
        note=f"always predicting {guess}: nothing about the input is used",
        help="try to overfit one batch: `lrcheck.overfit_one_batch(model, batch)`; then look at labels, features and learning rate",
    )


def _mean(values: list[float]) -> float:  # `statistics` would cost ten imports at the start of every check
    return math.fsum(values) / len(values)


def _variance(values: list[float]) -> float:
    mean = _mean(values)
    return math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)
