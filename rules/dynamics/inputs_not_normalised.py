"""Inputs of a size that the first layer is not made for.

The initial weights of torch's layers expect inputs around zero with a spread of about one. Pixels from 0 to 255 give first
outputs, losses and gradients a hundred times too large: training starts far away, needs a tiny learning rate, and often stops with dead
units. A small network on digits with values from 0 to 255 (SGD, learning rate 0.05) ends at {measured: pixels_to_255}.
Reported where the values that reach the first layer, unchanged from the data loader, spread by more than 20 and exceed 100:
programs that train well (see `benchmarks/thresholds.py`) have at most 3.5 and 12, those with the bug at least 96 and 255.

Example:

    from torch.utils.data import DataLoader, TensorDataset
    data = TensorDataset(torch.randint(0, 256, (64, 16)).float(), torch.randint(0, 4, (64,)))
    net = nn.Linear(16, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=1e-5)
    for x, y in DataLoader(data, batch_size=32):
        scores = net(x)  # error
        optimizer.zero_grad()
        F.cross_entropy(scores, y).backward()
        optimizer.step()

Use instead:

    from torch.utils.data import DataLoader, TensorDataset
    data = TensorDataset(torch.randint(0, 256, (64, 16)) / 255, torch.randint(0, 4, (64,)))
    net = nn.Linear(16, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in DataLoader(data, batch_size=32):
        scores = net(x)
        optimizer.zero_grad()
        F.cross_entropy(scores, y).backward()
        optimizer.step()

Not reported: a model that normalises by itself.

    from torch.utils.data import DataLoader, TensorDataset
    data = TensorDataset(torch.randint(0, 256, (64, 16)).float(), torch.randint(0, 4, (64,)))
    net = nn.Sequential(nn.BatchNorm1d(16), nn.Linear(16, 4))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in DataLoader(data, batch_size=32):
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()

Also reported: values that lie all on one side of zero, and near each other, because they were normalised by statistics of other
values. What lies above zero, as most raw values do, is not.

    from torch.utils.data import DataLoader, TensorDataset
    pixels = torch.rand(64, 16) / 255
    net, data = nn.Linear(16, 4), TensorDataset((pixels - 0.13) / 0.31, torch.randint(0, 4, (64,)))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in DataLoader(data, batch_size=32):
        scores = net(x)  # error
        optimizer.zero_grad()
        F.cross_entropy(scores, y).backward()
        optimizer.step()

At run time: the values at the first layer are read in the first three sampled batches.
"""

from collections.abc import Iterator

from lrcheck.events import InputStatistics
from lrcheck.findings import Finding, Label, Level
from lrcheck.rule import rule

SPREAD = 20
GREATEST = 100
FLAT, NEAR = 0.12, 0.3  # a spread that is a tenth of what it should be, and small against the mean


@rule("LR712", Level.WARNING)
def check(inputs: InputStatistics) -> Iterator[Finding]:
    if inputs.deviation > SPREAD and inputs.greatest > GREATEST:  # NaN is another mistake
        yield Finding(
            title="the inputs are not normalised",
            at=Label(inputs.site, f"mean {inputs.mean:.3g}, standard deviation {inputs.deviation:.3g}"),
            note="the initial weights expect a spread of about 1: first losses and gradients are far too large",
            help="scale the inputs: `x / 255`, `transforms.ToTensor()`, or `(x - mean) / std`",
        )
    elif _is_shifted(inputs):
        yield Finding(
            title="the inputs are normalised by the statistics of other values",
            at=Label(inputs.site, f"mean {inputs.mean:.3g}, standard deviation {inputs.deviation:.3g}"),
            note="all values lie below zero and near each other: the samples hardly differ for the first layer",
            help="use the mean and the deviation of the values that are normalised; scale pixels once only",
        )


def _is_shifted(inputs: InputStatistics) -> bool:
    """Do all values lie in a small range below zero? Measured values seldom do; what a mean was subtracted from does."""
    below = inputs.highest is not None and inputs.highest < 0
    return below and 0 < inputs.deviation < FLAT and inputs.deviation < NEAR * abs(inputs.mean)
