"""Questions about the mode of a model during an epoch."""

from __future__ import annotations

from collections.abc import Iterator

from lrcheck.events import (
    Backward,
    Epoch,
    EvaluationPass,
    ForwardCall,
    FrameworkBackward,
    ModeSwitch,
    OpaqueCall,
    StepEvent,
)
from lrcheck.facts import ModuleFacts
from lrcheck.findings import Finding, Label


def trained(epoch: Epoch) -> Iterator[tuple[object, StepEvent]]:
    """The models that the iterations inside an epoch call, each once."""
    seen: list[object] = []
    for iteration in epoch.iterations:
        evaluated: list[object] = []
        for step in iteration.events:
            event = step.event
            if isinstance(event, ModeSwitch) and event.training is False:
                evaluated.append(event.module)  # whatever it is called for, it is not trained by this call
            owner = event.owner if isinstance(event, ForwardCall) else None
            if isinstance(event, OpaqueCall) and event.moded:
                owner = event.callee
            if owner is not None and iteration.steps and all(owner is not other for other in (*seen, *evaluated)):
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


def unlearned(switch: StepEvent, forward: StepEvent) -> Finding:
    """Of a model that was never in training mode."""
    return Finding(
        title="a new model is trained in evaluation mode",
        at=Label(switch.event.site, "holds until `train()` is called, which never happens"),
        because=(Label(forward.event.site, "BatchNorm takes mean 0 and variance 1 here"),),
        note="BatchNorm has no statistics yet, and learns none in evaluation mode: it normalises nothing",
        help="call `train()` before the training",
    )


def moded_layers(module: ModuleFacts) -> str | None:
    """What in a model depends on the mode: an empty text for nothing, `None` where that is not known."""
    found = [name for name, held in (("Dropout", module.has_dropout), ("BatchNorm", module.has_batchnorm)) if held]
    if found:
        return " and ".join(found)
    return "" if module.has_dropout is module.has_batchnorm is False else None


_EFFECTS = {
    "": "the model holds no Dropout and no BatchNorm: nothing changes today, and everything once it gets one",
    "Dropout": "Dropout drops units at random: the result changes from pass to pass",
    "BatchNorm": "BatchNorm uses the statistics of each batch, and learns running statistics from the test data",
}
_UNSURE = (
    "the parts of the model are not known: Dropout drops units at random, BatchNorm uses the statistics of each batch"
)
_BOTH = "Dropout drops units at random, BatchNorm uses the statistics of each batch and learns from the test data"


def effect_of(layers: str | None) -> str:
    """What training mode does to an evaluation, for the layers that depend on it."""
    return _UNSURE if layers is None else _EFFECTS.get(layers, _BOTH)


def kind_of(evaluation: EvaluationPass) -> str:
    """What an evaluation is in the program."""
    return "call" if evaluation.single else "loop"


def is_attacked(evaluation: EvaluationPass) -> bool:
    """An attack needs gradients: something unknown got the model, or the batch between two calls of one model."""
    models = [forward.owner for forward in evaluation.forwards]
    called: set[object] = set()
    attacked: set[object] = set()
    for event in (step.event for step in evaluation.events):
        if isinstance(event, OpaqueCall) and not event.moded:
            if event.everything or any(owner is module for owner in models for module in event.modules):
                return True
            attacked.update(called)
        elif isinstance(event, (ForwardCall, OpaqueCall)):
            model = event.owner if isinstance(event, ForwardCall) else event.callee
            if model in attacked:
                return True
            called.add(model)
    return False
