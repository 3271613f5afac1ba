"""The last batch of a pass, where one sample is left: what does a `squeeze()` take away?

The loader says beforehand how many samples are left over. That one batch is traced, the first few times.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from torch import Tensor
from torch.utils.data import BatchSampler

from lrcheck.events import LossCall
from lrcheck.facts import LossFacts, Operation, TensorFacts
from lrcheck.knowledge.operations import KEEPING
from lrcheck.runtime.figures.quotients import length

if TYPE_CHECKING:
    from lrcheck.runtime.engine import Engine
    from lrcheck.runtime.tensors.flow import Call

TIMES = 2  # passes over a data set that are looked at
MOST = 16  # in all
_SAMPLES = frozenset({"input", "model"})
_WIDENING = KEEPING.keys() | {"__getitem__", "stack", "vstack", "row_stack", "atleast_1d", "atleast_2d", "atleast_3d"}


class Alone:
    """Asked when a loader begins, and for each batch of one that has such a rest."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.waiting: dict[int, int] = {}  # identity of an iterator -> batches before the last one
        self.times: dict[int, int] = {}  # identity of a data set -> passes
        self.active = False
        self.squeezed: list[Operation] = []

    def begins(self, iterator: Any) -> None:
        """The first batch of a pass is asked for."""
        drawn = iterator._index_sampler
        if type(drawn) is not BatchSampler or drawn.drop_last or drawn.batch_size < 2:
            return
        samples, key = length(drawn.sampler) or 0, id(iterator._dataset)
        if samples % drawn.batch_size != 1 or samples < drawn.batch_size or self.times.get(key, 0) >= TIMES:
            return
        self.times[key] = self.times.get(key, 0) + 1
        if len(self.waiting) >= MOST:
            self.waiting.clear()  # passes that were left early
        self.waiting[id(iterator)] = samples // drawn.batch_size

    def asked(self, iterator: Any) -> None:
        """A batch is asked for: is it the one?"""
        before = self.waiting.get(id(iterator))
        if before is None or iterator._num_yielded < before:
            return
        if iterator._num_yielded > before:
            del self.waiting[id(iterator)]
            self.ends()
        elif self.engine.attentive:
            self.active = True
            if not self.engine.tracer.on:
                self.engine.listen(True)

    def squeezes(self, made: Operation, result: Tensor) -> None:
        """`squeeze()` without a dimension: features of one sample are left, without the sample."""
        before = made.operand
        if before is not None and before.shape and before.shape[0] == 1 and result.dim() and before.roots & _SAMPLES:
            self.squeezed.append(dataclasses.replace(made, dim=0))

    def widens(self, call: Call) -> None:
        """A dimension is given back, perhaps this one."""
        if not self.squeezed or call.name not in _WIDENING or not isinstance(call.result, Tensor) or not call.tensors:
            return
        if call.result.dim() > call.tensors[0].dim():
            self.squeezed.clear()

    def ends(self) -> None:
        """The batch is over: where nobody gave the dimension back, it is gone."""
        squeezed, self.squeezed = self.squeezed, []
        if not self.active:
            return
        self.active = False
        for made in squeezed:
            given = TensorFacts(squeezed=made)
            self.engine.judge(LossCall(made.site, LossFacts(None, "a batch of one"), given, TensorFacts()))
        if self.engine.tracer.on and not self.engine.sampled:
            self.engine.listen(False)
