"""Sigmoid and binary cross entropy computed in two steps.

Sigmoid followed by `BCELoss` is the right formula and loses precision: in float32, sigmoid of 17 is exactly 1.0. A negative
sample with an output of 20 then costs 100 (`BCELoss` cuts the logarithm at -100) and has gradient 0: the worst mistakes are
the ones that the model never corrects. `BCEWithLogitsLoss` gives 20 and gradient 1 for the same output. Harmless while
outputs stay small; with large inputs, learning rates or half precision training stops without a sign.

Example:

    net = nn.Linear(20, 1)
    criterion = nn.BCELoss()  # error
    probs = torch.sigmoid(net(x))
    loss = criterion(probs, y)

Use instead:

    net = nn.Linear(20, 1)
    criterion = nn.BCEWithLogitsLoss()
    loss = criterion(net(x), y)

Not reported: what made the probabilities is not known.

    from models import discriminator

    loss = F.binary_cross_entropy(discriminator(x), y)

Not reported: `BCEWithLogitsLoss` behind a sigmoid is another mistake, LR103, and BCE over exclusive classes is LR101.

    net = nn.Linear(20, 1)
    loss = F.binary_cross_entropy_with_logits(net(x), y)

Where the probability is used elsewhere too (shown, stored, drawn as an image), or where the target is the input itself (an
autoencoder), the finding is information only.

At run time: the loss of some samples is exactly 100, and their gradient is 0.
"""

from collections.abc import Iterator

from lrcheck.events import LossCall
from lrcheck.facts import Operation
from lrcheck.findings import Finding, Fix, Level, Safety
from lrcheck.fixing import change_loss, code, fix, loss_name, thresholds, unwrap
from lrcheck.rule import rule

from .bce_on_multiclass import check as bce_on_multiclass

_ELSEWHERE = frozenset({"report", "data"})


@rule("LR106", Level.WARNING)
def check(call: LossCall) -> Iterator[Finding]:
    sigmoid = call.input.made_by
    if call.family != "bce" or call.input.activation != "sigmoid" or sigmoid is None:
        return
    if any(bce_on_multiclass(call)):
        return
    decodes = call.target.roots == {"input"}  # an autoencoder: its probabilities are an image
    elsewhere = decodes or (call.input.uses is not None and not _ELSEWHERE.isdisjoint(call.input.uses.kinds))
    yield Finding(
        title="sigmoid is computed apart from its cross entropy",
        at=call.loss_label("takes the logarithm of a rounded probability"),
        because=(sigmoid.label("exactly 1.0 from an output of 17 on (float32)"),),
        note="a negative sample with an output of 20 costs 100 and has gradient 0; from logits it costs 20, with gradient 1",
        help="use `nn.BCEWithLogitsLoss()` on the logits, and `torch.sigmoid` only where a probability is needed",
        fix=None if elsewhere or thresholds(call.input) else _fix(call, sigmoid),
        level=Level.INFO if elsewhere else None,
    )


def _fix(call: LossCall, sigmoid: Operation) -> Fix | None:
    message = f"use the loss that takes logits: {code(loss_name(call.loss, 'bce_with_logits'))}"
    return fix(message, Safety.UNSAFE, change_loss(call.loss, "bce_with_logits"), unwrap(sigmoid))
