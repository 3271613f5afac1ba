"""Metric objects: `update`, `compute`, `reset` of torchmetrics and torcheval; `add`, `value`, `reset` of `lrcheck.metrics`."""

from __future__ import annotations

PACKAGES = (
    "torchmetrics.",
    "torcheval.metrics.",
    "pytorch_lightning.metrics.",
    "lightning.metrics.",
    "lrcheck.metrics.",
)

# What they measure: "accuracy" and "mean" are means over what they saw, "score" is a number of the whole data set.
KINDS: dict[str, str] = {
    **dict.fromkeys(("Accuracy", "BinaryAccuracy", "MulticlassAccuracy", "MultilabelAccuracy"), "accuracy"),
    **dict.fromkeys(("MeanMetric", "Mean"), "mean"),
    **dict.fromkeys(
        ("AUROC", "BinaryAUROC", "MulticlassAUROC", "MultilabelAUROC", "AveragePrecision", "BinaryAveragePrecision",
         "MulticlassAveragePrecision", "F1Score", "BinaryF1Score", "MulticlassF1Score", "MultilabelF1Score", "FBetaScore",
         "Precision", "BinaryPrecision", "MulticlassPrecision", "Recall", "BinaryRecall", "MulticlassRecall", "JaccardIndex",
         "BinaryJaccardIndex", "MulticlassJaccardIndex", "MatthewsCorrCoef", "CohenKappa", "Specificity"),
        "score",
    ),
}  # fmt: skip

FUNCTIONS: dict[str, str] = {
    **dict.fromkeys(("accuracy", "binary_accuracy", "multiclass_accuracy"), "accuracy"),
    **dict.fromkeys(("auroc", "binary_auroc", "multiclass_auroc", "f1_score", "binary_f1_score", "multiclass_f1_score",
                     "average_precision", "jaccard_index", "binary_precision", "binary_recall"), "score"),
}  # fmt: skip


def kind_of(name: str, table: dict[str, str]) -> str | None:
    """What the class or function of that dotted name measures."""
    return table.get(name.rpartition(".")[2]) if name.startswith(PACKAGES) else None
