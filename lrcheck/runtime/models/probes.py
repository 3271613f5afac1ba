"""One question that is asked of each model once: does the prediction for one sample depend on the others of its batch?

On the other samples themselves, or on its place among them. The model runs three times more, in evaluation mode and without gradients, behind the second optimizer step, on that step's batch. Modes,
buffers, attributes of the modules and every random state are put back; a model with hooks, a wrapper of several processes
and a compiled model are left alone, and so is one that fails.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import random
import sys
import weakref
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _NormBase

from lrcheck.events import BatchProbe
from lrcheck.runtime.places.sites import NOWHERE

if TYPE_CHECKING:
    from lrcheck.findings import Site
    from lrcheck.runtime.engine import Engine

STEP = 1  # the step, counted from 0, whose batch is used: the first one may still set up lazy parts
MODELS = 4  # models that are asked, at most
SAMPLES = 4  # the least batch
LARGEST = 50_000_000  # parameters and inputs beyond which nothing is asked
_SEQUENCES = (nn.RNNBase, nn.MultiheadAttention)  # which take a matrix as one sample
_BY_TIME = (nn.TransformerEncoderLayer, nn.TransformerDecoderLayer, nn.MultiheadAttention, nn.RNN, nn.GRU, nn.LSTM)
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
        per_sample = output.dim() > 0 and output.size(0) == rows and tuple(output.shape[1:]) != (rows,)
        if self.engine.batches.recent is None and (self.before is None or self.before() is batch):
            return  # all samples in each step: they may belong together, as the nodes of a graph do
        if not self._samples(batch, output) or not per_sample or rows < SAMPLES or not output.requires_grad:
            return
        if _askable(module, batch) and all(module is not known for known, _, _ in self.waiting):
            self.waiting.append((module, batch, self.engine.here()))

    def _samples(self, batch: Tensor, output: Tensor) -> bool:
        """Are the rows samples? Those of a loader's batch are; of the program's own numbers, where each has a label or numbers."""
        tracer, roots = self.engine.tracer, self.engine.tracer.facts(batch).roots
        if self.engine.batches.recent is not None:
            return roots == {"input"} and batch.size(0) == tracer.batch
        if roots == {"constant"} and (batch.size(1) == 1 or (batch.dim() == 2 and batch.is_floating_point())):
            return False  # perhaps points in time
        sequences = batch.dim() == 3 and output.dim() == 2 and batch.size(1) not in (1, output.size(1))
        return roots in ({"input"}, {"constant"}) and (sequences or batch.size(0) == tracer.batch)

    def ask(self) -> None:
        """The step has ended."""
        waiting, self.waiting = self.waiting, []
        for module, batch, site in waiting:
            self.asked += 1
            found = _change(module, batch.detach())
            if found is not None:
                self.engine.observe(dataclasses.replace(found, site=site))


def _askable(module: nn.Module, batch: Tensor) -> bool:
    size = batch.numel() + sum(each.numel() for each in module.parameters())
    if size > LARGEST or batch.is_meta:
        return False
    for part in module.modules():
        compiled = type(part).__name__ == "OptimizedModule" or getattr(part, "_compiled_call_impl", None) is not None
        if compiled or type(part).__module__.startswith(_ALONE):
            return False  # asked without gradients, it would be compiled once more
        if isinstance(part, _NormBase) and part.running_mean is None:
            return False  # uses the statistics of the batch at all times
        if part._forward_hooks or part._forward_pre_hooks:
            return False
    return True


@torch.no_grad()
def _change(module: nn.Module, batch: Tensor) -> BatchProbe | None:
    """How much the first and the last output change when only the samples between them do, and the size of the output.

    A model that draws no random numbers and keeps nothing of its last batch is also asked with the samples in reverse order.
    """
    other = batch.clone()
    other[1:-1] = batch[:1]  # values that the model takes, whatever they stand for
    if torch.equal(other, batch):
        return None
    try:
        with _as_it_was(module, batch.device) as touched, _sequences(module) as (alone, sizes):
            first = module(batch)
            placed = not touched() and not _carries(module, batch.size(0))
        with _as_it_was(module, batch.device):
            second = module(other)
        with _as_it_was(module, batch.device):
            turned = module(batch.flip(0)).flip(0) if placed else first
        along = _along(module, batch, sizes)
    except Exception:  # noqa: BLE001  # a model may refuse evaluation: then nothing is known
        return None
    if alone or not all(isinstance(each, Tensor) and each.shape == first.shape for each in (first, second, turned)):
        return None
    if first.dim() == 0 or first.size(0) != batch.size(0) or not first.is_floating_point():
        return None
    ends = [0, -1]
    changes = [(first[ends] - second[ends]).abs().max(), (first - turned).abs().max(), first.abs().max()]
    mixed, moved, scale = torch.stack([each.float() for each in changes]).tolist()
    if not all(each < float("inf") for each in (mixed, moved, scale)):
        return None
    return BatchProbe(NOWHERE, mixed, scale, moved, along)


@contextlib.contextmanager
def _sequences(module: nn.Module) -> Iterator[tuple[list[nn.Module], dict[nn.Module, tuple[int, ...]]]]:
    """The parts that take one sequence only, while the model runs: its rows are points in time, not samples.

    And of those that take the sequence first, how long and how many sequences each got.
    """
    found: list[nn.Module] = []
    sizes: dict[nn.Module, tuple[int, ...]] = {}

    def called(part: nn.Module, args: tuple[Any, ...]) -> None:
        given = args[0] if args else None
        if isinstance(given, Tensor) and (given.dim() < 3 or given.size(0 if _batch_first(part) else 1) == 1):
            found.append(part)
        elif isinstance(given, Tensor) and not _batch_first(part):
            sizes.setdefault(part, tuple(given.shape[:2]))

    handles = [part.register_forward_pre_hook(called) for part in module.modules() if isinstance(part, _SEQUENCES)]
    try:
        yield found, sizes
    finally:
        for handle in handles:
            handle.remove()


def _along(module: nn.Module, batch: Tensor, before: dict[nn.Module, tuple[int, ...]]) -> str:
    """The name of a layer whose sequences are as long as the batch is large, and as many as before in a smaller batch."""
    rows = batch.size(0)
    asked = [part for part, (length, count) in before.items() if length == rows != count]
    if not asked:
        return ""
    with _as_it_was(module, batch.device), _sequences(module) as (_, sizes):
        module(batch[:-1])
    found = [part for part in asked if sizes.get(part) == (rows - 1, before[part][1])]
    outer = [part for part in module.modules() if found and any(each is found[0] for each in part.modules())]
    return next((type(part).__name__ for part in outer if type(part) in _BY_TIME), "")


def _batch_first(part: nn.Module) -> bool:
    return bool(getattr(part, "batch_first", False))


@contextlib.contextmanager
def _as_it_was(module: nn.Module, device: torch.device) -> Iterator[Callable[[], bool]]:
    """Evaluation mode inside; modes, attributes, buffers and random states are those of before afterwards.

    Gives a function that says whether anything random was drawn, a buffer written, or an attribute set, since.
    """
    numpy: Any = sys.modules.get("numpy")
    python, numbers = random.getstate(), numpy.random.get_state() if numpy is not None else None
    parts = list(module.modules())
    kept = [(vars(part), name, value, _items(value)) for part in parts for name, value in vars(part).items()]
    names = [(vars(part), set(vars(part))) for part in parts]
    buffers = [(each, each.detach().clone()) for each in module.buffers()]
    versions = [(each, each._version) for each in module.buffers()]
    devices = [device] if device.type == "cuda" else []
    try:
        with torch.random.fork_rng(devices=devices), contextlib.redirect_stdout(io.StringIO()):
            for part in parts:
                part.training = False
            before = _random(device)

            def touched() -> bool:
                written = any(each._version != version for each, version in versions)
                changed = any(own.get(key) is not old for own, key, old, _ in kept if key != "training")
                return written or changed or _random(device) != before

            yield touched
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


def _random(device: torch.device) -> tuple[object, ...]:
    """The states of all generators that a model may draw from."""
    numpy: Any = sys.modules.get("numpy")
    states = [torch.get_rng_state(), *([torch.cuda.get_rng_state(device)] if device.type == "cuda" else [])]
    numbers = numpy.random.get_state() if numpy is not None else (None, None, 0)
    drawn = numbers[1].tobytes() if numbers[1] is not None else b""
    return *(each.numpy().tobytes() for each in states), random.getstate(), drawn, numbers[2]


def _carries(module: nn.Module, rows: int) -> bool:
    """Does a part keep tensors with a row for each sample, such as the state of a recurrent layer?"""
    return any(
        isinstance(each, Tensor) and not isinstance(each, nn.Parameter) and rows in each.shape
        for part in module.modules()
        for value in vars(part).values()
        for each in (value if isinstance(value, list | tuple) else (value,))
    )


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
