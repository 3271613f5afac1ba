"""Hidden weights that start all equal, or far too large.

Units whose weights are equal compute the same and mostly go on doing so: a layer of 256 units learns like a few of them, and
with zeros in two layers in a row nothing reaches the first one at all. `torch.randn` has the deviation 1 whatever the size of
the layer: a unit with 784 inputs gives values 28 times as large as its inputs, and each further layer multiplies again.

Example:

    net = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 4))
    nn.init.zeros_(net[0].weight)  # error

    class ByHand(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Parameter(torch.randn(784, 256))  # error
            self.last = nn.Parameter(torch.randn(256, 10) * 0.05)

        def forward(self, x):
            return torch.relu(x @ self.first) @ self.last

    F.cross_entropy(net(x), y).backward()

Use instead:

    net = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 4))
    nn.init.kaiming_normal_(net[0].weight)
    first, last = nn.Parameter(torch.randn(784, 256) / 28), nn.Parameter(torch.randn(256, 10) * 0.05)
    F.cross_entropy(net(x), y).backward()
    F.cross_entropy(torch.relu(x.flatten(1) @ first) @ last, y).backward()

Not reported: the output layer, biases, and what is added to something else.

    net = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 4))
    nn.init.zeros_(net[2].weight)
    nn.init.zeros_(net[0].bias)

    class Adapter(nn.Module):
        def __init__(self):
            super().__init__()
            self.down, self.up, self.head = nn.Linear(64, 4), nn.Linear(4, 64), nn.Linear(64, 10)
            nn.init.zeros_(self.up.weight)

        def forward(self, x):
            return self.head(F.relu(x + self.up(self.down(x))))

    adapter = Adapter()
    (F.cross_entropy(net(x), y) + F.cross_entropy(adapter(x), y)).backward()

Not reported: weights that are set again before they are used.

    weight, last = torch.randn(784, 200, requires_grad=True), torch.randn(200, 10, requires_grad=True)
    nn.init.kaiming_normal_(weight)
    net = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 4))
    nn.init.zeros_(net[0].weight)
    net.load_state_dict(torch.load("net.pt", weights_only=True, map_location="cpu"))
    (F.cross_entropy(torch.relu(x @ weight) @ last, y) + F.cross_entropy(net(x), y)).backward()

Not reported: few inputs.

    first, last = torch.randn(4, 16, requires_grad=True), torch.randn(16, 10, requires_grad=True)
    F.cross_entropy(torch.relu(x @ first) @ last, y).backward()

At run time: a first loss of hundreds, or a loss that does not move for the first epochs.
"""

import math
from collections.abc import Iterator

from lrcheck.events import WeightsMade
from lrcheck.findings import Finding, Label, Level
from lrcheck.rule import rule

INPUTS = 32  # of one unit: below, raw normal numbers are large but train


@rule("LR414", Level.WARNING)
def check(made: WeightsMade) -> Iterator[Finding]:
    if made.kind == "constant":
        title, label, note = _equal(made.value or 0.0)
    elif made.inputs is not None and made.inputs >= INPUTS:
        title, label, note = _large(made.kind, made.inputs)
    else:
        return
    places = [(made.layer, "the layer"), (made.into, "its output goes on into further weights")]
    because = tuple(Label(site, text) for site, text in places if site is not None)
    advice = "draw them in proportion to the size: `nn.init.kaiming_normal_(weight)`"
    yield Finding(title, Label(made.site, label), because, note, advice)


def _equal(value: float) -> tuple[str, str, str]:
    if not value:
        return (
            "all weights of a hidden layer start at 0",
            "its output does not depend on the input",
            "the layers before it get no gradient in the first step, and units with equal biases stay equal",
        )
    return (
        f"all weights of a hidden layer start at {value:g}",
        "every unit computes the same",
        "units that start equal get similar gradients: the layer learns as if it had few of them",
    )


def _large(kind: str, inputs: int) -> tuple[str, str, str]:
    if kind == "uniform":
        growth = f"the sum of {inputs:,} positive numbers is {inputs / 2:,.0f} times the mean input"
        return (
            "weights of a hidden layer lie between 0 and 1",
            growth,
            "activations and the first loss are far too large",
        )
    factor = math.sqrt(inputs)
    return (
        "weights of a hidden layer have the deviation 1",
        f"multiplies the deviation of its inputs by {factor:.0f}",
        f"with {inputs:,} inputs the outputs are {factor:.0f} times too large: the first loss is in the hundreds",
    )
