"""Two data sets of one class that were made differently, and are the same: the class ignores what tells them apart."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import Dataset

from lrcheck.runtime.places.sites import is_of_program
from lrcheck.runtime.places.source import tree_of

DEPTH = 4  # of containers that are compared
LARGEST = 20_000_000  # numbers of one tensor
_PLAIN = (str, bytes, bool, int, float, complex, type(None))


def are_one(one: Any, other: Any) -> bool:
    """Do two instances differ only in what nothing reads, though the program made them with different arguments?"""
    kind = type(one)
    if type(other) is not kind or kind.__bases__ != (Dataset,) or not is_of_program(one):
        return False
    mine, others = vars(one), vars(other)
    code = getattr(vars(kind).get("__getitem__"), "__code__", None)
    files = {os.path.realpath(each) for each in (code.co_filename, _main()) if each} if code is not None else ()
    trees = [tree for each in files if (tree := tree_of(each)) is not None]
    definition = next((each for tree in trees for each in _classes(tree) if each.name == kind.__name__), None)
    if mine.keys() != others.keys() or definition is None or not _same_names(trees, kind.__name__):
        return False
    apart = {name for name, value in mine.items() if not _equal(value, others[name])}
    if apart:
        return not any(callable(mine[name]) for name in apart) and not any(
            name in apart for tree in trees for name in _read(tree, definition)
        )
    calls = [each for tree in trees for each in ast.walk(tree) if _makes(each, kind.__name__)]
    return len(calls) == 2 and ast.dump(calls[0]) != ast.dump(calls[1])


def _main() -> str:
    return str(getattr(sys.modules.get("__main__"), "__file__", ""))


def _classes(tree: ast.AST) -> Iterator[ast.ClassDef]:
    return (each for each in ast.walk(tree) if isinstance(each, ast.ClassDef))


def _same_names(trees: list[ast.Module], name: str) -> bool:
    """Is the class the only one of its name?"""
    return sum(each.name == name for tree in trees for each in _classes(tree)) == 1


def _read(tree: ast.AST, definition: ast.ClassDef) -> Iterator[str]:
    """The attributes that are read anywhere but in the constructor of this class and in its assertions; no methods."""
    passed: list[ast.stmt] = [
        each for each in definition.body if isinstance(each, ast.FunctionDef) and each.name == "__init__"
    ]
    passed += [each for each in ast.walk(definition) if isinstance(each, ast.Assert)]
    inside = {id(part) for each in passed for part in ast.walk(each)}
    inside |= {id(each.func) for each in ast.walk(tree) if isinstance(each, ast.Call)}
    for each in ast.walk(tree):
        if isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Load) and id(each) not in inside:
            yield each.attr


def _makes(node: ast.AST, name: str) -> bool:
    if not isinstance(node, ast.Call):
        return False
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return called == name


def _equal(one: Any, other: Any, depth: int = DEPTH) -> bool:
    """Are two values known to be equal?"""
    if one is other:
        return True
    if type(one) is not type(other) or depth == 0:
        return False
    if isinstance(one, _PLAIN):
        return bool(one == other)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(_equal(*pair, depth - 1) for pair in zip(one, other, strict=True))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_equal(value, other[key], depth - 1) for key, value in one.items())
    if isinstance(one, Tensor):
        alike = one.shape == other.shape and one.dtype == other.dtype and one.device == other.device
        return alike and one.device.type == "cpu" and one.numel() <= LARGEST and torch.equal(one, other)
    numpy: Any = sys.modules.get("numpy")
    if numpy is not None and type(one) is numpy.ndarray:
        return bool(one.size <= LARGEST and numpy.array_equal(one, other))
    return is_of_program(one) and _equal(getattr(one, "__dict__", None), getattr(other, "__dict__", 0), depth - 1)
