"""A recurrent state is carried over batches with its graph.

The state that the last batch left behind knows how it was computed. Going backward again reaches into the graph of the
last batch, which is gone: `Trying to backward through the graph a second time`. With `retain_graph=True` the error goes
away, and every step goes back to the first batch: time and memory grow with every batch.

Example:

    rnn, head = nn.GRU(20, 8), nn.Linear(8, 4)
    optimizer = torch.optim.SGD([*rnn.parameters(), *head.parameters()], lr=0.1)
    state = torch.zeros(1, 16, 8)
    for x, y in batches:
        optimizer.zero_grad()
        out, state = rnn(x, state)  # error
        F.cross_entropy(head(out[-1]), y).backward()
        optimizer.step()

Use instead:

    rnn, head = nn.GRU(20, 8), nn.Linear(8, 4)
    optimizer = torch.optim.SGD([*rnn.parameters(), *head.parameters()], lr=0.1)
    state = torch.zeros(1, 16, 8)
    for x, y in batches:
        optimizer.zero_grad()
        out, state = rnn(x, state.detach())
        F.cross_entropy(head(out[-1]), y).backward()
        optimizer.step()

Not reported: a state that starts anew in each batch.

    rnn, head = nn.GRU(20, 8), nn.Linear(8, 4)
    optimizer = torch.optim.SGD([*rnn.parameters(), *head.parameters()], lr=0.1)
    for x, y in batches:
        optimizer.zero_grad()
        state = torch.zeros(1, 16, 8)
        out, state = rnn(x, state)
        F.cross_entropy(head(out[-1]), y).backward()
        optimizer.step()

Not reported: the steps of one sequence; the backward pass stands behind the loop.

    cell, head = nn.GRUCell(20, 8), nn.Linear(8, 4)
    optimizer = torch.optim.SGD([*cell.parameters(), *head.parameters()], lr=0.1)
    for x, y in batches:
        optimizer.zero_grad()
        state = torch.zeros(16, 8)
        for letter in x:
            state = cell(letter, state)
        F.cross_entropy(head(state), y).backward()
        optimizer.step()

Not reported: the state that is carried is that of a player; training starts from none.

    cell, head = nn.GRU(4, 8), nn.Linear(8, 2)
    optimizer = torch.optim.SGD([*cell.parameters(), *head.parameters()], lr=0.1)

    def values(seen, state=None):
        outputs, state = cell(seen, state)
        return head(outputs), state

    state = None
    for seen, wanted in batches:
        shown, state = values(seen[-1:], state)
        optimizer.zero_grad()
        F.mse_loss(values(seen)[0], wanted).backward()
        optimizer.step()

At run time: the error above, or steps that take longer and longer.
"""

from collections.abc import Iterator

from lrcheck.events import Iteration, RecurrentCall, StepEvent
from lrcheck.findings import Finding, Label
from lrcheck.rule import rule

from ._gradients import backward_of


@rule("LR328")
def check(iteration: Iteration) -> Iterator[Finding]:
    backward = [step.event for step in backward_of(iteration) if not step.loops]
    for step in iteration.events:
        call = step.event
        if not isinstance(call, RecurrentCall) or not call.carried or step.loops or not backward:
            continue
        if _starts_anew(iteration, step):
            continue
        retained = any(each.retain_graph for each in backward)  # type: ignore[attr-defined]
        yield Finding(
            title="a recurrent state is carried over with its graph",
            at=Label(call.site, "starts from the state of the iteration before, graph and all"),
            because=(Label(backward[0].site, "goes back through all iterations so far"),),
            note="each step takes longer than the one before" if retained else _RAISES,
            help="cut the graph between iterations: `state.detach()`",
        )
        return


def _starts_anew(iteration: Iteration, carried: StepEvent) -> bool:
    """The same layer is called again before the backward pass, with a state of its own: the loss is of that call."""
    events = iteration.events
    place = carried.event.site.key()
    for step in events[events.index(carried) + 1 :]:
        if step in backward_of(iteration):
            return False
        if isinstance(step.event, RecurrentCall) and not step.event.carried and step.event.site.key() == place:
            return True
    return False


_RAISES = "raises in the second iteration: Trying to backward through the graph a second time"
