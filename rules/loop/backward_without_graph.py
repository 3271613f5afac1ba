"""Backward from a value that was computed without gradients.

Under `torch.no_grad()`, `inference_mode()` or `set_grad_enabled(False)` no graph is recorded, and a loss between two data
tensors never had one. `backward()` stops with `element 0 of tensors does not require grad and does not have a grad_fn`.

Example:

    net = nn.Linear(20, 4)
    with torch.no_grad():
        loss = F.cross_entropy(net(x), y)
        loss.backward()  # error

Use instead:

    net = nn.Linear(20, 4)
    loss = F.cross_entropy(net(x), y)
    loss.backward()

Not reported: a value that left the graph through `argmax`, `item` or `detach`; see LR112.

    net = nn.Linear(20, 4)
    loss = F.cross_entropy(net(x), y)
    loss.backward()
    wrong = (net(x).argmax(dim=1) != y).float().mean()

Not reported: `backward()` under `no_grad` of a loss that was computed outside.

    net = nn.Linear(20, 4)
    loss = F.cross_entropy(net(x), y)
    with torch.no_grad():
        loss.backward()

Not reported: gradients are switched on again.

    net = nn.Linear(20, 4)
    with torch.no_grad():
        with torch.enable_grad():
            loss = F.cross_entropy(net(x), y)
            loss.backward()

Not reported: one function for training and validation that asks whether there is a graph.

    net = nn.Linear(20, 4)
    def step(images, labels):
        loss = F.cross_entropy(net(images), labels)
        if loss.requires_grad:
            loss.backward()
    step(x, y)
    with torch.no_grad():
        step(x, y)

At run time: the error above.
"""

from collections.abc import Iterator

from lrcheck.events import Backward
from lrcheck.facts import Form
from lrcheck.findings import Finding, Label
from lrcheck.rule import rule


@rule("LR306")
def check(backward: Backward) -> Iterator[Finding]:
    value = backward.value
    if value.attached is not False or value.cut_by is not None or backward.owner != "tensor":
        return
    if backward.grad_enabled or value.form is not Form.LOSS or value.origin is None:
        return
    yield Finding(
        title="the loss was computed without a graph",
        at=Label(backward.site, "nothing to go back to"),
        because=(Label(value.origin, "computed while gradients are switched off"),),
        note="raises: element 0 of tensors does not require grad and does not have a grad_fn",
        help="compute the loss outside of `torch.no_grad()`",
    )
