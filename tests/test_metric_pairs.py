"""What the pairs about metrics print: `fixed.py` the right number, `bad.py` the wrong one.

Both programs run in this process. The right number is computed apart from them, from the model that they trained and the data
that they hold.
"""

from __future__ import annotations

import contextlib
import io
import re
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"

Program = dict[str, Any]
pytestmark = pytest.mark.filterwarnings("ignore")


def run(path: Path) -> tuple[float, Program]:
    """The last number that a program prints, and its variables."""
    threads, output = torch.get_num_threads(), io.StringIO()
    try:
        with contextlib.redirect_stdout(output):
            variables = runpy.run_path(str(path))
    finally:
        torch.set_num_threads(threads)
    found = re.search(r"(-?[\d.]+)%?\s*$", output.getvalue())
    assert found is not None, output.getvalue()
    return float(found.group(1)), variables


def scores(program: Program, part: str = "test") -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Scores and labels of one part of the digits, in numpy."""
    rows = {"test": slice(1437, None), "validation": slice(1000, 1437)}[part]
    with torch.no_grad():
        out = program["net"](program["inputs"][rows]).double().numpy()
    return out, program["targets"][rows].numpy()


def accuracy(program: Program) -> float:
    out, labels = scores(program)
    classes = out.argmax(axis=1) if out.shape[1] > 1 else (out[:, 0] > 0).astype(labels.dtype)
    return float((classes == labels).sum()) / len(labels)


def percent(program: Program) -> float:
    return 100 * accuracy(program)


def validation_accuracy(program: Program) -> float:
    out, labels = scores(program, "validation")
    return float((out.argmax(axis=1) == labels).sum()) / len(labels)


def loss(program: Program) -> float:
    out, labels = scores(program)
    shifted = out - out.max(axis=1, keepdims=True)
    chosen = shifted[np.arange(len(labels)), labels] - np.log(np.exp(shifted).sum(axis=1))
    return float(-chosen.mean())


def mean_of_batches(program: Program) -> float:
    """The mean of the losses of 6 batches, the last of which is shorter."""
    out, labels = scores(program)
    values = []
    for first in range(0, len(labels), 64):
        part, wanted = out[first : first + 64], labels[first : first + 64]
        shifted = part - part.max(axis=1, keepdims=True)
        values.append(-(shifted[np.arange(len(wanted)), wanted] - np.log(np.exp(shifted).sum(axis=1))).mean())
    return float(np.mean(values))


def recall(program: Program) -> float:
    out, labels = scores(program)
    return float(((out[:, 0] > 0) & (labels == 1)).sum()) / float((labels == 1).sum())


def area(program: Program) -> float:
    """The area under the ROC curve: the share of pairs that the scores order rightly."""
    out, labels = scores(program)
    positive, negative = out[labels == 1, 0], out[labels == 0, 0]
    return float((positive[:, None] > negative[None, :]).mean())


RIGHT: dict[str, Callable[[Program], float]] = {
    "accuracy_denominator/divided_by_batches": accuracy,
    "accuracy_denominator/last_batch_counted_full": accuracy,
    "accuracy_denominator/meter_counts_batches": accuracy,
    "accuracy_denominator/other_split": accuracy,
    "accuracy_not_scaled/percent_format": percent,
    "accuracy_not_scaled/percent_sign": percent,
    "accuracy_not_scaled/you_must_mul_100": percent,
    "accuracy_shape_broadcast/one_output": accuracy,
    "argmax_dim/rows_for_columns": accuracy,
    "argmax_one_output/single_column": accuracy,
    "dataset_length_with_sampler/validation_part": validation_accuracy,
    "loss_average/means_by_samples": mean_of_batches,
    "loss_average/sums_by_batches": loss,
    "metric_averaged_over_batches/auc_of_batches": area,
    "one_hot_against_argmax/batch_of_ten": accuracy,
    "ranking_metric_of_hard_predictions/auc_of_classes": area,
    "threshold_on_logits/half_of_a_logit": recall,
    "threshold_on_logits/rounded": accuracy,
}


@pytest.mark.parametrize("pair", RIGHT)
def test_fixed_prints_the_right_number(pair: str) -> None:
    printed, program = run(FIXTURES / pair / "fixed.py")
    assert printed == pytest.approx(RIGHT[pair](program), abs=6e-3 if "percent" in pair or "mul_100" in pair else 6e-5)


@pytest.mark.parametrize("pair", RIGHT)
def test_bad_prints_another_number(pair: str) -> None:
    printed, program = run(FIXTURES / pair / "bad.py")
    assert abs(printed - RIGHT[pair](program)) > 1e-3


def test_a_total_that_is_never_set_back_passes_one() -> None:
    bad, _ = run(FIXTURES / "metric_not_reset/count_of_all_epochs/bad.py")
    fixed, _ = run(FIXTURES / "metric_not_reset/count_of_all_epochs/fixed.py")
    assert fixed <= 1 < bad


def test_a_sum_is_as_many_times_too_large_as_there_are_batches() -> None:
    bad, program = run(FIXTURES / "loss_average/sum_shown/bad.py")
    fixed, _ = run(FIXTURES / "loss_average/sum_shown/fixed.py")
    assert bad == pytest.approx(fixed * len(program["train_loader"]), rel=1e-3)


def test_the_last_batch_is_not_the_mean() -> None:
    bad, _ = run(FIXTURES / "last_batch_metric/loss_behind_the_loop/bad.py")
    fixed, _ = run(FIXTURES / "last_batch_metric/loss_behind_the_loop/fixed.py")
    assert abs(bad - fixed) > 0.01


def test_one_hot_labels_raise_with_batches_of_64() -> None:
    with pytest.raises(RuntimeError, match="must match the size"):
        run(FIXTURES / "one_hot_against_argmax/batch_of_64/bad.py")
    printed, program = run(FIXTURES / "one_hot_against_argmax/batch_of_64/fixed.py")
    assert printed == pytest.approx(accuracy(program), abs=6e-5)


@pytest.mark.parametrize(
    "pair", ["train_loader_not_shuffled/sorted_by_class", "test_loader_shuffled/order_of_the_files"]
)
def test_order_matters(pair: str) -> None:
    bad, _ = run(FIXTURES / pair / "bad.py")
    fixed, _ = run(FIXTURES / pair / "fixed.py")
    assert fixed - bad > 0.2
