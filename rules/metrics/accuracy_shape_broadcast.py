"""Predictions of shape (N, 1) compared with targets of shape (N,).

A model with one output gives a column. Compared with a row of targets, `==` broadcasts both to `(N, N)` and compares every
prediction with every target: the sum counts up to N x N matches, the mean is the chance that a random pair agrees (about one
half for two balanced classes, however good the model is).

Example:

    net = nn.Linear(20, 1)
    targets = torch.randint(0, 2, (32,))
    predicted = net(torch.randn(32, 20)) > 0
    accuracy = (predicted == targets).float().mean()  # error

Use instead:

    net = nn.Linear(20, 1)
    targets = torch.randint(0, 2, (32,))
    predicted = net(torch.randn(32, 20)).squeeze(1) > 0
    accuracy = (predicted == targets).float().mean()

Not reported: equal shapes.

    net = nn.Linear(20, 1)
    targets = torch.randint(0, 2, (32, 1))
    accuracy = ((net(torch.randn(32, 20)) > 0) == targets).float().mean()

Not reported: the targets viewed as the predictions are.

    predicted = nn.Linear(20, 4)(torch.randn(32, 20)).argmax(dim=1, keepdim=True)
    targets = torch.randint(0, 4, (32,))
    correct = predicted.eq(targets.view_as(predicted)).sum()

Not reported: the best k predictions of each sample, compared with its target on purpose.

    targets = torch.randint(0, 10, (32,))
    _, best = nn.Linear(20, 10)(torch.randn(32, 20)).topk(5, dim=1)
    correct = best.eq(targets.unsqueeze(1)).sum()

Not reported: pairs of labels compared on purpose.

    labels = torch.randint(0, 4, (32,))
    same = labels == labels.unsqueeze(1)

Not reported: one of the shapes is not known.

    net = nn.Linear(20, 1)
    accuracy = ((net(inputs) > 0) == targets).float().mean()

At run time: a count of correct predictions above the number of samples, or an accuracy that stays near one half.
"""

from collections.abc import Iterator

from lrcheck.events import Comparison
from lrcheck.facts import Shape, TensorFacts
from lrcheck.findings import Finding, Label, Safety
from lrcheck.fixing import append, code, fix, operand
from lrcheck.rule import rule


@rule("LR221")
def check(comparison: Comparison) -> Iterator[Finding]:
    left, right = comparison.left, comparison.right
    if comparison.operator not in ("==", "!=") or left is None or right is None:
        return
    if _from_model(left) is _from_model(right):
        return
    first, second = _shape(left, right), _shape(right, left)
    if not (_column_and_row(first, second) or _column_and_row(second, first)):
        return
    column_site = comparison.left_site if len(first) > len(second) else comparison.right_site
    rows = first[0]
    text = operand(column_site.text) + ".squeeze(1)" if column_site is not None else ""
    yield Finding(
        title="predictions and targets are broadcast against each other",
        at=Label(comparison.site, f"compares every prediction with every target: {rows} x {rows} pairs"),
        because=tuple(
            Label(site, f"shape {_written(shape)}")
            for site, shape in ((comparison.left_site, first), (comparison.right_site, second))
            if site is not None
        ),
        note="the count goes up to the square of the batch size, the mean says how often random pairs agree",
        help="give both the same shape: `.squeeze(1)`",
        fix=fix(f"give both the same shape: {code(text)}", Safety.SAFE, append(column_site, ".squeeze(1)")),
    )


def _from_model(tensor: TensorFacts) -> bool:
    return "model" in tensor.roots


def _shape(tensor: TensorFacts, other: TensorFacts) -> Shape:
    """The shape of a tensor; a column beside a row where the rank is not known, and a linear layer gave one number."""
    if tensor.ends_in_one and other.shape is not None and len(other.shape) == 1:
        return (*other.shape, 1)
    return tensor.shape or ()


def _column_and_row(column: Shape, row: Shape) -> bool:
    if not row or len(column) != len(row) + 1 or column[1] != 1 or None in row or column[0] != row[0] or row[0] == 1:
        return False
    return column[2:] == row[1:]  # of pixels, too


def _written(shape: Shape) -> str:
    return f"({shape[0]},)" if len(shape) == 1 else f"({', '.join(map(str, shape))})"
