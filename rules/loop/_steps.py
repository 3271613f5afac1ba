"""Gradients that no optimizer uses."""

from __future__ import annotations

from lrcheck.events import (
    Backward,
    GradientAccess,
    Iteration,
    MethodNotCalled,
    OpaqueCall,
    OptimizerStep,
    StepEvent,
)
from lrcheck.facts import OptimizerFacts

from ._gradients import reaches


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
