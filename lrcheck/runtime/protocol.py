"""The protocol of a training step: which of its parts come in which order, and what they really did.

The parts of the first steps are recorded with the frames they happened in. Once a few steps are known, the records are
put together: the innermost loop around a backward pass, and one steady-state iteration of it.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from itertools import pairwise
from types import CodeType
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from lrcheck.events import (
    Backward,
    ClipGradients,
    Event,
    ForwardCall,
    GradientAccess,
    Iteration,
    LossCall,
    OptimizerStep,
    ScalerCall,
    SchedulerStep,
    StaleGradients,
    StepEvent,
    ZeroGrad,
)
from lrcheck.facts import OptimizerFacts
from lrcheck.runtime.memory import module_facts
from lrcheck.runtime.sites import LoopSite, is_direct, user_frames

if TYPE_CHECKING:
    from lrcheck.runtime.engine import Engine

STEPS = 4  # steps that are recorded before the loop is judged
RECORDS = 2000  # parts, at most
FIRST = 32  # steps whose gradients are compared with those of the step before
STALE = 4  # steps in a row with gradients of the step before
_PARTS = (
    Backward,
    ZeroGrad,
    OptimizerStep,
    SchedulerStep,
    ClipGradients,
    ScalerCall,
    LossCall,
    ForwardCall,
    GradientAccess,
)


@dataclass(frozen=True, slots=True)
class Place:
    """One frame of the stack, as it was: what it ran, and where it was."""

    code: CodeType
    instruction: int
    line: int


@dataclass(frozen=True, slots=True)
class Record:
    """One part of a step, with the user's frames, the innermost first."""

    event: Event
    stack: tuple[Place, ...]
    direct: bool


@dataclass(slots=True)
class Gradient:
    """A gradient as an optimizer left it: the object, not its values."""

    parameter: weakref.ref[torch.Tensor]
    gradient: weakref.ref[torch.Tensor]
    version: int


class Protocol:
    """Records the parts of steps; the hot path compares two integers."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.records: list[Record] = []
        self.composed = False
        self.stepped = False
        self.closure = False
        self.facts: Any = weakref.WeakKeyDictionary()  # optimizer -> OptimizerFacts
        self.left: Any = weakref.WeakKeyDictionary()  # optimizer -> Gradient
        self.stale: Any = weakref.WeakKeyDictionary()  # optimizer -> steps in a row
        self.added = 0  # backward passes and clippings since the last step: each changes a gradient's version once
        self.cleared = False

    def named(self, model: nn.Module | None, optimizer: torch.optim.Optimizer | None) -> None:
        """What the user named; nothing needs to be."""
        if isinstance(model, nn.Module):
            self.engine.evaluation.root(model)
        if isinstance(optimizer, torch.optim.Optimizer):
            self._facts_of(optimizer)

    # -- parts ------------------------------------------------------------------------------------------------------------
    def observe(self, event: Event) -> None:
        """Record a part of a step, as long as the loop is not known."""
        if self.composed or self.closure or not isinstance(event, _PARTS) or len(self.records) >= RECORDS:
            return
        stack = tuple(Place(frame.f_code, frame.f_lasti, frame.f_lineno) for frame in user_frames())
        self.records.append(Record(event, stack, is_direct()))

    def settled(self) -> bool:
        """Is the loop known, and are gradients no longer compared?"""
        return self.composed and self.engine.step >= FIRST

    def _recording(self) -> bool:
        return not self.composed and self.engine.tracer.on

    def before_backward(self, tensor: Any) -> None:
        del tensor
        self.added += 1
        if self.stepped and not self.cleared and self._recording() and self._without_gradients():
            self.gradient_access()  # something cleared them that is not a `zero_grad` we know

    def _without_gradients(self) -> bool:
        return any(
            all(each.grad is None for each in group["params"]) for one in self.facts for group in one.param_groups
        )

    def after_backward(self) -> None:
        """Nothing to do: the gradients are looked at in the next step."""

    def before_step(self, optimizer: torch.optim.Optimizer, *, closure: bool) -> None:
        self.stepped = True
        if self._recording():
            self.observe(OptimizerStep(self.engine.here(), optimizer, self._facts_of(optimizer), closure=closure))
        self.closure = closure
        if not closure and self.engine.step < FIRST:
            self._compare(optimizer)

    def after_step(self, optimizer: torch.optim.Optimizer) -> None:
        self.closure = False
        self.added = 0
        if self.engine.step < FIRST:
            self._remember(optimizer)
        if not self.composed and self.engine.step + 1 >= STEPS:
            self.compose()

    def zero_grad(self, owner: Any) -> None:
        if not self._recording():
            return
        site = self.engine.here()
        self.cleared = True
        if isinstance(owner, nn.Module):
            parts = tuple(module_facts(each) for each in owner.modules())
            self.observe(ZeroGrad(site, module=module_facts(owner), modules=parts))
        else:
            self.observe(ZeroGrad(site, optimizer=owner))

    def scheduler_step(self, scheduler: Any, arguments: int) -> None:
        if self._recording():
            kind = type(scheduler)
            name = f"torch.optim.lr_scheduler.{kind.__name__}" if kind.__module__.startswith("torch.") else None
            optimizer = getattr(scheduler, "optimizer", None)
            self.observe(SchedulerStep(self.engine.here(), scheduler, name, arguments, optimizer))

    def clip(self, name: str) -> None:
        self.added += 1
        if self._recording():
            self.observe(ClipGradients(self.engine.here(), name))

    def scaler(self, name: str, scaler: Any) -> None:
        self.engine.statistics.scaled = True
        if name == "unscale_":
            self.added += 1
        if self._recording() and name in ("update", "unscale_"):
            self.observe(ScalerCall(self.engine.here(), scaler, name))

    def gradient_access(self) -> None:
        """The program reads or writes a gradient by hand."""
        if self._recording():
            self.observe(GradientAccess(self.engine.here()))

    def _facts_of(self, optimizer: torch.optim.Optimizer) -> OptimizerFacts:
        facts: OptimizerFacts | None = self.facts.get(optimizer)
        if facts is None:
            kind = type(optimizer)
            own = kind.__module__.startswith("torch.optim")
            facts = OptimizerFacts(
                name=kind.__name__, canonical=f"torch.optim.{kind.__name__}" if own else None, complete=False
            )
            self.facts[optimizer] = facts
        return facts

    # -- gradients that stay ----------------------------------------------------------------------------------------------
    def _compare(self, optimizer: torch.optim.Optimizer) -> None:
        """Are the gradients those of the last step, changed exactly once by each backward pass since?"""
        left: Gradient | None = self.left.get(optimizer)
        parameter = left.parameter() if left is not None else None
        if left is None or parameter is None:
            return
        gradient = parameter.grad
        same = gradient is not None and gradient is left.gradient()
        if same and gradient is not None and gradient._version - left.version == self.added > 0:
            self.stale[optimizer] = self.stale.get(optimizer, 0) + 1
            if self.stale[optimizer] == STALE and not self.engine.reporter.knows("LR301"):
                self.engine.judge(StaleGradients(self.engine.here(), STALE))
        else:
            self.stale[optimizer] = 0

    def _remember(self, optimizer: torch.optim.Optimizer) -> None:
        if self.stale.get(optimizer, 0) >= STALE:
            return
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                gradient = parameter.grad
                if gradient is not None:
                    if not gradient.is_sparse:
                        self.left[optimizer] = Gradient(
                            weakref.ref(parameter), weakref.ref(gradient), gradient._version
                        )
                    return

    # -- iterations -------------------------------------------------------------------------------------------------------
    def finish(self) -> None:
        if not self.composed:
            self.compose()

    def compose(self) -> None:
        """Put the recorded parts together: one iteration for each loop that goes backward."""
        self.composed = True
        records, self.records = self.records, []
        loops: dict[object, tuple[CodeType, LoopSite]] = {}
        for record in records:
            if isinstance(record.event, Backward) and (found := _loop_of(record.stack)) is not None:
                loops.setdefault(found[1].key(), found)
        for code, loop in loops.values():
            iteration = _iteration(code, loop, records)
            if iteration is not None:
                self.engine.observe(iteration)


def _loop_of(stack: tuple[Place, ...]) -> tuple[CodeType, LoopSite] | None:
    for place in stack:
        loop = LoopSite.around(place.code, place.line)
        if loop is not None:
            return place.code, loop
    return None


def _inside(record: Record, code: CodeType, loop: LoopSite) -> Place | None:
    """Where the loop's frame was when the part happened."""
    for place in record.stack:
        if place.code is code and loop.line <= place.line <= loop.last:
            return place
    return None


def _iteration(code: CodeType, loop: LoopSite, records: list[Record]) -> Iteration | None:
    """One steady-state pass: what happened between two executions of the same backward call, from the loop's first line."""
    parts = [(place.instruction, record) for record in records if (place := _inside(record, code, loop)) is not None]
    marker = next(record.event.site.key() for _, record in parts if isinstance(record.event, Backward))
    starts = [
        index
        for index, (_, record) in enumerate(parts)
        if isinstance(record.event, Backward) and record.event.site.key() == marker
    ]
    if len(starts) < 2:
        return None
    cycles = [_from_the_top(parts[first:last]) for first, last in pairwise(starts)]
    longest = max(cycles, key=len)
    everywhere = set.intersection(*({record.event.site.key() for _, record in cycle} for cycle in cycles))
    merged = list(longest)
    known = {record.event.site.key() for _, record in longest}
    for cycle in cycles:
        for position, record in cycle:
            if record.event.site.key() not in known:
                known.add(record.event.site.key())
                index = next((at for at, (other, _) in enumerate(merged) if other > position), len(merged))
                merged.insert(index, (position, record))
    events = tuple(StepEvent(record.event, record.event.site.key() in everywhere) for _, record in merged)
    library = any(isinstance(record.event, Backward) and not record.direct for _, record in merged)
    steps = tuple(each for each in events if isinstance(each.event, OptimizerStep))
    return Iteration(loop, events, framework=library, steps=steps)


def _from_the_top(cycle: list[tuple[int, Record]]) -> list[tuple[int, Record]]:
    """The parts of one cycle in the order of the loop's body: it begins where the instruction is least."""
    best = 0
    for index in range(1, len(cycle)):
        if cycle[index][0] < cycle[index - 1][0] and cycle[index][0] <= cycle[best][0]:
            best = index
    return cycle[best:] + cycle[:best]
