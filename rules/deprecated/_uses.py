"""From a row of the tables and a use of its name to a finding."""

from collections.abc import Iterator

from lrcheck.events import ApiUse, Argument
from lrcheck.facts import TensorFacts
from lrcheck.findings import Finding, Label, Level
from lrcheck.knowledge import target
from lrcheck.knowledge.deprecated import Deprecation, Kind, Repair, about

from ._arguments import argument_of, positional, starred
from ._repairs import repair


def findings(use: ApiUse, code: str) -> Iterator[Finding]:
    """The findings of one rule about one use, as its rows say."""
    for row in about(use.name):
        if row.rule != code or not target.get().reaches(row.name, row.since):
            continue
        if not _applies(row, use):
            continue
        argument = argument_of(use, row.keyword, row.position) if row.keyword else None
        fix = repair(row, use, argument)
        yield Finding(
            title=f"{_subject(row)} {_verdict(row)}",
            at=Label(argument.site if argument else use.callee or use.site, _history(row)),
            note=_effect(row),
            help="" if fix else _advice(row),
            fix=fix,
            level=level_of(row),
        )


def level_of(row: Deprecation) -> Level:
    """Error where the target has it no longer, warning where torch warns, information where it is only old."""
    if removed(row):
        return Level.ERROR
    return Level.WARNING if row.warns or row.removed_in else Level.INFO


def removed(row: Deprecation) -> bool:
    """Whether the target release has it no longer."""
    return row.removed_in is not None and target.get().reaches(row.name, row.removed_in)


def _applies(row: Deprecation, use: ApiUse) -> bool:
    if row.kind is Kind.KEYWORD:
        return argument_of(use, row.keyword, row.position) is not None
    if row.kind is Kind.POSITIONAL:
        return use.called and row.position is not None and len(positional(use)) > row.position
    if row.kind is Kind.VALUE:
        return _has_value(argument_of(use, row.keyword, row.position), row.value)
    if row.kind is Kind.MISSING:
        return use.called and not starred(use) and argument_of(use, row.keyword, row.position) is None
    if row.kind is Kind.CALL:
        return use.called
    return not use.assigned


def _has_value(argument: Argument | None, value: object) -> bool:
    if argument is None:
        return False
    if isinstance(argument.value, TensorFacts):
        return argument.value.dtype is value
    return argument.known and argument.value is value


def _subject(row: Deprecation) -> str:
    word = row.name.rpartition(".")[2]
    if row.kind is Kind.KEYWORD:
        return f"`{row.keyword}=` of `{word}`"
    if row.kind is Kind.POSITIONAL:
        return f"this order of arguments of `{word}`"
    if row.kind is Kind.VALUE:
        return f"this `{row.keyword}` of `{word}`"
    if row.kind is Kind.MISSING:
        return f"`{word}` without `{row.keyword}=`"
    two = ".".join(row.name.split(".")[-2:])
    return f"`{two}`" if len(two) <= 40 else f"`{word}`"


def _verdict(row: Deprecation) -> str:
    if row.kind is Kind.MISSING:
        return "raises" if removed(row) else "warns"
    if removed(row):
        return "was removed"
    return "is deprecated" if row.warns or row.removed_in else "is legacy"


def _history(row: Deprecation) -> str:
    if removed(row):
        return f"{row.package} {row.removed_in} removed it"
    if row.warns or row.removed_in:
        return f"deprecated since {row.package} {row.since}"
    return f"{row.package} {row.since} brought its successor"


def _effect(row: Deprecation) -> str:
    if removed(row):
        return f"this raises under {row.package} {target.get().of(row.name)}"
    if row.warns:
        return f"{row.package} {target.Target().of(row.name)} warns about it"
    if row.removed_in:
        return f"{row.package} {row.removed_in} removed it"
    return "it works and emits no warning"


def _advice(row: Deprecation) -> str:
    if row.replacement and row.repair in (Repair.NONE, Repair.RENAME_CALLEE, Repair.RENAME_METHOD):
        return f"use `{row.replacement}`" + (f": {row.why}" if row.why else "")
    return f"write it by hand: {row.why}" if row.why else f"use `{row.replacement}`" if row.replacement else "remove it"
