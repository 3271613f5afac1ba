"""Places in a running program: the innermost frame that is the user's own, as a `Site`.

Taking a place costs a walk over a few frames and two numbers; lines, columns and text are looked up when a finding is
written.
"""

from __future__ import annotations

import ast
import functools
import linecache
import os
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType, FrameType

import torch

from lrcheck.findings import Span

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_ENGINE = tuple(
    os.path.join(_PACKAGE, name) + os.sep for name in ("runtime", "cli", "report", "static", "knowledge", "rules")
)
_TORCH = os.path.dirname(os.path.abspath(torch.__file__)) + os.sep
_LIBRARIES = tuple(
    {os.path.realpath(sysconfig.get_path(name)) + os.sep for name in ("stdlib", "platstdlib")}
    | {sysconfig.get_path(name) + os.sep for name in ("stdlib", "platstdlib")}
)
_INSTALLED = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")
_USER = ("<stdin>", "<string>", "<ipython-input")


@functools.cache
def _is_user(filename: str) -> bool:
    """Is this the user's own code, not torch, the standard library, an installed package or this one?"""
    if filename.startswith("<"):
        return filename.startswith(_USER)
    path = os.path.abspath(filename)
    if path.startswith((*_ENGINE, _TORCH)) or os.path.dirname(path) == _PACKAGE:
        return False
    return not any(part in path for part in _INSTALLED) and not path.startswith(_LIBRARIES)


@functools.cache
def _is_foreign(filename: str) -> bool:
    """Is this code of torch, of the standard library or of this package?"""
    if filename.startswith("<"):
        return not filename.startswith(_USER)
    path = os.path.abspath(filename)
    if path.startswith((*_ENGINE, _TORCH)) or os.path.dirname(path) == _PACKAGE:
        return True
    return path.startswith(_LIBRARIES) and not any(part in path for part in _INSTALLED)


def user_frame(frame: FrameType | None = None) -> FrameType | None:
    """The innermost frame of the user; where there is none, the innermost of an installed package."""
    start = frame if frame is not None else sys._getframe(1)
    current: FrameType | None = start
    while current is not None:
        if _is_user(current.f_code.co_filename):
            return current
        current = current.f_back
    current = start
    while current is not None and _is_foreign(current.f_code.co_filename):
        current = current.f_back
    return current


def user_frames() -> Iterator[FrameType]:
    """Every frame of the user, the innermost first."""
    current: FrameType | None = sys._getframe(1)
    while current is not None:
        if _is_user(current.f_code.co_filename):
            yield current
        current = current.f_back


def here() -> FrameSite | None:
    """The place where the user's program is now."""
    frame = user_frame()
    return None if frame is None else site_of(frame)


def site_of(frame: FrameType) -> FrameSite:
    """The expression that a frame is evaluating. The line is asked for now: a place may outlive its frame."""
    return FrameSite(frame.f_code, frame.f_lasti, frame.f_lineno)


@dataclass(frozen=True, slots=True)
class FrameSite:
    """An instruction of a code object: the call, comparison or other expression that it belongs to.

    `argument` points at one argument of that call instead: a position, or a keyword.
    """

    code: CodeType
    instruction: int  # byte offset, as in `f_lasti`
    line: int
    argument: int | str | None = None

    @property
    def path(self) -> str:
        return _shown(self.code.co_filename)

    @property
    def text(self) -> str:
        return _text(self.code.co_filename, self.span())

    def key(self) -> tuple[str, object]:
        return (self.code.co_filename, (self.code.co_firstlineno, self.instruction, self.argument))

    def span(self) -> Span:
        """Lines and columns from 1; the whole line where the interpreter keeps no columns."""
        whole = self._whole()
        if self.argument is None:
            return whole
        return _argument(self.code.co_filename, whole, self.argument) or whole

    def statement_lines(self) -> range:
        """The lines of the statement around the place, for suppressions."""
        span = self.span()
        first, last = _statement(self.code.co_filename, span.line)
        return range(min(first, span.line), max(last, span.end_line) + 1)

    def argument_site(self, position: int, keyword: str) -> FrameSite | None:
        """One argument of the call at this place, where the source is known."""
        found = _call(self.code.co_filename, self._whole())
        if found is None:
            return None
        if any(isinstance(given, ast.Starred) for given in found.args[: position + 1]):
            return None
        if position < len(found.args):
            return FrameSite(self.code, self.instruction, self.line, position)
        if any(each.arg == keyword for each in found.keywords):
            return FrameSite(self.code, self.instruction, self.line, keyword)
        return None

    def _whole(self) -> Span:
        positions = getattr(self.code, "co_positions", None)
        if positions is None:
            return _line_span(self.code.co_filename, self.line)
        for index, (line, end_line, column, end_column) in enumerate(positions()):
            if index == self.instruction // 2:
                if None in (line, end_line, column, end_column):
                    break
                return _characters(self.code.co_filename, line, column, end_line, end_column)
        return _line_span(self.code.co_filename, self.line)


@functools.cache
def _shown(filename: str) -> str:
    """A path as the linter shows it: below the working directory without it."""
    if filename.startswith("<"):
        return filename
    path = os.path.abspath(filename)
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive
        return path
    return path if relative.startswith("..") else relative


def _characters(filename: str, line: int, column: int, end_line: int, end_column: int) -> Span:
    """The interpreter counts bytes of UTF-8 from 0, people characters from 1."""
    first, last = linecache.getline(filename, line), linecache.getline(filename, end_line)
    start = len(first.encode()[:column].decode(errors="ignore"))
    end = len(last.encode()[:end_column].decode(errors="ignore"))
    return Span(line, start + 1, end_line, end + 1)


def _line_span(filename: str, line: int) -> Span:
    text = linecache.getline(filename, line).rstrip()
    start = len(text) - len(text.lstrip())
    return Span(line, start + 1, line, max(len(text), start + 1) + 1)


def _text(filename: str, span: Span) -> str:
    lines = [linecache.getline(filename, number) for number in range(span.line, span.end_line + 1)]
    if not lines or not lines[0]:
        return ""
    lines[-1] = lines[-1][: span.end_column - 1]
    lines[0] = lines[0][span.column - 1 :]
    return "".join(lines)


@functools.lru_cache(maxsize=16)
def _tree(filename: str) -> ast.Module | None:
    try:
        return ast.parse("".join(linecache.getlines(filename)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _call(filename: str, span: Span) -> ast.Call | None:
    tree = _tree(filename)
    if tree is None:
        return None
    wanted = (span.line, span.end_line)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (node.lineno, node.end_lineno) == wanted and _span(filename, node) == span:
            return node
    return None


def _argument(filename: str, whole: Span, argument: int | str) -> Span | None:
    call = _call(filename, whole)
    if call is None:
        return None
    if isinstance(argument, int):
        return _span(filename, call.args[argument]) if argument < len(call.args) else None
    found = next((each.value for each in call.keywords if each.arg == argument), None)
    return None if found is None else _span(filename, found)


def _span(filename: str, node: ast.expr) -> Span:
    end_line = node.end_lineno or node.lineno
    return _characters(filename, node.lineno, node.col_offset, end_line, node.end_col_offset or node.col_offset)


def _statement(filename: str, line: int) -> tuple[int, int]:
    """The lines of the smallest simple statement (or of the head of a compound one) around a line."""
    tree = _tree(filename)
    best = (line, line)
    if tree is None:
        return best
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or node.lineno):
            body = getattr(node, "body", None)
            last = body[0].lineno - 1 if body else node.end_lineno or node.lineno
            best = (node.lineno, max(last, node.lineno)) if last >= line else best
    return best


def loop_around(frame_code: CodeType, line: int) -> tuple[int, int] | None:
    """The first and last line of the innermost loop around a line of a code object."""
    tree = _tree(frame_code.co_filename)
    if tree is None:
        return None
    found = None
    for node in ast.walk(tree):
        if isinstance(node, ast.For | ast.While | ast.AsyncFor) and node.lineno <= line <= (node.end_lineno or 0):
            inner = found is None or node.lineno >= found[0]
            if inner and node.lineno >= frame_code.co_firstlineno:
                found = (node.lineno, node.end_lineno or node.lineno)
    return found


def is_direct() -> bool:
    """Did the user's own expression call torch, with no installed package in between?"""
    current: FrameType | None = sys._getframe(1)
    while current is not None and _is_foreign(current.f_code.co_filename):
        current = current.f_back
    return current is not None and _is_user(current.f_code.co_filename)


@dataclass(frozen=True, slots=True)
class LoopSite:
    """A loop of the user's program: its head."""

    code: CodeType
    line: int
    last: int

    @staticmethod
    def around(code: CodeType, line: int) -> LoopSite | None:
        """The innermost loop around a line of a code object, where its source is known."""
        found = loop_around(code, line)
        return None if found is None else LoopSite(code, *found)

    @property
    def path(self) -> str:
        return _shown(self.code.co_filename)

    @property
    def text(self) -> str:
        return _text(self.code.co_filename, self.span())

    def key(self) -> tuple[str, object]:
        return (self.code.co_filename, (self.line, "loop"))

    def span(self) -> Span:
        return _line_span(self.code.co_filename, self.line)


def called_by_user() -> bool:
    """Is the caller of the caller the user's own code?"""
    return _is_user(sys._getframe(2).f_code.co_filename)


NOWHERE = FrameSite(compile("", "<unknown>", "exec"), 0, 1)
