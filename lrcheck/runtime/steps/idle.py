"""Optimizers that never step: backward passes give their parameters gradients, and no value ever changes."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from lrcheck.events import Backward, Iteration, StepEvent, ZeroGrad
from lrcheck.facts import OptimizerFacts, TensorFacts
from lrcheck.runtime.places.sites import FrameSite, LoopSite, loop_here
from lrcheck.runtime.steps.schedulers import is_used

if TYPE_CHECKING:
    from lrcheck.runtime.engine import Engine

FIRST = 4  # backward passes, after which parameters are looked at
LEAST = 16  # backward passes without any change
Optimizer = torch.optim.Optimizer


@dataclass(slots=True)
class Waiting:
    """One optimizer that has not stepped yet: where it was made, and one of its parameters as it was then."""

    made: FrameSite
    parameter: weakref.ref[torch.Tensor]
    value: float
    backward: FrameSite | None = None
    loop: LoopSite | None = None
    backwards: int = 0

    def moved(self, parameter: torch.Tensor) -> bool:
        return _sum(parameter) != self.value


class Idle:
    """Asked behind the backward passes number 4, 8, 16, 32, ...: the looks of a long run are few."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.waiting: dict[int, tuple[weakref.ref[Optimizer], Waiting]] = {}
        self.stepped: Any = weakref.WeakSet()
        self.zeros = 0  # calls of `zero_grad()`
        self.cleared: FrameSite | None = None  # where, after many of them
        self.loop: LoopSite | None = None

    def steps(self, optimizer: Optimizer) -> None:
        """An optimizer steps; in the hot path only those that are waited for are taken off the list."""
        self.stepped.add(optimizer)
        self.waiting.pop(id(optimizer), None)

    def after_backward(self) -> None:
        count = self.engine.backwards
        if count < FIRST or count & (count - 1):
            return
        with self.engine.threads.reading:
            for optimizer, made in list(self.engine.making.sites.items()):
                if optimizer not in self.stepped and not self.engine.threads.several:
                    self._look(optimizer, made)

    def clears(self) -> None:
        """`zero_grad()` is called in a step that is traced: nothing went backward so far, where the run has no other one."""
        self.zeros += 1
        if self.zeros == LEAST:
            self.cleared, self.loop = self.engine.here(), loop_here()

    def _look(self, optimizer: Optimizer, made: FrameSite) -> None:
        entry = self.waiting.get(id(optimizer))
        known = entry[1] if entry is not None and entry[0]() is optimizer else None
        parameter = known.parameter() if known is not None else self._trained(optimizer)
        if parameter is None:
            return
        if known is None:
            self.waiting[id(optimizer)] = weakref.ref(optimizer), Waiting(made, weakref.ref(parameter), _sum(parameter))
        elif known.moved(parameter) or parameter.grad is None:
            self.steps(optimizer)  # somebody else moves or clears what it holds
        else:
            known.backward, known.loop, known.backwards = self.engine.here(), loop_here(), self.engine.backwards

    def _trained(self, optimizer: Optimizer) -> torch.Tensor | None:
        """A parameter with a gradient, of a model in training mode."""
        resting = {
            id(each) for model in self.engine.evaluation.roots if not model.training for each in model.parameters()
        }
        for group in optimizer.param_groups:
            for each in group["params"]:
                if each.grad is not None and not each.is_sparse and not each.is_meta and id(each) not in resting:
                    found: torch.Tensor = each
                    return found
        return None

    def finish(self) -> None:
        """The program came to its own end."""
        if self.engine.protocol.by_hand or self.engine.threads.several:
            return
        engine = self.engine
        if self.cleared is not None and not (engine.backwards or engine.gradients or engine.steps_seen):
            zero = StepEvent(ZeroGrad(self.cleared), always=True)
            self.engine.judge(Iteration(self.loop or self.cleared, (zero,), idle=OptimizerFacts("optimizer")))
        for reference, known in self.waiting.values():
            parameter = known.parameter() if reference() is not None else None
            if known.backward is None or known.backwards < LEAST or (parameter is not None and known.moved(parameter)):
                continue
            if self.engine.steps_seen and is_used(known.made):
                continue  # others step, and it waits for its turn
            facts = OptimizerFacts("optimizer", site=known.made)
            back = StepEvent(Backward(known.backward, TensorFacts()), always=True)
            self.engine.judge(Iteration(known.loop or known.backward, (back,), idle=facts))
            return


def _sum(parameter: torch.Tensor) -> float:
    return float(parameter.detach().double().sum())
