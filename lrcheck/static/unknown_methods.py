"""Methods of objects that nothing is known of: what their names and arguments still tell."""

from __future__ import annotations

from typing import Any

from lrcheck.events import ModeSwitch, OptimizerStep, ZeroGrad
from lrcheck.facts import ScalarFacts, TensorFacts
from lrcheck.knowledge.operations import TENSOR_ONLY
from lrcheck.static import (
    api_uses,
    arrays,
    attributes,
    calls,
    devices,
    freezing,
    hooks,
    initialisation,
    methods,
    module_methods,
    modules,
    operators,
    reports,
    snapshots,
    tensor_ops,
)
from lrcheck.static.arguments import Args, of
from lrcheck.static.document import STANDS_FOR_ASYNC
from lrcheck.static.run import Run
from lrcheck.static.values import (
    MISSING,
    NONE,
    PREPARED_BY,
    UNKNOWN,
    Const,
    Instance,
    Layer,
    Method,
    Optimizer,
    Parameters,
    Seq,
    Size,
    Unknown,
    const,
    number,
)

_ADDING = frozenset({"add_module", "register_module", "append", "insert", "extend"})
_REDUCTIONS = frozenset({"argmax", "max", "topk"})
_WITHOUT_ARGUMENTS = frozenset({"detach", "detach_", "sigmoid", "relu", "tanh", "sigmoid_", "relu_"})
_ALONG_A_DIMENSION = frozenset({"softmax", "log_softmax", "softmax_", "log_softmax_"})


def unknown(run: Run, method: Method, args: Args, node: Any, statement: bool) -> Any:
    """A method of an unknown object: what only tensors have makes it a tensor, what only optimizers have, an optimizer."""
    value: Unknown = method.receiver
    name = method.name
    reports.method(run, name, args, node)
    if name == "backward":
        if hooks.is_tensor_backward(value, args):
            return methods.tensor(run, Method(value.tensor(), name, method.node), args, node, statement)
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
        return methods.tensor(run, Method(value.tensor(), name, method.node), args, node, statement)
    if name in _REDUCTIONS and _reduces_a_tensor(value, name, args):
        return methods.tensor(run, Method(value.tensor(), name, method.node), args, node, statement)
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
    return module_methods.state(run, value, args, node)


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
