"""Loss calls of a live run: which loss, with which arguments, on which facts."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn  # noqa: TC002  # torch is loaded anyway
from torch.nn._reduction import legacy_get_string
from torch.nn.modules.loss import _Loss

from lrcheck.events import LossCall
from lrcheck.facts import DType, Form, LossFacts, TensorFacts, Uses
from lrcheck.knowledge.losses import BY_CLASS, BY_FUNCTION, LossContract, TargetKind
from lrcheck.runtime.places.sites import FrameSite
from lrcheck.runtime.tensors.memory import construction, is_one_hot, readable

FUNCTIONS: dict[str, LossContract] = {name.rpartition(".")[2]: contract for name, contract in BY_FUNCTION.items()}
_NAMES = {"cross_entropy": ("input", "target"), "cosine_embedding_loss": ("input1", "target")}
ROWS = 200  # one-hot rows to be seen before values alone make a target one-hot


def loss_facts(name: str, args: tuple[Any, ...], kwargs: dict[str, Any], owner: nn.Module | None) -> LossFacts:
    """The loss that a call of `F.<name>` computes; `owner` is the loss module that called it, where one did."""
    weighted = any(kwargs.get(key) is not None for key in ("weight", "pos_weight"))
    if isinstance(owner, _Loss):
        kind = type(owner).__name__
        return LossFacts(
            contract=BY_CLASS.get(f"torch.nn.{kind}", FUNCTIONS.get(name)),
            name=f"nn.{kind}" if type(owner).__module__.startswith("torch.") else kind,
            site=construction(owner),
            reduction=str(owner.reduction),
            ignore_index=getattr(owner, "ignore_index", None),
            weighted=weighted,
        )
    return LossFacts(
        contract=FUNCTIONS.get(name),
        name=f"F.{name}",
        functional=True,
        reduction=_reduction(kwargs),
        ignore_index=kwargs.get("ignore_index"),
        weighted=weighted or (name == "cross_entropy" and len(args) > 2 and args[2] is not None),
    )


def _reduction(kwargs: dict[str, Any]) -> str | None:
    """Torch's own functions hand on all their arguments by name; the old ones come before `reduction`."""
    averaged, reduced = kwargs.get("size_average"), kwargs.get("reduce")
    if averaged is not None or reduced is not None:
        return legacy_get_string(averaged, reduced, emit_warning=False)
    value = kwargs.get("reduction", "mean")
    return value if isinstance(value, str) else None


def arguments(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Any]:
    """The input and the target of the call, whichever way they were passed."""
    first, second = _NAMES.get(name, ("input", "target"))
    given = args[0] if args else kwargs.get(first)
    target = args[1] if len(args) > 1 else kwargs.get(second)
    return given, target


class TargetRows:
    """Counts one-hot rows of float targets, per place: one batch proves nothing, 200 rows do."""

    def __init__(self) -> None:
        self._rows: dict[object, int] = {}

    def known(self, key: object, target: Tensor, facts: TensorFacts) -> TensorFacts:
        """The facts of a target, with its form where all rows that were seen tell it."""
        if facts.form is None and self.one_hot(key, target):
            return facts.but(form=Form.ONE_HOT, classes=target.size(1))
        return facts

    def one_hot(self, key: object, target: Tensor) -> bool:
        """Has every row seen at this place so far been one-hot, and were there enough of them?"""
        if self._rows.get(key) == -1:
            return False
        if not is_one_hot(target):
            self._rows[key] = -1
            return False
        self._rows[key] = self._rows.get(key, 0) + target.size(0)
        return self._rows[key] >= ROWS


def loss_call(
    site: FrameSite,
    loss: LossFacts,
    given: TensorFacts,
    target: TensorFacts,
    *,
    direct: bool,
    training: bool,
) -> LossCall:
    """The event; `direct` says that the user's own expression at `site` is the call."""
    contract = loss.contract
    if contract is not None and target.form is None and contract.target in (TargetKind.CLASSES, TargetKind.CLASS_INDEX):
        scores, rank = len(given.shape or ()), len(target.shape or ())
        if target.dtype is DType.INT and rank == scores - 1:
            target = target.but(form=Form.CLASS_INDEX)
    elementwise = contract is not None and contract.elementwise
    parents = tuple(each.uses for each in (given, target) if elementwise and each.uses is not None)
    output = TensorFacts(form=Form.LOSS, reduction=loss.reduction, uses=Uses(parents=parents))
    return LossCall(
        site,
        loss,
        given,
        target,
        input_site=site.argument_site(0, "input") if direct else None,
        target_site=site.argument_site(1, "target") if direct else None,
        training=training,
        output=output,
    )


def is_distance(name: str, given: TensorFacts, target: TensorFacts) -> bool:
    """Is a distance taken between scores of a model and what no model, and no input of one, has made?"""
    family = FUNCTIONS[name].family if name in FUNCTIONS else ""
    scores = given.form in (Form.PROBABILITIES, Form.LOGITS) and given.attached is True and given.shape == target.shape
    return family in ("mse", "l1", "smooth_l1") and scores and target.model is None and target.roots <= {"target"}


def is_binary(tensor: Tensor) -> bool:
    """Numbers without a graph that are all 0 or 1: reads the device once."""
    if tensor.requires_grad or not readable(tensor) or not tensor.numel():
        return False
    return bool(((tensor == 0) | (tensor == 1)).all())


def is_swapped(name: str, given: Tensor, target: Tensor) -> bool:
    """Scores that are trained, where the labels belong: whole numbers are given for them, or some are negative, which no share is."""
    if name not in ("cross_entropy", "nll_loss") or given.requires_grad or not target.requires_grad:
        return False
    if not given.is_floating_point():
        return True
    if name == "nll_loss" or given.shape != target.shape:
        return False
    return readable(target) and bool((target.detach() < 0).any())
