"""Questions about the mode of a model during an epoch."""

from __future__ import annotations

from collections.abc import Iterator

from lrcheck.events import Backward, Epoch, ForwardCall, FrameworkBackward, OpaqueCall, StepEvent


def trained(epoch: Epoch) -> Iterator[tuple[object, StepEvent]]:
    """The models that the iterations inside an epoch call, each once."""
    seen: list[object] = []
    for iteration in epoch.iterations:
        for step in iteration.events:
            event = step.event
            owner = event.owner if isinstance(event, ForwardCall) else None
            if isinstance(event, OpaqueCall) and event.moded and event.given:
                owner = event.callee
            if owner is not None and iteration.steps and all(owner is not other for other in seen):
                seen.append(owner)
                yield owner, step


def reached(epoch: Epoch, owner: object) -> bool:
    return any(
        isinstance(step.event, OpaqueCall) and any(owner is module for module in step.event.modules)
        for step in epoch.events
    )


def before_training(epoch: Epoch, switch: StepEvent) -> bool:
    """The mode is set in front of the training: a model that is frozen on purpose."""
    first = next(n for n, step in enumerate(epoch.events) if isinstance(step.event, (Backward, FrameworkBackward)))
    return epoch.events.index(switch) < first
