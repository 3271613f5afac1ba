"""A module passed where a tensor is needed.

`F.relu(self.fc)` hands the layer itself to a function of numbers. It raises at the first forward pass: `'Linear' object has
no attribute ...` or `argument 'input' must be Tensor, not Linear`.

Example:

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(20, 4)

        def forward(self, x):
            return torch.relu(self.fc)  # error

Use instead:

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(20, 4)

        def forward(self, x):
            return torch.relu(self.fc(x))

Not reported: the parameters of a layer.

    fc = nn.Linear(20, 4)
    penalty = torch.abs(fc.weight).sum()

Not reported: functions that work on modules.

    fc = nn.Linear(20, 4)
    copy = torch.compile(fc)

Not reported: an object that is a tensor as well.

    class Masked(nn.Module):
        def __torch_function__(self, *args, **kwargs):
            return args

    masked = Masked()
    out = torch.relu(masked)

At run time: a `TypeError` or `AttributeError` that names the layer's class.
"""

from collections.abc import Iterator

from lrcheck.events import ModuleAsTensor
from lrcheck.findings import Finding, Fix, Label, Safety
from lrcheck.fixing import code, replace
from lrcheck.rule import rule


@rule("LR402")
def check(use: ModuleAsTensor) -> Iterator[Finding]:
    if not use.operation:
        return
    given = use.argument.text
    called = f"{given}({use.data.text})" if use.data is not None else f"{given}(...)"
    yield Finding(
        title=f"`{use.operation}` is given a module, not a tensor",
        at=Label(use.argument, f"{'the class' if use.is_class else 'a layer'} `{use.name}`"),
        note="raises at the first forward pass",
        help=f"pass the output of the module: `{called}`",
        fix=Fix(f"pass the output of the module: {code(called)}", replace(use.argument, called), Safety.UNSAFE)
        if use.data is not None
        else None,
    )
