"""The hooks into torch: installed when a watch begins, gone without a trace when it ends."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from threading import get_ident
from time import perf_counter
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.loss import _Loss
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau
from torch.optim.optimizer import (
    Optimizer,
    register_optimizer_step_post_hook,
    register_optimizer_step_pre_hook,
)
from torch.utils.data import DataLoader
from torch.utils.data.dataloader import _BaseDataLoaderIter

from lrcheck.runtime.compiled import compiling, untraced
from lrcheck.runtime.figures import scores
from lrcheck.runtime.health.distributed import is_wrapper
from lrcheck.runtime.places.sites import here, made_at
from lrcheck.runtime.tensors.memory import built_at

if TYPE_CHECKING:
    from lrcheck.runtime.engine import Engine

_RECURRENT = (nn.RNNBase, nn.RNNCellBase)
DATASET_STEPS = 2  # steps in which the code of data sets is followed
_MISSING: Any = object()


class Patches:
    """Attributes of torch that were replaced, and hooks that were registered."""

    def __init__(self) -> None:
        self._attributes: list[tuple[Any, str, Any]] = []
        self._handles: list[Any] = []

    def wrap(self, owner: Any, name: str, wrapper: Callable[[Any], Any]) -> None:
        """Replace an attribute by what `wrapper` makes of it."""
        old = vars(owner).get(name, _MISSING)
        original = getattr(owner, name)
        self._attributes.append((owner, name, old))
        setattr(owner, name, functools.wraps(original)(wrapper(original)))

    def hook(self, handle: Any) -> None:
        self._handles.append(handle)

    def undo(self) -> None:
        """Put everything back, the last change first."""
        while self._attributes:
            owner, name, old = self._attributes.pop()
            if old is _MISSING:
                delattr(owner, name)
            else:
                setattr(owner, name, old)
        for handle in self._handles:
            handle.remove()
        self._handles.clear()


_calls = Patches()  # only while a step is traced


def install(engine: Engine) -> Patches:
    """Listen to backward, optimizers, schedulers, scalers, loaders and constructors."""
    patches = Patches()
    patches.wrap(torch.autograd, "backward", functools.partial(_backward, engine))
    patches.wrap(torch.autograd, "grad", functools.partial(_gradients, engine))
    patches.hook(register_optimizer_step_pre_hook(_before_step(engine)))
    patches.hook(register_optimizer_step_post_hook(_after_step(engine)))
    patches.wrap(Optimizer, "__init__", functools.partial(_optimizer, engine))
    patches.wrap(Optimizer, "add_param_group", functools.partial(_group, engine))
    patches.wrap(Optimizer, "zero_grad", functools.partial(_zero_grad, engine))
    patches.wrap(nn.Module, "zero_grad", functools.partial(_zero_grad, engine))
    patches.wrap(nn.Module, "__init__", functools.partial(_constructed, engine))
    patches.wrap(nn.Module, "_apply", functools.partial(_moved, engine))
    patches.wrap(nn.Module, "train", functools.partial(_train, engine))
    patches.wrap(nn.Module, "load_state_dict", functools.partial(_load, engine))
    patches.wrap(nn.Module, "state_dict", functools.partial(_state, engine))
    patches.wrap(torch, "save", functools.partial(_save, engine))
    patches.wrap(DataLoader, "__init__", functools.partial(_loader, engine))
    patches.wrap(_BaseDataLoaderIter, "__next__", functools.partial(_next, engine))
    for owner in (LRScheduler, ReduceLROnPlateau):
        patches.wrap(owner, "__init__", functools.partial(_scheduler, engine))
        patches.wrap(owner, "step", functools.partial(_scheduler_step, engine))
    for name in ("clip_grad_norm_", "clip_grad_value_"):
        for module in (torch.nn.utils, torch.nn.utils.clip_grad):
            patches.wrap(module, name, functools.partial(_clip, engine))
    for name in ("scale", "unscale_", "step", "update"):
        patches.wrap(torch.amp.GradScaler, name, functools.partial(_scaler, engine, name))
    patches.wrap(torch, "compile", functools.partial(compiling, engine))
    scores.install(engine, patches)
    return patches


def _backward(engine: Engine, original: Any) -> Any:
    evaluation, overlap, batches, curves = engine.evaluation, engine.overlap, engine.batches, engine.statistics.curves

    def backward(tensors: Any, *args: Any, **kwargs: Any) -> Any:
        if engine.quiet and get_ident() == engine.thread and engine.step < curves.peek:  # the hot path
            evaluation.since = 0
            evaluation.backwards += 1
            if evaluation.called or evaluation.forwards:
                evaluation.backward()
            overlap.trained = batches.dataset
            return original(tensors, *args, **kwargs)
        if not engine.attentive or (get_ident() != engine.thread and not engine.threads.adopted()):
            engine.threads.passes()
            return original(tensors, *args, **kwargs)
        if engine.step >= curves.peek:
            engine.quietly(curves.peeks, tensors)
        engine.before_backward(tensors, kwargs.get("retain_graph", args[1] if len(args) > 1 else None))
        engine.attentive = False
        try:
            result = original(tensors, *args, **kwargs)
        finally:
            engine.attentive = True
        engine.after_backward()
        return result

    return backward


def _gradients(engine: Engine, original: Any) -> Any:
    def grad(*args: Any, **kwargs: Any) -> Any:
        if not engine.listens():
            return original(*args, **kwargs)
        engine.differentiates(args[0] if args else kwargs.get("outputs"))
        try:
            return original(*args, **kwargs)
        finally:
            engine.differentiated()

    return grad


def _before_step(engine: Engine) -> Any:
    def before(optimizer: Any, args: Any, kwargs: Any) -> None:
        if engine.quiet:  # nobody looks at what an optimizer does
            return
        if engine.mine and (get_ident() == engine.thread or engine.threads.adopted()):
            closure = kwargs.get("closure") is not None or (len(args) > 1 and callable(args[1]))
            engine.before_step(optimizer, closure)
            if not closure:
                engine.attentive = False

    return before


def _after_step(engine: Engine) -> Any:
    idle, batches = engine.idle, engine.batches

    def after(optimizer: Any, _args: Any, _kwargs: Any) -> None:
        if not engine.mine or get_ident() != engine.thread:
            return
        if idle.waiting:
            idle.waiting.pop(id(optimizer), None)
        if engine.quiet and engine.step + 1 < engine.awake:  # the hot path
            engine.step += 1
            batches.recent = None
            return
        engine.attentive = True
        if engine.quiet:
            engine.boundary()
        else:
            engine.after_step(optimizer)

    return after


def _zero_grad(engine: Engine, original: Any) -> Any:
    def zero_grad(self: Any, *args: Any, **kwargs: Any) -> Any:
        if engine.sampled and engine.listens():
            engine.protocol.zero_grad(self)
        return original(self, *args, **kwargs)

    return zero_grad


def _optimizer(engine: Engine, original: Any) -> Any:
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807  # it replaces one
        if engine.threads.hears():
            engine.making.parameters(args[0] if args else kwargs.get("params"), "the optimizer")
        original(self, *args, **kwargs)
        if engine.threads.hears():
            engine.making.optimizer(self)

    return __init__


def _group(engine: Engine, original: Any) -> Any:
    def add_param_group(self: Any, param_group: Any) -> Any:
        if engine.threads.hears() and isinstance(param_group, dict):
            engine.making.parameters(param_group.get("params"), "a parameter group")
        return original(self, param_group)

    return add_param_group


def _constructed(engine: Engine, original: Any) -> Any:
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807  # it replaces one
        original(self, *args, **kwargs)
        if not engine.threads.hears():
            return
        site = made_at(self)
        if site is not None:
            built_at(self, site)
        engine.making.module(self)
        if is_wrapper(self):
            engine.statistics.ranks.wrapped = True

    return __init__


def _load(engine: Engine, original: Any) -> Any:
    def load_state_dict(self: nn.Module, *args: Any, **kwargs: Any) -> Any:
        if engine.threads.hears():
            engine.making.loads(self)
            engine.quietly(engine.snapshots.loads, self, args[0] if args else kwargs.get("state_dict"))
        return original(self, *args, **kwargs)

    return load_state_dict


def _state(engine: Engine, original: Any) -> Any:
    def state_dict(self: nn.Module, *args: Any, **kwargs: Any) -> Any:
        result = original(self, *args, **kwargs)
        if engine.threads.hears() and sys._getframe(1).f_code is not original.__code__:
            engine.snapshots.takes(self, result)
        return result

    return state_dict


def _save(engine: Engine, original: Any) -> Any:
    def save(*args: Any, **kwargs: Any) -> Any:
        if engine.threads.hears():
            engine.quietly(engine.snapshots.saves, args[0] if args else kwargs.get("obj"))
        return original(*args, **kwargs)

    return save


def _loader(engine: Engine, original: Any) -> Any:
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807  # it replaces one
        original(self, *args, **kwargs)
        if engine.threads.hears():
            engine.datasets.loader(self)

    return __init__


def _next(engine: Engine, original: Any) -> Any:
    waiting, batches, totals, alone = engine.statistics.waiting, engine.batches, engine.totals, engine.alone
    begins, ends, given = _loading(engine)

    def __next__(self: Any) -> Any:  # noqa: N807  # it replaces one
        if not engine.mine or get_ident() != engine.thread:
            return original(self)
        quiet = engine.quiet and self._num_yielded and not (totals.passes or alone.waiting)  # the hot path
        attentive = engine.attentive
        if not quiet:
            begins(self)
            engine.attentive = attentive and engine.step < DATASET_STEPS
        begun = perf_counter()
        try:
            batch = original(self)
        except StopIteration:
            engine.attentive = attentive
            ends(self)
            raise
        except Exception as error:
            engine.datasets.failed(self._dataset, error)
            raise
        finally:
            engine.attentive = attentive
        waiting.loading += perf_counter() - begun
        batches.recent, batches.dataset = batch, self._dataset
        if not quiet:
            given(self, batch)
        return batch

    return __next__


def _loading(engine: Engine) -> tuple[Callable[[Any], None], Callable[[Any], None], Callable[[Any, Any], None]]:
    """What is asked of a loader before a batch is loaded, at its end, and behind a batch."""
    batches, evaluation, totals, alone = engine.batches, engine.evaluation, engine.totals, engine.alone

    def begins(loader: Any) -> None:
        if not loader._num_yielded:
            evaluation.loader_begins(loader._dataset)
            engine.quietly(totals.begins, loader)
            engine.quietly(alone.begins, loader)
        elif totals.passes:
            engine.quietly(totals.asked, loader)
        if alone.waiting:
            alone.asked(loader)

    def ends(loader: Any) -> None:
        batches.recent = None
        evaluation.loader_ends(loader._dataset)
        engine.passes.ends(loader._dataset)
        if totals.passes:
            engine.quietly(totals.ends, loader)

    def given(loader: Any, batch: Any) -> None:
        if loader._num_yielded == 1:
            engine.quietly(engine.passes.begins, loader, batch)
        if totals.passes:
            totals.given(loader, batch)
        if not engine.quiet:
            batches.sampler = loader._index_sampler
            batches.given()
            if engine.sampled:
                engine.statistics.waiting.asked = engine.here()

    return begins, ends, given


def _scheduler(engine: Engine, original: Any) -> Any:
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807  # it replaces one
        original(self, *args, **kwargs)
        if engine.threads.hears():
            engine.schedulers.made(self)

    return __init__


def _train(engine: Engine, original: Any) -> Any:
    def train(self: nn.Module, mode: bool = True) -> nn.Module:  # as torch declares it
        outer = sys._getframe(1).f_code
        if engine.threads.hears() and (outer.co_name != "train" or outer is not original.__code__):
            engine.modes.switched(self, training=mode)
            engine.evaluation.calls.wake()
        result: nn.Module = original(self, mode)
        return result

    return train


def _moved(engine: Engine, original: Any) -> Any:
    """`module.to(device)`: where the parameters went is known behind the call."""

    def apply(self: nn.Module, *args: Any, **kwargs: Any) -> nn.Module:
        result: nn.Module = original(self, *args, **kwargs)
        if engine.threads.hears() and sys._getframe(1).f_code.co_name != "_apply":
            first = next(self.parameters(), None)
            site = here()
            if first is not None and site is not None:
                engine.moved[first.device.type] = site
        return result

    return apply


def _scheduler_step(engine: Engine, original: Any) -> Any:
    def step(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not engine.listens():
            return original(self, *args, **kwargs)
        engine.protocol.scheduler_step(self, (*args, *kwargs.values()))
        try:
            return original(self, *args, **kwargs)
        except TypeError:
            engine.schedulers.failed(self)
            raise

    return step


def _clip(engine: Engine, original: Any) -> Any:
    def clip(*args: Any, **kwargs: Any) -> Any:
        if engine.listens():
            engine.making.parameters(args[0] if args else kwargs.get("parameters"), "the clipping")
            engine.protocol.clip(original.__name__)
        return original(*args, **kwargs)

    return clip


def _scaler(engine: Engine, name: str, original: Any) -> Any:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not engine.listens() or not self.is_enabled():
            return original(self, *args, **kwargs)
        engine.protocol.scaler(name, self)
        if name == "step":
            return engine.protocol.scaled_step(self, original, args, kwargs)
        try:
            result = original(self, *args, **kwargs)
        except AssertionError:
            engine.protocol.broken()
            raise
        if name == "scale":
            engine.protocol.multiplied(result)
        return result

    return method


# -- module calls, only while a step is traced ------------------------------------------------------------------------------
def module_calls(engine: Engine) -> None:
    """Follow which module is being called, so that operations know their layer."""
    if not _calls._attributes:
        _calls.wrap(nn.Module, "__call__", functools.partial(_module_call, engine))


def no_module_calls() -> None:
    _calls.undo()


def _module_call(engine: Engine, original: Any) -> Any:
    def __call__(self: nn.Module, *args: Any, **kwargs: Any) -> Any:  # noqa: N807  # it replaces one
        tracer = engine.tracer
        if not tracer.listens():
            return original(self, *args, **kwargs)
        if type(self).__name__ == "OptimizedModule":  # the compiled function is inside
            with untraced(engine):
                output = original(self, *args, **kwargs)
        else:
            engine.making.called(self)
            engine.uses.layer(self)
            if isinstance(self, _BatchNorm):
                engine.normalising.called(self, args, tracer.modules)
            engine.uses.inside(sys._getframe(1))
            outermost = not any(not isinstance(each, _Loss) for each in tracer.modules)
            if outermost and not isinstance(self, _Loss):
                engine.batches.taken((*args, *kwargs.values()))
                engine.evaluation.forward(self, args)
            if id(self) in engine.evaluation.calls.models and torch.is_grad_enabled():
                engine.evaluation.since += 1
            recurrent = outermost or isinstance(self, _RECURRENT)
            if recurrent:
                engine.carried.calls(self, args, kwargs)
            tracer.modules.append(self)
            try:
                output = original(self, *args, **kwargs)
            finally:
                if tracer.modules:
                    tracer.modules.pop()
            if recurrent:
                engine.carried.called(self, output)
        if not tracer.modules and not isinstance(self, _Loss):
            engine.module_called(self, args, output, kwargs)
        if not self._modules:
            engine.quietly(engine.statistics.layer, self, output)
        return output

    return __call__


def first_tensor(args: tuple[Any, ...]) -> Tensor | None:
    return next((each for each in args if isinstance(each, Tensor)), None)
