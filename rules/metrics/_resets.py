"""Totals and metrics that go on growing: the findings of `metric-not-reset`."""

from lrcheck.events import Measure
from lrcheck.findings import Edit, EditKind, Finding, Fix, Label, Safety
from lrcheck.fixing import code

from ._amounts import made, times, too


def carried_over(measure: Measure) -> Finding:
    return Finding(
        title="a total of all epochs is divided as if it were of one",
        at=Label(measure.left_site or measure.site, "goes on growing from epoch to epoch"),
        because=made(measure, "measured for each batch", "never set back to 0"),
        note="after the second epoch the number is twice too large, after the tenth ten times",
        help="set the total to 0 at the start of each epoch",
        fix=_set_back(measure),
    )


def never_started_again(measure: Measure) -> Finding:
    return Finding(
        title="a total of all steps is divided by a fixed number",
        at=Label(measure.left_site or measure.site, "goes on growing from report to report"),
        because=made(measure, "measured for each batch", "never set back to 0"),
        note="the second report is twice too large, the tenth ten times",
        help="set the total to 0 behind each report",
    )


def _set_back(measure: Measure) -> Fix | None:
    """`total = 0` moves into the loop over epochs."""
    if measure.reset is None:
        return None
    start, first = measure.reset
    edits = (Edit(EditKind.MOVE_BEFORE, start, other=first),)
    return Fix(f"start every epoch with {code(start.text)}", edits, Safety.UNSAFE)


_START_AGAIN = "start every epoch with an empty one: `total = 0`, a new list, a new meter or `meter.reset()`"


def never_reset(measure: Measure) -> Finding:
    """Of a metric object."""
    receiver = measure.left_site
    reset = f"{receiver.text}.reset()" if receiver is not None else "metric.reset()"
    edits = (Edit(EditKind.INSERT_AFTER, measure.site, reset),)
    phrase = f"forget the epoch behind it: {code(reset)}" if receiver is not None else _START_AGAIN
    born = (Label(measure.right_site, "made once, before the epochs"),) if measure.right_site is not None else ()
    return Finding(
        title="a metric that is never reset is reported for the epoch",
        at=Label(measure.site, "measures all epochs so far"),
        because=(*born, *made(measure, "every batch of every epoch is added")),
        note="the number lags behind: early epochs count as much as the last one",
        help=phrase,
        fix=Fix(phrase, edits, Safety.UNSAFE) if receiver is not None else None,
    )


def sum_plotted(measure: Measure) -> Finding:
    summed = measure.value.powers[0][0]
    count = f"{summed.number} " if summed.number else ""
    return Finding(
        title="a running total is plotted before it is divided",
        at=Label(measure.site, f"the sum of {count}values, not their mean"),
        because=made(measure, "the loss of a batch", f"sums {count}values"),
        note=f"the curve is {too(times(measure.value), 'as many times too large as there are batches')}",
        help="divide first, then plot",
    )
