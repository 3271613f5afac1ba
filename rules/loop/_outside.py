"""Steps that stand behind the loop whose gradients they should use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lrcheck.events import Backward, GradientAccess, Iteration, OptimizerStep, StepEvent, ZeroGrad
from lrcheck.findings import Finding, Label

from ._gradients import clears, goes_backward, is_optimizer, may_clear

LAST = "one update for the whole loop: all batches but the last are thrown away"


def stepped_behind(iteration: Iteration, backward: Sequence[StepEvent]) -> Iterator[Finding]:
    """The same where no other loop stands around: in a function that goes through the batches once."""
    if iteration.steps or iteration.depth or iteration.of(GradientAccess) or not backward:
        return
    for step in iteration.behind:
        event = step.event
        if goes_backward(event) or isinstance(event, (ZeroGrad, GradientAccess)):
            return  # the step belongs to that
        if isinstance(event, OptimizerStep) and not step.loops and is_optimizer(event) and not event.closure:
            cleared = [other for other in iteration.events if may_clear(other.event, event)]
            yield from stepped_outside(event, backward, cleared)
            return


def stepped_outside(step: OptimizerStep, back: Sequence[StepEvent], cleared: list[StepEvent]) -> Iterator[Finding]:
    zero = cleared_inside(step, back, cleared)
    if zero is None or is_part(back[-1]):
        return  # see LR325
    yield Finding(
        title="the step stands outside the loop",
        at=Label(step.site, "uses the gradients of the last iteration only"),
        because=(Label(zero.event.site, "cleared each time"), Label(back[-1].event.site, "computed here")),
        note=LAST,
        help="indent `step()`, so that it belongs to the loop",
    )


def cleared_inside(step: OptimizerStep, back: Sequence[StepEvent], cleared: Sequence[StepEvent]) -> StepEvent | None:
    """The clearing in the loop that goes backward, where the step stands behind that loop."""
    loop = back[-1].loops
    inside = [o for o in cleared if isinstance(o.event, ZeroGrad) and o.loops == loop and not o.path]
    sure = [other for other in inside if clears(other.event, step)]
    if not sure or len(cleared) != len(inside) or any(other.loops != loop or other.path for other in back):
        return None
    return sure[0]


def is_part(backward: StepEvent) -> bool:
    """The loss is divided before it goes backward: it is one of several whose gradients are to be added up."""
    return isinstance(backward.event, Backward) and backward.event.divided
