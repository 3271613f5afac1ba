"""Test samples that were trained on.

The training set and the test set are different objects and share samples: a split by overlapping indices, or the full data
set used for training and a part of it for testing. The test accuracy then measures memory. Indices of one data set may not meet at all; rows of
two tensors are counted where rows tell samples apart, from one half on, or where they are copies:
rows with so many different numbers that chance does not make them equal, as when a rare class was repeated before the split. Programs without the mistake (see `benchmarks/thresholds.py`) share none.

Example:

    from torch.utils.data import DataLoader, Subset, TensorDataset
    full = TensorDataset(torch.randn(96, 8), torch.randint(0, 4, (96,)))
    train, test = Subset(full, range(80)), Subset(full, range(64, 96))
    net = nn.Linear(8, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in DataLoader(train, batch_size=8):
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()
    with torch.no_grad():
        for x, y in DataLoader(test, batch_size=8):  # error
            correct = (net.eval()(x).argmax(dim=1) == y).sum()

Use instead:

    from torch.utils.data import DataLoader, Subset, TensorDataset
    full = TensorDataset(torch.randn(96, 8), torch.randint(0, 4, (96,)))
    train, test = Subset(full, range(64)), Subset(full, range(64, 96))
    net = nn.Linear(8, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in DataLoader(train, batch_size=8):
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()
    with torch.no_grad():
        for x, y in DataLoader(test, batch_size=8):
            correct = (net.eval()(x).argmax(dim=1) == y).sum()

Not reported: the training set itself, evaluated for the training accuracy.

    net = nn.Linear(8, 4)

At run time: the indices of splits of one data set are compared; a training set that is evaluated through a loader of its own is
reported where no other loader exists and a part that was split off is never used.
"""

from collections.abc import Iterator

from lrcheck.events import SampleOverlap
from lrcheck.findings import Finding, Label
from lrcheck.rule import rule


@rule("LR713")
def check(overlap: SampleOverlap) -> Iterator[Finding]:
    if not overlap.seen:
        return
    yield Finding(
        title="samples of the test set were trained on",
        at=Label(overlap.site, f"{overlap.seen} of {overlap.compared} samples are also in the training set"),
        note="the result measures what the model remembers, not what it learnt",
        help="split once: `random_split(dataset, [n - k, k])`",
    )
