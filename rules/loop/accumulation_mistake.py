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

from lrcheck.events import Gate, Iteration, OptimizerStep, StepEvent, ZeroGrad
from lrcheck.findings import Finding, Label, Level
from lrcheck.rule import rule

from ._gradients import backward_of, clears, loss_of, may_clear


@rule("LR325", Level.WARNING)
def check(iteration: Iteration) -> Iterator[Finding]:
    if iteration.framework or not iteration.whole:
        return
    for step in iteration.steps:
        event = step.event
        gate = _gate(iteration, step)
        if gate is None or not isinstance(event, OptimizerStep):
            continue
        backward = [other for other in backward_of(iteration) if not other.path]
        if not backward or len(backward) != len(backward_of(iteration)) or len(iteration.of(OptimizerStep)) != 1:
            continue
        zeros = [other for other in iteration.events if may_clear(other.event, event)]
        found = [*_judge(gate, step, zeros, backward), *_sum(iteration, gate, event, backward)]
        yield from found[:1]


def _judge(gate: Gate, step: StepEvent, zeros: list[StepEvent], backward: list[StepEvent]) -> Iterator[Finding]:
    event = step.event
    assert isinstance(event, OptimizerStep)
    every = [zero for zero in zeros if isinstance(zero.event, ZeroGrad) and not zero.path and clears(zero.event, event)]
    if every and len(every) == len(zeros):
        yield Finding(
            title="gradients are cleared in every micro-batch",
            at=Label(every[0].event.site, "also where no step follows"),
            because=(Label(gate.site, "steps only now and then"), Label(event.site, "uses one micro-batch")),
            note=f"only the last of {gate.period} micro-batches counts: the others are computed for nothing",
            help="clear the gradients behind the step, under the same condition",
        )
    elif gate.first and zeros and all(zero.path == step.path for zero in zeros):
        yield Finding(
            title="the first update comes after one micro-batch",
            at=Label(gate.site, f"true for `{gate.counter} = 0`"),
            because=(Label(backward[-1].event.site, "one micro-batch so far"), Label(event.site, "the first update")),
            note=f"the first step uses one micro-batch, and the last {gate.period} - 1 of an epoch wait for the next one",
            help=f"count from 1: `({gate.counter} + 1) % {gate.period} == 0`",
        )


def _sum(iteration: Iteration, gate: Gate, step: OptimizerStep, backward: list[StepEvent]) -> Iterator[Finding]:
    """The mean losses of the micro-batches are added up, where the size of a step follows the gradient."""
    loss = loss_of(iteration, backward[0]) if len(backward) == 1 else None
    plain = step.facts is not None and step.facts.canonical == "torch.optim.SGD"
    if loss is not None and plain and loss.event.loss.reduction == "mean":  # type: ignore[attr-defined]
        yield Finding(
            title="the losses of the micro-batches are added up",
            at=Label(backward[0].event.site, "not divided by the number of micro-batches"),
            because=(Label(gate.site, "steps only now and then"), Label(loss.event.site, "a mean over one micro-batch")),
            note=f"the gradient is {gate.period} times that of one large batch, and so is the step",
            help=f"divide the loss: `(loss / {gate.period}).backward()`",
        )


def _gate(iteration: Iteration, step: StepEvent) -> Gate | None:
    return next((gate for gate in iteration.gates if step.path == ((gate.branch, gate.arm),)), None)
