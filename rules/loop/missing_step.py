"""Gradients are computed and never used.

The loop clears the gradients and goes backward, and no `step()` of that optimizer follows, anywhere or in this arm of a
branch (the one without mixed precision): the loss is computed again and again for the same parameters. Nothing raises. On scikit-learn's digits the initial weights keep their
accuracy: {measured: digits_mlp}.

Example:

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in batches:
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()  # error

Use instead:

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in batches:
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()

Not reported: gradients that are looked at, or used by hand.

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in batches:
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        print([p.grad.norm() for p in net.parameters()])

Not reported: a helper that is not known gets the optimizer or the model; it may step.

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in batches:
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        update(optimizer)

Not reported: the step stands behind the loop, for the gradients of all batches; see LR313.

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(10):
        optimizer.zero_grad()
        for x, y in batches:
            F.cross_entropy(net(x), y, reduction="sum").backward()
        optimizer.step()

Not reported: another optimizer holds the parameters too, and steps.

    net, head = nn.Linear(20, 8), nn.Linear(8, 4)
    optimizer = torch.optim.SGD([*net.parameters(), *head.parameters()], lr=0.1)
    first = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in batches:
        first.zero_grad()
        head.zero_grad()
        F.cross_entropy(head(net(x)), y).backward()
        optimizer.step()

At run time: gradients are not empty, and no parameter changes.
"""

from collections.abc import Iterator

from lrcheck.events import Iteration, StepEvent, ZeroGrad
from lrcheck.findings import Edit, EditKind, Finding, Fix, Label, Safety
from lrcheck.rule import rule

from ._arms import skipped
from ._gradients import backward_of
from ._idle import never, nothing
from ._steps import lost
from ._unknown import is_unused


@rule("LR303")
def check(iteration: Iteration) -> Iterator[Finding]:
    backward = backward_of(iteration)
    if iteration.idle is not None:
        yield never(iteration.idle, backward[-1]) if backward else nothing(iteration.of(ZeroGrad)[-1])
        return
    if not backward or iteration.framework or not iteration.whole:
        return
    zeros = [step for step in iteration.of(ZeroGrad) if not step.loops]
    for zero in zeros if iteration.steps else zeros[:1]:
        event = zero.event
        assert isinstance(event, ZeroGrad)
        last = lost(iteration, zero) if iteration.steps else backward[-1]
        if last is None or not is_unused(iteration, event):
            last = skipped(iteration, zero)
        if last is not None:
            yield _finding(event, last)
            return


def _finding(zero: ZeroGrad, last: StepEvent) -> Finding:
    name = zero.receiver.text if zero.receiver is not None and zero.optimizer is not None else ""
    call = f"{name}.step()"
    edit = Edit(EditKind.INSERT_AFTER, last.event.site, call)
    fixable = bool(name) and not last.inlined and not last.path and not last.loops
    return Finding(
        title="gradients are computed and never used",
        at=Label(last.event.site, "no step of the optimizer follows"),
        because=(Label(zero.site, "throws the gradients away"),),
        note="no parameter moves: the loss is computed again and again for the same model",
        help=f"step behind the backward pass: `{call if name else 'optimizer.step()'}`",
        fix=Fix(f"step behind the backward pass: `{call}`", (edit,), Safety.UNSAFE) if fixable else None,
    )
