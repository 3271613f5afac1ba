"""Functions and classes of torch, torchvision and their companions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import libcst as cst

from lrcheck.events import ClipGradients, FrameworkBackward, GradientAccess, OpaqueCall, OptimizerMade, SchedulerMade
from lrcheck.facts import DeviceFacts, DType, Form, LossFacts, OptimizerFacts, ScalarFacts, Shape, TensorFacts
from lrcheck.knowledge import vision_models
from lrcheck.knowledge.datasets import BUNCHES, CLASSIFIERS, DATASETS, GENERATORS, SCALERS
from lrcheck.knowledge.frameworks import PREPARING
from lrcheck.knowledge.losses import BY_FUNCTION
from lrcheck.knowledge.operations import ACTIVATIONS, KEEPING, WRAPPER_LAYERS
from lrcheck.knowledge.schedulers import DECAYS, NEED_A_METRIC, SPANS
from lrcheck.static import (
    accumulators,
    api_uses,
    arrays,
    builtins_api,
    calls,
    data,
    definitions,
    devices,
    gradients,
    hooks,
    initialisation,
    layers,
    meters,
    modules,
    operators,
    reports,
    shapes,
    snapshots,
    tensor_ops,
    tensors,
    units,
)
from lrcheck.static.arguments import Args, of
from lrcheck.static.evaluation import evaluate
from lrcheck.static.places import names_in
from lrcheck.static.run import Run
from lrcheck.static.values import (
    MISSING,
    PREPARED_BY,
    UNKNOWN,
    Api,
    Class,
    Const,
    Context,
    Device,
    Function,
    Instance,
    Layer,
    Mapping,
    Optimizer,
    Parameters,
    Scalar,
    Seq,
    Size,
    Stream,
    Tool,
    Union,
    Unknown,
    const,
    new_identity,
    number,
)

Handler = Callable[[Run, str, Args, Any], Any]

_MADE = frozenset({"zeros", "ones", "full", "empty", "rand", "randn", "arange", "linspace", "eye", "normal", "randperm",
                   "bernoulli", "multinomial"})  # fmt: skip
_LIKE = frozenset({"zeros_like", "ones_like", "rand_like", "randn_like", "full_like", "empty_like"})
_FROM_DATA = frozenset({"tensor", "as_tensor", "from_numpy", "asarray", "Tensor", "FloatTensor", "LongTensor", "DoubleTensor",
                        "IntTensor", "ByteTensor", "HalfTensor", "ShortTensor", "BoolTensor"})  # fmt: skip
_TRANSPARENT = frozenset({"builtins", "logging", "warnings", "os", "sys", "time", "math", "random", "numpy", "json", "argparse",
                          "pathlib", "collections", "datetime", "matplotlib", "torchvision", "pandas", "itertools", "functools",
                          "copy", "typing", "tqdm", "torchsummary", "torchinfo", "sklearn", "re", "glob", "shutil", "csv",
                          "pickle", "string", "io", "gc", "wandb", "visdom", "tensorboardX", "seaborn", "PIL", "cv2",
                          "IPython", "scipy", "yaml"})  # fmt: skip
_QUIET = (
    "torch.save",
    "torch.cuda.",
    "torch.jit.",
    "torch.onnx.",
    "torch.utils.data.",
    "torch.distributed.",
    "torch.distributions.",
    "torch.profiler.",
)
"""Packages whose functions never touch an optimizer or the gradients of a model that they are handed."""


def is_known(name: str) -> bool:
    """Whether `name` is something of torch that `from package import *` would bring in."""
    short = name.rpartition(".")[2]
    if name.startswith("torch.nn.functional."):
        return short in tensor_ops.HANDLERS or name in BY_FUNCTION
    if name.startswith("torch.nn."):
        return short[:1].isupper() or short in ("functional", "init", "utils", "parallel")
    if name.startswith("torch."):
        return short in tensor_ops.HANDLERS or name in _EXACT or short in _MADE | _LIKE | _FROM_DATA or short in (
            "nn", "optim", "utils", "cuda", "autograd", "device", "no_grad",
        )  # fmt: skip
    return name in DATASETS or name.startswith("torchvision.transforms.")


def call(run: Run, name: str, args: Args, node: Any, statement: bool = False) -> Any:
    """Call a function or class of another package by its canonical name."""
    builtin = builtins_api.HANDLERS.get(name)
    if builtin is not None:
        return builtin(run, args, node)
    api_uses.called(run, name, args, node, statement)
    if (
        name.endswith("_")
        and run.ledger.gradients
        and any(gradients.is_gradient(run, value) for value in args.values())
    ):
        gradients.written(run, node)
    layers.api_called(run, name, args, node, statement)
    exact = _EXACT.get(name)
    if exact is not None:
        return exact(run, name, args, node)
    if name in BY_FUNCTION:
        return call_loss_function(run, name, args, node)
    if name.startswith("torch."):
        found = _torch(run, name, args, node)
        if found is not None:
            return found
    elif name.startswith("torchvision."):
        return _torchvision(run, name, args, node)
    elif name in BUNCHES:
        return data.bunch(run, name, args, node)
    elif name in GENERATORS:
        return data.generated(name, args)
    elif name.startswith("numpy."):
        return _numpy(run, name, args, node)
    return _other(run, name, args, node)


def _other(run: Run, name: str, args: Args, node: Any) -> Any:
    reported = reports.called(run, name, args, node)
    if reported is None:
        reported = meters.called(run, name, args, node)
    if reported is not None:
        return reported
    for value in args.values():
        operators.mark_used(value, "data", run.site(node))
    if name.partition(".")[0] not in _TRANSPARENT and not name.startswith(_QUIET):
        run.ledger.foreign = run.ledger.foreign or not name.startswith("torch.")
        hooks.opaque(run, args, node)
    made = Unknown(f"the result of `{'.'.join(name.split('.')[-2:])}` is not known")
    if name in PREPARING:
        made.attrs = {PREPARED_BY: Const(PREPARING[name])}
    elif name in arrays.TABLES and arrays.SEVERAL.isdisjoint(args.keywords):
        return arrays.table(made.why)
    elif name in SCALERS:
        made.attrs = dict.fromkeys(("transform", "fit_transform", "inverse_transform"), Api(SCALED))
    elif name.startswith("torch.distributions.") and _plain_numbers(args):
        made.attrs = {"sample": Api("torch.normal")}  # numbers of no model
    return made


def _plain_numbers(args: Args) -> bool:
    return (
        bool(args.positional) and not args.open and all(isinstance(value, (Const, Scalar)) for value in args.values())
    )


def _torch(run: Run, name: str, args: Args, node: Any) -> Any:
    short = name.rpartition(".")[2]
    if name.startswith("torch.nn.") and name.count(".") == 2 and short[:1].isupper():
        if definitions.called_on_tensor(run, name, args, node):
            return TensorFacts(why_unknown="a class was called on data")
        return modules.construct(run, name, args, node)
    if name in WRAPPER_LAYERS:
        return modules.construct(run, name, args, node)
    if name.startswith("torch.optim.lr_scheduler."):
        return _scheduler(run, name, args, node)
    if name.startswith("torch.optim.") and short[:1].isupper():
        return _optimizer(run, name, args, node)
    if name == "torch.save":
        snapshots.state_used(run, args.get(0, "obj"), node)
    if name in ("torch.autograd.grad", "torch.autograd.backward"):
        run.trace.append(GradientAccess(run.site(node), True) if short == "grad" else FrameworkBackward(run.site(node)))
        return Unknown("gradients")
    if name.startswith("torch.nn.init."):
        tensor = args.get(0, "tensor")
        initialisation.filled(run, short, args, node, tensor, args.node(0, "tensor"))
        return args.get(0, "tensor") if args.positional else UNKNOWN
    if (short in tensor_ops.HANDLERS or short in ACTIVATIONS or short in KEEPING) and (
        name.startswith(("torch.nn.functional.", "torch.Tensor.")) or name.count(".") == 1
    ):
        return _tensor_function(run, short, args, node)
    if short in _MADE and name.count(".") == 1:
        return _made(run, short, args, node)
    if short in _LIKE:
        x = tensors.as_tensor(args.get(0, "input"))
        return x.but(form=Form.DATA, made_by=None, attached=False, roots=frozenset({"constant"}), identity=new_identity(),
                     model=None, cut_by=None, classes=None, layer=None, out_features=None)  # fmt: skip
    if short in _FROM_DATA:
        return _from_data(run, short, args, node)
    if name.startswith("torch.nn.functional."):
        value = args.get(0, "input")
        return tensor_ops.generic(run, short, tensors.as_tensor(value), args.shifted(), node, args.node(0, "input"))
    if name.count(".") == 1 and args.positional and isinstance(args.positional[0], TensorFacts):
        return tensor_ops.generic(run, short, args.positional[0], args.shifted(), node, args.node(0, "input"))
    return None


def _tensor_function(run: Run, short: str, args: Args, node: Any) -> Any:
    value = args.get(0, "input")
    if value is MISSING:
        value = args.keywords.get("self", Unknown())
    if type(value) in (Layer, Instance, Api):
        definitions.module_as_tensor(run, short, value, args.node(0, "input"), node)
    return tensor_ops.apply(run, short, value, args.shifted(), node, args.node(0, "input"))


def call_loss_function(run: Run, name: str, args: Args, node: Any, alternatives: int | None = None) -> Any:
    """`F.cross_entropy(input, target)`."""
    ignore = args.keywords.get("ignore_index", MISSING)
    facts = LossFacts(
        BY_FUNCTION[name],
        name="F." + name.rpartition(".")[2],
        functional=True,
        reduction=modules.reduction(name, args),
        ignore_index=ignore.value if isinstance(ignore, Const) and isinstance(ignore.value, int) else None,
        weighted="weight" in args.keywords or len(args.positional) > 2 or "pos_weight" in args.keywords,
        argument=run.site(node.func) if hasattr(node, "func") else None,
        reduction_site=run.site(args.keyword_nodes["reduction"]) if "reduction" in args.keyword_nodes else None,
    )
    return modules.call_loss(run, facts, args, node, alternatives)


# -- making tensors ---------------------------------------------------------------------------------------------------
def _made(run: Run, short: str, args: Args, node: Any) -> TensorFacts:
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


def _from_data(run: Run, short: str, args: Args, node: Any) -> Any:
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
        shape, kind = _literal(value)
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


def _literal(value: Any) -> tuple[Any, DType | None]:
    """Shape and type of a nested list of numbers."""
    if isinstance(value, Seq):
        if value.gap is not None:
            return None, None
        if not value.items:
            return (0,), DType.FLOAT
        inner = [_literal(item) for item in value.items[:64]]
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


def _randint(run: Run, name: str, args: Args, node: Any) -> Any:
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


def _parameter(run: Run, name: str, args: Args, node: Any) -> Any:
    value = args.get(0, "data")
    x = tensors.as_tensor(value)
    made = TensorFacts(shape=x.shape, dtype=x.dtype or DType.FLOAT, attached=const(args.get(1, "requires_grad")) is not False,
                       roots=frozenset({"parameter"}), identity=new_identity(), origin=run.site(node))  # fmt: skip
    initialisation.wrapped(run, value, made.identity or 0)
    return made


def _variable(run: Run, name: str, args: Args, node: Any) -> Any:
    """`Variable(x)` is `x`."""
    value = args.get(0, "data")
    if const(args.keywords.get("requires_grad", MISSING)) is True:
        x = tensors.as_tensor(value)
        lost = tensor_ops.lost_its_graph(x)
        cut = tensors.operation(run, "Variable", node, x, args.node(0, "data")) if lost else x.cut_by
        return x.but(attached=True, roots=frozenset({"parameter"}), cut_by=cut)
    return value if value is not MISSING else UNKNOWN


def _cat(run: Run, name: str, args: Args, node: Any) -> Any:
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


def _where(run: Run, name: str, args: Args, node: Any) -> Any:
    a, b = tensors.as_tensor(args.get(1, "input")), tensors.as_tensor(args.get(2, "other"))
    return TensorFacts(shape=a.shape if a.shape == b.shape else None, attached=True if a.attached or b.attached else None,
                       identity=new_identity(), model=a.model or b.model)  # fmt: skip


def _einsum(run: Run, name: str, args: Args, node: Any) -> Any:
    return TensorFacts(identity=new_identity(), why_unknown="`einsum` is not modelled")


# -- the training kit -------------------------------------------------------------------------------------------------
def _optimizer(run: Run, name: str, args: Args, node: Any) -> Optimizer:
    params = args.get(0, "params")
    site = run.site(node)
    if isinstance(params, Parameters):
        hooks.parameters_used(run, params, "the optimizer", node)
    owners, complete = owners_of(params)
    facts = OptimizerFacts(
        "optim." + name.rpartition(".")[2], name, site, owners, complete, parts_of(params), run.loop_depth
    )
    run.optimizers.append(facts)
    mentioned = {each for argument in getattr(node, "args", ()) for each in names_in(argument)}
    settings = [*args.positional[1:], *(value for key, value in args.keywords.items() if key != "params")]
    fixed = not args.open and all(number(value) is not None or isinstance(value, Const) for value in settings)
    run.trace.append(OptimizerMade(site, facts, tuple(sorted(mentioned)), fixed))
    return Optimizer(facts, params)


_PLAIN_METHODS = frozenset({"__init__", "__setstate__", "__repr__", "step", "get_lr"})
_CLEARING = frozenset({"zero_grad", "zero_", "detach_", "grad"})  # called, or written to


def is_plain_optimizer(cls: Class) -> bool:
    """An optimizer of the program, which steps as those of torch do: it has no protocol of its own, and clears nothing."""
    if not any(isinstance(base, Api) and base.name.rpartition(".")[2] == "Optimizer" for base in cls.mro):
        return False
    own = [base for base in cls.mro if isinstance(base, Class)]
    methods = {name: value for base in own for name, value in base.attrs.items() if isinstance(value, Function)}
    return (
        not cls.opaque_base and methods.keys() <= _PLAIN_METHODS and "step" in methods and not _clears(methods["step"])
    )


def _clears(step: Function) -> bool:
    stack: list[Any] = [step.node.body]
    while stack:
        node = stack.pop()
        called = type(node) is cst.Call and type(node.func) is cst.Attribute and node.func.attr.value in _CLEARING
        if called or (
            type(node) is cst.AssignTarget
            and type(node.target) is cst.Attribute
            and node.target.attr.value in _CLEARING
        ):
            return True
        stack.extend(node.children)
    return False


def own_optimizer(run: Run, cls: Class, args: Args, node: Any) -> Optimizer:
    """An instance of such a class is followed as an optimizer of torch."""
    params = args.get(0, "params")
    owners, complete = owners_of(params)
    facts = OptimizerFacts(
        cls.name, "torch.optim.Optimizer", run.site(node), owners, complete, parts_of(params), run.loop_depth
    )
    run.optimizers.append(facts)
    mentioned = {each for argument in getattr(node, "args", ()) for each in names_in(argument)}
    run.trace.append(OptimizerMade(run.site(node), facts, tuple(sorted(mentioned))))
    return Optimizer(facts, params)


def _scheduler(run: Run, name: str, args: Args, node: Any) -> Tool:
    first = args.get(0, "optimizer")
    parts = [
        part for given in args.values() if isinstance(given, Seq) for part in given.items if isinstance(part, Tool)
    ]
    if parts:  # `SequentialLR`, `ChainedScheduler`: they step their parts
        run.trace.append(OpaqueCall(run.site(node), tuple(parts)))
        first = parts[0].of if isinstance(first, Seq) else first
    tool = Tool("scheduler", name, run.site(node), first)
    tool.attrs["*options*"] = tuple(args.keywords)
    tool.attrs["*mode*"] = _mode(name, args)
    stepped = (
        tool.of.alternatives[0] if isinstance(tool.of, Union) else tool.of
    )  # one of several optimizers: any of them
    owner = stepped.facts if isinstance(stepped, Optimizer) else tool.of
    short = name.rpartition(".")[2]
    keyword, index = SPANS.get(short, (DECAYS.get(short, ""), 1))
    span = args.node(index, keyword) if keyword else None
    counted = [_place(run, args, value) for value in args.values() if _counts_batches(run, value)]
    run.trace.append(
        SchedulerMade(run.site(node), tool, name, owner, tuple(args.keywords), counted[0] if counted else None,
                      run.site(span) if span is not None else None, _decay(short, args))
    )  # fmt: skip
    return tool


def _decay(short: str, args: Args) -> tuple[float, int, tuple[int, ...]] | None:
    """A factor, and after how many steps it is used again, or in which."""
    if short not in DECAYS or args.open:
        return None
    factor = args.get(1 if short == "ExponentialLR" else 2, "gamma")
    gamma = number(factor) if factor is not MISSING else 0.1
    marks = args.get(1, DECAYS[short])
    if gamma is None or not 0 < gamma < 1:
        return None
    if isinstance(marks, Seq):
        steps = [number(mark) for mark in marks.items] if marks.gap is None else []
        return gamma, 0, tuple(step for step in steps if isinstance(step, int))
    each = 1 if short == "ExponentialLR" else number(marks)
    return (gamma, each, ()) if isinstance(each, int) and each > 0 else None


def _mode(name: str, args: Args) -> str | None:
    """Which way the number goes that a scheduler watches, where it watches one."""
    if name.rpartition(".")[2] not in NEED_A_METRIC or args.open:
        return None
    given = args.get(1, "mode")
    mode = "min" if given is MISSING else const(given)
    return mode if mode in ("min", "max") else None


def _counts_batches(run: Run, value: Any) -> bool:
    if type(value) is Function:
        return _compares_batches(run, value)
    unit = units.quantity(run, value) if type(value) in (Size, Scalar) else None
    return unit is not None and unit.power("batches") > 0


def _compares_batches(run: Run, function: Function) -> bool:
    """`LambdaLR(optimizer, lambda step: ...)` sets the number of the step against a number of batches."""
    params = function.node.params.params
    counter = params[0].name.value if params else ""
    pending: list[Any] = [function.node.body]
    with run.inside(function.scope):
        while pending:
            node = pending.pop()
            if type(node) is cst.Comparison and len(node.comparisons) == 1:
                pair = (node.left, node.comparisons[0].comparator)
            elif type(node) is cst.BinaryOperation and type(node.operator) in (cst.Subtract, cst.Divide):
                pair = (node.left, node.right)
            else:
                pending.extend(node.children)
                continue
            for first, second in (pair, pair[::-1]):
                other = _bare(second)
                if _named(_bare(first)) == counter and _named(other) and _counts_batches(run, evaluate(run, other)):
                    return True
            pending.extend(pair)
    return False


def _bare(node: Any) -> Any:
    """`total` in `float(max(1, total))`."""
    while type(node) is cst.Call and _named(node.func) in ("float", "int", "max", "min") and node.args:
        node = node.args[-1].value
    return node


def _named(node: Any) -> str:
    return node.value if type(node) is cst.Name else node.attr.value if type(node) is cst.Attribute else ""


def _place(run: Run, args: Args, value: Any) -> Any:
    """Where an argument stands."""
    pairs = [
        *zip(args.positional, args.nodes, strict=True),
        *((args.keywords[key], node) for key, node in args.keyword_nodes.items()),
    ]
    return next((run.site(node) for given, node in pairs if given is value), None)


def _modules_of(params: Any) -> list[Any]:
    """The modules whose parameters are in an argument of an optimizer."""
    if isinstance(params, Parameters):
        return [value for value in params.modules if isinstance(value, (Instance, Layer))]
    if isinstance(params, Seq):
        return [module for item in params.items for module in _modules_of(item)]
    if isinstance(params, Mapping):
        return _modules_of(params.items.get("params", UNKNOWN))
    return _modules_of(params.element) if isinstance(params, Stream) else []


def parts_of(params: Any) -> frozenset[Any]:
    """The same modules, and everything inside them."""
    return frozenset(
        part.facts for value in _modules_of(params) for part in modules.walk(value) if part.facts is not None
    )


def owners_of(params: Any) -> tuple[tuple[Any, ...], bool]:
    """The modules whose parameters an optimizer was given, and whether that is all it was given."""
    if isinstance(params, Parameters):
        found = tuple(value.facts for value in params.modules if isinstance(value, (Instance, Layer)))
        return found, len(found) == len(params.modules)
    if isinstance(params, Seq):
        parts = [owners_of(item) for item in params.items]
        return tuple(owner for owners, _ in parts for owner in owners), params.gap is None and all(
            done for _, done in parts
        )
    if isinstance(params, Mapping):
        return owners_of(params.items.get("params", UNKNOWN))
    if isinstance(params, Stream):
        return owners_of(params.element)[0], False
    return (), False


def _no_grad(run: Run, name: str, args: Args, node: Any) -> Any:
    first = args.get(0, "mode")
    if first is not MISSING and hasattr(first, "node"):
        return _decorated(first)
    return Context("grad", first is not MISSING and const(first) is False)


def _decorated(function: Any) -> Any:
    """`torch.no_grad()(function)`."""
    function.contexts = (*function.contexts, Context("grad", False))
    return function


def _enable_grad(run: Run, name: str, args: Args, node: Any) -> Any:
    return Context("grad", True)


def _set_grad(run: Run, name: str, args: Args, node: Any) -> Any:
    """`torch.set_grad_enabled(mode)`: takes effect at once, and as a context manager is undone at its end."""
    mode = const(args.get(0, "mode"))
    known = bool(mode) if mode is not MISSING else None
    return Context("grad", known, lasting=True)


def _autocast(run: Run, name: str, args: Args, node: Any) -> Any:
    enabled = const(args.get(3, "enabled")) if "enabled" in args.keywords else True
    return Context("autocast", enabled if isinstance(enabled, bool) else None)


def _scaler(run: Run, name: str, args: Args, node: Any) -> Any:
    return Tool("scaler", name, run.site(node))


def _device(run: Run, name: str, args: Args, node: Any) -> Any:
    value = args.get(0, "device")
    if isinstance(value, Device):
        return value
    text = const(value)
    if isinstance(text, str):
        devices.asked(run, value, node)
        return Device(DeviceFacts(text.partition(":")[0], False, run.site(node)))
    if isinstance(value, Union):
        return Device(DeviceFacts(None, True, run.site(node)))
    return Device(DeviceFacts(None, True, run.site(node)))


def _clip(run: Run, name: str, args: Args, node: Any) -> Any:
    params = args.get(0, "parameters")
    if isinstance(params, Parameters):
        hooks.parameters_used(run, params, "the clipping", node)
    run.emit(ClipGradients(run.site(node), name.rpartition(".")[2]))
    return Unknown()


def _load(run: Run, name: str, args: Args, node: Any) -> Any:
    return Unknown("it was loaded from a file")


def _parallel(run: Run, name: str, args: Args, node: Any) -> Any:
    """`DataParallel(model)`, `torch.compile(model)`, `torch.jit.script(model)`: the model."""
    value = args.get(0, "module")
    return args.get(0, "model") if value is MISSING else value


def _data_parallel(run: Run, name: str, args: Args, node: Any) -> Any:
    """`data_parallel(module, inputs, device_ids)`: the module is called."""
    module, inputs = args.get(0, "module"), args.get(1, "inputs")
    if module is MISSING or inputs is MISSING:
        return UNKNOWN
    return calls.call(run, module, of([inputs]), node)


def _scripted(run: Run, name: str, args: Args, node: Any) -> Any:
    """`torch.jit.script(model)`: the model, with attributes that its class does not have."""
    value = args.get(0, "obj")
    if isinstance(value, (Instance, Layer)):
        run.ledger.touched.update(id(part) for part in modules.walk(value))
    return value


# -- torchvision and numpy --------------------------------------------------------------------------------------------
def _torchvision(run: Run, name: str, args: Args, node: Any) -> Any:
    short = name.rpartition(".")[2]
    if name in DATASETS:
        return data.torchvision_dataset(run, name, args, node)
    if name.startswith("torchvision.transforms."):
        if short[:1].isupper():
            made = Tool("transform", name, run.site(node), args.get(0, "transforms"))
            made.attrs["__args__"] = args
            return made
        return Unknown()
    if name.startswith("torchvision.models.") and name.count(".") == 2 and short.startswith(CLASSIFIERS):
        return _classifier(run, name, args, node)
    for value in args.values():
        operators.mark_used(value, "data", run.site(node))
    return Unknown(f"the result of `{short}` is not known")


def _classifier(run: Run, name: str, args: Args, node: Any) -> Any:
    """A classification model of torchvision: its parts are not modelled, its output are logits."""
    from lrcheck.facts import ModuleFacts

    short = name.rpartition(".")[2]
    site = run.site(node)
    facts = ModuleFacts(
        f"models.{short}", name, site, has_batchnorm=vision_models.has_batchnorm(short),
        has_dropout=vision_models.has_dropout(short), depth=run.loop_depth,
    )  # fmt: skip
    run.new_in_training(facts)
    layer = Layer(name, site, node, facts, {})
    classes = args.keywords.get("num_classes", MISSING)
    if classes is not MISSING:
        layer.options["num_classes"] = classes
    return layer


_NUMPY_ARGMAX = frozenset({"argmax", "argmin"})
_NUMPY_JOINING = frozenset({"array", "asarray", "concatenate", "stack", "hstack", "vstack"})


def _numpy(run: Run, name: str, args: Args, node: Any) -> Any:
    """Numpy on tensors: values leave the graph."""
    first, short = args.get(0, "a"), name.rpartition(".")[2]
    if short in ("mean", "average", "sum", "nanmean") and len(args.values()) == 1:
        unit = units.total(run, first) if short == "sum" else units.mean(run, first, node)
        if unit is not None:
            return unit
    each = units.each(run, first) if short in ("array", "asarray") else None
    if each is not None:
        return TensorFacts(shape=(None,), attached=False, identity=new_identity(), scalar=each)
    for value in args.values():
        operators.mark_used(value, "data", run.site(node))
    parts = first.items if short in _NUMPY_JOINING and isinstance(first, Seq) else ()
    if parts and all(isinstance(part, TensorFacts) for part in parts):
        joined = tensor_ops.concatenation(run, "cat", list(parts), MISSING, False)
        return joined.but(shape=None, attached=False, scalar=None)
    if isinstance(first, TensorFacts):
        if short in _NUMPY_ARGMAX:
            axis = args.get(1, "axis")
            rest = Args([], [], {} if axis is MISSING else {"dim": axis}, {})
            return tensor_ops.apply(run, short, first, rest, node, args.node(0, "a"))
        if short in ("array", "asarray", "float32", "squeeze"):
            return first.but(attached=False, shape=None if short == "squeeze" else first.shape)
        if short in ("sum", "mean", "round", "count_nonzero") and first.scalar is not None:
            return tensor_ops.apply(run, short, first, args.shifted(), node, args.node(0, "a"))
        return TensorFacts(attached=False, cut_by=tensors.operation(run, "numpy", node, first), identity=new_identity())
    if short in ("array", "asarray") and isinstance(first, Seq):
        shape, kind = _literal(first)
        return TensorFacts(form=Form.DATA, shape=shape, dtype=kind, attached=False, roots=frozenset({"constant"}),
                           identity=new_identity())  # fmt: skip
    return arrays.of_numpy(short, name, args) or Unknown()


def _spawn(run: Run, name: str, args: Args, node: Any) -> Any:
    """`mp.spawn(work, args=(size,))`: processes call `work(rank, size)`."""
    function, given = args.get(0, "fn"), args.get(1, "args")
    if isinstance(given, Const) or given is MISSING:
        given = Seq([], "tuple")
    if not isinstance(function, Function) or not isinstance(given, Seq) or given.gap is not None:
        return _other(run, name, args, node)
    calls.call(run, function, of([Unknown("the rank of the process is not known"), *given.items]), node)
    return Unknown()


SCALED = "sklearn.preprocessing.transform"
_EXACT: dict[str, Handler] = {
    "torch.no_grad": _no_grad,
    "torch.inference_mode": _no_grad,
    "torch.enable_grad": _enable_grad,
    "torch.set_grad_enabled": _set_grad,
    "torch.autocast": _autocast,
    "torch.cuda.amp.autocast": _autocast,
    "torch.amp.autocast": _autocast,
    "torch.cuda.amp.GradScaler": _scaler,
    "torch.amp.GradScaler": _scaler,
    "torch.GradScaler": _scaler,
    "torch.device": _device,
    "torch.load": _load,
    "torch.multiprocessing.spawn": _spawn,
    "torch.multiprocessing.start_processes": _spawn,
    "torch.randint": _randint,
    "torch.nn.Parameter": _parameter,
    "torch.autograd.Variable": _variable,
    "torch.cat": _cat,
    "torch.concat": _cat,
    "torch.concatenate": _cat,
    "torch.stack": _cat,
    "torch.where": _where,
    "torch.einsum": _einsum,
    "torch.compile": _parallel,
    "torch.jit.script": _scripted,
    "torch.nn.parallel.data_parallel": _data_parallel,
    "torch.nn.utils.clip_grad_norm_": _clip,
    "torch.nn.utils.clip_grad_value_": _clip,
    "torch.nn.utils.clip_grad_norm": _clip,
    "torch.nn.utils.parametrizations.spectral_norm": _parallel,
    "torch.nn.utils.spectral_norm": _parallel,
    "torch.nn.utils.weight_norm": _parallel,
    "torch.utils.data.DataLoader": lambda run, name, args, node: data.loader(run, args, node),
    "torch.utils.data.TensorDataset": lambda run, name, args, node: data.tensor_dataset(run, args, node),
    **{
        f"torch.utils.data.{inner}{name}": lambda run, name, args, node: Tool("sampler", name, run.site(node))
        for inner in ("", "sampler.")
        for name in ("SubsetRandomSampler", "WeightedRandomSampler", "RandomSampler")
    },
    "torch.utils.data.random_split": lambda run, name, args, node: data.random_split(run, args, node),
    "torch.utils.data.Subset": lambda run, name, args, node: data.subset(run, args.get(0, "dataset"), node),
    "torch.utils.data.ConcatDataset": lambda run, name, args, node: data.concatenated(run, args, node),
    SCALED: lambda run, name, args, node: data.scaled(args),
    "sklearn.model_selection.train_test_split": lambda run, name, args, node: data.train_test_split(run, args, node),
}
