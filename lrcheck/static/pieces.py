"""Programs that are put together from pieces of a file: cells of a notebook, code blocks of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrcheck.engine import PAGE_RESIDUE, UNREADABLE
from lrcheck.findings import TextEdit
from lrcheck.sources import UnreadableError
from lrcheck.static import old_python
from lrcheck.static.document import Document, Note, Piece
from lrcheck.static.magics import without_magics

if TYPE_CHECKING:
    from lrcheck.sources import SourceText


class Fragment:
    """One cell or code block: lines of program text, each with its place in the file.

    A line is (text with its newline, offset in the file or None where the file has no such characters, escapes).
    """

    __slots__ = ("cell", "lines")

    def __init__(self, cell: int) -> None:
        self.cell = cell
        self.lines: list[tuple[str, int | None, tuple[int, ...] | None]] = []

    def add(self, text: str, file_start: int | None, escapes: tuple[int, ...] | None = None) -> None:
        self.lines.append((text, file_start, escapes))

    @property
    def text(self) -> str:
        return "".join(text for text, _, _ in self.lines)


def assemble(path: str, source: SourceText, fragments: list[Fragment]) -> Document:
    """One document from all fragments; where they are no program together, those that are none alone are left out."""
    document = _joined(path, source, fragments, [fragment.text for fragment in fragments], ())
    if _is_program(document):
        return document
    texts: list[str] = []
    notes = []
    used = []
    for fragment, text in zip(fragments, without_magics([fragment.text for fragment in fragments]), strict=True):
        start = sum(len(other) for other in texts) + sum(bool(other) and not other.endswith("\n") for other in texts)
        other = fragment
        if _is_program(Document(path, source, text)):
            texts.append(text)
        elif (clean := _without_residue(path, source, fragment)) is not None:
            other, said = clean
            texts.append(other.text)
            notes += [Note(message, start + at, start + at, PAGE_RESIDUE.code) for message, at in said]
        elif (clean := _modern(path, source, fragment)) is not None:
            other, said = clean
            texts.append(other.text)
            notes += [Note(message, start + at, start + at, UNREADABLE.code) for message, at in said]
        else:
            texts.append(_blank(text))
            notes.append(Note(f"block {fragment.cell} is no program of its own and was skipped", start, start))
        used.append(other)
    return _joined(path, source, used, texts, tuple(notes))


def _without_residue(
    path: str, source: SourceText, fragment: Fragment
) -> tuple[Fragment, list[tuple[str, int]]] | None:
    """The block without what a web page added to it, and what that was (with its offset), where that makes it a program."""
    from lrcheck.static.residue import INDENTED, without_residue

    starts = [0]
    for text, _, _ in fragment.lines:
        starts.append(starts[-1] + len(text))
    lines, said = without_residue([(line[0], start) for line, start in zip(fragment.lines, starts, strict=False)])
    if not said:
        return None
    clean = Fragment(fragment.cell)
    places = {}
    for (text, file_start, escapes), (kept, start), old in zip(fragment.lines, lines, starts, strict=False):
        places[start] = len(clean.text)
        cut = start - old
        if file_start is None or cut + len(kept) > len(text):
            clean.add(kept, None)
        elif escapes is None:
            clean.add(kept, file_start + cut)
        else:
            shifted = tuple(place - escapes[cut] for place in escapes[cut : cut + len(kept) + 1])
            clean.add(kept, file_start + escapes[cut], shifted)
    if not _is_program(Document(path, source, clean.text)):
        return None
    runs = (
        path.endswith(".ipynb") and fragment.text.lstrip("\r\n")[:1].isspace()
    )  # a notebook takes the first margin away
    return clean, [(message, places.get(at, 0)) for message, at in said if message != INDENTED or not runs]


def _modern(path: str, source: SourceText, fragment: Fragment) -> tuple[Fragment, list[tuple[str, int]]] | None:
    """The block of an older Python as a program of today, and what is old (with its offset)."""
    found = old_python.changes(fragment.text)
    if not found:
        return None
    clean = Fragment(fragment.cell)
    places: dict[int, int] = {}
    for text, start in old_python.parts(fragment.text, found):
        if start is None:
            clean.add(text, None)
            continue
        at = 0
        for line, file_start, escapes in fragment.lines:
            low, high = max(at, start), min(at + len(line), start + len(text))
            if low < high:
                places.update((offset, len(clean.text) + offset - low) for offset in (low, high - 1))
                _add_part(clean, text[low - start : high - start], low - at, file_start, escapes)
            at += len(line)
    if not _is_program(Document(path, source, clean.text)):
        return None
    return clean, [(message, places.get(at, 0)) for message, at in old_python.notes_of(found)]


def _add_part(clean: Fragment, text: str, cut: int, file_start: int | None, escapes: tuple[int, ...] | None) -> None:
    """A part of a line, from its character `cut` on."""
    if file_start is None or escapes is None:
        clean.add(text, None if file_start is None else file_start + cut)
        return
    shifted = tuple(place - escapes[cut] for place in escapes[cut : cut + len(text) + 1])
    clean.add(text, file_start + escapes[cut], shifted)


def _joined(
    path: str, source: SourceText, fragments: list[Fragment], texts: list[str], notes: tuple[Note, ...]
) -> Document:
    pieces: list[Piece] = []
    parts: list[str] = []
    offset = 0
    for fragment, text in zip(fragments, texts, strict=True):
        start = offset
        for line, file_start, escapes in fragment.lines:
            if file_start is not None and line:
                pieces.append(Piece(offset, len(line), file_start, fragment.cell, start, escapes))
            offset += len(line)
        parts.append(text)
        if text and not text.endswith("\n"):
            parts.append("\n")
            offset += 1
    return Document(path, source, "".join(parts), tuple(pieces), notes)


def _is_program(document: Document) -> bool:
    try:
        _ = document.module
    except UnreadableError:
        return False
    return True


def _blank(text: str) -> str:
    """White space of the same length, with the same lines."""
    return "".join(char if char in "\r\n" else " " for char in text)


def edits_of(document: Document, start: int, end: int, text: str) -> tuple[TextEdit, ...] | None:
    """Replace a range of the program by edits of the file; None where the range is not in the file as it stands."""
    pieces = document.pieces or ()
    if start == end:
        return _insertion(document, pieces, start, text)
    found: list[TextEdit] = []
    covered = start
    cell: int | None = None
    for piece in pieces:
        if piece.end <= start or piece.start >= end:
            continue
        if piece.start > covered or (found and piece.cell != cell):
            return None
        low, high = max(start, piece.start), min(end, piece.end)
        new = "" if found else text
        found.append(TextEdit(piece.in_file(low), piece.in_file(high), _spelt(new, piece)))
        covered, cell = high, piece.cell
    return tuple(found) if found and covered >= end else None


def _insertion(document: Document, pieces: tuple[Piece, ...], at: int, text: str) -> tuple[TextEdit, ...] | None:
    """At the start of a line the line's own piece takes the text, at the end of a cell the last one."""
    for piece in pieces:
        if piece.start <= at < piece.end:
            if at == piece.start and piece.escapes is None and not _starts_line(document, piece):
                return None
            return (TextEdit(piece.in_file(at), piece.in_file(at), _spelt(text, piece)),)
    for piece in pieces:
        if piece.end == at:
            return (TextEdit(piece.in_file(at), piece.in_file(at), _spelt(text, piece)),)
    return None


def _starts_line(document: Document, piece: Piece) -> bool:
    """Is nothing left out before the piece, neither in the program nor in the file?"""
    before = document.source.text[piece.file_start - 1 : piece.file_start]
    return piece.file_start == 0 or before in {"\n", "\r"}


def _spelt(text: str, piece: Piece) -> str:
    if piece.escapes is None:
        return text
    import json

    return json.dumps(text, ensure_ascii=False)[1:-1]
