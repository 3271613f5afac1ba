"""Softmax over the wrong dimension, or over one that torch has to guess.

Over the batch dimension, the probabilities of one class over all samples sum to 1: the scores of a sample depend on which
other samples are in the batch, and with a batch of one every probability is exactly 1. Training still runs: on 8x8
digits a small network reaches {measured: batch_dimension}.

Without `dim`, torch chooses: dimension 1 for matrices, but dimension 0, the batch, for tensors of three dimensions, and says
`Implicit dimension choice for softmax has been deprecated`.

Example:

    net = nn.Linear(20, 4)
    probs = F.softmax(net(torch.randn(32, 20)))  # error

Use instead:

    net = nn.Linear(20, 4)
    probs = F.softmax(net(torch.randn(32, 20)), dim=1)

Example:

    images, labels = next(iter(DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=64)))
    net = nn.Linear(28 * 28, 10)
    log_probs = torch.log_softmax(net(images.flatten(1)), dim=0)  # error

Not reported: `dim=1` or `dim=-1`.

    images, labels = next(iter(DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=64)))
    net = nn.Linear(28 * 28, 10)
    probs = torch.softmax(net(images.flatten(1)), dim=-1)
    same = torch.softmax(net(images.flatten(1)), axis=1)

Not reported: a single row, whose dimension 0 holds the classes; rows of which it is not known.

    net = nn.Linear(20, 4)
    probs, weights = torch.softmax(net(torch.randn(20)), dim=0), torch.softmax(net(x), dim=0)

Not reported: one column, weighted over the samples on purpose (attention pooling).

    images, labels = next(iter(DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=64)))
    attention = nn.Linear(28 * 28, 1)
    weights = torch.softmax(attention(images.flatten(1)), dim=0)

At run time: the rows do not sum to 1, and predictions change with the batch size.
"""

from collections.abc import Iterator

from lrcheck.events import Activation
from lrcheck.facts import BATCH, Form, Operation
from lrcheck.findings import Finding, Label, Level, Safety, Site
from lrcheck.fixing import add_argument, fix, replace
from lrcheck.rule import rule


@rule("LR115", Level.WARNING)
def check(activation: Activation) -> Iterator[Finding]:
    if activation.operation.name not in ("softmax", "log_softmax", "softmin"):
        return
    if activation.scored is not None:
        yield _other_dimension(activation.operation, activation.scored)
    elif _over_the_batch(activation):
        yield _batch_dimension(activation)
    elif activation.implicit_dim:
        yield _implicit(activation)


def _over_the_batch(activation: Activation) -> bool:
    shape, dim = activation.input.shape, activation.operation.dim
    if shape is None or len(shape) < 2 or shape[0] != BATCH or activation.input.form is not Form.LOGITS:
        return False
    scores = all(isinstance(size, int) and size > 1 for size in shape[1:])
    chosen = 0 if activation.implicit_dim and len(shape) == 3 else dim
    return scores and chosen is not None and chosen in (0, -len(shape))


def _batch_dimension(activation: Activation) -> Finding:
    operation, rank = activation.operation, len(activation.input.shape or ())
    dim = "dim=1" if rank == 2 else "dim=-1"
    where = operation.layer or operation.site
    edits = replace(operation.dim_site, dim.removeprefix("dim="))
    if activation.implicit_dim:
        edits = add_argument(where, dim)
    return Finding(
        title=f"{operation.name} runs over the batch, not over the classes",
        at=Label(
            where, "dimension 0 is the batch" + (": torch's choice without `dim`" if activation.implicit_dim else "")
        ),
        note="the scores of a sample depend on the other samples; alone in a batch, every probability is 1",
        help=f"pass `{dim}`",
        fix=fix(f"normalise over the classes: `{dim}`", Safety.SAFE if rank == 2 else Safety.UNSAFE, edits),
        level=Level.ERROR,
    )


def _other_dimension(operation: Operation, scored: Site) -> Finding:
    return Finding(
        title=f"{operation.name} runs over another dimension than the classes",
        at=Label(
            operation.layer or operation.site,
            f"`dim={operation.dim}` holds no classes: their probabilities do not sum to 1",
        ),
        because=(Label(scored, "chooses among the classes"),),
        help="pass the dimension of the classes, mostly `dim=-1`",
        level=Level.ERROR,
    )


def _implicit(activation: Activation) -> Finding:
    where = activation.operation.layer or activation.operation.site
    matrix = activation.input.shape is not None and len(activation.input.shape) == 2
    dim = "dim=1" if matrix else "dim=-1"
    return Finding(
        title=f"{activation.operation.name} is called without a dimension",
        at=Label(where, "torch has to guess `dim`"),
        note="the guess is 1 for a matrix and 0, the batch, for three dimensions; it is deprecated",
        help="pass `dim`",
        fix=fix(f"say which dimension: `{dim}`", Safety.SAFE if matrix else Safety.UNSAFE, add_argument(where, dim)),
    )
