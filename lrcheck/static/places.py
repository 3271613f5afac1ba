"""Statements as places: where the statement that holds a node begins and ends, and what shares its line or its block."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import libcst as cst

from lrcheck.static.document import Document

_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")
_STRINGS = tuple(
    kind for name in ("SimpleString", "FormattedString", "TemplatedString") if (kind := getattr(cst, name, None))
)  # libcst knows template strings since 1.8


@dataclass(frozen=True, slots=True)
class Place:
    """A statement. `start` and `end` are offsets without comments; decorators belong to what they decorate."""

    node: cst.CSTNode  # SimpleStatementLine, SimpleStatementSuite or a compound statement
    small: cst.BaseSmallStatement | None  # the part of a line, where the statement is one
    neighbours: Sequence[cst.BaseSmallStatement]  # all parts of its line
    start: int
    end: int
    indentation: str
    one_line: bool  # behind the colon of `if x: y`
    only: bool  # nothing else in its block


def place_of(document: Document, node: cst.CSTNode) -> Place | None:
    """The statement that holds `node`; None where it has no line of its own, such as an `elif`."""
    small: cst.BaseSmallStatement | None = None
    current: cst.CSTNode | None = node
    while current is not None:
        if isinstance(current, cst.BaseSmallStatement):
            small = current
        elif isinstance(current, cst.SimpleStatementLine | cst.SimpleStatementSuite):
            return _simple(document, current, small)
        elif isinstance(current, cst.BaseCompoundStatement):
            return _compound(document, current)
        current = document.parent(current)
    return None


def _simple(
    document: Document, line: cst.SimpleStatementLine | cst.SimpleStatementSuite, small: cst.BaseSmallStatement | None
) -> Place | None:
    if small is None:
        if len(line.body) != 1:
            return None
        small = line.body[0]
    start, end = document.range(small)
    if isinstance(line, cst.SimpleStatementSuite):
        return Place(line, small, line.body, start, end, "", one_line=True, only=len(line.body) == 1)
    first = document.range(line.body[0])[0]
    indentation = _indentation(document.text, first)
    if indentation is None:
        return None
    only = len(line.body) == 1 and _is_only(document, line)
    return Place(line, small, line.body, start, end, indentation, one_line=False, only=only)


def _compound(document: Document, node: cst.BaseCompoundStatement) -> Place | None:
    if isinstance(document.parent(node), cst.If):  # an `elif`
        return None
    start, end = document.range(node)
    if isinstance(node, cst.FunctionDef | cst.ClassDef) and node.decorators:
        start = document.range(node.decorators[0])[0]
    indentation = _indentation(document.text, start)
    if indentation is None:
        return None
    return Place(node, None, (), start, end, indentation, one_line=False, only=_is_only(document, node))


def _is_only(document: Document, statement: cst.CSTNode) -> bool:
    block = document.parent(statement)
    return isinstance(block, cst.IndentedBlock) and len(block.body) == 1


def _indentation(text: str, start: int) -> str | None:
    line = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    indentation = text[line:start].lstrip("\ufeff")
    return None if indentation.strip() else indentation


def reindented(document: Document, place: Place, indentation: str) -> str | None:
    """The text of a statement with another indentation; what stands inside string literals keeps its white space."""
    text = document.text[place.start : place.end]
    inside = _string_ranges(document, place)
    lines = _LINE.findall(text)
    result = [indentation + lines[0]]
    offset = place.start + len(lines[0])
    for line in lines[1:]:
        if any(start < offset < end for start, end in inside) or not line.strip():
            result.append(line)
        elif line.startswith(place.indentation):
            result.append(indentation + line[len(place.indentation) :])
        else:  # inside brackets, or a comment
            result.append(line)
        offset += len(line)
    return "".join(result)


def _string_ranges(document: Document, place: Place) -> list[tuple[int, int]]:
    """The string literals below a place that span lines."""
    found = []
    pending: list[cst.CSTNode] = [place.node]
    while pending:
        node = pending.pop()
        if isinstance(node, _STRINGS):
            start, end = document.range(node)
            if "\n" in document.text[start:end] or "\r" in document.text[start:end]:
                found.append((start, end))
        else:
            pending.extend(node.children)
    return found


def names_in(node: Any) -> set[str]:
    """The variables that a piece of code mentions: no attributes, no keywords of calls."""
    found: set[str] = set()
    stack = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, cst.Name):
            found.add(current.value)
        elif isinstance(current, (cst.Arg, cst.Attribute)):
            stack.append(current.value)
        else:
            stack.extend(current.children)
    return found
