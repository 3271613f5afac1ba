"""API that torchvision removed or deprecated.

`transforms.Scale` and `RandomSizedCrop` were removed in torchvision 0.12, `resample=` and `fillcolor=` in 0.14. `pretrained=` of
the models is deprecated since 0.13: `weights=` says which weights are meant, and `pretrained=True` means the first ones,
which are not the best ones.

Example:

    from torchvision import models

    net = models.resnet18(pretrained=False)  # error
    resize = transforms.Scale(32)  # error

Use instead:

    from torchvision import models

    net = models.resnet18(weights=None)
    resize = transforms.Resize(32)

Not reported: `pretrained=` of other packages.

    def resnet18(pretrained):
        return nn.Linear(8, 3)


    net = resnet18(pretrained=True)

At run time: `AttributeError: module 'torchvision.transforms' has no attribute 'Scale'`, or a warning about `pretrained`.
"""

from collections.abc import Iterator

from lrcheck.events import ApiUse, Argument
from lrcheck.findings import Edit, EditKind, Finding, Fix, Label, Level, Safety
from lrcheck.knowledge import target
from lrcheck.knowledge.deprecated import BUILDERS
from lrcheck.rule import rule

from ._arguments import argument_of, code, positional, starred
from ._uses import findings

SINCE = "0.13"


@rule("LR610")
def check(use: ApiUse) -> Iterator[Finding]:
    yield from findings(use, "LR610")
    if use.name not in BUILDERS or not use.called or not target.get().reaches(use.name, SINCE):
        return
    for old, (new, weights) in BUILDERS[use.name].items():
        argument = _flag(use, old)
        if argument is not None:
            yield _pretrained(use, argument, old, new, weights)


def _flag(use: ApiUse, old: str) -> Argument | None:
    """The argument by its old name, or a plain True or False in the first place."""
    argument = argument_of(use, old)
    given = positional(use)
    if argument is None and old == "pretrained" and given and given[0].known and isinstance(given[0].value, bool):
        return given[0]
    return argument


def _pretrained(use: ApiUse, argument: Argument, old: str, new: str, weights: str | None) -> Finding:
    value = _value(argument, weights)
    fix = None
    if value is not None and not starred(use) and argument_of(use, new) is None:
        edit = Edit(EditKind.REPLACE, argument.site, f"{new}={value}")
        fix = Fix(f"write `{new}={value}`", (edit,), Safety.SAFE)
    return Finding(
        title=f"`{old}=` is deprecated",
        at=Label(argument.site, f"`{new}=` replaced it in torchvision {SINCE}"),
        note=f'`{old}=True` means `{new}="{weights}"`' if weights else "",
        help="" if fix else f"use `{new}=`",
        fix=fix,
        level=Level.WARNING,
    )


def _value(argument: Argument, weights: str | None) -> str | None:
    """The value of the new argument: by the constant, or decided where the program runs."""
    if argument.known and not argument.value:
        return "None"
    if weights is None:
        return None
    if argument.known:
        return f'"{weights}"'
    text = code(argument)
    condition = f"({text})" if " if " in text or "lambda" in text or ":=" in text else text
    return f'"{weights}" if {condition} else None' if text else None
