"""Gradients are never cleared.

`backward()` adds to `.grad`. Without `zero_grad()` every step moves along the sum of the gradients of all batches so far.
Nothing raises, and the loss may even fall at first. On scikit-learn's digits, SGD ends at {measured: digits_mlp}.

Example:

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in batches:
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()  # error

Use instead:

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in batches:
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()

Not reported: gradients that are cleared behind the step, of the module, or now and then, as in gradient accumulation.

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for step, (x, y) in enumerate(batches):
        (F.cross_entropy(net(x), y) / 4).backward()
        if (step + 1) % 4 == 0:
            optimizer.step()
            net.zero_grad()

Not reported: gradients that are cleared by hand.

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in batches:
        for p in net.parameters():
            p.grad = None
        F.cross_entropy(net(x), y).backward()
        optimizer.step()

Not reported: a helper that is not known gets the optimizer or the model; it may clear the gradients.

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in batches:
        prepare(optimizer)
        F.cross_entropy(net(x), y).backward()
        optimizer.step()

Not reported: `step()` of an environment, a scheduler, a profiler.

    net = nn.Linear(20, 4)
    for episode in range(100):
        observation, reward = env.step(net(observation).argmax())
        F.mse_loss(net(observation), reward).backward()
        profiler.step()

Not reported: a library that goes backward itself may clear the gradients as well.

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in batches:
        engine.backward(F.cross_entropy(net(x), y))
        optimizer.step()

At run time: the norm of the gradients grows from step to step, and `.grad` is not empty when `backward()` starts.
"""

from collections.abc import Iterator

from lrcheck.events import Iteration, OptimizerStep, StepEvent, ZeroGrad
from lrcheck.findings import Edit, EditKind, Finding, Fix, Label, Safety
from lrcheck.rule import rule

from ._by_hand import steps_by_hand
from ._gradients import backward_of, is_optimizer, may_clear


@rule("LR301")
def check(iteration: Iteration) -> Iterator[Finding]:
    backward = backward_of(iteration)
    if not backward or iteration.framework or not iteration.whole:
        return
    yield from steps_by_hand(iteration, backward)
    seen: list[object] = []
    for step in iteration.steps:
        event = step.event
        if not isinstance(event, OptimizerStep) or any(event.optimizer is other for other in seen):
            continue
        if not is_optimizer(event):
            continue
        seen.append(event.optimizer)
        if _never_cleared(iteration, event):
            yield _finding(event, step, backward[0])


def _never_cleared(iteration: Iteration, step: OptimizerStep) -> bool:
    outside = (*iteration.before, *iteration.behind)
    if any(isinstance(other.event, ZeroGrad) and may_clear(other.event, step) for other in outside if iteration.depth):
        return False  # see LR313
    return not any(may_clear(other.event, step) for other in iteration.events)


def _finding(step: OptimizerStep, place: StepEvent, backward: StepEvent) -> Finding:
    name = step.receiver.text if step.receiver is not None else ""
    call = f"{name}.zero_grad()"
    fixable = name.replace(".", "").isidentifier() and not step.closure and backward.path == place.path == ()
    edit = Edit(EditKind.INSERT_BEFORE, backward.event.site, call)
    return Finding(
        title="gradients are never cleared",
        at=Label(step.site, "uses the sum of the gradients of all iterations so far"),
        because=(Label(backward.event.site, "adds to the gradients"),),
        note="each step moves along the gradients of all batches before it, not of this one",
        help=f"clear the gradients in each iteration: `{call if name else 'optimizer.zero_grad()'}`",
        fix=Fix(f"clear the gradients before going backward: `{call}`", (edit,), Safety.SAFE) if fixable else None,
    )
