"""What is carried from one iteration to the next with its graph: running totals, and the states of recurrent models.

Nodes of the autograd graph are marked where they are made. A mark lives and dies with its node; nothing is kept alive.
"""

from __future__ import annotations

import ast
import itertools
import weakref
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from lrcheck.events import Accumulation, RecurrentCall
from lrcheck.runtime.source import SourceSite, node_of

if TYPE_CHECKING:
    from lrcheck.runtime.engine import Engine
    from lrcheck.runtime.flow import Call

ADDITIONS = frozenset({"add", "__add__", "__radd__", "add_", "__iadd__"})
_VALUE, _PASS, _MODULE = "lrcheck:value", "lrcheck:pass", "lrcheck:module"
_numbers = itertools.count(1)
_NEAR = 16  # nodes of the graph that are looked at, at most


class Carried:
    """Looks at additions and at calls of modules in traced steps."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.totals: dict[object, weakref.ref[Tensor]] = {}  # place -> the last sum made there

    # -- running totals ---------------------------------------------------------------------------------------------------
    @staticmethod
    def mark(value: Tensor) -> int:
        """A value that is, or may be, backpropagated: sums made of it know its number, which no later value gets."""
        node: Any = value.grad_fn
        if node is None:
            return id(value)
        if _VALUE not in node.metadata:
            node.metadata[_VALUE] = next(_numbers)
        number: int = node.metadata[_VALUE]
        return number

    def added(self, call: Call) -> None:
        """`total += value` with a graph, for the second time at this place."""
        result = call.result
        if not isinstance(result, Tensor) or not result.requires_grad or result.numel() != 1:
            return
        site: Any = call.scene.here()
        before = self.totals.get(site.key())
        self.totals[site.key()] = weakref.ref(result)
        if before is None or len(call.tensors) < 2 or before() is not call.tensors[0] or not call.facts[0].attached:
            return
        target, expression = _sum(node_of(site.code, site.instruction))
        if target is None or expression is None:
            return
        value = call.tensors[1]
        sources = (self.mark(value), *_marks(value, _VALUE))
        places = [SourceSite.of(site.filename, each) for each in (target, expression)]
        self.engine.observe(Accumulation(site, call.facts[1], places[0], places[1], recorded=True, sources=sources))

    # -- states -----------------------------------------------------------------------------------------------------------
    def calls(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """A module is about to be called: is one of its arguments its own output, from before the last backward pass?"""
        for each in _tensors((args, tuple(kwargs.values()))):
            if each.grad_fn is None:
                continue
            passed = _marks(each, _PASS)
            if id(module) in _marks(each, _MODULE) and passed and min(passed) < self.engine.backwards:
                self.engine.observe(RecurrentCall(self.engine.here(), carried=True))
                return

    def called(self, module: nn.Module, output: object) -> None:
        for each in _tensors(output):
            node: Any = each.grad_fn
            if node is not None:
                node.metadata.setdefault(_PASS, self.engine.backwards)
                node.metadata[_MODULE] = id(module)


def _sum(node: ast.AST | None) -> tuple[ast.expr | None, ast.expr | None]:
    """The total and the value of `total += value` and of `total = total + value`."""
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add):
        return node.target, node.value
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return node.left, node.right
    return None, None


def _tensors(value: object) -> list[Tensor]:
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, tuple | list) and len(value) <= _NEAR:
        return [found for each in value for found in _tensors(each)]
    return []


def _marks(value: Tensor, name: str) -> list[int]:
    """The marks of the nodes near a value, its own node first."""
    found: list[int] = []
    pending: list[Any] = [value.grad_fn]
    for _ in range(_NEAR):
        if not pending:
            break
        node = pending.pop(0)
        if node is None:
            continue
        if name in node.metadata:
            found.append(node.metadata[name])
        pending.extend(parent for parent, _ in node.next_functions)
    return found
