"""Which data sets were trained on, which were evaluated, and whether they share samples."""

from __future__ import annotations

import ast
import math
import sys
import weakref
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.utils.data import (
    Dataset,
    RandomSampler,
    SequentialSampler,
    Subset,
    SubsetRandomSampler,
    TensorDataset,
    WeightedRandomSampler,
)

from lrcheck.events import SampleOverlap
from lrcheck.findings import Site
from lrcheck.runtime.data.datasets import below_splits
from lrcheck.runtime.data.instances import are_one
from lrcheck.runtime.figures.quotients import length
from lrcheck.runtime.places.frames import variables
from lrcheck.runtime.places.sites import NOWHERE, is_of_program, user_frames
from lrcheck.runtime.places.source import tree_of

if TYPE_CHECKING:
    from lrcheck.runtime.engine import Engine


LARGEST = 20_000_000  # numbers in a data set whose rows are compared
DIFFERENT = 0.9  # of the rows of a data set must be: in others equal rows mean nothing
OTHERS = 16  # data sets that are remembered, at most
FRAMES = 6  # of the user that are looked into, the innermost first
SHARED = 0.5  # of the rows of the test set
COPIES, COPIED = 8, 0.03  # different rows of a test set that are copied, at least, also as a share of it
COLUMNS = 256  # of such rows that are looked at
SURE = 20  # bits beyond those that tell all pairs of rows apart


class Overlap:
    """Remembers the data sets of the last batches; compares indices of splits, and rows of tensors in memory."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.compared: list[tuple[Site, weakref.ref[Any], weakref.ref[Any]]] = []  # evaluated, trained
        self.split: list[tuple[SampleOverlap, weakref.ref[Any], weakref.ref[Any]]] = []  # evaluated, trained
        self.others: list[weakref.ref[Any]] = []  # data sets that were gone through without training
        self.trained: Any = None  # the data set of the last backward pass: in a cross-validation each fold has its own
        self.sampler: Any = None  # and what drew its batches
        self.again: tuple[Site, int, list[tuple[str, str]]] | None = (
            None  # place, samples, files and names of other sets
        )

    def backward(self) -> None:
        """The last batch was trained on."""
        self.trained = self.engine.batches.dataset
        self.sampler = self.engine.batches.sampler

    def goes_through(self, dataset: weakref.ref[Any]) -> None:
        """A pass over a data set has ended, and nothing went backward meanwhile."""
        if len(self.others) < OTHERS and all(each is not dataset for each in self.others):
            self.others.append(dataset)

    def evaluated(self, site: Site) -> None:
        """The last batches were evaluated, at this loop."""
        dataset, trained = self.engine.batches.dataset, self.trained
        if dataset is None or trained is None:
            return
        drawn = _positions(dataset, self.engine.batches.sampler)
        learnt = _positions(trained, self.sampler)
        if drawn is None or learnt is None:
            return
        if trained is dataset:
            if not set(drawn).isdisjoint(learnt):
                self._same(site, dataset)
            return
        self.engine.datasets.evaluated(dataset, trained)
        base, tested = _indices(dataset, drawn)
        other, indices = _indices(trained, learnt)
        if other is base and tested & indices:
            found = SampleOverlap(site, len(tested & indices), len(tested))
            self.split.append((found, weakref.ref(dataset), weakref.ref(trained)))
        elif dataset is not trained and _source(dataset) is not None and _source(trained) is not None:
            self.compared.append((site, weakref.ref(dataset), weakref.ref(trained)))

    def _same(self, site: Site, dataset: Any) -> None:
        """The training set is evaluated: what else could have been?"""
        loaded = self.engine.datasets.loaded
        if self.again is None and len(loaded) > 1 and set(loaded) == {id(dataset)}:
            samples = length(dataset)
            if samples is not None:  # no stream
                self.again = (site, samples, _held_out(dataset, samples))

    def _never_read(self) -> None:
        """All loaders go over the training set, and a part that was split off is not used at all."""
        if self.again is None:
            return
        site, samples, parts = self.again
        if len(set(self.engine.datasets.loaded)) == 1 and any(not _is_read(*each) for each in parts):
            self.engine.judge(SampleOverlap(site, samples, samples))

    def finish(self) -> None:
        """Compare rows. A program that also evaluates other samples knows which result is which."""
        self._never_read()
        for event, tested, trained in self.split:
            if not self._knows_others(tested, trained):
                self.engine.judge(event)
        found: list[SampleOverlap] = []
        for site, tested, trained in self.compared:
            test, train = tested(), trained()
            if test is None or train is None or self._knows_others(tested, trained):
                return
            if len(test) >= len(train) and not (len(test) == len(train) and are_one(test, train)):
                return
            overlap = _shared(site, _samples(test), _samples(train))
            if overlap is None:
                return
            found.append(overlap)
        for each in found:
            self.engine.judge(each)

    def _knows_others(self, tested: weakref.ref[Any], trained: weakref.ref[Any]) -> bool:
        """Was another data set gone through without training, one that may hold samples of its own?"""
        mixed = [test for _, test, _ in self.split] + [tested, trained]
        others = [each for each in self.others if all(each is not known for known in mixed)]
        return any(not _mixes(each(), trained()) for each in others)


def _mixes(dataset: Any, trained: Any) -> bool:
    """Are samples of the one known to be samples of the other one?"""
    if dataset is None or trained is None:
        return False
    (base, positions), (other, learnt) = _indices(dataset), _indices(trained)
    if base is other:
        return bool(positions & learnt)
    known = _source(dataset) is not None and _source(trained) is not None
    return known and _shared(NOWHERE, _samples(dataset), _samples(trained)) is not None


def _source(dataset: Any) -> Tensor | None:
    """The tensor that the samples of a data set are rows of, below all splits."""
    dataset = below_splits(dataset)
    if isinstance(dataset, Tensor):
        return dataset
    if type(dataset) is TensorDataset:
        return dataset.tensors[0]
    fields = getattr(dataset, "__dict__", None) if is_of_program(dataset) else None
    rows = length(dataset)
    tables = [each for each in (fields or {}).values() if _is_table(each)]
    if len(tables) != 1 or len(tables[0]) != rows:
        return None
    return tables[0] if isinstance(tables[0], Tensor) else torch.from_numpy(tables[0])


def _is_table(value: Any) -> bool:
    """A tensor with rows, or an array of numpy."""
    if isinstance(value, Tensor):
        return value.dim() > 1
    numpy: Any = sys.modules.get("numpy")
    return numpy is not None and type(value) is numpy.ndarray and value.ndim > 1 and _is_readable(value)


def _is_readable(array: Any) -> bool:
    """Does torch take it as it is?"""
    return array.flags.writeable and array.dtype.isnative and array.dtype.kind in "fiu" and min(array.strides) >= 0


def _samples(dataset: Any) -> Tensor | None:
    """The rows of a data set, where they can be compared."""
    source = _source(dataset)
    if source is None or source.device.type != "cpu" or source.dim() < 2 or source.numel() > LARGEST:
        return None
    if not isinstance(dataset, Subset):
        return source
    _, indices = _indices(dataset)
    return source[sorted(indices)]


def _shared(site: Site, test: Tensor | None, train: Tensor | None) -> SampleOverlap | None:
    """Rows of the test set that are rows of the training set, where rows tell samples apart."""
    if test is None or train is None or test.dtype != train.dtype or test.shape[1:] != train.shape[1:]:
        return None
    rows, known = _rows(test), _rows(train)
    different = set(known)
    found = [row for row in rows if row in different]
    if len(set(rows)) < DIFFERENT * len(rows) or len(different) < DIFFERENT * len(known):
        if len(set(found)) < max(COPIES, COPIED * len(set(rows))) or not _tells(train):
            return None
    elif len(found) <= SHARED * len(rows):
        return None
    return SampleOverlap(site, len(found), len(rows))


def _tells(rows: Tensor) -> bool:
    """Are the numbers of a row so many different ones that two samples are not equal by chance?"""
    if not rows.is_floating_point():
        return False
    columns = torch.unique(rows.detach().flatten(1)[:, :COLUMNS], dim=0)
    bits = 0.0
    for column in columns.T:
        counts = torch.unique(column, return_counts=True)[1].double() / columns.size(0)
        bits -= float((counts * counts.log2()).sum())
    return bits > 2 * math.log2(max(2, columns.size(0))) + SURE


def _rows(tensor: Tensor) -> list[bytes]:
    """Their bytes; a zero has no sign."""
    positive = tensor.detach() + 0 if tensor.is_floating_point() else tensor
    return [bytes(row) for row in positive.contiguous().flatten(1).view(torch.uint8).numpy()]


def _positions(dataset: Any, batches: Any) -> Collection[int] | None:
    """Which samples of a data set its loader may draw; None where the sampler is one of the program's own."""
    sampler = getattr(batches, "sampler", batches)
    if type(sampler) is SubsetRandomSampler:
        return {int(index) for index in sampler.indices}
    if type(sampler) is WeightedRandomSampler:
        return set(sampler.weights.nonzero().flatten().tolist())
    if sampler is None or type(sampler) in (SequentialSampler, RandomSampler):
        return range(len(dataset)) if hasattr(dataset, "__len__") else ()
    return None


def _indices(dataset: Any, positions: Collection[int] | None = None) -> tuple[Any, set[int]]:
    """The data set below all splits, and which of its samples are in this one (at these positions of it)."""
    everything = range(len(dataset)) if hasattr(dataset, "__len__") else ()
    chosen = everything if positions is None else positions
    base: Any = dataset
    while isinstance(base, Subset):
        chosen = [base.indices[index] for index in chosen]
        base = base.dataset
    return base, {int(index) for index in chosen}


def _held_out(dataset: Any, samples: int) -> list[tuple[str, str]]:
    """The variables that hold samples of the same kind which are not in this data set: file and name."""
    found = []
    for depth, frame in enumerate(user_frames()):
        if depth >= FRAMES:
            break
        names = frame.f_globals if "locals" in frame.f_code.co_names else {**frame.f_globals, **variables(frame)}
        for name, value in names.items():
            if value is dataset or type(value) is not type(dataset) or name.startswith("_"):
                continue
            if _is_apart(value, dataset, samples):
                found.append((frame.f_code.co_filename, name))
    return found


def _is_apart(other: Any, dataset: Any, samples: int) -> bool:
    """A part of the same data set with none of the samples, and no larger; where nothing was split, another data set."""
    if not isinstance(dataset, Dataset) or not 0 < (length(other) or 0) <= samples:
        return False
    if not isinstance(dataset, Subset):
        return True
    base, indices = _indices(dataset)
    whole, others = _indices(other)
    return whole is base and not indices & others


def _is_read(filename: str, name: str) -> bool:
    """Is the variable used for anything but its length?"""
    tree = tree_of(filename)
    if tree is None:
        return True
    counted = {
        id(argument)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "len"
        for argument in call.args
    }
    return any(
        isinstance(each, ast.Name) and each.id == name and isinstance(each.ctx, ast.Load) and id(each) not in counted
        for each in ast.walk(tree)
    )
