"""A layer class kept as an attribute instead of a layer.

`self.linear = nn.Linear` stores the class. The module has no parameters: `list(model.parameters())` is empty, the optimizer
raises `optimizer got an empty parameter list`, and calling the attribute on data constructs a layer from the data.

Example:

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = nn.Linear  # error

        def forward(self, x):
            return torch.sigmoid(self.linear)

Use instead:

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = nn.Linear(20, 1)

        def forward(self, x):
            return torch.sigmoid(self.linear(x))

Not reported: a class that is called later to make layers.

    class Net(nn.Module):
        def __init__(self, norm=nn.BatchNorm1d):
            super().__init__()
            self.norm = norm
            self.first = nn.Linear(20, 8)
            self.scale = self.norm(8)

        def forward(self, x):
            return self.scale(self.first(x))

Not reported: a function kept as an attribute.

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(20, 8)
            self.activation = torch.tanh

        def forward(self, x):
            return self.activation(self.fc(x))

At run time: the module has no parameters, or its `forward` returns a module.
"""

from collections.abc import Iterator

from lrcheck.events import ModuleAsTensor
from lrcheck.findings import Finding, Fix, Label, Safety
from lrcheck.fixing import append, code
from lrcheck.rule import rule

_WITHOUT_ARGUMENTS = frozenset({"nn.ReLU", "nn.Sigmoid", "nn.Tanh", "nn.GELU", "nn.SiLU", "nn.Flatten", "nn.Identity",
                                "nn.LeakyReLU", "nn.ELU", "nn.Dropout"})  # fmt: skip


@rule("LR401")
def check(use: ModuleAsTensor) -> Iterator[Finding]:
    if not use.is_class or use.assigned is None:
        return
    called = f"{use.assigned.text}()"
    yield Finding(
        title=f"`{use.name}` is stored as a class, not as a layer",
        at=Label(use.assigned, "the class itself"),
        because=(Label(use.argument, "used as if it were a layer"),),
        note="the module has no parameters here: there is nothing to train",
        help=f"construct the layer: `{use.assigned.text}(...)`",
        fix=Fix(f"construct the layer: {code(called)}", append(use.assigned, "()"), Safety.UNSAFE)
        if use.name in _WITHOUT_ARGUMENTS
        else None,
    )
