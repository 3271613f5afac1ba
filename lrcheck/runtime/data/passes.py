"""The first batch of each pass over data that are not trained on: are the same samples the same in every epoch?

Only loaders that go through their data set in order are looked at. What is kept of a batch are two sums.
"""

from __future__ import annotations

import dataclasses
import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from lrcheck.events import DatasetUse
from lrcheck.facts import DatasetFacts, LoaderFacts
from lrcheck.runtime.data.datasets import below_splits, is_in_order

if TYPE_CHECKING:
    from lrcheck.runtime.engine import Engine

DATASETS = 16  # that are followed, at most
PASSES = 4  # of each of them
LARGEST = 5_000_000  # numbers in a batch
ENOUGH = 2  # passes whose first batch differs from the one before


@dataclass(slots=True)
class Seen:
    """What the last pass over a data set began with."""

    dataset: weakref.ref[Any]
    loader: LoaderFacts
    inputs: float
    labels: list[int]
    backwards: int
    passes: int = 1
    changes: int = 0
    trained: bool = False
    ended: bool = False


class Passes:
    """Remembers how passes begin."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.seen: dict[int, Seen] = {}

    @torch.no_grad()
    def begins(self, iterator: Any, batch: Any) -> None:
        """The first batch of a pass."""
        drawn, dataset = iterator._index_sampler, iterator._dataset
        if not is_in_order(drawn) or isinstance(dataset, list | tuple | dict):
            return
        seen = self.seen.get(id(dataset))
        if seen is not None and seen.dataset() is not dataset:
            seen = None
        if seen is None and len(self.seen) >= DATASETS:
            return
        if seen is not None and (seen.trained or dataset is self.engine.overlap.trained):
            return
        if seen is not None and seen.passes >= PASSES:  # whether it is trained on is still asked in each pass
            seen.backwards = self.engine.evaluation.backwards
            return
        loader = self.engine.datasets.of(drawn)
        found = _numbers(batch) if loader is not None else None
        if found is None or loader is None:
            return
        backwards = self.engine.evaluation.backwards
        if seen is None:
            self.seen[id(dataset)] = Seen(weakref.ref(dataset), loader, *found, backwards)
            return
        seen.passes += 1
        seen.changes += found[0] != seen.inputs and found[1] == seen.labels and backwards > seen.backwards
        seen.inputs, seen.labels, seen.backwards = *found, backwards

    def ends(self, dataset: Any) -> None:
        """The loader is exhausted."""
        seen = self.seen.get(id(dataset))
        if seen is not None and seen.dataset() is dataset:
            seen.ended = True
            seen.trained = seen.trained or self.engine.evaluation.backwards != seen.backwards

    def finish(self) -> None:
        for seen in self.seen.values():
            dataset = seen.dataset()
            if dataset is not None and seen.changes >= ENOUGH and seen.ended and not seen.trained:
                self._judge(seen, dataset)

    def _judge(self, seen: Seen, dataset: Any) -> None:
        site = seen.loader.site
        whole = below_splits(dataset)
        if site is None or not isinstance(self.engine.overlap.trained, type(dataset)):
            return
        facts = DatasetFacts(type(whole).__name__, site=site, train=False, varies=True)
        if whole is not dataset and whole is below_splits(self.engine.overlap.trained):
            facts = dataclasses.replace(facts, random=((facts.name, site),))
            parts = (LoaderFacts(shuffle=True), dataclasses.replace(seen.loader, shuffle=False, sampler=False))
            self.engine.judge(DatasetUse(site, facts, parts=parts))
        else:
            self.engine.judge(DatasetUse(site, facts))


def _numbers(batch: Any) -> tuple[float, list[int]] | None:
    """A sum over the inputs, and the class of each sample."""
    if not isinstance(batch, list | tuple) or len(batch) != 2 or not all(isinstance(each, Tensor) for each in batch):
        return None
    inputs, labels = batch
    plain = inputs.is_floating_point() and labels.dim() == 1 and labels.dtype == torch.int64
    if not plain or inputs.numel() > LARGEST or inputs.device.type != "cpu" or labels.device.type != "cpu":
        return None
    return float(inputs.double().square().sum()), labels.tolist()
