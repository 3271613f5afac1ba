"""Arrays and tables that are not tensors: of numpy and pandas, no more is known of them than how many dimensions they have.

They stay unknown values with a shape, which counts where they become tensors.
"""

from __future__ import annotations

from typing import Any

import libcst as cst

from lrcheck.facts import Shape
from lrcheck.static import shapes
from lrcheck.static.arguments import Args
from lrcheck.static.values import MISSING, Const, Seq, Unknown, as_dim, number

TABLES = frozenset(
    f"pandas.{name}" for name in ("DataFrame", "read_csv", "read_excel", "read_parquet", "read_json", "read_table")
)
SEVERAL = frozenset({"sheet_name", "typ", "chunksize", "iterator"})
"""Arguments that may ask for something else than one table."""

_DRAWN = frozenset({"normal", "uniform", "random", "standard_normal", "random_sample"})
_OF_EACH = frozenset(
    {"sin", "cos", "tan", "tanh", "exp", "log", "log1p", "sqrt", "abs", "square", "sign", "array", "asarray", "float32"}
)
_KEEPING = frozenset({"astype", "copy", "to_numpy", "clip", "round", "fillna"})
_OF_TABLES = frozenset(
    {
        "drop",
        "dropna",
        "drop_duplicates",
        "sample",
        "reset_index",
        "head",
        "tail",
        "sort_values",
        "apply",
        "iloc",
        "loc",
    }
)
_TABLE = "*table*"


def array(shape: Shape | None, like: Any = None) -> Unknown:
    """An array of a shape."""
    made = Unknown(like.why, like.roots) if isinstance(like, Unknown) else Unknown()
    made.shape = shape
    return made


def shape_of(value: Any) -> Shape | None:
    """The shape of an array that is no tensor."""
    return value.shape if type(value) is Unknown else None


def table(why: str = "") -> Unknown:
    made = array((None, None), Unknown(why))
    made.attrs = {_TABLE: True}
    return made


def _is_table(value: Unknown) -> bool:
    return value.attrs is not None and _TABLE in value.attrs


def of_numpy(short: str, name: str, args: Args) -> Unknown | None:
    """`np.linspace(0, 1, 100)`, `np.random.randn(100, 3)`, `np.sin(x)`."""
    if args.open:
        return None
    if short == "linspace":
        size = args.get(2, "num")
        return array((50 if size is MISSING else as_dim(size),))
    if name.startswith("numpy.random."):
        if short in ("randn", "rand"):
            return array(shapes.wanted_dims(args.positional)) if args.positional else None
        size = args.get(0 if short.startswith(("random", "standard")) else 2, "size") if short in _DRAWN else MISSING
        return array(_size(size)) if size is not MISSING else None
    if short in _OF_EACH and args.positional and shape_of(args.positional[0]) is not None:
        return array(shape_of(args.positional[0]), args.positional[0])
    return None


def _size(size: Any) -> Shape | None:
    if isinstance(size, Seq):
        return shapes.wanted_dims([size])
    return (as_dim(size),) if number(size) is not None else None


def combined(left: Any, right: Any) -> Unknown | None:
    """`2 * x + noise`."""
    first, second = shape_of(left), shape_of(right)
    if first is None and second is None:
        return None
    if first is None:
        first = () if number(left) is not None else None
    if second is None:
        second = () if number(right) is not None else None
    shape = shapes.broadcast(first, second)
    return array(shape, left if shape_of(left) is not None else right) if shape is not None else None


def method(value: Unknown, name: str) -> Unknown | None:
    """`series.to_numpy()`, `table.drop("price", axis=1)`."""
    if _is_table(value):
        if name == "to_numpy":
            return array((None, None), value)
        return table(value.why) if name in _KEEPING or name in _OF_TABLES else None
    return array(shape_of(value), value) if name in _KEEPING else None


def attribute(value: Unknown, name: str) -> Unknown | None:
    """`series.values`, `table.iloc`."""
    if name == "values":
        return array((None, None) if _is_table(value) else shape_of(value), value)
    if name in ("iloc", "loc") and _is_table(value):
        made = Unknown(value.why, value.roots)
        made.attrs = {_TABLE: name}
        return made
    return None


def is_indexed(value: Unknown) -> bool:
    """Whether an index picks from something of which the shape is known."""
    return (value.attrs is not None and _TABLE in value.attrs) or shape_of(value) is not None


def column(value: Unknown, key: Any, parts: Any) -> Unknown | None:
    """`table["price"]`, `table[["a", "b"]]`, `table.iloc[:, -1]`."""
    if not _is_table(value):
        return None
    if value.attrs is not None and value.attrs[_TABLE] is True:
        if isinstance(key, Const) and isinstance(key.value, str):
            return array((None,), value)
        return table(value.why) if isinstance(key, Seq) else None
    rows, last = parts[0].slice, parts[-1].slice
    if not isinstance(rows, cst.Slice):
        return None
    if len(parts) == 1 or isinstance(last, (cst.Slice, cst.List)) or _is_list(last):
        return table(value.why)
    return array((None,), value) if _is_single(last) else None


def _is_list(part: Any) -> bool:
    return isinstance(part, cst.Index) and isinstance(part.value, cst.List)


def _is_single(part: Any) -> bool:
    """`-1` or `"price"`."""
    value = part.value if isinstance(part, cst.Index) else None
    if isinstance(value, cst.UnaryOperation):
        value = value.expression
    return isinstance(value, (cst.Integer, cst.SimpleString))
