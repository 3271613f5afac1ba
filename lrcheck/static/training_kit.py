"""Optimizers, schedulers, loaders, splits and scalers, as torch constructs them."""

from __future__ import annotations

from typing import Any

import libcst as cst

from lrcheck.events import ClipGradients, OpaqueCall, OptimizerMade, SchedulerMade
from lrcheck.facts import DeviceFacts, OptimizerFacts
from lrcheck.knowledge.schedulers import DECAYS, NEED_A_METRIC, SPANS
from lrcheck.static import (
    calls,
    devices,
    hooks,
    modules,
    units,
)
from lrcheck.static.arguments import Args, of
from lrcheck.static.evaluation import evaluate
from lrcheck.static.places import names_in
from lrcheck.static.run import Run
from lrcheck.static.values import (
    MISSING,
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
    number,
)


def optimizer(run: Run, name: str, args: Args, node: Any) -> Optimizer:
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


def scheduler(run: Run, name: str, args: Args, node: Any) -> Tool:
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


def no_grad(run: Run, name: str, args: Args, node: Any) -> Any:
    first = args.get(0, "mode")
    if first is not MISSING and hasattr(first, "node"):
        return _decorated(first)
    return Context("grad", first is not MISSING and const(first) is False)


def _decorated(function: Any) -> Any:
    """`torch.no_grad()(function)`."""
    function.contexts = (*function.contexts, Context("grad", False))
    return function


def enable_grad(run: Run, name: str, args: Args, node: Any) -> Any:
    return Context("grad", True)


def set_grad(run: Run, name: str, args: Args, node: Any) -> Any:
    """`torch.set_grad_enabled(mode)`: takes effect at once, and as a context manager is undone at its end."""
    mode = const(args.get(0, "mode"))
    known = bool(mode) if mode is not MISSING else None
    return Context("grad", known, lasting=True)


def autocast(run: Run, name: str, args: Args, node: Any) -> Any:
    enabled = const(args.get(3, "enabled")) if "enabled" in args.keywords else True
    return Context("autocast", enabled if isinstance(enabled, bool) else None)


def scaler(run: Run, name: str, args: Args, node: Any) -> Any:
    return Tool("scaler", name, run.site(node))


def device(run: Run, name: str, args: Args, node: Any) -> Any:
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


def clip(run: Run, name: str, args: Args, node: Any) -> Any:
    params = args.get(0, "parameters")
    if isinstance(params, Parameters):
        hooks.parameters_used(run, params, "the clipping", node)
    run.emit(ClipGradients(run.site(node), name.rpartition(".")[2]))
    return Unknown()


def load(run: Run, name: str, args: Args, node: Any) -> Any:
    return Unknown("it was loaded from a file")


def parallel(run: Run, name: str, args: Args, node: Any) -> Any:
    """`DataParallel(model)`, `torch.compile(model)`, `torch.jit.script(model)`: the model."""
    value = args.get(0, "module")
    return args.get(0, "model") if value is MISSING else value


def data_parallel(run: Run, name: str, args: Args, node: Any) -> Any:
    """`data_parallel(module, inputs, device_ids)`: the module is called."""
    module, inputs = args.get(0, "module"), args.get(1, "inputs")
    if module is MISSING or inputs is MISSING:
        return UNKNOWN
    return calls.call(run, module, of([inputs]), node)


def scripted(run: Run, name: str, args: Args, node: Any) -> Any:
    """`torch.jit.script(model)`: the model, with attributes that its class does not have."""
    value = args.get(0, "obj")
    if isinstance(value, (Instance, Layer)):
        run.ledger.touched.update(id(part) for part in modules.walk(value))
    return value
