"""Code for torch before 0.4.

A loss was a vector of one element then, and `loss.data[0]` was its value; now a loss has no dimensions and the index raises.
`volatile=True` used to switch gradients off; now it has no effect, so an evaluation under it records the graph.

Example:

    from torch.autograd import Variable

    net = nn.Linear(8, 1)
    loss = F.mse_loss(net(torch.randn(4, 8)), torch.randn(4, 1))
    print(loss.data[0])  # error
    x = Variable(torch.randn(4, 8), volatile=True)  # error

Use instead:

    net = nn.Linear(8, 1)
    loss = F.mse_loss(net(torch.randn(4, 8)), torch.randn(4, 1))
    print(loss.item())
    with torch.no_grad():
        x = torch.randn(4, 8)

Not reported: the first element of what has elements.

    net = nn.Linear(8, 1)
    losses = F.mse_loss(net(torch.randn(4, 8)), torch.randn(4, 1), reduction="none")
    print(losses.data[0])

Not reported: `torch.autograd.variable`, once a function, as the module that it is.

    engine = torch.autograd.variable.Variable._execution_engine

At run time: `IndexError: invalid index of a 0-dim tensor`, or `UserWarning: volatile was removed and now has no effect`.
"""

from collections.abc import Iterator

from lrcheck.events import ApiUse
from lrcheck.facts import TensorFacts
from lrcheck.findings import Edit, EditKind, Finding, Fix, Label, Level, Safety
from lrcheck.knowledge import target
from lrcheck.knowledge.deprecated import DATA_ITEM, VARIABLE
from lrcheck.rule import rule

from ._arguments import argument_of, code, is_scalar, starred
from ._uses import findings

SINCE = "0.4"
RAISES_SINCE = "1.0"


@rule("LR606")
def check(use: ApiUse) -> Iterator[Finding]:
    if use.name == DATA_ITEM:
        yield from _scalar_index(use)
    elif use.name == VARIABLE:
        yield from _volatile(use)
    else:
        yield from findings(use, "LR606")


def _scalar_index(use: ApiUse) -> Iterator[Finding]:
    if not isinstance(use.receiver, TensorFacts) or not is_scalar(use.receiver):
        return
    if len(use.arguments) != 1 or use.arguments[0].value not in (0, -1) or not target.get().reaches(use.name, SINCE):
        return
    raises = target.get().reaches(use.name, RAISES_SINCE)
    value = f"{use.receiver_site.text}.item()" if use.receiver_site and use.receiver_site.text else ""
    fix = Fix(f"write `{value}`", (Edit(EditKind.REPLACE, use.site, value),), Safety.SAFE) if value else None
    yield Finding(
        title="a tensor without dimensions has no element 0",
        at=Label(use.site, "this raises IndexError" if raises else "this warns, and raises since torch 1.0"),
        note="training ends at the first report" if raises else "the number is right, with a warning each time",
        help="" if fix else "use `.item()`",
        fix=fix,
        level=Level.ERROR if raises else Level.WARNING,
    )


def _volatile(use: ApiUse) -> Iterator[Finding]:
    volatile = argument_of(use, "volatile", 2)
    if volatile is None or not target.get().reaches(use.name, SINCE):
        return
    wrapped = argument_of(use, "data", 0)
    fix = None
    if wrapped is not None and len(use.arguments) == 2 and not starred(use):
        edit = Edit(EditKind.REPLACE, use.site, code(wrapped))
        fix = Fix(f"write `{code(wrapped)}`", (edit,), Safety.SAFE)
    yield Finding(
        title="`volatile=` has no effect",
        at=Label(volatile.site, "torch 0.4 removed it"),
        note="gradients are recorded here; `with torch.no_grad():` around the evaluation switches them off",
        help="" if fix else "remove it",
        fix=fix,
        level=Level.WARNING,
    )
