"""Edits as a rule names them (`REMOVE_ARGUMENT` at a site) turned into edits of characters.

An edit that cannot be placed exactly is refused (`None`), never guessed: a missing fix costs a minute, a wrong one costs
trust. Every function works in offsets of the document's program; the document maps them to the user's file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import libcst as cst

from lrcheck.findings import Edit, EditKind, TextEdit
from lrcheck.static.document import Document, NodeSite
from lrcheck.static.places import Place, place_of, reindented

Change = tuple[int, int, str]
Changes = list[Change] | None

_ATOMS = (
    cst.Name, cst.Attribute, cst.Call, cst.Subscript, cst.Float, cst.Imaginary, cst.SimpleString, cst.FormattedString,
    cst.List, cst.Dict, cst.Set, cst.ListComp, cst.DictComp, cst.SetComp, cst.Ellipsis,
)  # fmt: skip
_LOOSE = (cst.Tuple, cst.NamedExpr, cst.Yield, cst.GeneratorExp, cst.Lambda)
_OPEN_CONTEXTS = (
    cst.Arg, cst.Assign, cst.AnnAssign, cst.AugAssign, cst.Return, cst.Expr, cst.Element, cst.Index, cst.If, cst.While,
    cst.DictElement, cst.Annotation, cst.Assert, cst.WithItem,
)  # fmt: skip
_KEYWORD = re.compile(r"\s*(\w+)\s*=(?!=)")


def locate(document: Document, edit: Edit) -> tuple[TextEdit, ...] | None:
    """The edits of the user's file that an edit of a finding stands for, or None where that is not certain."""
    if not document.layout.exact or not isinstance(edit.site, NodeSite):
        return None
    changes = _PLACERS[edit.kind](document, edit)
    if changes is None:
        return None
    found: list[TextEdit] = []
    for start, end, text in changes:
        mapped = document.edits(start, end, text)
        if mapped is None:
            return None
        found.extend(mapped)
    return tuple(found)


def _node(edit: Edit) -> cst.CSTNode:
    assert isinstance(edit.site, NodeSite)
    return edit.site.node


# -- expressions


def _replace(document: Document, edit: Edit) -> Changes:
    node = _node(edit)
    if isinstance(node, cst.Arg) and node.keyword is None and not node.star and _expression(edit.text) is not None:
        node = node.value
    start, end = document.range(node)
    if start == end:
        return None
    text = edit.text
    if isinstance(node, cst.BaseExpression) and not node.lpar and _needs_parentheses(document, node, text):
        text = f"({text})"
    return [(start, end, text)]


def _needs_parentheses(document: Document, node: cst.BaseExpression, text: str) -> bool:
    new = _expression(text)
    if new is None or new.lpar or isinstance(new, _ATOMS):
        return False
    parent = document.parent(node)
    if isinstance(new, _LOOSE):
        return not isinstance(parent, cst.Assign | cst.Return | cst.Expr)
    if isinstance(new, cst.Integer):
        return isinstance(parent, cst.Attribute)
    return not isinstance(parent, _OPEN_CONTEXTS)


def _expression(text: str) -> cst.BaseExpression | None:
    try:
        return cst.parse_expression(text.strip())
    except Exception:  # noqa: BLE001  # whatever is odd about the text, it is no expression
        return None


def _append(document: Document, edit: Edit) -> Changes:
    node = _node(edit)
    if isinstance(node, cst.Arg | cst.Element):
        node = node.value
    if not isinstance(node, cst.BaseExpression):
        return None
    start, end = document.layout.outer[id(node)]
    if node.lpar or isinstance(node, _ATOMS):
        return [(end, end, edit.text)]
    return [(start, start, "("), (end, end, ")" + edit.text)]


# -- arguments

Item = cst.Arg | cst.BaseElement | cst.BaseDictElement


def _item_of(document: Document, node: cst.CSTNode) -> tuple[Item, cst.CSTNode, Sequence[Item]] | None:
    """The argument or element that a node is, its call or display, and all items of that."""
    item: cst.CSTNode | None = node
    if not isinstance(node, cst.Arg | cst.BaseElement | cst.BaseDictElement):
        item = document.parent(node)
    if not isinstance(item, cst.Arg | cst.BaseElement | cst.BaseDictElement):
        return None
    owner = document.parent(item)
    items: Sequence[Item] = ()
    if isinstance(owner, cst.Call):
        items = owner.args
    elif isinstance(owner, cst.List | cst.Tuple | cst.Set | cst.Dict):
        items = owner.elements
    return (item, owner, items) if owner is not None and items else None


def _remove_argument(document: Document, edit: Edit) -> Changes:
    found = _item_of(document, _node(edit))
    if found is None:
        return None
    item, owner, items = found
    at = next((index for index, other in enumerate(items) if other is item), None)
    if at is None or not _may_shrink(owner, items, at):
        return None
    start, end = document.range(item)
    text = document.text
    line_start, line_end = _line_start(text, start), _line_end(text, end)
    behind = text[end:line_end]
    alone = not text[line_start:start].strip() and re.fullmatch(r"\s*,\s*(#[^\n]*)?\n?", behind) is not None
    if alone and behind.endswith("\n"):
        return [(line_start, line_end, "")]
    if at + 1 < len(items):
        return [(start, document.range(items[at + 1])[0], "")]
    if at:
        return [(_behind(document, items[at - 1], with_comma=isinstance(owner, cst.Tuple)), end, "")]
    return [(start, max(end, _comma_end(text, end)), "")]


def _behind(document: Document, item: Item, *, with_comma: bool) -> int:
    """Where an item ends; a tuple of one needs its comma."""
    end = document.range(item)[1]
    return _comma_end(document.text, end) if with_comma else end


def _may_shrink(owner: cst.CSTNode, items: Sequence[Item], at: int) -> bool:
    """A tuple of one needs its comma, an empty set would be a dictionary."""
    if isinstance(owner, cst.Set):
        return len(items) > 1
    if isinstance(owner, cst.Tuple):
        if len(items) == 1:
            return bool(owner.lpar)
        return len(items) > 2 or at == 1
    return True


def _comma_end(text: str, end: int) -> int:
    found = re.compile(r"[ \t]*,").match(text, end)
    return found.end() if found else end


def _add_argument(document: Document, edit: Edit) -> Changes:
    call = _node(edit)
    if isinstance(call, cst.Arg | cst.Element):
        call = call.value
    if not isinstance(call, cst.Call):
        return None
    keyword = _KEYWORD.match(edit.text)
    if not call.args:
        at = _opening(document, call) + 1
        return [(at, at, edit.text)] if document.text[at - 1 : at] == "(" else None
    if any(isinstance(arg.value, cst.GeneratorExp) and not arg.value.lpar for arg in call.args):
        return None
    if keyword and any(arg.keyword is not None and arg.keyword.value == keyword.group(1) for arg in call.args):
        return None
    if not keyword:
        named = next((arg for arg in call.args if arg.keyword is not None or arg.star == "**"), None)
        if named is not None:
            at = document.range(named)[0]
            return [(at, at, edit.text + ", ")]
    return _behind_last(document, call.args[-1], edit.text)


def _opening(document: Document, call: cst.Call) -> int:
    """Where the parenthesis of a call opens."""
    between, outer = call.whitespace_after_func, document.layout.outer
    if isinstance(between, cst.SimpleWhitespace):  # one object stands for all that are equal: it has no place
        return outer[id(call.func)][1] + len(between.value)
    return outer[id(between)][1]


def _behind_last(document: Document, last: cst.Arg, argument: str) -> Changes:
    text = document.text
    start, end = document.range(last)
    line_start = _line_start(text, start)
    indentation = text[line_start:start]
    own_line = not indentation.strip() and bool(line_start)
    newline = newline_of(text, start)
    if isinstance(last.comma, cst.Comma):
        end = document.layout.outer[id(last.comma)][0] + 1
        return [(end, end, f"{newline}{indentation}{argument}," if own_line else f" {argument},")]
    return [(end, end, f",{newline}{indentation}{argument}" if own_line else f", {argument}")]


def _rename_keyword(document: Document, edit: Edit) -> Changes:
    node = _node(edit)
    arg = node if isinstance(node, cst.Arg) else document.parent(node)
    if not isinstance(arg, cst.Arg) or arg.keyword is None:
        return None
    return [(*document.range(arg.keyword), edit.text)]


# -- statements


def _remove_statement(document: Document, edit: Edit) -> Changes:
    place = place_of(document, _node(edit))
    return None if place is None else _removal(document, place)


def _removal(document: Document, place: Place) -> Changes:
    text = document.text
    if len(place.neighbours) > 1 and place.small is not None:
        at = next(index for index, other in enumerate(place.neighbours) if other is place.small)
        if at + 1 < len(place.neighbours):
            return [(place.start, document.range(place.neighbours[at + 1])[0], "")]
        return [(document.range(place.neighbours[at - 1])[1], place.end, "")]
    if place.only:
        return [(place.start, place.end, "pass")]
    if place.one_line:
        return None
    return [(_line_start(text, place.start), _line_end(text, place.end), "")]


def _insert_before(document: Document, edit: Edit) -> Changes:
    place = place_of(document, _node(edit))
    if place is None:
        return None
    if place.one_line or (place.neighbours and place.neighbours[0] is not place.small):
        return [(place.start, place.start, edit.text + "; ")] if _is_simple(edit.text) else None
    start = _line_start(document.text, place.start)
    newline = newline_of(document.text, place.start)
    return [(start, start, _block(edit.text, place.indentation, newline) + newline)]


def _insert_after(document: Document, edit: Edit) -> Changes:
    place = place_of(document, _node(edit))
    if place is None:
        return None
    if place.one_line or (place.neighbours and place.neighbours[-1] is not place.small):
        return [(place.end, place.end, "; " + edit.text)] if _is_simple(edit.text) else None
    newline = newline_of(document.text, place.start)
    return [_line_behind(document.text, place.end, _block(edit.text, place.indentation, newline), newline)]


def _line_behind(text: str, end: int, block: str, newline: str) -> Change:
    at = _line_end(text, end)
    if text[end:at].endswith(("\n", "\r")):
        return (at, at, block + newline)
    return (at, at, newline + block)


def _wrap_statement(document: Document, edit: Edit) -> Changes:
    place = place_of(document, _node(edit))
    if place is None or place.one_line or len(place.neighbours) > 1:
        return None
    newline = newline_of(document.text, place.start)
    unit = document.module.default_indent
    start = _line_start(document.text, place.start)
    body = reindented(document, place, place.indentation + unit)
    if body is None:
        return None
    return [(start, place.end, f"{place.indentation}{edit.text}{newline}{body}")]


def _move(document: Document, edit: Edit, *, after: bool) -> Changes:
    place = place_of(document, _node(edit))
    if place is None or not isinstance(edit.other, NodeSite) or edit.other.document is not document:
        return None
    target = place_of(document, edit.other.node)
    if target is None or place.one_line or target.one_line or _crowded(place) or _crowded(target):
        return None
    if place.start < target.end and target.start < place.end:
        return None
    removal = _removal(document, place)
    body = reindented(document, place, target.indentation)
    if removal is None or body is None:
        return None
    newline = newline_of(document.text, target.start)
    if after:
        return [*removal, _line_behind(document.text, target.end, body, newline)]
    start = _line_start(document.text, target.start)
    return [*removal, (start, start, body + newline)]


def _move_before(document: Document, edit: Edit) -> Changes:
    return _move(document, edit, after=False)


def _move_after(document: Document, edit: Edit) -> Changes:
    return _move(document, edit, after=True)


def _crowded(place: Place) -> bool:
    return len(place.neighbours) > 1


def _is_simple(text: str) -> bool:
    """May the text share a line with other statements?"""
    if "\n" in text:
        return False
    try:
        return isinstance(cst.parse_statement(text), cst.SimpleStatementLine)
    except Exception:  # noqa: BLE001  # whatever is odd about the text, it is no statement
        return False


def _block(text: str, indentation: str, newline: str) -> str:
    return newline.join(indentation + line if line.strip() else line for line in text.rstrip("\n").split("\n"))


# -- lines


def _line_start(text: str, offset: int) -> int:
    return max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1


_LINE_END = re.compile(r"\r\n?|\n")


def _line_end(text: str, offset: int) -> int:
    """Behind the end of the line that holds `offset`."""
    found = _LINE_END.search(text, offset)
    return found.end() if found else len(text)


def newline_of(text: str, offset: int) -> str:
    """How the lines around `offset` end."""
    found = _LINE_END.search(text, offset) or _LINE_END.search(text)
    return found.group() if found else "\n"


_PLACERS: dict[EditKind, Callable[[Document, Edit], Changes]] = {
    EditKind.REPLACE: _replace,
    EditKind.REMOVE_ARGUMENT: _remove_argument,
    EditKind.REMOVE_STATEMENT: _remove_statement,
    EditKind.INSERT_BEFORE: _insert_before,
    EditKind.INSERT_AFTER: _insert_after,
    EditKind.ADD_ARGUMENT: _add_argument,
    EditKind.APPEND: _append,
    EditKind.RENAME_KEYWORD: _rename_keyword,
    EditKind.WRAP_STATEMENT: _wrap_statement,
    EditKind.MOVE_BEFORE: _move_before,
    EditKind.MOVE_AFTER: _move_after,
}
