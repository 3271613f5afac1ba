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
from lrcheck.findings import Finding, Label, Level
from lrcheck.rule import rule

from ._amounts import amount, divide_by_batches, divide_by_samples, kinds, made, running, short_batch, times, too

_COUNTED = "count the samples: `total += labels.size(0)`"


@rule("LR203")
def check(measure: Measure) -> Iterator[Finding]:
    value = measure.value
    if measure.kind != "division" or value.quantity is not Quantity.ACCURACY or running(value):
        return
    if value.record is not None and "corrected" in value.record.kinds:
        return
    found = kinds(value)
    if found == {"samples": 1, "batches": -1}:
        yield from _by_batches(measure)
    elif found == {"samples": -1, "batches": 1} and value.scale in (1, 100):
        yield from _batch_means_by_samples(measure)
    elif found == {"samples": 0} and len(value.powers) == 2:
        yield from _other_split(measure)
    elif not found and measure.left is not None and amount(measure.left, "batches", 1) and kinds(measure.left) == {"batches": 1}:
        yield from _unequal_weights(measure)


def _by_batches(measure: Measure) -> Iterator[Finding]:
    value, factor = measure.value, times(measure.value)
    batches = amount(value, "batches", -1) or amount(value, "steps", -1)
    if value.scale in (1, 100):
        yield Finding(
            title="correct predictions are divided by the number of batches",
            at=Label(measure.right_site or measure.site, "counts batches"),
            because=made(measure, "compares predictions and targets", "counts samples"),
            note=f"the accuracy is {too(factor, 'about a batch size times too large')}",
            help=f"divide by the number of samples: `len(loader.dataset)`, or {_COUNTED}",
            fix=divide_by_samples(measure.right_site),
            level=None if batches is not None and batches.sure else Level.WARNING,
        )
    elif factor is not None and 0.5 < factor < 2 and abs(factor - 1) > 1e-9:
        short = short_batch(value)
        size = f"; the last one of {short[0]} has {short[2]}, not {short[1]}" if short is not None else ""
        yield Finding(
            title="the last batch is counted as a full one",
            at=Label(measure.right_site or measure.site, "more than the samples that were seen"),
            because=made(measure, "compares predictions and targets", "counts samples"),
            note=f"the accuracy is {too(factor, '')}: the batches are not all full{size}",
            help=f"divide by the number of samples: {_COUNTED}",
        )


def _batch_means_by_samples(measure: Measure) -> Iterator[Finding]:
    yield Finding(
        title="batch accuracies are divided by the number of samples",
        at=Label(measure.right_site or measure.site, "counts samples"),
        because=made(measure, "compares predictions and targets", "sums one average for each batch"),
        note=f"the accuracy is {too(times(measure.value), 'about a batch size times too small')}",
        help="divide by the number of batches: `len(loader)`",
        fix=divide_by_batches(measure.right_site),
    )


def _other_split(measure: Measure) -> Iterator[Finding]:
    factor, seen = times(measure.value), amount(measure.value, "samples", 1)
    if factor is None or seen is None or abs(factor - 1) < 1e-9 or measure.value.scale not in (1, 100):
        return
    if isinstance(seen.key, tuple) and seen.key[0] == "loader":
        return  # the loader gives fewer samples than its data set has: dataset-length-with-sampler
    yield Finding(
        title="correct predictions are divided by another split's size",
        at=Label(measure.right_site or measure.site, "samples of another data set"),
        because=made(measure, "compares predictions and targets", f"counts {seen.number} samples"),
        note=f"the accuracy is {too(factor, '')}",
        help=f"divide by the samples that were seen: {_COUNTED}",
    )


def _unequal_weights(measure: Measure) -> Iterator[Finding]:
    short = short_batch(measure.value)
    if short is None:
        return
    yield Finding(
        title="batch accuracies are averaged with equal weights",
        at=Label(measure.site, "a mean of batch means"),
        because=made(measure, "compares predictions and targets", "sums one average for each batch"),
        note=f"the last of {short[0]} batches has {short[2]} samples and counts as much as one of {short[1]}",
        help=f"sum the correct predictions, and {_COUNTED}",
        level=Level.INFO,
    )
