"""Errors by hand: a prediction minus its target, squared or not."""

from __future__ import annotations

from typing import Any

from lrcheck.events import LossCall
from lrcheck.facts import SOME, LossFacts, Shape, TensorFacts
from lrcheck.knowledge.losses import BY_FUNCTION


def met(run: Any, node: Any, left: TensorFacts, right: TensorFacts, left_node: Any, right_node: Any) -> None:
    """A column of predictions and a row of targets are subtracted: every sample meets every other one."""
    for given, target, given_node, target_node in (
        (left, right, left_node, right_node),
        (right, left, right_node, left_node),
    ):
        if target.shape is None or not _is_prediction(given) or not (_is_data(target) or _is_picked(target)):
            continue
        column = (*target.shape, 1) if given.ends_in_one else given.shape
        if column is not None and _crossed(column, target.shape):
            loss = LossFacts(BY_FUNCTION[_SQUARED], name="a difference", functional=True, reduction="none")
            run.emit(
                LossCall(
                    run.site(node), loss, given, target,
                    run.site(given_node) if given_node is not None else None,
                    run.site(target_node) if target_node is not None else None,
                    training=run.grad is not False,
                )
            )  # fmt: skip


_SQUARED = "torch.nn.functional.mse_loss"


def _is_prediction(facts: TensorFacts) -> bool:
    """What the last layer of a model gave: its only output for each sample."""
    return facts.out_features == 1 and facts.model is not None and "model" in facts.roots and not facts.widened


def _is_data(facts: TensorFacts) -> bool:
    """Numbers of the data: not a weight, not a constant, nothing that a model gave."""
    return bool(facts.roots) and not facts.roots & {"model", "parameter", "constant"} and not facts.widened


def _is_picked(facts: TensorFacts) -> bool:
    """Rows that were picked of numbers that the program made up: a batch of them."""
    return facts.shape == (SOME,) and facts.roots == {"constant"} and not facts.widened


def _crossed(column: Shape, row: Shape) -> bool:
    """`(N, 1)` and `(N,)`."""
    if len(column) != 2 or len(row) != 1 or row[0] in (None, 1):
        return False
    return column[1] == 1 and column[0] == row[0]
