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

from lrcheck.events import GradientAccess, Iteration, LossCall, MethodNotCalled, OpaqueCall, OptimizerStep, StepEvent
from lrcheck.findings import Finding, Label
from lrcheck.rule import rule

from ._gradients import goes_backward, reaches


@rule("LR329")
def check(iteration: Iteration) -> Iterator[Finding]:
    losses = [step for step in iteration.of(LossCall) if step.event.training]  # type: ignore[attr-defined]
    if not losses or not iteration.whole or any(goes_backward(step.event) for step in iteration.events):
        return
    for step in iteration.steps:
        event = step.event
        if not isinstance(event, OptimizerStep) or event.facts is None or event.closure or event.scaler:
            continue
        if not any(_may_fill(other, event) for other in iteration.events):
            yield _finding(event, losses[-1])
            return


def _may_fill(other: StepEvent, step: OptimizerStep) -> bool:
    event = other.event
    if isinstance(event, OpaqueCall):
        return event.everything or event.graph or reaches(event, step)
    return isinstance(event, GradientAccess) or (isinstance(event, MethodNotCalled) and event.name == "backward")


def _finding(step: OptimizerStep, loss: StepEvent) -> Finding:
    return Finding(
        title="the optimizer steps without a backward pass",
        at=Label(step.site, "finds no gradients"),
        because=(Label(loss.event.site, "the loss, which nothing goes back from"),),
        note="every gradient is `None`: no parameter moves, and nothing raises",
        help="go backward before the step: `loss.backward()`",
    )
