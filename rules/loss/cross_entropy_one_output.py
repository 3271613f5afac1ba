"""Cross entropy over a single output.

Softmax over one column is 1 whatever the model says: the loss is exactly 0 and so is every gradient. Training runs, nothing
is learnt, and the perfect loss looks like success. (With a label 1 it raises `Target 1 is out of bounds`.) A yes/no
question with one output needs `BCEWithLogitsLoss`; cross entropy needs two outputs.

Example:

    images, labels = next(iter(DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=64)))
    net = nn.Linear(28 * 28, 1)
    loss = F.cross_entropy(net(images.flatten(1)), (labels > 4).long())  # error

Use instead:

    images, labels = next(iter(DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=64)))
    net = nn.Linear(28 * 28, 1)
    loss = F.binary_cross_entropy_with_logits(net(images.flatten(1)), (labels > 4).float().unsqueeze(1))

Not reported: the number of outputs comes from the data.

    net = nn.Linear(28 * 28, len(classes))
    loss = F.cross_entropy(net(x), y)

Not reported: scores of several candidates, gathered into one row per sample.

    net = nn.Linear(20, 1)
    loss = F.cross_entropy(net(torch.randn(32, 20)).view(8, 4), torch.randint(0, 4, (8,)))

Not reported: a loss for one output.

    net = nn.Linear(20, 1)
    loss = F.binary_cross_entropy_with_logits(net(x), y)

At run time: the loss is exactly 0 from the first step on.
"""

from collections.abc import Iterator

from lrcheck.events import LossCall
from lrcheck.facts import Form
from lrcheck.findings import Finding, Fix, Label, Safety
from lrcheck.fixing import append, change_loss, code, fix, loss_name
from lrcheck.rule import rule


@rule("LR119")
def check(call: LossCall) -> Iterator[Finding]:
    layer = call.input.layer
    if call.family != "cross_entropy" or _outputs(call) != 1 or (layer is None and call.input.form is Form.DATA):
        return
    yield Finding(
        title="cross entropy is computed over a single output",
        at=call.label("softmax over one column is always 1"),
        because=(Label(layer.layer or layer.site, "one output"),) if layer is not None else (),
        note="the loss is exactly 0 and so is every gradient",
        help="use `nn.BCEWithLogitsLoss()` with float targets shaped like the output, or two outputs",
        fix=_fix(call),
    )


def _outputs(call: LossCall) -> int | None:
    return call.input.out_features if call.input.shape is None else call.input.columns


def _fix(call: LossCall) -> Fix | None:
    shape = call.target.shape
    if call.input.form is not Form.LOGITS or call.loss.weighted or shape is None or len(shape) not in (1, 2):
        return None
    suffix = ".float().unsqueeze(1)" if len(shape) == 1 else ".float()"
    message = f"use binary cross entropy: {code(loss_name(call.loss, 'bce_with_logits'))}"
    return fix(message, Safety.UNSAFE, change_loss(call.loss, "bce_with_logits"), append(call.target_site, suffix))
