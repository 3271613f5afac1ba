"""Numbers in the text that a program shows: f-strings, `"{:.2f}%".format(x)`, `"%.2f%%" % x`, and the arguments of a logger."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass

_LOGGING = frozenset({"info", "debug", "warning", "error", "log"})
_SHOWING = _LOGGING | {"print", "write", "set_description", "set_postfix_str"}
_PERCENT = re.compile(r"%[#0\- +]*\d*(?:\.\d+)?[diouxXeEfFgGcrsa%]")


@dataclass(frozen=True, slots=True)
class Shown:
    """A value, and the literal text on both sides of it."""

    value: ast.expr
    before: str
    after: str
    spec: str


def shown(statement: ast.stmt) -> Iterator[Shown]:
    """The values in what a statement prints or logs."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    if not isinstance(call, ast.Call):
        return
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    if name not in _SHOWING:
        return
    parts = _of_arguments(call.args, logged=name in _LOGGING)
    for number, part in enumerate(parts):
        if not isinstance(part, str):
            before, after = (parts[each] if 0 <= each < len(parts) else "" for each in (number - 1, number + 1))
            texts = [each if isinstance(each, str) else "" for each in (before, after)]
            yield Shown(part[0], texts[0], texts[1], part[1])


Part = str | tuple[ast.expr, str]  # literal text, or a value and its format


def _of_arguments(arguments: list[ast.expr], *, logged: bool) -> list[Part]:
    first = arguments[0] if arguments else None
    if logged and len(arguments) > 1 and isinstance(first, ast.Constant) and isinstance(first.value, str):
        return _percent(first.value, arguments[1:])
    return [part for each in arguments for part in _parts(each)]


def _parts(node: ast.expr) -> list[Part]:
    if isinstance(node, ast.Constant):
        return [node.value if isinstance(node.value, str) else (node, "")]
    if isinstance(node, ast.JoinedStr):
        return [_field(each) if isinstance(each, ast.FormattedValue) else _text(each) for each in node.values]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and isinstance(_text(node.left), str):
        values = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
        return _percent(_text(node.left), values) if _text(node.left) else [(node, "")]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        return _formatted(_text(node.func.value), node)
    return [(node, "")]


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _field(node: ast.FormattedValue) -> Part:
    spec = node.format_spec
    plain = isinstance(spec, ast.JoinedStr) and len(spec.values) == 1
    return node.value, _text(spec.values[0]) if plain and isinstance(spec, ast.JoinedStr) else ""


def _percent(template: str, values: list[ast.expr]) -> list[Part]:
    """`"%d: %.2f%%"`; nothing where a value cannot be told."""
    found: list[Part] = [""]
    end, rest = 0, list(values)
    for match in _PERCENT.finditer(template):
        found[-1] = f"{found[-1]}{template[end : match.start()]}"
        end = match.end()
        if match.group().endswith("%"):
            found[-1] = f"{found[-1]}%"
        elif rest:
            found += [(rest.pop(0), ""), ""]
    found[-1] = f"{found[-1]}{template[end:]}"
    return [] if rest or "%(" in template or "*" in template else found


def _formatted(template: str, call: ast.Call) -> list[Part]:
    """`"{}: {:.2%}".format(epoch, accuracy)`"""
    named = {each.arg: each.value for each in call.keywords}
    found: list[Part] = []
    number = 0
    try:
        for text, name, spec, _ in string.Formatter().parse(template):
            found.append(text)
            if name is None:
                continue
            key = str(number) if name == "" else name
            number += name == ""
            value = call.args[int(key)] if key.isdigit() and int(key) < len(call.args) else named.get(key)
            if value is not None and not isinstance(value, ast.Starred):
                found.append((value, "" if spec is None or "{" in spec else spec))
    except ValueError:
        return []
    return found
