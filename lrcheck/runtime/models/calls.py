"""Calls of whole models in steps that nobody traces: a few comparisons each.

They are seen in the class of the model. A hook would do as well, but torch takes the long way through each call of a module that
has one, which costs twice as much as what is done here; and a hook would be copied and saved with the model.

In a long run nobody looks at the calls of training steps any more: where batches come from loaders, an evaluation begins with a
loader that begins, with one that ends, or with a change of mode, and each of these wakes the calls until training goes on.
"""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

if TYPE_CHECKING:
    from lrcheck.runtime.models.evaluation import Evaluation

_Call = Callable[..., Any]
LATE = 4096  # steps in which every call of a model is seen: who evaluates in the middle of an epoch has done so by then


class ModelCalls:
    """Which modules are models, and their classes, whose `__call__` is replaced while the tracer is off."""

    def __init__(self, evaluation: Evaluation) -> None:
        self.evaluation = evaluation
        self.models: dict[int, weakref.ref[nn.Module]] = {}
        self._kinds: dict[type, tuple[_Call, _Call | None]] = {}  # class -> what is called instead, its own `__call__`
        self._on = False
        self.rest = LATE  # the step from which on the calls of training steps need not be seen

    def follow(self, module: nn.Module) -> None:
        """From now on the calls of this module are seen."""
        key = id(module)
        self.models[key] = weakref.ref(module, lambda _: self.models.pop(key, None))
        kind = next(each for each in type(module).__mro__ if each in self._kinds or "__call__" in vars(each))
        if kind in self._kinds:
            return
        kind = type(module)
        own = vars(kind).get("__call__")
        self._kinds[kind] = _seen(self, own or _inherited(kind)), own
        if self._on:
            self.listen(on=True)

    def alive(self) -> list[nn.Module]:
        """The models that are still there, in the order in which they were met."""
        return [module for module in (reference() for reference in list(self.models.values())) if module is not None]

    def listen(self, *, on: bool) -> None:
        """Replace the `__call__` of each class, or put it back."""
        self._on = on
        for kind, (seen, own) in self._kinds.items():
            if on:
                kind.__call__ = seen  # type: ignore[method-assign]
            elif own is not None:
                kind.__call__ = own  # type: ignore[method-assign]
            elif "__call__" in vars(kind):
                del kind.__call__

    def wake(self) -> None:
        """An evaluation may begin."""
        engine = self.evaluation.engine
        if engine.step >= LATE:
            self.rest = engine.step + 1
            if not self._on and not engine.tracer.on:
                self.listen(on=True)

    def trains(self) -> None:
        """A model is called for a training step, one after others like it: no more is to be seen here, if its batch came from a loader."""
        engine = self.evaluation.engine
        if engine.quiet and engine.batches.recent is not None:
            self.listen(on=False)

    def stop(self) -> None:
        self.listen(on=False)
        self.models.clear()
        self._kinds.clear()


def _inherited(kind: type) -> _Call | None:
    """What a base class between the model and `nn.Module` calls; None where that is `nn.Module` itself."""
    owner = next(each for each in kind.__mro__ if "__call__" in vars(each))
    return None if owner is nn.Module else vars(owner)["__call__"]


def _seen(calls: ModelCalls, original: _Call | None) -> _Call:
    seen, engine, models = calls.evaluation, calls.evaluation.engine, calls.models
    is_compiling, is_grad_enabled = torch.compiler.is_dynamo_compiling, torch.is_grad_enabled

    @functools.wraps(original or nn.Module.__call__)
    def __call__(self: nn.Module, *args: Any, **kwargs: Any) -> Any:  # noqa: N807  # it replaces one
        if not is_compiling() and id(self) in models:
            if self.training and seen.since < seen.usual and is_grad_enabled():  # as a rule
                seen.since += 1
                if engine.step > calls.rest and seen.since == 1:
                    calls.trains()
            else:
                seen.model_called(self)
        if original is not None:
            return original(self, *args, **kwargs)
        return nn.Module.__call__(self, *args, **kwargs)  # which the tracer, or torch.fx, may have replaced

    return __call__
