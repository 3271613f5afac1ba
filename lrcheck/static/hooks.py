"""What is noticed in passing: uses of torch's API, calls that cannot be seen into, accumulation, frameworks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import libcst as cst

from lrcheck.events import (
    Accumulation,
    AttributeSet,
    ExhaustedParameters,
    FrameworkBackward,
    MethodNotCalled,
    OpaqueCall,
    ResultAssigned,
)
from lrcheck.facts import DType, Operation, TensorFacts
from lrcheck.knowledge.operations import WRAPPER_LAYERS
from lrcheck.static import (
    api_uses,
    devices,
    freezing,
    gradients,
    meters,
    modules,
    opacity,
    operators,
    pipelines,
    snapshots,
    statements,
)
from lrcheck.static.arguments import Args
from lrcheck.static.evaluation import evaluate
from lrcheck.static.run import Run
from lrcheck.static.values import (
    MISSING,
    UNKNOWN,
    Const,
    Instance,
    Layer,
    Loss,
    Mapping,
    Optimizer,
    Parameters,
    Seq,
    Tool,
    Unknown,
    const,
    new_identity,
)

_TRACKED = frozenset({Optimizer, Instance, Layer, Loss, Unknown, Tool, Parameters})


def opaque(run: Run, args: Args, node: Any, callee: Any = None, method: str = "", lost: bool = False) -> None:
    """A call that nothing is known about: whatever it was handed may have changed.

    With `method`, `callee` is the object whose method was called; `lost` is true for functions of the program that were
    not followed.
    """
    run.moded += run.forward_depth > 0
    for value in args.values() if run.ledger.idle else ():
        pipelines.handed_on(run, value)
    touched: list[Any] = []
    known = callee if type(callee) in _TRACKED else None
    for value in args.positional:
        _collect(value, touched)
    for value in args.keywords.values():
        _collect(value, touched)
    for value in args.positional:
        if type(value) is Seq and value.kind == "list":
            run.put(value.cell, "v", (value.items, len(value.items) if value.gap is None else value.gap))
            if "n" in value.cell:
                run.put(value.cell, "n", UNKNOWN)
        elif type(value) is Mapping:
            run.put(value.cell, "open", True)
    for value in touched:
        if type(value) is Tool and value.kind == "metric":
            meters.lost(run, value)
        snapshots.rewritten(run, value)
    for value in touched:
        if isinstance(value, (Instance, Layer)) and value.facts is not None:
            run.put(run.modes, value.facts, None)
            run.ledger.initialised.add(id(value))
            if id(value) not in run.ledger.touched:
                run.ledger.touched.update(id(part) for part in modules.walk(value))
            run.put(run.ledger.devices, value.facts, devices.UNPLACED)
        elif isinstance(value, (Instance, Unknown)):
            if value in run.modes:
                run.put(run.modes, value, None)
            _held_modules_lost(run, value)
    if known is not None and (method or lost) and isinstance(known, (Instance, Layer)):
        if known.facts is not None:
            run.put(run.modes, known.facts, None)
        else:
            _held_modules_lost(run, known)
    if run.ledger.gradients and any(gradients.is_gradient(run, value) for value in args.values()):
        gradients.written(run, node)
    outside = run.forward_depth == 0  # what a model calls goes neither backward nor near an optimizer
    graph = outside and any(type(value) is TensorFacts and value.attached is not False for value in args.positional)
    if touched or known is not None or args.open or lost or graph:
        called, receiver = (None, known) if method or lost else (known, None)
        moded = called is not None and type(called) is Unknown and called in run.modes
        acts = outside and opacity.acts(receiver, called, method, args.values(), moded)
        run.trace.append(
            OpaqueCall(run.site(node), tuple(touched), called, receiver, method, (args.open and outside) or lost,
                       run.modes.get(called) if moded else None, moded, run.grad, called is not None and moded and called.why.startswith("the argument"), (), graph, acts)
        )  # fmt: skip


def _held_modules_lost(run: Run, value: Any) -> None:
    """The modules that an object holds may be in any mode and on any device now: a trainer that is handed to a callback."""
    for part in list((value.attrs or {}).values()):
        if isinstance(part, (Instance, Layer)) and part.facts is not None:
            run.put(run.modes, part.facts, None)
            run.put(run.ledger.devices, part.facts, devices.UNPLACED)


def _collect(value: Any, touched: list[Any]) -> None:
    kind = type(value)
    if kind in _TRACKED:
        touched.append(value)
        if kind is Layer and value.name in WRAPPER_LAYERS and value.children is not None:
            touched.extend(value.children.items)
    elif kind is Seq:
        touched.extend(item for item in value.items if type(item) in _TRACKED)
    elif kind is Mapping:
        touched.extend(item for item in value.items.values() if type(item) in _TRACKED)


def unknown_called(run: Run, callee: Unknown, args: Args, node: Any) -> None:
    """An unknown callable got data: an unknown model or helper."""
    for value in args.values():
        operators.mark_used(value, "data", run.site(node))


def attribute_assigned(run: Run, base: Any, name: str, value: Any, node: Any, source: Any) -> None:
    """`base.name = value`: gradients set to None by hand count as cleared."""
    if name == "data" and isinstance(base, TensorFacts):
        api_uses.data_assigned(run, base, node)
    if name == "grad" and isinstance(value, Const) and value.value is None:
        from lrcheck.events import ZeroGrad

        run.emit(ZeroGrad(run.site(node), None, None))
    elif name == "grad" or (name == "data" and run.ledger.gradients and gradients.is_gradient(run, base)):
        gradients.written(run, node)

    if isinstance(base, Unknown) and (name == "requires_grad" or name in freezing.STATISTICS):
        freezing.member_set(run, base, name, value)
    if "grad" in name and name != "grad":
        _gradient_attribute(run, base, name, value, node, source)


def _gradient_attribute(run: Run, base: Any, name: str, value: Any, node: Any, source: Any) -> None:
    """`p.requires_grad = False`, and names that look like it."""
    owner, tensor = "unknown", None
    if isinstance(base, TensorFacts):
        owner, tensor = ("parameter" if base.roots == {"parameter"} else "tensor"), base
    elif isinstance(base, (Instance, Layer)):
        own = next(iter(run.scope.vars.values()), None) is base and type(source) is cst.Name
        option = own and source.value not in (
            "True",
            "False",
        )  # `self.requires_grad = requires_grad`: it reads it itself
        owner = "module" if base.facts is not None and not option else "object"
    elif not isinstance(base, Unknown):
        owner = "object"
    if name == "requires_grad" and const(value) is True:
        leaf_in_loop(run, base)
    if name == "requires_grad" and tensor is not None:
        if tensor.attached is False and const(value) is True:
            _made_leaf(run, tensor, node)
        freezing.parameters_set(run, tensor, value, node)
    run.emit(AttributeSet(run.site(node), name, owner, value.value if isinstance(value, Const) else None, tensor))


def leaf_in_loop(run: Run, value: Any) -> None:
    """`for p in parameters: p.requires_grad = True`: tensors that stand elsewhere, too, get gradients from now on."""
    owners = run.parameters.get(value.identity, ()) if isinstance(value, TensorFacts) else ()
    of_modules = owners and all(getattr(owner, "facts", None) is not None for owner in owners)
    if run.loops and not of_modules and (run.ledger.script or not owners):
        run.ledger.leaves = True


def _made_leaf(run: Run, tensor: TensorFacts, node: Any) -> None:
    """`loss.requires_grad = True` on a value that lost its graph."""
    target = node.value
    if isinstance(target, (cst.Name, cst.Attribute, cst.Subscript)):
        wrapped = Operation("requires_grad", run.site(node), tensor)
        statements.assign(run, target, tensor.but(attached=True, cut_by=wrapped))


def parameters_used(run: Run, parameters: Parameters, user: str, node: Any = None) -> None:
    """A generator of parameters is gone through; a second time nothing is left."""
    site = run.site(node) if node is not None else parameters.site
    if parameters.cell["used"] is True and site is not None:
        run.emit(ExhaustedParameters(site, parameters.first, parameters.site, user))
    elif parameters.cell["used"] is None and run.loop_depth and not run.ledger.branches:
        if node is not None and getattr(parameters.first, "node", None) is node:  # in the iteration before
            run.emit(ExhaustedParameters(site, None, parameters.site, user))
    elif parameters.cell["used"] is False:
        run.put(parameters.cell, "used", True)
        parameters.first = site


def parameter_of(run: Run, parameters: Parameters) -> Any:
    """One parameter of some modules, in a loop over all of them."""
    identity = new_identity()
    run.parameters[identity] = parameters.modules
    freezing.iterated(run, parameters)
    tensor = TensorFacts(roots=frozenset({"parameter"}), attached=True, dtype=DType.FLOAT, identity=identity)
    return Seq([Unknown(), tensor], "tuple") if parameters.named else tensor


def keys_assigned(run: Run, node: Any, keys: Tool) -> None:
    """`model = model.load_state_dict(...)`: the model is lost."""
    if len(node.targets) != 1:
        return
    target, call = node.targets[0].target, node.value
    receiver = getattr(getattr(call, "func", None), "value", None)
    if type(target).__name__ not in ("Name", "Attribute") or receiver is None:
        return
    document = run.scope.document
    built = type(receiver) is cst.Call
    if built or target.deep_equals(receiver):
        run.emit(ResultAssigned(document.site(node), "" if built else document.module.code_for_node(target)))


def bare_attribute(run: Run, node: Any, value: Any) -> None:
    """`loss.backward` as a statement."""
    run.emit(MethodNotCalled(run.site(node), node.attr.value, _facts_of(run, node)))


def _facts_of(run: Run, node: Any) -> object:

    receiver = evaluate(run, node.value)
    if isinstance(receiver, (Optimizer, Instance, Layer)):
        return receiver.facts
    return receiver if isinstance(receiver, TensorFacts) else None


def accumulated(run: Run, node: Any, operator: str, left: Any, right: Any) -> None:
    """`total += loss`: what goes backward holds a graph, whether or not it is known where it comes from."""
    if type(right) is Unknown and run.ledger.backpropagated.get(right.identity, ()) is None:
        right = right.tensor()
    elif not isinstance(right, TensorFacts) and operator == "Add" and run.loops and run.grad is not False:
        _may_go_backward(run, node, right, fresh=isinstance(left, Const))
    if operator == "Add" and isinstance(right, TensorFacts):
        recorded = right.attached is not False and run.grad is not False
        sources = tuple(_factors(run, node.value, right)) if recorded else ()
        fresh = isinstance(left, Const)
        run.emit(
            Accumulation(
                run.site(node), right, run.site(node.target), run.site(node.value), recorded, sources, fresh=fresh
            )
        )


def _may_go_backward(run: Run, node: Any, right: Any, *, fresh: bool) -> None:
    """`total += loss` in front of `loss.backward()`: that `loss` has a graph is known only then."""
    value = node.value
    parts = [evaluate(run, side) for side in (getattr(value, "left", None), getattr(value, "right", None))
             if type(side) is cst.Name]  # fmt: skip
    for part in (right, *parts):
        if type(part) is Unknown and part is not UNKNOWN:
            part.identity = part.identity or new_identity()
            places = (run.site(node), run.site(node.target), run.site(value), fresh)
            waiting = run.ledger.backpropagated.setdefault(part.identity, [])
            if waiting is not None:
                waiting.append(places)


def goes_backward(run: Run, value: TensorFacts) -> None:
    """A value goes backward that was added to a total before."""
    found = run.ledger.backpropagated.get(value.identity)
    run.ledger.backpropagated[value.identity] = None
    for site, target, added, fresh in found or ():
        run.emit(Accumulation(site, value, target, added, True, (value.identity,), fresh=fresh))


def _factors(run: Run, node: Any, value: TensorFacts) -> Iterator[int | None]:
    """The identities of a tensor and of the tensor that it is a multiple of: `loss` in `loss * len(x)`."""
    yield value.identity
    for side in ("left", "right"):
        part = getattr(node, side, None)
        if type(part) is cst.Name:
            found = evaluate(run, part)
            if isinstance(found, TensorFacts):
                yield found.identity
            elif type(found) is Unknown and found is not UNKNOWN:
                found.identity = found.identity or new_identity()
                yield found.identity


def module_moved(run: Run, module: Any, name: str, args: Args, node: Any) -> None:
    """`model.to(device)`."""
    devices.moved(run, name, args, node)
    if name in ("to", "cuda", "cpu") and id(module) in run.ledger.copied:
        if not is_of_a_copy(run, node):
            devices.unplaced(run, module)  # it, or the copy that is followed as if it were it
        return
    devices.module_moved(run, module, name, args)


def is_of_a_copy(run: Run, node: Any) -> bool:
    """`copy.deepcopy(model).cpu()`: what is done is done to the copy."""
    receiver = getattr(getattr(node, "func", None), "value", None)
    return receiver is not None and id(receiver) in run.ledger.deep


def is_tensor_backward(value: Unknown, args: Args) -> bool:
    """`loss.backward()` of an unknown loss; `engine.backward(loss)` is a framework's."""
    first = args.get(0, "gradient")
    return first is MISSING or not (
        isinstance(first, TensorFacts) or (isinstance(first, Unknown) and "gradient" not in args.keywords)
    )


def framework_backward(run: Run, owner: Unknown, args: Args, node: Any) -> None:
    """`accelerator.backward(loss)`, `engine.backward(loss)`: a framework owns the step."""
    run.emit(FrameworkBackward(run.site(node)))
