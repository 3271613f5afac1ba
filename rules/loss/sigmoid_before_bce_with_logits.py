"""Sigmoid output passed to BCEWithLogitsLoss.

`BCEWithLogitsLoss` and `F.binary_cross_entropy_with_logits` apply sigmoid themselves. Given probabilities, they see
sigmoid(sigmoid(x)), which lies between 0.50 and 0.73: a negative sample never costs less than ln 2 = 0.69, a positive one
never less than 0.31, and the gradient is squeezed twice. Small networks that tell odd from even 8x8 digits
reach {measured: sequential_sigmoid} or, with other settings, {measured: functional_trainer}.

Example:

    net = nn.Linear(20, 1)
    criterion = nn.BCEWithLogitsLoss()
    probs = torch.sigmoid(net(x))
    loss = criterion(probs, y)  # error

Use instead:

    net = nn.Linear(20, 1)
    criterion = nn.BCEWithLogitsLoss()
    logits = net(x)
    loss = criterion(logits, y)
    probs = torch.sigmoid(logits)

Not reported: sigmoid only for the threshold or the metric.

    net = nn.Linear(20, 1)
    logits = net(x)
    loss = F.binary_cross_entropy_with_logits(logits, y)
    predicted = torch.sigmoid(logits) > 0.5

Not reported: a sigmoid gate inside the network, with a layer behind it.

    gate, values, head = nn.Linear(20, 8), nn.Linear(20, 8), nn.Linear(8, 1)
    loss = F.binary_cross_entropy_with_logits(head(torch.sigmoid(gate(x)) * values(x)), y)

Not reported: a loss that expects probabilities; see LR106.

    net = nn.Linear(20, 1)
    loss = F.binary_cross_entropy(torch.sigmoid(net(x)), y)

Not reported: any other activation; see LR105.

    net = nn.Linear(20, 1)
    loss = F.binary_cross_entropy_with_logits(5 * torch.tanh(net(x)), y)

At run time: every value of the loss input lies in [0, 1], and the loss never falls below 0.31.
"""

from collections.abc import Iterator

from lrcheck.events import LossCall
from lrcheck.facts import Operation
from lrcheck.findings import Finding, Fix, Safety
from lrcheck.fixing import change_loss, code, fix, loss_name, removal, thresholds
from lrcheck.rule import rule


@rule("LR103")
def check(call: LossCall) -> Iterator[Finding]:
    sigmoid = call.input.made_by
    if call.family != "bce_with_logits" or call.input.activation != "sigmoid" or sigmoid is None:
        return
    yield Finding(
        title="sigmoid is applied twice to the loss input",
        at=call.label("applies sigmoid itself"),
        because=(sigmoid.label("already a probability here"),),
        note="the loss sees values between 0.50 and 0.73: a negative sample never costs less than 0.69",
        help="pass the logits to the loss",
        fix=_fix(call, sigmoid),
    )


def _fix(call: LossCall, sigmoid: Operation) -> Fix | None:
    """Where predictions compare the probability with a threshold, the sigmoid has to stay: the loss changes instead."""
    if not thresholds(call.input):
        return removal(sigmoid, "pass the logits")
    if call.loss.weighted:
        return None
    message = f"use the loss that takes probabilities: {code(loss_name(call.loss, 'bce'))}"
    return fix(message, Safety.UNSAFE, change_loss(call.loss, "bce"))
