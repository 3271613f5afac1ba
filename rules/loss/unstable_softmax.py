"""Softmax or its logarithm computed in an unstable way.

In float32 `exp` overflows from 89 on: a softmax written as `exp(x) / exp(x).sum()` gives inf / inf = nan for a single large
score. The other end is `log(softmax(x))`: a probability that is too small for float32 becomes 0, its logarithm -inf (for
scores 104 apart) and its gradient nan. `log(sigmoid(x))` does the same below -88. torch's own `softmax`, `log_softmax` and
`logsigmoid` subtract the maximum first and are exact for all of these.

Example:

    net = nn.Linear(20, 4)
    log_probs = torch.log(torch.softmax(net(x), dim=1))  # error
    scores = net(x)
    probs = torch.exp(scores) / torch.exp(scores).sum(dim=1, keepdim=True)  # error

Use instead:

    net = nn.Linear(20, 4)
    log_probs = torch.log_softmax(net(x), dim=1)
    probs = torch.softmax(net(x), dim=1)

Not reported: the maximum is subtracted first.

    net = nn.Linear(20, 4)
    scores = net(x)
    shifted = torch.exp(scores - scores.max(dim=1, keepdim=True).values)
    probs = shifted / shifted.sum(dim=1, keepdim=True)

Not reported: the stable functions, and logsumexp.

    net = nn.Linear(20, 1)
    log_prob = F.logsigmoid(net(x))
    normaliser = torch.logsumexp(net(x), dim=1)

Not reported: a small number keeps the logarithm finite.

    net = nn.Linear(20, 4)
    log_probs = torch.log(torch.softmax(net(x), dim=1) + 1e-8)
    p = torch.sigmoid(net(x)).clamp(1e-7, 1 - 1e-7)
    loss = -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()

Not reported: the logarithm of anything else, or of a table.

    log_counts = torch.log(torch.relu(x) + 1)
    table = torch.log(torch.sigmoid(torch.arange(-6.0, 6.0, 0.1)))

Not reported: the exponential of a negated distance stays below 1.

    kernel = torch.exp(-(nn.Linear(20, 4)(x) ** 2))
    weights = kernel / kernel.sum(dim=1, keepdim=True)

At run time: nan or -inf in the loss, at the first large score.
"""

from collections.abc import Iterator

from lrcheck.events import Elementwise
from lrcheck.facts import Operation
from lrcheck.findings import Finding, Fix, Label, Level, Safety, Site
from lrcheck.fixing import code, renamed_call, replace
from lrcheck.rule import rule


@rule("LR114", Level.WARNING)
def check(step: Elementwise) -> Iterator[Finding]:
    made_by, last = step.input.made_by, step.input.last
    if step.name == "softmax_by_hand":
        if last is None or last.name not in ("max_subtracted", "neg"):  # `exp(-distance)` cannot overflow
            yield _by_hand(step)
    elif step.name == "log" and step.input.activation in _STABLE and made_by is not None:
        by_hand = made_by.argument is None and made_by.layer is None  # the softmax itself is reported
        complement = last is not None and last.name == "complement"  # `1 - p`
        if complement and last is not None and last.operand is not None:
            last = last.operand.last
        bounded = step.input.roots == {"constant"}  # a table that the program makes itself
        plain = last is None or last.name == "complement"  # not `p + eps`, `p.clamp(eps, 1 - eps)`
        if not by_hand and not bounded and plain:
            yield _log_of(step, made_by, complement)


_STABLE = {"softmax": "torch.log_softmax", "sigmoid": "F.logsigmoid"}
_UNDERFLOWS = {
    "softmax": "scores 104 apart give log(0) = -inf in float32, and a gradient of nan",
    "sigmoid": "an output below -88 gives log(0) = -inf in float32, and a gradient of nan",
    "complement": "an output of 17 makes the probability exactly 1 in float32: log(0) = -inf, and a gradient of nan",
}


def _by_hand(step: Elementwise) -> Finding:
    exp = step.other.last if step.other is not None else None
    return Finding(
        title="softmax is written out without subtracting the maximum",
        at=Label(step.site, "inf / inf is nan"),
        because=(Label(exp.site, "overflows from 89 on (float32)"),) if exp is not None else (),
        note="a single score above 88 gives inf / inf = nan, which reaches every parameter in one step",
        help="use `torch.softmax(x, dim=1)`; for a loss, pass the scores to `F.cross_entropy`",
    )


def _log_of(step: Elementwise, activation: Operation, complement: bool) -> Finding:
    stable = _STABLE[activation.name]
    return Finding(
        title=f"the logarithm of a {activation.name} is taken in two steps",
        at=Label(step.site, "a probability that underflowed to 0 has no logarithm"),
        because=(activation.label("probabilities here"),),
        note=_UNDERFLOWS["complement" if complement else activation.name],
        help="use `F.logsigmoid(-logits)`, which is `log(1 - p)`" if complement else f"use `{stable}` on the logits",
        fix=_fix(step.site, activation),
    )


def _fix(log: Site, activation: Operation) -> Fix | None:
    """Only where the activation is the argument of the logarithm: nothing else reads it, and its own is at hand."""
    direct = log.text in (f"torch.log({activation.site.text})", f"{activation.site.text}.log()")
    if not direct or activation.argument is None or activation.layer is not None:
        return None
    text = renamed_call(activation, "softmax", "log_softmax")
    if activation.name == "sigmoid":
        module = {"torch": "torch.nn.functional", "F": "F"}.get(log.text.partition(".")[0])
        text = f"{module}.logsigmoid({activation.argument.text})" if module is not None else ""
    return Fix(f"use the stable form: {code(text)}", replace(log, text), Safety.SAFE) if text else None
