"""Methods of values that the program did not define: each kind of receiver has a handler, some in modules of their own."""

from __future__ import annotations

from typing import Any

from lrcheck.events import OpaqueCall, OptimizerStep, ScalerCall, SchedulerStep, ZeroGrad
from lrcheck.facts import OptimizerFacts, TensorFacts
from lrcheck.static import (
    api_uses,
    calls,
    container_methods,
    devices,
    gradients,
    hooks,
    initialisation,
    layers,
    meters,
    module_methods,
    operators,
    reports,
    snapshots,
    tensor_ops,
    tensors,
    training_kit,
    units,
    unknown_methods,
)
from lrcheck.static.arguments import Args, of
from lrcheck.static.run import Run
from lrcheck.static.values import (
    MISSING,
    NONE,
    UNKNOWN,
    Api,
    Const,
    Dataset,
    Instance,
    Layer,
    Loader,
    Loss,
    Mapping,
    Method,
    Optimizer,
    Parameters,
    Scalar,
    Seq,
    Size,
    Stream,
    Super,
    Tool,
    Union,
    Unknown,
    const,
)

_PARAMETER = frozenset({"parameter"})
# Methods of nn.Module that give the module back.
RETURNS_SELF = frozenset(
    {"to", "cuda", "cpu", "float", "double", "half", "bfloat16", "apply", "requires_grad_", "type", "xpu", "to_empty",
     "share_memory", "compile"}
)  # fmt: skip


def call(run: Run, method: Method, args: Args, node: Any, statement: bool) -> Any:
    """Dispatch on what the receiver is."""
    handler = _RECEIVERS.get(type(method.receiver))
    if handler is None:
        return UNKNOWN
    if run.ledger.gradients:
        gradients.method_called(run, method.receiver, method.name, node)
    return handler(run, method, args, node, statement)


# -- tensors ----------------------------------------------------------------------------------------------------------
def tensor(run: Run, method: Method, args: Args, node: Any, statement: bool) -> Any:
    x = method.receiver
    name = method.name
    api_uses.method(run, x, name, args, node, method.node, statement)
    if statement:
        layers.method_as_statement(run, x, name, args, node, method.node)
    if name in {"cuda", "to"}:
        devices.moved(run, name, args, node)
    if name in initialisation.IN_PLACE and x.roots == _PARAMETER:
        initialisation.filled(run, name, args, node, x, method.node, 0)
    snapshots.method_called(run, x, name, node)
    if name == "requires_grad_" and const(args.get(0, "requires_grad")) is not False:
        hooks.leaf_in_loop(run, x)
    result = tensor_ops.apply(run, name, x, args, node, method.node)
    if name.endswith("_") and not name.startswith("_") and method.node is not None and isinstance(result, TensorFacts):
        _rebind(run, method.node, result)
    return result


def _rebind(run: Run, node: Any, value: Any) -> None:
    """An in-place method changes the variable that it is called on."""
    import libcst as cst

    if isinstance(node, cst.Attribute) and node.attr.value == "data" and isinstance(node.value, cst.Name):
        known = run.scope.vars.get(node.value.value)
        if isinstance(known, TensorFacts):
            run.put(run.scope.vars, node.value.value, known.but(last=value.last))
    elif isinstance(node, cst.Name) and node.value in run.scope.vars:
        run.put(run.scope.vars, node.value, value)


# -- optimizers and tools ---------------------------------------------------------------------------------------------
def _optimizer(run: Run, method: Method, args: Args, node: Any, statement: bool) -> Any:
    optimizer: Optimizer = method.receiver
    if method.name == "zero_grad":
        run.emit(ZeroGrad(run.site(node), optimizer.facts, None, (), _site(run, method)))
        return NONE
    if method.name == "step":
        closure = args.get(0, "closure")
        if closure is not MISSING:
            calls.call(run, closure, of([]), node)
        run.emit(
            OptimizerStep(
                run.site(node), optimizer.facts, optimizer.facts, closure is not MISSING, receiver=_site(run, method)
            )
        )
        return UNKNOWN
    if method.name == "add_param_group":
        _add_group(run, optimizer, args)
    if method.name == "load_state_dict":
        return Tool("keys", "load_state_dict", run.site(node), optimizer)
    return Unknown()


def _site(run: Run, method: Method) -> Any:
    """The place of the receiver."""
    return run.site(method.node) if method.node is not None else None


def _add_group(run: Run, optimizer: Optimizer, args: Args) -> None:
    group = args.get(0, "param_group")
    owners, complete = training_kit.owners_of(Seq([group]))
    facts: OptimizerFacts = optimizer.facts
    facts.parts = facts.parts | training_kit.parts_of(group)
    facts.owners = (*facts.owners, *owners)
    facts.complete = facts.complete and complete


_LOOKING = frozenset({"state_dict", "load_state_dict", "get_last_lr", "get_lr", "print_lr"})  # methods of schedulers


def _tool(run: Run, method: Method, args: Args, node: Any, statement: bool) -> Any:
    tool: Tool = method.receiver
    chosen = bool(run.ledger.choices)
    if not chosen:  # what one of several objects takes says nothing of the others
        api_uses.method(run, tool, method.name, args, node, method.node, statement)
    if tool.kind == "scheduler" and method.name == "step":
        owner = tool.of.facts if isinstance(tool.of, Optimizer) else tool.of
        options = tool.attrs.get("*options*", ())
        metric = units.quantity(run, args.get(0, "metrics"))
        run.emit(
            SchedulerStep(
                run.site(node), tool, tool.name, len(args.values()), owner, tool.site, options, chosen,
                metric=metric, mode=tool.attrs.get("*mode*"),
            )
        )  # fmt: skip
        return NONE
    if tool.kind == "scheduler" and method.name not in _LOOKING:
        run.trace.append(
            OpaqueCall(run.site(node), (tool,))
        )  # `scheduler.step_update(n)`, of a class of another library
    if tool.kind == "metric":
        return meters.method(run, tool, method.name, args, node)
    if tool.kind == "scaler":
        return _scaler(run, method, args, node)
    if tool.kind == "state":
        snapshots.state_called(run, tool, method.name)
        if method.name == "copy":
            return tool
        if method.name == "items":
            return Stream(Unknown(), of=tool)
    if tool.kind in {"transform", "bunch"}:
        return Unknown()
    reports.method(run, method.name, args, node, tool.kind == "writer")
    for value in args.values():
        operators.mark_used(value, "report", run.site(node))
    return Unknown()


def _scaler(run: Run, method: Method, args: Args, node: Any) -> Any:
    first = args.get(0, "outputs")
    if method.name == "scale" and first is not MISSING:
        x = tensors.as_tensor(first)
        return x.but(made_by=tensors.operation(run, "scale", node, x), scalar=None)
    if method.name == "step" and first is not MISSING:
        facts = first.facts if isinstance(first, Optimizer) else None
        receiver = run.site(args.nodes[0]) if args.nodes else None
        run.emit(OptimizerStep(run.site(node), facts or first, facts, False, True, receiver, 0, method.receiver))
    elif method.name in ("update", "unscale_"):
        run.emit(ScalerCall(run.site(node), method.receiver, method.name))
    return UNKNOWN


def _loss(run: Run, method: Method, args: Args, node: Any, statement: bool) -> Any:
    if method.name in RETURNS_SELF or method.name in ("eval", "train"):
        return method.receiver
    if method.name == "forward":
        return calls.call(run, method.receiver, args, node)
    return Unknown()


def _dataset(run: Run, method: Method, args: Args, node: Any, statement: bool) -> Any:
    api_uses.method(run, method.receiver, method.name, args, node, method.node, statement)
    reports.method(run, method.name, args, node)
    return Unknown()


_RECEIVERS: dict[type, Any] = {
    TensorFacts: tensor,
    Layer: module_methods.module,
    Instance: module_methods.module,
    Optimizer: _optimizer,
    Tool: _tool,
    Loss: _loss,
    Loader: _dataset,
    Dataset: _dataset,
    Seq: container_methods.seq,
    Mapping: container_methods.mapping,
    Const: container_methods.constant,
    Union: container_methods.union,
    Unknown: unknown_methods.unknown,
    Super: module_methods.of_super,
    Api: lambda run, method, args, node, statement: Unknown(),
    Stream: lambda run, method, args, node, statement: Unknown(),
    Size: lambda run, method, args, node, statement: Unknown(),
    Scalar: lambda run, method, args, node, statement: units.method_of(method.receiver, method.name),
    Parameters: lambda run, method, args, node, statement: Unknown(),
}
