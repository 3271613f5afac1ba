"""Functions of torch that make tensors out of numbers, and what they are made of."""

from __future__ import annotations

from typing import Any

from lrcheck.facts import DType, Form, ScalarFacts, Shape, TensorFacts
from lrcheck.static import (
    accumulators,
    devices,
    initialisation,
    shapes,
    tensor_ops,
    tensors,
    units,
)
from lrcheck.static.arguments import Args
from lrcheck.static.run import Run
from lrcheck.static.values import (
    MISSING,
    UNKNOWN,
    Api,
    Const,
    Seq,
    Unknown,
    const,
    new_identity,
    number,
)


def made(run: Run, short: str, args: Args, node: Any) -> TensorFacts:
    """`torch.zeros(...)`, `torch.randn(...)`, ...: data, or parameters where gradients are asked for."""
    trainable = const(args.keywords.get("requires_grad", MISSING)) is True
    shape: Shape | None = None
    if short == "eye":
        rows = number(args.get(0, "n"))
        shape = (rows, rows) if isinstance(rows, int) else (None, None)
    elif short not in ("arange", "linspace", "normal", "randperm", "bernoulli", "multinomial") and not args.open:
        sizes = args.positional[:1] if short == "full" else args.positional
        sizes = sizes or ([args.keywords["size"]] if "size" in args.keywords else [])
        shape = shapes.wanted_dims(sizes) if sizes else None
    elif short in ("arange", "randperm") and len(args.positional) == 1:
        size = number(args.positional[0])
        shape = (size if isinstance(size, int) else None,)
    elif short in ("arange", "linspace") and not args.open:
        size = number(args.get(2, "steps")) if short == "linspace" else None
        shape = (size if isinstance(size, int) else None,)
    dtype = _dtype(args)
    if dtype is None and "dtype" not in args.keywords:
        dtype = DType.INT if short in ("arange", "randperm", "multinomial") else DType.FLOAT
    identity = new_identity()
    initialisation.made(run, short, args, node, identity)
    return TensorFacts(
        form=None if trainable else Form.DATA,
        made_by=tensors.operation(run, short, node) if short in ("eye", "zeros") else None,
        shape=shape,
        dtype=dtype,
        attached=trainable,
        roots=frozenset({"parameter"}) if trainable else frozenset({"constant"}),
        device=devices.made_on(run, args),
        identity=identity,
        origin=run.site(node),
        scalar=accumulators.ZERO if short == "zeros" and shape in _ONE_NUMBER and not trainable else None,
    )


_ONE_NUMBER = ((), (1,))


def _dtype(args: Args) -> DType | None:
    value = args.keywords.get("dtype", MISSING)
    return tensor_ops.DTYPES.get(value.name.rpartition(".")[2]) if isinstance(value, Api) else None


def from_data(run: Run, short: str, args: Args, node: Any) -> Any:
    """`torch.tensor(values)`, `torch.from_numpy(array)`."""
    value = args.get(0, "data")
    dtype = _dtype(args) or (tensor_ops.DTYPES.get(short) if short.endswith("Tensor") else None)
    if short == "Tensor":
        dtype = DType.FLOAT
    trainable = const(args.keywords.get("requires_grad", MISSING)) is True
    if isinstance(value, TensorFacts):
        changes: dict[str, Any] = {
            "attached": trainable,
            "identity": new_identity() if short == "tensor" else value.identity,
        }
        if dtype is not None:
            changes["dtype"] = dtype
            changes["converted"] = tensors.operation(run, "tensor", node, value, args.node(0, "data"))
        if value.attached or value.cut_by is not None:
            changes["cut_by"] = tensors.operation(run, "tensor", node, value, args.node(0, "data"))
        return value.but(**changes)
    if isinstance(value, Seq) or number(value) is not None:
        shape, kind = literal(value)
        return TensorFacts(
            form=None if trainable else Form.DATA,
            shape=shape,
            dtype=dtype or kind,
            attached=trainable,
            roots=frozenset({"parameter"}) if trainable else frozenset({"constant"}),
            device=devices.made_on(run, args),
            identity=new_identity(),
            origin=run.site(node),
            scalar=None if trainable else _unit_of(run, value),
        )
    base = tensors.as_tensor(value) if isinstance(value, Unknown) else TensorFacts(identity=new_identity())
    return base.but(dtype=dtype, attached=trainable, roots=frozenset({"parameter"}) if trainable else base.roots)


def _unit_of(run: Run, value: Any) -> ScalarFacts | None:
    """`torch.tensor(0.0)`, from which a total may start, and `torch.tensor(losses)`."""
    if isinstance(value, Seq) and not (len(value.items) == 1 and value.gap is None):
        return units.each(run, value)
    return accumulators.ZERO if number(value.items[0] if isinstance(value, Seq) else value) == 0 else None


def literal(value: Any) -> tuple[Any, DType | None]:
    """Shape and type of a nested list of numbers."""
    if isinstance(value, Seq):
        if value.gap is not None:
            return None, None
        if not value.items:
            return (0,), DType.FLOAT
        inner = [literal(item) for item in value.items[:64]]
        shape = inner[0][0] if all(part[0] == inner[0][0] for part in inner) else None
        kinds = {part[1] for part in inner}
        kind = DType.FLOAT if DType.FLOAT in kinds and None not in kinds else kinds.pop() if len(kinds) == 1 else None
        return ((len(value.items), *shape) if shape is not None else None), kind
    if isinstance(value, Const):
        if isinstance(value.value, bool):
            return (), DType.BOOL
        if isinstance(value.value, int):
            return (), DType.INT
        if isinstance(value.value, float):
            return (), DType.FLOAT
    return ((), None) if number(value) is not None else (None, None)


def randint(run: Run, name: str, args: Args, node: Any) -> Any:
    """`torch.randint(classes, size)`: numbers that may well be class indices."""
    numbers = [value for value in args.positional if not isinstance(value, Seq)]
    high = number(numbers[-1]) if numbers else number(args.keywords.get("high", UNKNOWN))
    low = number(numbers[0]) if len(numbers) > 1 else number(args.keywords.get("low", Const(0)))
    size = next((value for value in args.positional if isinstance(value, Seq)), args.keywords.get("size", MISSING))
    is_index = low == 0 and isinstance(high, int) and high > 1
    return TensorFacts(
        form=Form.CLASS_INDEX if is_index else Form.DATA,
        made_by=tensors.operation(run, "randint", node),
        shape=shapes.wanted_dims([size]) if size is not MISSING else None,
        dtype=_dtype(args) or DType.INT,
        attached=False,
        roots=frozenset({"target"}),
        classes=high if is_index and isinstance(high, int) else None,
        identity=new_identity(),
        origin=run.site(node),
    )


def parameter(run: Run, name: str, args: Args, node: Any) -> Any:
    value = args.get(0, "data")
    x = tensors.as_tensor(value)
    made = TensorFacts(shape=x.shape, dtype=x.dtype or DType.FLOAT, attached=const(args.get(1, "requires_grad")) is not False,
                       roots=frozenset({"parameter"}), identity=new_identity(), origin=run.site(node))  # fmt: skip
    initialisation.wrapped(run, value, made.identity or 0)
    return made


def variable(run: Run, name: str, args: Args, node: Any) -> Any:
    """`Variable(x)` is `x`."""
    value = args.get(0, "data")
    if const(args.keywords.get("requires_grad", MISSING)) is True:
        x = tensors.as_tensor(value)
        lost = tensor_ops.lost_its_graph(x)
        cut = tensors.operation(run, "Variable", node, x, args.node(0, "data")) if lost else x.cut_by
        return x.but(attached=True, roots=frozenset({"parameter"}), cut_by=cut)
    return value if value is not MISSING else UNKNOWN


def cat(run: Run, name: str, args: Args, node: Any) -> Any:
    first = args.get(0, "tensors")
    dim = args.get(1, "axis" if "axis" in args.keywords else "dim")
    if not isinstance(first, Seq) or first.gap is not None:
        items = [tensors.as_tensor(item) for item in first.items] if isinstance(first, Seq) else []
        joined = (
            tensor_ops.concatenation(run, "cat", items, dim, False) if items else TensorFacts(identity=new_identity())
        )
        return joined.but(shape=None, scalar=units.each(run, first) if name.endswith("stack") else None)
    parts = [tensors.as_tensor(item) for item in first.items]
    return tensor_ops.concatenation(run, name, parts, dim, name.endswith("stack"))


def where(run: Run, name: str, args: Args, node: Any) -> Any:
    a, b = tensors.as_tensor(args.get(1, "input")), tensors.as_tensor(args.get(2, "other"))
    return TensorFacts(shape=a.shape if a.shape == b.shape else None, attached=True if a.attached or b.attached else None,
                       identity=new_identity(), model=a.model or b.model)  # fmt: skip


def einsum(run: Run, name: str, args: Args, node: Any) -> Any:
    return TensorFacts(identity=new_identity(), why_unknown="`einsum` is not modelled")
