"""Operations on tensors: how each changes what is known of its operand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lrcheck.events import ArgReduction, Backward, Comparison, Synchronisation
from lrcheck.facts import SOME, Decision, DType, Form, Operation, TensorFacts, Uses
from lrcheck.knowledge.operations import (
    ACTIVATIONS,
    COMPARISON_METHODS,
    DETACHING,
    FLOATING,
    INTEGRAL,
    KEEPING,
    TENSOR_ONLY,
    ZERO_GRADIENT,
)
from lrcheck.static import (
    accumulators,
    activations,
    attributes,
    axes,
    devices,
    hooks,
    operators,
    products,
    shapes,
    tensors,
    units,
)
from lrcheck.static.arguments import Args
from lrcheck.static.joining import join_all
from lrcheck.static.run import CALLERS, Run
from lrcheck.static.values import (
    MISSING,
    NONE,
    UNKNOWN,
    Api,
    Const,
    Device,
    Layer,
    Seq,
    Size,
    Tool,
    Union,
    Unknown,
    as_dim,
    const,
    from_dim,
    new_identity,
    number,
)

Handler = Callable[[Run, str, TensorFacts, Args, Any, Any], Any]

DTYPES: dict[str, DType] = {
    **dict.fromkeys(("float", "float32", "float64", "double", "half", "float16", "bfloat16", "FloatTensor", "DoubleTensor",
                     "HalfTensor"), DType.FLOAT),
    **dict.fromkeys(("long", "int64", "int", "int32", "int16", "short", "uint8", "int8", "LongTensor", "IntTensor",
                     "ByteTensor", "ShortTensor"), DType.INT),
    **dict.fromkeys(("bool", "BoolTensor"), DType.BOOL),
    **dict.fromkeys(("complex64", "complex128", "cfloat"), DType.COMPLEX),
}  # fmt: skip


_MADE_HERE = frozenset({"constant", "parameter"})


def apply(run: Run, op: str, value: Any, args: Args, node: Any, argument: Any) -> Any:
    """The result of the operation `op` on `value` (a tensor, or something unknown that is used as one)."""
    handler = HANDLERS.get(op, generic)
    if "axis" in args.keywords:
        args = args.renamed("axis", "dim")
    x = tensors.as_tensor(value)
    result = handler(run, op, x, args, node, argument)
    return result if x.scalar is None else units.applied(run, op, x, result, node)


# -- operations that keep the form ------------------------------------------------------------------------------------
_COPYING = FLOATING | {"clone", "to", "type", "type_as", "cuda", "cpu", "half", "bfloat16", "flip", "roll"}


def keeping(run: Run, op: str, x: TensorFacts, args: Args, node: Any, argument: Any) -> Any:
    """Casts, copies, devices, detaching: the numbers stay what they are."""
    changes: dict[str, Any] = {}
    name = op.rstrip("_")
    if op in FLOATING:
        changes["dtype"] = DType.FLOAT
        changes["converted"] = tensors.operation(run, op, node, x, argument)
    elif name in ("to", "type"):
        _cast(run, x, args, changes)
        if name == "type" and "dtype" not in changes:
            changes["dtype"] = None
        if "dtype" in changes:
            changes["converted"] = tensors.operation(run, name, node, x, argument)
    elif name == "type_as":
        changes["dtype"] = tensors.as_tensor(args.get(0, "other")).dtype
    elif op == "cuda":
        changes["device"] = "cuda"
    elif op == "cpu":
        changes["device"] = "cpu"
    elif name in ("clamp", "clip") and x.form is Form.PROBABILITIES:
        changes["last"] = tensors.operation(run, "shifted", node, x)
    elif name in ("clamp", "clip") and x.form not in (Form.PROBABILITIES, Form.DATA, Form.LOG_PROBABILITIES, Form.LOSS):
        changes.update(form=None, made_by=None, identity=new_identity(), why_unknown="clamped")
    if name == "requires_grad":
        changes["attached"] = const(args.get(0, "requires_grad")) is not False
        changes["roots"] = x.roots or frozenset({"parameter"})
        if x.roots <= _MADE_HERE and changes["attached"]:  # `torch.ones(3).requires_grad_()`
            changes.update(roots=frozenset({"parameter"}), origin=run.site(node), form=None)
        if changes["attached"] and x.attached is False and lost_its_graph(x):
            changes["cut_by"] = tensors.operation(run, op, node, x, argument)
    if name in DETACHING or name == "numpy":
        changes["attached"] = False
        changes["cut_by"] = tensors.operation(run, name, node, x, argument)
    if op in _COPYING and x.identity in run.parameters:
        changes["identity"] = new_identity()  # what is done to a copy is not done to the parameter
    return x.but(**changes) if changes else x


def lost_its_graph(x: TensorFacts) -> bool:
    """A loss, or what an argmax or a comparison left: made a leaf, it trains nothing. Detached features may be an input."""
    return x.form is Form.LOSS or is_discrete(x)


def is_leaf_on_purpose(x: TensorFacts) -> bool:
    """Numbers that a model gave, detached, and made to need gradients again: what is computed from them begins there."""
    cut = x.cut_by
    if x.attached is not True or cut is None or cut.operand is None:
        return False
    return cut.operand.attached is False and not lost_its_graph(cut.operand)


def is_discrete(x: TensorFacts) -> bool:
    """Whether an argmax or a comparison ended the graph: numbers that nobody trains."""
    cut = x.cut_by
    while cut is not None and cut.name in _PASSING:  # `torch.tensor(...)` of what had lost its graph before
        cut = cut.operand.cut_by if cut.operand is not None else None
    return cut is not None


_PASSING = DETACHING | {"tensor"}


def _cast(run: Run, x: TensorFacts, args: Args, changes: dict[str, Any]) -> None:
    for value in args.values():
        if isinstance(value, Device):
            changes["device"] = devices.kind_of(value)
        elif isinstance(value, Api):
            dtype = DTYPES.get(value.name.rpartition(".")[2])
            if dtype is not None:
                changes["dtype"] = dtype
            if value.name.endswith("Tensor"):
                changes["device"] = "cuda" if ".cuda." in value.name else "cpu"
        elif isinstance(value, Union):
            changes["device"] = None
        elif isinstance(value, Tool) and value.kind == "dtype":
            changes["dtype"] = None
        elif isinstance(value, Const) and isinstance(value.value, str):
            last = value.value.rpartition(".")[2]
            if last in DTYPES and value.value.startswith("torch."):
                changes["dtype"] = DTYPES[last]
            else:
                changes["device"] = devices.kind_of(value)
        elif isinstance(value, TensorFacts):
            changes["dtype"] = value.dtype
            changes["device"] = value.device
        elif isinstance(value, Unknown):
            changes["device"] = None  # `.to(device)`; a dtype would be a `torch.` name or `other.dtype`


def integral(run: Run, op: str, x: TensorFacts, args: Args, node: Any, argument: Any) -> Any:
    """`.long()`, `.int()`: class indices stay class indices, scores are cut off from the graph."""
    if x.form in (Form.LOGITS, Form.PROBABILITIES, Form.LOG_PROBABILITIES, Form.CLIPPED):
        cut = tensors.operation(run, op, node, x, argument)
        return x.but(form=Form.THRESHOLDED, made_by=cut, dtype=DType.INT, attached=False, cut_by=cut)
    return x.but(dtype=DType.INT, attached=False, converted=tensors.operation(run, op, node, x, argument))


def _astype(run: Run, op: str, x: TensorFacts, args: Args, node: Any, argument: Any) -> Any:
    """`array.astype("float32")`: numpy's cast."""
    wanted = args.get(0, "dtype")
    name = wanted.name.rpartition(".")[2] if isinstance(wanted, Api) else const(wanted)
    dtype = DTYPES.get(name) if isinstance(name, str) else None
    if dtype is DType.INT:
        return integral(run, op, x, args, node, argument)
    if dtype is not DType.FLOAT:
        return x.but(form=None, made_by=None, dtype=dtype, identity=new_identity(), classes=None)
    return x.but(dtype=dtype, converted=tensors.operation(run, op, node, x, argument))


def _moved(run: Run, op: str, x: TensorFacts, args: Args, node: Any, argument: Any) -> Any:
    """`flip`, `roll`: other values at the same places."""
    return x.but(identity=new_identity())


def _elementwise(run: Run, op: str, x: TensorFacts, args: Args, node: Any, argument: Any) -> Any:
    """`sin`, `abs`, `sqrt`, ...: another value at each place."""
    return x.but(form=Form.DATA if x.form is Form.DATA else None, made_by=None, dtype=x.dtype if op.startswith("abs") else DType.FLOAT,
                 identity=new_identity(), layer=None, out_features=None, classes=None, last=None, uses=derived(x),
                 origin=run.site(node))  # fmt: skip


def _shape_op(run: Run, op: str, x: TensorFacts, args: Args, node: Any, argument: Any) -> Any:
    name = op.rstrip("_")
    if name in ("view", "reshape") and not args.open:
        axes.reshaped(run, x, args.positional, node)
    shape = _new_shape(name, x, args)
    changes: dict[str, Any] = {"shape": shape}
    batched = accumulators.data_frame(run) is not None if run.loops else not run.ledger.script
    if name == "squeeze" and args.get(0, "dim") is MISSING and batched:
        changes["squeezed"] = tensors.operation(run, "squeeze", node, x, argument)
    if name in ("repeat", "narrow", "tile", "repeat_interleave"):
        changes["identity"] = new_identity()
    if name in _MOVING and x.layer is not None:
        changes["last"] = tensors.operation(run, "moved", node, x)
    if name not in ("expand", "contiguous"):
        changes["out_features"] = x.out_features if _keeps_columns(shape, x) else None
    return axes.moved(run, name, x, args, x.but(**changes))


_MOVING = frozenset({"transpose", "permute", "t", "swapaxes", "swapdims", "movedim", "moveaxis", "T", "mT"})


def _keeps_columns(shape: Any, x: TensorFacts) -> bool:
    if not shape or not x.shape:
        return False
    return len(shape) >= 2 and shape[-1] == x.shape[-1] and shape[-1] is not None


def _new_shape(name: str, x: TensorFacts, args: Args) -> Any:
    first = args.get(0, "dim")
    if name in ("view", "reshape"):
        if args.open:
            return None
        wanted = shapes.wanted_dims(args.positional or [args.keywords.get("shape", UNKNOWN)])
        return None if wanted is None else shapes.view(x.shape, wanted)
    if name in ("view_as", "reshape_as", "expand_as"):
        return tensors.as_tensor(args.get(0, "other")).shape
    if name == "flatten":
        start = number(args.get(0, "start_dim")) if args.get(0, "start_dim") is not MISSING else 0
        end = number(args.get(1, "end_dim")) if args.get(1, "end_dim") is not MISSING else -1
        return shapes.flatten(x.shape, start, end) if isinstance(start, int) and isinstance(end, int) else None
    if name == "ravel":
        return shapes.flatten(x.shape, 0, -1)
    if name == "squeeze":
        dim = number(first)
        return shapes.squeeze(x.shape, dim if isinstance(dim, int) else None, first is not MISSING)
    if name == "unsqueeze":
        dim = number(first)
        return shapes.unsqueeze(x.shape, dim if isinstance(dim, int) else None)
    if name in ("transpose", "swapaxes", "swapdims"):
        a, b = number(first), number(args.get(1, "dim1"))
        return shapes.transpose(x.shape, a if isinstance(a, int) else None, b if isinstance(b, int) else None)
    if name == "permute":
        return shapes.permute(x.shape, shapes.wanted_dims(args.positional))
    if name == "t":
        return tuple(reversed(x.shape)) if x.shape is not None and len(x.shape) <= 2 else None
    return None


def derived(*parts: TensorFacts) -> Uses:
    """The uses of a value that is computed from others: what is done with it is done with them."""
    return Uses(parents=tuple(part.uses for part in parts if part.uses is not None))


# -- reductions -------------------------------------------------------------------------------------------------------
def _dim(args: Args) -> tuple[Any, bool, bool]:
    """The dim argument (a number, a tuple or None for unknown), whether one was given, and keepdim."""
    value = args.get(0, "dim")
    keep = args.get(1, "keepdim")
    keepdim = const(keep) is True or const(args.keywords.get("keepdims", MISSING)) is True
    if value is MISSING or const(value) is None:
        return None, False, False
    if isinstance(value, Seq) and value.gap is None:
        return tuple(as_dim(item) for item in value.items), True, keepdim
    found = number(value)
    return (found if isinstance(found, int) else None), True, keepdim


def reduction(run: Run, op: str, x: TensorFacts, args: Args, node: Any, argument: Any) -> Any:
    """`sum`, `mean`, `prod`, `std`, ..."""
    dim, has_dim, keepdim = _dim(args)
    if x.uses is not None:
        x.uses.mark("data", run.site(node))
    last = None
    if op == "sum" and x.last is not None and x.last.name == "exp":
        last = Operation("sum_exp", run.site(node), x.last.operand)
    elif op in ("amax", "logsumexp"):
        last = Operation("max", run.site(node), x)
    form = Form.LOSS if x.form is Form.LOSS else Form.MATCHES if x.form is Form.MATCHES else None
    return x.but(
        form=form,
        made_by=x.made_by if form else None,
        shape=shapes.reduce(x.shape, dim, has_dim, keepdim),
        dtype=x.dtype if op in ("sum", "prod", "amax", "amin") and x.dtype is not DType.BOOL else DType.FLOAT,
        identity=new_identity(),
        reduction=op if form is Form.LOSS and op in ("mean", "sum") else x.reduction,
        layer=None,
        out_features=None,
        uses=derived(x) if form is Form.LOSS else None,
        last=last,
        classes=None,
    )


def arg_reduction(run: Run, op: str, x: TensorFacts, args: Args, node: Any, argument: Any) -> Any:
    """`argmax`, `argmin`, `argsort`: scores become class indices and the graph ends."""
    dim, has_dim, keepdim = _dim(args)
    shape = x.shape if op == "argsort" else shapes.reduce(x.shape, dim, has_dim, keepdim)
    return _indices(run, op, x, dim, has_dim, shape, node, argument)


def _is_chosen(run: Run, scores: TensorFacts) -> bool:
    """Whether the scores were there before the test that chooses this way of treating them."""
    before = run.ways
    while before and scores.made_by is not None and scores.made_by.operand is not None:
        scores = scores.made_by.operand
    return bool(before) and (scores.identity or 0) < before[-1]


def _indices(
    run: Run, op: str, x: TensorFacts, dim: Any, has_dim: bool, shape: Any, node: Any, argument: Any
) -> TensorFacts:

    site = run.site(node)
    dim_number = dim if isinstance(dim, int) else None
    run.emit(ArgReduction(site, op, x, dim_number, has_dim, _is_chosen(run, x)))
    operators.mark_used(x, "argmax", site)
    classes = _reduced_size(x, dim_number)
    operators.decide(x, Decision("argmax", site, None, dim_number, classes))
    cut = tensors.operation(run, op, node, x, argument, None, dim_number, has_dim)
    return TensorFacts(
        form=Form.CLASS_INDEX,
        made_by=cut,
        shape=shape,
        dtype=DType.INT,
        attached=False,
        cut_by=cut,
        roots=x.roots,
        classes=classes,
        identity=new_identity(),
        model=x.model,
        origin=site,
    )


def _reduced_size(x: TensorFacts, dim: int | None) -> int | None:
    """How many scores the maximum was chosen from."""
    if dim is None:
        return None
    if x.shape is not None:
        index = shapes.normal(dim, len(x.shape))
        size = x.shape[index] if index is not None else None
        return size if isinstance(size, int) else None
    return x.out_features if dim in (1, -1) else None


def _max(run: Run, op: str, x: TensorFacts, args: Args, node: Any, argument: Any) -> Any:
    """`max(dim)` gives values and indices, `max()` one value, `max(a, b)` the larger of each pair."""
    first = args.get(0, "dim")
    if isinstance(first, TensorFacts):
        return x.but(
            form=None,
            made_by=None,
            identity=new_identity(),
            shape=shapes.broadcast(x.shape, first.shape),
            out_features=None,
        )
    dim, has_dim, keepdim = _dim(args)
    values = x.but(
        form=x.form if x.form in (Form.DATA, Form.PROBABILITIES) else None,
        shape=shapes.reduce(x.shape, dim, has_dim, keepdim),
        identity=new_identity(),
        last=Operation("max", run.site(node), x),
        out_features=None,
        layer=None,
    )
    if not has_dim:
        return values
    indices = _indices(run, op, x, dim, has_dim, values.shape, node, argument)
    return Seq([values, indices], "max")


def _topk(run: Run, op: str, x: TensorFacts, args: Args, node: Any, argument: Any) -> Any:
    """`topk(k, dim)` keeps `k` of a dimension, `sort(dim)` all of it."""
    dim = args.get(0 if op == "sort" else 1, "dim")
    dim_number = number(dim) if dim is not MISSING else -1
    count = number(args.get(0, "k")) if op == "topk" else None
    index = shapes.normal(dim_number, len(x.shape)) if x.shape is not None and isinstance(dim_number, int) else None
    shape: Any = None
    if x.shape is not None and index is not None and isinstance(count, int):
        shape = (*x.shape[:index], count, *x.shape[index + 1 :])
    indices = _indices(run, op, x, dim_number, True, shape, node, argument)
    values = x.but(shape=shape, identity=new_identity(), out_features=None)
    return Seq([values, indices], "max")


# -- the graph --------------------------------------------------------------------------------------------------------
def _item(run: Run, op: str, x: TensorFacts, args: Args, node: Any, argument: Any) -> Any:
    if run.loop_depth and x.model is not None:
        run.trace.append(Synchronisation(run.site(node), "cuda" if x.model in run.on_gpu else None))
    if x.uses is not None:
        x.uses.mark("data", run.site(node))
    cut = x.cut_by or tensors.operation(run, op, node, x, argument)
    return x.but(attached=False, cut_by=cut, shape=() if op == "item" else x.shape, identity=new_identity())


def _zero_gradient(run: Run, op: str, x: TensorFacts, args: Args, node: Any, argument: Any) -> Any:

    site = run.site(node)
    operators.mark_used(x, "threshold", site)
    made = tensors.operation(run, op.rstrip("_"), node, x, argument)
    if op.startswith("round"):
        run.emit(Comparison(site, "round", x, None, left_site=run.site(argument) if argument is not None else None))
        operators.decide(x, Decision("round", site, None, None, x.columns))
    return x.but(form=Form.THRESHOLDED if x.form is not None and x.form is not Form.DATA else x.form, made_by=made,
                 zeroed_by=made, identity=new_identity())  # fmt: skip


def _backward(run: Run, op: str, x: TensorFacts, args: Args, node: Any, argument: Any) -> Any:
    if x.uses is not None:
        x.uses.mark("backward", run.site(node))
    hooks.goes_backward(run, x)
    retain = args.get(1, "retain_graph")
    known = const(retain)
    grad = run.grad
    run.goes_backward = run.goes_backward or run.flags.get("grad") is CALLERS
    if run.loops:
        run.loops[-1].trains = True
    run.emit(
        Backward(
            run.site(node),
            x,
            False if retain is MISSING or known is None or known is False else True if known is True else None,
            "scaler" if x.made_by is not None and x.made_by.name == "scale" else "tensor",
            grad is not False,
            _argument(run, args, "retain_graph"),
            run.flags.get("autocast") is True,
        )
    )
    return Const(None)


def _argument(run: Run, args: Args, keyword: str) -> Any:
    """The place of a keyword argument's value."""
    node = args.keyword_nodes.get(keyword)
    return run.site(node) if node is not None else None


def _comparison_method(run: Run, op: str, x: TensorFacts, args: Args, node: Any, argument: Any) -> Any:

    other = args.get(0, "other")
    other = UNKNOWN if other is MISSING else other
    return operators.compare_tensors(run, node, COMPARISON_METHODS[op], x, other, argument, args.node(0, "other"))


# -- arithmetic as methods --------------------------------------------------------------------------------------------
_ARITHMETIC = {"add": "Add", "sub": "Subtract", "subtract": "Subtract", "mul": "Multiply", "multiply": "Multiply",
               "div": "Divide", "divide": "Divide", "true_divide": "Divide", "floor_divide": "FloorDivide", "pow": "Power"}  # fmt: skip


def _arithmetic(run: Run, op: str, x: TensorFacts, args: Args, node: Any, argument: Any) -> Any:

    other = args.get(0, "other")
    other = args.get(0, "exponent") if other is MISSING else other
    if other is MISSING:
        return generic(run, op, x, args, node, argument)
    operator = _ARITHMETIC[op.rstrip("_")]
    if operator == "Divide" and const(args.keywords.get("rounding_mode", NONE)) is not None:
        operator = "FloorDivide"  # or unknown: whole numbers may stay whole
    return operators.arithmetic(run, node, operator, x, other, argument, args.node(0, "other"))


# -- making tensors of tensors ----------------------------------------------------------------------------------------
def _one_hot(run: Run, op: str, x: TensorFacts, args: Args, node: Any, argument: Any) -> Any:
    value = args.get(0, "num_classes")
    found = number(value) if value is not MISSING else x.classes
    classes = found if isinstance(found, int) and found > 0 else x.classes
    return TensorFacts(
        form=Form.ONE_HOT,
        made_by=tensors.operation(run, "one_hot", node, x, argument),
        shape=(*x.shape, classes) if x.shape is not None else None,
        dtype=DType.INT,
        attached=False,
        roots=x.roots or frozenset({"target"}),
        classes=classes,
        identity=new_identity(),
        origin=run.site(node),
    )


def _scatter(run: Run, op: str, x: TensorFacts, args: Args, node: Any, argument: Any) -> Any:
    """`torch.zeros(n, c).scatter_(1, labels.unsqueeze(1), 1)` makes one-hot rows."""
    index, value = tensors.as_tensor(args.get(1, "index")), args.get(2, "value" if "value" in args.keywords else "src")
    if index.form is Form.CLASS_INDEX and number(value) == 1 and x.made_by is not None and x.made_by.name == "zeros":
        made = tensors.operation(run, "scatter", node, index, args.node(1, "index"))
        columns = x.shape[-1] if x.shape else None
        return x.but(form=Form.ONE_HOT, made_by=made, roots=index.roots, identity=new_identity(),
                     classes=columns if isinstance(columns, int) else None)  # fmt: skip
    return x.but(form=None, made_by=None, identity=new_identity())


def _size(run: Run, op: str, x: TensorFacts, args: Args, node: Any, argument: Any) -> Any:
    if x.shape is None:
        dim = args.get(0, "dim")
        if dim is not MISSING and number(dim) == 0:
            return Size("N" if x.model is not None else None, x, 0)
        shape = units.shape_of(x)
        return shape if dim is MISSING else attributes.part_of(shape, f"[{number(dim)}]")
    value = args.get(0, "dim")
    if value is MISSING:
        return axes.shape_of(x)
    found = number(value)
    index = shapes.normal(found, len(x.shape)) if isinstance(found, int) else None
    return axes.dimension(x, index) if index is not None else Unknown()


def _numel(run: Run, op: str, x: TensorFacts, args: Args, node: Any, argument: Any) -> Any:
    return from_dim(shapes.product(x.shape), x) if x.shape is not None else Unknown()


def _split(run: Run, op: str, x: TensorFacts, args: Args, node: Any, argument: Any) -> Any:
    dim = args.get(1, "dim")
    rows = x.shape is not None and op != "unbind" and (dim is MISSING or number(dim) == 0)
    shape = (SOME, *x.shape[1:]) if rows and x.shape else None
    part = x.but(shape=shape, identity=new_identity(), out_features=None,
                 form=x.form if x.form in (Form.DATA, Form.LOGITS, Form.CLASS_INDEX) else None)  # fmt: skip
    return Seq([part], "tuple", 0)


def _masked_fill(run: Run, op: str, x: TensorFacts, args: Args, node: Any, argument: Any) -> Any:
    return x.but(identity=new_identity())


def _gather(run: Run, op: str, x: TensorFacts, args: Args, node: Any, argument: Any) -> Any:
    return x.but(
        shape=tensors.as_tensor(args.get(1, "index")).shape, identity=new_identity(), out_features=None, classes=None
    )


def _plain(run: Run, op: str, x: TensorFacts, args: Args, node: Any, argument: Any) -> Any:
    return Unknown()


def _dropout(run: Run, op: str, x: TensorFacts, args: Args, node: Any, argument: Any) -> Any:
    run.moded += 1
    if run.forwards and "training" in args.keywords and number(args.get(0, "p")) != 0:
        mode = args.keyword_nodes["training"]
        if type(mode).__name__ != "Name" or mode.value not in ("True", "False"):
            for facts in run.forwards:
                facts.has_dropout = True
    if const(args.get(1, "training")) is False or number(args.get(0, "p")) == 0:
        return x
    return trailing(run, "dropout", x, node, argument, None)


def trailing(run: Run, name: str, x: TensorFacts, node: Any, argument: Any, layer: Layer | None) -> TensorFacts:
    """Dropout or batch norm behind a layer: harmless inside a network, a mistake behind its last layer."""
    made = tensors.operation(run, name, node, x, argument, layer)
    form = x.form if name == "dropout" or x.form is Form.LOGITS else None
    return x.but(form=form, made_by=x.made_by if form is x.form else None, trailing=made, identity=new_identity(),
                 attached=x.attached)  # fmt: skip


def _pool(run: Run, op: str, x: TensorFacts, args: Args, node: Any, argument: Any) -> Any:
    if const(args.keywords.get("return_indices", Const(False))) is False:
        return pooled(x, None)
    return Seq([pooled(x, None), TensorFacts(dtype=DType.INT, attached=False, identity=new_identity())], "tuple")


def pooled(x: TensorFacts, shape: Any) -> TensorFacts:
    """Pooling, normalisation and the like: features, of no particular form."""
    return TensorFacts(
        shape=shape,
        dtype=DType.FLOAT,
        attached=x.attached,
        roots=x.roots,
        identity=new_identity(),
        model=x.model,
        form=Form.DATA if x.form is Form.DATA else None,
        why_unknown="features behind a pooling or normalisation layer",
    )


def _interpolate(run: Run, op: str, x: TensorFacts, args: Args, node: Any, argument: Any) -> Any:
    shape = (*x.shape[:2], *[None] * (len(x.shape) - 2)) if x.shape is not None else None
    return x.but(shape=shape, identity=new_identity())


def generic(run: Run, op: str, x: TensorFacts, args: Args, node: Any, argument: Any) -> Any:
    """An operation that nothing is known about."""
    if x.uses is not None:
        x.uses.mark("data", run.site(node))
    others = [value for value in args.values() if isinstance(value, TensorFacts)]
    roots = x.roots
    for other in others:
        roots = roots | other.roots if roots and other.roots else frozenset()
    return TensorFacts(
        attached=True if x.attached or any(other.attached for other in others) else None,
        roots=roots,
        identity=new_identity(),
        model=x.model,
        why_unknown=f"`{op}` is not modelled",
    )


def concatenation(run: Run, op: str, parts: list[TensorFacts], dim: Any, stacked: bool) -> TensorFacts:
    """`torch.cat` and `torch.stack`: what holds for every part holds for the whole."""
    joined = join_all(parts) if parts else TensorFacts()
    result = joined if isinstance(joined, TensorFacts) else TensorFacts()
    index = number(dim) if dim is not MISSING else 0
    shape = None
    if not stacked and isinstance(index, int):
        shape = shapes.concatenate([part.shape for part in parts], index)
    elif stacked and isinstance(index, int) and parts:
        shape = shapes.unsqueeze(result.shape, index)
        if shape is not None:
            shape = tuple(len(parts) if i == index else size for i, size in enumerate(shape))
    roots = (
        frozenset[str]().union(*(part.roots for part in parts)) if all(part.roots for part in parts) else frozenset()
    )
    form = result.form
    if not stacked and isinstance(index, int) and index != 0 and form in (Form.PROBABILITIES, Form.ONE_HOT):
        form = None
    return result.but(shape=shape, identity=new_identity(), roots=roots, form=form, out_features=None, classes=None,
                      made_by=result.made_by if form is not None else None)  # fmt: skip


HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(ACTIVATIONS, activations.activation),
    **{f"{name}_": activations.activation for name in ("relu", "relu6", "sigmoid", "tanh", "leaky_relu", "elu", "celu", "selu", "rrelu",
                                           "hardtanh", "threshold")},
    **{name: keeping if how == "same" else _shape_op for name, how in KEEPING.items()},
    **dict.fromkeys(INTEGRAL, integral),
    **dict.fromkeys(("sum", "mean", "prod", "std", "var", "norm", "amax", "amin", "nanmean", "median", "logsumexp", "cumsum",
                     "any", "all", "count_nonzero", "nansum"), reduction),
    **dict.fromkeys(("argmax", "argmin", "argsort"), arg_reduction),
    **dict.fromkeys(("max", "min"), _max),
    **dict.fromkeys(("flip", "roll", "fliplr", "flipud"), _moved),
    **dict.fromkeys(("sin", "cos", "tan", "abs", "absolute", "sqrt", "rsqrt", "square", "reciprocal", "erf", "log1p", "log2", "log10",
                     "expm1", "neg", "abs_", "sqrt_", "square_", "sinh", "cosh", "atan"), _elementwise),
    "topk": _topk,
    "sort": _topk,
    "astype": _astype,
    "item": _item,
    "tolist": _item,
    **dict.fromkeys(ZERO_GRADIENT, _zero_gradient),
    "backward": _backward,
    **dict.fromkeys(COMPARISON_METHODS, _comparison_method),
    **dict.fromkeys(("linear", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d"),
                    products.linear),
    **dict.fromkeys(("matmul", "mm", "bmm", "mv"), products.matmul),
    "addmm": products.addmm,
    **dict.fromkeys(_ARITHMETIC, _arithmetic),
    **dict.fromkeys((f"{name}_" for name in _ARITHMETIC), _arithmetic),
    "exp": activations.exp,
    "log": activations.log,
    "one_hot": _one_hot,
    "scatter_": _scatter,
    "scatter": _scatter,
    "size": _size,
    "numel": _numel,
    "nelement": _numel,
    "dim": _plain,
    "ndimension": _plain,
    "is_cuda": _plain,
    "split": _split,
    "chunk": _split,
    "unbind": _split,
    "masked_fill": _masked_fill,
    "masked_fill_": _masked_fill,
    "gather": _gather,
    "index_select": _gather,
    **dict.fromkeys(("dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout"), _dropout),
    **dict.fromkeys(("max_pool1d", "max_pool2d", "max_pool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d", "adaptive_avg_pool1d",
                     "adaptive_avg_pool2d", "adaptive_max_pool1d", "adaptive_max_pool2d", "layer_norm", "batch_norm", "group_norm",
                     "instance_norm", "normalize", "embedding", "pad", "unfold", "fold", "adaptive_avg_pool3d"), _pool),
    **dict.fromkeys(("interpolate", "upsample"), _interpolate),
}  # fmt: skip
for _name in TENSOR_ONLY:
    HANDLERS.setdefault(_name, generic)
