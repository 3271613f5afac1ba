"""A tensor wrapped in `Variable`.

Since torch 0.4 every tensor records gradients by itself. `Variable(x)` emits no warning, and returns what `x.detach()` does: on
a batch it changes nothing, on the output of a model it cuts the gradient.

Example:

    from torch.autograd import Variable

    x = Variable(torch.randn(4, 8))  # error
    w = Variable(torch.randn(8), requires_grad=True)  # error

Use instead:

    x = torch.randn(4, 8)
    w = torch.randn(8, requires_grad=True)

Not reported: a type check; `Variable` is the class of all tensors.

    from torch.autograd import Variable

    print(isinstance(torch.randn(4), Variable))

Not reported: a wrapper with `volatile=`; see LR606.

    from torch.autograd import Variable

    x = Variable(torch.randn(4, 8), volatile=True)

Not reported: a loss wrapped again; see LR321.

    from torch.autograd import Variable

    loss = Variable(F.mse_loss(torch.randn(4), torch.randn(4)), requires_grad=True)

At run time: nothing, or parameters behind the wrapper that never change.
"""

from collections.abc import Iterator

from lrcheck.events import ApiUse, Argument
from lrcheck.facts import Form, TensorFacts
from lrcheck.findings import Edit, EditKind, Finding, Fix, Label, Level, Safety
from lrcheck.knowledge import target
from lrcheck.knowledge.deprecated import VARIABLE
from lrcheck.rule import rule

from ._arguments import argument_of, code, operand, starred

SINCE = "0.4"


@rule("LR604", Level.INFO)
def check(use: ApiUse) -> Iterator[Finding]:
    if use.name != VARIABLE or not use.called or not target.get().reaches(use.name, SINCE):
        return
    wrapped = argument_of(use, "data", 0)
    facts = wrapped.value if wrapped and isinstance(wrapped.value, TensorFacts) else TensorFacts()
    if facts.form is Form.LOSS or argument_of(use, "volatile", 2) is not None:
        return
    cut = facts.attached is True
    fix = _fix(use, wrapped, facts.attached)
    yield Finding(
        title="`Variable` cuts the gradient" if cut else "`Variable` is legacy",
        at=Label(use.site, "what is inside gets no gradient" if cut else "tensors record gradients since torch 0.4"),
        note="`Variable(x)` returns what `x.detach()` does, without a warning",
        help="" if fix else "remove the wrapper",
        fix=fix,
        level=Level.WARNING if cut else None,
    )


def _fix(use: ApiUse, wrapped: Argument | None, attached: bool | None) -> Fix | None:
    """The value itself where it has no gradient to lose."""
    if wrapped is None or starred(use):
        return None
    text = code(wrapped)
    flag = argument_of(use, "requires_grad", 1)
    if flag is not None and not flag.known:
        return None
    if flag is not None and flag.value is True:
        text = f"{operand(text)}.detach().requires_grad_()"
    elif attached is True:
        text = f"{operand(text)}.detach()"
    safety = Safety.SAFE if attached is not None or text != code(wrapped) else Safety.UNSAFE
    return Fix(f"write `{text}`", (Edit(EditKind.REPLACE, use.site, text),), safety)
