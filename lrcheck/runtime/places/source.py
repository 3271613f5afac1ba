"""Questions about the source text around a place: its expression, its statement, the loops and branches around it.

The text is parsed once, and only when a finding is written or the parts of a step are put together.
"""

from __future__ import annotations

import ast
import functools
import itertools
import linecache
import os
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType

from lrcheck.findings import Span

Raw = tuple[int, int, int, int]  # line, column in bytes, last line, its column: as the interpreter counts


@functools.cache
def shown(filename: str) -> str:
    """A path as the linter shows it: below the working directory without it."""
    if filename.startswith("<"):
        return filename
    path = os.path.abspath(filename)
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive
        return path
    return path if relative.startswith("..") else relative


def characters(filename: str, line: int, column: int, end_line: int, end_column: int) -> Span:
    """The interpreter counts bytes of UTF-8 from 0, people characters from 1."""
    first, last = linecache.getline(filename, line), linecache.getline(filename, end_line)
    start = len(first.encode()[:column].decode(errors="ignore"))
    end = len(last.encode()[:end_column].decode(errors="ignore"))
    return Span(line, start + 1, end_line, end + 1)


def line_span(filename: str, line: int) -> Span:
    text = linecache.getline(filename, line).rstrip()
    start = len(text) - len(text.lstrip())
    return Span(line, start + 1, line, max(len(text), start + 1) + 1)


def text_of(filename: str, span: Span) -> str:
    lines = [linecache.getline(filename, number) for number in range(span.line, span.end_line + 1)]
    if not lines or not lines[0]:
        return ""
    lines[-1] = lines[-1][: span.end_column - 1]
    lines[0] = lines[0][span.column - 1 :]
    return "".join(lines)


@functools.lru_cache(maxsize=16)
def tree_of(filename: str) -> ast.Module | None:
    try:
        return ast.parse("".join(linecache.getlines(filename)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def call_at(filename: str, span: Span) -> ast.Call | None:
    for node in _calls(filename).get((span.line, span.end_line), ()):
        if span_of(filename, node) == span:
            return node
    return None


@functools.lru_cache(maxsize=16)
def _calls(filename: str) -> dict[tuple[int, int | None], list[ast.Call]]:
    """The calls of a file, by their first and last lines."""
    tree = tree_of(filename)
    found: dict[tuple[int, int | None], list[ast.Call]] = {}
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Call):
            found.setdefault((node.lineno, node.end_lineno), []).append(node)
    return found


def argument_span(filename: str, whole: Span, argument: int | str) -> Span | None:
    call = call_at(filename, whole)
    if call is None:
        return None
    if isinstance(argument, int):
        return span_of(filename, call.args[argument]) if argument < len(call.args) else None
    found = next((each.value for each in call.keywords if each.arg == argument), None)
    return None if found is None else span_of(filename, found)


def span_of(filename: str, node: ast.expr) -> Span:
    end_line = node.end_lineno or node.lineno
    return characters(filename, node.lineno, node.col_offset, end_line, node.end_col_offset or node.col_offset)


def statement_around(filename: str, line: int) -> tuple[int, int]:
    """The lines of the smallest simple statement (or of the head of a compound one) around a line."""
    tree = tree_of(filename)
    best = (line, line)
    if tree is None:
        return best
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or node.lineno):
            body = getattr(node, "body", None)
            last = body[0].lineno - 1 if body else node.end_lineno or node.lineno
            best = (node.lineno, max(last, node.lineno)) if last >= line else best
    return best


# -- nodes ----------------------------------------------------------------------------------------------------------------
@functools.lru_cache(maxsize=16)
def _index(filename: str) -> tuple[dict[Raw, ast.AST], dict[ast.AST, ast.AST]]:
    """The node at each range of a file (an expression before a statement), and the parent of each node."""
    nodes: dict[Raw, ast.AST] = {}
    parents: dict[ast.AST, ast.AST] = {}
    tree = tree_of(filename)
    if tree is None:
        return nodes, parents
    for parent in ast.walk(tree):
        for child in ast.iter_child_nodes(parent):
            parents[child] = parent
            if isinstance(child, (ast.expr, ast.stmt)):
                key = _raw(child)
                if key not in nodes or isinstance(child, ast.expr):
                    nodes[key] = child
    return nodes, parents


def _raw(node: ast.expr | ast.stmt) -> Raw:
    return (node.lineno, node.col_offset, node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)


def raw_position(code: CodeType, instruction: int) -> Raw | None:
    """Where an instruction stands, as the interpreter counts; None where it keeps no columns."""
    positions = getattr(code, "co_positions", None)
    if positions is None:
        return None
    for line, end_line, column, end_column in itertools.islice(positions(), instruction // 2, instruction // 2 + 1):
        if None not in (line, end_line, column, end_column):
            return (line, column, end_line, end_column)
    return None


def node_of(code: CodeType, instruction: int) -> ast.AST | None:
    """The expression (or statement) that an instruction belongs to, where the source is known."""
    position = raw_position(code, instruction)
    return None if position is None else _index(code.co_filename)[0].get(position)


def parent_of(filename: str, node: ast.AST) -> ast.AST | None:
    return _index(filename)[1].get(node)


def ancestors(filename: str, node: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Every (parent, child) on the way up, the nearest first."""
    _, parents = _index(filename)
    while (parent := parents.get(node)) is not None:
        yield parent, node
        node = parent


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The branch arms and loops around a place, from outside, up to a loop or to the function that holds it."""

    path: tuple[tuple[int, int], ...] = ()
    loops: tuple[int, ...] = ()
    tests: tuple[tuple[int, ast.expr], ...] = ()  # branch, condition


def surroundings(code: CodeType, instruction: int, loop_line: int | None = None) -> Surroundings:
    """What stands around an instruction inside its function, or inside the loop that begins at `loop_line`."""
    node = node_of(code, instruction)
    path: list[tuple[int, int]] = []
    loops: list[int] = []
    tests: list[tuple[int, ast.expr]] = []
    for parent, child in ancestors(code.co_filename, node) if node is not None else ():
        if not isinstance(parent, (ast.stmt, ast.expr, ast.ExceptHandler)):
            continue
        if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            break
        is_loop = isinstance(parent, LOOPS)
        if is_loop and parent.lineno == loop_line:
            break
        identity = hash((code.co_filename, parent.lineno, parent.col_offset))
        if is_loop and child not in getattr(parent, "orelse", ()) and child is not getattr(parent, "iter", None):
            loops.append(identity)
        elif isinstance(parent, (ast.If, ast.IfExp)) and child is not parent.test:
            orelse = parent.orelse if isinstance(parent.orelse, list) else [parent.orelse]
            path.append((identity, int(child in orelse)))
            tests.append((identity, parent.test))
        elif isinstance(parent, ast.ExceptHandler):
            path.append((identity, 0))
    return Surroundings(tuple(reversed(path)), tuple(reversed(loops)), tuple(reversed(tests)))


def assignment(code: CodeType, attribute: str) -> ast.expr | None:
    """The value of `self.attribute = value` in a method, where its source is known."""
    tree = tree_of(code.co_filename)
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.FunctionDef) and node.name == code.co_name and _begins(node) == code.co_firstlineno:
            return _assigned(node, attribute)
    return None


@functools.lru_cache(maxsize=16)
def method_calls(filename: str, method: str) -> frozenset[str]:
    """The names of the objects whose method is called anywhere in a file: `scheduler` for `self.scheduler.step()`."""
    tree = tree_of(filename)
    found = set()
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Attribute) and node.attr == method:
            value = node.value
            found.add(value.id if isinstance(value, ast.Name) else getattr(value, "attr", ""))
    return frozenset(found)


def value_of(filename: str, node: ast.expr) -> ast.expr | None:
    """The expression itself, or what the variable that it names was last assigned above it."""
    if not isinstance(node, ast.Name):
        return node
    tree, found = tree_of(filename), None
    for each in ast.walk(tree) if tree is not None else ():
        if isinstance(each, ast.Assign) and each.lineno < node.lineno and (found is None or each.lineno > found.lineno):
            targets = [target.id for target in each.targets if isinstance(target, ast.Name)]
            found = each if node.id in targets else found
    return found.value if found is not None else None


def calls_of(filename: str, name: str) -> list[ast.Call]:
    """Every call of a function by its last name, in the order of the text."""
    tree = tree_of(filename)
    calls = [each for each in ast.walk(tree) if isinstance(each, ast.Call)] if tree is not None else []
    found = [each for each in calls if name in (getattr(each.func, "id", ""), getattr(each.func, "attr", ""))]
    return sorted(found, key=lambda call: (call.lineno, call.col_offset))


def _begins(node: ast.FunctionDef) -> int:
    return min([node.lineno, *(each.lineno for each in node.decorator_list)])


def _assigned(function: ast.FunctionDef, attribute: str) -> ast.expr | None:
    for node in ast.walk(function):
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else ()
        )
        if any(isinstance(each, ast.Attribute) and each.attr == attribute for each in targets):
            return getattr(node, "value", None)
    return None


LOOPS = (ast.For, ast.While, ast.AsyncFor)


@dataclass(frozen=True, slots=True)
class SourceSite:
    """A range of source text that no instruction stands for: an argument, the value of an assignment."""

    filename: str
    raw: Raw

    @staticmethod
    def of(filename: str, node: ast.expr | ast.stmt) -> SourceSite:
        return SourceSite(filename, _raw(node))

    @property
    def path(self) -> str:
        return shown(self.filename)

    @property
    def text(self) -> str:
        return text_of(self.filename, self.span())

    def key(self) -> tuple[str, object]:
        return (self.filename, self.raw)

    def span(self) -> Span:
        line, column, end_line, end_column = self.raw
        return characters(self.filename, line, column, end_line, end_column)

    def statement_lines(self) -> range:
        """The lines of the statement around the place, for suppressions."""
        span = self.span()
        first, last = statement_around(self.filename, span.line)
        return range(min(first, span.line), max(last, span.end_line) + 1)


def loop_around(frame_code: CodeType, line: int, outside: int | None = None) -> tuple[int, int] | None:
    """The first and last line of the innermost loop around a line of a code object, or of one that begins before."""
    found = None
    for first, last in _loops(frame_code.co_filename):
        if first <= line <= last and first != outside and first >= frame_code.co_firstlineno:
            found = (first, last)
    return found


@functools.lru_cache(maxsize=16)
def _loops(filename: str) -> list[tuple[int, int]]:
    """The first and last lines of all loops of a file, in the order of their heads."""
    tree = tree_of(filename)
    nodes = [node for node in ast.walk(tree) if isinstance(node, LOOPS)] if tree is not None else []
    return sorted((node.lineno, node.end_lineno or node.lineno) for node in nodes)
