"""The step comes before the backward pass, with gradients already cleared.

In each iteration `step()` runs when the gradients of the last one are gone and those of this one do not exist yet. It
skips every parameter; nothing raises. On scikit-learn's digits the initial weights keep their accuracy:
{measured: digits_mlp}.

Example:

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in batches:
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        optimizer.step()  # error
        loss.backward()

Use instead:

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in batches:
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()

Not reported: a loop that steps with the gradients of the iteration before.

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in batches:
        optimizer.step()
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()

Not reported: the gradients of another optimizer are cleared.

    net, head = nn.Linear(20, 4), nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    other = torch.optim.SGD(head.parameters(), lr=0.1)
    for x, y in batches:
        other.zero_grad()
        optimizer.step()
        optimizer.zero_grad()
        F.cross_entropy(net(x) + head(x), y).backward()
        other.step()

At run time: every gradient is `None` or 0 when `step()` is called, and no parameter changes.
"""

from collections.abc import Iterator

from lrcheck.events import Iteration, OptimizerStep, StepEvent
from lrcheck.findings import Edit, EditKind, Finding, Fix, Label, Safety
from lrcheck.rule import rule

from ._gradients import backward_of, clears, fills


@rule("LR304")
def check(iteration: Iteration) -> Iterator[Finding]:
    backward = [step for step in backward_of(iteration) if not step.loops]
    if not backward or iteration.framework or not iteration.whole:
        return
    for position, step in enumerate(iteration.events):
        event = step.event
        if not isinstance(event, OptimizerStep) or event.closure or step.loops or step.path != backward[0].path:
            continue
        if position > iteration.events.index(backward[0]):
            return
        zero = _emptied(iteration.events, position, event)
        if zero is not None:
            yield _finding(step, zero, backward[0])
            return


def _emptied(events: tuple[StepEvent, ...], position: int, optimizer: OptimizerStep) -> StepEvent | None:
    """The `zero_grad` that is the last thing to happen to the gradients before the step, around the loop."""
    for other in (*reversed(events[:position]), *reversed(events[position + 1 :])):
        if fills(other.event, optimizer):
            return None
        if clears(other.event, optimizer) and not other.loops and other.path == events[position].path:
            return other
    return None


def _finding(step: StepEvent, zero: StepEvent, backward: StepEvent) -> Finding:
    call = " ".join(step.event.site.text.split())
    edit = Edit(EditKind.MOVE_AFTER, step.event.site, other=backward.event.site)
    return Finding(
        title="the step comes before the backward pass",
        at=Label(step.event.site, "finds no gradients"),
        because=(Label(zero.event.site, "cleared here"), Label(backward.event.site, "computed here, after the step")),
        note="`step()` has no gradients to use: no parameter moves, and nothing raises",
        help=f"move `{call}` behind `backward()`",
        fix=None if step.inlined else Fix(f"step behind the backward pass: `{call}`", (edit,), Safety.UNSAFE),
    )
