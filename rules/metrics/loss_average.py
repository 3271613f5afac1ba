"""A loss that is averaged over the wrong number, or not at all.

By default a loss of torch is the mean over a batch. A sum of such means divided by the number of samples is too small by the
batch size ({measured: means_by_samples}, with batches of 60); a sum of sample losses divided by the number of batches is too
large by as much; the sum alone grows with the number of batches.

Example:

    total = 0.0
    for images, labels in loader:
        total += F.cross_entropy(net(images), labels).item()
    print("loss", total / len(loader.dataset))  # error

Use instead:

    total = 0.0
    for images, labels in loader:
        total += F.cross_entropy(net(images), labels).item()
    print("loss", total / len(loader))

Not reported: a sum of sample losses.

    total = 0.0
    for images, labels in loader:
        total += F.cross_entropy(net(images), labels, reduction="sum").item()
    print("loss", total / len(loader.dataset))

Not reported: batch means weighted by the batch.

    total = 0.0
    for images, labels in loader:
        total += F.cross_entropy(net(images), labels).item() * images.size(0)
    print("loss", total / len(loader.dataset))

Not reported: a mean over a window of batches.

    running = 0.0
    for step, (images, labels) in enumerate(loader):
        running += F.cross_entropy(net(images), labels).item()
        if step % 2000 == 1999:
            print("loss", running / 2000)
            running = 0.0

Not reported: the sum, and it is called so.

    total = 0.0
    for images, labels in loader:
        total += F.cross_entropy(net(images), labels).item()
    print("total loss", total)

Not reported: progress inside the loop.

    total = 0.0
    for images, labels in loader:
        total += F.cross_entropy(net(images), labels).item()
        print("loss", total / len(loader.dataset))

Not reported: arithmetic that makes up for it.

    total = 0.0
    for images, labels in loader:
        total += F.cross_entropy(net(images), labels).item()
    print("loss", total / len(loader.dataset) * batch_size)

Not reported: a reduction from the command line.

    criterion, total = nn.CrossEntropyLoss(reduction=options.reduction), 0.0
    for images, labels in loader:
        total += criterion(net(images), labels).item()
    print("loss", total / len(loader.dataset))

Not reported: the old name of a sum.

    criterion, total = nn.CrossEntropyLoss(size_average=False), 0.0
    for images, labels in loader:
        total += criterion(net(images), labels).item()
    print("loss", total / len(loader.dataset))

Not reported: the same by its place.

    criterion, total = nn.CrossEntropyLoss(None, False), 0.0
    for images, labels in loader:
        total += criterion(net(images), labels).item()
    print("loss", total / len(loader.dataset))

Not reported: the reduction of the loss is not known.

    total = 0.0
    for images, labels in loader:
        total += criterion(net(images), labels).item()
    print("loss", total / len(loader.dataset))

At run time: a loss that changes with the batch size; ln C is the loss of a model that knows nothing.
"""

from collections.abc import Iterator

from lrcheck.events import Measure
from lrcheck.facts import Quantity
from lrcheck.findings import Finding
from lrcheck.rule import rule

from ._amounts import kinds, running
from ._averages import means_by_samples, sum_shown, sums_by_batches


@rule("LR204")
def check(measure: Measure) -> Iterator[Finding]:
    value = measure.value
    if value.quantity is not Quantity.LOSS or running(value):
        return
    if measure.kind != "division":
        yield from sum_shown(measure)
    elif value.record is None or "corrected" not in value.record.kinds:
        found = kinds(value)
        if found == {"samples": -1, "batches": 1} and value.scale == 1:
            yield from means_by_samples(measure)
        elif found == {"samples": 1, "batches": -1}:
            yield from sums_by_batches(measure)
