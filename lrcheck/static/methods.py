"""Methods of values that the program did not define: tensors, modules, optimizers, containers, unknown objects."""

from __future__ import annotations

from typing import Any

from lrcheck.events import AttributeSet, ModeSwitch, OpaqueCall, OptimizerStep, ScalerCall, SchedulerStep, ZeroGrad
from lrcheck.facts import OptimizerFacts, ScalarFacts, TensorFacts
from lrcheck.knowledge.operations import TENSOR_ONLY
from lrcheck.static import (
    accumulators,
    api_uses,
    arrays,
    attributes,
    calls,
    definitions,
    devices,
    freezing,
    gradients,
    hooks,
    initialisation,
    layers,
    meters,
    modules,
    operators,
    reports,
    snapshots,
    subscripts,
    tensor_ops,
    tensors,
    torch_api,
    units,
)
from lrcheck.static.arguments import Args, of
from lrcheck.static.document import STANDS_FOR_ASYNC
from lrcheck.static.joining import join_all
from lrcheck.static.run import Run
from lrcheck.static.values import (
    MISSING,
    NONE,
    PREPARED_BY,
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
    number,
)

_PARAMETER = frozenset({"parameter"})
# Methods of nn.Module that give the module back.
_RETURNS_SELF = frozenset(
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
def _tensor(run: Run, method: Method, args: Args, node: Any, statement: bool) -> Any:
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


# -- modules ----------------------------------------------------------------------------------------------------------
def _module(run: Run, method: Method, args: Args, node: Any, statement: bool) -> Any:
    value = method.receiver
    name = method.name
    api_uses.method(run, value, name, args, node, method.node, statement)
    if name == "forward" and isinstance(value, (Instance, Layer)):
        layers.forward_called(run, value, node)
        return calls.call(run, value, args, node)
    if isinstance(value, Instance) and value.facts is None:
        return _plain_instance(run, method, args, node, statement)
    handler = _MODULE_METHODS.get(name)
    if handler is not None:
        return handler(run, value, args, node)
    if name in _RETURNS_SELF:
        if name == "requires_grad_":
            run.emit(AttributeSet(run.site(node), name, "module"))
            mode = args.get(0, "requires_grad")
            freezing.module_set(run, value, Const(True) if mode is MISSING else mode, node)
        if name == "apply":
            calls.call(run, args.get(0, "fn"), of([_member(run, value)]), node)
        if name in ("to", "cuda") and run.ledger.branches == 0 and devices.target(name, args) == "cuda":
            run.on_gpu.add(value.facts)
        hooks.module_moved(run, value, name, args, node)
        return value
    if name in ("append", "extend", "insert") and isinstance(value, Layer) and value.children is not None:
        return _sequence_method(run, value.children, name, args)
    if name in ("items", "keys", "values") and isinstance(value, Layer) and value.keys is not None:
        return _mapping_method(run, value.keys, name, args)
    if isinstance(value, Instance) and (value.cls.opaque_base or name not in _KNOWN_MODULE_METHODS):
        hooks.opaque(run, args, node, value, name)
        return Unknown(f"`{name}` is not defined in `{value.cls.name}`")
    return Unknown()


_KNOWN_MODULE_METHODS = frozenset(
    {"load_state_dict", "state_dict", "register_buffer", "register_parameter", "add_module", "register_module", "save",
     "register_forward_hook", "register_backward_hook", "register_full_backward_hook", "__init__", "extra_repr", "log",
     "named_buffers", "buffers", "get_parameter", "get_submodule", "save_hyperparameters", "print", "log_dict"}
)  # fmt: skip


def _plain_instance(run: Run, method: Method, args: Args, node: Any, statement: bool) -> Any:
    if not any(
        isinstance(base, Api) and base.name.startswith("torch.optim.lr_scheduler.") for base in method.receiver.cls.mro
    ):
        hooks.opaque(run, args, node, method.receiver, method.name)
    return Unknown(f"`{method.name}` is not defined in `{method.receiver.cls.name}`")


def _set_mode(run: Run, value: Any, mode: bool | None, node: Any) -> Any:

    site = run.site(node)
    if hooks.is_of_a_copy(run, node):
        mode = None  # of the copy, or of the module that stands for it
    layers.stored(run, value)  # its mode is set
    if mode is not True:
        run.switched = True
    for part in modules.walk(value):
        if part.facts is not None:
            run.put(run.modes, part.facts, mode)
            run.put(run.mode_sites, part.facts, site)
    run.emit(ModeSwitch(site, value.facts, mode, value.facts))
    return value


def _train(run: Run, value: Any, args: Args, node: Any) -> Any:
    mode = args.get(0, "mode")
    known = True if mode is MISSING else const(mode)
    return _set_mode(run, value, known if isinstance(known, bool) else None, node)


def _eval(run: Run, value: Any, args: Args, node: Any) -> Any:
    return _set_mode(run, value, False, node)


def _parameters(run: Run, value: Any, args: Args, node: Any) -> Any:
    run.ledger.asked.add(id(value))
    return Parameters((value,), site=run.site(node))


def _named_parameters(run: Run, value: Any, args: Args, node: Any) -> Any:
    return Parameters((value,), True, run.site(node))


def _zero_grad(run: Run, value: Any, args: Args, node: Any) -> Any:
    parts = tuple(part.facts for part in modules.walk(value) if part.facts is not None)
    run.emit(ZeroGrad(run.site(node), None, value.facts, parts))
    return NONE


def _modules(run: Run, value: Any, args: Args, node: Any) -> Any:

    found = join_all(modules.walk(value))
    return Stream(_member(run, value) if type(found) is Unknown else found)


def _member(run: Run, value: Any) -> Unknown:
    """Some part of a module, not known which."""
    found = Unknown(f"some part of `{value.facts.name}`")
    run.ledger.members[found] = value
    return found


def _children(run: Run, value: Any, args: Args, node: Any) -> Any:

    parts = modules.parts_of(value)
    gap = isinstance(value, Layer) and value.children is not None and value.children.gap is not None
    gap = gap or (isinstance(value, Layer) and value.name.startswith("torchvision."))  # its parts are not modelled
    if not gap and len(parts) <= 8:
        return Stream(join_all(parts), tuple(parts))
    return Stream(_member(run, value))


def _named(run: Run, value: Any, args: Args, node: Any) -> Any:
    """`named_modules()`, `named_children()`."""
    return Stream(Seq([Unknown(), _member(run, value)], "tuple"))


def _add_module(run: Run, value: Any, args: Args, node: Any) -> Any:
    name, module = const(args.get(0, "name")), args.get(1, "module")
    if isinstance(value, Layer) and value.children is not None:
        _sequence_method(run, value.children, "append", of([module]))
        if isinstance(name, str):
            run.put(value.attrs, name, module)
    elif isinstance(value, Instance):
        if isinstance(name, str):
            run.put(value.attrs, name, module)
        else:
            run.put(value.attrs, "*added*", Unknown())
    return NONE


def _register(run: Run, value: Any, args: Args, node: Any) -> Any:
    name = const(args.get(0, "name"))
    given = args.get(1, "tensor" if "tensor" in args.keywords else "param")
    if isinstance(given, TensorFacts):
        given = given.but(device=None)  # it goes where the module goes
    if isinstance(name, str) and isinstance(value, Instance):
        run.put(value.attrs, name, given if given is not MISSING else Unknown())
    elif isinstance(value, Instance):
        run.put(value.attrs, "*dynamic*", Unknown())
    return NONE


def _reset_parameters(run: Run, value: Any, args: Args, node: Any) -> Any:
    """A layer begins anew: a round of a loop that does this is a run of its own."""
    run.trace.append(OpaqueCall(run.site(node), (value,)))
    initialisation.overwritten(run, value)
    return NONE


def _load_state(run: Run, value: Any, args: Args, node: Any) -> Any:
    """`load_state_dict` gives back the keys that did not fit, not the module."""
    run.trace.append(OpaqueCall(run.site(node), (value,)))
    initialisation.overwritten(run, value)
    snapshots.state_used(run, args.get(0, "state_dict"), node, value)
    return Tool("keys", "load_state_dict", run.site(node), value)


def _state(run: Run, value: Any, args: Args, node: Any) -> Any:
    """`state_dict` refers to the parameters themselves."""
    return Tool("state", "state_dict", run.site(node), value)


_MODULE_METHODS = {
    "state_dict": _state,
    "load_state_dict": _load_state,
    "train": _train,
    "eval": _eval,
    "parameters": _parameters,
    "named_parameters": _named_parameters,
    "zero_grad": _zero_grad,
    "modules": _modules,
    "named_modules": _named,
    "children": _children,
    "named_children": _named,
    "add_module": _add_module,
    "register_module": _add_module,
    "register_buffer": _register,
    "register_parameter": _register,
    "reset_parameters": _reset_parameters,
}


def _super(run: Run, method: Method, args: Args, node: Any, statement: bool) -> Any:
    """`super().forward(x)` where the base is torch's or unknown."""
    value = method.receiver.self_value
    if method.name in ("train", "eval") and isinstance(value, Instance) and value.facts is not None:
        return _MODULE_METHODS[method.name](run, value, args, node)
    if method.name == "__init__" and isinstance(value, Instance):
        _base_init(run, value, args)
        return NONE
    if method.name == "__setattr__":
        name = const(args.get(0, "name"))
        if isinstance(name, str) and isinstance(value, Instance):
            run.put(value.attrs, name, args.get(1, "value"))
        return NONE
    if method.name == "forward" and isinstance(value, Instance):
        bases = [base for base in value.cls.mro if isinstance(base, Api)]
        if any(base.name == "torch.nn.Sequential" for base in bases):
            return calls._run_parts(run, value, args, node)
    return Unknown()


def _base_init(run: Run, value: Instance, args: Args) -> None:
    """`super().__init__(...)` of a class of torch: a loss or container that the program extends."""
    if value.cls.derives_from(frozenset({"torch.nn.Sequential"})):
        calls._sequential_base(run, value, args)


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
    owners, complete = torch_api.owners_of(Seq([group]))
    facts: OptimizerFacts = optimizer.facts
    facts.parts = facts.parts | torch_api.parts_of(group)
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
    if method.name in _RETURNS_SELF or method.name in ("eval", "train"):
        return method.receiver
    if method.name == "forward":
        return calls.call(run, method.receiver, args, node)
    return Unknown()


def _dataset(run: Run, method: Method, args: Args, node: Any, statement: bool) -> Any:
    api_uses.method(run, method.receiver, method.name, args, node, method.node, statement)
    reports.method(run, method.name, args, node)
    return Unknown()


# -- containers -------------------------------------------------------------------------------------------------------
_RESIZING = frozenset({"extend", "insert", "pop", "clear", "remove", "appendleft", "popleft"})


def _seq(run: Run, method: Method, args: Args, node: Any, statement: bool) -> Any:
    return _sequence_method(run, method.receiver, method.name, args)


def _sequence_method(run: Run, seq: Seq, name: str, args: Args) -> Any:
    items, gap = seq.cell["v"]
    first = args.get(0, "object")
    if name in ("append", "add") and first is not MISSING:
        run.put(seq.cell, "v", ((*items, Unknown() if first is UNKNOWN else first), gap))
        if "n" in seq.cell:
            run.put(seq.cell, "n", units.counted_up(run, seq.cell["n"]))
        return NONE
    if "n" in seq.cell and name in _RESIZING:
        run.put(seq.cell, "n", Const(0) if name == "clear" else UNKNOWN)
    if name == "extend" and first is not MISSING:
        operators.extend(run, seq, first if not isinstance(first, Stream) or first.exact is None else Seq(first.exact))
        return NONE
    if name == "insert" and gap is None and isinstance(first, Const) and isinstance(first.value, int):
        changed = list(items)
        changed.insert(first.value, args.get(1, "object"))
        run.put(seq.cell, "v", (tuple(changed), None))
        return NONE
    if name == "pop":
        index = const(first) if first is not MISSING else -1
        if gap is None and items and isinstance(index, int) and -len(items) <= index < len(items):
            run.put(seq.cell, "v", (items[:index] + (items[index + 1 :] if index != -1 else ()), None))
            return items[index]
        return join_all(items) if items else Unknown()
    if name == "copy":
        return Seq(items, seq.kind, gap)
    if name in ("clear", "reverse", "sort", "remove", "insert"):
        run.put(seq.cell, "v", ((), None if name == "clear" else 0))
        return NONE
    if name in ("mean", "sum", "std", "item", "argmax"):
        return Unknown()
    return Unknown()


def _mapping(run: Run, method: Method, args: Args, node: Any, statement: bool) -> Any:
    return _mapping_method(run, method.receiver, method.name, args, node)


def _mapping_method(run: Run, mapping: Mapping, name: str, args: Args, node: Any = None) -> Any:
    open_ = mapping.cell["open"]
    if name in ("get", "pop", "setdefault"):
        key = const(args.get(0, "key"))
        default = args.get(1, "default")
        if key is not MISSING:
            if _has(mapping, key):
                return mapping.items[key]
            if default is MISSING or open_:
                return Unknown()
            if name == "setdefault":
                return subscripts.made_by_default(run, mapping, key, node, default)
            accumulators.defaulted(run, mapping.items, key)
            return default
        if not mapping.items or open_ or default is not MISSING:
            return Unknown()
        absent = (NONE,) if name == "get" else ()  # the key may be another one
        return join_all((*mapping.items.values(), *absent))
    if name in ("values", "items", "keys"):
        pairs: list[Any] = []
        for key, value in mapping.items.items():
            plain: Any = Const(key)
            pairs.append({"values": value, "keys": plain, "items": Seq([plain, value], "tuple")}[name])
        return Stream(join_all(pairs), None if open_ else tuple(pairs))
    if name == "update":
        other = args.get(0, "other")
        if isinstance(other, Mapping):
            for key, value in other.items.items():
                run.put(mapping.items, key, value)
        else:
            run.put(mapping.cell, "open", True)
        for key, value in args.keywords.items():
            run.put(mapping.items, key, value)
        return NONE
    if name == "copy":
        return Mapping(dict(mapping.items), open_, mapping.factory)
    return Unknown()


def _has(mapping: Mapping, key: Any) -> bool:
    try:
        return key in mapping.items
    except TypeError:
        return False


def _const(run: Run, method: Method, args: Args, node: Any, statement: bool) -> Any:
    value = method.receiver.value
    if isinstance(value, str):
        if method.name == "format":
            reports.by_format(run, value, args)
            for given in args.values():
                operators.mark_used(given, "report", run.site(node))
            named = operators.formatted_text(value, args)
            if named is not None:
                return Const(named)
        plain = [const(given) for given in args.positional]
        if method.name in ("lower", "upper", "strip") and not plain:
            return Const(getattr(value, method.name)())
        if method.name in ("startswith", "endswith") and len(plain) == 1 and isinstance(plain[0], str):
            return Const(getattr(value, method.name)(plain[0]))
    return Unknown()


def _union(run: Run, method: Method, args: Args, node: Any, statement: bool) -> Any:
    results: list[Any] = []
    live = [a for a in method.receiver.alternatives if not (isinstance(a, Const) and a.value is None)]

    called = node.func if hasattr(node, "func") else node
    among = definitions.Among(run, called)

    def arm(alternative: Any) -> Any:
        def act() -> None:
            callee = attributes.get(run, alternative, method.name, called, calling=True)
            among.asked()
            results.append(calls.call(run, callee, args, node, statement))

        return act

    chosen = all(isinstance(alternative, Tool) for alternative in live)
    run.ledger.choices += chosen
    run.fork([arm(alternative) for alternative in live], exhaustive=True)
    run.ledger.choices -= chosen
    among.done()
    return join_all(results)


# -- unknown receivers ------------------------------------------------------------------------------------------------
_ADDING = frozenset({"add_module", "register_module", "append", "insert", "extend"})
_REDUCTIONS = frozenset({"argmax", "max", "topk"})
_WITHOUT_ARGUMENTS = frozenset({"detach", "detach_", "sigmoid", "relu", "tanh", "sigmoid_", "relu_"})
_ALONG_A_DIMENSION = frozenset({"softmax", "log_softmax", "softmax_", "log_softmax_"})


def _unknown(run: Run, method: Method, args: Args, node: Any, statement: bool) -> Any:
    """A method of an unknown object: what only tensors have makes it a tensor, what only optimizers have, an optimizer."""
    value: Unknown = method.receiver
    name = method.name
    reports.method(run, name, args, node)
    if name == "backward":
        if hooks.is_tensor_backward(value, args):
            return _tensor(run, Method(value.tensor(), name, method.node), args, node, statement)
        hooks.framework_backward(run, value, args, node)
        return NONE
    if name == "record" and not args.values():  # of an event of the device
        run.ledger.clocks.add(id(node))
    if statement and name == "detach" and value.facts is None:
        return Unknown(value.why)  # finalizers, streams and handles are detached, too
    if name == "requires_grad_":
        freezing.member_set(run, value, name, args.get(0, "requires_grad"))
    if name in initialisation.IN_PLACE and run.ledger.members:
        initialisation.filled(run, name, args, node, value, method.node, 0)
    if name in TENSOR_ONLY and name != "eq" and _takes(name, args):
        return _tensor(run, Method(value.tensor(), name, method.node), args, node, statement)
    if name in _REDUCTIONS and _reduces_a_tensor(value, name, args):
        return _tensor(run, Method(value.tensor(), name, method.node), args, node, statement)
    if name in ("float", "cpu", "double", "half") and value.facts is None:
        return value  # modules have these as well
    if name in ("view", "size", "reshape", "flatten", "squeeze", "contiguous", "float", "long", "cpu", "item"):
        return _unknown_tensor(run, value, name, args, node, method)
    handler = _UNKNOWN_METHODS.get(name)
    if handler is not None and not _is_of_another(name, args, statement):
        return handler(run, value, args, node)
    if name in {"to", "cuda"}:
        devices.moved(run, name, args, node)
        devices.fields_moved(run, value)
        if run.scope.document is run.document:
            devices.unknown_moved(run, value, name, args, node, statement)
        if STANDS_FOR_ASYNC in args.keywords:
            api_uses.method(run, TensorFacts(), name, args, node, method.node, statement)
        return value
    if name == "forward" and value in run.modes:
        return calls.call(run, value, args, node)
    if name == "format":
        for given in args.values():
            operators.mark_used(given, "report", run.site(node))
    for given in args.values():
        operators.mark_used(given, "data", run.site(node))
    hooks.opaque(run, args, node, value, name)
    if name in _ADDING and value is not UNKNOWN:
        value.attrs = {} if value.attrs is None else value.attrs
        run.put(value.attrs, "*added*", Unknown())
    if value.attrs and const(value.attrs.get(PREPARED_BY, MISSING)) == name:
        return _prepared(value, args)
    if arrays.is_indexed(value) and (kept := arrays.method(value, name)) is not None:
        return kept
    if name == "fit" and value.attrs and "fit_transform" in value.attrs:
        return value  # of scikit-learn
    return Unknown(value.why)


def _prepared(framework: Unknown, args: Args) -> Any:
    """`accelerator.prepare(model, optimizer, loader)`: the model is the same inside, what steps and feeds it is the framework's."""
    given = [x if isinstance(x, (Instance, Layer)) else Unknown(framework.why) for x in args.positional]
    if args.open or args.keywords or not given:
        return Unknown(framework.why)
    return given[0] if len(given) == 1 else Seq(given, "tuple")


def _is_of_another(name: str, args: Args, statement: bool) -> bool:
    """`evaluator.eval(results)`, and `state, reward, done = env.step(action)`: neither an optimizer nor a closure is given."""
    if name == "step" and not statement:
        given = args.values()
        return bool(given) and all(isinstance(x, (Unknown, TensorFacts, ScalarFacts, Const, Seq)) for x in given)
    return name == "eval" and bool(args.open or args.values())


def _reduces_a_tensor(value: Unknown, name: str, args: Args) -> bool:
    """`out.argmax(1)` and `out.max(1)`: of a value that was used as a tensor, or with arguments that only tensors take."""
    if args.keywords.keys() & {"dim", "keepdim"} or value.facts is not None or name == "topk":
        return True
    first = const(args.positional[0]) if len(args.positional) == 1 and not args.keywords else None
    return name in ("argmax", "max") and type(first) is int and first in (1, -1)


def _takes(name: str, args: Args) -> bool:
    """Whether a method of tensors takes these arguments: `ctc.softmax(hidden)` is a method of something else."""
    if name in _WITHOUT_ARGUMENTS:
        return not args.positional
    return name not in _ALONG_A_DIMENSION or all(isinstance(given, (Const, Size)) for given in args.positional[:1])


def _unknown_tensor(run: Run, value: Unknown, name: str, args: Args, node: Any, method: Method) -> Any:
    """Methods that arrays of other libraries have too: nothing is learned, but a tensor stays a tensor."""
    if name in ("item", "size"):
        return Unknown(value.why) if name == "item" else _size_of_unknown(value, args)
    return tensor_ops.apply(run, name, value.tensor(), args, node, method.node)


def _size_of_unknown(value: Unknown, args: Args) -> Any:
    dim = args.get(0, "dim")
    if dim is MISSING and value is not UNKNOWN:
        return attributes.part_of(value, "shape")
    found = number(dim)
    return Size("N" if found == 0 else None, value, found if isinstance(found, int) else None)


def _unknown_step(run: Run, value: Unknown, args: Args, node: Any) -> Any:
    closure = args.get(0, "closure")
    if isinstance(closure, (Optimizer, Unknown)):  # `scaler.step(optimizer)`
        facts = closure.facts if isinstance(closure, Optimizer) else None
        receiver = run.site(args.nodes[0]) if args.nodes else None
        run.emit(
            OptimizerStep(run.site(node), facts or closure, facts, False, True, receiver, len(args.values()), value)
        )
        return Unknown()
    if closure is not MISSING:
        calls.call(run, closure, of([]), node)
    receiver = run.site(node.func.value) if hasattr(node, "func") and hasattr(node.func, "value") else None
    run.emit(
        OptimizerStep(
            run.site(node), value, None, closure is not MISSING, receiver=receiver, arguments=len(args.values())
        )
    )
    return Unknown()


def _unknown_mode(run: Run, value: Unknown, args: Args, node: Any, mode: bool | None) -> Any:
    if value is UNKNOWN:
        value = Unknown()  # it stands for anything, not for one module
    if hooks.is_of_a_copy(run, node):
        mode = None
    run.put(run.modes, value, mode)
    run.put(run.mode_sites, value, run.site(node))
    if value in run.ledger.members:
        run.switched = True
        for part in modules.walk(run.ledger.members[value]):
            if part.facts is not None:
                run.put(run.modes, part.facts, None)
    run.emit(ModeSwitch(run.site(node), value, mode))
    return value


def _unknown_train(run: Run, value: Unknown, args: Args, node: Any) -> Any:
    given = args.get(0, "mode")
    known = True if given is MISSING else const(given)
    return _unknown_mode(run, value, args, node, known if isinstance(known, bool) else None)


def _unknown_eval(run: Run, value: Unknown, args: Args, node: Any) -> Any:
    return _unknown_mode(run, value, args, node, False)


def _unknown_parameters(run: Run, value: Unknown, args: Args, node: Any) -> Any:
    if value is UNKNOWN:
        value = Unknown()  # it stands for anything: not everything has parameters
    if value not in run.modes:
        run.put(run.modes, value, None)  # what has parameters is a model, in a mode that is not known
    return Parameters((value,), site=run.site(node))


def _unknown_state(run: Run, value: Unknown, args: Args, node: Any) -> Any:
    """The state of a model, or of something else: `snapshots` asks whether it has parameters or a mode."""
    hooks.opaque(run, args, node, value, "state_dict")
    return _state(run, value, args, node)


def _unknown_load(run: Run, value: Unknown, args: Args, node: Any) -> Any:
    snapshots.state_used(run, args.get(0, "state_dict"), node, value)
    hooks.opaque(run, args, node, value, "load_state_dict")
    return Unknown(value.why)


def _unknown_zero(run: Run, value: Unknown, args: Args, node: Any) -> Any:
    receiver = run.site(node.func.value) if hasattr(node, "func") and hasattr(node.func, "value") else None
    run.emit(ZeroGrad(run.site(node), value, None, (), receiver))
    return NONE


_UNKNOWN_METHODS: dict[str, Any] = {
    "step": _unknown_step,
    "zero_grad": _unknown_zero,
    "state_dict": _unknown_state,
    "load_state_dict": _unknown_load,
    "train": _unknown_train,
    "eval": _unknown_eval,
    "parameters": _unknown_parameters,
    "named_parameters": lambda run, value, args, node: Parameters((value,), named=True),
}

_RECEIVERS: dict[type, Any] = {
    TensorFacts: _tensor,
    Layer: _module,
    Instance: _module,
    Optimizer: _optimizer,
    Tool: _tool,
    Loss: _loss,
    Loader: _dataset,
    Dataset: _dataset,
    Seq: _seq,
    Mapping: _mapping,
    Const: _const,
    Union: _union,
    Unknown: _unknown,
    Super: _super,
    Api: lambda run, method, args, node, statement: Unknown(),
    Stream: lambda run, method, args, node, statement: Unknown(),
    Size: lambda run, method, args, node, statement: Unknown(),
    Scalar: lambda run, method, args, node, statement: units.method_of(method.receiver, method.name),
    Parameters: lambda run, method, args, node, statement: Unknown(),
}
