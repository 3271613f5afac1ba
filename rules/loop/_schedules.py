"""How a scheduler and its optimizer are stepped."""

from lrcheck.events import SchedulerStep, SchedulerUse, StepEvent

from ._gradients import is_deeper


def per_batch_too(use: SchedulerUse, move: StepEvent) -> bool:
    """A branch steps it once per batch: the program asks for the kind of the schedule."""
    return bool(move.path) and any(
        isinstance(e.event, SchedulerStep) and e.path and is_deeper(e, move) for e in use.order
    )


def precedes(use: SchedulerUse, move: StepEvent, steps: list[StepEvent]) -> bool:
    """Every step of the optimizer follows in the same loop, with an argument-free call."""
    at = [each.event.site.key() for each in use.order].index(move.event.site.key())
    plain = use.order[at] is move and not move.path and not move.event.arguments  # type: ignore[attr-defined]
    return plain and all(use.order.index(step) > at and step.loops[: len(move.loops)] == move.loops for step in steps)
