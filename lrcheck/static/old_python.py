"""Programs for an older Python: they are read as the program of today that they mean, and it is said what is old.

Tried only on programs that do not parse. The edits are few and local, so that every position leads back to the file; what
they insert stands nowhere in the file, so no fix can touch it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lrcheck.engine import UNREADABLE
from lrcheck.sources import UnreadableError
from lrcheck.static.document import STANDS_FOR_ASYNC, Document, Note, Piece

_TOKEN = re.compile(
    r"""(?P<string>[bBuUrRfF]{0,2}(?:'''(?:[^\\]|\\.)*?'''|\"\"\"(?:[^\\]|\\.)*?\"\"\"|'(?:[^\\\n']|\\.)*'|"(?:[^\\\n"]|\\.)*"))
    |(?P<comment>\#[^\r\n]*)
    |(?P<number>(?<![\w.])(?:0[xX][\da-fA-F]+|\d+)[lL]?\b(?!\.))
    |(?P<word>[^\W\d]\w*)
    |(?P<open>[(\[{])
    |(?P<close>[)\]}])
    |(?P<joined>\\\r?\n)
    |(?P<newline>\r\n?|\n)
    |(?P<sign><>|>>|[-+*/%@&|^<>=!.~]=?|[,;:`])
    |(?P<other>\S)
    """,
    re.VERBOSE | re.DOTALL,
)
_EXPRESSION = frozenset({"string", "number", "word", "open"})
_ENDS = frozenset({"newline", "comment"})
_NO_OPERANDS = frozenset({"and", "or", "in", "is", "if", "else", "for", "not in"})


@dataclass(frozen=True, slots=True)
class Change:
    """Characters of the program that become others."""

    start: int
    end: int
    text: str
    what: str = ""  # what is old; empty for a further part of the same
    at: int | None = None  # where it is said, if not here


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


WORD = len("print")  # what a note points at
PRINT = "`print` is a statement in Python 2 only"
ASYNC = "`async` is a keyword since Python 3.7"


def changes(text: str) -> list[Change]:
    """What has to change for a program of today, in order; empty where nothing old is found."""
    tokens = [_Token(str(found.lastgroup), found.group(), *found.span()) for found in _TOKEN.finditer(text)]
    found: list[Change] = []
    for statement in _statements(tokens):
        found += _statement(text, statement)
    found += _anywhere(text, tokens)
    found.sort(key=lambda change: (change.start, change.end))
    return found


def _statements(tokens: list[_Token]) -> Iterator[list[_Token]]:
    """Simple statements and heads of compound ones, each with what ends it."""
    current: list[_Token] = []
    depth = 0
    for token in tokens:
        if token.kind == "open":
            depth += 1
        elif token.kind == "close":
            depth = max(depth - 1, 0)
        if token.kind == "joined" or (depth and token.kind in _ENDS):
            continue
        current.append(token)
        if not depth and (token.kind in _ENDS or token.text in {";", ":"}):
            yield current
            current = []
    if current:
        yield current


def _statement(text: str, tokens: list[_Token]) -> Iterator[Change]:
    body = tokens[:-1] if tokens[-1].kind in _ENDS or tokens[-1].text in {";", ":"} else tokens
    if not body or body[0].kind != "word":
        return
    first, end = body[0].text, body[-1].end
    second = body[1] if len(body) > 1 else None
    if first in {"print", "exec"} and second is not None:
        yield from _call(text, body, second, end)
    elif first == "except" and (comma := _comma(body)) is not None:
        yield Change(comma.start, comma.end, " as", "`except X, e` is Python 2 only", body[0].start)
    elif first == "raise" and (comma := _comma(body)) is not None:
        yield Change(comma.start, comma.end, "(", "`raise X, value` is Python 2 only", body[0].start)
        yield Change(end, end, ")")


def _call(text: str, body: list[_Token], second: _Token, end: int) -> Iterator[Change]:
    """`print x` becomes `print(x)`; `print(x)` and `print = 3` stay."""
    starts = (second.kind in _EXPRESSION and second.text not in _NO_OPERANDS) or second.text in {"`", "-", "~"}
    if second.text == "(":
        return
    word = body[0]
    what = PRINT if word.text == "print" else "`exec` is a statement in Python 2 only"
    opening = word.end
    if second.text == ">>":
        comma = _comma(body)
        opening, starts = (comma.end if comma is not None else end), True
        yield Change(word.end, opening, "(", what, word.start)
    elif starts:
        gap = 1 if text[word.end : word.end + 1] in {" ", "\t"} else 0
        yield Change(word.end, word.end + gap, "(", what, word.start)
    if starts:
        yield Change(end, end, ")")


def _comma(body: list[_Token]) -> _Token | None:
    depth = 0
    for token in body:
        depth += (token.kind == "open") - (token.kind == "close")
        if token.text == "," and not depth:
            return token
    return None


def _anywhere(text: str, tokens: list[_Token]) -> Iterator[Change]:
    """Signs and words that mean something else today, each replaced by as many characters."""
    quoted = False
    for number, token in enumerate(tokens):
        if token.text == "<>":
            yield Change(token.start, token.end, "!=", "`<>` is Python 2 only")
        elif token.text == "`":
            quoted = not quoted
            yield Change(
                token.start, token.end, "(" if quoted else ")", "backticks are Python 2 only" if quoted else ""
            )
        elif token.kind == "number" and token.text[-1] in "lL":
            yield Change(token.end - 1, token.end, " ", "long numbers are Python 2 only")
        elif token.kind == "number" and re.fullmatch(r"0[0-7]+", token.text) and token.text.strip("0"):
            yield Change(token.start + 1, token.start + 1, "o", "octal numbers are written otherwise since Python 3")
        elif token.kind == "string" and token.text[:2].lower() == "ur":
            yield Change(token.start, token.start + 1, " ", "`ur` before a string is Python 2 only")
        elif token.text == "async" and _next(tokens, number) not in {"def", "for", "with"}:
            yield Change(token.start, token.end, STANDS_FOR_ASYNC, ASYNC)


def _next(tokens: list[_Token], number: int) -> str:
    return tokens[number + 1].text if number + 1 < len(tokens) else ""


Part = tuple[str, int | None]  # text, and where it begins in the old text (None: it stands nowhere)


def parts(text: str, found: list[Change]) -> list[Part]:
    """The new text in parts; characters that replace as many keep their places."""
    result: list[Part] = []
    at = 0
    for change in found:
        if change.start < at:
            continue
        result.append((text[at : change.start], at))
        same = len(change.text) == change.end - change.start
        result.append((change.text, change.start if same else None))
        at = change.end
    result.append((text[at:], at))
    return [part for part in result if part[0]]


def notes_of(found: list[Change]) -> Iterator[tuple[str, int]]:
    """What to say, and where: each `async`, and the first thing that only Python 2 reads."""
    old = []
    for change in found:
        at = change.start if change.at is None else change.at
        if change.what == ASYNC:
            yield ASYNC, at
        elif change.what:
            old.append((at, change.what))
    if old:
        at, what = min(old)
        yield what, at


def repaired(document: Document) -> Document | None:
    """The program of today that an old one means, or None where it is not just old."""
    if document.pieces is not None or STANDS_FOR_ASYNC in document.text:
        return None
    found = changes(document.text)
    if not found:
        return None
    pieces: list[Piece] = []
    texts: list[str] = []
    offset = 0
    for text, start in parts(document.text, found):
        if start is not None:
            pieces.append(Piece(offset, len(text), start))
        texts.append(text)
        offset += len(text)
    moved = _Moved(pieces)
    notes = [Note(message, moved.to(at), moved.to(at) + WORD, UNREADABLE.code) for message, at in notes_of(found)]
    result = Document(document.path, document.source, "".join(texts), tuple(pieces), tuple(notes))
    try:
        _ = result.module
    except UnreadableError:
        return None
    return result


class _Moved:
    """From offsets of the file to offsets of the program."""

    def __init__(self, pieces: list[Piece]) -> None:
        self.pieces = pieces

    def to(self, offset: int) -> int:
        for piece in self.pieces:
            if piece.file_start <= offset < piece.file_start + piece.length:
                return piece.start + offset - piece.file_start
            if piece.file_start > offset:
                return piece.start
        return self.pieces[-1].end if self.pieces else 0
