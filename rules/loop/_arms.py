"""Gradients that one arm of a branch computes, where only the other arm steps."""

from __future__ import annotations

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

from ._gradients import clears, reaches


def skipped(iteration: Iteration, zero: StepEvent) -> StepEvent | None:
    """A backward pass in one arm of a branch, whose gradients are cleared in each iteration, where only the other arm steps."""
    steps = iteration.of(OptimizerStep)
    around = (*iteration.before, *iteration.behind)
    if not steps or any(isinstance(other.event, OptimizerStep) for other in around):
        return None
    if not all(_spends(zero.event, step.event) for step in steps):
        return None
    for last in reversed(iteration.of(Backward)):
        cleared = zero.path == last.path[: len(zero.path)]
        if last.loops or not cleared or not all(excludes(step.path, last.path) for step in steps):
            continue
        together = (other for other in (*around, *iteration.events) if not excludes(other.path, last.path))
        return None if any(_may_take(other.event, steps) for other in together) else last
    return None


def excludes(path: tuple[tuple[int, int], ...], other: tuple[tuple[int, int], ...]) -> bool:
    """Whether two events stand in different arms of one branch."""
    arms = dict(path)
    return any(arms.get(branch, arm) != arm for branch, arm in other)


def _spends(event: object, step: object) -> bool:
    return isinstance(event, ZeroGrad) and isinstance(step, OptimizerStep) and clears(event, step)


def _may_take(event: object, steps: tuple[StepEvent, ...]) -> bool:
    """Whether an event may step an optimizer, or use its gradients in another way."""
    if isinstance(event, OpaqueCall):
        return event.everything or any(isinstance(s.event, OptimizerStep) and reaches(event, s.event) for s in steps)
    return isinstance(event, GradientAccess) or (isinstance(event, MethodNotCalled) and event.name == "step")
