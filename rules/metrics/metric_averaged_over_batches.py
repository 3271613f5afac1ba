"""A metric of the whole data set, averaged over batches.

Accuracy and loss are means over samples, so their batches can be averaged. The area under the ROC curve, average precision, F1
and perplexity cannot: they depend on all samples at once. The mean of their batches is another number, which changes with the
batch size, and a batch with one class has no AUC at all.

Example:

    from sklearn.metrics import roc_auc_score
    total = 0.0
    for inputs, labels in loader:
        total += roc_auc_score(labels, net(inputs))
    print("AUC", total / len(loader))  # error

Use instead:

    from sklearn.metrics import roc_auc_score
    scores, targets = [], []
    for inputs, labels in loader:
        scores.append(net(inputs))
        targets.append(labels)
    print("AUC", roc_auc_score(torch.cat(targets), torch.cat(scores)))

Not reported: a metric that is a mean over samples.

    from sklearn.metrics import accuracy_score
    total = 0.0
    for inputs, labels in loader:
        total += accuracy_score(labels, net(inputs).argmax(dim=1))
    print("accuracy", total / len(loader))

Not reported: the perplexity of the mean loss.

    total = 0.0
    for inputs, labels in loader:
        total += F.cross_entropy(net(inputs), labels).item()
    print("perplexity", math.exp(total / len(loader)))

Not reported: folds, runs and seeds, each with a model of its own.

    from sklearn.metrics import roc_auc_score
    total = 0.0
    for fold in range(5):
        total += roc_auc_score(targets[fold], scores[fold])
    print("AUC", total / 5)

At run time: a metric that changes with the batch size.
"""

from collections.abc import Iterator

from lrcheck.events import Measure
from lrcheck.facts import Quantity
from lrcheck.findings import Finding, Label, Level
from lrcheck.rule import rule

from ._amounts import kinds, made


@rule("LR222", Level.WARNING)
def check(measure: Measure) -> Iterator[Finding]:
    value = measure.value
    if measure.kind != "division" or value.quantity is not Quantity.SCORE or measure.left is None:
        return
    if kinds(value) not in ({}, {"batches": 0}) or kinds(measure.left) != {"batches": 1}:
        return
    yield Finding(
        title=f"`{value.name}` is averaged over batches",
        at=Label(measure.site, "not the metric of the whole data set"),
        because=made(measure, "the metric of one batch", "sums the batches"),
        note="the mean of the batches is another number, which changes with the batch size",
        help="average the loss and take `exp` of that"
        if value.name == "perplexity"
        else "collect all scores and targets: `torch.cat`",
    )
