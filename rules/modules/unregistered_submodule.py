"""Layers kept in a list or dict, where the module does not see them.

`nn.Module` registers what is assigned to an attribute directly. Layers in a plain list or dict are missing from
`parameters()`, `state_dict()`, `.to(device)` and `.train()`: they keep their random weights while the rest learns. The same
holds for a tensor with `requires_grad=True` that is no `nn.Parameter`.

Example:

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = [nn.Linear(20, 20), nn.Linear(20, 4)]  # error

        def forward(self, x):
            for layer in self.layers:
                x = layer(x)
            return x

    net = Net()

Use instead:

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.ModuleList([nn.Linear(20, 20), nn.Linear(20, 4)])

        def forward(self, x):
            for layer in self.layers:
                x = layer(x)
            return x

    net = Net()

Not reported: layers that are registered as well.

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.last = nn.Linear(20, 20), nn.Linear(20, 4)
            self.layers = [self.first, self.last]

    class Built(nn.Module):
        def __init__(self):
            super().__init__()
            self.parts = [nn.Linear(20, 20), nn.Linear(20, 4)]
            self.net = nn.Sequential(*self.parts)

    net, built = Net(), Built()

Not reported: layers added by name, or handed to the optimizer by hand.

    class Named(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = [nn.Linear(20, 20)]
            for number, layer in enumerate(self.layers):
                setattr(self, f"layer{number}", layer)

    class Hidden(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = [nn.Linear(20, 20)]

    named, hidden = Named(), Hidden()
    optimizer = torch.optim.SGD(hidden.layers[0].parameters(), lr=0.1)

Not reported: a module kept out of sight on purpose, made elsewhere; layers without parameters.

    class Student(nn.Module):
        def __init__(self, teacher):
            super().__init__()
            self.teacher = [teacher]
            self.activations = [nn.ReLU(), nn.Tanh()]

    student = Student(nn.Linear(20, 4))

At run time: `len(list(model.parameters()))` is too small; these weights never change.
"""

from collections.abc import Iterator

from lrcheck.events import ModuleDefinition
from lrcheck.facts import HiddenPart
from lrcheck.findings import Finding, Fix, Label, Safety
from lrcheck.fixing import code, replace
from lrcheck.rule import rule

_CONTAINERS = {"list": "ModuleList", "dict": "ModuleDict", "tensor": "Parameter"}


@rule("LR405")
def check(definition: ModuleDefinition) -> Iterator[Finding]:
    for part in definition.definition.hidden:
        if part.kind == "object":
            yield _plain(part)
            continue
        container = f"{part.prefix or 'nn'}.{_CONTAINERS[part.kind]}"
        wrapped = f"{container}({part.made.text})"
        what = "a tensor" if part.kind == "tensor" else f"layers in a {part.kind}"
        yield Finding(
            title=f"`{part.attribute[:20]}` holds {what} that stays untrained",
            at=Label(part.made, "`parameters()` does not look here"),
            note="the optimizer never sees these weights; `.to(device)` and `state_dict()` skip them",
            help=f"use `{container}`",
            fix=Fix(f"register them: {code(wrapped)}", replace(part.made, wrapped), Safety.SAFE)
            if part.prefix
            else None,
        )


def _plain(part: HiddenPart) -> Finding:
    """The layers are attributes of an object that is no module."""
    return Finding(
        title=f"`{part.attribute[:20]}` holds layers that stay untrained",
        at=Label(part.made, f"`{part.example}` is no `nn.Module`: `parameters()` does not look into it"),
        note="the optimizer never sees these weights; `.to(device)` and `state_dict()` skip them",
        help=f"derive `{part.example}` from `nn.Module`, and keep several in a `ModuleList`",
    )
