"""Losses given `size_average` or `reduce`.

`reduction=` replaced both in torch 0.4.1. They still work, with a warning, and they override `reduction=` without saying
so: `nn.BCELoss(size_average=False, reduction="mean")` returns the sum. With `None`, their default, they change nothing.

Example:

    criterion = nn.MSELoss(size_average=False)  # error
    criterion = nn.MSELoss(reduce=False)  # error
    criterion = nn.MSELoss(size_average=False, reduction="mean")  # error
    criterion = nn.BCELoss(size_average=None)  # error

Use instead:

    criterion = nn.MSELoss(reduction="sum")
    criterion = nn.MSELoss(reduction="none")
    criterion = nn.BCELoss()

Not reported: losses of the program itself may have such an argument.

    class Loss(nn.Module):
        def __init__(self, size_average):
            super().__init__()
            self.size_average = size_average


    criterion = Loss(size_average=False)

At run time: `UserWarning: size_average and reduce args will be deprecated`, once, and a loss of another scale than
`reduction=` says.
"""

from collections.abc import Iterator

from lrcheck.events import ApiUse, Argument
from lrcheck.facts import TensorFacts
from lrcheck.findings import Edit, EditKind, Finding, Fix, Label, Level, Safety
from lrcheck.knowledge import target
from lrcheck.knowledge.deprecated import LEGACY_REDUCTION
from lrcheck.rule import rule

from ._arguments import argument_of, positional, starred

SINCE = "0.4.1"


@rule("LR601", Level.WARNING)
def check(use: ApiUse) -> Iterator[Finding]:
    positions = LEGACY_REDUCTION.get(use.name)
    if positions is None or not use.called or not target.get().reaches(use.name, SINCE):
        return
    average, reduce, reduction = (
        argument_of(use, keyword, position)
        for keyword, position in zip(("size_average", "reduce", "reduction"), positions, strict=True)
    )
    given = [argument for argument in (average, reduce) if argument is not None]
    if not given or any(isinstance(argument.value, TensorFacts) for argument in given):
        return  # `nn.MSELoss(out, y)`: see LR421
    if all(argument.known and argument.value is None for argument in given):
        yield _without_effect(use, given)
        return
    known = all(argument.known for argument in given) and not starred(use)
    meant = _reduction(average, reduce) if known else None
    fix = _fix(use, given, reduction, meant) if meant else None
    yield Finding(
        title=f"`{_name(given[0], average)}` is deprecated",
        at=Label(given[0].site, f"means `reduction={meant!r}`" if meant else "`reduction=` replaced it"),
        because=(Label(reduction.site, "this has no effect"),) if reduction and meant else (),
        note="it overrides `reduction=`" if meant else "it overrides `reduction=` where it is not None",
        help="" if fix else 'give `reduction="mean"`, `"sum"` or `"none"`',
        fix=fix,
    )


def _without_effect(use: ApiUse, given: list[Argument]) -> Finding:
    fix = _fix(use, given, None, "mean")
    return Finding(
        title=f"`{given[0].keyword or 'size_average'}=None` changes nothing",
        at=Label(given[0].site, "None is the default of this deprecated argument"),
        note="the loss is the mean either way",
        help="" if fix else "leave it out",
        fix=fix,
        level=Level.INFO,
    )


def _reduction(average: Argument | None, reduce: Argument | None) -> str:
    """What torch makes of the two: both are True where they are not given."""
    if reduce is not None and reduce.value is not None and not reduce.value:
        return "none"
    return "sum" if average is not None and average.value is not None and not average.value else "mean"


def _fix(use: ApiUse, given: list[Argument], reduction: Argument | None, meant: str) -> Fix | None:
    """Set `reduction` where it differs from the default, and drop the rest."""
    if starred(use) or _moves_others(given, positional(use)):
        return None
    edits = [Edit(EditKind.REMOVE_ARGUMENT, argument.site) for argument in given]
    if reduction is not None:
        edits.append(Edit(EditKind.REPLACE, reduction.site, f'reduction="{meant}"'))
    elif meant != "mean":
        edits[-1] = Edit(EditKind.REPLACE, given[-1].site, f'reduction="{meant}"')
    dropped = ", ".join(argument.keyword or argument.site.text for argument in given)
    message = f"drop `{dropped}`" if meant == "mean" and reduction is None else f'write `reduction="{meant}"`'
    return Fix(message, tuple(edits), Safety.SAFE)


def _moves_others(given: list[Argument], positions: list[Argument]) -> bool:
    """Whether positional arguments stand behind one that goes."""
    return any(argument in positions for argument in given) and positions[-1] not in given


def _name(argument: Argument, average: Argument | None) -> str:
    return argument.keyword or ("size_average" if argument is average else "reduce")
