"""What is carried from one iteration to the next with its graph: running totals, and the states of recurrent models.

Nodes of the autograd graph are marked where they are made. A mark lives and dies with its node; nothing is kept alive.
"""

from __future__ import annotations

import ast
import itertools
import weakref
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from lrcheck.events import Accumulation, RecurrentCall
from lrcheck.runtime.places.frames import variables
from lrcheck.runtime.places.sites import user_frame
from lrcheck.runtime.places.source import SourceSite, node_of

if TYPE_CHECKING:
    from lrcheck.runtime.engine import Engine
    from lrcheck.runtime.tensors.flow import Call

ADDITIONS = frozenset({"add", "__add__", "__radd__", "add_", "__iadd__", "lerp", "lerp_"})
_MOVING = ("add_", "lerp_")
CUTTING = frozenset({"data", "detach", "item", "tolist"})
_VALUE, _SUM, _PASS, _MODULE = "lrcheck:value", "lrcheck:sum", "lrcheck:pass", "lrcheck:module"
_numbers = itertools.count(1)
_NEAR = 16  # nodes of the graph that are looked at, at most


class Carried:
    """Looks at additions and at calls of modules in traced steps."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.totals: dict[object, weakref.ref[Tensor]] = {}  # place -> the last sum made there
        self.parts: dict[int, int] = {}  # number of a value -> that of the value that went backward through it

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

    def backward(self, value: Tensor) -> int:
        """The number of a value that is about to be backpropagated, and of what it is made of: `loss / 4`."""
        number = self.mark(value)
        self.parts = dict.fromkeys(_marks(value, _VALUE), number)
        return number

    def added(self, call: Call) -> None:
        """`total += value` with a graph, for the second time at this place; or an average that goes on from the last one."""
        if call.name in _MOVING:
            self.engine.quietly(self.engine.snapshots.averages, call.tensors, call.kwargs.get("alpha"))
        result = call.result
        if not isinstance(result, Tensor) or not result.requires_grad or result.grad_fn is None:
            return
        if result.numel() != 1 and self.engine.tracer.modules:
            return  # inside a model
        site: Any = call.scene.here()
        node: Any = result.grad_fn
        passes = [number for place, number in _marks(result, _SUM) if place == site.key()]
        node.metadata[_SUM] = (site.key(), self.engine.backwards)
        if any(number < self.engine.backwards for number in passes) and self._averaged(call, site):
            return
        if result.numel() != 1:
            return
        before = self.totals.get(site.key())
        self.totals[site.key()] = weakref.ref(result)
        if before is None or len(call.tensors) < 2 or before() is not call.tensors[0] or not call.facts[0].attached:
            return
        target, expression = _sum(node_of(site.code, site.instruction))
        if target is None or expression is None:
            return
        value = call.tensors[1]
        sources = self._sources(value)
        places = [SourceSite.of(site.filename, each) for each in (target, expression)]
        self.engine.observe(Accumulation(site, call.facts[1], places[0], places[1], recorded=True, sources=sources))

    def _sources(self, value: Tensor) -> tuple[int, ...]:
        found = (self.mark(value), *_marks(value, _VALUE))
        return (*found, *(self.parts[each] for each in found if each in self.parts))

    def _averaged(self, call: Call, site: Any) -> bool:
        """`average = 0.9 * average + 0.1 * value`: the value is a loss, or a weight with its graph."""
        node, frame = node_of(site.code, site.instruction), user_frame()
        if node is None or frame is None or (_sum(node)[0] is not None and call.tensors[0] is self._before(site)):
            return False
        fresh = [(part, value) for part, value in _operands(node, variables(frame)) if not self._is_sum(value, site)]
        weights = [
            part for part, value in fresh if isinstance(value, nn.Parameter) and value.shape == call.result.shape
        ]
        losses = [(part, value) for part, value in fresh if value.grad_fn is not None and value.numel() == 1]
        if weights and len(weights) == len(fresh):
            place = SourceSite.of(site.filename, weights[0])
            self.engine.observe(Accumulation(site, call.facts[-1], None, place, recorded=True, weights=True))
        elif len(losses) == 1 and call.result.numel() == 1:
            place = SourceSite.of(site.filename, losses[0][0])
            sources = self._sources(losses[0][1])
            self.engine.observe(Accumulation(site, call.facts[-1], None, place, recorded=True, sources=sources))
        return True

    def _before(self, site: Any) -> Tensor | None:
        before = self.totals.get(site.key())
        return before() if before is not None else None

    @staticmethod
    def _is_sum(value: Tensor, site: Any) -> bool:
        return any(place == site.key() for place, _ in _marks(value, _SUM))

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


def _operands(node: ast.AST, known: dict[str, Any]) -> Iterator[tuple[ast.expr, Tensor]]:
    """The variables with a graph in an expression, and attributes of objects, with what they hold."""
    pending = [node]
    while pending:
        part = pending.pop()
        value: Any = None
        if isinstance(part, ast.Name):
            value = known.get(part.id)
        elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
            value = getattr(known.get(part.value.id), "__dict__", {}).get(part.attr)
        elif not isinstance(part, (ast.Lambda, ast.ListComp, ast.GeneratorExp)):
            pending.extend(ast.iter_child_nodes(part))
        if isinstance(value, Tensor) and value.requires_grad and isinstance(part, (ast.Name, ast.Attribute)):
            yield part, value
        elif isinstance(part, ast.Attribute) and part.attr not in CUTTING:
            pending.append(part.value)


def _tensors(value: object) -> list[Tensor]:
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, tuple | list) and len(value) <= _NEAR:
        return [found for each in value for found in _tensors(each)]
    return []


def _marks(value: Tensor, name: str) -> list[Any]:
    """The marks of the nodes near a value, its own node first."""
    found: list[Any] = []
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
