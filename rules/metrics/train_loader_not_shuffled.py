"""A training set that is read in the same order every epoch.

`DataLoader` does not shuffle by default. Data sets are often sorted by class or by time: batches then hold few classes, the
gradients of neighbouring steps point the same way, and the last class of the epoch is remembered best.

Example:

    train = datasets.CIFAR10("data", train=True, transform=transforms.ToTensor())
    loader = DataLoader(train, batch_size=64)  # error
    net = nn.Linear(3072, 10)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for images, labels in loader:
        optimizer.zero_grad()
        F.cross_entropy(net(images.flatten(1)), labels).backward()
        optimizer.step()

Use instead:

    train = datasets.CIFAR10("data", train=True, transform=transforms.ToTensor())
    loader = DataLoader(train, batch_size=64, shuffle=True)
    net = nn.Linear(3072, 10)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for images, labels in loader:
        optimizer.zero_grad()
        F.cross_entropy(net(images.flatten(1)), labels).backward()
        optimizer.step()

Not reported: an order that was chosen, by `shuffle=` or by a sampler.

    train = datasets.CIFAR10("data", train=True, transform=transforms.ToTensor())
    loader = DataLoader(train, batch_size=64, shuffle=False)
    sampled = DataLoader(train, batch_size=64, sampler=sampler)
    net = nn.Linear(3072, 10)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for batches in (loader, sampled):
        for images, labels in batches:
            optimizer.zero_grad()
            F.cross_entropy(net(images.flatten(1)), labels).backward()
            optimizer.step()

Not reported: a loop that trains nothing, such as the extraction of features.

    train = datasets.CIFAR10("data", train=True, transform=transforms.ToTensor())
    features = [nn.Linear(3072, 10)(images.flatten(1)) for images, labels in DataLoader(train, batch_size=64)]
    for images, labels in DataLoader(train, batch_size=64):
        features.append(images.mean())

Not reported: a data set that is not known to be classification, such as a time series.

    net = nn.Linear(20, 1)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for window, following in DataLoader(series, batch_size=64):
        optimizer.zero_grad()
        F.mse_loss(net(window), following).backward()
        optimizer.step()

Not reported: everything in one batch.

    samples = TensorDataset(torch.randn(64, 20), torch.randint(0, 4, (64,)))
    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for images, labels in DataLoader(samples, batch_size=64):
        optimizer.zero_grad()
        F.cross_entropy(net(images), labels).backward()
        optimizer.step()

At run time: a loss that falls and jumps in the same rhythm every epoch.
"""

from collections.abc import Iterator

from lrcheck.events import DataLoop
from lrcheck.findings import Finding, Label, Level, Safety
from lrcheck.fixing import add_argument, code, fix
from lrcheck.rule import rule


@rule("LR212", Level.WARNING)
def check(loop: DataLoop) -> Iterator[Finding]:
    loader, dataset = loop.loader, loop.loader.dataset
    if not loop.trains or loader.site is None or dataset is None or dataset.iterable:
        return
    if not dataset.classes and not dataset.sorted:
        return
    if loader.shuffle is not False or loader.shuffle_site is not None or loader.sampler is not False:
        return
    if loader.batch_size is not None and dataset.samples is not None and loader.batch_size >= dataset.samples:
        return
    size = f"{dataset.samples} samples" if dataset.samples else "samples"
    held = "one class after the other" if dataset.sorted else f"{size} of {dataset.classes} classes"
    yield Finding(
        title="training data is not shuffled",
        at=Label(loader.site, "the same order every epoch"),
        because=(Label(dataset.site, held),) if dataset.site is not None else (),
        note=_SAME
        if dataset.part
        else f"{_SAME}; {'' if dataset.sorted else 'where '}they are sorted by class, a batch holds few classes",
        help="shuffle the training data: `shuffle=True`",
        fix=fix(
            f"shuffle the training data: {code('shuffle=True')}", Safety.SAFE, add_argument(loader.site, "shuffle=True")
        ),
    )


_SAME = "every epoch goes through the same batches of samples in the same order"
