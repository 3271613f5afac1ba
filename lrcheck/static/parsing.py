"""From the text of a program to its syntax tree, in three quarters of the time that `libcst.parse_module` takes.

The parser makes a Python object for every piece of white space, which is half of all nodes, and every node checks itself.
Here equal white space is one object, and the nodes of the parser are trusted: they are right by construction.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import libcst as cst

from lrcheck.sources import UnreadableError
from lrcheck.static import memory
from lrcheck.static.guard import check_depth


def parse(text: str, encoding: str = "utf-8") -> cst.Module:
    """Parse a program; whatever is wrong with it becomes an `UnreadableError`."""
    check_depth(text)
    try:
        with _Lean():
            module = cst.parse_module(text, cst.PartialParserConfig(encoding=encoding))
    except cst.ParserSyntaxError as error:
        raise UnreadableError(_syntax_message(error, text), error.raw_line) from None
    except RecursionError:
        raise UnreadableError("is nested too deeply to be parsed") from None
    except Exception as error:  # noqa: BLE001  # the native parser raises what it likes
        raise UnreadableError(f"cannot be parsed: {str(error).splitlines()[0] if str(error) else error!r}") from None
    memory.parsed(len(text))
    return module


_PYTHON_2 = re.compile(r"\s*(?:(print|exec)[ \t]+[^\s=(.,)\]]|(except)\b[^:(]*,|(raise)[ \t]+\w+[ \t]*,)")


def _syntax_message(error: cst.ParserSyntaxError, text: str) -> str:
    lines = text.splitlines()
    old = _PYTHON_2.match(lines[error.raw_line - 1]) if 0 < error.raw_line <= len(lines) else None
    if old is not None:
        return f"invalid syntax: this `{old[1] or old[2] or old[3]}` is Python 2"
    reason = error.message.strip().splitlines()[0] if error.message.strip() else "invalid syntax"
    reason = reason.removeprefix("parser error: ")
    found = re.match(r"error at \d+:\d+: expected (?:one of )?(.*)", reason)
    return "invalid syntax" if found else f"invalid syntax: {reason}"


class _Lean:
    """While it is active, the native parser makes one object for equal white space, and no node checks itself.

    The parser asks the package `libcst` for the class of each node by name. Only nodes without an identity of their own are
    shared: nobody asks where a particular blank or line end stands. Comments and commas stay what they are.
    """

    def __enter__(self) -> None:
        self.check = cst.CSTNode.__post_init__
        self.classes = {name: getattr(cst, name) for name in ("SimpleWhitespace", "Newline", "Dot", "TrailingWhitespace")}
        cst.CSTNode.__post_init__ = _trust  # type: ignore[method-assign, assignment]
        for name, cls in self.classes.items():
            setattr(cst, name, _line_ends(cls) if name == "TrailingWhitespace" else cache(cls))

    def __exit__(self, *_: object) -> None:
        cst.CSTNode.__post_init__ = self.check  # type: ignore[method-assign]
        for name, cls in self.classes.items():
            setattr(cst, name, cls)


def _trust(_: cst.CSTNode) -> None:
    pass


def _line_ends(cls: type[cst.TrailingWhitespace]) -> Callable[..., Any]:
    """Makes the end of a line; those without a comment are shared."""
    shared = cache(cls)

    def make(*, comment: cst.Comment | None = None, **parts: Any) -> Any:
        return shared(**parts) if comment is None else cls(comment=comment, **parts)

    return make
