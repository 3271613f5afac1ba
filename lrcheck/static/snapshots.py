"""States of a model that are kept without a copy, and used after the model was trained further."""

from __future__ import annotations

from typing import Any

import libcst as cst

from lrcheck.events import ModelKept, OptimizerStep, Snapshot, SnapshotAlias, StepEvent
from lrcheck.static.iterations import Flat
from lrcheck.static.run import Run


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
            trains = isinstance(other.event, OptimizerStep) and bool(other.loops)
            again = outside and other.loops[: len(source.loops)] == source.loops
            if trains and (start < at < number or again):
                run.events.append(SnapshotAlias(source.event.site, event.site, other.event.site))
                break


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
