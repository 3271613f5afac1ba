"""Jupyter notebooks: the code cells as one program, in order, with a way back into the strings of the JSON file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from lrcheck.sources import SourceText, UnreadableError, decode
from lrcheck.static.document import Document
from lrcheck.static.pieces import Fragment, assemble

# A picture is one string of megabytes: a choice for each of its characters would take a hundred bytes for each.
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_UNIT = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|[^\\]", re.DOTALL)

Strings = list[tuple[str, int, str]]  # value, offset of the first character in the file, as the file spells it


def notebook(path: str, data: bytes) -> Document:
    """A notebook as a program; raises `UnreadableError` where it is no notebook."""
    source = decode(data)
    try:
        content = json.loads(source.text)
    except ValueError as error:
        raise UnreadableError(f"is no notebook: invalid JSON ({error})", getattr(error, "lineno", None)) from None
    except RecursionError:
        raise UnreadableError("is no notebook: its JSON is nested too deeply") from None
    if not _is_notebook(content):
        raise UnreadableError("is no notebook: it has no cells")
    if not _is_python(content):
        return Document(path, source, "", (), ())
    fragments = []
    for number, kind, strings in _cells(source.text):
        if kind != "code":
            continue
        fragment = Fragment(number)
        for value, start, raw in strings:
            for text, offset, escapes in _lines(value, start, raw):
                fragment.add(text, offset, escapes)
        fragments.append(fragment)
    return assemble(path, source, fragments)


def of_cells(path: str, cells: Sequence[tuple[int, str]]) -> tuple[Document, list[int]]:
    """A notebook that an editor holds: (number, text) of its code cells, as one program.

    The places of findings and edits count in the texts of the cells one after the other, a line feed between them; where
    each begins is the second value.
    """
    starts: list[int] = []
    fragments: list[Fragment] = []
    parts: list[str] = []
    for number, text in cells:
        starts.append(sum(map(len, parts)))
        parts.append(f"{text}\n")
        fragment = Fragment(number)
        at = starts[-1]
        for line in re.findall(r"[^\n]*\n|[^\n]+", text):
            fragment.add(line, at)
            at += len(line)
        fragments.append(fragment)
    return assemble(path, SourceText("".join(parts)), fragments), starts


def _is_notebook(content: Any) -> bool:
    return isinstance(content, dict) and (isinstance(content.get("cells"), list) or bool(content.get("worksheets")))


def _is_python(content: dict[str, Any]) -> bool:
    metadata = content.get("metadata")
    if not isinstance(metadata, dict):
        return True
    for key in ("language_info", "kernelspec"):
        info = metadata.get(key)
        if isinstance(info, dict):
            name = info.get("name") if key == "language_info" else info.get("language")
            if isinstance(name, str):
                return "python" in name.lower()
    return True


def _cells(text: str) -> Iterator[tuple[int, str, Strings]]:
    """Number, type and source strings of each cell, read token by token so that each string's place is known."""
    stack: list[str | None] = []  # for each open container: the current key, or None in a list
    kind, number = "", 0
    strings: Strings = []
    depth = 0  # of the open cell
    previous = key = ""
    for found in _TOKEN.finditer(text):
        sign = found.group()
        if sign in _OPEN:
            if not depth and sign == "{" and stack in _CELL_LISTS:
                depth, kind, strings = len(stack), "", []
                number += 1
            stack.append(_OPEN[sign])
        elif sign in _CLOSE:
            stack.pop()
            if depth and len(stack) == depth:
                depth = 0
                yield number, kind, strings
        elif sign == ":":
            stack[-1] = key
        elif sign[0] == '"' and stack[-1] is not None and previous != ":":
            key = json.loads(sign, strict=False)
        elif sign[0] == '"' and depth:
            inside = stack[depth:]
            if inside == ["cell_type"]:
                kind = json.loads(sign, strict=False)
            elif inside in _SOURCES:
                strings.append((json.loads(sign, strict=False), found.start() + 1, sign[1:-1]))
        previous = sign


_OPEN: dict[str, str | None] = {"{": "", "[": None}
_CLOSE = frozenset("]}")
_CELL_LISTS: list[list[str | None]] = [["cells", None], ["worksheets", None, "cells", None]]
_SOURCES: list[list[str | None]] = [["source"], ["source", None], ["input"], ["input", None]]


def _lines(value: str, start: int, raw: str) -> Iterator[tuple[str, int, tuple[int, ...]]]:
    """The lines of one JSON string, with the place of each character."""
    places = [found.start() for found in _UNIT.finditer(raw)] + [len(raw)]
    if len(places) != len(value) + 1:  # a spelling that no writer of notebooks uses
        raise UnreadableError("holds a string that cannot be mapped back to the file")
    at = 0
    for line in re.findall(r"[^\n]*\n|[^\n]+", value):
        first = places[at]
        yield line, start + first, tuple(place - first for place in places[at : at + len(line) + 1])
        at += len(line)
