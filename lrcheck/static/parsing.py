"""From the text of a program to its syntax tree, in three quarters of the time that `libcst.parse_module` takes.

The parser makes a Python object for every piece of white space, which is half of all nodes, and every node checks itself.
Here equal white space is one object, and the nodes of the parser are trusted: they are right by construction.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import libcst as cst

from lrcheck.sources import UnreadableError
from lrcheck.static import memory
from lrcheck.static.guard import check_depth

PART = 20_000  # characters that are parsed at a time: the parser takes 1.7 times as long for each of ten times as many
_BETWEEN = r"^(?:[ \t]*\r?\n)(?:(?:%s#[^\r\n]*|[ \t]*)\r?\n)*(?=%s(?:def |class |async def |@))"
_MARGIN = re.compile(_BETWEEN % ("", ""), re.MULTILINE)
_INDENT = 4 * " "
_INDENTED = [re.compile(_BETWEEN % ((depth * _INDENT,) * 2), re.MULTILINE) for depth in (1, 2)]


def parse(text: str, encoding: str = "utf-8") -> cst.Module:
    """Parse a program; whatever is wrong with it becomes an `UnreadableError`."""
    check_depth(text)
    config: Any = cst.PartialParserConfig(encoding=encoding)
    try:
        with _Lean():
            module = _in_parts(text, config) if len(text) > 2 * PART else None
            module = module or cst.parse_module(text, config)
    except cst.ParserSyntaxError as error:
        raise UnreadableError(_syntax_message(error, text), error.raw_line) from None
    except RecursionError:
        raise UnreadableError("is nested too deeply to be parsed") from None
    except Exception as error:  # noqa: BLE001  # the native parser raises what it likes
        raise UnreadableError(f"cannot be parsed: {str(error).splitlines()[0] if str(error) else error!r}") from None
    memory.parsed(len(text))
    return module


def _in_parts(text: str, config: Any) -> cst.Module | None:
    """The tree of a long program, put together from parts of it; None where it must be parsed as a whole.

    A part ends before the empty line, and the comments, above a definition at the margin. Where that is inside a string or a
    bracket, neither part can be parsed. The body of a long class is parsed in parts, too.
    """
    texts = list(_parts(text))
    if len(texts) == 1:
        return _class_in_parts(text, config)
    parts: list[cst.Module] = []
    for piece in texts:
        part = _class_in_parts(piece, config) if len(piece) > 3 * PART else None
        try:
            parts.append(part or cst.parse_module(piece, config))
        except cst.ParserSyntaxError:
            return None
    first, last = parts[0], parts[-1]
    if any(_style(part) != _style(first) or not part.body for part in parts):
        return None
    if any(part.footer for part in parts[:-1]):
        return None
    for part in parts[1:]:  # what a module begins with belongs to its first definition here
        object.__setattr__(part.body[0], "leading_lines", [*part.header, *part.body[0].leading_lines])
    body = [statement for part in parts for statement in part.body]
    return first.with_changes(body=body, footer=last.footer, has_trailing_newline=last.has_trailing_newline)


def _class_in_parts(text: str, config: Any) -> cst.Module | None:
    """The tree of a part that ends with a long class (or one inside a class), from parts of its body.

    None where it must be parsed as a whole. Each part but the first stands in classes that are made for it.
    """
    cuts = [list(_parts(text, margin)) for margin in _INDENTED]
    depth, texts = min(enumerate(cuts, 1), key=lambda cut: max(map(len, cut[1])))
    if len(texts) == 1:
        return None
    newline = "\r\n" if "\r\n" in texts[0] else "\n"
    opening = "".join(f"{level * _INDENT}class _:{newline}" for level in range(depth))
    parts = _each(texts, opening, config)
    if len(parts) < 2:
        return None
    first, last = parts[0], parts[-1]
    if any(_style(part) != _style(first) for part in parts) or any(part.footer for part in parts[:-1]):
        return None
    body: list[Any] | None = list(first.body)
    for part in parts[1:]:
        body = _joined(body, list(part.body), depth) if body is not None else None
    if body is None:
        return None
    return first.with_changes(body=body, footer=last.footer, has_trailing_newline=last.has_trailing_newline)


def _each(texts: list[str], opening: str, config: Any) -> list[cst.Module]:
    """The trees of parts; a part that ends inside a string goes on in the next one. Empty where that does not help."""
    parts: list[cst.Module] = []
    pending: list[str] = []
    for piece in texts:
        pending.append(piece)
        try:
            parts.append(cst.parse_module((opening if parts else "") + "".join(pending), config))
        except cst.ParserSyntaxError:
            if len(pending) > 2:
                return []
        else:
            pending.clear()
    return [] if pending else parts


def _joined(before: list[Any], behind: list[Any], depth: int) -> list[Any] | None:
    """Two parts of a body; at so many levels, the last class of the first goes on in the first class of the second."""
    if depth == 0:
        return before + behind
    ends, begins = before[-1] if before else None, behind[0]
    if not isinstance(ends, cst.ClassDef) or not isinstance(begins, cst.ClassDef):
        return None
    block, rest = ends.body, begins.body
    if (
        not isinstance(block, cst.IndentedBlock)
        or not isinstance(rest, cst.IndentedBlock)
        or block.footer
        or block.indent
    ):
        return None
    body = _joined(list(block.body), list(rest.body), depth - 1)
    if body is None:
        return None
    whole = ends.with_changes(body=block.with_changes(body=body, footer=rest.footer))
    return [*before[:-1], whole, *behind[1:]]


def _style(module: cst.Module) -> tuple[str, str]:
    return module.default_indent, module.default_newline


def _parts(text: str, margin: re.Pattern[str] | None = None) -> Iterator[str]:
    start = 0
    for found in (margin or _MARGIN).finditer(text):
        if found.start() - start >= PART and len(text) - found.start() >= PART:
            yield text[start : found.start()]
            start = found.start()
    yield text[start:]


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
        self.classes = {
            name: getattr(cst, name) for name in ("SimpleWhitespace", "Newline", "Dot", "TrailingWhitespace")
        }
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
