"""Functional dropout that ignores the mode of the model.

`F.dropout` has `training=True` as its default. Without `training=self.training` it goes on dropping in evaluation:
predictions are random, and accuracy is measured on a damaged model.

Example:

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(20, 4)

        def forward(self, x):
            return self.fc(F.dropout(x, 0.5))  # error

Use instead:

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(20, 4)

        def forward(self, x):
            return self.fc(F.dropout(x, 0.5, training=self.training))

A dropout layer that is made in `forward` is new in each pass, and a new layer is in training mode.

    class Made(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(20, 4)

        def forward(self, x):
            return self.fc(nn.Dropout(0.5)(x))  # error

    class Switched(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(20, 4)

        def forward(self, x):
            return self.fc(nn.Dropout(0.5).train(self.training)(x))

Attention drops a share of its weights, also in evaluation.

    class Attention(nn.Module):
        def __init__(self, share=0.1):
            super().__init__()
            self.share = share

        def forward(self, q):
            return F.scaled_dot_product_attention(q, q, q, dropout_p=self.share)  # error

Not reported: a mode that is given, also on purpose (Monte Carlo dropout).

    sampled = F.dropout(x, 0.5, training=True)
    other = F.dropout(x, 0.5, is_training)
    mixed = F.scaled_dot_product_attention(x, x, x, dropout_p=0.1 if is_training else 0.0)

Not reported: a probability that the caller chooses, who may pass 0 in evaluation.

    def attend(weights, value, dropout_p):
        return F.dropout(weights, p=dropout_p) @ value

Not reported: noise in the training loop, which no evaluation passes through.

    net = nn.Linear(20, 20)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, _ in batches:
        optimizer.zero_grad()
        F.mse_loss(net(F.dropout(x, 0.3)), x).backward()
        optimizer.step()

Not reported: arguments that are unpacked.

    dropped = F.dropout(x, **options)

At run time: two passes in evaluation mode disagree.
"""

from collections.abc import Iterator

from lrcheck.events import ApiUse
from lrcheck.findings import Finding, Fix, Label, Safety
from lrcheck.fixing import add_argument, replace
from lrcheck.knowledge.operations import DROPOUT_LAYERS
from lrcheck.knowledge.pure import ATTENTION, DROPOUTS
from lrcheck.rule import rule


@rule("LR408")
def check(use: ApiUse) -> Iterator[Finding]:
    if use.name in DROPOUT_LAYERS and not use.statement:
        yield _always(use, Label(use.site, "made in `forward`: new layers are in training mode"), "layer", _ONCE)
    if use.name == ATTENTION and use.callee is not None:  # where the share stands
        mode = f"{use.callee.text} if {use.owner}.training else 0"
        fix = Fix(f"follow the mode of the model: `{mode}`", replace(use.callee, mode), Safety.SAFE)
        yield _always(use, Label(use.callee, "dropped in either mode"), "call", _MODE, fix)
    if use.name not in DROPOUTS or use.statement or any(argument.star for argument in use.arguments):
        return
    positional = [argument for argument in use.arguments if argument.keyword is None]
    if len(positional) > 2 or any(argument.keyword == "training" for argument in use.arguments):
        return
    mode = f"training={use.owner}.training"
    fix = Fix(f"follow the mode of the model: `{mode}`", add_argument(use.site, mode), Safety.SAFE)
    yield _always(use, Label(use.site, "`training=True` is the default"), "call", _MODE, fix if use.owner else None)


_ONCE = "make it once, in `__init__`"
_MODE = "pass the mode: `training=self.training`"


def _always(use: ApiUse, at: Label, what: str, cure: str, fix: Fix | None = None) -> Finding:
    return Finding(
        title=f"`{use.name.rpartition('.')[2]}` also drops in evaluation",
        at=at,
        note=f"predictions are random: `model.eval()` does not reach this {what}",
        help=cure,
        fix=fix,
    )
