"""A running total that is never set back.

A total that starts before the loop over the epochs goes on growing: divided by the samples of one epoch, it reports
{measured: count_of_all_epochs}, or a loss that rises while the model improves. Plotted before it is divided, it shows a sum. A metric
object that is computed in every epoch and never reset is the mean over all epochs so far.

Example:

    import torchmetrics
    correct, metric = 0, torchmetrics.Accuracy(task="multiclass", num_classes=10)
    for epoch in range(10):
        for images, labels in loader:
            correct += (net(images).argmax(dim=1) == labels).sum().item()
            metric.update(net(images), labels)
        print("accuracy", correct / len(loader.dataset))  # error
        print("accuracy", metric.compute())  # error

Use instead:

    import torchmetrics
    metric = torchmetrics.Accuracy(task="multiclass", num_classes=10)
    for epoch in range(10):
        correct = 0
        for images, labels in loader:
            correct += (net(images).argmax(dim=1) == labels).sum().item()
            metric.update(net(images), labels)
        print("accuracy", correct / len(loader.dataset))
        print("accuracy", metric.compute())
        metric.reset()

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

Not reported: a metric that others may have reset; one that is computed behind all epochs.

    import torchmetrics
    one, other = torchmetrics.AUROC(task="binary"), torchmetrics.AUROC(task="binary")
    for epoch in range(10):
        for images, labels in loader:
            one.update(net(images), labels)
            other.update(net(images), labels)
        print("AUC", one.compute())
        finish(one)
    print("AUC of all epochs", other.compute())

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
from lrcheck.findings import Finding, Level
from lrcheck.rule import rule

from ._amounts import kinds
from ._resets import carried_over, never_reset, never_started_again, sum_plotted


@rule("LR213", Level.WARNING)
def check(measure: Measure) -> Iterator[Finding]:
    value = measure.value
    if measure.kind == "compute" and measure.epoch:
        yield never_reset(measure)
    if value.quantity not in (Quantity.ACCURACY, Quantity.LOSS):
        return
    if value.record is not None and "corrected" in value.record.kinds:
        return
    found = kinds(value)
    if measure.kind == "division" and found == {"epochs": 1}:
        yield carried_over(measure)
    elif (
        measure.kind == "division" and found == {"epochs": 1, "batches": 1} and value.power("steps") and value.scale < 1
    ):
        yield never_started_again(measure)
    elif measure.kind == "plot" and value.quantity is Quantity.LOSS and _is_whole_sum(value):
        yield sum_plotted(measure)


def _is_whole_sum(value: ScalarFacts) -> bool:
    """The sum over a whole pass through the data."""
    return kinds(value) in ({"batches": 1}, {"samples": 1}) and not value.power("steps") and not value.power("seen")
