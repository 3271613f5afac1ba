"""Squared or absolute error used for a classification.

MSE between scores and one-hot labels, or between probabilities and labels, has its smallest gradient where the model is
surely wrong: behind a sigmoid or softmax the error is multiplied by a slope that is nearly 0 there. With class indices as
numbers it also says that class 9 is three times as far from 0 as class 3. A small network on 8x8 digits
reaches {measured: softmax_and_one_hot} with cross entropy.

Example:

    images, labels = next(iter(DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=64)))
    net = nn.Linear(28 * 28, 10)
    criterion = nn.MSELoss()  # error
    loss = criterion(net(images.flatten(1)), F.one_hot(labels, 10).float())

Use instead:

    images, labels = next(iter(DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=64)))
    net = nn.Linear(28 * 28, 10)
    criterion = nn.CrossEntropyLoss()
    loss = criterion(net(images.flatten(1)), labels)

Not reported: regression, Q-learning and other targets that are numbers.

    net = nn.Linear(20, 1)
    loss = F.mse_loss(net(x), prices)

Not reported: reconstruction; the target is the input, also where a threshold turns the output into a picture.

    images, labels = next(iter(DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=64)))
    decoder = nn.Sequential(nn.Linear(28 * 28, 28 * 28), nn.Sigmoid())
    pixels = decoder(images.flatten(1))
    loss = F.mse_loss(pixels, images.flatten(1))
    picture = pixels > 0.5

Not reported: distillation; the target comes from a model.

    net, teacher = nn.Linear(20, 4), nn.Linear(20, 4)
    loss = F.mse_loss(torch.softmax(net(x), dim=1), torch.softmax(teacher(x), dim=1).detach())
    predicted = net(x).argmax(dim=1)

Not reported: the Brier score, a metric, under `no_grad`.

    images, labels = next(iter(DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=64)))
    net = nn.Linear(28 * 28, 10)
    with torch.no_grad():
        brier = F.mse_loss(torch.softmax(net(images.flatten(1)), dim=1), F.one_hot(labels, 10).float())

Not reported: an adversarial loss (LSGAN), where the discriminator gives a score.

    discriminator = nn.Linear(20, 1)
    score = discriminator(x)
    loss = F.mse_loss(score, torch.ones_like(score))

At run time: the loss starts small and falls slowly; for ten classes 0.09 is the loss of knowing nothing.
"""

from collections.abc import Iterator

from lrcheck.events import LossCall
from lrcheck.facts import Form
from lrcheck.findings import Finding, Fix, Label, Level, Safety
from lrcheck.fixing import change_loss, code, fix, loss_name, thresholds, unwrap, unwrap_one_hot
from lrcheck.rule import rule

from ._questions import is_invented

_ERRORS = {"mse": "squared error", "l1": "absolute error", "smooth_l1": "smooth absolute error"}
_DISTANCE = "a right and confident score of 3 for a target of 1 costs as much as a score of -1"


@rule("LR108", Level.WARNING)
def check(call: LossCall) -> Iterator[Finding]:
    error, evidence = _ERRORS.get(call.family or ""), _labels(call) or _predicted_classes(call)
    itself = call.input.identity is not None and call.input.identity == call.target.identity  # LR118
    if error is None or not call.training or evidence is None or itself:
        return
    probabilities = call.input.made_by if call.input.form is Form.PROBABILITIES else None
    yield Finding(
        title=f"{error} is used for a classification",
        at=call.loss_label("measures distances between numbers"),
        because=((probabilities.label("a probability here"),) if probabilities is not None else ()) + (evidence,),
        note="a prediction that is surely wrong gets almost no gradient" if probabilities is not None else _DISTANCE,
        help="use cross entropy: `nn.CrossEntropyLoss()` or, for two classes, `nn.BCEWithLogitsLoss()`, on the logits",
        fix=_fix(call),
    )


def _labels(call: LossCall) -> Label | None:
    site = call.target_site or call.site
    if call.target.form is Form.CLASS_INDEX and not is_invented(call.target):
        return Label(site, "class indices: names, not amounts")
    if call.target.form is Form.ONE_HOT:
        return Label(call.target.made_by.site if call.target.made_by is not None else site, "classes, not amounts")
    return None


def _predicted_classes(call: LossCall) -> Label | None:
    """Probabilities compared with data labels, and predictions made from them: a classification all the same."""
    unlabelled = (
        call.target.form in (None, Form.DATA) and call.target.roots and call.target.roots <= {"target", "constant"}
    )
    if call.input.form is not Form.PROBABILITIES or not unlabelled or call.input.model is None:
        return None
    own = (each for each in call.input.model.decisions if each.concerns(call.input))
    return next((Label(each.site, "a class is predicted from it here") for each in own), None)


def _fix(call: LossCall) -> Fix | None:
    if call.family == "smooth_l1" or call.input.form not in (Form.LOGITS, Form.PROBABILITIES):
        return None
    logits = [unwrap(call.input.made_by)] if call.input.form is Form.PROBABILITIES else []
    if call.target.form is Form.ONE_HOT:
        parts = [change_loss(call.loss, "cross_entropy"), unwrap_one_hot(call.target), *logits]
        message = f"use cross entropy on logits and class indices: {code(loss_name(call.loss, 'cross_entropy'))}"
        return fix(message, Safety.UNSAFE, *parts)
    if call.input.activation != "sigmoid" or call.classes != 1:
        return None
    family, parts = ("bce", []) if thresholds(call.input) else ("bce_with_logits", logits)
    message = f"use binary cross entropy: {code(loss_name(call.loss, family))}"
    return fix(message, Safety.UNSAFE, change_loss(call.loss, family), *parts)
