"""Several processes: which rank speaks, and whether the ranks still hold the same parameters.

Ranks compare through the key-value store of the process group, never by a collective: a rank that stops early must not
leave the others waiting.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, distributed, nn

from lrcheck.events import RankDifference

if TYPE_CHECKING:
    from lrcheck.runtime.engine import Engine


def rank() -> int:
    """The number of this process in its group, 0 without one."""
    if distributed.is_available() and distributed.is_initialized():
        return distributed.get_rank()
    return int(os.environ.get("RANK", "0") or 0)


def speaks() -> bool:
    """Is this the process that reports for its group? In a pipeline each rank runs code of its own, and all report."""
    return rank() == 0 or "torch.distributed.pipelining" in sys.modules


class Ranks:
    """Writes a fingerprint of the parameters after sampled steps, and compares those of all ranks later."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.wrapped = False  # a DistributedDataParallel was constructed
        self.open: list[int] = []  # steps whose fingerprints are not compared yet
        self.done = False

    def after_step(self, optimizer: torch.optim.Optimizer) -> None:
        """Write this rank's fingerprint; rank 0 compares what is complete."""
        if self.done or not self.wrapped or not distributed.is_initialized() or distributed.get_world_size() < 2:
            return
        store: Any = distributed.distributed_c10d._get_default_store()
        step = self.engine.step
        store.set(_key(step, rank()), fingerprint(optimizer))
        self.open.append(step)
        if rank() == 0:
            self._compare(store)

    def _compare(self, store: Any) -> None:
        size = distributed.get_world_size()
        for step in list(self.open):
            keys = [_key(step, number) for number in range(size)]
            if not store.check(keys):
                continue
            self.open.remove(step)
            prints = [store.get(key).decode() for key in keys]
            different = tuple(number for number in range(size) if prints[number] != prints[0])
            if different and step >= 1:
                self.done = True
                site = self.engine.statistics.backward_site or self.engine.here()
                self.engine.judge(RankDifference(site, step + 1, (0, *different)))
                return


def _key(step: int, number: int) -> str:
    return f"lrcheck/{step}/{number}"


@torch.no_grad()
def fingerprint(optimizer: torch.optim.Optimizer) -> str:
    """The sums of all parameters that the optimizer holds, in double precision, exactly."""
    tensors: list[Tensor] = [each for group in optimizer.param_groups for each in group["params"]]
    sums = [float(each.detach().double().sum()) for each in tensors if isinstance(each, Tensor)]
    return ",".join(value.hex() for value in sums)


def is_wrapper(module: nn.Module) -> bool:
    return type(module).__name__ == "DistributedDataParallel"
