"""Softmax applied to the inputs instead of the scores.

Softmax regression is softmax *of* a linear layer: `softmax(x @ w + b)`. With the order turned round,
`softmax(x) @ w + b`, the pixels of an image are squeezed until they sum to 1: each of 784 is about 1/784, and images hardly
differ any more. On MNIST-sized digits it stays at chance: {measured: softmax_of_pixels}.

Example:

    images, labels = next(iter(DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=64)))
    net = nn.Linear(28 * 28, 10)
    pixels = torch.softmax(images.flatten(1), dim=1)  # error
    loss = F.cross_entropy(net(pixels), labels)

Use instead:

    images, labels = next(iter(DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=64)))
    net = nn.Linear(28 * 28, 10)
    loss = F.cross_entropy(net(images.flatten(1)), labels)

Not reported: attention; its weights come from a layer.

    images, labels = next(iter(DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=64)))
    scores, head = nn.Linear(28 * 28, 28 * 28), nn.Linear(28 * 28, 10)
    weights = torch.softmax(scores(images.flatten(1)), dim=1)
    loss = F.cross_entropy(head(weights), labels)

Not reported: another squashing of the inputs.

    images, labels = next(iter(DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=64)))
    net = nn.Linear(28 * 28, 10)
    loss = F.cross_entropy(net(torch.sigmoid(images.flatten(1))), labels)

Not reported: where the values come from is not known.

    net = nn.Linear(20, 4)
    loss = F.cross_entropy(net(torch.softmax(x, dim=1)), y)

At run time: the accuracy stays at chance and the loss at ln C.
"""

from collections.abc import Iterator

from lrcheck.events import AffineCall
from lrcheck.facts import Form
from lrcheck.findings import Finding, Label
from lrcheck.rule import rule

_DATA = frozenset({"input"})


@rule("LR116")
def check(call: AffineCall) -> Iterator[Finding]:
    softmax = call.input.made_by
    if (
        call.input.form is not Form.PROBABILITIES
        or softmax is None
        or softmax.name not in ("softmax", "softmax_by_hand")
    ):
        return
    if softmax.operand is None or softmax.operand.roots != _DATA:
        return
    features = call.input.shape[-1] if call.input.shape else None
    known = isinstance(features, int)
    yield Finding(
        title="softmax is applied to the inputs of the model",
        at=softmax.label("squeezes the features of a sample until they sum to 1"),
        because=(Label(call.site, "the weights are applied only here"),),
        note=f"each of {features} features is about 1/{features}: samples hardly differ" if known else _SHRINK,
        help="pass the inputs as they are, and leave softmax to the loss: `F.cross_entropy(scores, y)`",
    )


_SHRINK = "every feature shrinks to about 1 / (number of features): samples hardly differ"
