"""Which data sets were trained on, which were evaluated, and whether they share samples."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.utils.data import Subset, TensorDataset

from lrcheck.events import SampleOverlap
from lrcheck.findings import Site

if TYPE_CHECKING:
    from lrcheck.runtime.engine import Engine


LARGEST = 20_000_000  # numbers in a data set whose rows are compared
DIFFERENT = 0.9  # of the rows of a data set must be: in others equal rows mean nothing
SHARED = 0.5  # of the rows of the test set


class Overlap:
    """Remembers the data sets of the last batches; compares indices of splits, and rows of tensors in memory."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.compared: list[tuple[Site, weakref.ref[Any], weakref.ref[Any]]] = []  # evaluated, trained
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
        elif type(dataset) is TensorDataset and type(trained) is TensorDataset:
            self.compared.append((site, weakref.ref(dataset), weakref.ref(trained)))

    def finish(self) -> None:
        """Compare rows. A program that also evaluates other samples knows which result is which."""
        found: list[SampleOverlap] = []
        for site, tested, trained in self.compared:
            test, train = tested(), trained()
            if test is None or train is None or len(test) >= len(train):
                return
            overlap = _shared(site, test.tensors[0], train.tensors[0])
            if overlap is None:
                return
            found.append(overlap)
        for each in found:
            self.engine.judge(each)


def _shared(site: Site, test: Tensor, train: Tensor) -> SampleOverlap | None:
    """Rows of the test set that are rows of the training set, where rows tell samples apart."""
    if test.numel() + train.numel() > LARGEST or test.dtype != train.dtype or test.shape[1:] != train.shape[1:]:
        return None
    if test.device.type != "cpu" or train.device.type != "cpu" or test.dim() < 2:
        return None
    rows, known = _rows(test), _rows(train)
    different = set(known)
    if len(set(rows)) < DIFFERENT * len(rows) or len(different) < DIFFERENT * len(known):
        return None
    shared = sum(row in different for row in rows)
    return SampleOverlap(site, shared, len(rows)) if shared > SHARED * len(rows) else None


def _rows(tensor: Tensor) -> list[bytes]:
    return [bytes(row) for row in tensor.detach().contiguous().flatten(1).view(torch.uint8).numpy()]


def _indices(dataset: Any) -> tuple[Any, set[int]]:
    """The data set below all splits, and which of its samples are in this one."""
    if not isinstance(dataset, Subset):
        return dataset, set(range(len(dataset))) if hasattr(dataset, "__len__") else set()
    base, inner = dataset.dataset, list(dataset.indices)
    while isinstance(base, Subset):
        inner = [base.indices[index] for index in inner]
        base = base.dataset
    return base, {int(index) for index in inner}
