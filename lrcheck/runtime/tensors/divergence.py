"""A divergence with the wrong sign in a loss: what the autograd graph tells.

The divergence from a standard normal distribution is a sum of `mean ** 2`, of `variance` and of `-log(variance)`. All of them
with the opposite sign have no minimum: the code moves away from the prior as far as it can.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from torch import Tensor

NODES = 400  # that are looked at, at most
_PASSED = frozenset(
    {"MeanBackward0", "MeanBackward1", "SumBackward0", "SumBackward1", "ViewBackward0", "SqueezeBackward0", "SqueezeBackward1",
     "UnsqueezeBackward0", "ReshapeAliasBackward0", "AliasBackward0", "CloneBackward0", "ToCopyBackward0", "ExpandBackward0",
     "NegBackward0", "AddBackward0", "SubBackward0", "RsubBackward1", "MulBackward0", "DivBackward0"}
)  # fmt: skip
_DIFFERENCES = ("SubBackward0", "RsubBackward1")
_FUNCTIONS = {"ExpBackward0": "exp", "LogBackward0": "log"}
Key = tuple[Any, int]  # a node of the graph, and which of its results


def reversed_divergence(loss: Tensor) -> bool:
    """Is `exp(v) - v`, or `s ** 2 - log(s)`, in the loss with the opposite sign, and a square with it?"""
    signs, functions = _terms(loss.grad_fn)
    squares = [key for (name, key), sign in functions.items() if name == "square" and sign < 0]
    for (name, key), sign in functions.items():
        if name == "exp" and sign < 0 < signs.get(key, 0):
            return bool(squares)
        if name == "log" and sign > 0:
            outer = signs.get(key, 0) < 0 and any(other != key for other in squares)
            if outer or (key in squares and len(squares) > 1):
                return True
    return False


def reversed_density(loss: Tensor) -> bool:
    """Is the logarithm of a normal density, with a deviation that is learnt, the whole loss, and without a minus?

    Nothing but squares of what is given less what is predicted, over positive numbers, and logarithms; all of them with a minus.
    """
    signs, functions = _terms(loss.grad_fn, _over_positive)
    ends = [node for node, _ in signs if node.name() not in _PASSED and _function(node, _known(node)) is None]
    squares = [key for name, key in functions if name == "square"]
    kinds = {name for name, _ in functions}
    if (
        ends
        or any(map(_is_weighted, signs))
        or kinds != {"square", "log"}
        or any(sign >= 0 for sign in functions.values())
    ):
        return False
    return all(key[0].name() in _DIFFERENCES and len(_known(key[0])) == 1 for key in squares)


def _is_weighted(key: Key) -> bool:
    """Is it multiplied by numbers of unknown sign?"""
    node = key[0]
    scaled = node.name() in ("MulBackward0", "DivBackward0") and _function(node, _known(node)) is None
    return scaled and not any(_over_positive(node, list(node.next_functions)))


def _known(node: Any) -> list[Key]:
    return [(each, number) for each, number in node.next_functions if each is not None]


def _over_positive(node: Any, parents: list[Any]) -> list[int]:
    """As `_factors`; a denominator may be a square, and no factor is negative, as a reward can be."""
    if node.name() == "DivBackward0" and all(each is not None for each, _ in parents):
        below = parents[1][0]
        while (
            below.name() == "MulBackward0" and len(_known(below)) == 1 and _factors(below, below.next_functions)[0] > 0
        ):
            below = _known(below)[0][0]
        return [1, 0] if below.name() in ("PowBackward0", "ExpBackward0") and _is_positive(below) else [0, 0]
    factors = _factors(node, parents)
    return [max(0, each) for each in factors] if node.name() in ("MulBackward0", "DivBackward0") else factors


def _is_positive(node: Any) -> bool:
    return bool(node.name() == "ExpBackward0" or node._saved_exponent == 2)


def _terms(
    root: Any, factors: Callable[[Any, list[Any]], list[int]] | None = None
) -> tuple[dict[Key, int], dict[tuple[str, Key], int]]:
    """The signs of all values that are summed up to the loss, and of what is computed from them by one function."""
    signs: dict[Key, int] = {}
    functions: dict[tuple[str, Key], int] = {}
    stack: list[tuple[Key, int]] = [((root, 0), 1)] if root is not None else []
    while stack and len(signs) < NODES:
        key, sign = stack.pop()
        if key in signs:
            continue
        signs[key] = sign
        node = key[0]
        parents = [(each, number) for each, number in node.next_functions]
        known = [each for each in parents if each[0] is not None]
        function = _function(node, known)
        if function is not None:
            functions[function, known[0]] = sign
        elif node.name() in _PASSED:
            for parent, factor in zip(parents, (factors or _factors)(node, parents), strict=True):
                if parent[0] is not None and factor:
                    stack.append((parent, sign * factor))
    return signs, functions


def _function(node: Any, parents: list[Key]) -> str | None:
    """What is computed of one value."""
    name = node.name()
    if name in _FUNCTIONS and len(parents) == 1:
        return _FUNCTIONS[name]
    twice = name == "MulBackward0" and len(parents) == 2 and parents[0] == parents[1]
    if twice or (name == "PowBackward0" and len(parents) == 1 and node._saved_exponent == 2):
        return "square"
    return None


def _factors(node: Any, parents: list[Any]) -> list[int]:
    """The sign with which each operand enters; 0 where it is not known."""
    name = node.name()
    if name == "NegBackward0":
        return [-1]
    if name in ("AddBackward0", "SubBackward0", "RsubBackward1"):
        second = _sign(getattr(node, "_saved_alpha", 1)) * (1 if name == "AddBackward0" else -1)
        first = [second, 1] if name == "RsubBackward1" else [1, second]
        return first[: len(parents)]
    if name not in ("MulBackward0", "DivBackward0"):
        return [1] * len(parents)
    tensors = [index for index, (each, _) in enumerate(parents) if each is not None]
    if len(tensors) != 1 or (name == "DivBackward0" and tensors != [0]):
        return [0] * len(parents)
    other = getattr(node, "_saved_other" if tensors == [0] else "_saved_self", None)
    return [_sign(other) if index in tensors else 0 for index in range(len(parents))]


def _sign(value: Any) -> int:
    """Of a number; of a tensor of one number."""
    if isinstance(value, Tensor):
        value = float(value) if value.numel() == 1 else math.nan
    return 0 if not isinstance(value, int | float) or math.isnan(value) or not value else 1 if value > 0 else -1
