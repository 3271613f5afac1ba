"""The forward method called by name.

`model(x)` runs `forward` and everything attached to the module: hooks, `torch.compile`, weight and spectral norm, pruning,
`DataParallel`. `model.forward(x)` runs `forward` alone, and all of that is silently left out.

Example:

    net = nn.Sequential(nn.Linear(20, 4))
    out = net.forward(x)  # error

Use instead:

    net = nn.Sequential(nn.Linear(20, 4))
    out = net(x)

Not reported: a class that builds on its own or its base's `forward`.

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(20, 4)

        def forward(self, x):
            return self.fc(x)

        def predict(self, x):
            return self.forward(x).argmax(dim=1)

    class Doubled(Net):
        def forward(self, x):
            return 2 * super().forward(x)

Not reported: a `forward` of something that is no module.

    out = planner.forward(x)

At run time: hooks do not fire.
"""

from collections.abc import Iterator

from lrcheck.events import ApiUse
from lrcheck.findings import Finding, Fix, Label, Level, Safety
from lrcheck.fixing import code, replace
from lrcheck.rule import rule


@rule("LR406", Level.WARNING)
def check(use: ApiUse) -> Iterator[Finding]:
    if use.name != "torch.nn.Module.forward" or use.callee is None or use.receiver_site is None:
        return
    model = use.receiver_site.text
    yield Finding(
        title="`forward` is called directly",
        at=Label(use.callee, "hooks and wrappers are left out"),
        note="hooks, `torch.compile` and parametrisations of the module do not run",
        fix=Fix(f"call the module: {code(model)}", replace(use.callee, model), Safety.SAFE),
    )
