"""One-hot labels compared with predicted classes.

`argmax` gives one class for each sample, `(N,)`; one-hot labels have a row for each, `(N, C)`. The comparison raises, unless the
batch has as many samples as there are classes (or one): then it compares every prediction with every label and the count means
nothing. With batches of 10 and ten classes, {measured: batch_of_ten}.

Example:

    images, labels = next(iter(DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=10)))
    labels = F.one_hot(labels, 10)
    predicted = nn.Linear(784, 10)(images.flatten(1)).argmax(dim=1)
    correct = (predicted == labels).sum()  # error

Use instead:

    images, labels = next(iter(DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=10)))
    predicted = nn.Linear(784, 10)(images.flatten(1)).argmax(dim=1)
    correct = (predicted == labels).sum()

Not reported: argmax on both sides.

    labels = F.one_hot(torch.randint(0, 10, (64,)), 10)
    predicted = nn.Linear(784, 10)(torch.randn(64, 784)).argmax(dim=1)
    correct = (predicted == labels.argmax(dim=1)).sum()

Not reported: predictions that are one-hot rows too.

    labels = F.one_hot(torch.randint(0, 10, (64,)), 10)
    predicted = F.one_hot(nn.Linear(784, 10)(torch.randn(64, 784)).argmax(dim=1), 10)
    correct = (predicted == labels).all(dim=1).sum()

Not reported: labels whose form is not known.

    predicted = nn.Linear(784, 10)(images).argmax(dim=1)
    correct = (predicted == labels).sum()

At run time: `The size of tensor a (64) must match the size of tensor b (10)`, or an accuracy that depends on the batch size.
"""

from collections.abc import Iterator

from lrcheck.events import Comparison
from lrcheck.facts import Form, TensorFacts
from lrcheck.findings import Finding, Label, Safety, Site
from lrcheck.fixing import append, code, fix, operand
from lrcheck.rule import rule


@rule("LR201")
def check(comparison: Comparison) -> Iterator[Finding]:
    left, right = comparison.left, comparison.right
    if comparison.operator not in ("==", "!=") or left is None or right is None:
        return
    if _is_predicted(left) and right.form is Form.ONE_HOT:
        predicted, labels, site = left, right, comparison.right_site
    elif _is_predicted(right) and left.form is Form.ONE_HOT:
        predicted, labels, site = right, left, comparison.left_site
    else:
        return
    text = operand(site.text) + ".argmax(dim=1)" if site is not None else ""
    yield Finding(
        title="predicted classes are compared with one-hot labels",
        at=Label(comparison.site, f"shape {_shape(predicted, '(N,)')} against {_shape(labels, '(N, C)')}"),
        because=tuple(_because(predicted, labels)),
        note=_effect(predicted, labels),
        help="compare class indices with class indices",
        fix=fix(f"compare with class indices: {code(text)}", Safety.SAFE, append(site, ".argmax(dim=1)")),
    )


def _is_predicted(tensor: TensorFacts) -> bool:
    made_by = tensor.made_by
    return tensor.form is Form.CLASS_INDEX and made_by is not None and made_by.name in ("argmax", "max", "topk")


def _because(predicted: TensorFacts, labels: TensorFacts) -> Iterator[Label]:
    places: list[tuple[Site | None, str]] = [
        (labels.made_by.site if labels.made_by is not None else labels.origin, "one row for each label"),
        (predicted.made_by.site if predicted.made_by is not None else None, "one class for each sample"),
    ]
    for site, text in places:
        if site is not None:
            yield Label(site, text)


def _shape(tensor: TensorFacts, otherwise: str) -> str:
    if tensor.shape is None or None in tensor.shape:
        return otherwise
    return f"({tensor.shape[0]},)" if len(tensor.shape) == 1 else f"({', '.join(map(str, tensor.shape))})"


def _effect(predicted: TensorFacts, labels: TensorFacts) -> str:
    classes = labels.classes or "C"
    rows = predicted.shape[0] if predicted.shape and len(predicted.shape) == 1 else None
    if predicted.shape is not None and len(predicted.shape) == 2 and predicted.shape[1] == 1:
        return "never raises: every prediction is compared with the zeros and ones of its row"
    if isinstance(rows, int) and isinstance(classes, int) and rows not in (1, classes):
        return f"raises: the size of tensor a ({rows}) must match the size of tensor b ({classes})"
    return (
        f"raises, unless a batch has {classes} samples or 1: then every prediction is compared with every row, "
        "and the accuracy means nothing"
    )
