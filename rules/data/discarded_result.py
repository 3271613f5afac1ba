"""A tensor moved or converted, and the result dropped.

`x.to(device)`, `x.cuda()`, `x.float()` give a copy. As statements of their own they do nothing: `x` stays where it was, and the
model raises `Expected all tensors to be on the same device`. (Modules are different: `model.to(device)` works in place.)

Example:

    weights = torch.ones(4)
    weights.to("cpu")  # error
    weights.double()  # error

Use instead:

    weights = torch.ones(4)
    weights = weights.to("cpu").double()

Not reported: a module, which moves in place.

    net = nn.Linear(20, 4)
    net.to("cpu")

Not reported: something that is not known to be a tensor (an encoding of `transformers` moves in place).

    batch.to("cpu")

At run time: the device or type of the tensor does not change.
"""

from collections.abc import Iterator

from lrcheck.events import ApiUse
from lrcheck.findings import Finding, Fix, Label, Safety
from lrcheck.fixing import code, replace
from lrcheck.knowledge.pure import MOVES
from lrcheck.rule import rule

_MOVES = frozenset(f"torch.Tensor.{name}" for name in MOVES)


@rule("LR504")
def check(use: ApiUse) -> Iterator[Finding]:
    if not use.discarded or use.name not in _MOVES:
        return
    kept = f"{use.receiver_site.text} = {use.site.text}" if use.receiver_site is not None else ""
    yield Finding(
        title=f"the result of `{use.name.rpartition('.')[2]}` is dropped",
        at=Label(use.site, "gives a copy; the tensor stays as it is"),
        note="the tensor is neither moved nor converted",
        help="assign the result",
        fix=Fix(f"assign the result: {code(kept)}", replace(use.site, kept), Safety.SAFE) if kept else None,
    )
