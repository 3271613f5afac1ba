"""Losses averaged over the wrong number: the findings of `loss-average`."""

import re
from collections.abc import Iterator

from lrcheck.events import Measure
from lrcheck.findings import Finding, Label, Level

from ._amounts import amount, divide_by_batches, divide_by_samples, kinds, made, short_batch, times, too


def means_by_samples(measure: Measure) -> Iterator[Finding]:
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


def sums_by_batches(measure: Measure) -> Iterator[Finding]:
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


def sum_shown(measure: Measure) -> Iterator[Finding]:
    found = kinds(measure.value)
    if found == {"size": -1} and measure.value.scale == 1:
        yield _mean_by_size(measure)
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


def _mean_by_size(measure: Measure) -> Finding:
    return Finding(
        title="the mean over a batch is divided by the batch size",
        at=Label(measure.site, "divided twice"),
        because=made(measure, "a mean over the batch"),
        note="the loss is a batch size times too small",
        help="show the loss as it is: it is the mean over the batch",
        level=Level.WARNING,
    )


def _called_loss(text: str) -> bool:
    """The text next to the number calls it a loss, and no sum."""
    words = text[-40:].lower()
    called = re.search(r"loss|average|avg|mean", words)
    return called is not None and re.search(r"total|sum|running|cumul|epoch.?loss", words) is None
