"""The optimizer steps without a backward pass.

`step()` moves the parameters along their gradients, and nothing ever computes these: `backward()` is missing. Since
gradients are `None`, every parameter is skipped; nothing raises. On scikit-learn's digits the initial weights keep
their accuracy: {measured: digits_mlp}.

Example:

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in batches:
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        optimizer.step()  # error

Use instead:

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in batches:
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()

Not reported: a closure, which goes backward inside `step`, and an optimizer that is given gradients by hand.

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in batches:
        loss = F.cross_entropy(net(x), y)
        for p, gradient in zip(net.parameters(), torch.autograd.grad(loss, list(net.parameters()))):
            p.grad = gradient
        optimizer.step()

Not reported: a helper that is not known gets the loss or the model; it may go backward.

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in batches:
        optimizer.zero_grad()
        propagate(F.cross_entropy(net(x), y))
        optimizer.step()

At run time: every gradient is `None` when `step()` is called.
"""

from collections.abc import Iterator

from lrcheck.events import (
    ForwardCall,
    GradientAccess,
    Iteration,
    LossCall,
    MethodNotCalled,
    OpaqueCall,
    OptimizerStep,
    StepEvent,
)
from lrcheck.findings import Finding, Label
from lrcheck.rule import rule

from ._gradients import clears, goes_backward, reaches
from ._steps import starved
from ._unknown import without_gradients


@rule("LR329")
def check(iteration: Iteration) -> Iterator[Finding]:
    if not iteration.whole or iteration.framework:
        return
    alone = not any(goes_backward(step.event) for step in iteration.events)
    for step in iteration.steps:
        event = step.event
        if not isinstance(event, OptimizerStep) or event.closure or event.scaler:
            continue
        computed = None
        if event.facts is None:
            computed = without_gradients(iteration, event) if alone and not event.arguments else None
        elif not alone and (zero := starved(iteration.events, iteration.events.index(step))) is not None:
            computed = _output(iteration.events, event) or Label(zero.event.site, "cleared here")
        elif alone and not any(_may_fill(other, event) for other in iteration.events):
            computed = _computed(iteration, event)
        if computed is not None:
            yield _finding(event, computed)
            return


def _computed(iteration: Iteration, step: OptimizerStep) -> Label | None:
    """What there is to go back from, where nothing goes backward at all: a loss, or outputs of the model."""
    losses = [other for other in iteration.of(LossCall) if other.event.training]  # type: ignore[attr-defined]
    if losses:
        return Label(losses[-1].event.site, "the loss, which nothing goes back from")
    return _output(iteration.events, step) if any(clears(other.event, step) for other in iteration.events) else None


def _output(events: tuple[StepEvent, ...], step: OptimizerStep) -> Label | None:
    for event in (other.event for other in reversed(events)):
        if not isinstance(event, ForwardCall) or event.grad_enabled is not True or step.facts is None:
            continue
        if event.owner in step.facts.parts:
            return Label(event.site, "nothing goes back from here")
    return None


def _may_fill(other: StepEvent, step: OptimizerStep) -> bool:
    event = other.event
    if isinstance(event, OpaqueCall):
        return event.everything or event.graph or reaches(event, step)
    return isinstance(event, GradientAccess) or (isinstance(event, MethodNotCalled) and event.name == "backward")


def _finding(step: OptimizerStep, computed: Label) -> Finding:
    return Finding(
        title="the optimizer steps without a backward pass",
        at=Label(step.site, "finds no gradients"),
        because=(computed,),
        note="every gradient is `None`: no parameter moves, and nothing raises",
        help="go backward before the step: `loss.backward()`",
    )
