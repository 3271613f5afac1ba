"""Which modules a program trains without giving their parameters to an optimizer."""

from __future__ import annotations

from typing import Any

from lrcheck.events import (
    AttributeSet,
    Backward,
    ForwardCall,
    FrameworkBackward,
    GradientAccess,
    MissedParameters,
    OpaqueCall,
    OptimizerMade,
    OptimizerStep,
)
from lrcheck.facts import ModuleFacts, OptimizerFacts
from lrcheck.knowledge.operations import BATCHNORM_LAYERS, CONV_LAYERS, LINEAR_LAYERS, RECURRENT_LAYERS
from lrcheck.static import modules
from lrcheck.static.iterations import Flat
from lrcheck.static.run import Run
from lrcheck.static.values import Instance, Layer

TRAINABLE = frozenset({*LINEAR_LAYERS, *CONV_LAYERS, *RECURRENT_LAYERS, *BATCHNORM_LAYERS, "torch.nn.Embedding"})
_LIMIT = 150


def missed_parameters(run: Run, flat: Flat) -> None:
    """Modules whose output is backpropagated, and that no optimizer of the program knows."""
    events = [step.event for step in flat.events]
    made = [event for event in events if isinstance(event, OptimizerMade)]
    steps = [event for event in events if isinstance(event, OptimizerStep)]
    if not made or not steps or not flat.whole or any(_obscures(event) for event in events):
        return
    if any(event.facts is None or not event.facts.complete or not event.facts.owners for event in steps):
        return
    held = frozenset[ModuleFacts]().union(*(event.optimizer.parts for event in made))
    reached = {id(value) for event in events if isinstance(event, OpaqueCall) for value in event.modules}
    first = next(event for event in made if event.optimizer is steps[0].optimizer)
    called = {id(e.owner): e.owner for e in events if isinstance(e, ForwardCall) and e.grad_enabled is True}
    for step in flat.events:
        backward = step.event
        facts = backward.value.model if isinstance(backward, Backward) and step.loops else None
        if facts is None or id(facts) not in called or id(facts) in reached:
            continue
        value = run.models.get(facts)
        missing = _missing(value, held) if value is not None else None
        if missing is not None and missing.site is not None and missing.site.path == backward.site.path:
            replaced = facts in held
            run.events.append(
                MissedParameters(missing.site, missing.name, backward.site, _site(first.optimizer), replaced)
            )
            return


def _site(optimizer: OptimizerFacts) -> Any:
    return optimizer.site


def _obscures(event: Any) -> bool:
    """Parameters are frozen, or gradients used by hand: what is left out may be left out on purpose."""
    if isinstance(event, AttributeSet):
        return "requires_grad" in event.name
    return isinstance(event, (GradientAccess, FrameworkBackward))


def _missing(value: Any, held: frozenset[ModuleFacts]) -> ModuleFacts | None:
    """A trainable layer of a module that no optimizer holds, where either all or few of them are missing."""
    parts = modules.walk(value)
    if len(parts) >= _LIMIT or not isinstance(value, (Instance, Layer)):
        return None
    layers = [part for part in parts if isinstance(part, Layer) and part.name in TRAINABLE]
    missing = [layer for layer in layers if layer.facts not in held]
    if not missing:
        return None
    if value.facts in held:
        return missing[0].facts
    return value.facts if len(missing) == len(layers) else None
