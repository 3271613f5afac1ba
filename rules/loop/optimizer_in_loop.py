"""A new optimizer in every round of the training loop.

Momentum, the moments of Adam and its bias correction live in the optimizer. Built anew in each epoch they start from zero
again: Adam's first steps have the size of the full learning rate, whatever the gradient. One epoch of
scikit-learn's digits with momentum 0.95, built anew for each batch: {measured: every_batch}.

A model that is built for each batch of a loader has forgotten everything when the next batch comes.

Example:

    net = nn.Linear(20, 4)
    for epoch in range(10):
        optimizer = torch.optim.Adam(net.parameters(), lr=0.01)  # error
        for x, y in batches:
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()

Use instead:

    net = nn.Linear(20, 4)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    for epoch in range(10):
        for x, y in batches:
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()

Not reported: the model is new in each round as well, as in cross-validation.

    for fold in range(5):
        net = nn.Linear(20, 4)
        optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
        for x, y in batches:
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()

Not reported: the settings change, or the weights are loaded again.

    net = nn.Linear(20, 4)
    for lr in (0.1, 0.01):
        optimizer = torch.optim.Adam(net.parameters(), lr=lr)
        for x, y in batches:
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()

Not reported: an optimizer that is built anew now and then, on purpose.

    net = nn.Linear(20, 4)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    for epoch in range(10):
        if epoch == phase_two:
            optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
        for x, y in batches:
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()

Not reported: plain gradient descent keeps no state.

    net = nn.Linear(20, 4)
    for epoch in range(10):
        optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
        for x, y in batches:
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()

At run time: `optimizer.state` is empty at the start of every epoch.
"""

from collections.abc import Iterator

from lrcheck.events import OptimizerInLoop
from lrcheck.findings import Finding, Label, Level
from lrcheck.rule import rule


@rule("LR310", Level.WARNING)
def check(made: OptimizerInLoop) -> Iterator[Finding]:
    if made.model is not None and made.always:
        yield Finding(
            title="a new model is built for every batch",
            at=Label(made.model, "its weights are random again"),
            because=(Label(made.loop, "in each round of this loop"), Label(made.site, "trains it for one step")),
            note="what was learned from one batch is thrown away before the next one",
            help="build the model and the optimizer once, before the loop",
        )
        return
    stateless = made.optimizer.name == "optim.SGD" and "momentum" not in made.site.text
    if made.varying or not made.always or stateless:
        return
    yield Finding(
        title="a new optimizer is built in every round",
        at=Label(made.site, "its state starts from zero"),
        because=(Label(made.loop, "in each round of this loop"),),
        note="momentum and the moments of Adam are lost " + ("in every step" if made.batches else "in every epoch"),
        help="build the optimizer once, before the loop",
    )
