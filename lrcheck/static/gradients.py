"""Gradients in the hands of the program: `p.grad`, looked at or written to."""

from __future__ import annotations

from typing import Any

import libcst as cst

from lrcheck.events import GradientAccess
from lrcheck.facts import TensorFacts
from lrcheck.static.places import names_in
from lrcheck.static.run import Run
from lrcheck.static.values import Seq, Unknown, new_identity

KEEPING = frozenset({"clamp_", "clip_", "clamp_min_", "clamp_max_", "nan_to_num_", "detach_", "requires_grad_", "div_"})
"""Methods that change gradients in place and never clear them."""


def read(run: Run, value: Any, node: Any) -> Any:
    """`p.grad`: `value` is one from now on."""
    if isinstance(value, Unknown):
        value.identity = value.identity or new_identity()
    if isinstance(value, (TensorFacts, Unknown)) and value.identity is not None:
        run.ledger.gradients.add(value.identity)
    run.trace.append(GradientAccess(run.site(node), functional=False, written=False))
    return value


def written(run: Run, node: Any) -> None:
    """Gradients are changed, perhaps cleared."""
    run.trace.append(GradientAccess(run.site(node)))


def method_called(run: Run, receiver: Any, name: str, node: Any) -> None:
    """A method of a value that may be a gradient: `p.grad.zero_()`."""
    if name.endswith("_") and name not in KEEPING and is_gradient(run, receiver):
        written(run, node)
    if name == "sub_" and isinstance(node, cst.Call) and len(node.args) == 1 and isinstance(node.func, cst.Attribute):
        subtracted(run, node, node.func.value, node.args[0].value)


def subtracted(run: Run, node: Any, target: Any, value: Any) -> None:
    """`w -= rate * w.grad`: a step by hand, of parameters that stay the same in all iterations."""
    target = _without_data(target)
    if run.loops and any(target.deep_equals(of) for of in _gradients_in(value)) and not _made_anew(run, target):
        run.trace.append(GradientAccess(run.site(node), functional=False, written=False, stepped=True))


def _gradients_in(value: Any) -> list[Any]:
    """What a product holds the gradients of."""
    if isinstance(value, cst.BinaryOperation) and isinstance(value.operator, (cst.Multiply, cst.Divide)):
        return [*_gradients_in(value.left), *_gradients_in(value.right)]
    value = _without_data(value)
    if isinstance(value, cst.Attribute) and value.attr.value == "grad":
        return [_without_data(value.value)]
    return []


def _without_data(node: Any) -> Any:
    return node.value if isinstance(node, cst.Attribute) and node.attr.value == "data" else node


def _made_anew(run: Run, target: Any) -> bool:
    """Whether a loop around assigns the parameters, or what they are taken from: new tensors have no gradients."""
    names = names_in(target)
    for frame in reversed(run.loops):
        if isinstance(frame.node, cst.For) and not names.isdisjoint(names_in(frame.node.target)):
            names |= names_in(frame.node.iter)
        stack = [frame.node.body]
        while stack:
            node = stack.pop()
            if isinstance(node, (cst.AssignTarget, cst.AnnAssign)) and not names.isdisjoint(names_in(node.target)):
                return True
            stack.extend(node.children)
    return False


def is_gradient(run: Run, value: Any) -> bool:
    """Whether a value, or an element of it, is a gradient."""
    if isinstance(value, Seq):
        return any(is_gradient(run, item) for item in value.items)
    return isinstance(value, (TensorFacts, Unknown)) and value.identity in run.ledger.gradients
