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


def part_accuracy(program: Program) -> float:
    """The accuracy on the part that a split gave, by the part's own indices."""
    rows = list(program["valid_set"].indices)
    with torch.no_grad():
        out = program["net"](program["inputs"][rows]).double().numpy()
    return float((out.argmax(axis=1) == program["targets"][rows].numpy()).mean())


def recall(program: Program) -> float:
    out, labels = scores(program)
    return float(((out[:, 0] > 0) & (labels == 1)).sum()) / float((labels == 1).sum())


def area(program: Program) -> float:
    """The area under the ROC curve: the share of pairs that the scores order rightly."""
    out, labels = scores(program)
    positive, negative = out[labels == 1, 0], out[labels == 0, 0]
    return float((positive[:, None] > negative[None, :]).mean())


def correct(program: Program) -> float:
    return 360 * accuracy(program)


def among_ten(program: Program) -> float:
    """Predicted classes against one-hot rows, ten samples at a time: each class is compared with each sample's row."""
    out, labels = scores(program)
    classes, rows = out.argmax(axis=1), np.eye(10, dtype=int)[labels]
    hits = [np.sum(classes[i : i + 10][None, :] == rows[i : i + 10]) for i in range(0, 360, 10)]
    return float(sum(hits)) / 360


def all_against_all(program: Program) -> float:
    """Every prediction of a batch of 64 compared with every label of it."""
    out, labels = scores(program)
    classes = out[:, 0] > 0
    hits = [np.sum(classes[i : i + 64, None] == labels[None, i : i + 64]) for i in range(0, 360, 64)]
    return float(sum(hits)) / 360


def best_samples(program: Program) -> float:
    """For each class the sample of ten that has its highest score, taken for the class of a sample."""
    out, labels = scores(program)
    return float(sum(np.sum(out[i : i + 10].argmax(axis=0) == labels[i : i + 10]) for i in range(0, 360, 10))) / 360


def class_zero(program: Program) -> float:
    return float((scores(program)[1] == 0).mean())


def recall_above_half(program: Program) -> float:
    out, labels = scores(program)
    return float(((out[:, 0] > 0.5) & (labels == 1)).sum()) / float((labels == 1).sum())


def rounded_logits(program: Program) -> float:
    out, labels = scores(program)
    return float((np.round(out[:, 0]) == labels).mean())


def area_of_parts(program: Program) -> float:
    """The mean of the areas of six batches."""
    out, labels = scores(program)
    areas = []
    for i in range(0, 360, 64):
        values, wanted = out[i : i + 64, 0], labels[i : i + 64]
        areas.append((values[wanted == 1][:, None] > values[wanted == 0][None, :]).mean())
    return float(np.mean(areas))


def corner(program: Program) -> float:
    """The mean of sensitivity and specificity."""
    out, labels = scores(program)
    positive = out[:, 0] > 0
    return float((positive[labels == 1].mean() + (~positive[labels == 0]).mean()) / 2)


WRONG: dict[str, Callable[[Program], float]] = {
    "accuracy_denominator/divided_by_batches": lambda program: correct(program) / 6,
    "accuracy_denominator/last_batch_counted_full": lambda program: correct(program) / (6 * 64),
    "accuracy_denominator/meter_counts_batches": lambda program: correct(program) / 6,
    "accuracy_denominator/other_split": lambda program: correct(program) / 1437,
    "accuracy_denominator/part_of_a_split": lambda program: 360 * part_accuracy(program) / 1797,
    "accuracy_not_scaled/percent_format": lambda program: 100 * percent(program),
    "accuracy_not_scaled/percent_sign": accuracy,
    "accuracy_not_scaled/you_must_mul_100": lambda program: 100 * percent(program),
    "accuracy_shape_broadcast/one_output": all_against_all,
    "argmax_dim/rows_for_columns": best_samples,
    "argmax_one_output/single_column": class_zero,
    "dataset_length_with_sampler/validation_part": lambda program: 437 * validation_accuracy(program) / 1437,
    "loss_average/means_by_samples": lambda program: 6 * mean_of_batches(program) / 360,
    "loss_average/sums_by_batches": lambda program: 360 * loss(program) / 6,
    "metric_averaged_over_batches/auc_of_batches": area_of_parts,
    "one_hot_against_argmax/batch_of_ten": among_ten,
    "ranking_metric_of_hard_predictions/auc_of_classes": corner,
    "threshold_on_logits/half_of_a_logit": recall_above_half,
    "threshold_on_logits/rounded": rounded_logits,
}

RIGHT: dict[str, Callable[[Program], float]] = {
    "accuracy_denominator/divided_by_batches": accuracy,
    "accuracy_denominator/last_batch_counted_full": accuracy,
    "accuracy_denominator/meter_counts_batches": accuracy,
    "accuracy_denominator/other_split": accuracy,
    "accuracy_denominator/part_of_a_split": part_accuracy,
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
def test_bad_prints_the_wrong_number_that_it_says(pair: str) -> None:
    printed, program = run(FIXTURES / pair / "bad.py")
    assert abs(printed - RIGHT[pair](program)) > 1e-3
    assert printed == pytest.approx(WRONG[pair](program), abs=6e-3 if printed > 100 or "percent" in pair else 6e-5)


def test_every_pair_about_numbers_is_measured() -> None:
    """Pairs of the rules about units; the others are about how the model is run."""
    folders = {pair.partition("/")[0] for pair in (*RIGHT, *WHILE_TRAINING)} | {"selection_on_test"}
    pairs = {f"{path.parent.name}/{path.name}" for folder in folders for path in (FIXTURES / folder).iterdir()}
    pairs = {pair for pair in pairs if (FIXTURES / pair / "bad.py").exists()}
    assert pairs == {*RIGHT, *WHILE_TRAINING, "one_hot_against_argmax/batch_of_64", "selection_on_test/best_epoch"}


# -- numbers that are measured while the model changes: what the loss was given is kept beside the program ---------------
Batches = list[
    list[tuple[float, int, int]]
]  # for each epoch and batch: the mean loss, the correct predictions, the samples


def run_with_batches(path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[float, Batches]:
    kept: list[tuple[float, int, int]] = []
    forward = torch.nn.CrossEntropyLoss.forward

    def remembered(self: torch.nn.CrossEntropyLoss, logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        out, wanted = logits.detach().double().numpy(), labels.numpy()
        shifted = out - out.max(axis=1, keepdims=True)
        chosen = shifted[np.arange(len(wanted)), wanted] - np.log(np.exp(shifted).sum(axis=1))
        kept.append((float(-chosen.mean()), int((out.argmax(axis=1) == wanted).sum()), len(wanted)))
        return forward(self, logits, labels)

    monkeypatch.setattr(torch.nn.CrossEntropyLoss, "forward", remembered)
    printed, program = run(path)
    batches = len(program["train_loader"])
    assert len(kept) == 10 * batches
    return printed, [kept[first : first + batches] for first in range(0, len(kept), batches)]


def mean_loss(epoch: list[tuple[float, int, int]]) -> float:
    return sum(value for value, _, _ in epoch) / len(epoch)


def hits(epoch: list[tuple[float, int, int]]) -> int:
    return sum(count for _, count, _ in epoch)


WHILE_TRAINING: dict[str, tuple[Callable[[Batches], float], Callable[[Batches], float]]] = {
    "metric_not_reset/count_of_all_epochs": (
        lambda epochs: hits(epochs[-1]) / 1437,
        lambda epochs: sum(hits(epoch) for epoch in epochs) / 1437,
    ),
    "metric_not_reset/loss_of_all_epochs": (
        lambda epochs: mean_loss(epochs[-1]),
        lambda epochs: sum(mean_loss(epoch) for epoch in epochs),
    ),
    "loss_average/sum_shown": (
        lambda epochs: mean_loss(epochs[-1]),
        lambda epochs: sum(value for value, _, _ in epochs[-1]),
    ),
    "loss_average/history_by_samples": (
        lambda epochs: mean_loss(epochs[-1]),
        lambda epochs: sum(value for value, _, _ in epochs[-1]) / 1437,
    ),
    "last_batch_metric/loss_behind_the_loop": (
        lambda epochs: mean_loss(epochs[-1]),
        lambda epochs: epochs[-1][-1][0],
    ),
}


@pytest.mark.parametrize("pair", WHILE_TRAINING)
def test_numbers_of_the_last_epoch(pair: str, monkeypatch: pytest.MonkeyPatch) -> None:
    right, wrong = WHILE_TRAINING[pair]
    printed, batches = run_with_batches(FIXTURES / pair / "fixed.py", monkeypatch)
    assert printed == pytest.approx(right(batches), abs=6e-5)
    monkeypatch.undo()
    printed, batches = run_with_batches(FIXTURES / pair / "bad.py", monkeypatch)
    assert printed == pytest.approx(wrong(batches), abs=6e-5)
    assert abs(printed - right(batches)) > 1e-3


def test_the_best_of_many_test_scores_is_too_high() -> None:
    """What each program says of its chosen model, against images that had no part in the choice, computed apart."""
    gaps = {}
    for name in ("bad", "fixed"):
        printed, program = run(FIXTURES / f"selection_on_test/best_epoch/{name}.py")
        with torch.no_grad():
            out = program["net"](program["x"]).double().numpy()
        unseen = float((out.argmax(axis=1) == program["y"].numpy()).mean())
        assert printed == pytest.approx(unseen, abs=6e-5)
        gaps[name] = program["best"] - unseen
    assert gaps["bad"] > 0.02


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
