"""Softmax output passed to cross entropy.

`CrossEntropyLoss` and `F.cross_entropy` apply log-softmax themselves. Given probabilities, they take the softmax of values
between 0 and 1: even a perfect prediction keeps a loss of log(e + C - 1) - 1 (0.74 for 4 classes, 1.46 for 10), and the
gradient passes through softmax twice, so it is small wherever the model is sure, also where it is surely wrong. Training
runs and the loss falls a little. A linear model on MNIST-sized digits reaches {measured: forward_method}.
A very high learning rate hides it.

`log_softmax` in the same place changes nothing (applied twice it gives the same values) and is reported as information.

Example:

    net = nn.Linear(20, 4)
    probs = torch.softmax(net(x), dim=1)
    loss = F.cross_entropy(probs, y)  # error

Use instead:

    net = nn.Linear(20, 4)
    logits = net(x)
    loss = F.cross_entropy(logits, y)
    probs = torch.softmax(logits, dim=1)

Not reported: any other activation; see LR105.

    net = nn.Linear(20, 4)
    loss = F.cross_entropy(5 * torch.tanh(net(x)), y)

Not reported: softmax only for a metric, for sampling or in inference.

    net = nn.Linear(20, 4)
    logits = net(x)
    loss = F.cross_entropy(logits, y)
    confidence = torch.softmax(logits, dim=1).max(dim=1).values

Not reported: softmax over attention weights inside the network.

    query, key, value, head = nn.Linear(20, 8), nn.Linear(20, 8), nn.Linear(20, 8), nn.Linear(8, 4)
    weights = torch.softmax(query(x) @ key(x).T, dim=-1)
    loss = F.cross_entropy(head(weights @ value(x)), y)

Not reported: the soft targets of a teacher are probabilities, as they should be.

    net, teacher = nn.Linear(20, 4), nn.Linear(20, 4)
    loss = F.cross_entropy(net(x), torch.softmax(teacher(x), dim=1).detach())

Not reported: a loss that does not apply softmax itself.

    net = nn.Linear(20, 4)
    loss = F.nll_loss(torch.log_softmax(net(x), dim=1), y)

At run time: every row of the loss input sums to 1, and the loss stays above log(e + C - 1) - 1.
"""

import math
from collections.abc import Iterator

from lrcheck.events import LossCall
from lrcheck.facts import Operation
from lrcheck.findings import Finding, Level
from lrcheck.fixing import removal
from lrcheck.rule import rule

from .cross_entropy_one_output import check as cross_entropy_one_output


@rule("LR102")
def check(call: LossCall) -> Iterator[Finding]:
    activation = call.input.made_by
    if call.family != "cross_entropy" or activation is None or any(cross_entropy_one_output(call)):
        return
    if call.input.activation == "softmax":
        yield _applied_twice(call, activation)
    elif call.input.activation == "log_softmax":
        yield _redundant(call, activation)


def _applied_twice(call: LossCall, softmax: Operation) -> Finding:
    return Finding(
        title="softmax is applied twice to the loss input",
        at=call.label("cross entropy applies log-softmax itself"),
        because=(softmax.label("already probabilities here"),),
        note=_floor(call.classes),
        help="pass the logits to the loss",
        fix=removal(softmax, "pass the logits"),
    )


def _redundant(call: LossCall, log_softmax: Operation) -> Finding:
    return Finding(
        title="log_softmax is redundant before cross entropy",
        at=call.label("cross entropy applies log-softmax itself"),
        because=(log_softmax.label("already log-probabilities here"),),
        note="log-softmax of log-probabilities changes nothing: the loss is right, and computed twice",
        help="pass the logits to the loss, or use `nn.NLLLoss()`",
        fix=removal(log_softmax, "pass the logits"),
        level=Level.INFO,
    )


def _floor(classes: int | None) -> str:
    if classes is None or classes < 2:
        return "the loss of a sample cannot fall below log(e + C - 1) - 1 for C classes"
    floor = math.log(math.e + classes - 1) - 1
    return f"the loss of a sample cannot fall below log(e + C - 1) - 1: {floor:.2f} for {classes} classes"
