"""Dropout or BatchNorm behind the last layer.

Dropout on logits sets some scores to exactly 0 and doubles others (p = 0.5), at random in every step: the loss is computed
from scores that the model never gives in evaluation. With half of the logits dropped, a small network on 8x8 digits
ends with a training {measured: dropout_last}. BatchNorm on logits normalises every class over the batch: the
score of a sample depends on the others, and the model cannot learn how frequent a class is (but for the bias of the norm).

Example:

    net = nn.Sequential(
        nn.Linear(20, 32),
        nn.ReLU(),
        nn.Linear(32, 4),
        nn.Dropout(0.5),
    )
    loss = F.cross_entropy(net(x), y)  # error

Use instead:

    net = nn.Sequential(
        nn.Linear(20, 32),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(32, 4),
    )
    loss = F.cross_entropy(net(x), y)

Not reported: dropout of features, also sampled several times (Monte Carlo heads, R-Drop).

    features, drop, head = nn.Linear(20, 32), nn.Dropout(0.5), nn.Linear(32, 4)
    hidden = torch.relu(features(x))
    loss = F.cross_entropy(head(drop(hidden)), y) + F.cross_entropy(head(drop(hidden)), y)

Not reported: dropout that is switched off.

    net = nn.Linear(20, 4)
    loss = F.cross_entropy(F.dropout(net(x), 0.5, training=False), y)

Not reported: a probability of 0, which drops nothing.

    net = nn.Sequential(nn.Linear(20, 4), nn.Dropout(0))
    loss = F.cross_entropy(net(x), y)

Not reported: a regression loss or a feature loss, such as embeddings normalised on purpose.

    net = nn.Sequential(nn.Linear(20, 8), nn.BatchNorm1d(8))
    loss = F.mse_loss(net(x), y)

At run time: the loss in training is far above the loss in evaluation on the same data.
"""

from collections.abc import Iterator

from lrcheck.events import LossCall
from lrcheck.findings import Finding, Level
from lrcheck.fixing import removal
from lrcheck.rule import rule

_CLASSIFICATIONS = frozenset({"cross_entropy", "nll", "bce", "bce_with_logits"})


@rule("LR122", Level.WARNING)
def check(call: LossCall) -> Iterator[Finding]:
    trailing = call.input.trailing
    if call.family not in _CLASSIFICATIONS or trailing is None:
        return
    dropout = "dropout" in trailing.name.lower()
    name = "dropout" if dropout else "batch normalisation"
    yield Finding(
        title=f"{name} stands behind the last layer",
        at=call.label("computed from changed scores"),
        because=(trailing.label("sets scores to 0 at random" if dropout else "normalises every score over the batch"),),
        note=_DROPOUT if dropout else _BATCHNORM,
        help="move it before the last layer",
        fix=removal(trailing, "take the scores as they are"),
    )


_DROPOUT = "the training loss comes from scores that the model never gives in evaluation"
_BATCHNORM = "the score of a sample depends on the rest of the batch, in training only"
