"""Weights as they are when training begins: where the program set them by hand, and whether hidden units start equal."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from lrcheck.events import WeightsMade
from lrcheck.runtime.places.sites import FrameSite
from lrcheck.runtime.tensors.memory import readable

if TYPE_CHECKING:
    from lrcheck.facts import Operation
    from lrcheck.runtime.engine import Engine
    from lrcheck.runtime.tensors.flow import Call

SETTERS = frozenset({"constant_", "zeros_", "ones_", "fill_", "zero_", "normal_", "uniform_", "randn", "rand", "zeros",
                     "ones", "full", "full_like", "zeros_like", "ones_like", "randn_like", "rand_like", "from_numpy", "tensor",
                     "as_tensor"})  # fmt: skip
PASSING = frozenset({"mul", "__mul__", "__rmul__", "div", "__truediv__", "mul_", "div_", "__imul__", "__itruediv__", "add", "__add__",
                     "__radd__", "sub", "__sub__", "clone", "detach", "copy_", "to", "float", "contiguous", "requires_grad_"})  # fmt: skip
LEAST = 64  # weights, below which their spread says nothing
CLOSE = 0.1  # how far a deviation may be from 1


class Initial:
    """Notes who sets weights before the first step; looks at the values of hidden layers once."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.setters: dict[int, tuple[FrameSite, torch.Size]] = {}  # address of the numbers -> where they were set
        self.weights: dict[object, tuple[weakref.ref[Tensor], int]] = {}  # product -> its weight, inputs of one unit

    def set_by(self, call: Call) -> None:
        """A function that sets numbers is called before the first step."""
        result = call.result
        if self.engine.step == 0 and isinstance(result, Tensor) and readable(result) and result.dim() > 1:
            self.setters[result.data_ptr()] = (call.scene.here(), result.shape)

    def passes(self, call: Call) -> None:
        """Numbers that were set are multiplied by a number, or copied, before the first step."""
        result, given = call.result, call.tensors[-1]
        if call.x.layer is not None:
            self._scaled(call.x.layer, call.get(1, "other"))
        if self.engine.step or not self.setters or not isinstance(result, Tensor) or not readable(result):
            return
        known = self.setters.get(given.data_ptr()) if readable(given) else None
        if (
            known is not None
            and known[1] == given.shape == result.shape
            and len(call.tensors) == 1 + (call.name == "copy_")
        ):
            self.setters[result.data_ptr()] = known

    def _scaled(self, layer: Operation, divisor: object) -> None:
        """What a hidden layer gives is divided, perhaps by the root of its inputs: then raw normal weights are meant so."""
        weight, inputs = self.weights.get(_key(layer), (None, 0))
        if weight is not None and isinstance(divisor, int | float) and divisor * divisor > inputs / 16:
            self.weights[_key(layer)] = weight, 0

    def product(self, made: Operation, before: Operation | None, weight: Tensor, inputs: int) -> None:
        """A product with weights takes what another one gave: the other one is a hidden layer."""
        if self.engine.step or not readable(weight):
            return
        self.weights[_key(made)] = (weakref.ref(weight), inputs)
        reference, size = self.weights.pop(_key(before), (None, 0)) if before is not None else (None, 0)
        hidden = reference() if reference is not None else None
        if hidden is not None and before is not None:
            self._judge(hidden, size, before, made)

    @torch.no_grad()
    def _judge(self, weight: Tensor, inputs: int, layer: Operation, into: Operation) -> None:
        site, shape = self.setters.get(weight.data_ptr(), (None, None))
        if weight.numel() < LEAST or not weight.is_floating_point() or not weight.requires_grad:
            return
        if site is None or shape != weight.shape:
            self._equal(weight, inputs, layer, into)
            return
        deviation, mean = (float(each) for each in torch.std_mean(weight.float()))
        places: dict[str, Any] = {"layer": layer.layer, "into": into.layer or into.site}
        if deviation == 0 and weight.numel() <= inputs:
            return  # one unit
        if deviation == 0:
            self.engine.judge(WeightsMade(site, "constant", value=mean, inputs=inputs, **places))
        elif abs(deviation - 1) < CLOSE and abs(mean) < CLOSE:
            self.engine.judge(WeightsMade(site, "normal", inputs=inputs, **places))
        elif float(weight.min()) >= 0 and float(weight.max()) <= 1 and abs(mean - 0.5) < CLOSE:
            self.engine.judge(WeightsMade(site, "uniform", inputs=inputs, **places))

    def _equal(self, weight: Tensor, inputs: int, layer: Operation, into: Operation) -> None:
        """Nobody knows who set these weights, but they are several units that are all equal."""
        flat = weight.detach().flatten()
        if weight.numel() <= inputs or bool(flat[0] != flat[-1]) or bool((flat != flat[0]).any()):
            return
        places: dict[str, Any] = {"layer": layer.layer, "into": into.layer or into.site}
        site = layer.layer or layer.site
        self.engine.judge(WeightsMade(site, "constant", value=float(flat[0]), inputs=inputs, **places))


def _key(product: Operation) -> object:
    layer = product.layer.key() if product.layer is not None else None
    return (product.site.key(), layer)
