"""Lines of source for code frames, read again only for files that have findings, and shown safely on a terminal."""

from __future__ import annotations

import re

from lrcheck.sources import UnreadableError, decode, read_bytes

TAB = 4
_PLAIN = re.compile(r"[ -~]*")
_NEWLINE = re.compile(r"\r\n?|\n")


class SourceLines:
    """Answers for the text of a line. `known` holds what cannot be read again, such as standard input."""

    def __init__(self, known: dict[str, bytes] | None = None) -> None:
        self._known = known if known is not None else {}
        self._texts: dict[str, str] = {}
        self._lines: dict[tuple[str, int | None], list[str]] = {}

    def remember(self, path: str, data: bytes) -> None:
        self._known[path] = data
        self._texts.pop(path, None)
        self._lines.clear()

    def text(self, path: str) -> str:
        """The text of a file, or nothing where it cannot be read any more."""
        if path not in self._texts:
            try:
                data = self._known[path] if path in self._known else read_bytes(path)
                self._texts[path] = decode(data).text
            except UnreadableError:
                self._texts[path] = ""
        return self._texts[path]

    def line(self, path: str, number: int, cell: int | None = None) -> str:
        """A line of a file, or of a notebook's cell."""
        key = (path, cell)
        if key not in self._lines:
            text = self.text(path)
            self._lines[key] = _NEWLINE.split(text if cell is None else _cell(text, cell))
        lines = self._lines[key]
        return lines[number - 1] if 0 < number <= len(lines) else ""


def _cell(text: str, number: int) -> str:
    import json

    try:
        notebook = json.loads(text)
        cells = notebook.get("cells") or [cell for sheet in notebook["worksheets"] for cell in sheet["cells"]]
        cell = cells[number - 1]
        source = cell.get("source", cell.get("input", ""))
    except (ValueError, LookupError, AttributeError, TypeError):
        return ""
    return "".join(source) if isinstance(source, list) else str(source)


def printable(text: str) -> str:
    """The text with everything escaped that could move the cursor, change colours or reverse the reading order."""
    if _PLAIN.fullmatch(text):
        return text
    return "".join(_shown(char) for char in text)


def displayed(line: str) -> tuple[str, list[int]]:
    """A line as it is shown, and the screen column at which each of its characters begins (and where the line ends)."""
    if _PLAIN.fullmatch(line):
        return line, list(range(len(line) + 1))
    columns = []
    shown = []
    column = 0
    for char in line:
        columns.append(column)
        text = " " * (TAB - column % TAB) if char == "\t" else _shown(char)
        shown.append(text)
        column += sum(map(_width, text))
    columns.append(column)
    return "".join(shown), columns


def _shown(char: str) -> str:
    if " " <= char <= "~" or (char.isprintable() and not _reorders(char)):
        return char
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _reorders(char: str) -> bool:
    return "\u202a" <= char <= "\u202e" or "\u2066" <= char <= "\u2069"


def _width(char: str) -> int:
    if char < "\u0300":
        return 1
    import unicodedata

    if unicodedata.combining(char) or unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1
