"""Optimizers that are not known: parameters of a function that nobody calls, or made by something that cannot be seen into."""

from __future__ import annotations

from lrcheck.events import (
    Event,
    ForwardCall,
    GradientAccess,
    Iteration,
    LossCall,
    MethodNotCalled,
    ModeSwitch,
    OpaqueCall,
    OptimizerStep,
    ZeroGrad,
)
from lrcheck.facts import OptimizerFacts
from lrcheck.findings import Label

from ._gradients import reaches
from ._steps import cleared_by, used


def is_unused(iteration: Iteration, zero: ZeroGrad) -> bool:
    """Nothing steps with the gradients that are cleared in each iteration, or uses them in another way."""
    optimizer = cleared_by(iteration, zero)
    if optimizer is None:
        return _unused_by_anything(iteration, zero.optimizer)
    step = OptimizerStep(zero.site, optimizer, optimizer)
    hooked = not iteration.called and any(may_use(other.event, step) for other in iteration.events)
    return not hooked and not used(iteration, optimizer)


def _unused_by_anything(iteration: Iteration, optimizer: object) -> bool:
    """What is cleared in each iteration is no model, and nothing in the iteration can step it or look at gradients."""
    if optimizer is None or isinstance(optimizer, OptimizerFacts) or iteration.stepped:
        return False
    step = OptimizerStep(iteration.site, optimizer)
    around = (*iteration.before, *iteration.behind)
    if any(isinstance(other.event, ModeSwitch) and other.event.module is optimizer for other in around):
        return False
    return not any(may_use(other.event, step) for other in iteration.events)


def may_use(event: Event, step: OptimizerStep) -> bool:
    """Whether an event may use gradients in a function that nobody calls, or shows that the optimizer is a model."""
    match event:
        case OpaqueCall():
            itself = event.callee is step.optimizer or event.receiver is step.optimizer
            return itself or event.everything or event.acts or reaches(event, step)
        case ForwardCall():
            return event.owner is step.optimizer
        case ModeSwitch():
            return event.module is step.optimizer
        case MethodNotCalled():
            return event.name == "step"
    return isinstance(event, GradientAccess)


def without_gradients(iteration: Iteration, step: OptimizerStep) -> Label | None:
    """The same for an optimizer that is not known, seen by its `zero_grad`: a known loss, or a criterion and a model.

    One unknown call may get the outputs of the model, as a criterion does: another one may go backward.
    """
    cleared = any(
        isinstance(e := other.event, ZeroGrad) and e.optimizer is step.optimizer for other in iteration.events
    )
    if not cleared or any(may_use(other.event, step) for other in iteration.events):
        return None
    if any(isinstance(e := other.event, MethodNotCalled) and e.name == "backward" for other in iteration.events):
        return None
    losses = [e for other in iteration.of(LossCall) if isinstance(e := other.event, LossCall) and e.training]
    before = [other.event for other in iteration.events if other.event.site.key() != step.site.key()]
    unknown = [event for event in before if isinstance(event, OpaqueCall) and event.receiver is None]
    criteria = [event for event in unknown if not event.moded]
    if len(criteria) > (not losses):
        return None
    if losses:
        return Label(losses[-1].site, "the loss, which nothing goes back from")
    models = [
        event for event in unknown if event.moded and event.training is not False and event.grad_enabled is not False
    ]
    return Label(criteria[0].site, "nothing goes back from here") if models and criteria else None
