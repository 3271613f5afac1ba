"""Source files as text: reading, decoding, finding them below folders. Imports neither torch nor libcst."""

from __future__ import annotations

import codecs
import os
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

SUFFIXES = (".py", ".pyw", ".ipynb", ".md", ".markdown")
SKIPPED_FOLDERS = frozenset({
    "__pycache__", "__pypackages__", "node_modules", "site-packages", "dist-packages", "venv", "build", "dist",
})  # fmt: skip
MARK = b"torch"
_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BLANK = re.compile(rb"^[ \t\f]*(?:#|$)")


class UnreadableError(Exception):
    """A file that cannot be read as a program: one clear line, and the line number where it is known."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


class TooDeepError(UnreadableError):
    """A program that is nested too deeply to be parsed: looking at it more closely would only cost time."""


@dataclass(frozen=True, slots=True)
class SourceText:
    """A file as text. `encoding` and `bom` are what is needed to write it back unchanged."""

    text: str
    encoding: str = "utf-8"
    bom: bool = False

    def encode(self, text: str) -> bytes:
        return (codecs.BOM_UTF8 if self.bom else b"") + text.encode(self.encoding)


def mentions_torch(data: bytes) -> bool:
    """Files without these bytes cannot use torch and are not parsed."""
    return MARK in data


def read_bytes(path: str) -> bytes:
    """The bytes of a file, or of standard input for `-`."""
    try:
        if path == "-":
            return sys.stdin.buffer.read()
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror or error}") from error


def decode(data: bytes) -> SourceText:
    """Decode Python source as Python does: byte order mark, coding line, else UTF-8."""
    bom = data.startswith(codecs.BOM_UTF8)
    body = data[len(codecs.BOM_UTF8) :] if bom else data
    encoding = "utf-8" if bom else _declared(body)
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        advice = "; its first line may name another encoding" if not bom and encoding == "utf-8" else ""
        raise UnreadableError(f"is not {encoding} text (byte 0x{body[error.start]:02x}){advice}", line) from None
    except ValueError as error:
        raise UnreadableError(f"cannot be decoded as {encoding}: {error}", 1) from None
    if "\0" in text:
        raise UnreadableError("contains null bytes", text.count("\n", 0, text.index("\0")) + 1)
    return SourceText(text, encoding, bom)


def _declared(data: bytes) -> str:
    for line in data[:1000].split(b"\n", 2)[:2]:
        found = _COOKIE.match(line)
        if found:
            return _known(found.group(1).decode("ascii", "replace"))
        if not _BLANK.match(line.rstrip(b"\r")):
            break
    return "utf-8"


def _known(name: str) -> str:
    try:
        info = codecs.lookup(name)
    except LookupError:
        raise UnreadableError(f"declares the unknown encoding {name!r}", 1) from None
    if not getattr(info, "_is_text_encoding", True):
        raise UnreadableError(f"declares {name!r}, which is no text encoding", 1)
    return "utf-8" if info.name == "utf-8-sig" else info.name


Keep = Callable[[str, bool], bool]  # a path, and whether it is a folder


def find_files(path: str, keep: Keep | None = None) -> Iterator[str]:
    """The files below a folder in a fixed order; each folder once, so that loops of symbolic links end."""
    seen: set[tuple[int, int]] = set()
    pending = [path]
    while pending:
        folder = pending.pop()
        if not _first_visit(folder, seen):
            continue
        folders, files = _entries(folder, keep)
        yield from files
        pending.extend(reversed(folders))


def _first_visit(folder: str, seen: set[tuple[int, int]]) -> bool:
    try:
        status = os.stat(folder)
    except OSError:
        return False
    key = (status.st_dev, status.st_ino)
    if key in seen:
        return False
    seen.add(key)
    return True


def _entries(folder: str, keep: Keep | None) -> tuple[list[str], list[str]]:
    folders: list[str] = []
    files: list[str] = []
    try:
        with os.scandir(folder) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return folders, files
    for entry in listed:
        try:
            if entry.is_dir():
                if not _skipped(entry) and (keep is None or keep(entry.path, True)):
                    folders.append(entry.path)
            elif entry.name.endswith(SUFFIXES) and entry.is_file() and (keep is None or keep(entry.path, False)):
                files.append(entry.path)
        except OSError:
            continue
    return folders, files


def _skipped(entry: os.DirEntry[str]) -> bool:
    if entry.name.startswith(".") or entry.name in SKIPPED_FOLDERS:
        return True
    return os.path.exists(os.path.join(entry.path, "pyvenv.cfg"))
