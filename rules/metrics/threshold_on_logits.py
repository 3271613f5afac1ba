"""A probability's threshold on logits.

A logit of 0 is a probability of 0.5. `logits > 0.5` asks for a probability above 0.622 and `round(logits)` for the same and
gives values other than 0 and 1: positives between 0.5 and 0.622 are counted as wrong.

Example:

    net = nn.Linear(20, 1)
    loss = F.binary_cross_entropy_with_logits(net(x), y)
    predicted = net(x) > 0.5  # error

Use instead:

    net = nn.Linear(20, 1)
    loss = F.binary_cross_entropy_with_logits(net(x), y)
    predicted = net(x) > 0

Not reported: probabilities.

    net = nn.Linear(20, 1)
    loss = F.binary_cross_entropy_with_logits(net(x), y)
    predicted = torch.sigmoid(net(x)) > 0.5

Not reported: another threshold, chosen for its effect.

    net = nn.Linear(20, 1)
    loss = F.binary_cross_entropy_with_logits(net(x), y)
    predicted = net(x) > -1.3

Not reported: an output that is trained to be the number itself.

    net = nn.Linear(20, 1)
    loss = F.mse_loss(net(x), y)
    predicted = net(x) > 0.5

Not reported: the form is not known.

    predicted = net(x) > 0.5

At run time: too few positives; `lrcheck` sees values outside 0 to 1 in front of the comparison.
"""

from collections.abc import Iterator

from lrcheck.events import Comparison
from lrcheck.facts import Form
from lrcheck.findings import Edit, Finding, Label, Safety
from lrcheck.fixing import code, fix, operand, replace
from lrcheck.rule import rule

_TRAINED = ("loss:bce_with_logits", "loss:cross_entropy")


@rule("LR209")
def check(comparison: Comparison) -> Iterator[Finding]:
    scores, bound = comparison.left, comparison.right_number
    if scores is None or scores.form is not Form.LOGITS or scores.model is None:
        return
    kinds = [kind for kind in scores.model.outputs.kinds if kind.startswith("loss:")]
    if not kinds or any(kind not in _TRAINED for kind in kinds):
        return
    rounds = comparison.operator == "round"
    if not rounds and (bound != 0.5 or comparison.operator not in (">", ">=", "<", "<=")):
        return
    edits = _rounded(comparison) if rounds else replace(comparison.right_site, "0")
    new = (
        edits[0].text
        if rounds and edits
        else f"{comparison.left_site.text if comparison.left_site else ''} {comparison.operator} 0"
    )
    yield Finding(
        title="logits are rounded" if rounds else "logits are compared with the threshold of a probability",
        at=Label(comparison.site, "a probability of 0.5 is a logit of 0"),
        because=(Label(scores.layer.label("").site, "no sigmoid behind this layer"),)
        if scores.layer is not None
        else (),
        note="0.5 on a logit is a probability of 0.622: positives below that count as negative",
        help="compare logits with 0, or probabilities (`torch.sigmoid`) with 0.5",
        fix=fix(f"compare logits with 0: {code(new)}", Safety.SAFE, edits),
    )


def _rounded(comparison: Comparison) -> tuple[Edit, ...]:
    """`torch.round(logits)` becomes `(logits > 0).float()`."""
    if comparison.left_site is None:
        return ()
    return replace(comparison.site, f"({operand(comparison.left_site.text)} > 0).float()")
