"""Shapes: how operations change them. A shape is a tuple of numbers, symbols and unknown dimensions, or unknown."""

from __future__ import annotations

from typing import Any

from lrcheck.facts import Dim, Shape
from lrcheck.static.values import Seq, as_dim


def product(dims: tuple[Dim, ...]) -> Dim:
    """The number of elements; a single symbol among ones stays that symbol."""
    total = 1
    symbol: Dim = None
    for dim in dims:
        if isinstance(dim, int):
            total *= dim
        elif dim is None or symbol is not None:
            return None
        else:
            symbol = dim
    if symbol is None:
        return total
    return symbol if total == 1 else None


def view(shape: Shape | None, wanted: tuple[Dim, ...]) -> Shape | None:
    """`x.view(*wanted)`: a `-1` is computed where that is possible."""
    if -1 not in wanted:
        return wanted
    rest = tuple(dim for dim in wanted if dim != -1)
    missing: Dim = None
    if shape is not None:
        missing = _divide(shape, rest)
    return tuple(missing if dim == -1 else dim for dim in wanted)


def _divide(shape: Shape, rest: tuple[Dim, ...]) -> Dim:
    """The size of the `-1` dimension: the dimensions of `shape` without those of `rest`."""
    left = list(shape)
    numbers = 1
    for dim in rest:
        if dim is None:
            return None
        if isinstance(dim, int):
            numbers *= dim
        elif dim in left:
            left.remove(dim)
        else:
            return None
    symbols = [dim for dim in left if isinstance(dim, str)]
    if any(dim is None for dim in left) or len(symbols) > 1:
        return None
    total = 1
    for dim in left:
        if isinstance(dim, int):
            total *= dim
    if total % numbers:
        return None
    quotient = total // numbers
    if not symbols:
        return quotient
    return symbols[0] if quotient == 1 else None


def wanted_dims(values: list[Any]) -> tuple[Dim, ...] | None:
    """The dimensions that `view`, `reshape`, ... were given: several numbers or one tuple."""
    if len(values) == 1 and isinstance(values[0], Seq):
        if values[0].gap is not None:
            return None
        values = list(values[0].items)
    return tuple(as_dim(value) for value in values)


def squeeze(shape: Shape | None, dim: int | None, has_dim: bool) -> Shape | None:
    if shape is None or (has_dim and dim is None):
        return None
    if has_dim and dim is not None:
        index = normal(dim, len(shape))
        if index is None or shape[index] is None:
            return None
        return shape[:index] + shape[index + 1 :] if shape[index] == 1 else shape
    return None if None in shape else tuple(dim for dim in shape if dim != 1)


def unsqueeze(shape: Shape | None, dim: int | None) -> Shape | None:
    if shape is None or dim is None:
        return None
    index = dim if dim >= 0 else dim + len(shape) + 1
    return (*shape[:index], 1, *shape[index:]) if 0 <= index <= len(shape) else None


def flatten(shape: Shape | None, start: int, end: int = -1) -> Shape | None:
    if shape is None:
        return None
    first, last = normal(start, len(shape)), normal(end, len(shape))
    if first is None or last is None:
        return None
    return (*shape[:first], product(shape[first : last + 1]), *shape[last + 1 :])


def transpose(shape: Shape | None, a: int | None, b: int | None) -> Shape | None:
    if shape is None or a is None or b is None:
        return None
    first, second = normal(a, len(shape)), normal(b, len(shape))
    if first is None or second is None:
        return None
    dims = list(shape)
    dims[first], dims[second] = dims[second], dims[first]
    return tuple(dims)


def permute(shape: Shape | None, order: tuple[Dim, ...] | None) -> Shape | None:
    if shape is None or order is None or len(order) != len(shape):
        return None
    indices = [normal(dim, len(shape)) if isinstance(dim, int) else None for dim in order]
    if any(index is None for index in indices):
        return None
    return tuple(shape[index] for index in indices if index is not None)


def reduce(shape: Shape | None, dim: Any, has_dim: bool, keepdim: bool) -> Shape | None:
    """The shape after `sum`, `mean`, `argmax` over `dim` (a number or a tuple; all dimensions where none is given)."""
    if not has_dim:
        return ()
    if shape is None:
        return None
    dims = dim if isinstance(dim, tuple) else (dim,)
    indices = [normal(d, len(shape)) if isinstance(d, int) else None for d in dims]
    if any(index is None for index in indices):
        return None
    if keepdim:
        return tuple(1 if i in indices else size for i, size in enumerate(shape))
    return tuple(size for i, size in enumerate(shape) if i not in indices)


def normal(dim: int, rank: int) -> int | None:
    """A dimension counted from the front, or None where there is no such dimension."""
    index = dim + rank if dim < 0 else dim
    return index if 0 <= index < rank else None


def broadcast(a: Shape | None, b: Shape | None) -> Shape | None:
    if a is None or b is None:
        return None
    if a == b:
        return a
    rank = max(len(a), len(b))
    left, right = (1,) * (rank - len(a)) + a, (1,) * (rank - len(b)) + b
    dims: list[Dim] = []
    for x, y in zip(left, right, strict=True):
        if y in (x, 1):
            dims.append(x)
        elif x == 1:
            dims.append(y)
        else:
            dims.append(None)
    return tuple(dims)


def concatenate(shapes: list[Shape | None], dim: int | None) -> Shape | None:
    """`torch.cat` along a dimension."""
    if dim is None or not shapes or any(shape is None for shape in shapes):
        return None
    known = [shape for shape in shapes if shape is not None]
    index = normal(dim, len(known[0]))
    if index is None or any(len(shape) != len(known[0]) for shape in known):
        return None
    sizes = [shape[index] for shape in known]
    total = sum(size for size in sizes if isinstance(size, int)) if all(isinstance(s, int) for s in sizes) else None
    return (*known[0][:index], total, *known[0][index + 1 :])


def convolve(size: Dim, kernel: Dim, stride: Dim, padding: Dim, dilation: Dim = 1) -> Dim:
    """The size of one image dimension behind a convolution or pooling (floor mode)."""
    if not all(isinstance(value, int) for value in (size, kernel, stride, padding, dilation)):
        return None
    assert isinstance(size, int) and isinstance(kernel, int) and isinstance(stride, int)  # noqa: PT018  # for the type checker
    assert isinstance(padding, int) and isinstance(dilation, int)  # noqa: PT018
    if stride <= 0:
        return None
    return (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
