"""A layer made anew in every forward pass.

Each pass gets new random weights. They belong to no module and no optimizer, so nothing is ever learned in this layer, and two
passes over the same sample disagree.

Example:

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.hidden = nn.Linear(20, 8)

        def forward(self, x):
            head = nn.Linear(8, 4)  # error
            return head(torch.relu(self.hidden(x)))

Use instead:

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.hidden = nn.Linear(20, 8)
            self.head = nn.Linear(8, 4)

        def forward(self, x):
            return self.head(torch.relu(self.hidden(x)))

Not reported: layers without parameters.

    class Net(nn.Module):
        def forward(self, x):
            return nn.ReLU()(nn.MaxPool2d(2)(x))

Not reported: a layer that is kept once its size is known.

    class Lazy(nn.Module):
        def __init__(self):
            super().__init__()
            self.head = None

        def forward(self, x):
            if self.head is None:
                self.head = nn.Linear(x.size(1), 4)
            return self.head(x)

Not reported: a function that builds a model.

    def build(size):
        layer = nn.Linear(size, 4)
        return layer(torch.zeros(1, size))

At run time: the output for the same input changes from pass to pass, also in evaluation.
"""

from collections.abc import Iterator

from lrcheck.events import Construct
from lrcheck.findings import Finding, Label
from lrcheck.rule import rule


@rule("LR407")
def check(made: Construct) -> Iterator[Finding]:
    if made.where != "forward":
        return
    short = made.name.rpartition(".")[2]
    yield Finding(
        title=f"`nn.{short}` is made anew in every forward pass",
        at=Label(made.site, f"{'fresh' if 'Norm' in short else 'new random'} weights in each pass"),
        note="these weights belong to no optimizer: nothing is learned here",
        help=f"make it once, in `__init__`: `self.layer = nn.{short}(...)`",
    )
