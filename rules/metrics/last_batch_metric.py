"""The last batch reported for the whole epoch.

Behind the loop over the batches, `loss` is still the loss of the last batch. It stands for a few samples (of the shortest batch),
jumps from epoch to epoch, and hides both progress and overfitting.

Example:

    train = DataLoader(TensorDataset(torch.randn(96, 20), torch.randint(0, 4, (96,))), batch_size=32, shuffle=True)
    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(10):
        for inputs, labels in train:
            loss = F.cross_entropy(net(inputs), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch}: loss {loss.item():.3f}")  # error

Use instead:

    train = DataLoader(TensorDataset(torch.randn(96, 20), torch.randint(0, 4, (96,))), batch_size=32, shuffle=True)
    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(10):
        total = 0.0
        for inputs, labels in train:
            loss = F.cross_entropy(net(inputs), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
        print(f"epoch {epoch}: loss {total / len(train):.3f}")

Not reported: progress inside the loop.

    train = DataLoader(TensorDataset(torch.randn(96, 20), torch.randint(0, 4, (96,))), batch_size=32, shuffle=True)
    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(10):
        for inputs, labels in train:
            loss = F.cross_entropy(net(inputs), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            print(f"epoch {epoch}: loss {loss.item():.3f}")

Not reported: the text says that it is the last batch.

    train = DataLoader(TensorDataset(torch.randn(96, 20), torch.randint(0, 4, (96,))), batch_size=32, shuffle=True)
    net = nn.Linear(20, 4)
    for epoch in range(10):
        for inputs, labels in train:
            loss = F.cross_entropy(net(inputs), labels)
        print(f"epoch {epoch}: loss of the last batch {loss.item():.3f}")

Not reported: all samples in one step.

    net = nn.Linear(20, 4)
    for epoch in range(10):
        loss = F.cross_entropy(net(torch.randn(96, 20)), torch.randint(0, 4, (96,)))
        print(f"epoch {epoch}: loss {loss.item():.3f}")

Not reported: not once per epoch.

    train = DataLoader(TensorDataset(torch.randn(96, 20), torch.randint(0, 4, (96,))), batch_size=32, shuffle=True)
    net = nn.Linear(20, 4)
    for inputs, labels in train:
        loss = F.cross_entropy(net(inputs), labels)
    print(f"loss {loss.item():.3f}")

At run time: a curve that jumps although the mean falls.
"""

import re
from collections.abc import Iterator

from lrcheck.events import Measure
from lrcheck.facts import Quantity
from lrcheck.findings import Finding, Label, Level
from lrcheck.rule import rule

from ._amounts import made, short_batch

_WEIGHTS = {("size", 1), ("batches", -1), ("samples", -1)}  # `loss.item() * x.size(0)`, divided as if it were a total


@rule("LR214", Level.WARNING)
def check(measure: Measure) -> Iterator[Finding]:
    value = measure.value
    if measure.kind == "division" or not measure.last_batch or measure.running or not measure.epoch:
        return
    if value.quantity is Quantity.ACCURACY and ("samples", -1) in {(each.kind, power) for each, power in value.powers}:
        return  # hits of one batch among all samples: accuracy-denominator
    weighted = all((amount.kind, power) in _WEIGHTS for amount, power in value.powers)
    if value.quantity not in (Quantity.LOSS, Quantity.ACCURACY) or not weighted:
        return
    if re.search(r"batch|last|step|iter|current", measure.before[-40:], re.IGNORECASE):
        return
    short = short_batch(value)
    size = (
        f"{short[2]} of {value.loader.dataset.samples}" if short and value.loader and value.loader.dataset else "a few"
    )
    name = value.title
    yield Finding(
        title=f"the {name} of the last batch is reported for the epoch",
        at=Label(measure.site, "what the loop's last iteration left"),
        because=made(measure, f"the {name} of one batch"),
        note=f"the number stands for {size} samples: it jumps from epoch to epoch",
        help=f"average over the batches: `total += {name.split()[0]}.item()`, then `total / len(loader)`",
    )
