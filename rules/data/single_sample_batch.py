"""A last batch of one sample for a batch norm.

In training, `BatchNorm` takes mean and variance over the batch. A batch with a single vector has no variance, and torch
raises `Expected more than 1 value per channel when training`, at the end of the first epoch. It happens where the number of
samples leaves a remainder of 1.

Example:

    data = TensorDataset(torch.randn(513, 20), torch.randint(4, (513,)))
    loader = DataLoader(data, batch_size=64, shuffle=True)  # error
    net = nn.Sequential(nn.Linear(20, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 4))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for inputs, labels in loader:
        optimizer.zero_grad()
        F.cross_entropy(net(inputs), labels).backward()
        optimizer.step()

Use instead:

    data = TensorDataset(torch.randn(513, 20), torch.randint(4, (513,)))
    loader = DataLoader(data, batch_size=64, shuffle=True, drop_last=True)
    net = nn.Sequential(nn.Linear(20, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 4))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for inputs, labels in loader:
        optimizer.zero_grad()
        F.cross_entropy(net(inputs), labels).backward()
        optimizer.step()

Not reported: sizes that leave another remainder, or a number of samples that is not known.

    data = TensorDataset(torch.randn(514, 20), torch.randint(4, (514,)))
    net = nn.Sequential(nn.Linear(20, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 4))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for inputs, labels in DataLoader(data, batch_size=64, shuffle=True):
        optimizer.zero_grad()
        F.cross_entropy(net(inputs), labels).backward()
        optimizer.step()
    for inputs, labels in DataLoader(samples, batch_size=64, shuffle=True):
        optimizer.zero_grad()
        F.cross_entropy(net(inputs), labels).backward()
        optimizer.step()

Not reported: a batch norm in evaluation mode, or over the pixels of an image.

    data = TensorDataset(torch.randn(513, 20), torch.randint(4, (513,)))
    body = nn.Sequential(nn.Linear(20, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 4))
    body.eval()
    optimizer = torch.optim.SGD(body.parameters(), lr=0.1)
    for inputs, labels in DataLoader(data, batch_size=64, shuffle=True):
        optimizer.zero_grad()
        F.cross_entropy(body(inputs), labels).backward()
        optimizer.step()

    images = TensorDataset(torch.randn(513, 1, 8, 8), torch.randint(4, (513,)))
    net = nn.Sequential(nn.Conv2d(1, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten(), nn.Linear(288, 4))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for inputs, labels in DataLoader(images, batch_size=64, shuffle=True):
        optimizer.zero_grad()
        F.cross_entropy(net(inputs), labels).backward()
        optimizer.step()

At run time: `ValueError: Expected more than 1 value per channel when training` in the last step of an epoch.
"""

from collections.abc import Iterator

from lrcheck.events import ForwardCall, Iteration
from lrcheck.findings import Finding, Fix, Label, Level, Safety
from lrcheck.fixing import add_argument
from lrcheck.rule import rule


@rule("LR523", Level.WARNING)
def check(iteration: Iteration) -> Iterator[Finding]:
    loader = iteration.loader
    if loader is None or loader.dataset is None or loader.drop_last is not False or loader.sampler is not False:
        return
    samples, size = loader.dataset.samples, loader.batch_size
    if loader.site is None or samples is None or size is None or size < 2 or samples % size != 1:
        return
    forward = _needs_a_batch(iteration)
    if forward is None:
        return
    yield Finding(
        title="the last batch holds one sample, too few for batch norm",
        at=Label(loader.site, f"{samples:,} samples = {samples // size} * {size} + 1"),
        because=(Label(forward.site, "its batch norm computes a variance over the batch"),),
        note="raises `ValueError` in the last step of the first epoch",
        help="drop the incomplete batch: `drop_last=True`",
        fix=Fix(
            "drop the incomplete batch: `drop_last=True`", add_argument(loader.site, "drop_last=True"), Safety.SAFE
        ),
    )


def _needs_a_batch(iteration: Iteration) -> ForwardCall | None:
    """A call of a model that trains a batch norm of single vectors."""
    for step in iteration.of(ForwardCall):
        call = step.event
        if (
            isinstance(call, ForwardCall)
            and call.module is not None
            and call.module.needs_batch
            and call.module.training
        ):
            return call
    return None
