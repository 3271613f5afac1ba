"""A running total keeps the graph of every loss.

`total += loss` adds a tensor that knows how it was computed. The total then refers to the graph of every batch of the epoch,
and memory grows with every step until the total is dropped. `loss.item()` is a number. In graphs kept, after an epoch of 45
batches: {measured: running_total}.

Example:

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    total = 0
    for x, y in batches:
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
        total += loss  # error

Use instead:

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    total = 0
    for x, y in batches:
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item()

Not reported: a sum that is backpropagated itself.

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in batches:
        optimizer.zero_grad()
        total = 0
        for part, label in zip(x.split(8), y.split(8)):
            loss = F.cross_entropy(net(part), label)
            total += loss
        total.backward()
        optimizer.step()

Not reported: a value without a graph.

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    total = 0
    for x, y in batches:
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
        total += loss.detach()

Not reported: the total is cut off in the same iteration.

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    total = torch.zeros(())
    for x, y in batches:
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            total += loss

Not reported: a residual connection in place, in a model whose loss is one of two.

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.one, self.two = nn.Linear(20, 4), nn.Linear(20, 4)
        def forward(self, x):
            residual = self.one(x) if wide else self.two(x)
            x = self.two(x)
            x += residual
            return x
    net = Block()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in batches:
        optimizer.zero_grad()
        loss = F.mse_loss(net(x), y) if smooth else F.l1_loss(net(x), y)
        loss.backward()
        optimizer.step()

At run time: the total has a `grad_fn`, and the memory of the process grows from step to step; so it does with a list of losses.
"""

from collections.abc import Iterator

from lrcheck.events import Accumulation, Backward, Iteration
from lrcheck.findings import Finding, Level
from lrcheck.rule import rule

from ._keeping import average_of_weights, kept_losses, total_of_losses


@rule("LR305", Level.WARNING)
def check(iteration: Iteration) -> Iterator[Finding]:
    passes = [step.event for step in iteration.events if isinstance(step.event, Backward)]
    backward = [event for event in passes if not event.retain_graph]
    for step in iteration.events:
        added = step.event
        if not isinstance(added, Accumulation) or not added.recorded or added.fresh:
            continue
        if added.weights and added.value_site is not None:
            yield average_of_weights(added, added.value_site)
            continue
        known = [identity for identity in added.sources if identity is not None]
        source = next((each for each in backward if each.value.identity in known), None)
        if source is not None and added.value_site is not None:
            yield total_of_losses(added, added.value_site, source)
        elif source is not None and added.listed:
            yield kept_losses(source)
