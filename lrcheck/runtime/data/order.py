"""Labels in the order in which a loader gives them: one class after the other?

Looked at in the sampled steps of a loader that goes through its data set from the first sample to the last.
"""

from __future__ import annotations

import dataclasses
import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lrcheck.events import DataLoop
from lrcheck.runtime.data.datasets import is_in_order

if TYPE_CHECKING:
    from torch import Tensor

    from lrcheck.runtime.engine import Engine

ROWS = 8  # the least batch
BATCHES = 7  # sampled ones that must be in order
MIXED = 4  # one of so many may hold the last samples of one class and the first ones of the next
LOADERS = 16  # whose data sets are followed, at most


@dataclass(slots=True)
class Seen:
    """The labels of the sampled batches of one data set."""

    dataset: weakref.ref[Any]
    batches: int = 0
    mixed: int = 0
    classes: set[float] = field(default_factory=set)  # that had a batch of their own
    ordered: bool = True


class Order:
    """Follows loaders until one of their batches is out of order."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.seen: dict[int, Seen] = {}

    def labels(self, target: Tensor) -> None:
        """The class of each sample of a batch that is trained on."""
        batches, drawn = self.engine.batches, self.engine.batches.sampler
        if batches.recent is None or not is_in_order(drawn):
            return
        seen = self.seen.get(id(batches.dataset))
        if seen is None or seen.dataset() is not batches.dataset:
            if len(self.seen) >= LOADERS or isinstance(batches.dataset, list | tuple):
                return
            seen = self.seen[id(batches.dataset)] = Seen(weakref.ref(batches.dataset))
        if not seen.ordered or target.numel() < ROWS or target.numel() != self.engine.tracer.batch:
            return
        values = target.detach().flatten().tolist()
        seen.ordered = values in (sorted(values), sorted(values, reverse=True))
        seen.batches += 1
        if len(set(values)) > 1:
            seen.mixed += 1
        else:
            seen.classes.add(values[0])
        if seen.ordered and seen.batches >= BATCHES and seen.mixed * MIXED <= seen.batches and len(seen.classes) > 1:
            seen.ordered = False
            self._judge(drawn)

    def _judge(self, drawn: Any) -> None:
        facts = self.engine.datasets.of(drawn)
        if facts is None or facts.dataset is None or facts.site is None:
            return
        dataset = dataclasses.replace(facts.dataset, sorted=True)
        loader = dataclasses.replace(facts, dataset=dataset, shuffle=False, sampler=False)
        self.engine.judge(DataLoop(facts.site, loader, trains=True))
