"""Dimensions by origin: which dimension of which tensor a number was read from, and what a reshape does with it."""

from __future__ import annotations

from typing import Any

from lrcheck.events import Reshape
from lrcheck.facts import BATCH, TensorFacts
from lrcheck.static import shapes
from lrcheck.static.arguments import Args
from lrcheck.static.run import Run
from lrcheck.static.values import UNKNOWN, Const, Seq, Size, Unknown

Axis = int | tuple[int, int] | None
HEADS_FIRST = (0, None, 1, None)


def dimension_of(shape: tuple[Any, Any], name: Any) -> tuple[Any, Any] | None:
    """The dimension that is read as item `name` of a shape (`0` where it is unpacked, `"[0]"` as a subscript)."""
    tensor, index = shape
    if index is not None:
        return None
    text = name[1:-1] if isinstance(name, str) and name[:1] == "[" else name
    found = int(text) if isinstance(text, int) or text in ("0", "1", "2", "3", "4", "5") else None
    return (tensor, found) if found is not None else None


def shape_of(x: TensorFacts) -> Seq:
    """`x.shape` where it is known."""
    return Seq([dimension(x, index) for index in range(len(x.shape or ()))], "tuple")


def dimension(x: TensorFacts, index: int) -> Any:
    """A dimension of a known shape: a number, or one that is known by its place."""
    size = (x.shape or ())[index]
    if isinstance(size, int):
        return Const(size)
    if size is not None:
        return Size(size, x, index)
    found = Unknown()
    found.axis = (x, index)
    return found


def owner(run: Run, x: TensorFacts) -> TensorFacts:
    """The tensor that `x` has its leading dimensions from: `x` itself, or the input of a linear layer."""
    found = run.ledger.axes.get(id(x))
    return found[1] if found is not None else x


def keeps(run: Run, x: TensorFacts, result: TensorFacts) -> None:
    """The leading dimensions of `result` are those of `x`, which were not moved."""
    known = run.ledger.axes.get(id(x))
    if known is None:
        run.ledger.axes[id(result)] = (result, x, None)
    elif known[2] is None:
        run.ledger.axes[id(result)] = (result, known[1], None)


def moved(run: Run, name: str, x: TensorFacts, args: Args, result: TensorFacts) -> TensorFacts:
    """The heads of attention: the last dimension in parts by a view, in front of the positions behind a transpose."""
    if name in ("view", "reshape"):
        given = _given(args.positional)
        origin = owner(run, x)
        if len(given) == 4 and not args.open and _places(given, origin) == ((0, 1, None, None), 3):
            run.ledger.axes[id(result)] = (result, origin, (0, 1, None, None))
        return result
    _, origin, order = run.ledger.axes.get(id(x), (None, None, None))
    if order is None:
        return result
    if name in ("transpose", "swapaxes", "swapdims"):
        swapped = shapes.wanted_dims(args.positional) or ()
        first, second = swapped if len(swapped) == 2 else (None, None)
        if isinstance(first, int) and isinstance(second, int):
            run.ledger.axes[id(result)] = (result, origin, shapes.transpose(order, first, second))
    elif name == "permute" and (order := shapes.permute(order, shapes.wanted_dims(args.positional))) is not None:
        run.ledger.axes[id(result)] = (result, origin, order)
    return result


def attended(run: Run, values: TensorFacts, result: TensorFacts) -> None:
    """`weights @ values` has the heads where the values have them."""
    known = run.ledger.axes.get(id(values))
    if known is not None and known[2] == HEADS_FIRST:
        run.ledger.axes[id(result)] = (result, known[1], HEADS_FIRST)


def product(left: Any, right: Any) -> Any:
    """`H * W`: two dimensions of one tensor, taken as one."""
    first, second = _dimension(left), _dimension(right)
    if first is None or second is None or _tensor(first[0]) is not _tensor(second[0]):
        return UNKNOWN
    if isinstance(first[1], tuple) or isinstance(second[1], tuple):
        return UNKNOWN
    found = Unknown()
    found.axis = (first[0], (min(first[1], second[1]), max(first[1], second[1])))
    found.whole = left.whole if type(left) is Unknown else None
    return found


def reshaped(run: Run, x: TensorFacts, given: list[Any], node: Any) -> None:
    """`x.view(...)`: of a batch whose shape is known, or to dimensions that were read from `x`."""
    given = _given(given)
    axes, rank = _places(given, owner(run, x)) if x.state is None and len(given) > 2 else ((), None)
    held = run.ledger.axes.get(id(x), (None, None, None))[2]
    if held is not None:
        if axes:
            run.events.append(Reshape(run.site(node), x, shapes.wanted_dims(given) or (), axes, None, held))
    elif axes:
        rank = len(x.shape) if x.shape is not None else rank
        run.events.append(Reshape(run.site(node), x, shapes.wanted_dims(given) or (), axes, rank))
    elif _puts_before(given, owner(run, x)) and x.state is None:
        run.events.append(Reshape(run.site(node), x, shapes.wanted_dims(given) or (), (None, 0, None)))
    elif x.shape and x.shape[0] == BATCH and len(x.shape) > 2:
        wanted = shapes.wanted_dims(given)
        if wanted and None not in wanted and -1 in wanted[:2]:
            run.events.append(Reshape(run.site(node), x, wanted, (), len(x.shape)))


def _puts_before(given: list[Any], origin: TensorFacts) -> bool:
    """`x.view(32, x.size(0), -1)`: a number in front of the first dimension."""
    if len(given) != 3 or type(given[0]) is not Const or type(given[1]) not in (Size, Unknown):
        return False
    place = _dimension(given[1])
    return place is not None and place[1] == 0 and _tensor(place[0]) is origin


def _given(values: list[Any]) -> list[Any]:
    """The dimensions that were given: several numbers or one tuple."""
    if len(values) == 1 and isinstance(values[0], Seq) and values[0].gap is None:
        return list(values[0].items)
    return values


def _places(given: list[Any], origin: TensorFacts) -> tuple[tuple[Axis, ...], int | None]:
    """Which dimensions of `origin` are wanted, if they are two or more, and how many it has where they were unpacked."""
    axes: list[Axis] = []
    rank = None
    for value in given:
        place = _dimension(value) if type(value) in (Size, Unknown) else None
        if place is None or _tensor(place[0]) is not origin:
            axes.append(None)
            continue
        axes.append(place[1])
        if type(value) is Unknown and value.whole is not None and rank is None:
            rank = sum(isinstance(name, int) for name in value.whole.attrs or ()) or None
    return (tuple(axes), rank) if len(axes) - axes.count(None) > 1 else ((), None)


def _dimension(value: Any) -> tuple[Any, Any] | None:
    kind = type(value)
    if kind is Size:
        return (value.of, value.axis) if value.axis is not None else None
    axis = value.axis if kind is Unknown else None
    return axis if axis is not None and axis[1] is not None else None


def _tensor(of: Any) -> Any:
    """The facts of a tensor that may have been unknown when its shape was read."""
    return of.facts or of if type(of) is Unknown else of
