"""Gradients that no optimizer uses."""

from __future__ import annotations

from itertools import pairwise

from lrcheck.events import (
    Backward,
    GradientAccess,
    Iteration,
    MethodNotCalled,
    OpaqueCall,
    OptimizerStep,
    StepEvent,
    ZeroGrad,
)
from lrcheck.facts import OptimizerFacts

from ._gradients import clears, fills, reaches


def lost(iteration: Iteration, zero: StepEvent) -> StepEvent | None:
    """The last backward pass behind the clearing that no step of another optimizer follows."""
    stepped = False
    for step in reversed(iteration.events[iteration.events.index(zero) :]):
        if isinstance(step.event, Backward):
            if not stepped:
                return step
            stepped = False
        stepped = stepped or isinstance(step.event, OptimizerStep)
    return None


def cleared_by(iteration: Iteration, zero: ZeroGrad) -> OptimizerFacts | None:
    """The optimizer whose gradients are cleared, among others also through the model that it trains."""
    if isinstance(zero.optimizer, OptimizerFacts):
        return zero.optimizer
    for made in iteration.made if iteration.steps and zero.optimizer is None else ():
        if clears(zero, OptimizerStep(zero.site, made, made)):
            return made
    return None


def emptied(events: tuple[StepEvent, ...], position: int) -> StepEvent | None:
    """The `zero_grad` that is the last thing to happen to the gradients before a step, around the loop."""
    step = events[position]
    optimizer = step.event
    if not isinstance(optimizer, OptimizerStep) or optimizer.closure or step.loops:
        return None
    for other in (*reversed(events[:position]), *reversed(events[position + 1 :])):
        if fills(other.event, optimizer):
            return None
        surely = other.path == step.path or not other.path
        if clears(other.event, optimizer) and not other.loops and surely:
            return other
    return None


def unused(events: tuple[StepEvent, ...], position: int) -> StepEvent | None:
    """The first backward pass behind a step that no step of another optimizer follows, around the loop."""
    step = events[position]
    order = [other for other in (*events[position + 1 :], *events[: position + 1]) if _acts(other)]
    behind = {id(other) for other in events[position + 1 :]}
    for other, following in pairwise(order):
        if id(other) not in behind or not isinstance(other.event, Backward) or other.loops or other.path != step.path:
            continue
        if following is step or isinstance(following.event, Backward):
            return other
    return None


def _acts(step: StepEvent) -> bool:
    return isinstance(step.event, (Backward, OptimizerStep))


def taken(events: tuple[StepEvent, ...], zero: int, optimizer: OptimizerStep) -> bool:
    """Before the gradients are cleared, another optimizer has stepped with those of the last backward pass."""
    last = next((step.event for step in (*reversed(events[:zero]), *reversed(events[zero:])) if _acts(step)), None)
    return isinstance(last, OptimizerStep) and optimizer.facts is not None and not _shares(optimizer.facts, last.facts)


def starved(events: tuple[StepEvent, ...], position: int) -> StepEvent | None:
    """The clearing before a step of one optimizer among others, for which no backward pass is left over."""
    step, zero = events[position].event, emptied(events, position)
    if zero is None or not isinstance(step, OptimizerStep) or unused(events, position) is not None:
        return None
    return zero if taken(events, events.index(zero), step) else None


def used(iteration: Iteration, optimizer: OptimizerFacts) -> bool:
    """Whether something may step the optimizer or its parameters, or use the gradients in another way."""
    if any(_shares(optimizer, other) for other in iteration.stepped):
        return True
    step = OptimizerStep(iteration.site, optimizer, optimizer)
    for other in (*iteration.before, *iteration.events, *iteration.behind):
        event = other.event
        if isinstance(event, OpaqueCall) and (event.everything or reaches(event, step)):
            return True
        if isinstance(event, GradientAccess) and not (event.functional and iteration.steps):
            return True
        if isinstance(event, MethodNotCalled) and event.name == "step":
            return True
    return False


def _shares(optimizer: OptimizerFacts, other: object) -> bool:
    """Whether another optimizer is the same, or may hold the same parameters."""
    return other is optimizer or not (
        isinstance(other, OptimizerFacts)
        and optimizer.complete
        and other.complete
        and optimizer.parts.isdisjoint(other.parts)
    )
