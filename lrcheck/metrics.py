"""Two running metrics that cannot be divided by the wrong number.

    loss, accuracy = Mean(), Accuracy()
    for images, labels in loader:
        out = model(images)
        loss.add(criterion(out, labels), len(labels))
        accuracy.add(out, labels)
    print(f"loss {loss:.4f}, accuracy {accuracy:.2%}")

Both take tensors, arrays or plain numbers and keep Python numbers only: no graph and no device memory is held. Nothing here
imports torch.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any


class Mean:
    """The mean over samples of values that are means over batches: each batch counts as many times as it has samples.

    The sum is exact: the order of the batches does not matter, however many there are.
    """

    def __init__(self) -> None:
        self._total = Fraction(0)
        self._odd = 0.0  # infinities and NaN
        self.count = 0

    def add(self, value: Any, samples: int = 1) -> None:
        """One batch: its mean, and the number of its samples."""
        if samples < 0:
            raise ValueError(f"a batch cannot have {samples} samples")
        number = float(value.detach() if hasattr(value, "detach") else value)  # raises where it is not one number
        if not samples:
            return
        if math.isfinite(number):
            self._total += Fraction(number) * samples
        else:
            self._odd += number
        self.count += samples

    @property
    def value(self) -> float:
        """The mean so far; NaN before the first sample."""
        return float(self._total / self.count) + self._odd if self.count else math.nan

    def reset(self) -> None:
        """Forget everything: call it at the start of an epoch."""
        self._total, self._odd, self.count = Fraction(0), 0.0, 0

    def __float__(self) -> float:
        return self.value

    def __format__(self, spec: str) -> str:
        return format(self.value, spec)

    def __repr__(self) -> str:
        return f"Mean({self.value:.6g} over {self.count} samples)"


class Accuracy:
    """The share of samples whose class was predicted right, counted in whole samples."""

    def __init__(self) -> None:
        self.correct = 0
        self.count = 0

    def add(self, predictions: Any, labels: Any) -> None:
        """One batch: class scores `(N, C)` or predicted classes `(N,)`, and class indices `(N,)`."""
        given, wanted = tuple(predictions.shape), tuple(labels.shape)
        if len(wanted) != 1 or len(given) not in (1, 2) or given[0] != wanted[0]:
            raise ValueError(
                f"predictions of shape {given} do not fit labels of shape {wanted}: "
                "pass scores (N, C) or classes (N,), and class indices (N,)"
            )
        if len(given) == 2 and given[1] == 1:
            raise ValueError("one score for each sample: compare it with a threshold and pass the classes (N,)")
        classes = predictions.argmax(1) if len(given) == 2 else predictions
        self.correct += int((classes == labels).sum())
        self.count += wanted[0]

    @property
    def value(self) -> float:
        """The accuracy so far, between 0 and 1; NaN before the first sample."""
        return self.correct / self.count if self.count else math.nan

    def reset(self) -> None:
        """Forget everything: call it at the start of an epoch."""
        self.correct = self.count = 0

    def __float__(self) -> float:
        return self.value

    def __format__(self, spec: str) -> str:
        return format(self.value, spec)

    def __repr__(self) -> str:
        return f"Accuracy({self.correct}/{self.count})"
