"""Batches as a data loader gives them: which tensor is input, which is target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from torch import Tensor

from lrcheck.facts import DType, Form, TensorFacts
from lrcheck.runtime.memory import dtype_of

if TYPE_CHECKING:
    from lrcheck.runtime.tracer import Tracer

_TARGETS = frozenset({"label", "labels", "target", "targets", "y"})
_INPUT = TensorFacts(form=Form.DATA, roots=frozenset({"input"}))
_TARGET = TensorFacts(roots=frozenset({"target"}))


class Batches:
    """Marks the tensors of each batch; costs two weak references."""

    def __init__(self, tracer: Tracer) -> None:
        self.tracer = tracer
        self.recent: Any = None  # the batch of this step
        self.dataset: Any = None
        self.sampler: Any = None  # what draws the indices of the batches

    def given(self) -> None:
        """A loader hands out `recent`; it is looked at where the step is traced, or once tracing starts."""
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
