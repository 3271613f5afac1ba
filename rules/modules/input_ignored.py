"""A forward that never reads its input, or returns nothing.

The output does not depend on the data: every sample gets the same prediction, and the best that training can reach is the
frequency of the classes. A `forward` without `return` gives `None`, and the loss raises. A layer whose output is dropped
(`out = self.first(x)`, then `out = self.second(x)`) is no part of the model.

Example:

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(20, 4)

        def forward(self, x):  # error
            return torch.relu(self.fc.weight).sum()

    class Silent(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(20, 4)

        def forward(self, x):
            x = self.fc(x)  # error

Use instead:

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(20, 4)

        def forward(self, x):
            return torch.relu(self.fc(x))

Not reported: an interface, and an input that is left out by name.

    class Base(nn.Module):
        def forward(self, x):
            raise NotImplementedError

    class Constant(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(20, 4)

        def forward(self, _x):
            return self.fc.weight

Not reported: a learned table that needs no input, and several inputs of which one is kept for the interface.

    class Positions(nn.Module):
        def __init__(self):
            super().__init__()
            self.table = nn.Parameter(torch.zeros(16, 8))

        def forward(self, x):
            return self.table

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(20, 4)

        def forward(self, x, mask):
            return self.fc(x)

Not reported: a `forward` that leaves its result in the object.

    class Recorder(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(20, 4)

        def forward(self, x):
            self.seen = self.fc(x)

At run time: the output is the same for every batch, or `None`.
"""

from collections.abc import Iterator

from lrcheck.events import ModuleDefinition
from lrcheck.findings import Edit, EditKind, Finding, Fix, Label, Safety
from lrcheck.rule import rule


@rule("LR424")
def check(definition: ModuleDefinition) -> Iterator[Finding]:
    facts = definition.definition
    if facts.ignored is not None:
        name, site = facts.ignored
        yield Finding(
            title=f"`forward` never reads its input `{name}`",
            at=Label(site, "not used in the body"),
            note="the output is the same for every sample: nothing can be learned from the data",
            help=f"call the layers on `{name}`",
        )
    if facts.no_result is not None:
        yield _without_result(definition)
    for site, instead in facts.dropped:
        yield Finding(
            title=f"the result of `{site.text.partition('(')[0][:30]}` is never read",
            at=Label(site, "computed, and dropped"),
            because=(Label(instead, "takes its place without reading it"),),
            note="the output is what it would be without this call: no gradient comes back through it",
        )


def _without_result(definition: ModuleDefinition) -> Finding:
    last = definition.definition.no_result
    assert last is not None
    name = last.text.partition("=")[0].strip()
    return Finding(
        title=f"the `forward` of `{definition.name[:20]}` returns nothing",
        at=Label(last, "the last value is dropped"),
        note="the output is `None`: the loss raises",
        fix=Fix(
            f"return the value: `return {name}`", (Edit(EditKind.INSERT_AFTER, last, f"return {name}"),), Safety.SAFE
        ),
    )
