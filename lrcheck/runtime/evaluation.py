"""Forward passes of whole models: which module is the model, and where an evaluation pass begins and ends."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from lrcheck.events import ArgReduction, Comparison, EvaluationPass, Event, ForwardCall, LossCall
from lrcheck.facts import TensorFacts
from lrcheck.runtime.memory import Memory, module_facts
from lrcheck.runtime.sites import LoopSite, user_frames

if TYPE_CHECKING:
    from lrcheck.runtime.engine import Engine

MODELS = 8  # roots that are followed, at most
ENOUGH = 2  # forward passes that make an evaluation


class Evaluation:
    """Counts forward passes between backward passes, per model."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.roots: Any = weakref.WeakKeyDictionary()  # model -> hook handle
        self.trained: Any = weakref.WeakSet()  # models that took part in a backward pass
        self.forwards: list[ForwardCall] = []
        self.current: list[Any] = []  # weak references to models called since the last backward
        self.evidence: list[Event] = []
        self.most = 1  # forward passes before one backward, at most, so far
        self.since = 0
        self.site: LoopSite | None = None
        self.done: set[object] = set()

    # -- which module is the model ----------------------------------------------------------------------------------------
    def root(self, module: nn.Module) -> None:
        """An outermost module was called while tracing: from now on its calls are seen in every step."""
        if module in self.roots or len(self.roots) >= MODELS or type(module).__name__ == "OptimizedModule":
            return
        if next(module.parameters(), None) is not None:
            self.roots[module] = module.register_forward_pre_hook(self._called)

    def mark(self, module: nn.Module, output: Tensor, memory: Memory) -> None:
        """The output of a model: what it was made of, and whose it is."""
        if next(module.parameters(), None) is None:
            return
        facts = memory.of(output)
        memory.put(output, facts.but(model=module_facts(module), roots=(facts.roots or frozenset({"input"})) | {"model"}))

    def unhook(self) -> None:
        for handle in list(self.roots.values()):
            handle.remove()
        self.roots.clear()

    # -- passes -----------------------------------------------------------------------------------------------------------
    def _called(self, module: nn.Module, args: Any) -> None:
        """The hot path: one comparison for a training step."""
        self.since += 1
        if self.engine.tracer.on or not self.engine.attentive:
            return
        strange = not module.training or not torch.is_grad_enabled() or self.since > 2 * self.most
        if strange and self.engine.step and len(self.forwards) <= ENOUGH and self._key(module) not in self.done:
            self.engine.listen(True)
            self.forward(module, args)

    def forward(self, module: nn.Module, args: Any) -> None:
        """A traced forward pass of a model begins."""
        del args
        if module not in self.trained and not self.engine.step:
            self.current.append(weakref.ref(module))
            return
        self.current.append(weakref.ref(module))
        self._complete(module)
        site = self.engine.here()
        self.forwards.append(
            ForwardCall(site, module_facts(module), TensorFacts(), TensorFacts(), torch.is_grad_enabled())
        )
        if self.site is None:
            self.site = _loop()

    def observe(self, event: Event) -> None:
        """Predictions compared with targets: what makes forward passes an evaluation."""
        if isinstance(event, Comparison | ArgReduction | LossCall) and self.forwards:
            self.evidence.append(event)

    def backward(self) -> None:
        """A backward pass: what came before it was training, the last forward passes at least."""
        if self.since > self.most and self.since <= 2 * self.most:
            self.most = self.since
        self.since = 0
        for reference in self.current:
            module = reference()
            if module is not None:
                self.trained.add(module)
        self.current.clear()
        self.forwards.clear()
        self.evidence.clear()
        self.site = None

    def finish(self) -> None:
        module = self.current[-1]() if self.current else None
        if module is not None:
            self._complete(module)

    def _key(self, module: nn.Module) -> object:
        return (id(module), module.training, torch.is_grad_enabled())

    def _complete(self, module: nn.Module) -> None:
        """Two forward passes with predictions compared, and no backward between: an evaluation."""
        if len(self.forwards) < ENOUGH or self.site is None or module not in self.trained:
            return
        if not any(isinstance(each, Comparison | LossCall) for each in self.evidence):
            return
        first = self.forwards[0]
        key = (id(module), first.module.training if first.module else None, first.grad_enabled)
        if key in self.done:
            return
        self.done.add(key)
        facts = module_facts(module)
        facts.training = module.training
        self.engine.observe(
            EvaluationPass(
                self.site,
                tuple(self.forwards),
                tuple(each for each in self.evidence if isinstance(each, Comparison)),
                facts,
                module.training,
                first.grad_enabled,
            )
        )
        self.engine.flush()


def _loop() -> LoopSite | None:
    """The innermost loop of the user around the call of the model."""
    for frame in user_frames():
        found = LoopSite.around(frame.f_code, frame.f_lineno)
        if found is not None:
            return found
    return None
