"""The running metrics: exact, weighted, and loud about shapes that do not fit."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from lrcheck.metrics import Accuracy, Mean


def test_mean_weighs_batches_by_their_samples() -> None:
    mean = Mean()
    mean.add(1.0, 64)
    mean.add(torch.tensor(4.0), 16)
    assert mean.value == (1.0 * 64 + 4.0 * 16) / 80
    assert mean.count == 80
    assert f"{mean:.2f}" == "1.60"
    assert repr(mean) == "Mean(1.6 over 80 samples)"


def test_mean_does_not_depend_on_the_order() -> None:
    values = [(1e9 / (seed - 500.5), 1 + seed % 7) for seed in range(1000)]
    forwards, backwards = Mean(), Mean()
    for value, samples in values:
        forwards.add(value, samples)
    for value, samples in reversed(values):
        backwards.add(value, samples)
    assert float(forwards) == float(backwards)


@pytest.mark.parametrize("odd", [math.inf, -math.inf, math.nan])
def test_mean_keeps_what_is_not_finite(odd: float) -> None:
    mean = Mean()
    mean.add(1.0, 3)
    mean.add(odd, 1)
    assert str(mean.value) == str(odd)


def test_mean_of_nothing_is_not_a_number() -> None:
    mean = Mean()
    mean.add(5.0, 0)
    assert math.isnan(mean.value)
    mean.add(5.0)
    mean.reset()
    assert math.isnan(mean.value)
    assert mean.count == 0


def test_mean_refuses_what_is_no_batch_mean() -> None:
    with pytest.raises(ValueError, match="-1 samples"):
        Mean().add(1.0, -1)
    with pytest.raises((ValueError, RuntimeError)):
        Mean().add(torch.zeros(3), 3)


def test_accuracy_counts_samples() -> None:
    accuracy = Accuracy()
    accuracy.add(torch.tensor([[0.1, 0.9], [0.8, 0.2]]), torch.tensor([1, 1]))
    accuracy.add(np.array([0, 1, 1]), np.array([0, 1, 1]))
    assert (accuracy.correct, accuracy.count) == (4, 5)
    assert accuracy.value == float(accuracy) == 0.8
    assert f"{accuracy:.1%}" == "80.0%"
    assert repr(accuracy) == "Accuracy(4/5)"


def test_accuracy_of_nothing_is_not_a_number() -> None:
    accuracy = Accuracy()
    assert math.isnan(accuracy.value)
    accuracy.add(torch.tensor([1]), torch.tensor([1]))
    accuracy.reset()
    assert math.isnan(accuracy.value)


@pytest.mark.parametrize(
    ("predictions", "labels"),
    [
        (torch.zeros(4, 10), torch.zeros(4, 10)),  # one-hot labels
        (torch.zeros(4, 1), torch.zeros(4)),  # one column
        (torch.zeros(4), torch.zeros(4, 1)),  # broadcasts to 4 x 4
        (torch.zeros(4), torch.zeros(5)),
        (torch.zeros(4, 10, 8), torch.zeros(4, 8)),  # pixels
        (torch.tensor(1), torch.tensor(1)),
    ],
)
def test_accuracy_refuses_shapes_that_would_broadcast(predictions: torch.Tensor, labels: torch.Tensor) -> None:
    with pytest.raises(ValueError, match=r"\(N,\)"):
        Accuracy().add(predictions, labels)


def test_nothing_is_held() -> None:
    loss = (torch.ones(3, requires_grad=True) ** 2).mean()
    mean = Mean()
    mean.add(loss, 3)
    assert not any(isinstance(value, torch.Tensor) for value in vars(mean).values())
