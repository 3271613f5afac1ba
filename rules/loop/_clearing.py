"""Where gradients are cleared in front of a step."""

from __future__ import annotations

from lrcheck.events import OptimizerStep, StepEvent

from ._gradients import clears, fills


def is_skipped(events: tuple[StepEvent, ...], step: StepEvent) -> bool:
    """The step of a branch, where the usual way steps with the gradients: on purpose, so that a scaler goes on."""
    optimizer = step.event.optimizer  # type: ignore[attr-defined]
    for position, other in enumerate(events):
        if not isinstance(other.event, OptimizerStep) or other.event.optimizer is not optimizer:
            continue
        if other.excludes(step) or set(other.path) < set(step.path):
            return last_clearing(events[:position], other, other.event) is None
    return False


def last_clearing(events: tuple[StepEvent, ...], step: StepEvent, optimizer: OptimizerStep) -> int | None:
    """The place of the `zero_grad` that surely comes last before the step, with no backward pass in between."""
    for position in range(len(events) - 1, -1, -1):
        other = events[position]
        if fills(other.event, optimizer):
            return None
        if clears(other.event, optimizer) and step.implies(other) and other.loops == step.loops:
            return position
    return None
