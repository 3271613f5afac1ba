"""A constructor argument that a fixed size replaces.

The class takes a size and builds its layers with a number instead. Every model has that one size, whatever is asked for:
`LinearNet(5)` on five features raises `mat1 and mat2 shapes cannot be multiplied (3x5 and 2x1)`, and a search over the hidden
size compares equal models.

Example:

    class LinearNet(nn.Module):
        def __init__(self, in_features):
            super().__init__()
            self.fc = nn.Linear(in_features=2, out_features=1)  # error

        def forward(self, x):
            return self.fc(x)

Use instead:

    class LinearNet(nn.Module):
        def __init__(self, in_features):
            super().__init__()
            self.fc = nn.Linear(in_features=in_features, out_features=1)

        def forward(self, x):
            return self.fc(x)

Not reported: an argument that is read, or kept.

    class Net(nn.Module):
        def __init__(self, in_features):
            super().__init__()
            self.in_features = in_features
            self.fc = nn.Linear(in_features=2, out_features=1)

Not reported: an unused argument that no size corresponds to (an interface kept for compatibility).

    class Net(nn.Module):
        def __init__(self, config, verbose):
            super().__init__()
            self.fc = nn.Linear(2, 1)

    net = Net(None, True)

Not reported: a number that could be any of several sizes.

    class Net(nn.Module):
        def __init__(self, width):
            super().__init__()
            self.first, self.second = nn.Linear(64, 64), nn.Linear(64, 10)

    net = Net(64)

Not reported: arguments that are taken all at once.

    class Net(nn.Module):
        def __init__(self, in_features):
            super().__init__()
            self.options = dict(locals())
            self.fc = nn.Linear(in_features=2, out_features=1)

At run time: a shape error for every size but one.
"""

from collections.abc import Iterator

from lrcheck.events import ModuleDefinition
from lrcheck.findings import Finding, Fix, Label, Level, Safety
from lrcheck.fixing import replace
from lrcheck.rule import rule


@rule("LR404", Level.WARNING)
def check(definition: ModuleDefinition) -> Iterator[Finding]:
    for unused in definition.definition.unused:
        yield Finding(
            title=f"`{unused.name}` is ignored: the size is fixed at {unused.value}",
            at=Label(unused.size, f"`{unused.layer}` is always built with {unused.value}"),
            because=(Label(unused.argument, "never read"),),
            note=f"every `{definition.name}` has this size, whatever is asked for",
            fix=Fix(f"use the argument: `{unused.name}`", replace(unused.size, unused.name), Safety.SAFE),
        )
