"""Batches as a data loader gives them: which tensor is input, which is target."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.nn import Parameter

from lrcheck.facts import DType, Form, TensorFacts
from lrcheck.runtime.tensors.memory import dtype_of

if TYPE_CHECKING:
    from lrcheck.runtime.tensors.tracer import Tracer

_TARGETS = frozenset({"label", "labels", "target", "targets", "y"})
_INPUT = TensorFacts(form=Form.DATA, roots=frozenset({"input"}))
_TARGET = TensorFacts(roots=frozenset({"target"}))


class Batches:
    """Marks the tensors of each batch; costs two weak references."""

    def __init__(self, tracer: Tracer) -> None:
        self.tracer = tracer
        self.recent: Any = None  # the batch of this step
        self.dataset: Any = None
        self.number = 0  # of batches, as long as the loop is not known
        self.sampler: Any = None  # what draws the indices of the batches
        self.trained_on: weakref.ref[Tensor] | None = None  # the last input of a model with gradients
        self.other = False  # was the last input without gradients another one?
        self.rows: int | None = None  # of the input of the last model, where its output has as many

    def given(self) -> None:
        """A loader hands out `recent`; it is looked at where the step is traced, or once tracing starts."""
        self.number += 1
        if self.tracer.on:
            self.mark()

    def mark(self) -> None:
        """Tell inputs from targets: `(inputs, targets)`, a mapping, or inputs alone."""
        batch, dataset = self.recent, self.dataset
        memory = self.tracer.memory
        if isinstance(batch, Tensor):
            memory.put(batch, _INPUT)
            self._size(batch)
        elif isinstance(batch, list | tuple) and batch and isinstance(batch[0], Tensor):
            self._size(batch[0])
            for number, part in enumerate(batch):
                if isinstance(part, Tensor):
                    last = number == len(batch) - 1 > 0
                    memory.put(part, self._target(part, dataset) if last else _INPUT)
        elif isinstance(batch, Mapping):
            for key, part in batch.items():
                if isinstance(part, Tensor):
                    self._size(part)
                    memory.put(part, _TARGET if str(key).lower() in _TARGETS else _INPUT)

    def taken(self, given: Iterable[Any]) -> None:
        """A model is called: tensors that nothing is known of, and that have no graph, are samples."""
        memory = self.tracer.memory
        given = list(given)
        first = next((each for each in given if isinstance(each, Tensor)), None)
        if torch.is_grad_enabled():
            self.trained_on = None if first is None else weakref.ref(first)
        else:
            self.other = first is not None and (self.trained_on is None or self.trained_on() is not first)
        for each in given:
            if isinstance(each, Tensor) and not each.requires_grad and not isinstance(each, Parameter):
                facts = memory.of(each)
                plain = facts.form in (None, Form.THRESHOLDED)  # black and white
                if plain and facts.model is None and not facts.roots:
                    memory.put(each, _INPUT)

    def passed(self, args: Sequence[Any], output: object) -> None:
        """A model was called without a loader: are the rows of its input samples? Those of a matrix or of images are."""
        given = args[0] if args else None
        if self.recent is not None or not isinstance(given, Tensor) or not given.dim():
            return
        rows = given.size(0)
        kept = rows > 1 and isinstance(output, Tensor) and output.dim() > 0 and output.size(0) == rows
        self.rows = rows if kept else None
        if kept and given.dim() in (2, 4) and given.is_floating_point():
            self.tracer.batch = rows

    def scored(self, given: Tensor, target: Tensor) -> None:
        """A loss: one label for each row of the last input makes the rows samples, whatever their shape."""
        if self.rows is not None and given.dim() and target.dim() == 1 and given.size(0) == target.size(0) == self.rows:
            self.tracer.batch = self.rows

    def _size(self, tensor: Tensor) -> None:
        self.tracer.batch = tensor.size(0) if tensor.dim() else None

    @staticmethod
    def _target(tensor: Tensor, dataset: Any) -> TensorFacts:
        """Integer labels of a dataset that names its classes are class indices."""
        while not hasattr(dataset, "classes") and hasattr(dataset, "dataset"):
            dataset = dataset.dataset  # a subset, a split
        classes = getattr(dataset, "classes", None)
        labels = tensor.dim() == 1 and dtype_of(tensor.dtype) is DType.INT
        if labels and isinstance(classes, list | tuple) and len(classes) > 1:
            return TensorFacts(form=Form.CLASS_INDEX, roots=frozenset({"target"}), classes=len(classes))
        return _TARGET
