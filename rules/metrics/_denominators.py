"""Accuracies with a wrong denominator: the findings of `accuracy-denominator`."""

from collections.abc import Iterator

from lrcheck.events import Measure
from lrcheck.findings import Finding, Label, Level

from ._amounts import amount, divide_by_batches, divide_by_samples, made, short_batch, times, too

_COUNTED = "count the samples: `total += labels.size(0)`"


def by_batches(measure: Measure) -> Iterator[Finding]:
    value, factor = measure.value, times(measure.value)
    batches = amount(value, "batches", -1) or amount(value, "steps", -1)
    if value.scale in (1, 100):
        yield Finding(
            title=f"{_predictions(measure)} are divided by the number of batches",
            at=Label(measure.right_site or measure.site, "counts batches"),
            because=made(measure, "compares predictions and targets", "counts samples"),
            note=f"the {value.title} is {too(factor, 'about a batch size times too large')}",
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
            note=f"the {measure.value.title} is {too(factor, '')}: the batches are not all full{size}",
            help=f"divide by the number of samples: {_COUNTED}",
        )


def batch_means_by_samples(measure: Measure) -> Iterator[Finding]:
    yield Finding(
        title="batch accuracies are divided by the number of samples",
        at=Label(measure.right_site or measure.site, "counts samples"),
        because=made(measure, "compares predictions and targets", "sums one average for each batch"),
        note=f"the {measure.value.title} is {too(times(measure.value), 'about a batch size times too small')}",
        help="divide by the number of batches: `len(loader)`",
        fix=divide_by_batches(measure.right_site),
    )


def one_batch(measure: Measure) -> Iterator[Finding]:
    """What the last batch left, where a total was meant."""
    size, samples = amount(measure.value, "size", 1), amount(measure.value, "samples", -1)
    if size is None or samples is None or not size.number or measure.value.scale not in (1, 100):
        return
    if samples.number and samples.number <= size.number:
        return  # the only batch
    yield Finding(
        title=f"{_predictions(measure)} of the last batch are divided by the number of all samples",
        at=Label(measure.left_site or measure.site, "what the loop's last iteration left"),
        because=made(measure, f"compares the predictions and targets of at most {size.number} samples"),
        note=f"the {measure.value.title} is too small by the number of batches",
        help="add up in the loop: `correct += (predicted == labels).sum().item()`",
        level=None if samples.number else Level.WARNING,
    )


def other_split(measure: Measure) -> Iterator[Finding]:
    factor, seen = times(measure.value), amount(measure.value, "samples", 1)
    before = _was_split(measure)
    if seen is None or measure.value.scale not in (1, 100) or (factor is None and not before):
        return
    if factor is not None and abs(factor - 1) < 1e-9:
        return
    if isinstance(seen.key, tuple) and seen.key[0] == "loader":
        return  # the loader gives fewer samples than its data set has: dataset-length-with-sampler
    counts = f"counts {seen.number} samples" if seen.number else "counts the samples of one part"
    yield Finding(
        title=f"{_predictions(measure)} are divided by another split's size",
        at=Label(
            measure.right_site or measure.site,
            "samples of the data set before the split" if before else "samples of another data set",
        ),
        because=made(measure, "compares predictions and targets", counts),
        note=f"the {measure.value.title} is {too(factor, 'too small: the part holds fewer samples than the data set that was split')}",
        help="divide by the samples that were seen: `total += labels.size(0)`",
    )


def _was_split(measure: Measure) -> bool:
    """The divisor is the length of the data set that the loader's data set is a part of."""
    loader, divisor = measure.value.loader, amount(measure.value, "samples", -1)
    whole = loader.dataset.whole if loader is not None and loader.dataset is not None else None
    return (
        whole is not None
        and whole.site is not None
        and divisor is not None
        and divisor.key == ("dataset", whole.site.key())
    )


def unequal_weights(measure: Measure) -> Iterator[Finding]:
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


def _predictions(measure: Measure) -> str:
    return "wrong predictions" if measure.value.name else "correct predictions"
