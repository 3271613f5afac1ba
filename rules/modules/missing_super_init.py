"""Submodules set before the module itself is initialised.

`nn.Module.__init__` creates the places where submodules and parameters are registered. Without the call, or before it, the
first `self.layer = ...` raises `AttributeError: cannot assign module before Module.__init__() call`.

Example:

    class Net(nn.Module):
        def __init__(self):
            self.fc = nn.Linear(20, 4)  # error

        def forward(self, x):
            return self.fc(x)

Use instead:

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(20, 4)

        def forward(self, x):
            return self.fc(x)

Not reported: plain values set first.

    class Net(nn.Module):
        def __init__(self):
            self.size = 20
            super(Net, self).__init__()
            self.fc = nn.Linear(20, 4)

Not reported: a class without a constructor, or one whose base calls it.

    class Base(nn.Module):
        def __init__(self):
            nn.Module.__init__(self)

    class Net(Base):
        def __init__(self):
            Base.__init__(self)
            self.fc = nn.Linear(20, 4)

Not reported: a base that is not known.

    class Net(library.Base):
        def __init__(self):
            self.fc = nn.Linear(20, 4)

At run time: `AttributeError: cannot assign module before Module.__init__() call`.
"""

from collections.abc import Iterator

from lrcheck.events import ModuleDefinition
from lrcheck.facts import DefinitionFacts
from lrcheck.findings import Edit, EditKind, Finding, Fix, Label, Safety, Site
from lrcheck.rule import rule

_CALL = "super().__init__()"


@rule("LR403")
def check(definition: ModuleDefinition) -> Iterator[Finding]:
    facts = definition.definition
    if not facts.early:
        return
    name, site = facts.early[0]
    when = "is called later" if facts.initialised else "is never called"
    yield Finding(
        title=f"`{name[:20]}` is set before `{_CALL}`",
        at=Label(site, f"`{_CALL}` {when}"),
        because=tuple(
            Label(place, text)
            for place, text in ((facts.init, "in this constructor"), (facts.late, "too late"))
            if place is not None
        ),
        note="raises `AttributeError` when the model is made",
        help=f"call `{_CALL}` first",
        fix=_fix(facts, site),
    )


def _fix(facts: DefinitionFacts, site: Site) -> Fix | None:
    if not facts.initialised:
        return Fix(f"call `{_CALL}` first", (Edit(EditKind.INSERT_BEFORE, site, _CALL),), Safety.SAFE)
    if facts.late is None:
        return None
    move = Edit(EditKind.MOVE_BEFORE, facts.late, other=site)
    return Fix(f"move `{facts.late.text}` before it", (move,), Safety.SAFE)
