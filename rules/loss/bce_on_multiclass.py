"""Binary cross entropy on classes that exclude each other.

`BCELoss` and `BCEWithLogitsLoss` ask one yes/no question per output. Where every sample has exactly one class, the
outputs are then trained one by one instead of against each other: ten probabilities that need not sum to 1, nine of ten
targets that are 0, and a mean over samples *and* outputs that divides every gradient by the number of outputs. Nothing
warns: a linear model on scikit-learn's digits reaches {measured: one_hot_bce_loss}.

Example:

    net = nn.Linear(28 * 28, 10)
    criterion = nn.BCEWithLogitsLoss()  # error
    targets = F.one_hot(labels, 10).float()
    loss = criterion(net(images.flatten(1)), targets)

Use instead:

    net = nn.Linear(28 * 28, 10)
    criterion = nn.CrossEntropyLoss()
    loss = criterion(net(images.flatten(1)), labels)

Not reported: several classes of a sample may be true at once (multi-hot targets).

    net = nn.Linear(20, 10)
    criterion = nn.BCEWithLogitsLoss()
    loss = criterion(net(torch.randn(32, 20)), (torch.rand(32, 10) > 0.5).float())

Not reported: the outputs are judged one by one, each with a threshold of its own.

    net = nn.Linear(20, 10)
    criterion = nn.BCEWithLogitsLoss()
    logits = net(torch.randn(32, 20))
    loss = criterion(logits, tags)
    predicted = torch.sigmoid(logits) > 0.5
    strongest = logits.argmax(dim=1)

Not reported: one output, one question.

    net = nn.Linear(20, 1)
    loss = F.binary_cross_entropy_with_logits(net(torch.randn(32, 20)), is_spam)

Not reported: the cost of matching predictions with objects, which nothing goes backward from.

    net = nn.Linear(20, 10)
    terms = F.binary_cross_entropy_with_logits(net(x), F.one_hot(y, 10).float(), reduction="none")
    best = terms.sum(dim=1).argmin()

Not reported: masks, where every pixel is an output of its own.

    net = nn.Conv2d(3, 4, kernel_size=1)
    masks = F.one_hot(torch.randint(0, 4, (8, 16, 16)), 4).permute(0, 3, 1, 2).float()
    loss = F.binary_cross_entropy_with_logits(net(torch.randn(8, 3, 16, 16)), masks)

At run time: the loss starts near 0.69 whatever the number of classes, drops fast to about 0.3 by answering "no" to all.
"""

from collections.abc import Iterator

from lrcheck.events import LossCall
from lrcheck.facts import Form
from lrcheck.findings import Finding, Fix, Label, Level, Safety
from lrcheck.fixing import change_loss, code, fix, loss_name, thresholds, unwrap, unwrap_one_hot
from lrcheck.rule import rule

from ._questions import is_a_cost, is_a_map


@rule("LR101")
def check(call: LossCall) -> Iterator[Finding]:
    if call.family not in ("bce", "bce_with_logits") or is_a_map(call) or is_a_cost(call):
        return
    evidence = _one_hot(call) or _picks_one_class(call)
    if evidence is None:
        return
    questions = f"asks {call.classes} independent" if call.classes else "asks independent"
    yield Finding(
        title="binary cross entropy on classes that exclude each other",
        at=call.loss_label(f"{questions} yes/no questions per sample"),
        because=(evidence,),
        note=_note(call),
        help="train with `nn.CrossEntropyLoss()` on the logits, with class indices as targets",
        fix=_fix(call),
        level=Level.WARNING if call.classes == 2 else None,
    )


def _one_hot(call: LossCall) -> Label | None:
    if call.target.form is not Form.ONE_HOT:
        return None
    site = call.target.made_by.site if call.target.made_by is not None else call.target_site
    return Label(site or call.site, "exactly one class of each sample is 1 here")


def _picks_one_class(call: LossCall) -> Label | None:
    if call.input.model is None or thresholds(call.input) or len(call.target.shape or ()) == 1:
        return None  # one number for each sample is another head of the model
    own = call.input.columns or call.input.out_features
    for decision in call.input.model.decisions:
        outputs = decision.classes or own or 0  # another size, another head of the model
        chosen = own in (None, outputs) and decision.concerns(call.input) and decision.kind == "argmax"
        if chosen and decision.dim in (1, -1) and outputs > 2:
            return Label(decision.site, "one class per sample is chosen here")
    return None


def _note(call: LossCall) -> str:
    if (outputs := call.classes) is None or call.loss.reduction != "mean":
        return "the probabilities of a sample need not sum to 1: no output learns from the others"
    return (
        f"the mean over samples x {outputs} outputs makes gradients {outputs} times smaller than those of cross entropy, "
        f"and the {outputs} probabilities of a sample need not sum to 1"
    )


def _fix(call: LossCall) -> Fix | None:
    known = call.target.form is Form.ONE_HOT and call.input.form in (Form.LOGITS, Form.PROBABILITIES)
    if not known or call.loss.weighted:
        return None
    message = f"use cross entropy on logits and class indices: {code(loss_name(call.loss, 'cross_entropy'))}"
    logits = [unwrap(call.input.made_by)] if call.input.form is Form.PROBABILITIES else []
    return fix(message, Safety.UNSAFE, change_loss(call.loss, "cross_entropy"), unwrap_one_hot(call.target), *logits)
