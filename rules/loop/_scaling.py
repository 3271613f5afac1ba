"""Gradients of a scaled loss that are never divided by the scale."""

from __future__ import annotations

from collections.abc import Iterator

from lrcheck.events import Backward, GradientAccess, Iteration, OpaqueCall, OptimizerStep, ScalerCall
from lrcheck.findings import Edit, EditKind, Finding, Fix, Label, Safety

from ._gradients import backward_of, reaches


def scaled_step(iteration: Iteration) -> Iterator[Finding]:
    """Every backward pass is that of a scaled loss, and the optimizer steps by itself."""
    backward = [step.event for step in backward_of(iteration)]
    steps = [step.event for step in iteration.events if isinstance(step.event, OptimizerStep)]
    if len(steps) != 1 or not iteration.whole or iteration.framework or not backward:
        return
    step = steps[0]
    if (
        step.scaler
        or step.closure
        or step.facts is None
        or any(_divides(other.event, step) for other in iteration.events)
    ):
        return
    if all(isinstance(event, Backward) and event.owner == "scaler" for event in backward):
        yield _finding(step, backward[0])


def _divides(event: object, step: OptimizerStep) -> bool:
    if isinstance(event, OpaqueCall):
        return event.everything or reaches(event, step)
    return isinstance(event, GradientAccess) or (isinstance(event, ScalerCall) and event.name == "unscale_")


def _finding(step: OptimizerStep, backward: object) -> Finding:
    site = backward.site  # type: ignore[attr-defined]
    name = site.text.partition(".scale(")[0]
    optimizer = step.receiver.text if step.receiver is not None else ""
    call = f"{name}.step({optimizer})"
    edits = (Edit(EditKind.REPLACE, step.site, call),)
    return Finding(
        title="the optimizer steps with scaled gradients",
        at=Label(step.site, "nothing divides the gradients by the scale"),
        because=(Label(site, "multiplied by the scale"),),
        note="the gradients are 65,536 times too large at first, and infinite ones are not skipped",
        help=f"step through the scaler: `{call}`",
        fix=Fix(f"step through the scaler: `{call}`", edits, Safety.UNSAFE)
        if optimizer and name.isidentifier()
        else None,
    )
