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

from lrcheck.events import Iteration, StepEvent
from lrcheck.findings import Edit, EditKind, Finding, Fix, Label, Safety
from lrcheck.rule import rule

from ._gradients import backward_of
from ._steps import emptied, unused


@rule("LR304")
def check(iteration: Iteration) -> Iterator[Finding]:
    if not backward_of(iteration) or iteration.framework or not iteration.whole:
        return
    for position, step in enumerate(iteration.events):
        zero = emptied(iteration.events, position)
        backward = unused(iteration.events, position) if zero is not None else None
        if zero is not None and backward is not None:
            yield _finding(step, zero, backward)
            return


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
