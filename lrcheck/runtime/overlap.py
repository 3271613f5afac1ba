"""Which data sets were trained on, which were evaluated, and whether they share samples."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from torch.utils.data import Subset

from lrcheck.events import SampleOverlap
from lrcheck.findings import Site

if TYPE_CHECKING:
    from lrcheck.runtime.engine import Engine


class Overlap:
    """Remembers data sets by weak reference; compares indices of splits, never samples."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.last: Any = None
        self.trained: Any = None  # the data set of the last backward pass: in a cross-validation each fold has its own

    def given(self, dataset: Any) -> None:
        """A loader of this data set hands out a batch."""
        if self.last is None or self.last() is not dataset:
            try:
                self.last = weakref.ref(dataset)
            except TypeError:
                self.last = None

    def backward(self) -> None:
        """The last batch was trained on."""
        dataset = self.last() if self.last is not None else None
        if dataset is not None:
            self.trained = self.last

    def evaluated(self, site: Site) -> None:
        """The last batches were evaluated, at this loop."""
        dataset = self.last() if self.last is not None else None
        trained = self.trained() if self.trained is not None else None
        if dataset is None or trained is None or trained is dataset:
            return
        base, tested = _indices(dataset)
        other, indices = _indices(trained)
        if other is base and tested & indices:
            self.engine.judge(SampleOverlap(site, len(tested & indices), len(tested)))


def _indices(dataset: Any) -> tuple[Any, set[int]]:
    """The data set below all splits, and which of its samples are in this one."""
    if not isinstance(dataset, Subset):
        return dataset, set(range(len(dataset))) if hasattr(dataset, "__len__") else set()
    base, inner = dataset.dataset, list(dataset.indices)
    while isinstance(base, Subset):
        inner = [base.indices[index] for index in inner]
        base = base.dataset
    return base, {int(index) for index in inner}
