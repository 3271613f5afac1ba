"""An attribute that the model does not have.

A misspelt method (`model.paramters()`) or a layer that goes by another name raises `AttributeError`: at once, in the first
forward pass, or after a whole epoch, where the line that shows the weights is reached. So does calling what has no `forward`.

Example:

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(20, 4)
            self.layers = nn.ModuleList([nn.Linear(4, 4), nn.ReLU()])

        def forward(self, x):
            return self.layers(self.fc1(x))  # error

    net = Net()
    optimizer = torch.optim.SGD(net.paramters(), lr=0.1)  # error
    print(net.weight)  # error

Use instead:

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(20, 4)

        def forward(self, x):
            return self.fc(x)

    net = Net()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    print(net.fc.weight)

Not reported: an attribute that is set elsewhere, from outside, or under a computed name.

    class Net(nn.Module):
        def forward(self, x):
            return self.scale * self.head(x)

        def attach(self, head):
            self.head = head

    net = Net()
    net.scale = 2.0

    class Dynamic(nn.Module):
        def __init__(self, names):
            super().__init__()
            for name in names:
                setattr(self, name, nn.Linear(20, 4))

        def forward(self, x):
            return self.first(x)

Not reported: a class that answers for any attribute, or that has an unknown base.

    class Wrapper(nn.Module):
        def __getattr__(self, name):
            return super().__getattr__(name)

    print(Wrapper().anything, type("Other", (library.Base,), {})().anything)

Not reported: an object that came from elsewhere, unless a name is nearly right.

    class Part(nn.Module):
        def forward(self, x):
            return self.criterion(x)

At run time: `AttributeError: 'Net' object has no attribute ...`.
"""

import difflib
from collections.abc import Iterator

from lrcheck.events import UnknownAttribute
from lrcheck.findings import Finding, Fix, Label, Safety
from lrcheck.fixing import replace
from lrcheck.rule import rule


@rule("LR412")
def check(use: UnknownAttribute) -> Iterator[Finding]:
    if not use.known:
        yield _called(use)
        return
    inside = [f"{part}.{use.name}" for part, _ in use.parts]
    near = inside if len(inside) == 1 else _close(use.name, use.known)
    if not near and not use.complete:
        return
    better = near[0] if near else ""
    yield Finding(
        title=f"`{_short(use.owner)}` has no attribute `{_short(use.name)}`",
        at=Label(use.site, "nothing sets it"),
        because=(Label(use.definition, "defined here"),) if use.definition is not None else (),
        note="raises `AttributeError` when this line is reached",
        help="" if better else f"set `self.{use.name}` in `__init__`",
        fix=Fix(f"write `{better}`", replace(use.site, better), Safety.SAFE) if better else None,
    )


def _called(use: UnknownAttribute) -> Finding:
    container = use.owner.startswith("an `")
    return Finding(
        title=f"`{_short(use.name)}` is {use.owner}, and it is called",
        at=Label(use.site, "has no `forward`" if container else "cannot be called"),
        because=(Label(use.definition, "made here"),) if use.definition is not None else (),
        note=f"raises `{'NotImplementedError' if container else 'TypeError'}` when this line is reached",
        help="call its layers: `for layer in layers: x = layer(x)`" if container else "index it, or remove the `(...)`",
    )


def _close(name: str, known: frozenset[str]) -> list[str]:
    """The one name that is nearly the same; digits at the end count layers and are no slip of the pen."""
    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.86)
    return [other for other in near if other.rstrip("0123456789") != name.rstrip("0123456789")]


def _short(name: str) -> str:
    return name if len(name) <= 18 else f"{name[:15]}..."
