"""One program to check: its text, its syntax tree, and the way back from a node to a place in the user's file."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lrcheck.findings import Edit, Span, TextEdit
from lrcheck.sources import SourceText, decode, read_bytes
from lrcheck.static.parsing import parse

if TYPE_CHECKING:
    import libcst as cst

    from lrcheck.static.layout import Layout

STANDS_FOR_ASYNC = "asynC"
"""What the keyword `async` of Python 3.7 is read as where an older program uses it as a name (see `old_python`)."""

_NEWLINE = re.compile(r"\r\n?|\n")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the program that stands character by character in the file.

    `start` counts in the program, `file_start` in the file. Where the file spells characters in its own way (the strings
    of a notebook), `escapes` holds the offset of each character, and of the end, relative to `file_start`.
    """

    start: int
    length: int
    file_start: int
    cell: int | None = None
    cell_start: int = 0  # offset of the cell's first character in the program
    escapes: tuple[int, ...] | None = None

    @property
    def end(self) -> int:
        return self.start + self.length

    def in_file(self, offset: int) -> int:
        inside = offset - self.start
        return self.file_start + (self.escapes[inside] if self.escapes is not None else inside)


@dataclass(frozen=True, slots=True)
class Note:
    """Something to say about a document: a part that was skipped, or repaired (`code` LR002)."""

    message: str
    start: int
    end: int
    code: str = ""


class Lines:
    """Turns offsets into line and column, both from 1."""

    __slots__ = ("starts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0, *(found.end() for found in _NEWLINE.finditer(text))]

    def position(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def bounds(self, offset: int) -> tuple[int, int]:
        """Where the line that holds `offset` begins and ends, without its newline."""
        number = bisect_right(self.starts, offset)
        return self.starts[number - 1], self.starts[number - 1] + len(self.line(number))

    def line(self, number: int) -> str:
        """The text of a line, without its end."""
        if not 0 < number <= len(self.starts):
            return ""
        end = self.starts[number] if number < len(self.starts) else len(self.text)
        return self.text[self.starts[number - 1] : end].rstrip("\r\n")


class Document:
    """A program. Nodes are only looked up here after a finding; until then a document is a text and a tree."""

    __slots__ = ("_file_lines", "_layout", "_lines", "_module", "notes", "path", "pieces", "source", "text")

    def __init__(
        self,
        path: str,
        source: SourceText,
        text: str | None = None,
        pieces: tuple[Piece, ...] | None = None,
        notes: tuple[Note, ...] = (),
    ) -> None:
        self.path = path
        self.source = source  # the file as it is
        self.text = source.text if text is None else text  # the program
        self.pieces = pieces  # None: the program is the file
        self.notes = notes
        self._module: cst.Module | None = None
        self._layout: Layout | None = None
        self._lines: Lines | None = None
        self._file_lines: Lines | None = None

    @property
    def module(self) -> cst.Module:
        """The syntax tree, parsed on first use."""
        if self._module is None:
            self._module = parse(self.text, self.source.encoding)
        return self._module

    @property
    def layout(self) -> Layout:
        if self._layout is None:
            from lrcheck.static.layout import Layout

            self._layout = Layout(self.module, self.text)
        return self._layout

    @property
    def lines(self) -> Lines:
        """Lines of the program."""
        if self._lines is None:
            self._lines = Lines(self.text)
        return self._lines

    @property
    def file_lines(self) -> Lines:
        """Lines of the file."""
        if self.pieces is None:
            return self.lines
        if self._file_lines is None:
            self._file_lines = Lines(self.source.text)
        return self._file_lines

    def site(self, node: cst.CSTNode) -> NodeSite:
        return NodeSite(self, node)

    def range(self, node: cst.CSTNode) -> tuple[int, int]:
        """Offsets of a node in `text`, without surrounding white space and parentheses."""
        return self.layout.range(node)

    def span(self, node: cst.CSTNode) -> Span:
        return self.span_of(*self.range(node))

    def code(self, node: cst.CSTNode) -> str:
        start, end = self.range(node)
        return self.as_written(self.text[start:end])

    def as_written(self, text: str) -> str:
        """A part of the program as the user wrote it."""
        return text.replace(STANDS_FOR_ASYNC, "async") if self.notes else text

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        return self.layout.parents.get(id(node))

    def span_of(self, start: int, end: int) -> Span:
        """The place of a range of the program in the user's file."""
        line, column = self.lines.position(start)
        end_line, end_column = self.lines.position(end)
        if self.pieces is None:
            return Span(line, column, end_line, end_column)
        first = self._piece(start)
        last = self._piece(max(start, end - 1))
        if first is None or last is None:
            return Span(line, column, end_line, end_column)
        cell_line = line - self.lines.position(first.cell_start)[0] + 1
        file_line, file_column = self._file_position(first, start)
        file_end, file_end_column = self._file_position(last, end)
        if first.escapes is not None:  # the columns of a notebook are those that its user sees
            file_column, file_end_column = column, end_column
        return Span(file_line, file_column, file_end, file_end_column, first.cell, cell_line)

    @property
    def is_page(self) -> bool:
        """Is it a page with examples? Its blocks may be one program, or many."""
        return self.pieces is not None and not self.path.endswith(".ipynb")

    def are_apart(self, first: cst.CSTNode, second: cst.CSTNode) -> bool:
        """Do two nodes stand in different blocks of a page?"""
        if not self.is_page:
            return False
        one, other = (self._piece(self.range(node)[0]) for node in (first, second))
        return one is not None and other is not None and one.cell != other.cell

    def edits(self, start: int, end: int, text: str) -> tuple[TextEdit, ...] | None:
        """Replace a range of the program: the edits of the file, or None where it cannot be done exactly."""
        if self.pieces is None:
            return (TextEdit(start, end, text),)
        from lrcheck.static.pieces import edits_of

        return edits_of(self, start, end, text)

    def _file_position(self, piece: Piece, offset: int) -> tuple[int, int]:
        return self.file_lines.position(piece.in_file(min(max(offset, piece.start), piece.end)))

    def _piece(self, offset: int) -> Piece | None:
        """The piece that holds an offset, or the one that is nearest before it."""
        pieces = self.pieces or ()
        at = bisect_right(pieces, offset, key=lambda piece: piece.start)
        return pieces[at - 1] if at else (pieces[0] if pieces else None)


class NodeSite:
    """A node as a place. Nothing is computed until someone asks where it is."""

    __slots__ = ("document", "node")

    def __init__(self, document: Document, node: cst.CSTNode) -> None:
        self.document = document
        self.node = node

    @property
    def path(self) -> str:
        return self.document.path

    @property
    def text(self) -> str:
        """The source of the node, with its own parentheses, ready to be pasted."""
        text = self.document.module.code_for_node(self.node).strip()
        if "\n" in text:  # rendered alone, a node loses the indentation of its further lines
            start, end = self.document.layout.outer.get(id(self.node), (0, 0))
            text = self.document.text[start:end] or text
        return self.document.as_written(text)

    def span(self) -> Span:
        return self.document.span(self.node)

    def statement_lines(self) -> frozenset[int]:
        """The lines of the program on which a comment speaks about this place."""
        from lrcheck.static.places import place_of

        document = self.document
        offsets = list(document.range(self.node))
        place = place_of(document, self.node)
        if place is not None and place.small is not None:
            offsets += (place.start, place.end)
        return frozenset(document.lines.position(offset)[0] for offset in offsets)

    def key(self) -> tuple[str, object]:
        return (self.document.path, id(self.node))

    def edits(self, edit: Edit) -> tuple[TextEdit, ...] | None:
        """Where in the user's file an edit of this site takes place; None where that is not certain."""
        from lrcheck.static.edits import locate

        return locate(self.document, edit)

    def __repr__(self) -> str:
        return f"<{self.document.path}: {self.text[:60]}>"


def read_document(path: str, *, display: str | None = None, data: bytes | None = None) -> Document:
    """Read a file (or `data`) as a program; raises `UnreadableError`."""
    raw = read_bytes(path) if data is None else data
    shown = path if display is None else display
    if path.endswith(".ipynb"):
        from lrcheck.static.notebook import notebook

        return notebook(shown, raw)
    if path.endswith((".md", ".markdown", ".rst")):
        from lrcheck.static.markdown import markdown

        return markdown(shown, raw)
    return Document(shown, decode(raw))
