"""Activation behind the last layer, before a loss that expects logits.

`CrossEntropyLoss` and `BCEWithLogitsLoss` turn logits of any size and sign into probabilities. An activation behind the
last layer takes that freedom away. ReLU sets every negative logit to 0 with gradient 0: a class whose outputs are all
negative is never trained again: {measured: relu_last_in_sequential} on scikit-learn's digits. Sigmoid
squeezes the logits into [0, 1], and the loss of ten classes cannot fall below 1.46: {measured: sigmoid_forward}.
Tanh and leaky ReLU do the same more mildly (warning).

Example:

    net = nn.Sequential(
        nn.Linear(20, 32),
        nn.ReLU(),
        nn.Linear(32, 4),
        nn.ReLU(),  # error
    )
    loss = F.cross_entropy(net(x), y)
    head = nn.Linear(20, 4)
    scores = torch.sigmoid(head(x))  # error
    loss = F.cross_entropy(scores, y)

Use instead:

    net = nn.Sequential(nn.Linear(20, 32), nn.ReLU(), nn.Linear(32, 4))
    loss = F.cross_entropy(net(x), y)

Not reported: activations between layers, and features with a head behind them.

    features = nn.Sequential(nn.Linear(20, 32), nn.ReLU())
    head = nn.Linear(32, 4)
    loss = F.cross_entropy(head(features(x)), y)

Not reported: a regression loss; the output may have a range.

    net = nn.Sequential(nn.Linear(20, 1), nn.ReLU())
    loss = F.mse_loss(net(x), prices)

Not reported: logits kept in a range on purpose, by clamp or by a scaled tanh.

    net = nn.Linear(20, 4)
    loss = F.cross_entropy(net(x).clamp(-10, 10), y)
    loss = F.cross_entropy(10 * torch.tanh(net(x)), y)

Not reported: ReLU behind a convolution whose maps are averaged into scores (as SqueezeNet does).

    net = nn.Sequential(nn.Conv2d(3, 4, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    loss = F.cross_entropy(net(x), y)

Not reported: softmax before cross entropy (LR102), sigmoid before BCEWithLogitsLoss (LR103) or before BCELoss (LR106).

    net = nn.Linear(20, 1)
    loss = F.binary_cross_entropy(torch.sigmoid(net(x)), y)

At run time: every logit is >= 0 (ReLU), or lies in [0, 1] or [-1, 1]; some classes are never predicted.
"""

from collections.abc import Iterator
from math import exp, log

from lrcheck.events import LossCall
from lrcheck.facts import Form, TensorFacts
from lrcheck.findings import Finding, Level
from lrcheck.fixing import removal
from lrcheck.rule import rule

from .cross_entropy_one_output import check as cross_entropy_one_output

_KINDS = {
    **dict.fromkeys(("relu", "relu6", "threshold"), "cut"),
    **dict.fromkeys(("leaky_relu", "prelu", "rrelu", "elu", "selu", "celu", "gelu", "silu", "mish"), "bent"),
    **dict.fromkeys(("tanh", "softsign"), "squeezed"),
}
_CUT = "sets every negative logit to 0"
_SQUEEZED = "squeezes every logit into [-1, 1]"
_BENT = ("shrinks every negative logit", "scores below 0 hardly differ: unlikely classes are told apart late")
_FLOOR = "the loss of a sample cannot fall below {floor:.2f} for {classes} classes"
_EFFECTS = {  # what the activation does to the logits, and what that does to the training
    ("cross_entropy", "cut"): (_CUT, "a negative logit has gradient 0: its class can stay dead for ever"),
    ("cross_entropy", "squeezed"): (_SQUEEZED, _FLOOR),
    ("cross_entropy", "sigmoid"): ("squeezes every logit into [0, 1]", _FLOOR),
    ("cross_entropy", "bent"): _BENT,
    ("bce_with_logits", "cut"): (_CUT, "no probability can fall below 0.5: nothing is predicted as negative"),
    ("bce_with_logits", "squeezed"): (_SQUEEZED, "every probability stays between 0.27 and 0.73"),
    ("bce_with_logits", "softmax"): ("makes probabilities", "sigmoid follows: the loss sees 0.50 to 0.73 only"),
    ("bce_with_logits", "bent"): _BENT,
}


@rule("LR105")
def check(call: LossCall) -> Iterator[Finding]:
    activation, name = call.input.made_by, call.input.activation or ""
    kind = _KINDS.get(name, name)
    effect = _EFFECTS.get((call.family or "", kind))
    if effect is None or activation is None or any(cross_entropy_one_output(call)):
        return
    if name in _KINDS and not _behind_last_layer(call.input):
        return
    label = "appended after every layer, the last one included" if activation.always_after_each else effect[0]
    yield Finding(
        title=f"{name} is applied to the logits",
        at=activation.label(label),
        because=(call.label(f"`{call.loss.name}` expects logits"),),
        note=effect[1].format(floor=_floor(name, call.classes or 10), classes=call.classes or 10),
        help=f"leave out `{name}` behind the last layer",
        fix=removal(activation, "pass the logits"),
        level=Level.WARNING if kind in ("bent", "squeezed") else None,
    )


def _behind_last_layer(tensor: TensorFacts) -> bool:
    operand = tensor.made_by.operand if tensor.made_by is not None else None
    if operand is None or operand.form is not Form.LOGITS:
        return False
    pooled = tensor.shape is None or len(tensor.shape) < 4
    return not (pooled and operand.layer is not None and operand.layer.name.startswith("conv"))


def _floor(name: str, classes: int) -> float:
    """The loss of a perfect prediction: the true class at the top of the range, the others at the bottom."""
    return log(1 + (classes - 1) * exp(-1 if name == "sigmoid" else -2))
