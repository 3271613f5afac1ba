"""Steps by hand, `w -= rate * w.grad`, whose gradients nothing clears."""

from __future__ import annotations

from collections.abc import Iterator

from lrcheck.events import Event, FrameworkBackward, GradientAccess, Iteration, OpaqueCall, StepEvent, ZeroGrad
from lrcheck.findings import Finding, Label


def steps_by_hand(iteration: Iteration, backward: tuple[StepEvent, ...]) -> Iterator[Finding]:
    """The first of them, where neither an optimizer nor a call that cannot be seen into is near."""
    if iteration.stepped:
        return
    steps = [step for step in iteration.of(GradientAccess) if step.event.stepped]  # type: ignore[attr-defined]
    around = (*iteration.before, *iteration.behind) if iteration.depth else ()
    if not steps or any(_may_clear(other.event) for other in (*iteration.events, *around)):
        return
    if steps[0].path != backward[0].path[: len(steps[0].path)] or backward[0].loops:
        return  # not in every iteration that goes backward
    yield Finding(
        title="gradients are never cleared",
        at=Label(steps[0].event.site, "uses the sum of the gradients of all iterations so far"),
        because=(Label(backward[0].event.site, "adds to the gradients"),),
        note="each step moves along the gradients of all batches before it, not of this one",
        help="clear the gradients behind the step: `w.grad.zero_()` for each parameter `w`",
    )


def _may_clear(event: Event) -> bool:
    """A function that is not known may, a model and a method that only computes do not."""
    if isinstance(event, OpaqueCall):
        return event.everything or event.acts or (event.receiver is None and not event.moded)
    return isinstance(event, (ZeroGrad, FrameworkBackward)) or (isinstance(event, GradientAccess) and event.written)
