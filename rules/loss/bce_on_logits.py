"""Raw logits passed to BCELoss.

`BCELoss` and `F.binary_cross_entropy` expect probabilities. The output of a linear layer is any number: as soon as one
value leaves [0, 1], training stops with `RuntimeError: all elements of input should be between 0 and 1` (on a GPU with a
device-side assert). Until then, and wherever a clamp hides it, the loss is computed from numbers that are no probabilities.

Example:

    net = nn.Linear(20, 1)
    criterion = nn.BCELoss()
    loss = criterion(net(x), y)  # error

Use instead:

    net = nn.Linear(20, 1)
    criterion = nn.BCEWithLogitsLoss()
    loss = criterion(net(x), y)

Not reported: a sigmoid anywhere on the way.

    net = nn.Sequential(nn.Linear(20, 1), nn.Sigmoid(), nn.Flatten(0))
    criterion = nn.BCELoss()
    loss = criterion(net(x), y)

Not reported: data that lies in [0, 1] already.

    images, labels = next(iter(DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=64)))
    noise = F.binary_cross_entropy(images, images.flip(0))

Not reported: an activation whose range is [0, 1].

    net = nn.Sequential(nn.Linear(20, 1), nn.Hardsigmoid())
    loss = F.binary_cross_entropy(net(x), y)

Not reported: a loss that expects logits.

    net = nn.Linear(20, 1)
    loss = F.binary_cross_entropy_with_logits(net(x), y)

At run time: `all elements of input should be between 0 and 1`, in the first steps.
"""

from collections.abc import Iterator

from lrcheck.events import LossCall
from lrcheck.facts import Form
from lrcheck.findings import Finding, Label, Safety
from lrcheck.fixing import change_loss, code, fix, loss_name
from lrcheck.rule import rule

from .bce_on_multiclass import check as bce_on_multiclass

_UNBOUNDED = frozenset(
    {"relu", "relu6", "leaky_relu", "prelu", "elu", "selu", "gelu", "silu", "mish", "softplus", "tanh"}
)


@rule("LR107")
def check(call: LossCall) -> Iterator[Finding]:
    if call.family != "bce" or not _leaves_unit_interval(call) or any(bce_on_multiclass(call)):
        return
    message = f"use the loss that takes logits: {code(loss_name(call.loss, 'bce_with_logits'))}"
    change = change_loss(call.loss, "bce_with_logits") if call.input.form is Form.LOGITS else ()
    yield Finding(
        title="raw outputs reach a loss that expects probabilities",
        at=call.label("takes the logarithm of its input"),
        because=_last_operation(call),
        note=_RAISES if call.loss.functional or call.loss.site is not None else _CUT,
        help="use `nn.BCEWithLogitsLoss()`",
        fix=fix(message, Safety.UNSAFE, change),
    )


_RAISES = "raises `all elements of input should be between 0 and 1` at the first value outside"
_CUT = "scores outside of [0, 1] are cut: their gradient is 0"


def _leaves_unit_interval(call: LossCall) -> bool:
    return call.input.form is Form.LOGITS or (call.input.form is Form.CLIPPED and call.input.activation in _UNBOUNDED)


def _last_operation(call: LossCall) -> tuple[Label, ...]:
    if call.input.activation is not None and call.input.made_by is not None:
        return (call.input.made_by.label("the last operation: its values leave [0, 1]"),)
    if call.input.layer is not None:
        return (Label(call.input.layer.layer or call.input.layer.site, "the last layer: no sigmoid behind it"),)
    return ()
