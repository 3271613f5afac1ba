"""Whether an error comes from the marked lines: at one of them, or where something made there is used."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Collection


def explains(text: str, marked: Collection[int], line: int) -> bool:
    """Whether a program that fails at a line fails because of its marked lines."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a program may have invalid escapes; that is not the question here
        tree = ast.parse(text)
    statements = [_Statement(node) for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    tainted: set[str] = set()
    reached: set[int] = set(marked)
    grown = True
    while grown:
        before = len(tainted), len(reached)
        for statement in statements:
            if not reached.isdisjoint(statement.lines) or tainted & statement.used:
                tainted |= statement.made
                reached |= statement.lines
        grown = (len(tainted), len(reached)) != before
    return line in reached


class _Statement:
    """One statement, without the statements in its body: its lines, the names that it makes and those that it uses."""

    def __init__(self, node: ast.stmt) -> None:
        parts = [child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.stmt)]
        last = max([node.lineno, *(getattr(part, "end_lineno", None) or 0 for part in parts)])
        simple = not hasattr(node, "body")
        self.lines = set(range(node.lineno, ((node.end_lineno if simple else last) or last) + 1))
        self.made: set[str] = set()
        self.used: set[str] = set()
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            self.made.add(node.name)
            self.lines = {node.lineno}
        for part in parts:
            for child in ast.walk(part):
                self._note(child)

    def _note(self, node: ast.AST) -> None:
        if isinstance(node, ast.Name):
            (self.made if isinstance(node.ctx, ast.Store) else self.used).add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
            (self.made if isinstance(node.ctx, ast.Store) else self.used).add(f".{node.attr}")
