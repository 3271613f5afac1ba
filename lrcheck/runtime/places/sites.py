"""Places in a running program: the innermost frame that is the user's own, as a `Site`.

Taking a place costs a walk over a few frames and two numbers; lines, columns and text are looked up when a finding is
written.
"""

from __future__ import annotations

import ast
import functools
import os
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any

import torch

from lrcheck.findings import Span
from lrcheck.runtime.places.source import (
    SourceSite,
    argument_span,
    call_at,
    characters,
    line_span,
    loop_around,
    shown,
    statement_around,
    text_of,
)

_PACKAGE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
_ENGINE = tuple(
    os.path.join(_PACKAGE, name) + os.sep for name in ("runtime", "cli", "report", "static", "knowledge", "rules")
)
_RUNNER = os.path.join(_PACKAGE, "cli", "run.py")
_TORCH = os.path.dirname(os.path.abspath(torch.__file__)) + os.sep
_LIBRARIES = tuple(
    {os.path.realpath(sysconfig.get_path(name)) + os.sep for name in ("stdlib", "platstdlib")}
    | {sysconfig.get_path(name) + os.sep for name in ("stdlib", "platstdlib")}
)
_INSTALLED = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")
_USER = ("<stdin>", "<string>", "<ipython-input")


@functools.cache
def is_user(filename: str) -> bool:
    """Is this the user's own code, not torch, the standard library, an installed package or this one?"""
    if filename.startswith("<"):
        return filename.startswith(_USER)
    path = os.path.abspath(filename)
    if path.startswith((*_ENGINE, _TORCH)) or os.path.dirname(path) == _PACKAGE:
        return False
    return not any(part in path for part in _INSTALLED) and not path.startswith(_LIBRARIES)


def is_of_program(value: Any) -> bool:
    """Is this an object of a class of the user's own?"""
    kind = type(value)
    if kind.__module__ == "types":
        return kind.__name__ == "SimpleNamespace"
    if kind.__module__ in ("builtins", "torch", "numpy"):
        return False
    if kind.__module__ == "__main__":
        return True
    file = getattr(sys.modules.get(kind.__module__), "__file__", None)
    return file is not None and is_user(file)


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
        if is_user(current.f_code.co_filename):
            return current
        current = current.f_back
    current = start
    while current is not None and _is_foreign(current.f_code.co_filename):
        current = current.f_back
    return current


def user_frames() -> Iterator[FrameType]:
    """Every frame of the user, the innermost first. What calls `lrcheck run` is no part of the program."""
    current: FrameType | None = sys._getframe(1)
    while current is not None:
        filename = current.f_code.co_filename
        if is_user(filename):
            yield current
        elif filename == _RUNNER:
            return
        current = current.f_back


def here() -> FrameSite | None:
    """The place where the user's program is now."""
    frame = user_frame()
    return None if frame is None else site_of(frame)


def outside_forward() -> FrameSite | None:
    """Where the program calls the model: the innermost frame that is no `forward`."""
    for frame in user_frames():
        if frame.f_code.co_name != "forward":
            return site_of(frame)
    return None


def made_at(made: object) -> FrameSite | None:
    """Where the program constructs an object: not in the object's own constructor."""
    for frame in user_frames():
        code = frame.f_code
        if code.co_name != "__init__" or not code.co_argcount or frame.f_locals.get(code.co_varnames[0]) is not made:
            return site_of(frame)
    return None


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
    def filename(self) -> str:
        return self.code.co_filename

    @property
    def path(self) -> str:
        return shown(self.code.co_filename)

    @property
    def text(self) -> str:
        return text_of(self.code.co_filename, self.span())

    def key(self) -> tuple[str, object]:
        return (self.code.co_filename, (self.code.co_firstlineno, self.instruction, self.argument))

    def span(self) -> Span:
        """Lines and columns from 1; the whole line where the interpreter keeps no columns."""
        whole = self._whole()
        if self.argument is None:
            return whole
        return argument_span(self.code.co_filename, whole, self.argument) or whole

    def statement_lines(self) -> range:
        """The lines of the statement around the place, for suppressions."""
        span = self.span()
        first, last = statement_around(self.code.co_filename, span.line)
        return range(min(first, span.line), max(last, span.end_line) + 1)

    def receiver(self) -> SourceSite | None:
        """`optimizer` of the call `optimizer.step()` at this place, where the source is known."""
        found = call_at(self.filename, self._whole())
        function = found.func if found is not None else None
        return SourceSite.of(self.filename, function.value) if isinstance(function, ast.Attribute) else None

    def callee(self) -> SourceSite | None:
        """`optimizer.step` of the call `optimizer.step()` at this place."""
        found = call_at(self.filename, self._whole())
        return SourceSite.of(self.filename, found.func) if found is not None else None

    def argument_site(self, position: int, keyword: str) -> FrameSite | None:
        """One argument of the call at this place, where the source is known."""
        found = call_at(self.code.co_filename, self._whole())
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
            return line_span(self.code.co_filename, self.line)
        for index, (line, end_line, column, end_column) in enumerate(positions()):
            if index == self.instruction // 2:
                if None in (line, end_line, column, end_column):
                    break
                return characters(self.code.co_filename, line, column, end_line, end_column)
        return line_span(self.code.co_filename, self.line)


def is_direct() -> bool:
    """Did the user's own expression call torch, with no installed package in between?"""
    current: FrameType | None = sys._getframe(1)
    while current is not None and _is_foreign(current.f_code.co_filename):
        current = current.f_back
    return current is not None and is_user(current.f_code.co_filename)


@dataclass(frozen=True, slots=True)
class LoopSite:
    """A loop of the user's program: its head."""

    code: CodeType
    line: int
    last: int

    @staticmethod
    def around(code: CodeType, line: int, outside: int | None = None) -> LoopSite | None:
        """The innermost loop around a line of a code object (or outside of the loop that begins at one)."""
        found = loop_around(code, line, outside)
        return None if found is None else LoopSite(code, *found)

    @property
    def path(self) -> str:
        return shown(self.code.co_filename)

    @property
    def text(self) -> str:
        return text_of(self.code.co_filename, self.span())

    def key(self) -> tuple[str, object]:
        return (self.code.co_filename, (self.line, "loop"))

    def span(self) -> Span:
        return line_span(self.code.co_filename, self.line)


def loop_here() -> LoopSite | None:
    """The innermost loop of the user around this place, also around the calls that lead here."""
    for frame in user_frames():
        found = LoopSite.around(frame.f_code, frame.f_lineno)
        if found is not None:
            return found
    return None


def called_by_user() -> bool:
    """Is the caller of the caller the user's own code?"""
    return is_user(sys._getframe(2).f_code.co_filename)


NOWHERE = FrameSite(compile("", "<unknown>", "exec"), 0, 1)
