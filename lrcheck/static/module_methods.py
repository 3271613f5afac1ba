"""Methods of modules: their mode, parameters, parts and state; `super()`."""

from __future__ import annotations

from typing import Any

from lrcheck.events import AttributeSet, ModeSwitch, OpaqueCall, ZeroGrad
from lrcheck.facts import TensorFacts
from lrcheck.static import (
    api_uses,
    calls,
    container_methods,
    devices,
    freezing,
    hooks,
    initialisation,
    layers,
    methods,
    modules,
    snapshots,
)
from lrcheck.static.arguments import Args, of
from lrcheck.static.joining import join_all
from lrcheck.static.run import Run
from lrcheck.static.values import (
    MISSING,
    NONE,
    Api,
    Const,
    Instance,
    Layer,
    Method,
    Parameters,
    Seq,
    Stream,
    Tool,
    Unknown,
    const,
)


def module(run: Run, method: Method, args: Args, node: Any, statement: bool) -> Any:
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
    if name in methods.RETURNS_SELF:
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
        return container_methods.sequence_method(run, value.children, name, args)
    if name in ("items", "keys", "values") and isinstance(value, Layer) and value.keys is not None:
        return container_methods.mapping_method(run, value.keys, name, args)
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
        container_methods.sequence_method(run, value.children, "append", of([module]))
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


def state(run: Run, value: Any, args: Args, node: Any) -> Any:
    """`state_dict` refers to the parameters themselves."""
    return Tool("state", "state_dict", run.site(node), value)


_MODULE_METHODS = {
    "state_dict": state,
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


def of_super(run: Run, method: Method, args: Args, node: Any, statement: bool) -> Any:
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
