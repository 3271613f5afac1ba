"""Correct predictions divided by the wrong number.

The number of correct predictions grows with the number of samples. Divided by the number of batches, it gives an accuracy
that is about a batch size times too large (often above 1); divided by `batch_size * batches`, one that is a little too small,
because the last batch is shorter; divided by the size of another split, one that depends on how the data was split.

Example:

    correct = 0
    for images, labels in loader:
        correct += (net(images).argmax(dim=1) == labels).sum().item()
    accuracy = correct / len(loader)  # error

Use instead:

    correct = 0
    for images, labels in loader:
        correct += (net(images).argmax(dim=1) == labels).sum().item()
    accuracy = correct / len(loader.dataset)

Not reported: samples that were counted.

    correct, total = 0, 0
    for images, labels in loader:
        correct += (net(images).argmax(dim=1) == labels).sum().item()
        total += labels.size(0)
    accuracy = correct / total

Not reported: full batches, and as many of them as the loop saw.

    batches = DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=64, drop_last=True)
    correct = 0
    for images, labels in batches:
        correct += (net(images.flatten(1)).argmax(dim=1) == labels).sum().item()
    accuracy = correct / (64 * len(batches))

Not reported: batches of one sample.

    one_by_one = DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=1)
    correct = 0
    for images, labels in one_by_one:
        correct += (net(images.flatten(1)).argmax(dim=1) == labels).sum().item()
    accuracy = correct / len(one_by_one)

Not reported: batch accuracies divided by their number, where no batch is known to be shorter.

    total = 0
    for images, labels in loader:
        total += (net(images).argmax(dim=1) == labels).float().mean().item()
    accuracy = total / len(loader)

Not reported: a loop that may end early.

    correct = 0
    for images, labels in loader:
        correct += (net(images).argmax(dim=1) == labels).sum().item()
        if enough:
            break
    accuracy = correct / len(loader)

Not reported: arithmetic that makes up for it.

    correct = 0
    for images, labels in loader:
        correct += (net(images).argmax(dim=1) == labels).sum().item()
    accuracy = correct / len(loader) / loader.batch_size

Not reported: what is counted is not known.

    correct = 0
    for images, labels in loader:
        correct += hits(net(images), labels)
    accuracy = correct / len(loader)

At run time: an accuracy above 1, or one that changes with the batch size.
"""

from collections.abc import Iterator

from lrcheck.events import Measure
from lrcheck.facts import Quantity
from lrcheck.findings import Finding
from lrcheck.rule import rule

from ._amounts import amount, kinds, running
from ._denominators import batch_means_by_samples, by_batches, one_batch, other_split, unequal_weights


@rule("LR203")
def check(measure: Measure) -> Iterator[Finding]:
    value = measure.value
    if measure.kind != "division" or value.quantity is not Quantity.ACCURACY or running(value):
        return
    if value.record is not None and "corrected" in value.record.kinds:
        return
    found = kinds(value)
    if found == {"samples": 1, "batches": -1}:
        yield from by_batches(measure)
    elif found == {"samples": -1, "batches": 1} and value.scale in (1, 100):
        yield from batch_means_by_samples(measure)
    elif found == {"size": 1, "samples": -1} and measure.last_batch:
        yield from one_batch(measure)
    elif found == {"samples": 0} and len(value.powers) == 2:
        yield from other_split(measure)
    elif (
        not found
        and measure.left is not None
        and amount(measure.left, "batches", 1)
        and kinds(measure.left) == {"batches": 1}
    ):
        yield from unequal_weights(measure)
