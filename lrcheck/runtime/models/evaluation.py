"""Forward passes of whole models: which module is the model, and where an evaluation pass begins and ends."""

from __future__ import annotations

import dataclasses
import weakref
from threading import get_ident
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from lrcheck.events import Comparison, EvaluationPass, Event, ForwardCall, LossCall
from lrcheck.facts import Form, TensorFacts
from lrcheck.knowledge.operations import COMPARISON_METHODS
from lrcheck.runtime.models.calls import ModelCalls
from lrcheck.runtime.places.sites import LoopSite, loop_here
from lrcheck.runtime.tensors.meetings import DIFFERENCES
from lrcheck.runtime.tensors.memory import Memory, module_facts

if TYPE_CHECKING:
    from lrcheck.runtime.engine import Engine

MODELS = 8  # roots that are followed, at most
ENOUGH = 2  # forward passes without gradients that make an evaluation
PATIENCE = 4  # forward passes without any comparison, after which nobody looks on
_READING = frozenset(
    {"tolist", "numpy", "item", "__array__", *COMPARISON_METHODS, "__eq__", "__ne__", "eq", "ne", *DIFFERENCES}
)
LEARNING = 8  # backward passes that teach how many forward passes belong to one of them


class Evaluation:
    """Counts forward passes between backward passes."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.calls = ModelCalls(self)
        self.trained: Any = weakref.WeakSet()  # models that took part in a backward pass
        self.called: list[weakref.ref[nn.Module]] = []  # with gradients, since the last backward
        self.forwards: list[ForwardCall] = []  # of the pass that may be an evaluation
        self.key: object = None  # model, mode and gradients of these
        self.evidence: Event | None = None
        self.labelled = False  # labels of the samples were used meanwhile
        self.certain = False  # the evidence is about the very output of the last forward pass: one is enough
        self.site: LoopSite | None = None
        self.done: set[object] = set()
        self.most = 1  # forward passes before one backward, at most
        self.since = 0  # the same, since the last backward
        self.usual = 2  # forward passes since then that are just training; -1 where each of them is looked at
        self.backwards = 0
        self.frozen = 0  # backward passes through a model in evaluation mode
        self.model: weakref.ref[nn.Module] | None = None  # of the last forward pass that was looked at
        self.begun: tuple[weakref.ref[Any], int] | None = (
            None  # the data set of the loader that runs, backward passes then
        )
        self.tests: list[weakref.ref[Any]] = []  # data sets that were gone through without any backward pass

    # -- which module is the model ----------------------------------------------------------------------------------------
    def root(self, module: nn.Module) -> None:
        """An outermost module was called while tracing: from now on its calls are seen in every step."""
        known = self.calls.models
        if id(module) in known or len(known) >= MODELS or type(module).__name__ == "OptimizedModule":
            return
        if next(module.parameters(), None) is not None:
            self.calls.follow(module)

    @property
    def roots(self) -> list[nn.Module]:
        """The models of the program, as far as they are followed."""
        return self.calls.alive()

    def mark(self, module: nn.Module, output: Tensor, memory: Memory) -> None:
        """The output of a model: what it was made of, and whose it is."""
        if next(module.parameters(), None) is None:
            return
        facts = memory.of(output)
        roots = (facts.roots or frozenset({"input"})) | {"model"}
        memory.put(output, facts.but(model=module_facts(module), roots=roots))

    # -- passes -----------------------------------------------------------------------------------------------------------
    def model_called(self, module: nn.Module) -> None:
        """A model is called, and not just once more for the next training step."""
        engine = self.engine
        if get_ident() != engine.thread:
            return
        if engine.tracer.lingering:
            engine.tracer.tidy()
        self.usual = 2 * self.most
        grad = torch.is_grad_enabled()
        if grad:
            self.since += 1
            if module.training and self.since <= self.usual:
                return
        if not engine.attentive or torch._C._get_tracing_state():  # a trace must be the same each time
            return
        strange = not grad or not module.training or self.since > 2 * self.most
        if strange and module in self.trained and (id(module), module.training, grad) not in self.done:
            engine.listen(True)  # before the call itself, which is traced

    # -- loaders ------------------------------------------------------------------------------------------------------------
    def loader_begins(self, dataset: Any) -> None:
        """The first batch of a loader is asked for."""
        self.calls.wake()
        try:
            self.begun = (weakref.ref(dataset), self.backwards)
        except TypeError:  # a list
            self.begun = None
            return
        engine = self.engine
        if not engine.tracer.on and engine.attentive and any(each() is dataset for each in self.tests):
            engine.listen(True)

    def loader_ends(self, dataset: Any) -> None:
        """A loader is exhausted: a data set that is not trained on, and no backward pass since its first batch?"""
        begun, self.begun = self.begun, None
        self.calls.wake()
        if self.certain:
            self._complete()
        if begun is None or begun[0]() is not dataset or begun[1] != self.backwards or self.backwards < LEARNING:
            return
        if dataset is self.engine.overlap.trained:
            return
        self.engine.overlap.goes_through(begun[0])
        if self.forwards and self.labelled and self.evidence is None:  # by a function that nobody follows
            self.evidence = self.forwards[-1]
            self._complete(sure=True)
        if not self.since:
            return
        known = any(each() is dataset for each in self.tests)
        if self.forwards and self.evidence is not None:
            self._complete(sure=True)
        elif not known and len(self.tests) < MODELS:
            self.tests.append(begun[0])
        if known:
            self.tests = [each for each in self.tests if each() is not dataset]
            if not self.engine.sampled and self.engine.tracer.on:
                self.engine.listen(False)

    def forward(self, module: nn.Module, given: tuple[Any, ...] = ()) -> None:
        """A traced forward pass of an outermost module begins."""
        grad = torch.is_grad_enabled()
        if grad and not (module in self.trained and not module.training):
            self.called.append(weakref.ref(module))
        if module not in self.trained or next(module.parameters(), None) is None:  # a loss
            return
        key = (id(module), module.training, grad)
        if key in self.done:
            return
        if key != self.key:
            if self.forwards and not grad and self._continues(module, given):
                return
            if self.certain:
                self._complete()
            self._restart(key)
        self._complete()
        if key in self.done:
            return
        now = dataclasses.replace(module_facts(module), training=module.training)
        self.forwards.append(
            ForwardCall(self.engine.here(), now, TensorFacts(), TensorFacts(), grad, owner=module_facts(module))
        )
        self.model = weakref.ref(module)
        if self.site is None:
            self.site = loop_here()

    def _continues(self, module: nn.Module, given: tuple[Any, ...]) -> bool:
        """Is it given what another model has made, as a decoder is?"""
        own, memory = module_facts(module), self.engine.tracer.memory
        models = [memory.of(each).model for each in given if isinstance(each, Tensor)]
        return any(each is not None and each is not own for each in models)

    def observe(self, event: Event) -> None:
        """Predictions compared with targets, or a loss without gradients: what makes forward passes an evaluation."""
        if not self.forwards or self.evidence is not None:
            return
        if (isinstance(event, LossCall) and "model" in event.input.roots) or (
            isinstance(event, Comparison) and event.operator == "==" and _compares_labels(event)
        ):
            self.evidence = event
            self.certain = self._is_certain(event)

    def uses(self, name: str, facts: list[TensorFacts]) -> None:
        """Something is done with tensors: are the labels of an evaluation read, perhaps for a function that nobody follows?"""
        if name in _READING and self.forwards and any(each.roots == {"target"} for each in facts):
            self.labelled = True

    def _is_certain(self, event: Event) -> bool:
        """Predictions made without gradients are compared with labels, or their mean loss on other samples is computed."""
        owner = self.forwards[-1].owner
        if isinstance(event, Comparison):
            sides = [each for each in (event.left, event.right) if each is not None]
            ours = [each for each in sides if _model_of(each) is owner and each.attached is False]
            return len(ours) == 1 and all(_model_of(each) is None for each in sides if each is not ours[0])
        if not isinstance(event, LossCall) or event.training or event.loss.reduction not in ("mean", "sum"):
            return False
        return event.input.model is owner and event.target.model is None and self.engine.batches.other

    def backward(self) -> None:
        """A backward pass: what came before it was training."""
        if self.certain:
            self._complete()
        self.backwards += 1
        if self.backwards <= LEARNING and self.since > self.most:
            self.most, self.usual = self.since, 2 * self.since
        self.since = 0
        if self.forwards and self.forwards[-1].grad_enabled and self.model is not None:
            self._trained_in_evaluation_mode(self.model())
        elif self.called:
            self.engine.modes.other_backward()
        if self.called:
            self.trained.update(filter(None, (reference() for reference in self.called)))
            self.called.clear()
        if self.forwards:
            self._restart(None)

    def differentiated(self) -> None:
        """The program asks for gradients by itself: the forward passes so far record the graph for a reason."""
        if self.forwards and self.forwards[-1].grad_enabled:
            self._restart(None)

    def _trained_in_evaluation_mode(self, module: nn.Module | None) -> None:
        """A few times are looked at: a model may be trained so on purpose."""
        if module is None or module.training:
            return
        self.engine.modes.backward(module, self.forwards[-1])
        self.frozen += 1
        if self.frozen >= ENOUGH:
            self.done.add(self.key)

    def finish(self) -> None:
        self._complete()

    def _restart(self, key: object) -> None:
        self.forwards.clear()
        self.evidence, self.site, self.key, self.certain, self.labelled = None, None, key, False, False

    def _complete(self, *, sure: bool = False) -> None:
        """Enough forward passes with predictions compared and no backward between them: an evaluation."""
        if len(self.forwards) > 2 * self.most + PATIENCE and self.evidence is None:
            if self.labelled and self.engine.batches.dataset is not self.engine.overlap.trained:
                self.evidence = self.forwards[-1]  # predictions and labels are collected
            else:
                self._end()  # nothing is compared here: an inference, a feature extraction
        if not self.forwards or self.evidence is None:
            return
        first = self.forwards[0]
        if self.certain and len(self.forwards) == 1 and not sure:
            if self.engine.batches.recent is None and not first.grad_enabled:
                self.engine.observe(EvaluationPass(first.site, tuple(self.forwards), self.evidence, single=True))
                self.engine.flush()
                self._end()
            return
        if self.site is None:
            return
        if first.grad_enabled and not sure and (self.since <= 2 * self.most + 1 or self.backwards < LEARNING):
            return
        if len(self.forwards) < ENOUGH and not sure and not first.grad_enabled:
            return
        self.engine.quietly(self.engine.overlap.evaluated, self.site)
        self.engine.observe(EvaluationPass(self.site, tuple(self.forwards), self.evidence))
        self.engine.flush()
        self._end()

    def _end(self) -> None:
        """Look no further at the model in its present mode."""
        self.done.add(self.key)
        self._restart(None)
        if not self.engine.sampled and not self.engine.alone.active:
            self.engine.listen(False)


def _model_of(facts: TensorFacts) -> object | None:
    """The model that scores or predictions come from."""
    while facts.model is None and facts.made_by is not None and facts.made_by.operand is not None:
        facts = facts.made_by.operand
    return facts.model


def _compares_labels(event: Comparison) -> bool:
    """Two tensors, one of them classes or targets."""
    sides = [each for each in (event.left, event.right) if each is not None]
    return len(sides) == 2 and any(each.form is Form.CLASS_INDEX or "target" in each.roots for each in sides)
