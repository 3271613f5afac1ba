"""NLLLoss without log-softmax before it.

`NLLLoss` and `F.nll_loss` only pick the value of the true class and change its sign: they expect log-probabilities. Given
logits, the loss is minus one logit; it falls without bound, and nothing pushes the other classes down. On 8x8 digits:
{measured: functional_logits}. Given probabilities, the loss moves between 0 and -1 and its gradient is
smallest where the model is surely wrong: {measured: softmax_layer}.

Example:

    net = nn.Linear(20, 4)
    loss = F.nll_loss(net(x), y)  # error
    probs = torch.softmax(net(x), dim=1)
    loss = F.nll_loss(probs, y)  # error

Use instead:

    net = nn.Linear(20, 4)
    loss = F.cross_entropy(net(x), y)
    log_probs = torch.log_softmax(net(x), dim=1)
    loss = F.nll_loss(log_probs, y)

Not reported: log-softmax is part of the model.

    net = nn.Sequential(nn.Linear(20, 4), nn.LogSoftmax(dim=1))
    criterion = nn.NLLLoss()
    loss = criterion(net(x), y)

Not reported: the logarithm of probabilities; right, but unstable, see LR114.

    net = nn.Linear(20, 4)
    loss = F.nll_loss((torch.softmax(net(x), dim=1) + 1e-6).log(), y)

Not reported: what the model returns is not known.

    from models import net

    loss = F.nll_loss(net(x), y)

At run time: the loss falls below zero.
"""

from collections.abc import Iterator

from lrcheck.events import LossCall
from lrcheck.facts import Form
from lrcheck.findings import Finding, Fix, Label, Safety
from lrcheck.fixing import change_loss, code, fix, loss_name, renamed_call, renamed_layer, replace
from lrcheck.rule import rule


@rule("LR104")
def check(call: LossCall) -> Iterator[Finding]:
    if call.family != "nll" or call.input.form not in _GIVEN:
        return
    given, note = _GIVEN[call.input.form]
    yield Finding(
        title=f"{given} reach a loss that expects log-probabilities",
        at=call.label("picks the value of the true class and only changes its sign"),
        because=_made(call),
        note=note,
        help="apply `torch.log_softmax(..., dim=1)` to the logits, or use `nn.CrossEntropyLoss()`",
        fix=_cross_entropy(call) if call.input.form is Form.LOGITS else _log_softmax(call),
    )


_UNBOUNDED = "the loss is minus one output: it falls without bound and nothing pushes the other classes down"
_GIVEN = {
    Form.LOGITS: ("logits", _UNBOUNDED),
    Form.PROBABILITIES: (
        "probabilities",
        "the loss stays between 0 and -1, with the least gradient where it matters most",
    ),
    Form.CLIPPED: ("layer outputs", _UNBOUNDED),
}


def _made(call: LossCall) -> tuple[Label, ...]:
    if call.input.form is not Form.LOGITS and call.input.made_by is not None:
        return (call.input.made_by.label(f"`{call.input.made_by.name}` is the last operation"),)
    if call.input.layer is not None:
        return (Label(call.input.layer.layer or call.input.layer.site, "the last layer: no log-softmax behind it"),)
    return ()


def _cross_entropy(call: LossCall) -> Fix | None:
    message = f"use the loss that takes logits: {code(loss_name(call.loss, 'cross_entropy'))}"
    return fix(message, Safety.UNSAFE, change_loss(call.loss, "cross_entropy"))


def _log_softmax(call: LossCall) -> Fix | None:
    softmax = call.input.made_by
    if softmax is None or softmax.name != "softmax":
        return None
    text = renamed_call(softmax, "softmax", "log_softmax")
    edits = renamed_layer(softmax, "Softmax", "LogSoftmax") or (replace(softmax.site, text) if text else ())
    return fix(f"take log-probabilities: {code(edits[0].text)}", Safety.UNSAFE, edits) if edits else None
