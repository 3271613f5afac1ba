"""The result of a function without effect is dropped.

`F.relu(x)`, `x.view(-1, 784)` and `self.drop(x)` give a new tensor and leave `x` as it is. As statements of their own they do
nothing: the network has no activation there, or the next layer gets the old shape.

Example:

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc, self.drop = nn.Linear(20, 4), nn.Dropout(0.5)

        def forward(self, x):
            x = self.fc(x)
            F.relu(x)  # error
            self.drop(x)  # error
            x.view(-1, 2, 2)  # error
            return x

Use instead:

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc, self.drop = nn.Linear(20, 4), nn.Dropout(0.5)

        def forward(self, x):
            x = self.drop(F.relu(self.fc(x)))
            return x.view(-1, 2, 2)

Not reported: what works in place.

    scores = nn.Linear(20, 4)(x)
    scores.relu_()
    F.relu(scores, inplace=True)
    torch.exp(scores, out=buffer)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc, self.activation = nn.Linear(20, 4), nn.ReLU(inplace=True)

        def forward(self, x):
            x = self.fc(x)
            self.activation(x)
            return x

Not reported: a model called for its effects.

    net = nn.Sequential(nn.Linear(20, 4), nn.BatchNorm1d(4))
    net(x)

Not reported: `detach` of what is not known to be a tensor: finalizers and streams have it, too.

    def close(handle):
        handle.detach()

Not reported: a method of an object that is not known, which keeps the result.

    class Net(nn.Module):
        def forward(self, x):
            if not self.training:
                self.ctc.softmax(x)
            return x

At run time: the values of the tensor are the same before and behind the line.
"""

from collections.abc import Iterator

from lrcheck.events import ApiUse
from lrcheck.findings import Finding, Fix, Label, Safety
from lrcheck.fixing import code, replace
from lrcheck.knowledge.operations import ACTIVATION_LAYERS, DROPOUT_LAYERS
from lrcheck.knowledge.pure import FUNCTIONS, METHODS
from lrcheck.rule import rule

_PURE = FUNCTIONS | ACTIVATION_LAYERS.keys() | DROPOUT_LAYERS | {f"torch.Tensor.{name}" for name in METHODS}


@rule("LR422")
def check(use: ApiUse) -> Iterator[Finding]:
    if not use.discarded or use.name not in _PURE or use.callee is None:
        return
    kept = f"{use.receiver_site.text} = {use.site.text}" if use.receiver_site is not None else ""
    yield Finding(
        title=f"the result of `{use.callee.text.rpartition('.')[2][:24]}` is dropped",
        at=Label(use.site, "changes nothing"),
        note="the tensor keeps its values and its shape: this line has no effect",
        help="assign the result",
        fix=Fix(f"assign the result: {code(kept)}", replace(use.site, kept), Safety.SAFE) if kept else None,
    )
