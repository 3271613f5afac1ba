"""KL divergence of something that is not a log-probability.

`KLDivLoss` and `F.kl_div` expect *log*-probabilities as input and probabilities as target. Given logits or probabilities
the result is no divergence: it is below zero even for two equal distributions, where 0 is right, and minimising it drives
the outputs up without bound. Given probabilities, on 8x8 digits: {measured: probabilities}.

With `reduction="mean"`, the default, the sum is divided by the number of samples *and* classes: the loss and its gradients
are too small by the number of classes. On 8x8 digits: {measured: mean_reduction} with `"batchmean"`. torch warns
about it when the loss is called.

Example:

    student, teacher = nn.Linear(20, 4), nn.Linear(20, 4)
    soft_targets = torch.softmax(teacher(x), dim=1).detach()
    loss = F.kl_div(torch.softmax(student(x), dim=1), soft_targets, reduction="batchmean")  # error
    loss = F.kl_div(torch.log_softmax(student(x), dim=1), soft_targets)  # error

Use instead:

    student, teacher = nn.Linear(20, 4), nn.Linear(20, 4)
    soft_targets = torch.softmax(teacher(x), dim=1).detach()
    loss = F.kl_div(torch.log_softmax(student(x), dim=1), soft_targets, reduction="batchmean")

Not reported: both arguments are log-probabilities and `log_target=True` says so.

    student, teacher = nn.Linear(20, 4), nn.Linear(20, 4)
    log_targets = torch.log_softmax(teacher(x), dim=1).detach()
    loss = F.kl_div(torch.log_softmax(student(x), dim=1), log_targets, reduction="batchmean", log_target=True)

Not reported: another reduction, chosen on purpose.

    student = nn.Linear(20, 4)
    loss = F.kl_div(torch.log_softmax(student(x), dim=1), soft_targets, reduction="sum") / 32

Not reported: what the input is made of is not known.

    loss = F.kl_div(log_predictions, soft_targets, reduction="batchmean")

At run time: the divergence is negative, or it is smaller than expected by the number of classes.
"""

from collections.abc import Iterator

from lrcheck.events import LossCall
from lrcheck.facts import Form
from lrcheck.findings import Finding, Fix, Level, Safety, Site
from lrcheck.fixing import add_argument, code, fix, renamed_call, renamed_layer, replace
from lrcheck.rule import rule

from .swapped_loss_arguments import check as swapped_loss_arguments


@rule("LR113")
def check(call: LossCall) -> Iterator[Finding]:
    if call.family != "kl_div" or any(swapped_loss_arguments(call)):
        return
    if call.input.form in _GIVEN:
        yield _not_log_probabilities(call, _GIVEN[call.input.form])
    elif call.loss.reduction == "mean":
        yield _mean(call)


_GIVEN = {Form.LOGITS: "logits", Form.PROBABILITIES: "probabilities", Form.CLIPPED: "layer outputs"}


def _not_log_probabilities(call: LossCall, given: str) -> Finding:
    made_by = call.input.made_by if call.input.form is not Form.LOGITS else None
    return Finding(
        title=f"{given} reach a divergence of log-probabilities",
        at=call.label("expects log-probabilities as its first argument"),
        because=(made_by.label("no logarithm is taken here"),) if made_by is not None else (),
        note="the value is no divergence: it falls below zero without bound",
        help="pass `torch.log_softmax(logits, dim=1)` as the first argument",
        fix=_log_softmax(call),
    )


def _log_softmax(call: LossCall) -> Fix | None:
    softmax = call.input.made_by
    if call.input.activation != "softmax" or softmax is None:
        return None
    text = renamed_call(softmax, "softmax", "log_softmax")
    edits = renamed_layer(softmax, "Softmax", "LogSoftmax") or (replace(softmax.site, text) if text else ())
    return fix(f"take log-probabilities: {code(edits[0].text)}", Safety.UNSAFE, edits) if edits else None


def _mean(call: LossCall) -> Finding:
    given, classes = call.loss.reduction_site, call.classes
    edits = replace(given, '"batchmean"') if given is not None else add_argument(_call(call), 'reduction="batchmean"')
    return Finding(
        title="the divergence is averaged over classes too",
        at=call.label('`reduction="mean"` divides by samples x classes'),
        note=f"the loss and its gradients are {classes} times too small"
        if classes
        else "too small by the number of classes",
        help='pass `reduction="batchmean"`',
        fix=fix('average over samples only: `reduction="batchmean"`', Safety.SAFE, edits),
        level=Level.WARNING,
    )


def _call(call: LossCall) -> Site | None:
    return call.site if call.loss.functional else call.loss.site
