"""A running total that is never set back.

A total that starts before the loop over the epochs goes on growing: divided by the samples of one epoch, it reports an accuracy
of 190 % after two epochs, or a loss that rises while the model improves. Plotted before it is divided, it shows a sum.

Example:

    correct = 0
    for epoch in range(10):
        for images, labels in loader:
            correct += (net(images).argmax(dim=1) == labels).sum().item()
        print("accuracy", correct / len(loader.dataset))  # error

Use instead:

    for epoch in range(10):
        correct = 0
        for images, labels in loader:
            correct += (net(images).argmax(dim=1) == labels).sum().item()
        print("accuracy", correct / len(loader.dataset))

Not reported: a total that is meant as one, over all epochs.

    correct, seen = 0, 0
    for epoch in range(10):
        for images, labels in loader:
            correct += (net(images).argmax(dim=1) == labels).sum().item()
            seen += labels.size(0)
    print("accuracy so far", correct / seen)

Not reported: set back behind the report.

    correct = 0
    for epoch in range(10):
        for images, labels in loader:
            correct += (net(images).argmax(dim=1) == labels).sum().item()
        print("accuracy", correct / len(loader.dataset))
        correct = 0

Not reported: a count that is not known to be one.

    correct = 0
    for epoch in range(10):
        for images, labels in loader:
            correct += hits(net(images), labels)
        print("accuracy", correct / len(loader.dataset))

Not reported: the sum in a plot of its own name.

    total = 0.0
    for images, labels in loader:
        total += F.cross_entropy(net(images), labels).item()
    print("total loss", total)

At run time: an accuracy above 100 %, a loss that grows with every epoch.
"""

from collections.abc import Iterator

from lrcheck.events import Measure
from lrcheck.facts import Quantity, ScalarFacts
from lrcheck.findings import Finding, Label, Level
from lrcheck.rule import rule

from ._amounts import kinds, made, times, too


@rule("LR213", Level.WARNING)
def check(measure: Measure) -> Iterator[Finding]:
    value = measure.value
    if value.quantity not in (Quantity.ACCURACY, Quantity.LOSS):
        return
    if value.record is not None and "corrected" in value.record.kinds:
        return
    found = kinds(value)
    if measure.kind == "division" and found == {"epochs": 1}:
        yield _carried_over(measure)
    elif measure.kind == "plot" and value.quantity is Quantity.LOSS and _is_whole_sum(value):
        yield _sum_plotted(measure)


def _is_whole_sum(value: ScalarFacts) -> bool:
    """The sum over a whole pass through the data."""
    return kinds(value) in ({"batches": 1}, {"samples": 1}) and not value.power("steps") and not value.power("seen")


def _carried_over(measure: Measure) -> Finding:
    return Finding(
        title="a total of all epochs is divided as if it were of one",
        at=Label(measure.left_site or measure.site, "goes on growing from epoch to epoch"),
        because=made(measure, "measured for each batch", "never set back to 0"),
        note="after the second epoch the number is twice too large, after the tenth ten times",
        help="set the total to 0 at the start of each epoch",
    )


def _sum_plotted(measure: Measure) -> Finding:
    summed = measure.value.powers[0][0]
    count = f"{summed.number} " if summed.number else ""
    return Finding(
        title="a running total is plotted before it is divided",
        at=Label(measure.site, f"the sum of {count}values, not their mean"),
        because=made(measure, "the loss of a batch", f"sums {count}values"),
        note=f"the curve is {too(times(measure.value), 'as many times too large as there are batches')}",
        help="divide first, then plot",
    )
