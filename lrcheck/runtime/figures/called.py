"""Quotients in functions of the program that are called with totals, and in methods of objects that hold them.

`ratio(correct, total)`, `meter.mean()`, `meter.average`: the body of the function is read with the units of its arguments.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

from lrcheck.facts import ScalarFacts
from lrcheck.runtime.places.sites import is_user
from lrcheck.runtime.places.source import tree_of

Path = tuple[str, ...]
Arguments = dict[str, tuple[ast.expr | None, Any]]  # parameter -> the expression that is passed, its value


def called(node: ast.AST, plain: Callable[[ast.expr], Any]) -> tuple[FunctionType, Arguments] | None:
    """The function of the program that an expression calls, and what it is passed."""
    if isinstance(node, ast.Attribute):  # perhaps a property
        found = _attribute(plain(node.value), node.attr)
        getter = found.fget if isinstance(found, property) else None
        return _bound(getter, [node.value], [], plain) if getter is not None else None
    if not isinstance(node, ast.Call):
        return None
    if isinstance(node.func, ast.Attribute):
        holder = plain(node.func.value)
        method = _attribute(holder, node.func.attr)
        if isinstance(method, FunctionType):
            return _bound(method, [node.func.value, *node.args], node.keywords, plain)
        function = vars(holder).get(node.func.attr) if type(holder).__name__ == "module" else None
    else:
        function = plain(node.func)
    return _bound(function, node.args, node.keywords, plain)


def _attribute(holder: Any, name: str) -> Any:
    """What the class of an object defines by a name, without asking the object."""
    return next((vars(kind)[name] for kind in type(holder).__mro__ if name in vars(kind)), None)


def _bound(
    function: Any, arguments: list[ast.expr], keywords: list[ast.keyword], plain: Callable[[ast.expr], Any]
) -> tuple[FunctionType, Arguments] | None:
    """The arguments by the names of the parameters; nothing where they cannot be told apart."""
    if not isinstance(function, FunctionType) or not is_user(function.__code__.co_filename):
        return None
    code = function.__code__
    if any(isinstance(each, ast.Starred) for each in arguments) or len(arguments) > code.co_argcount:
        return None
    given = dict(zip(code.co_varnames, arguments, strict=False))
    given.update({each.arg: each.value for each in keywords if each.arg})
    return function, {name: (each, plain(each)) for name, each in given.items()}


def body(function: FunctionType) -> list[ast.stmt]:
    """The statements of a function, where its source is known."""
    code = function.__code__
    tree = tree_of(code.co_filename)
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.FunctionDef) and node.name == code.co_name:
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            if first == code.co_firstlineno:
                return node.body
    return []


def below(units: dict[Path, ScalarFacts], path: Path | None, name: str) -> Iterator[tuple[Path, ScalarFacts]]:
    """The units of what an argument holds, by the name of its parameter."""
    for key, unit in units.items() if path is not None else ():
        if path is not None and key[: len(path)] == path:
            yield (name, *key[len(path) :]), unit
