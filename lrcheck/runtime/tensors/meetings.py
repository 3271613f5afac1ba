"""Hand-written losses: a prediction meets a target in arithmetic, and what comes of it goes backward.

A column and a row of equal length are broadcast to a table of all pairs; probabilities minus one-hot labels are squared. Each
is remembered until the backward pass, which tells whether it was a loss.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from torch import Tensor

from lrcheck.events import LossCall
from lrcheck.facts import Form, LossFacts, TensorFacts, Uses
from lrcheck.knowledge.losses import LossContract, TargetKind
from lrcheck.runtime.tensors import losses
from lrcheck.runtime.tensors.likelihood import is_minus_score
from lrcheck.runtime.tensors.losses import FUNCTIONS

if TYPE_CHECKING:
    from lrcheck.facts import Shape
    from lrcheck.runtime.tensors.flow import Call
    from lrcheck.runtime.tensors.tracer import Tracer

DIFFERENCES = frozenset({"sub", "__sub__", "__rsub__", "rsub", "subtract"})
ARITHMETIC = DIFFERENCES | frozenset(
    {"add", "__add__", "__radd__", "mul", "__mul__", "__rmul__", "multiply", "div", "__truediv__", "__rtruediv__", "divide",
     "true_divide", "pow", "__pow__", "maximum", "minimum"}
)  # fmt: skip
PICKING = frozenset({"gather", "__getitem__", "take_along_dim"})
MOST = 16  # meetings that are remembered until the backward pass
NEAR = 32  # values that a target was computed from, at most
_TABLE = LossContract("other", None, TargetKind.VALUES, elementwise=True, module="", function=None)
_CLASSIFICATION = frozenset({"cross_entropy", "nll", "bce", "bce_with_logits"})


class Meetings:
    """Asked at each arithmetic of two tensors in traced steps."""

    def __init__(self, tracer: Tracer) -> None:
        self.tracer = tracer
        self.tables: list[tuple[Uses, LossCall]] = []
        self.distances: list[tuple[Uses, LossCall]] = []
        self.score: LossCall | None = None  # the scores of the true classes, as they were picked last

    def clear(self) -> None:
        self.tables.clear()
        self.distances.clear()
        self.score = None

    def picks(self, call: Call) -> None:
        """Some values of a tensor are picked: the scores of the true classes?"""
        given, index = call.facts[0], call.facts[-1]
        if given.form is Form.LOGITS and given.attached and index is not given and index.roots == {"target"}:
            loss = LossFacts(contract=FUNCTIONS["nll_loss"], name="a score", reduction="mean")
            self.score = losses.loss_call(self.tracer.here(), loss, given, TensorFacts(), direct=False, training=True)

    def scored(self, loss: Tensor) -> LossCall | None:
        """A backward pass begins: from nothing but minus these scores?"""
        score, self.score = self.score, None
        return score if score is not None and is_minus_score(loss) else None

    def met(self, call: Call) -> None:
        """Two tensors were added, subtracted, multiplied, divided."""
        if len(call.facts) != 2 or len(call.tensors) != 2:
            return
        first, second = call.facts
        if first.shape == second.shape:
            if call.name in DIFFERENCES and len(self.distances) < MOST:
                self._distance(call)
        elif _crossed(first.shape, second.shape) and len(self.tables) < MOST:
            self._table(call, first, second)
        elif _crossed(second.shape, first.shape) and len(self.tables) < MOST:
            self._table(call, second, first)

    def lost(self, *, wrapped: bool = False) -> list[LossCall]:
        """Those that the backward pass which begins now goes through; all of them inside `torch.func.grad`."""
        tables = [
            event for uses, event in self.tables if (wrapped or "backward" in uses.kinds) and "ranked" not in uses.kinds
        ]
        found = list({event.site.span().line: event for event in reversed(tables)}.values())  # one cause, one finding
        for uses, event in self.distances:
            family = next((each for each in ("mse", "l1") if each in uses.kinds), None)
            if family is not None and (wrapped or "backward" in uses.kinds):
                contract = FUNCTIONS[f"{family}_loss"]
                found.append(dataclasses.replace(event, loss=dataclasses.replace(event.loss, contract=contract)))
        self.clear()
        return found

    def _follow(self, call: Call, pending: list[tuple[Uses, LossCall]], event: LossCall) -> None:
        """Remember it, and what becomes of the result."""
        assert isinstance(call.result, Tensor)
        result = self.tracer.memory.of(call.result)
        uses = Uses(parents=() if result.uses is None else (result.uses,))
        self.tracer.memory.put(call.result, result.but(uses=uses))
        pending.append((uses, event))

    # -- a column and a row -----------------------------------------------------------------------------------------------
    def _table(self, call: Call, column: TensorFacts, row: TensorFacts) -> None:
        given, target = (column, row) if _is_prediction(column) else (row, column)
        if call.name in DIFFERENCES and _is_error(given, target):
            loss = LossFacts(contract=FUNCTIONS["mse_loss"], name="a difference", functional=True, reduction="none")
        elif self._is_table(column, row) and not _is_one(call):
            loss = LossFacts(contract=_TABLE, name="arithmetic", reduction="none")
        else:
            return
        event = losses.loss_call(self.tracer.here(), loss, given, target, direct=False, training=True)
        self._follow(call, self.tables, event)

    def _is_table(self, column: TensorFacts, row: TensorFacts) -> bool:
        """Pairs that nobody wanted: the column came as one out of a model or the data, it was not made to be one."""
        if column.widened or row.widened or _is_fixed(column) or _is_fixed(row):
            return False
        if self.tracer.inside():
            return bool(column.attached and row.attached and column.shape and column.shape[0] == self.tracer.batch)
        if _is_prediction(column):
            return True
        return _is_prediction(row) and bool(row.attached) and not column.attached

    # -- probabilities and labels -----------------------------------------------------------------------------------------
    def _distance(self, call: Call) -> None:
        """A difference of probabilities and labels; whether it is squared shows later."""
        first, second = call.facts
        given, target = (first, second) if first.attached else (second, first)
        if losses.is_distance("mse_loss", given, target):
            wanted = call.tensors[0] if target is first else call.tensors[1]
            target = self.tracer.rows.known(self.tracer.here().key(), wanted, target)
        labels = target.form in (Form.ONE_HOT, Form.CLASS_INDEX)
        probable = given.form is Form.PROBABILITIES or (given.form is Form.LOGITS and labels)
        if not given.attached or target.attached or not probable or self.tracer.inside():
            return
        if any(each.family in _CLASSIFICATION for each in self.tracer.engine.kept.values()):
            return  # beside a cross entropy: a term of its own
        loss = LossFacts(contract=None, name="a difference", functional=True, reduction="none")
        event = losses.loss_call(self.tracer.here(), loss, given, target, direct=False, training=True)
        self._follow(call, self.distances, event)


def _crossed(column: Shape | None, row: Shape | None) -> bool:
    """`(N, 1)` and `(N,)`, `(N, 1, H, W)` and `(N, H, W)`: every sample meets every other one.

    So do `(N, T, 1)` and `(N, T)` where there are as many steps as samples; otherwise torch raises.
    """
    if not column or not row or len(column) != len(row) + 1 or row[0] == 1:
        return False
    if column[-1] == 1 and column[:-1] == row and len(set(row)) == 1:
        return True
    return column[1] == 1 and column[0] == row[0] != 1 and column[2:] == row[1:]


def _is_prediction(facts: TensorFacts) -> bool:
    return facts.model is not None or facts.form is Form.LOGITS or (facts.form is Form.LOSS and facts.attached is True)


def _is_fixed(facts: TensorFacts) -> bool:
    """A weight, or a constant of the program; numbers that it collected are neither."""
    return facts.roots == {"parameter"} or (facts.roots == {"constant"} and not _of_numbers(facts))


def _is_error(given: TensorFacts, target: TensorFacts) -> bool:
    """A prediction minus something without a gradient.

    Pairs within one tensor (`x[:, None] - x`), grids (`arange`) and constants (`ones`) are no predictions and targets; numbers
    that the program collected (`torch.tensor(rewards)`) are.
    """
    if not given.attached or not _is_prediction(given) or target.attached:
        return False
    return target.roots != {"constant"} or _of_numbers(target)


def _is_one(call: Call) -> bool:
    """Two views of the same numbers: pairs on purpose."""
    first, second = call.tensors
    return first.untyped_storage().data_ptr() == second.untyped_storage().data_ptr()


def _of_numbers(facts: TensorFacts) -> bool:
    """Is it made of a list of numbers, however it was scaled since?"""
    pending = [facts.uses]
    for _ in range(NEAR):
        uses = pending.pop() if pending else None
        if uses is not None:
            if "numbers" in uses.kinds:
                return True
            pending.extend(uses.parents)
    return False
