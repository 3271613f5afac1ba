"""Same output for every input.

The outputs of all samples of a batch are equal while their targets differ: the model has stopped looking at its input. Dead
ReLUs, saturated activations, a learning rate that was too high in an early step, or inputs that are constant do this. The
loss then stays at that of the class frequencies. Reported where the largest difference between two samples is below 1e-6 of
the largest output in a sampled step, from the 32nd on: what is smaller may be rounding in float32. Programs that train well
(see `benchmarks/thresholds.py`) stay above 0.19, collapsed ones are at 0.

Example:

    net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 4))
    nn.init.constant_(net[0].bias, -1000.0)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(80):
        loss = F.cross_entropy(net(torch.randn(16, 8)), torch.randint(0, 4, (16,)))  # error
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

Use instead:

    net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 4))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(80):
        loss = F.cross_entropy(net(torch.randn(16, 8)), torch.randint(0, 4, (16,)))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

A loss that only pulls outputs together, such as the distance of two views of one sample, has a minimum where all samples share one
output. Where no target is in a loss, outputs are reported that are a thirtieth of their size apart or less, and twenty times nearer to each other
than at first.

Not reported: outputs that start equal, as those of a last layer initialised with zeros.

    net = nn.Linear(8, 4)
    nn.init.zeros_(net.weight)

At run time: the outputs are compared over the batch where they reach the loss, in sampled steps.
"""

import math
from collections.abc import Iterator

from lrcheck.events import OutputStatistics
from lrcheck.findings import Finding, Label
from lrcheck.rule import rule

FIRST = 32  # the first step that counts
SHARE = 1e-6
TOGETHER = 0.03  # of the scale: outputs that nothing but each other pulls at
FALLEN = 20  # times, since the first step


@rule("LR706")
def check(outputs: OutputStatistics) -> Iterator[Finding]:
    if outputs.step < FIRST or outputs.distinct < 2 or outputs.scale in (0, math.inf):
        return  # infinite: places that a mask takes out, such as a sample's likeness to itself
    if outputs.first is not None:
        yield from _together(outputs, outputs.first)
    elif outputs.spread <= SHARE * outputs.scale:  # NaN is another mistake
        yield Finding(
            title="the model gives the same output for every input",
            at=Label(outputs.site, f"{outputs.samples} samples, one output"),
            note=f"step {outputs.step}: {outputs.distinct} different targets, differences below {SHARE:g} of the output",
            help="look for dead units and constant inputs, and lower the learning rate: `lr=1e-3`",
        )


def _together(outputs: OutputStatistics, first: float) -> Iterator[Finding]:
    share = outputs.spread / outputs.scale
    if not (share <= TOGETHER and FALLEN * share <= first):
        return
    yield Finding(
        title="the model gives nearly the same output for every input",
        at=Label(
            outputs.site, f"{outputs.samples} samples differ by {share:.1g} of the output, at first by {first:.2g}"
        ),
        note=f"step {outputs.step}: the loss pulls all outputs together, and nothing pushes different samples apart",
        help="add negatives, or a term that keeps the variance: pairs of different samples, `F.relu(1 - z.std(0)).mean()`",
    )
