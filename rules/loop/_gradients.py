"""Questions about the gradients of an optimizer that several rules ask."""

from __future__ import annotations

from lrcheck.events import (
    Backward,
    Event,
    FrameworkBackward,
    GradientAccess,
    Iteration,
    LossCall,
    MethodNotCalled,
    OpaqueCall,
    OptimizerStep,
    StepEvent,
    ZeroGrad,
)
from lrcheck.facts import OptimizerFacts
from lrcheck.knowledge.frameworks import OTHER_STEPPERS


def is_optimizer(step: OptimizerStep) -> bool:
    """Whether the object that steps is an optimizer: a known one, or one by protocol and name."""
    if step.facts is not None:
        return True
    if step.scaler or step.arguments or step.receiver is None:
        return False
    return OTHER_STEPPERS.search(step.receiver.text) is None


def may_clear(event: Event, step: OptimizerStep) -> bool:
    """Whether an event may clear the gradients that a step uses."""
    if isinstance(event, ZeroGrad):
        return _may_share(event, step)
    if isinstance(event, OpaqueCall):
        return event.everything or reaches(event, step)
    if isinstance(event, MethodNotCalled):
        return event.name == "zero_grad"
    return isinstance(event, FrameworkBackward) or (
        isinstance(event, GradientAccess) and event.written and not event.functional
    )


def clears(event: Event, step: OptimizerStep) -> bool:
    """Whether an event surely clears all the gradients that a step uses."""
    if not isinstance(event, ZeroGrad):
        return False
    if event.optimizer is not None:
        return event.optimizer is step.optimizer
    facts = step.facts
    return facts is not None and facts.complete and bool(facts.owners) and set(facts.owners) <= set(event.modules)


def reaches(call: OpaqueCall, step: OptimizerStep) -> bool:
    """Whether an unknown call got hold of the optimizer, or of a module whose parameters it may hold."""
    if any(value is step.optimizer for value in call.arguments):
        return True
    facts = step.facts
    if facts is None or not facts.complete:
        return bool(call.modules)
    return not facts.parts.isdisjoint(call.modules)


def _may_share(zero: ZeroGrad, step: OptimizerStep) -> bool:
    """Whether the parameters that were cleared may be parameters of the step."""
    facts = step.facts
    if facts is None or not facts.complete:
        return True
    if isinstance(zero.optimizer, OptimizerFacts):
        return not zero.optimizer.complete or not facts.parts.isdisjoint(zero.optimizer.parts)
    if zero.optimizer is not None or not zero.modules:
        return True
    return not facts.parts.isdisjoint(zero.modules)


def backward_of(iteration: Iteration) -> tuple[StepEvent, ...]:
    """The backward passes of tensors in an iteration."""
    return iteration.of(Backward)


def goes_backward(event: Event) -> bool:
    return isinstance(event, (Backward, FrameworkBackward))


def fills(event: Event, step: OptimizerStep) -> bool:
    """Whether an event may give the parameters of a step gradients."""
    if isinstance(event, OpaqueCall):
        return event.everything or event.graph or reaches(event, step)
    if isinstance(event, OptimizerStep):
        return event.closure or event.facts is None
    return goes_backward(event) or (isinstance(event, GradientAccess) and not event.functional)


def is_deeper(step: StepEvent, other: StepEvent) -> bool:
    """Whether an event stands in a loop inside the loop of another one."""
    return bool(other.loops) and len(step.loops) > len(other.loops) and step.loops[: len(other.loops)] == other.loops


def loss_of(iteration: Iteration, backward: StepEvent) -> StepEvent | None:
    """The loss call whose very value goes backward: not divided, not added to another one."""
    event = backward.event
    if not isinstance(event, Backward) or event.value.identity is None:
        return None
    for step in iteration.of(LossCall):
        loss = step.event
        if isinstance(loss, LossCall) and loss.output is not None and loss.output.identity == event.value.identity:
            return step
    return None
