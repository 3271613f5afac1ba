"""One question that is asked of each model once: does the prediction for one sample depend on the others of its batch?

The model runs twice more, in evaluation mode and without gradients, behind the second optimizer step, on that step's batch. Modes,
buffers, attributes of the modules and every random state are put back; a model with hooks, a wrapper of several processes
and a compiled model are left alone, and so is one that fails.
"""

from __future__ import annotations

import contextlib
import io
import random
import sys
import weakref
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _NormBase

from lrcheck.events import BatchProbe

if TYPE_CHECKING:
    from lrcheck.findings import Site
    from lrcheck.runtime.engine import Engine

STEP = 1  # the step, counted from 0, whose batch is used: the first one may still set up lazy parts
MODELS = 4  # models that are asked, at most
SAMPLES = 4  # the least batch
LARGEST = 50_000_000  # parameters and inputs beyond which nothing is asked
_ALONE = ("torch.distributed", "torch.nn.parallel", "torch.jit", "torch._dynamo", "torch.fx", "deepspeed", "accelerate")


class Probes:
    """Holds the arguments of one call until the end of its step."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.waiting: list[tuple[nn.Module, Tensor, Site]] = []
        self.asked = 0
        self.before: weakref.ref[Tensor] | None = None  # the input of the first step

    def offer(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], output: object) -> None:
        """A model was called in a training step that is traced: is the call one that can be repeated?"""
        if self.engine.step < STEP and args and isinstance(args[0], Tensor):
            self.before = weakref.ref(args[0])
        if self.engine.step != STEP or len(args) != 1 or kwargs or self.asked >= MODELS or not torch.is_grad_enabled():
            return
        batch = args[0]
        if not isinstance(batch, Tensor) or not isinstance(output, Tensor) or not module.training:
            return
        rows = batch.size(0) if batch.dim() > 1 else 0
        from_loader = self.engine.tracer.facts(batch).roots == {"input"} and rows == self.engine.tracer.batch
        per_sample = output.dim() > 0 and output.size(0) == rows and tuple(output.shape[1:]) != (rows,)
        if self.engine.batches.recent is None and (self.before is None or self.before() is batch):
            return  # all samples in each step: they may belong together, as the nodes of a graph do
        if not from_loader or not per_sample or rows < SAMPLES or not output.requires_grad:
            return
        if _askable(module, batch) and all(module is not known for known, _, _ in self.waiting):
            self.waiting.append((module, batch, self.engine.here()))

    def ask(self) -> None:
        """The step has ended."""
        waiting, self.waiting = self.waiting, []
        for module, batch, site in waiting:
            self.asked += 1
            found = _change(module, batch.detach())
            if found is not None:
                self.engine.observe(BatchProbe(site, *found))


def _askable(module: nn.Module, batch: Tensor) -> bool:
    size = batch.numel() + sum(each.numel() for each in module.parameters())
    if size > LARGEST or batch.is_meta:
        return False
    for part in module.modules():
        if type(part).__module__.startswith(_ALONE) or type(part).__name__ == "OptimizedModule":
            return False
        if isinstance(part, _NormBase) and part.running_mean is None:
            return False  # uses the statistics of the batch at all times
        hooks = [*part._forward_hooks.values(), *part._forward_pre_hooks.values()]
        if any(getattr(hook, "__module__", "") != "lrcheck.runtime.evaluation" for hook in hooks):
            return False
    return True


@torch.no_grad()
def _change(module: nn.Module, batch: Tensor) -> tuple[float, float] | None:
    """How much the first and the last output change when only the samples between them do, and the size of the output."""
    other = batch.clone()
    other[1:-1] = batch[:1]  # values that the model takes, whatever they stand for
    if torch.equal(other, batch):
        return None
    try:
        with _as_it_was(module, batch.device):
            first = module(batch)
        with _as_it_was(module, batch.device):
            second = module(other)
    except Exception:  # noqa: BLE001  # a model may refuse evaluation: then nothing is known
        return None
    if not isinstance(first, Tensor) or not isinstance(second, Tensor) or first.shape != second.shape:
        return None
    if first.dim() == 0 or first.size(0) != batch.size(0) or not first.is_floating_point():
        return None
    ends = [0, -1]
    numbers = torch.stack([(first[ends] - second[ends]).abs().max().float(), first[ends].abs().max().float()]).tolist()
    return (numbers[0], numbers[1]) if all(each < float("inf") for each in numbers) else None


@contextlib.contextmanager
def _as_it_was(module: nn.Module, device: torch.device) -> Iterator[None]:
    """Evaluation mode inside; modes, attributes, buffers and random states are those of before afterwards."""
    numpy: Any = sys.modules.get("numpy")
    python, numbers = random.getstate(), numpy.random.get_state() if numpy is not None else None
    parts = list(module.modules())
    kept = [(vars(part), name, value, _items(value)) for part in parts for name, value in vars(part).items()]
    names = [(vars(part), set(vars(part))) for part in parts]
    buffers = [(each, each.detach().clone()) for each in module.buffers()]
    devices = [device] if device.type == "cuda" else []
    try:
        with torch.random.fork_rng(devices=devices), contextlib.redirect_stdout(io.StringIO()):
            for part in parts:
                part.training = False
            yield
    finally:
        for attributes, known in names:
            for name in [each for each in attributes if each not in known]:
                del attributes[name]
        for attributes, name, value, items in kept:
            if attributes.get(name, buffers) is not value:
                attributes[name] = value
            if items is not None:
                _restore(value, items)
        for buffer, value in buffers:
            if not torch.equal(buffer, value):
                buffer.copy_(value)
        random.setstate(python)
        if numpy is not None:
            numpy.random.set_state(numbers)


def _items(value: object) -> list[Any] | None:
    """What a list, dict or set holds."""
    if type(value) is dict:
        return [part for pair in value.items() for part in pair]
    return list(value) if type(value) in (list, set) else None  # type: ignore[call-overload]


def _restore(value: Any, items: list[Any]) -> None:
    """Put back what it held, in place, where that has changed."""
    now = _items(value) or []
    if len(now) == len(items) and all(one is other for one, other in zip(now, items, strict=True)):
        return
    value.clear()
    if isinstance(value, dict):
        value.update(zip(items[::2], items[1::2], strict=True))
    elif isinstance(value, list):
        value.extend(items)
    else:
        value.update(items)
