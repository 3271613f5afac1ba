"""Gradients are cleared between backward and step.

`zero_grad()` throws away what `backward()` has just computed. The step that follows has no gradient to use: since `zero_grad`
sets gradients to `None`, every parameter is skipped, and no parameter ever moves. Nothing raises. A small network
on scikit-learn's digits keeps the accuracy of its initial weights: {measured: digits_mlp}.

Example:

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in batches:
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        optimizer.zero_grad()  # error
        optimizer.step()

Use instead:

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in batches:
        loss = F.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

Not reported: the gradients of another optimizer, as in the training of a GAN.

    generator, critic = nn.Linear(20, 4), nn.Linear(4, 1)
    first = torch.optim.SGD(generator.parameters(), lr=0.1)
    second = torch.optim.SGD(critic.parameters(), lr=0.1)
    for x, y in batches:
        first.zero_grad()
        F.softplus(-critic(generator(x))).mean().backward()
        second.zero_grad()
        first.step()

Not reported: another backward pass follows before the step.

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in batches:
        F.cross_entropy(net(x), y).backward()
        inspect_gradients(net)
        optimizer.zero_grad()
        F.cross_entropy(net(2 * x), y).backward()
        optimizer.step()

Not reported: gradients are cleared on another path than the one that steps.

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in batches:
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        if loss > 100:
            optimizer.zero_grad()
        else:
            optimizer.step()
        optimizer.zero_grad()

Not reported: a step with nothing on purpose, so that a count of steps goes on.

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in batches:
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        if torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0).isnan():
            optimizer.zero_grad()
            optimizer.step()
        else:
            optimizer.step()

At run time: every gradient is `None` or 0 when `step()` is called, and no parameter changes.
"""

from collections.abc import Iterator

from lrcheck.events import Iteration, OptimizerStep, StepEvent
from lrcheck.findings import Edit, EditKind, Finding, Fix, Label, Safety
from lrcheck.rule import rule

from ._clearing import is_skipped, last_clearing
from ._gradients import goes_backward
from ._steps import taken, unused


@rule("LR302")
def check(iteration: Iteration) -> Iterator[Finding]:
    if iteration.framework:
        return
    events = iteration.events
    for position, step in enumerate(events):
        if not isinstance(step.event, OptimizerStep) or step.event.closure:
            continue
        zero = last_clearing(events[:position], step, step.event)
        if zero is None:
            continue
        first = next((other for other in events[:zero] if goes_backward(other.event)), None)
        if unused(events, position) is not None or taken(events, zero, step.event) or is_skipped(events, step):
            continue  # see LR304 and LR329
        if first is not None and not any(goes_backward(other.event) for other in events[zero:position]):
            yield _finding(events[zero], step, first)


def _finding(zero: StepEvent, step: StepEvent, backward: StepEvent) -> Finding:
    sites = (zero.event.site, backward.event.site, step.event.site)
    edit = Edit(EditKind.MOVE_BEFORE, zero.event.site, other=backward.event.site)
    plain = not zero.inlined and not backward.inlined and zero.path == backward.path == step.path
    call = " ".join(sites[0].text.split())
    return Finding(
        title="gradients are cleared before they are used",
        at=Label(sites[0], "throws the new gradients away"),
        because=(Label(sites[1], "computes the gradients"), Label(sites[2], "finds no gradients")),
        note="`step()` has no gradients to use: no parameter moves, and nothing raises",
        help=f"clear the gradients before going backward: move `{call}` in front of `backward()`",
        fix=Fix(f"clear the gradients before going backward: `{call}`", (edit,), Safety.SAFE) if plain else None,
    )
