"""The graph is kept although nothing goes back through it again.

`retain_graph=True` keeps all activations after `backward()`, until the loss is overwritten. With one backward pass for each
forward pass it only costs memory: the activations of the last batch are still there while the next one is computed.

Example:

    net = nn.Sequential(nn.Linear(20, 8), nn.ReLU(), nn.Linear(8, 4))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in DataLoader(TensorDataset(torch.randn(64, 20), torch.randint(0, 4, (64,))), batch_size=8):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward(retain_graph=True)  # error
        optimizer.step()

Use instead:

    net = nn.Sequential(nn.Linear(20, 8), nn.ReLU(), nn.Linear(8, 4))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in DataLoader(TensorDataset(torch.randn(64, 20), torch.randint(0, 4, (64,))), batch_size=8):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()

Not reported: two backward passes through one graph.

    net = nn.Sequential(nn.Linear(20, 8), nn.ReLU(), nn.Linear(8, 4))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in DataLoader(TensorDataset(torch.randn(64, 20), torch.randint(0, 4, (64,))), batch_size=8):
        optimizer.zero_grad()
        out = net(x)
        F.cross_entropy(out, y).backward(retain_graph=True)
        out.square().mean().backward()
        optimizer.step()

Not reported: a value with a graph from outside the loop, as the target of a style transfer.

    net = nn.Sequential(nn.Linear(20, 8), nn.ReLU(), nn.Linear(8, 4))
    style = net(reference)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in DataLoader(TensorDataset(torch.randn(64, 20), torch.randint(0, 4, (64,))), batch_size=8):
        optimizer.zero_grad()
        F.mse_loss(net(x), style).backward(retain_graph=True)
        optimizer.step()

At run time: more memory at the peak than without the argument, and the same result.
"""

from collections.abc import Iterator

from lrcheck.events import Backward, ForwardCall, GradientAccess, Iteration, LossCall, RecurrentCall
from lrcheck.findings import Edit, EditKind, Finding, Fix, Label, Level, Safety
from lrcheck.rule import rule

from ._gradients import goes_backward


@rule("LR308", Level.WARNING)
def check(iteration: Iteration) -> Iterator[Finding]:
    passes = [step for step in iteration.events if goes_backward(step.event)]
    if len(passes) != 1 or passes[0].loops or not iteration.whole or iteration.of(RecurrentCall):
        return
    if any(step.event.functional for step in iteration.of(GradientAccess)):  # type: ignore[attr-defined]
        return
    backward = passes[0].event
    if not isinstance(backward, Backward) or backward.retain_graph is not True or not _is_fresh(iteration, backward):
        return
    argument = None if backward.retain_site is None else Edit(EditKind.REMOVE_ARGUMENT, backward.retain_site)
    yield Finding(
        title="the graph is kept and never used again",
        at=Label(backward.site, "the only backward pass through this graph"),
        note="the activations of this batch stay in memory while the next one is computed",
        help="leave `retain_graph=True` out",
        fix=None if argument is None else Fix("leave `retain_graph=True` out", (argument,), Safety.SAFE),
    )


def _is_fresh(iteration: Iteration, backward: Backward) -> bool:
    """The whole graph is made in this iteration: a known loss of a known model, called on data."""
    losses = [step.event for step in iteration.of(LossCall)]
    forwards = [step.event for step in iteration.of(ForwardCall)]
    if len(losses) != 1 or len(forwards) != 1 or len(iteration.steps) != 1:
        return False
    loss, forward = losses[0], forwards[0]
    assert isinstance(loss, LossCall)
    assert isinstance(forward, ForwardCall)
    same = loss.output is not None and loss.output.identity == backward.value.identity is not None
    return (
        same and loss.target.attached is False and forward.input.attached is False and loss.input.model is forward.owner
    )
