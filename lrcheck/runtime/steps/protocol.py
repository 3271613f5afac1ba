"""The protocol of a training step: which of its parts come in which order, and what they really did.

The parts of the first steps are recorded with the frames they happened in. Once a few steps are known, the records are
put together: the innermost loop around a backward pass, and one steady-state iteration of it.
"""

from __future__ import annotations

import dataclasses
import weakref
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from lrcheck.events import (
    Accumulation,
    Backward,
    ClipGradients,
    Event,
    ForwardCall,
    GradientAccess,
    LossCall,
    OptimizerStep,
    RecurrentCall,
    ScalerCall,
    SchedulerStep,
    Synchronisation,
    ZeroGrad,
)
from lrcheck.facts import OptimizerFacts
from lrcheck.runtime.steps.composing import Record, iterations, record_of
from lrcheck.runtime.steps.stale import FIRST, Stale
from lrcheck.runtime.tensors.memory import module_facts

if TYPE_CHECKING:
    from lrcheck.runtime.engine import Engine

STEPS = 4  # steps that are recorded before the loop is judged
RECORDS = 2000  # parts, at most
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
    Accumulation,
    RecurrentCall,
    Synchronisation,
)


class Protocol:
    """Records the parts of steps; the hot path compares two integers."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.records: list[Record] = []
        self.composed = False
        self.stepped = False
        self.steps = 0
        self.by_hand = False  # the program reads or writes gradients itself
        self.within = False  # inside the step of a gradient scaler
        self.closure = False
        self.scaled: weakref.ref[torch.Tensor] | None = None  # the last loss that a gradient scaler multiplied
        self.facts: Any = weakref.WeakKeyDictionary()  # optimizer -> OptimizerFacts
        self.stale = Stale(engine)
        self.cleared = False

    def named(self, model: nn.Module | None, optimizer: torch.optim.Optimizer | None) -> None:
        """What the user named; nothing needs to be."""
        if isinstance(model, nn.Module):
            self.engine.evaluation.root(model)
        if isinstance(optimizer, torch.optim.Optimizer):
            self.facts_of(optimizer)

    # -- parts ------------------------------------------------------------------------------------------------------------
    def observe(self, event: Event) -> None:
        """Record a part of a step, as long as the loop is not known."""
        if self.composed or self.closure or not isinstance(event, _PARTS) or len(self.records) >= RECORDS:
            return
        if not self.engine.sampled:
            return  # an evaluation is looked at: parts of the steps around it are missing
        record = record_of(event, self.engine.batches.number)
        self.records.append(record)
        if isinstance(event, OptimizerStep):
            self.engine.schedulers.optimizer_stepped(record)

    def settled(self) -> bool:
        """Is the loop known, and are gradients no longer compared?"""
        return self.composed and self.engine.step >= FIRST

    def _recording(self) -> bool:
        return not self.composed and self.engine.tracer.on

    def before_backward(self, tensor: Any) -> None:
        if self.engine.step < FIRST:
            self.stale.before_backward(tensor, self.engine.here())
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
        self.engine.idle.steps(optimizer)
        if self._recording() and not self.within:
            facts = self.facts_of(optimizer)
            self.observe(OptimizerStep(self.engine.here(), facts, facts, closure=closure))
        self.closure = closure

    def after_step(self, optimizer: torch.optim.Optimizer) -> None:
        self.closure = False
        self.steps += 1
        if self.engine.step < FIRST:
            self.stale.after_step(optimizer)
        if not self.composed and self.steps >= STEPS:
            self.compose()

    def zero_grad(self, owner: Any) -> None:
        if not self._recording():
            return
        site = self.engine.here()
        self.cleared = True
        if isinstance(owner, torch.optim.Optimizer) and torch.is_grad_enabled():
            self.engine.idle.clears()
        if isinstance(owner, nn.Module):
            parts = tuple(module_facts(each) for each in owner.modules())
            self.observe(ZeroGrad(site, module=module_facts(owner), modules=parts))
        else:
            self.observe(ZeroGrad(site, optimizer=self.facts_of(owner), receiver=site.receiver()))

    def scheduler_step(self, scheduler: Any, given: tuple[Any, ...]) -> None:
        self.engine.schedulers.stepped(scheduler, given)
        if self._recording():
            kind = type(scheduler)
            name = f"torch.optim.lr_scheduler.{kind.__name__}" if kind.__module__.startswith("torch.") else None
            optimizer = getattr(scheduler, "optimizer", None)
            self.observe(SchedulerStep(self.engine.here(), scheduler, name, len(given), optimizer))

    def clip(self, name: str) -> None:
        if self._recording():
            self.observe(ClipGradients(self.engine.here(), name))

    def scaler(self, name: str, scaler: Any) -> None:
        self.engine.statistics.scaled = True
        if self._recording() and name in ("update", "unscale_") and not self.within:
            self.observe(ScalerCall(self.engine.here(), scaler, name))

    def scaled_step(self, scaler: Any, original: Any, args: Any, kwargs: Any) -> Any:
        """`scaler.step(optimizer)`: the step of the optimizer inside it is the same one, and may be left out."""
        optimizer = args[0] if args else kwargs.get("optimizer")
        if self._recording() and isinstance(optimizer, torch.optim.Optimizer):
            facts = self.facts_of(optimizer)
            self.observe(OptimizerStep(self.engine.here(), facts, facts, scaler=True, tool=scaler))
        self.within = True
        try:
            return original(scaler, *args, **kwargs)
        except AssertionError:
            self.broken()
            raise
        finally:
            self.within = False

    def broken(self) -> None:
        """The loss was not scaled, the scale not updated, or a step left out: said by the parts so far."""
        if not self.composed:
            self.compose(broken=True)
            self.engine.flush()

    def multiplied(self, loss: Any) -> None:
        """A loss times the scale."""
        self.scaled = weakref.ref(loss) if isinstance(loss, torch.Tensor) else None

    def owner(self, loss: torch.Tensor) -> str:
        """Whose backward pass it is."""
        return "scaler" if self.scaled is not None and self.scaled() is loss else "tensor"

    def gradient_access(self, *, functional: bool = False) -> None:
        """The program reads or writes a gradient by hand, or (`functional`) computes one."""
        self.by_hand = self.by_hand or not functional
        if self._recording():
            self.observe(GradientAccess(self.engine.here(), functional))

    def facts_of(self, optimizer: torch.optim.Optimizer) -> OptimizerFacts:
        facts: OptimizerFacts | None = self.facts.get(optimizer)
        if facts is None:
            kind = type(optimizer)
            own = kind.__module__.startswith("torch.optim")
            facts = OptimizerFacts(
                name=f"optim.{kind.__name__}" if own else kind.__name__,
                canonical=f"torch.optim.{kind.__name__}" if own else None,
                complete=False,
            )
            self.facts[optimizer] = facts
        return facts

    # -- iterations -------------------------------------------------------------------------------------------------------
    def finish(self, *, ended: bool) -> None:
        if not self.composed:
            self.compose(ended=ended)

    def compose(self, *, ended: bool = False, broken: bool = False) -> None:
        """Put the recorded parts together: one iteration for each loop that goes backward."""
        self.composed = True
        records, self.records = self.records, []
        self.owners()
        for iteration in iterations(records, ended=ended, broken=broken):
            self.engine.observe(dataclasses.replace(iteration, loader=self.engine.datasets.recent()))

    def owners(self) -> None:
        """Which modules' parameters each optimizer holds, now that the models are known."""
        models = self.engine.evaluation.roots
        for optimizer, facts in self.facts.items():
            held = {id(each) for group in optimizer.param_groups for each in group["params"]}
            owners = [model for model in models if _ids(model) and _ids(model) <= held]
            facts.owners = tuple(module_facts(each) for each in owners)
            facts.parts = frozenset(module_facts(part) for each in owners for part in each.modules())
            facts.complete = set().union(*map(_ids, owners)) == held


def _ids(model: nn.Module) -> set[int]:
    return {id(each) for each in model.parameters()}
