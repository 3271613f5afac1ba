"""Places as other programs want them: paths that are relative to the working folder, and cells where lines say little."""

from __future__ import annotations

import hashlib
import os

from lrcheck.findings import Span
from lrcheck.report.lines import SourceLines


def portable(path: str) -> str:
    """The path relative to the working folder where it lies below, with slashes and without `./`."""
    if os.path.isabs(path):
        here = os.getcwd().rstrip(os.sep) + os.sep
        path = path.removeprefix(here)
    return os.path.normpath(path).replace(os.sep, "/")


def cell(path: str, span: Span) -> str:
    """`cell 3:4:8` of a notebook, whose file has other lines and columns; else nothing."""
    if span.cell is None or not path.endswith(".ipynb"):
        return ""
    return f"cell {span.cell}:{span.cell_line}:{span.column}"


class Fingerprints:
    """Names for findings made of the text of their line, not of its number: they survive edits above it."""

    def __init__(self, sources: SourceLines) -> None:
        self._sources = sources
        self._seen: dict[str, int] = {}

    def of_line(self, path: str, code: str, span: Span) -> str:
        in_cell = cell(path, span) != ""
        line = (
            self._sources.line(path, span.cell_line or 1, span.cell) if in_cell else self._sources.line(path, span.line)
        )
        return self.of(portable(path), code, " ".join(line.split()))

    def of(self, *parts: str) -> str:
        key = "\0".join(parts)
        self._seen[key] = self._seen.get(key, 0) + 1
        return hashlib.sha256(f"{key}\0{self._seen[key]}".encode("utf-8", "replace")).hexdigest()
