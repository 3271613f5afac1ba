"""A loss of several parts: is all of it averaged over the batch, or all of it summed? The autograd graph tells."""

from __future__ import annotations

import math
from typing import Any

from torch import Tensor

NODES = 64  # that are looked at, at most
_PASSED = frozenset({"AddBackward0", "SubBackward0", "RsubBackward1", "NegBackward0", "ViewBackward0", "SqueezeBackward0",
                     "ToCopyBackward0", "CloneBackward0", "AliasBackward0"})  # fmt: skip
_SCALED = ("MulBackward0", "MulBackward1", "DivBackward0", "DivBackward1")
_REDUCTIONS = {1: "mean", 2: "sum"}


def reduction(loss: Tensor, size: int) -> str | None:
    """`mean` or `sum` over a batch of this size; nothing where the parts differ, or where one is not understood."""
    return _reduction(loss.grad_fn, 1.0, size) if size > 2 and loss.grad_fn is not None else None


def _reduction(root: Any, factor: float, size: int) -> str | None:
    kinds: set[str | None] = set()
    stack = [(root, factor)]
    for _ in range(NODES):
        if not stack:
            break
        node, times = stack.pop()
        parents = [each for each, _ in node.next_functions if each is not None]
        name = node.name()
        if name in _PASSED:
            alpha = getattr(node, "_saved_alpha", 1)
            stack.extend((each, times * alpha) for each in parents)
        elif name in _SCALED and len(parents) == 1 and (by := _number(node)):
            if name == "DivBackward0" and by == size and _leaf(parents[0], parents[0].name(), size) == "sum":
                kinds.add(_scaled("mean", abs(times), size))  # as smoothed labels are averaged
            else:
                stack.append((parents[0], times * by if name.startswith("Mul") else times / by))
        elif name == "SqrtBackward0":
            kinds.add("mean" if _reduction(parents[0], times, size) == "mean" else None)
        else:
            kinds.add(_scaled(_leaf(node, name, size), abs(times), size))
        if None in kinds:
            return None
    return kinds.pop() if len(kinds) == 1 and not stack else None


def _leaf(node: Any, name: str, size: int) -> str | None:
    if name == "MeanBackward0":
        return "mean" if node._saved_self_sym_numel % size == 0 else None
    if name == "SumBackward0":
        return "sum" if node._saved_self_sym_sizes[:1] == (size,) else None
    return _REDUCTIONS.get(getattr(node, "_saved_reduction", 0))


def _scaled(kind: str | None, factor: float, size: int) -> str | None:
    """A mean times a weight is one, but not times the number of samples; a sum divided by it is a mean."""
    if kind == "mean":
        return "mean" if factor <= 1 else None
    if kind == "sum" and math.isclose(factor, 1 / size, rel_tol=1e-5):
        return "mean"
    return "sum" if kind == "sum" and factor in (0.5, 1.0) else None


def _number(node: Any) -> float | None:
    """What a value is multiplied with or divided by, where it is one number."""
    other = getattr(node, "_saved_other", None)
    if isinstance(other, Tensor):
        return float(other) if other.numel() == 1 and not other.is_meta else None
    return float(other) if isinstance(other, int | float) else None
