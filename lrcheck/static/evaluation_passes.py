"""Evaluation: loops that look at the outputs of a model and do not train."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from lrcheck.events import (
    Accumulation,
    AffineCall,
    ArgReduction,
    Comparison,
    EvaluationPass,
    Event,
    ForwardCall,
    GradientAccess,
    LossCall,
    ModeSwitch,
    OpaqueCall,
    OptimizerStep,
    ScoreCall,
    StepEvent,
    ZeroGrad,
)
from lrcheck.facts import Form, ModuleFacts, TensorFacts
from lrcheck.static import modules
from lrcheck.static.iterations import Flat, Surroundings, goes_backward, loader_of
from lrcheck.static.ownership import TRAINABLE
from lrcheck.static.run import Loop
from lrcheck.static.values import Instance, Layer, Unknown, goes_over_data


def pass_of(
    loop: Loop, flat: Flat, around: Surroundings, *, enclosed: bool, trained: set[int]
) -> EvaluationPass | None:
    """The evaluation pass that a loop is, if it is one; `trained` are the loops that train, as they are written."""
    phase = id(loop.node) in trained  # the same loop trains for another element: `for phase in ("train", "val")`
    if loop.inside or any(_trains(step.event, phase) for step in flat.events):
        return None
    own = [step.event for step in flat.events if not step.loops]
    forwards = [event for event in own if isinstance(event, ForwardCall) and _is_model(flat, event)]
    forwards.extend(_unknown_models(own))
    if _feeds_training(around, enclosed) and not _is_apart(loop, flat, forwards):
        return None
    records = next((e.site for e in own if isinstance(e, AffineCall) and e.output.attached), None)
    if not forwards and records is None:
        return None
    evidence = _evidence(loop, flat)
    if evidence is None or (loop.source is None and isinstance(evidence, Comparison)):
        return None  # a `while` loop may solve an equation with a model inside
    if _looks_at_one(loop) and not _compares_itself(flat):
        return None  # shapes and a loss of the first batch are printed
    before, behind = around.before, around.behind
    training = any(goes_backward(step.event) for step in (*before, *behind))
    if isinstance(evidence, ArgReduction) and id(loop.node) in flat.run.ledger.counted:
        return None  # the heads of a model, one after the other
    if isinstance(evidence, ArgReduction) and not goes_over_data(loop.source):
        if enclosed and training:
            return None  # a policy chooses actions, and is trained on what happens
        if _unrolls(flat, forwards):
            return None  # who calls it may train on the scores that it returns
    return EvaluationPass(
        loop.site,
        tuple(forwards),
        evidence,
        records,
        _switched(before, again=phase),
        any(goes_backward(step.event) for step in (behind if not enclosed else (*before, *behind))),
        not any(step.inlined for step in flat.events if isinstance(step.event, ForwardCall)),
        events=tuple(flat.events),
    )


def _looks_at_one(loop: Loop) -> bool:
    """Whether the body of a loop ends with `break` or `return`, whatever it has seen."""
    body = getattr(loop.node, "body", None)
    last = body.body[-1] if isinstance(body, cst.IndentedBlock) and body.body else None
    return isinstance(last, cst.SimpleStatementLine) and isinstance(last.body[-1], (cst.Break, cst.Return))


def _compares_itself(flat: Flat) -> bool:
    """Predictions are compared with labels in the loop, not in a function that it calls."""
    return any(
        isinstance(step.event, Comparison) and step.event.operator == "==" and not step.inlined for step in flat.events
    )


def _unrolls(flat: Flat, forwards: list[ForwardCall]) -> bool:
    """A decoder is fed its own predictions: only layers are called, and nothing is compared with anything."""
    judged = any(isinstance(step.event, (Comparison, ScoreCall, LossCall)) for step in flat.events)
    return not judged and not any(isinstance(flat.run.models.get(call.owner), Instance) for call in forwards)


# -- without a loop ---------------------------------------------------------------------------------------------------
def single_passes(flat: Flat, training: set[int]) -> Iterator[EvaluationPass]:
    """Calls of a trained model on a whole test set: not in a training loop, judged, and never gone back from.

    `training` holds the identities of the loops that train.
    """
    around = {loop for step in flat.events if not training.isdisjoint(step.loops) for loop in step.loops} - training
    last = max((n for n, step in enumerate(flat.events) if goes_backward(step.event)), default=0)
    trained: set[int] = set()
    places: set[object] = set()  # the calls as they are written: a helper may serve the training as well
    fed: dict[int, set[int]] = {}  # model -> its inputs in training
    lasts = {step.loops: n for n, step in enumerate(flat.events) if goes_backward(step.event)}
    seen: dict[int, object] = {}  # model -> the mode switch before its last evaluation
    switch: ModeSwitch | None = None
    deliberate = False  # a switch to training mode since the last backward pass
    for position, step in enumerate(flat.events):
        event = step.event
        if isinstance(event, ModeSwitch):
            switch, deliberate = event, deliberate or event.training is not False
        elif goes_backward(event):
            deliberate = False
        if not isinstance(event, ForwardCall) or event.owner is None:
            continue
        place = event.site.key()
        inside = not training.isdisjoint(step.loops)
        if inside and position < lasts.get(step.loops, len(flat.events)):
            trained.add(id(event.owner))
            places.add(place)
            fed.setdefault(id(event.owner), set()).add(id(event.input))
        elif inside and goes_over_data(flat.loops[step.loops[-1]].source):
            continue  # it may be the batch that was trained on
        elif place not in places and id(event.owner) in trained and (around | training).issuperset(step.loops):
            evidence = _judged(flat, position, step, event, fed if inside else None)
            if evidence is None:
                continue
            again = id(event.owner) in seen and seen[id(event.owner)] is switch
            seen[id(event.owner)] = switch
            goes_on = bool(step.loops) or position < last
            yield EvaluationPass(
                event.site, (event,), evidence, None, deliberate, goes_on, single=True, again=again, events=(step,)
            )


LOOKED_AT = 300  # events behind a call of a model


def _judged(
    flat: Flat, position: int, step: StepEvent, call: ForwardCall, fed: dict[int, set[int]] | None
) -> Event | None:
    """What judges the output of one call, in the same block: nothing goes backward from there, and no helper gets it.

    Where a full batch is trained on around it (`fed`), a prediction alone may be the action of a policy, and the loss of
    what was trained on a look at what the step has done.
    """
    evidence: Event | None = None
    again = fed is not None and call.grad_enabled is not False and id(call.input) in fed.get(id(call.owner), ())
    for other in flat.events[position + 1 : position + LOOKED_AT]:
        event = other.event
        if other.loops != step.loops:
            break
        if isinstance(event, ForwardCall) and event.owner is call.owner and evidence is not None:
            break
        if _trains(event) or (isinstance(event, OpaqueCall) and (event.everything or event.graph)):
            return None
        if not (fed is not None and isinstance(event, ArgReduction)) and not (again and isinstance(event, LossCall)):
            evidence = evidence or (event if _judges(event, call) else None)
    return evidence


def _judges(event: Event, call: ForwardCall) -> bool:
    """Predictions are taken from the output, or compared; a loss of it is computed, and not trained on."""
    if isinstance(event, ArgReduction):
        return event.input.model is call.owner
    if isinstance(event, ScoreCall):
        return event.predictions is not None and event.predictions.model is call.owner
    if isinstance(event, Comparison):
        return any(side is not None and side.model is call.owner for side in (event.left, event.right))
    if isinstance(event, LossCall) and event.input.model is call.owner and event.output is not None:
        uses = event.output.uses
        shown = uses is not None and ("report" in uses.kinds or call.grad_enabled is False)
        return shown and "backward" not in uses.kinds  # type: ignore[union-attr]
    return False


# -- what makes a pass ------------------------------------------------------------------------------------------------
def _is_model(flat: Flat, call: ForwardCall) -> bool:
    """Whether a module may be trained: a criterion is a module as well."""
    value = flat.run.models.get(call.owner)
    if not isinstance(value, Instance):
        return True
    parts = modules.walk(value)
    return any(
        (
            isinstance(part, Layer)
            and (part.name in TRAINABLE or (part.children is None and part.facts.has_dropout is None))
        )
        or (isinstance(part, Instance) and any(_may_be_trained(a) for a in part.attrs.values()))
        for part in parts
    )


def _may_be_trained(attribute: object) -> bool:
    """A parameter; the state of a metric is none."""
    return isinstance(attribute, Unknown) or (isinstance(attribute, TensorFacts) and attribute.attached is not False)


def _trains(event: Event, phase: bool = False) -> bool:
    """In one of several phases of a loop, gradients may be set to zero for nothing."""
    if isinstance(event, ZeroGrad):
        return not phase
    return goes_backward(event) or isinstance(event, (OptimizerStep, GradientAccess))


def _is_apart(loop: Loop, flat: Flat, forwards: list[ForwardCall]) -> bool:
    """Nothing of the loop can reach a backward pass behind it: no graph is recorded, or labels of a loader are compared."""
    if not forwards or all(forward.grad_enabled is False for forward in forwards):
        return bool(forwards)
    if loader_of(loop.source) is None:
        return False
    losses = [step.event for step in flat.events if isinstance(step.event, LossCall)]
    if any(loss.output is None or loss.output.uses is None or "backward" in loss.output.uses.kinds for loss in losses):
        return False
    return any(isinstance(step.event, Comparison) and step.event.operator == "==" for step in flat.events)


def _feeds_training(around: Surroundings, enclosed: bool) -> bool:
    """The block around the loop goes backward behind it: the loop unrolls a sequence or plays an episode."""
    steps = (*around.before, *around.behind) if enclosed else around.behind
    return any(goes_backward(step.event) and not step.loops for step in steps)


def _unknown_models(events: list[Event]) -> list[ForwardCall]:
    """Calls of models that are not known, seen by their mode having been switched."""
    return [
        ForwardCall(
            event.site,
            _switched_to_training(event),
            TensorFacts(),
            TensorFacts(),
            event.grad_enabled,
            owner=event.callee,
        )
        for event in events
        if isinstance(event, OpaqueCall) and event.moded
    ]


def _switched_to_training(call: OpaqueCall) -> ModuleFacts | None:
    """What is known of a model that is not known and that the program has put into training mode."""
    return ModuleFacts("", training=True, mode_site=call.site) if call.training is True else None


def _evidence(loop: Loop, flat: Flat) -> Event | None:
    """What shows that the outputs are judged: predictions compared with labels, a loss that is summed."""
    losses = any(isinstance(step.event, LossCall) for step in flat.events)
    for step in flat.events:
        event = step.event
        if (
            isinstance(event, Comparison)
            and event.operator == "=="
            and event.left is not None
            and event.right is not None
        ):
            return event
        if isinstance(event, ArgReduction) and event.input.form is not Form.DATA:
            return event
        if isinstance(event, ScoreCall) and event.predictions is not None:
            return event
        if isinstance(event, Accumulation) and losses:
            return event
    if losses and loader_of(loop.source) is not None:
        return next(step.event for step in flat.events if isinstance(step.event, LossCall))
    return None


def _switched(before: list[StepEvent], *, again: bool) -> bool:
    """The model was put into training mode since the last training step: sampling with dropout, on purpose.

    In a loop that trains as well, the switch of another round of the same function is none of this one.
    """
    for step in reversed(before):
        if goes_backward(step.event):
            return False
        if isinstance(step.event, ModeSwitch) and step.event.training is not False:
            place = step.event.site.key()
            others = (e for each in before if each is not step and isinstance(e := each.event, ModeSwitch))
            return not (again and any(other.site.key() == place for other in others))
    return False
