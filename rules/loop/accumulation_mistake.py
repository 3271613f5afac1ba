"""Gradient accumulation that does not accumulate what it should.

With `step % 4 == 0` and a counter from 0 the first update uses one micro-batch, and every update comes one micro-batch too
early; the last ones of the epoch wait for the next epoch. `zero_grad()` in every micro-batch throws all gradients away but
the last one. With 8 micro-batches for each step on scikit-learn's digits: {measured: cleared_every_micro_batch}. Where the
mean losses of 4 micro-batches are not divided by 4, plain gradient descent steps four times as far.

Example:

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for step, (x, y) in enumerate(batches):
        (F.cross_entropy(net(x), y) / 4).backward()
        if step % 4 == 0:  # error
            optimizer.step()
            optimizer.zero_grad()

Use instead:

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for step, (x, y) in enumerate(batches):
        (F.cross_entropy(net(x), y) / 4).backward()
        if (step + 1) % 4 == 0:
            optimizer.step()
            optimizer.zero_grad()

The same for batches that fill no group, where the next epoch begins by clearing their gradients:

    net = nn.Linear(784, 10)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    loader = DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=64, shuffle=True)
    for epoch in range(3):
        optimizer.zero_grad()
        for step, (x, y) in enumerate(loader):
            (F.cross_entropy(net(x.flatten(1)), y) / 4).backward()
            if (step + 1) % 4 == 0:  # error
                optimizer.step()
                optimizer.zero_grad()

Not reported: a report every few steps.

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for step, (x, y) in enumerate(batches):
        loss = F.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 100 == 0:
            print(loss.item())

Not reported: one network that is trained less often than another, as in a WGAN.

    net, critic = nn.Linear(20, 4), nn.Linear(4, 1)
    first = torch.optim.SGD(net.parameters(), lr=0.1)
    second = torch.optim.SGD(critic.parameters(), lr=0.1)
    for step, (x, y) in enumerate(batches):
        second.zero_grad()
        critic(net(x).detach()).mean().backward()
        second.step()
        if step % 5 == 0:
            first.zero_grad()
            (-critic(net(x)).mean()).backward()
            first.step()

At run time: `zero_grad()` runs more often than `step()`, or the first step follows the first backward pass.
"""

from collections.abc import Iterator

from lrcheck.events import Gate, Iteration, OptimizerStep, StepEvent
from lrcheck.findings import Finding, Level
from lrcheck.rule import rule

from ._accumulation import cleared_in_parts, lost_tail, misplaced, undivided
from ._gradients import backward_of, may_clear


@rule("LR325", Level.WARNING)
def check(iteration: Iteration) -> Iterator[Finding]:
    if iteration.framework or not iteration.whole:
        return
    for step in iteration.steps:
        event = step.event
        yield from cleared_in_parts(iteration, step)
        gate = _gate(iteration, step)
        if gate is None or not isinstance(event, OptimizerStep):
            continue
        backward = [other for other in backward_of(iteration) if not other.path]
        if not backward or len(backward) != len(backward_of(iteration)) or len(iteration.of(OptimizerStep)) != 1:
            continue
        zeros = [other for other in iteration.events if may_clear(other.event, event)]
        found = [
            *misplaced(gate, step, zeros, backward),
            *undivided(iteration, gate, event, backward),
            *lost_tail(iteration, gate, event),
        ]
        yield from found[:1]


def _gate(iteration: Iteration, step: StepEvent) -> Gate | None:
    return next((gate for gate in iteration.gates if step.path == ((gate.branch, gate.arm),)), None)
