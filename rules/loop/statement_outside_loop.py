"""A part of the training step stands outside the loop over batches.

One level of indentation too few: the gradients of every batch are computed and cleared, and only the last batch of the
epoch moves the parameters. Or the gradients are cleared once per epoch and add up over all batches while every batch steps.
The same for `loss.backward()`. Nothing raises. With `step()` behind the loop, on scikit-learn's digits: {measured: step_behind_the_loop}.

Example:

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(10):
        for x, y in batches:
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
        optimizer.step()  # error

Use instead:

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(10):
        for x, y in batches:
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()

Not reported: one step with the gradients of all batches.

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(10):
        optimizer.zero_grad()
        for x, y in batches:
            F.cross_entropy(net(x), y, reduction="sum").backward()
        optimizer.step()

Not reported: gradients that are cleared inside the loop as well.

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(10):
        optimizer.zero_grad()
        for step, (x, y) in enumerate(batches):
            F.cross_entropy(net(x), y).backward()
            if (step + 1) % 4 == 0:
                optimizer.step()
                optimizer.zero_grad()

At run time: one update per epoch, or gradients whose norm grows during the epoch.
"""

from collections.abc import Iterator

from lrcheck.events import Iteration, OptimizerStep, StepEvent
from lrcheck.findings import Finding, Label
from lrcheck.rule import rule

from ._gradients import backward_of, clears, is_optimizer, loss_of, may_clear
from ._outside import LAST, stepped_behind, stepped_outside


@rule("LR313")
def check(iteration: Iteration) -> Iterator[Finding]:
    if iteration.framework or not iteration.whole:
        return
    backward = backward_of(iteration)
    if len(backward) == 1:
        yield from _backward_outside(iteration, backward[0])
    yield from stepped_behind(iteration, backward)
    for step in iteration.steps:
        event = step.event
        if not backward or not isinstance(event, OptimizerStep) or not is_optimizer(event) or event.closure:
            continue
        cleared = [other for other in iteration.events if may_clear(other.event, event)]
        if not cleared and iteration.depth:
            yield from _cleared_outside(iteration, event, backward[0])
        elif not step.loops and cleared and all(other.loops for other in backward):
            yield from stepped_outside(event, backward, cleared)


def _backward_outside(iteration: Iteration, backward: StepEvent) -> Iterator[Finding]:
    """The loss of each batch is computed in a loop over a loader, and only the last one is gone back from, behind it."""
    loss = loss_of(iteration, backward)
    if loss is not None and not backward.loops and loss.loops and loss.loops[-1] in iteration.over_data:
        yield Finding(
            title="the backward pass stands outside the loop",
            at=Label(backward.event.site, "goes back from the loss of the last batch only"),
            because=(Label(loss.event.site, "computed for each batch"),),
            note=LAST,
            help="indent the backward pass and the step, so that they belong to the loop",
        )


def _cleared_outside(iteration: Iteration, step: OptimizerStep, backward: StepEvent) -> Iterator[Finding]:
    around = (*iteration.before, *iteration.behind)
    outside = [other for other in around if clears(other.event, step) and not other.loops]
    if outside:
        yield Finding(
            title="gradients are cleared outside the loop that steps",
            at=Label(outside[0].event.site, "once for all iterations of the loop"),
            because=(Label(backward.event.site, "adds to the gradients"), Label(step.site, "steps in each iteration")),
            note="within the loop, every step uses the sum of the gradients so far",
            help="clear the gradients inside the loop, before `backward()`",
        )
