"""Which data sets were trained on, which were evaluated, and whether they share samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch.utils.data import Subset

from lrcheck.events import SampleOverlap
from lrcheck.findings import Site

if TYPE_CHECKING:
    from lrcheck.runtime.engine import Engine


class Overlap:
    """Remembers the data sets of the last batches; compares indices of splits, never samples."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.trained: Any = None  # the data set of the last backward pass: in a cross-validation each fold has its own

    def backward(self) -> None:
        """The last batch was trained on."""
        self.trained = self.engine.batches.dataset

    def evaluated(self, site: Site) -> None:
        """The last batches were evaluated, at this loop."""
        dataset, trained = self.engine.batches.dataset, self.trained
        if dataset is None or trained is None or trained is dataset:
            return
        self.engine.datasets.evaluated(dataset, trained)
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
