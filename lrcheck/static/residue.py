"""Programs copied from a web page: what the page added is taken away again, where only one reading is possible.

Tried only on programs that do not parse. Each step either removes characters from lines, or replaces one character by one, so
that every position still leads back to the file. Lost indentation is never invented: where a block ends is the author's
secret.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from lrcheck.engine import PAGE_RESIDUE
from lrcheck.sources import UnreadableError
from lrcheck.static.document import Document, Note, Piece

Lines = list[tuple[str, int]]  # text of a line with its end, offset in the file

_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")
_TYPOGRAPHIC = str.maketrans({
    "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u2032": "'", "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u2033": '"',
    "\uff08": "(", "\uff09": ")", "\uff0c": ",", "\uff1a": ":", "\uff1b": ";", "\u2013": "-", "\u2212": "-",
    "\u00a0": " ", "\u200b": " ", "\u3000": " ", "\ufeff": " ",
})  # fmt: skip
_KEPT = re.compile(r"""#[^\r\n]*|'''.*?'''|\"\"\".*?\"\"\"|'(?:[^\\\r\n']|\\.)*'|"(?:[^\\\r\n"]|\\.)*\"""", re.DOTALL)
_PROMPT = re.compile(r"(?:>>>|\.\.\.) ?|(?:In ?)?\[\d+\]: ?")
INDENTED = "the whole program is indented"
_ONLY_BARS = re.compile(r"[ \t]*\|[ \t|]*[\r\n]*")
_HEADER = re.compile(r"^([ \t]*)(?:if|for|while|def|class|with|else|elif|try|except|finally|async)\b.*:[ \t]*(?:#.*)?$")


def repaired(document: Document) -> Document | None:
    """The program without the residue, or None where there is none, or where it still is no program."""
    if document.pieces is not None:
        return None
    lines, said = without_residue([(found.group(), found.start()) for found in _LINE.finditer(document.text)])
    if not said:
        return None
    result = _assembled(document, lines, said)
    try:
        _ = result.module
    except UnreadableError:
        return None
    return result


def without_residue(lines: Lines) -> tuple[Lines, list[tuple[str, int]]]:
    """The lines without what a page added, and what that was, with the offset where it begins."""
    said = []
    for message, step in _STEPS:
        changed = step(lines)
        if changed != lines:
            first = next(after[1] for before, after in zip(lines, changed, strict=True) if before != after)
            said.append((message, first))
            lines = changed
    return lines, said


def lost_indentation(text: str, near: int) -> int | None:
    """The line of a block without indentation, close to the line `near` that the parser complains about."""
    lines = text.splitlines()
    for number in range(max(near - 2, 1), min(near + 2, len(lines))):
        header = _HEADER.match(lines[number - 1])
        below = lines[number]
        if (
            header is not None
            and below.strip()
            and not below.startswith((header.group(1) + " ", header.group(1) + "\t"))
        ):
            return number
    return None


def _assembled(document: Document, lines: Lines, said: list[tuple[str, int]]) -> Document:
    pieces = []
    notes = []
    offset = 0
    for text, start in lines:
        if text:
            pieces.append(Piece(offset, len(text), start))
        notes += [
            Note(message, offset, offset + len(text.rstrip()), PAGE_RESIDUE.code)
            for message, first in said
            if first == start
        ]
        offset += len(text)
    return Document(document.path, document.source, "".join(text for text, _ in lines), tuple(pieces), tuple(notes))


def _without_prompts(lines: Lines) -> Lines:
    if not any(_PROMPT.match(text) and not text.startswith("...") for text, _ in lines):
        return lines  # `...` alone stands for what was left out
    result = []
    for text, start in lines:
        prompt = _PROMPT.match(text)
        cut = prompt.end() if prompt is not None else len(text.rstrip("\r\n"))  # what the session printed
        result.append((text[cut:], start + cut))
    return result


def _without_bars(lines: Lines) -> Lines:
    if all(text.startswith("|") for text, _ in lines if text.strip()):
        return [_without_frame(text, start) for text, start in lines]
    return [(_blank(text) if _ONLY_BARS.fullmatch(text) else text, start) for text, start in lines]


def _without_frame(text: str, start: int) -> tuple[str, int]:
    """Without the first bar and the space behind it; what stands behind the code becomes white space."""
    cut = len(text) - len(text.removeprefix("|").removeprefix(" "))
    body = text.rstrip()
    if len(body) > cut and body.endswith("|"):
        text = body[:-1] + " " + text[len(body) :]
    return text[cut:], start + cut


def _blank(text: str) -> str:
    return re.sub(r"[^\r\n]", " ", text)


def _dedented(lines: Lines) -> Lines:
    margins = [text[: len(text) - len(text.lstrip())] for text, _ in lines if text.strip() and text.lstrip()[0] != "#"]
    margin = min(margins, key=len, default="")
    if not margin or not all(other.startswith(margin) for other in margins):
        return lines
    return [
        (text[len(margin) :], start + len(margin)) if text.startswith(margin) else (text, start)
        for text, start in lines
    ]


def _plain_signs(lines: Lines) -> Lines:
    text = "".join(line for line, _ in lines)
    parts: list[str] = []
    at = 0
    for found in _KEPT.finditer(text):  # inside strings and comments these signs mean themselves
        parts += (text[at : found.start()].translate(_TYPOGRAPHIC), found.group())
        at = found.end()
    parts.append(text[at:].translate(_TYPOGRAPHIC))
    plain = "".join(parts)
    result = []
    at = 0
    for line, start in lines:
        result.append((plain[at : at + len(line)], start))
        at += len(line)
    return result


_STEPS: tuple[tuple[str, Callable[[Lines], Lines]], ...] = (
    ("table bars stand around the code", _without_bars),
    ("prompts stand before the code", _without_prompts),
    (INDENTED, _dedented),
    ("typographic signs stand for quotes, brackets or spaces", _plain_signs),
)
