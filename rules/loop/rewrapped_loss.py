"""A loss that is wrapped again so that backward stops complaining.

`element 0 of tensors does not require grad` says that the loss has lost its graph. Making a new tensor of its value
(`torch.tensor(loss, requires_grad=True)`, `loss.requires_grad = True`) silences the error: `backward()` then ends at the
new tensor, and no parameter gets a gradient. On scikit-learn's digits: {measured: tensor_of_item}.

Example:

    net = nn.Linear(20, 4)
    for epoch in range(10):
        loss = F.cross_entropy(net(x), y)
        loss = torch.tensor(loss.item(), requires_grad=True)  # error
        loss.backward()

Use instead:

    net = nn.Linear(20, 4)
    for epoch in range(10):
        loss = F.cross_entropy(net(x), y)
        loss.backward()

Not reported: an input that needs a gradient, as for adversarial samples.

    net = nn.Linear(20, 4)
    samples = torch.tensor(x, requires_grad=True)
    F.cross_entropy(net(samples), y).backward()

Not reported: a number that is wrapped for a report.

    net = nn.Linear(20, 4)
    loss = F.cross_entropy(net(x), y)
    loss.backward()
    history = torch.tensor([loss.item()])

At run time: `loss.is_leaf` is true, and every gradient of the model is `None`.
"""

from collections.abc import Iterator

from lrcheck.events import Backward
from lrcheck.facts import Form, TensorFacts
from lrcheck.findings import Finding, Label
from lrcheck.rule import rule

_WRAPPERS = frozenset({"tensor", "as_tensor", "Tensor", "FloatTensor", "Variable", "requires_grad_", "requires_grad"})


@rule("LR321")
def check(backward: Backward) -> Iterator[Finding]:
    value = backward.value
    wrapper = value.cut_by
    if wrapper is None or wrapper.name not in _WRAPPERS or value.attached is not True or not _was_loss(wrapper.operand):
        return
    yield Finding(
        title="the loss is wrapped as a new tensor",
        at=Label(wrapper.site, "a new leaf: the graph of the loss is gone"),
        because=(Label(backward.site, "ends at the new tensor"),),
        note="`backward()` runs, no parameter gets a gradient, nothing is learned",
        help="go backward from the loss itself: `loss.backward()`",
    )


def _was_loss(value: TensorFacts | None) -> bool:
    """Whether a loss, or what came out of the model, was wrapped."""
    return value is not None and (value.form is Form.LOSS or value.model is not None or value.cut_by is not None)
