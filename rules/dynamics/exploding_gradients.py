"""Gradients that explode.

The norm of the gradients grows a thousandfold above that of the first steps while the loss rises above its first value:
the steps jump over every minimum, and the next thing to come is NaN. A loss that falls far below zero with such gradients has no
minimum at all: a likelihood that lacks its minus, a difference that is not squared. Absolute limits would be wrong (a summed loss has large gradients by
nature), so both are compared with the run's own start. Where training works (see `benchmarks/thresholds.py`) the norm grows
fourteenfold at most; a loss alone may rise 26-fold, with gradients that do not grow.

Example:

    net = nn.Linear(8, 1)
    optimizer = torch.optim.SGD(net.parameters(), lr=5.0)
    for _ in range(12):
        x = torch.randn(64, 8)
        loss = F.mse_loss(net(x), x.sum(dim=1, keepdim=True))
        optimizer.zero_grad()
        loss.backward()  # error
        optimizer.step()

Use instead:

    net = nn.Linear(8, 1)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
    for _ in range(12):
        x = torch.randn(64, 8)
        loss = F.mse_loss(net(x), x.sum(dim=1, keepdim=True))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

Not reported: gradients that are large from the start, as those of a summed loss.

    net = nn.Linear(8, 1)

At run time: norms of gradients and the loss are read in sampled steps.
"""

import math
from collections.abc import Iterator

from lrcheck.events import StepStatistics
from lrcheck.findings import Finding, Label
from lrcheck.rule import rule

GROWTH = 1e3
RISE = 10


@rule("LR703")
def check(step: StepStatistics) -> Iterator[Finding]:
    if not step.history or step.loss is None or not math.isfinite(step.loss):
        return
    first, now = step.history[0], _norm(step)
    before = _norm(first)
    if first.loss is None or not before or not math.isfinite(now) or now < GROWTH * before:
        return
    rose = first.loss > 0 and step.loss >= RISE * first.loss
    fell = step.loss <= -RISE * max(1.0, abs(first.loss))
    if not rose and not fell:
        return
    went = f"the loss {'rose' if rose else 'fell'} from {first.loss:.3g} to {step.loss:.3g}"
    clip = "lower the learning rate, or clip: `torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)`"
    yield Finding(
        title="gradients explode",
        at=Label(step.site, f"norm {before:.2g} in step {first.step}, {now:.2g} in step {step.step}"),
        note=f"{went}: {'each step jumps over the minimum' if rose else 'it has no lower bound'}",
        help=clip if rose else "look for a missing minus: a likelihood is maximised, its negative is minimised",
    )


def _norm(step: StepStatistics) -> float:
    return math.sqrt(sum((each.gradient or 0.0) ** 2 for each in step.parameters))
