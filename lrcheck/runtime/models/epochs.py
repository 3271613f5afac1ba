"""The mode of a model over epochs: switched for an evaluation, and training goes on in it."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _NormBase

from lrcheck.events import Backward, Epoch, ForwardCall, Iteration, ModeSwitch, OptimizerStep, StepEvent
from lrcheck.facts import TensorFacts
from lrcheck.runtime.places.sites import LoopSite
from lrcheck.runtime.steps.composing import Record, record_of
from lrcheck.runtime.tensors.memory import module_facts, readable

if TYPE_CHECKING:
    from lrcheck.runtime.engine import Engine

SWITCHES = 64  # places where a mode is switched, at most
CALLS = 2000  # calls that are looked at, at most


@dataclass(slots=True)
class Switch:
    """One place where the mode of a module is switched."""

    module: weakref.ref[nn.Module]
    training: bool
    record: Record
    backwards: int  # before its first call


class Modes:
    """Remembers where modes are switched; looks again when a model is trained in evaluation mode."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.switches: dict[object, Switch] = {}
        self.calls = 0
        self.trained: tuple[weakref.ref[nn.Module], ForwardCall, Record] | None = None
        self.done = False

    def switched(self, module: nn.Module, *, training: bool) -> None:
        """`module.train(...)` or `module.eval()`, called from outside of torch."""
        self.calls += 1
        if self.calls > CALLS or self.done:
            return
        site = self.engine.here()
        key = (site.key(), id(module), training)
        if key not in self.switches and len(self.switches) < SWITCHES:
            event = ModeSwitch(site, module_facts(module), training, module_facts(module))
            switch = Switch(weakref.ref(module), training, record_of(event), self.engine.backwards)
            self.switches[key] = switch

    def backward(self, module: nn.Module, forward: ForwardCall) -> None:
        """A model in evaluation mode takes part in a backward pass."""
        if not self.done:
            backward = Backward(self.engine.here(), TensorFacts())
            self.trained = (weakref.ref(module), forward, record_of(backward))

    def other_backward(self) -> None:
        """A model in training mode does: what came before was an attack, an inspection."""
        self.trained = None

    def before_step(self, optimizer: torch.optim.Optimizer) -> None:
        """The step that follows: it was a training."""
        if self.trained is None:
            return
        reference, forward, backward = self.trained
        self.trained = None
        module = reference()
        held = {id(each) for group in optimizer.param_groups for each in group["params"]}
        if module is None or not any(id(each) in held for each in module.parameters()):
            return
        switches = [each for each in self.switches.values() if _reaches(each, module)]
        last = next((each for each in switches if not each.training), None)
        loop = _common_loop(last.record, backward) if last is not None else None
        if loop is None:
            self.engine.quietly(self._unlearned, module, forward, backward, optimizer, switches)
            return
        self.done = True
        owner = module_facts(module)
        inside = [each for each in switches if _common_loop(each.record, backward) == loop]
        events = [(each.backwards > 0, StepEvent(self._of(each, owner), always=True)) for each in inside]
        back = StepEvent(backward.event, always=True)
        order = [
            *(event for behind, event in events if not behind),
            back,
            *(event for behind, event in events if behind),
        ]
        self.engine.judge(Epoch(loop, tuple(order), (self._iteration(loop, owner, forward, back, optimizer),)))

    def _unlearned(
        self,
        module: nn.Module,
        forward: ForwardCall,
        backward: Record,
        optimizer: torch.optim.Optimizer,
        switches: list[Switch],
    ) -> None:
        """Evaluation mode from the start: on purpose, but where BatchNorm has no statistics."""
        loop = next(filter(None, (LoopSite.around(place.code, place.line) for place in backward.stack)), None)
        if loop is None or not switches or any(each.training for each in switches) or not _has_no_statistics(module):
            return
        self.done = True
        owner = module_facts(module)
        back = StepEvent(backward.event, always=True)
        order = (*(StepEvent(self._of(each, owner), always=True) for each in switches), back)
        iteration = self._iteration(loop, owner, forward, back, optimizer)
        self.engine.judge(Epoch(loop, order, (iteration,), unlearned=True))

    def _iteration(
        self, loop: LoopSite, owner: Any, forward: ForwardCall, back: StepEvent, optimizer: torch.optim.Optimizer
    ) -> Iteration:
        facts = self.engine.protocol.facts_of(optimizer)
        step = StepEvent(OptimizerStep(back.event.site, facts, facts), always=True)
        called = StepEvent(ForwardCall(forward.site, owner, forward.input, forward.output, owner=owner), always=True)
        return Iteration(loop, (called, back, step), steps=(step,))

    @staticmethod
    def _of(switch: Switch, owner: object) -> ModeSwitch:
        event = switch.record.event
        assert isinstance(event, ModeSwitch)
        return ModeSwitch(event.site, owner, switch.training, event.facts)


def _has_no_statistics(module: nn.Module) -> bool:
    """Does every BatchNorm that is trained normalise with mean 0 and variance 1, as it was made, and is there one?"""
    layers = [each for each in module.modules() if isinstance(each, _NormBase) and each.running_mean is not None]
    return bool(layers) and all(not each.training and _is_as_made(each) for each in layers)


def _is_as_made(layer: _NormBase) -> bool:
    mean, variance = layer.running_mean, layer.running_var
    if mean is None or variance is None or not readable(mean):
        return False
    return not bool(mean.any()) and bool(torch.eq(variance, 1).all())


def _reaches(switch: Switch, module: nn.Module) -> bool:
    switched = switch.module()
    return switched is not None and any(part is module for part in switched.modules())


def _common_loop(first: Record, second: Record) -> LoopSite | None:
    """The innermost loop that holds both places."""
    for place in first.stack:
        loop = LoopSite.around(place.code, place.line)
        while loop is not None:
            if any(other.code is place.code and loop.line <= other.line <= loop.last for other in second.stack):
                return loop
            loop = LoopSite.around(place.code, loop.line, outside=loop.line)
    return None
