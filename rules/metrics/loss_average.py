"""A loss that is averaged over the wrong number, or not at all.

By default a loss of torch is the mean over a batch. A sum of such means divided by the number of samples is too small by the
batch size (200 times, measured on MNIST with batches of 200); a sum of sample losses divided by the number of batches is too
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

Not reported: the reduction of the loss is not known.

    total = 0.0
    for images, labels in loader:
        total += criterion(net(images), labels).item()
    print("loss", total / len(loader.dataset))

At run time: a loss that changes with the batch size; ln C is the loss of a model that knows nothing.
"""

import re
from collections.abc import Iterator

from lrcheck.events import Measure
from lrcheck.facts import Quantity
from lrcheck.findings import Finding, Label, Level
from lrcheck.rule import rule

from ._amounts import amount, divide_by_batches, divide_by_samples, kinds, made, running, short_batch, times, too


@rule("LR204")
def check(measure: Measure) -> Iterator[Finding]:
    value = measure.value
    if value.quantity is not Quantity.LOSS or running(value):
        return
    if measure.kind != "division":
        yield from _sum_shown(measure)
    elif value.record is None or "corrected" not in value.record.kinds:
        found = kinds(value)
        if found == {"samples": -1, "batches": 1} and value.scale == 1:
            yield from _means_by_samples(measure)
        elif found == {"samples": 1, "batches": -1}:
            yield from _sums_by_batches(measure)


def _means_by_samples(measure: Measure) -> Iterator[Finding]:
    batches = amount(measure.value, "batches", 1)
    count = f"{batches.number} " if batches is not None and batches.number else ""
    yield Finding(
        title="a sum of batch means is divided by the number of samples",
        at=Label(measure.right_site or measure.site, "counts samples"),
        because=made(measure, "a mean over the batch", f"sums {count}batch means"),
        note=f"the loss is {too(times(measure.value), 'about a batch size times too small')}",
        help="divide by the number of batches: `len(loader)`",
        fix=divide_by_batches(measure.right_site),
    )


def _sums_by_batches(measure: Measure) -> Iterator[Finding]:
    value, factor = measure.value, times(measure.value)
    if value.scale == 1:
        yield Finding(
            title="a sum of sample losses is divided by the batches",
            at=Label(measure.right_site or measure.site, "counts batches"),
            because=made(measure, "the loss of a batch", "sums the losses of samples"),
            note=f"the loss is {too(factor, 'about a batch size times too large')}",
            help="divide by the number of samples: `len(loader.dataset)`",
            fix=divide_by_samples(measure.right_site),
        )
    elif factor is not None and 0.5 < factor < 2 and abs(factor - 1) > 1e-9:
        short = short_batch(value)
        size = f"; the last one of {short[0]} has {short[2]}, not {short[1]}" if short is not None else ""
        yield Finding(
            title="the last batch is counted as a full one",
            at=Label(measure.right_site or measure.site, "more than the samples that were seen"),
            because=made(measure, "a mean over the batch", "sums the losses of samples"),
            note=f"the loss is {too(factor, '')}: the batches are not all full{size}",
            help="divide by the number of samples: `total += labels.size(0)`",
        )


def _sum_shown(measure: Measure) -> Iterator[Finding]:
    found = kinds(measure.value)
    if measure.kind == "plot" or measure.value.scale != 1 or found not in ({"batches": 1}, {"samples": 1}):
        return
    if measure.value.power("steps") or measure.value.power("seen") or not _called_loss(measure.before):
        return
    summed = measure.value.powers[0][0]
    what = "batch means" if "batches" in found else "sample losses"
    count = f"{summed.number} " if summed.number else ""
    yield Finding(
        title=f"a sum of {what} is shown as the loss",
        at=Label(measure.site, f"the sum of {count}{what}, not their mean"),
        because=made(measure, "the loss of a batch", f"sums {count}{what}"),
        note=f"the number is {too(times(measure.value), 'as many times too large as there are ' + found.popitem()[0])}",
        help=f"divide by the number of {'batches: `len(loader)`' if 'means' in what else 'samples: `len(loader.dataset)`'}",
        level=Level.WARNING,
    )


def _called_loss(text: str) -> bool:
    """The text next to the number calls it a loss, and no sum."""
    words = text[-40:].lower()
    called = re.search(r"loss|average|avg|mean", words)
    return called is not None and re.search(r"total|sum|running|cumul|epoch.?loss", words) is None
