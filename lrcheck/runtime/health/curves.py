"""Losses over a run: the values of sampled steps, those between them, and what a guess that knows no input would cost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from lrcheck.events import LossCall, LossCurve
from lrcheck.runtime.tensors.memory import readable

if TYPE_CHECKING:
    from lrcheck.runtime.engine import Engine

BINARY = frozenset({"bce", "bce_with_logits"})
CLASSIFICATION = frozenset({"cross_entropy", "nll", "bce", "bce_with_logits"})
REGRESSION = frozenset({"mse"})
PEEK = 64  # the first step in which the value that goes backward is kept without being read
PEEKS = 128  # values that are kept: then every second one of them goes, and half as many steps follow
LABELS = 4  # for each class, at least, before their frequencies are known
COLUMNS = 4096  # of targets whose means are known, at most


class Curves:
    """One curve for each loss of a program."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.curves: dict[object, tuple[LossCall, list[tuple[int, float]]]] = {}
        self.shares: dict[
            object, list[tuple[int, float]]
        ] = {}  # losses, divided by those of knowing the targets' means
        self.sums: dict[object, tuple[int, Tensor]] = {}  # of targets
        self.guess: float | None = None  # the loss of such a guess for this batch
        self.counts: dict[object, Tensor] = {}  # of labels, by class
        self.recent = 0.0
        self.others = False  # something else than the loss went backward
        self.peeked: list[tuple[int, Tensor]] = []  # values that went backward: numbers on their own
        self.peek = PEEK  # the next step in which one is kept
        self.stride = 2

    # -- at a loss of a sampled step --------------------------------------------------------------------------------------
    def target(self, event: LossCall, given: Tensor, target: Tensor) -> None:
        """Before it is computed."""
        self.guess = self._guessed(event, given, target) if event.training else None

    def _guessed(self, event: LossCall, given: Tensor, target: Tensor) -> float | None:
        """What this loss would be for a model that knows nothing of the inputs, but the mean of each target so far."""
        plain = (
            target.shape == given.shape and target.is_floating_point() and target.size(0) > 1 if target.dim() else False
        )
        if not plain or target.requires_grad or event.target.model is not None or event.loss.weighted:
            return None
        rows = target.detach().flatten(1) if target.dim() > 1 else target.detach()[:, None]
        if event.family not in REGRESSION | BINARY or rows.size(1) > COLUMNS:
            return None
        key, rows = event.site.key(), rows.double()
        count, sums = self.sums.get(key, (0, None))
        sums = rows.sum(0) if sums is None or sums.shape != rows.shape[1:] else sums + rows.sum(0)
        count = count + rows.size(0) if count else rows.size(0)
        self.sums[key] = (count, sums)
        means = (sums / count).expand_as(rows)
        if event.family in REGRESSION:
            each = (rows - means).square() * (count / (count - 1))
        else:
            means = means.clamp(1e-6, 1 - 1e-6)
            each = -(rows * means.log() + (1 - rows) * (1 - means).log())
        return float(each.sum() if event.loss.reduction == "sum" else each.mean())

    def binary(self, key: object, target: Tensor) -> None:
        """Labels of two classes for one output; anything between 0 and 1 is no class."""
        both = torch.stack([(target == 0).sum(), (target == 1).sum()])
        zeros, ones = (int(each) for each in both.tolist())
        if zeros + ones == target.numel():
            self.count(key, torch.tensor([0] * zeros + [1] * ones), 2)

    def count(self, key: object, kept: Tensor, outputs: int) -> None:
        if outputs > 10_000:
            return
        counts = torch.bincount(kept.flatten(), minlength=outputs).double().cpu()
        known = self.counts.get(key)
        self.counts[key] = counts if known is None or known.shape != counts.shape else known + counts

    def loss(self, event: LossCall, value: float) -> None:
        """It has been computed."""
        self.recent, step = value, self.engine.step + 1
        if self.guess is not None and event.family in REGRESSION | BINARY and event.loss.reduction in ("mean", "sum"):
            self.curves.setdefault(event.site.key(), (event, []))
            if self.guess > 0:
                self.shares.setdefault(event.site.key(), []).append((step, value / self.guess))
        if event.loss.reduction == "mean" and event.family in CLASSIFICATION and not event.loss.weighted:
            _, values = self.curves.setdefault(event.site.key(), (event, []))
            values.append((step, value))

    def backward(self, value: float | None) -> None:
        """A value goes backward: is it the loss itself?"""
        if value is None or abs(value - self.recent) > 1e-6 * abs(value):
            self.others = True

    # -- between sampled steps --------------------------------------------------------------------------------------------
    def peeks(self, tensors: Any) -> None:
        """A value goes backward between sampled steps: a copy of it is kept, and nobody waits for its number."""
        self.peek = self.engine.step + self.stride
        loss = tensors[0] if isinstance(tensors, tuple | list) and tensors else tensors
        if not isinstance(loss, Tensor) or loss.numel() != 1 or not readable(loss):
            return
        self.peeked.append((self.engine.step + 1, loss.detach().reshape(()).clone()))
        if len(self.peeked) == PEEKS:
            del self.peeked[1::2]
            self.stride *= 2

    def _between(self) -> tuple[tuple[int, float], ...]:
        """The values of these steps, where they are those of the one loss of the run."""
        if self.engine.cut or self.others or len(self.curves) != 1 or not self.peeked:
            return ()
        numbers = torch.stack([value.float().cpu() for _, value in self.peeked]).tolist()
        return tuple((step, number) for (step, _), number in zip(self.peeked, numbers, strict=True))

    # -- the end ----------------------------------------------------------------------------------------------------------
    def finish(self, optimizers: int) -> Iterator[LossCurve]:
        """The curves of a run with so many optimizers."""
        between = self._between() if optimizers == 1 else ()
        for event, values in self.curves.values():
            prior = _entropy(self.counts.get(event.site.key()))
            if event.family in BINARY and len(self.curves) > 1:
                prior = None  # networks that play against each other end at chance
            shares = tuple(self.shares.get(event.site.key(), ()))
            family, classes = event.family or "", event.classes or 0
            yield LossCurve(event.site, family, classes, tuple(values), prior, shares, between)


def _entropy(counts: Tensor | None) -> float | None:
    """The loss of always predicting the class frequencies, in nats; None where too few labels were seen."""
    number = 0.0 if counts is None else float(counts.sum())
    if counts is None or number < LABELS * counts.numel():
        return None
    shares = counts / number
    return float(-(shares[shares > 0] * shares[shares > 0].log()).sum())
