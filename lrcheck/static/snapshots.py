"""States of a model that are kept without a copy, and used after the model was trained further."""

from __future__ import annotations

from typing import Any

import libcst as cst

from lrcheck.events import ModelKept, OptimizerStep, ParametersChanged, Snapshot, SnapshotAlias, StepEvent
from lrcheck.facts import TensorFacts
from lrcheck.static import modules
from lrcheck.static.iterations import Flat, Path
from lrcheck.static.run import Run
from lrcheck.static.values import Instance, Layer, Stream, Tool, Union, Unknown

_WRITING = frozenset({"update", "setdefault", "clear", "popitem"})
_NOT_WRITING = frozenset({"requires_grad_", "detach_", "share_memory_", "rename_"})
_REWRITTEN = "*rewritten*"


def state_used(run: Run, value: Any, node: Any, into: Any = None) -> None:
    """A state that was kept is loaded or saved."""
    for state in value.alternatives if isinstance(value, Union) else (value,):
        if not _is_state(state) or state.attrs.get(_REWRITTEN):
            continue
        if not isinstance(state.of, Unknown) or state.of in run.modes:
            run.trace.append(Snapshot(run.site(node), state, True, into=into))


def relisted(node: cst.DictComp, source: Any) -> Any:
    """The state that `{name: value for name, value in state.items()}` is: a new dictionary of the same tensors."""
    state = source.of if isinstance(source, Stream) else None
    if not _is_state(state):
        return None
    match node.for_in.target, _without_graph(node.value):
        case cst.Tuple(elements=[_, cst.Element(value=cst.Name(value=kept))]), cst.Name(value=name) if kept == name:
            return None if node.for_in.ifs or node.for_in.inner_for_in is not None else state
    return None


def _without_graph(node: Any) -> Any:
    """A tensor of `tensor.data`, `tensor.detach()`: they share their memory."""
    match node:
        case cst.Attribute(value=inner, attr=cst.Name(value="data")):
            return inner
        case cst.Call(func=cst.Attribute(value=inner, attr=cst.Name(value="detach")), args=[]):
            return inner
    return node


def state_called(run: Run, state: Tool, method: str) -> None:
    """`state.update(...)`."""
    if method in _WRITING:
        rewritten(run, state)


def rewritten(run: Run, value: Any) -> None:
    """A state gets other tensors, or something that cannot be seen into may have given it others."""
    if _is_state(value):
        run.put(value.attrs, _REWRITTEN, True)


def _is_state(value: Any) -> bool:
    return isinstance(value, Tool) and value.kind == "state"


def model_copied(run: Run, value: Any) -> None:
    """`copy.deepcopy(model)`: the copy is followed as the model itself, and what is done to it is not done to the model."""
    if isinstance(value, (Instance, Layer)) and value.facts is not None:
        run.ledger.copied.update(id(part) for part in modules.walk(value))


def method_called(run: Run, receiver: Any, name: str, node: Any) -> None:
    """`p.add_(noise)`."""
    if name.endswith("_") and not name.startswith("_") and name not in _NOT_WRITING:
        parameter_changed(run, receiver, node)


def parameter_changed(run: Run, value: Any, node: Any) -> None:
    """What may be a parameter is changed in place."""
    models = run.parameters.get(value.identity) if isinstance(value, TensorFacts) else None
    if models is not None and not any(id(model) in run.ledger.copied for model in models):
        run.trace.append(ParametersChanged(run.site(node), models))


def renamed(run: Run, node: cst.Assign, value: Any) -> None:
    """`best_model = model` under a condition in a loop."""
    target = node.targets[0].target
    if (
        value.facts is None
        or len(node.targets) > 1
        or not isinstance(target, cst.Name)
        or not isinstance(node.value, cst.Name)
    ):
        return
    if target.value == node.value.value:
        return
    block = run.active[-1] if run.active and isinstance(run.active[-1], cst.CSTNode) else run.scope.document.module
    used = _read(block, node, target.value)
    if used is not None:
        run.trace.append(ModelKept(run.site(node.value), value.facts, run.site(used)))


def _read(block: Any, assignment: Any, name: str) -> Any:
    """Where a variable is read, outside of the condition that an assignment stands under."""
    found = None
    pending: list[Any] = [block]
    while pending:
        node = pending.pop()
        if isinstance(node, cst.If) and _holds(node.body, assignment):
            continue
        if isinstance(node, cst.AssignTarget) and isinstance(node.target, cst.Name):
            continue
        if isinstance(node, cst.Name) and node.value == name:
            found = node
        pending.extend(node.children)
    return found


def _holds(suite: Any, assignment: Any) -> bool:
    return any(
        assignment in getattr(line, "body", ()) for line in suite.body if isinstance(line, cst.SimpleStatementLine)
    )


def finished(run: Run, flat: Flat) -> None:
    """The program has been followed to its end."""
    taken: dict[int, tuple[int, StepEvent]] = {}
    for number, step in enumerate(flat.events):
        event = step.event
        if isinstance(event, ModelKept):
            _kept(run, flat, step, event)
        if not isinstance(event, Snapshot):
            continue
        if not event.used:
            taken[id(event.state)] = (number, step)
            continue
        start, source = taken.get(id(event.state), (None, None))
        if source is None or start is None:
            continue
        outside = source.loops and step.loops[: len(source.loops)] != source.loops
        for at, other in enumerate(flat.events):
            again = outside and other.loops[: len(source.loops)] == source.loops
            if (start < at < number or again) and _changes(other, source, step):
                by_hand = isinstance(other.event, ParametersChanged)
                run.events.append(SnapshotAlias(source.event.site, event.site, other.event.site, by_hand))
                break


def _changes(step: StepEvent, taken: StepEvent, used: StepEvent) -> bool:
    """Whether a step changes the parameters that a state is of."""
    event = step.event
    if isinstance(event, OptimizerStep):
        return bool(step.loops) and _trains(event, getattr(taken.event, "state", None))
    model = getattr(used.event, "into", None)
    if (
        not isinstance(event, ParametersChanged)
        or model is None
        or getattr(taken.event, "state", model).of is not model
    ):
        return False
    if not _together(step.path, taken.path) or not _together(step.path, used.path):
        return False
    parts = modules.walk(model)
    return any(changed is part for changed in event.models for part in parts)


def _trains(event: OptimizerStep, state: Any) -> bool:
    """Whether an optimizer holds something of the model that a state is of, as far as both are known."""
    trained = event.facts.parts if event.facts is not None else ()
    if not trained or not isinstance(state.of, (Instance, Layer)):
        return True
    return any(part.facts in trained for part in modules.walk(state.of))


def _together(one: Path, other: Path) -> bool:
    """Whether two events can happen in one run: no condition sends them different ways."""
    ways = dict(one)
    return all(ways.get(branch, arm) == arm for branch, arm in other)


def _kept(run: Run, flat: Flat, step: StepEvent, kept: ModelKept) -> None:
    """A model that is made outside of the loop that trains it, and gets a second name in there."""
    if not step.loops or kept.module.depth > flat.loops[step.loops[-1]].depth:
        return
    for other in flat.events:
        event = other.event
        if not isinstance(event, OptimizerStep) or event.facts is None or other.loops[: len(step.loops)] != step.loops:
            continue
        if kept.module in event.facts.parts:
            run.events.append(SnapshotAlias(kept.site, kept.used, event.site))
            return
