"""Fixes for a use, as a row of the tables asks for them."""

import re

from lrcheck.events import ApiUse, Argument
from lrcheck.findings import Edit, EditKind, Fix
from lrcheck.knowledge.deprecated import Deprecation, Kind, Repair

from ._arguments import code, positional, spelled, starred


def repair(row: Deprecation, use: ApiUse, argument: Argument | None = None) -> Fix | None:
    """The fix that a row asks for, where this use allows it."""
    edit = _EDITS[row.repair](row, use, argument)
    if edit is None:
        return None
    return Fix(f"{_VERBS.get(row.repair, 'write')} `{edit.text or row.keyword}`", (edit,), row.safety)


def _rename_callee(row: Deprecation, use: ApiUse, _: Argument | None) -> Edit | None:
    text = spelled(row.replacement, use)
    return Edit(EditKind.REPLACE, use.callee, text) if use.callee and text else None


def _rename_method(row: Deprecation, use: ApiUse, _: Argument | None) -> Edit | None:
    site = use.callee if use.called else use.callee or use.site
    if site is None or use.receiver_site is None or not use.receiver_site.text:
        return None
    return Edit(EditKind.REPLACE, site, f"{use.receiver_site.text}.{row.replacement.rpartition('.')[2]}")


def _rename_keyword(row: Deprecation, _: ApiUse, argument: Argument | None) -> Edit | None:
    if argument is None or argument.keyword is None:
        return None
    return Edit(EditKind.RENAME_KEYWORD, argument.site, row.replacement)


def _drop_argument(_: Deprecation, use: ApiUse, argument: Argument | None) -> Edit | None:
    given = positional(use)
    if argument is None or (argument in given and argument != given[-1]) or starred(use):
        return None
    return Edit(EditKind.REMOVE_ARGUMENT, argument.site)


def _add_argument(row: Deprecation, use: ApiUse, _: Argument | None) -> Edit | None:
    return Edit(EditKind.ADD_ARGUMENT, use.site, row.replacement)


def _template(row: Deprecation, use: ApiUse, _: Argument | None) -> Edit | None:
    if not use.called and row.kind is not Kind.ATTRIBUTE:
        return None
    text = row.replacement
    if head := re.match(r"(?:torch|torchvision)(?:\.\w+)+", text):
        local = spelled(head.group(), use)
        if local is None:
            return None
        text = local + text[head.end() :]
    filled = _filled(text, use)
    return Edit(EditKind.REPLACE, use.site, filled) if filled else None


def _filled(text: str, use: ApiUse) -> str | None:
    given = positional(use)
    if "{**}" in text and (given or starred(use)):
        return None
    if "{*}" not in text and "{**}" not in text and (starred(use) or len(given) != len(use.arguments)):
        return None
    everything = ", ".join(_written(argument) for argument in use.arguments)
    for mark in ("{*}", "{**}"):
        if not everything:
            text = text.replace(", " + mark, "").replace(mark + ", ", "")
        text = text.replace(mark, everything)
    if "{self}" in text and use.receiver_site is None:
        return None
    text = text.replace("{self}", use.receiver_site.text if use.receiver_site else "")
    wanted = {int(number) for number in re.findall(r"\{(\d)\}", text)}
    if wanted and wanted != set(range(len(given))):
        return None
    return re.sub(r"\{(\d)\}", lambda match: code(given[int(match.group(1))]), text)


def _written(argument: Argument) -> str:
    keyword = f"{argument.keyword}=" if argument.keyword else ""
    return f"{keyword}{argument.star}{code(argument)}"


def _nothing(_: Deprecation, _use: ApiUse, _argument: Argument | None) -> Edit | None:
    return None


_EDITS = {
    Repair.NONE: _nothing,
    Repair.RENAME_CALLEE: _rename_callee,
    Repair.RENAME_METHOD: _rename_method,
    Repair.RENAME_KEYWORD: _rename_keyword,
    Repair.DROP_ARGUMENT: _drop_argument,
    Repair.ADD_ARGUMENT: _add_argument,
    Repair.TEMPLATE: _template,
}
_VERBS = {
    Repair.RENAME_KEYWORD: "rename the argument to",
    Repair.DROP_ARGUMENT: "drop the argument",
    Repair.ADD_ARGUMENT: "add",
}
