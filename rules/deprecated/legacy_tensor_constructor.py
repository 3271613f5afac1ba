"""A tensor made by `torch.Tensor(...)`, `torch.LongTensor(...)`, ....

These constructors take a size or data, and tell them apart by type: `torch.Tensor([5])` holds the number 5,
`torch.Tensor(5)` five numbers that happen to be in memory. `torch.tensor` and `torch.empty` say which.

Example:

    x = torch.Tensor([[1.0], [2.0]])  # error
    y = torch.LongTensor([0, 1])  # error
    noise = torch.Tensor(5)  # error

Use instead:

    x = torch.tensor([[1.0], [2.0]])
    y = torch.tensor([0, 1], dtype=torch.int64)
    noise = torch.empty(5)

A name that is `torch.cuda.FloatTensor` on some machines only is reported, and left to you.

Not reported: the classes as types.

    print(isinstance(torch.zeros(2), torch.Tensor))
    y = torch.zeros(2).type(torch.LongTensor)

At run time: nothing for types of the CPU, a warning for `torch.cuda.FloatTensor(...)`.
"""

import re
from collections.abc import Iterator

from lrcheck.events import ApiUse
from lrcheck.findings import Edit, EditKind, Finding, Fix, Label, Level, Safety
from lrcheck.knowledge import target
from lrcheck.knowledge.deprecated import CTOR, TENSOR_TYPES
from lrcheck.rule import rule

from ._arguments import code, spelled, starred

SINCE = "0.4"
FLOATS = re.compile(r"\d\.|\.\d|\de-?\d")


@rule("LR607", Level.INFO)
def check(use: ApiUse) -> Iterator[Finding]:
    if use.name != CTOR and use.name not in TENSOR_TYPES:
        return
    if not use.called or not target.get().reaches(use.name, SINCE):
        return
    sizes = _gives_size(use)
    fix = _fix(use, sizes)
    yield Finding(
        title=f"`{use.name}` is a legacy constructor",
        at=Label(use.callee or use.site, "a number is taken for a size" if sizes else "takes a size or data"),
        note="the elements are not initialised"
        if sizes
        else "the element type is fixed by the name, whatever the data",
        help="" if fix else _help(use, sizes),
        fix=fix,
        level=Level.WARNING if use.name.startswith("torch.cuda.") else None,
    )


def _gives_size(use: ApiUse) -> bool:
    """Numbers, or several arguments: data is one argument."""
    plain = [argument for argument in use.arguments if argument.keyword is None and not argument.star]
    if len(plain) != len(use.arguments) or not plain:
        return False
    return all((isinstance(each.value, int) and each.known) or (len(plain) > 1 and not each.known) for each in plain)


def _help(use: ApiUse, sizes: bool) -> str:
    dtype = TENSOR_TYPES.get(use.name, "torch.float32")
    if sizes:
        return f"use `torch.empty(size, dtype={dtype})`, or `torch.full` where one value follows"
    return f"use `torch.tensor(data, dtype={dtype})`, or `torch.empty(size, dtype={dtype})` if a size is meant"


def _fix(use: ApiUse, sizes: bool) -> Fix | None:
    """`torch.empty` for sizes, `torch.tensor` for a list that stands there."""
    module = spelled("torch", use)
    if (
        module is None
        or use.callee is None
        or spelled(use.name, use) != use.callee.text
        or starred(use)
        or any(argument.keyword for argument in use.arguments)
    ):
        return None
    texts = [code(argument) for argument in use.arguments]
    dtype = TENSOR_TYPES.get(use.name)
    extra = f", dtype={module}{dtype.removeprefix('torch')}" if dtype else ""
    if use.name.startswith("torch.cuda."):
        extra += ', device="cuda"'
    if sizes:
        text = f"{module}.empty({', '.join(texts)}{extra})"
    elif len(texts) == 1 and texts[0].startswith(("[", "(")):
        if not dtype and not FLOATS.search(texts[0]):
            extra = f", dtype={module}.float32"
        text = f"{module}.tensor({texts[0]}{extra})"
    else:
        return None
    return Fix(f"write `{text}`", (Edit(EditKind.REPLACE, use.site, text),), Safety.SAFE)
