"""Backward from a value that has no gradient.

Accuracy cannot be trained directly: `argmax`, comparisons, `.item()`, `.detach()` and NumPy leave the autograd graph, and
`backward()` stops with `element 0 of tensors does not require grad`. `round()`, `sign()` and `floor()` stay in the graph with
a gradient that is 0 everywhere: `backward()` runs, and no parameter ever moves. Wrapping a number again
(`torch.tensor(loss.item(), requires_grad=True)`) silences the error: see LR321.

Example:

    net = nn.Linear(20, 4)
    predicted = net(x).argmax(dim=1)
    loss = (predicted != y).float().mean()
    loss.backward()  # error
    head = nn.Linear(20, 1)
    rounded = F.mse_loss(torch.round(torch.sigmoid(head(x))), y)
    rounded.backward()  # error

Use instead:

    net = nn.Linear(20, 4)
    logits = net(x)
    loss = F.cross_entropy(logits, y)
    loss.backward()
    accuracy = (logits.argmax(dim=1) == y).float().mean()

Not reported: a metric that is computed beside the loss, or added to it.

    net = nn.Linear(20, 4)
    logits = net(x)
    wrong = (logits.argmax(dim=1) != y).float().mean()
    loss = F.cross_entropy(logits, y) + wrong
    loss.backward()

Not reported: a straight-through estimator; the gradient takes the other path.

    net, head = nn.Linear(20, 8), nn.Linear(8, 4)
    soft = torch.sigmoid(net(x))
    hard = soft + (torch.round(soft) - soft).detach()
    F.cross_entropy(head(hard), y).backward()

At run time: the error above, or gradients that are exactly 0.
"""

from collections.abc import Iterator

from lrcheck.events import Backward
from lrcheck.facts import Form
from lrcheck.findings import Finding, Label
from lrcheck.rule import rule


@rule("LR112")
def check(backward: Backward) -> Iterator[Finding]:
    value = backward.value
    if value.cut_by is not None and value.attached is False:
        metric = value.form is Form.MATCHES
        yield Finding(
            title="the accuracy has no gradient" if metric else "no gradient reaches the model from this value",
            at=Label(backward.site, "nothing to go back to"),
            because=(Label(value.cut_by.site, f"`{value.cut_by.name}` leaves the graph here"),),
            note="raises: element 0 of tensors does not require grad",
            help="go backward from a loss of the logits, such as `F.cross_entropy(logits, y)`; keep this value for reports",
        )
    elif value.zeroed_by is not None:
        yield Finding(
            title="the gradient of this value is exactly zero",
            at=Label(backward.site, "runs, and every gradient is 0"),
            because=(Label(value.zeroed_by.site, f"`{value.zeroed_by.name}` has gradient 0 everywhere"),),
            note="the optimizer runs and no parameter moves",
            help=f"leave `{value.zeroed_by.name}` out of the loss; apply it where predictions are made",
        )
