"""What each loss function of torch expects: one table for static rules, runtime rules and docs.

Source: the "Shape" and "target" sections of https://pytorch.org/docs/stable/nn.html#loss-functions.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from lrcheck.facts import Form


class TargetKind(enum.Enum):
    """What a loss expects as its target."""

    CLASSES = "class indices (int64), or class probabilities (float)"  # cross entropy takes both
    CLASS_INDEX = "class indices (int64)"
    UNIT = "floats in [0, 1], shaped like the input"
    VALUES = "floats, shaped like the input"
    SIGNS = "-1 or 1"
    DISTRIBUTION = "probabilities, or log-probabilities with log_target=True"


@dataclass(frozen=True, slots=True)
class LossContract:
    """What a loss expects.

    `family` is one of `cross_entropy`, `nll`, `bce`, `bce_with_logits`, `mse`, `l1`, `smooth_l1`, `kl_div`, `other`;
    `input` is the form of its first argument (None: any); `elementwise` losses compare input and target element by
    element, so their shapes must be equal.
    """

    family: str
    input: Form | None
    target: TargetKind
    elementwise: bool
    module: str
    function: str | None
    reductions: tuple[str, ...] = ("mean", "sum", "none")


_L, _P, _LP = Form.LOGITS, Form.PROBABILITIES, Form.LOG_PROBABILITIES

CONTRACTS: tuple[LossContract, ...] = (
    LossContract("cross_entropy", _L, TargetKind.CLASSES, False, "CrossEntropyLoss", "cross_entropy"),
    LossContract("nll", _LP, TargetKind.CLASS_INDEX, False, "NLLLoss", "nll_loss"),
    LossContract("nll", _LP, TargetKind.CLASS_INDEX, False, "NLLLoss2d", None),
    LossContract("bce", _P, TargetKind.UNIT, True, "BCELoss", "binary_cross_entropy"),
    LossContract("bce_with_logits", _L, TargetKind.UNIT, True, "BCEWithLogitsLoss", "binary_cross_entropy_with_logits"),
    LossContract("mse", None, TargetKind.VALUES, True, "MSELoss", "mse_loss"),
    LossContract("l1", None, TargetKind.VALUES, True, "L1Loss", "l1_loss"),
    LossContract("smooth_l1", None, TargetKind.VALUES, True, "SmoothL1Loss", "smooth_l1_loss"),
    LossContract("smooth_l1", None, TargetKind.VALUES, True, "HuberLoss", "huber_loss"),
    LossContract(
        "kl_div", _LP, TargetKind.DISTRIBUTION, True, "KLDivLoss", "kl_div", ("mean", "batchmean", "sum", "none")
    ),
    LossContract("other", None, TargetKind.VALUES, True, "PoissonNLLLoss", "poisson_nll_loss"),
    LossContract("other", None, TargetKind.VALUES, False, "GaussianNLLLoss", "gaussian_nll_loss"),
    LossContract("other", None, TargetKind.SIGNS, False, "SoftMarginLoss", "soft_margin_loss"),
    LossContract("other", None, TargetKind.SIGNS, False, "HingeEmbeddingLoss", "hinge_embedding_loss"),
    LossContract("other", _L, TargetKind.CLASS_INDEX, False, "MultiMarginLoss", "multi_margin_loss"),
    LossContract("other", _L, TargetKind.UNIT, False, "MultiLabelSoftMarginLoss", "multilabel_soft_margin_loss"),
    LossContract("other", None, TargetKind.CLASS_INDEX, False, "MultiLabelMarginLoss", "multilabel_margin_loss"),
    LossContract("other", None, TargetKind.SIGNS, False, "CosineEmbeddingLoss", "cosine_embedding_loss"),
    LossContract("other", None, TargetKind.SIGNS, False, "MarginRankingLoss", "margin_ranking_loss"),
    LossContract("other", None, TargetKind.VALUES, False, "TripletMarginLoss", "triplet_margin_loss"),
    LossContract("other", None, TargetKind.CLASS_INDEX, False, "CTCLoss", "ctc_loss"),
)

BY_CLASS: dict[str, LossContract] = {f"torch.nn.{contract.module}": contract for contract in CONTRACTS}
BY_FUNCTION: dict[str, LossContract] = {
    f"torch.nn.functional.{contract.function}": contract for contract in CONTRACTS if contract.function
}
