"""Test data in random order.

A metric over a whole data set does not depend on the order, so shuffling does nothing for it; it makes predictions hard to match
with samples and the last, shorter batch different in every run, and it costs the random access.

Example:

    test = datasets.MNIST("data", train=False, transform=transforms.ToTensor())
    loader = DataLoader(test, batch_size=64, shuffle=True)  # error
    net = nn.Linear(784, 10)
    correct = 0
    for images, labels in loader:
        correct += (net(images.flatten(1)).argmax(dim=1) == labels).sum().item()

Use instead:

    test = datasets.MNIST("data", train=False, transform=transforms.ToTensor())
    loader = DataLoader(test, batch_size=64, shuffle=False)
    net = nn.Linear(784, 10)
    correct = 0
    for images, labels in loader:
        correct += (net(images.flatten(1)).argmax(dim=1) == labels).sum().item()

Not reported: a loader that shows samples, where a random choice is the point.

    test = datasets.MNIST("data", train=False, transform=transforms.ToTensor())
    for images, labels in DataLoader(test, batch_size=64, shuffle=True):
        show(images)
        break

Not reported: training data.

    train = datasets.MNIST("data", train=True, transform=transforms.ToTensor())
    net = nn.Linear(784, 10)
    correct = 0
    for images, labels in DataLoader(train, batch_size=64, shuffle=True):
        correct += (net(images.flatten(1)).argmax(dim=1) == labels).sum().item()

Not reported: a split that is not known.

    net = nn.Linear(784, 10)
    correct = 0
    for images, labels in DataLoader(samples, batch_size=64, shuffle=True):
        correct += (net(images).argmax(dim=1) == labels).sum().item()

Not reported: a loop that trains on it; train-data-as-test looks at that.

    test = datasets.MNIST("data", train=False, transform=transforms.ToTensor())
    net = nn.Linear(784, 10)
    total = 0.0
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for images, labels in DataLoader(test, batch_size=64, shuffle=True):
        loss = F.cross_entropy(net(images.flatten(1)), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()

At run time: the same metric, predictions in another order.
"""

from collections.abc import Iterator

from lrcheck.events import DataLoop
from lrcheck.findings import Finding, Label, Level, Safety
from lrcheck.fixing import code, fix, replace
from lrcheck.rule import rule


@rule("LR218", Level.INFO)
def check(loop: DataLoop) -> Iterator[Finding]:
    loader, dataset = loop.loader, loop.loader.dataset
    if loop.trains or not loop.measures or dataset is None or dataset.train is not False:
        return
    if loader.shuffle is not True or loader.shuffle_site is None:
        return
    yield Finding(
        title="test data is shuffled",
        at=Label(loader.shuffle_site, "does nothing for the metric"),
        because=(Label(dataset.site, "the test split"),) if dataset.site is not None else (),
        note="the order of the predictions differs from run to run",
        help="leave the order as it is: `shuffle=False`",
        fix=fix(
            f"leave the order as it is: {code('shuffle=False')}", Safety.SAFE, replace(loader.shuffle_site, "False")
        ),
    )
