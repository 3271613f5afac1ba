"""The best model is chosen by its score on the test set.

Of many epochs, the one with the highest test score is partly the luckiest. Its score is no estimate of new data any more: it is
the maximum of what was tried. Choose by a validation part of the training data, then measure the chosen model on the test set
once.

Example:

    train = DataLoader(datasets.MNIST("data", train=True, transform=transforms.ToTensor()), batch_size=64, shuffle=True)
    test = DataLoader(datasets.MNIST("data", train=False, transform=transforms.ToTensor()), batch_size=64)
    best = 0.0
    for epoch in range(10):
        correct = 0
        for images, labels in test:
            correct += (net(images).argmax(dim=1) == labels).sum().item()
        if correct / len(test.dataset) > best:  # error
            best = correct / len(test.dataset)
            torch.save(net.state_dict(), "best.pt")

Use instead:

    whole = datasets.MNIST("data", train=True, transform=transforms.ToTensor())
    train_part, valid_part = torch.utils.data.random_split(whole, [50_000, 10_000])
    valid = DataLoader(valid_part, batch_size=64)
    best = 0.0
    for epoch in range(10):
        correct = 0
        for images, labels in valid:
            correct += (net(images).argmax(dim=1) == labels).sum().item()
        if correct / len(valid_part) > best:
            best = correct / len(valid_part)
            torch.save(net.state_dict(), "best.pt")

Not reported: the best score is only printed.

    test = DataLoader(datasets.MNIST("data", train=False, transform=transforms.ToTensor()), batch_size=64)
    best = 0.0
    for epoch in range(10):
        correct = 0
        for images, labels in test:
            correct += (net(images).argmax(dim=1) == labels).sum().item()
        if correct > best:
            best = correct
            print("best so far", best)

Not reported: a split that is not known to be the test set.

    best = 0.0
    for epoch in range(10):
        correct = 0
        for images, labels in loader:
            correct += (net(images).argmax(dim=1) == labels).sum().item()
        if correct > best:
            best = correct
            torch.save(net.state_dict(), "best.pt")

Not reported: once, not in every epoch.

    test = DataLoader(datasets.MNIST("data", train=False, transform=transforms.ToTensor()), batch_size=64)
    correct = 0
    for images, labels in test:
        correct += (net(images).argmax(dim=1) == labels).sum().item()
    if correct > 9_500:
        torch.save(net.state_dict(), "good.pt")

At run time: a reported score that new data do not reach.
"""

from collections.abc import Iterator

from lrcheck.events import Selection
from lrcheck.facts import Quantity
from lrcheck.findings import Finding, Label, Level
from lrcheck.rule import rule


@rule("LR225", Level.WARNING)
def check(selection: Selection) -> Iterator[Finding]:
    value = selection.value
    dataset = value.loader.dataset if value.loader is not None else None
    if dataset is None or dataset.site is None or value.quantity not in (Quantity.ACCURACY, Quantity.LOSS):
        return
    made = (Label(value.made, f"the {value.title} is measured here"),) if value.made is not None else ()
    yield Finding(
        title="the best model is chosen by the test set",
        at=Label(selection.site, "keeps the epoch that is best on the test data"),
        because=(Label(dataset.site, "the test split"), *made),
        note="the best of many test scores is the luckiest one: new data do not reach it",
        help="choose on a validation part: `torch.utils.data.random_split(train_set, [0.9, 0.1])`",
    )
