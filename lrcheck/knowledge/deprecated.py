"""Deprecated, removed and renamed API of torch and torchvision, as data.

The rows are in `deprecated_torch` and `deprecated_vision`; a test compares each of them with the installed torch. Adding
a row never touches logic: rules ask `about(name)`, observers ask `INTERESTING` which uses they must report.
"""

from __future__ import annotations

from lrcheck.knowledge import names
from lrcheck.knowledge.deprecated_kinds import Deprecation, Kind, Repair
from lrcheck.knowledge.deprecated_torch import TENSOR_TYPES, TORCH
from lrcheck.knowledge.deprecated_vision import BUILDERS, VISION

__all__ = [
    "ASYNC",
    "BUILDERS",
    "CTOR",
    "DATA",
    "DATA_ITEM",
    "DEPRECATIONS",
    "INTERESTING",
    "INTERESTING_ATTRIBUTES",
    "INTERESTING_METHODS",
    "INTERESTING_MODULES",
    "LEGACY_REDUCTION",
    "LOAD",
    "NEW_KEYWORDS",
    "REDUCTION_ONLY",
    "TENSOR_TYPES",
    "VARIABLE",
    "Deprecation",
    "Kind",
    "Repair",
    "about",
]

DEPRECATIONS: tuple[Deprecation, ...] = TORCH + VISION

NEW_KEYWORDS = frozenset(row.keyword for row in DEPRECATIONS if row.kind is Kind.MISSING)
"""Keywords that new versions want, and old ones do not know."""

LEGACY_REDUCTION: dict[str, tuple[int, int, int]] = {
    "torch.nn.BCELoss": (1, 2, 3),
    "torch.nn.BCEWithLogitsLoss": (1, 2, 3),
    "torch.nn.CosineEmbeddingLoss": (1, 2, 3),
    "torch.nn.CrossEntropyLoss": (1, 3, 4),
    "torch.nn.HingeEmbeddingLoss": (1, 2, 3),
    "torch.nn.KLDivLoss": (0, 1, 2),
    "torch.nn.L1Loss": (0, 1, 2),
    "torch.nn.MSELoss": (0, 1, 2),
    "torch.nn.MarginRankingLoss": (1, 2, 3),
    "torch.nn.MultiLabelMarginLoss": (0, 1, 2),
    "torch.nn.MultiLabelSoftMarginLoss": (1, 2, 3),
    "torch.nn.MultiMarginLoss": (3, 4, 5),
    "torch.nn.NLLLoss": (1, 3, 4),
    "torch.nn.NLLLoss2d": (1, 3, 4),
    "torch.nn.PoissonNLLLoss": (2, 4, 5),
    "torch.nn.SmoothL1Loss": (0, 1, 2),
    "torch.nn.SoftMarginLoss": (0, 1, 2),
    "torch.nn.TripletMarginLoss": (4, 5, 6),
    "torch.nn.functional.binary_cross_entropy": (3, 4, 5),
    "torch.nn.functional.binary_cross_entropy_with_logits": (3, 4, 5),
    "torch.nn.functional.cosine_embedding_loss": (4, 5, 6),
    "torch.nn.functional.cross_entropy": (3, 5, 6),
    "torch.nn.functional.hinge_embedding_loss": (3, 4, 5),
    "torch.nn.functional.kl_div": (2, 3, 4),
    "torch.nn.functional.l1_loss": (2, 3, 4),
    "torch.nn.functional.margin_ranking_loss": (4, 5, 6),
    "torch.nn.functional.mse_loss": (2, 3, 4),
    "torch.nn.functional.multi_margin_loss": (5, 6, 7),
    "torch.nn.functional.multilabel_margin_loss": (2, 3, 4),
    "torch.nn.functional.multilabel_soft_margin_loss": (3, 4, 5),
    "torch.nn.functional.nll_loss": (3, 5, 6),
    "torch.nn.functional.poisson_nll_loss": (4, 6, 7),
    "torch.nn.functional.smooth_l1_loss": (2, 3, 4),
    "torch.nn.functional.soft_margin_loss": (2, 3, 4),
    "torch.nn.functional.triplet_margin_loss": (7, 8, 9),
}
"""Losses that still take `size_average` and `reduce`: the positions of these two and of `reduction`."""

REDUCTION_ONLY = frozenset(
    {
        "torch.nn.CTCLoss",
        "torch.nn.GaussianNLLLoss",
        "torch.nn.HuberLoss",
        "torch.nn.TripletMarginWithDistanceLoss",
        "torch.nn.functional.ctc_loss",
        "torch.nn.functional.gaussian_nll_loss",
        "torch.nn.functional.huber_loss",
        "torch.nn.functional.triplet_margin_with_distance_loss",
    }
)
"""Losses that never had them."""

ASYNC = frozenset({"torch.Tensor.cuda", "torch.Tensor.copy_", "torch.Tensor.type", "torch.nn.Module.cuda"})
"""Calls whose `async=` became `non_blocking=`."""

CTOR = "torch.Tensor"
VARIABLE = "torch.autograd.Variable"
DATA = "torch.Tensor.data"
DATA_ITEM = "torch.Tensor.data.__getitem__"
"""`x.data[i]` is one use: the receiver is `x`, the argument is `i`, the site is the whole expression."""
LOAD = "torch.load"

_JUDGED_BY_CODE = (
    frozenset(LEGACY_REDUCTION)
    | REDUCTION_ONLY
    | ASYNC
    | frozenset(BUILDERS)
    | frozenset(TENSOR_TYPES)
    | {CTOR, VARIABLE, DATA, DATA_ITEM, LOAD}
)

_ROWS: dict[str, list[Deprecation]] = {}
for _row in DEPRECATIONS:
    for _name in {_row.name} if ".v2." in _row.name else {_row.name, names.canonical(_row.name)}:
        _ROWS.setdefault(_name, []).append(_row)

INTERESTING: frozenset[str] = frozenset(_ROWS) | _JUDGED_BY_CODE
"""The full names whose use an observer has to report. Names below `torchvision.transforms.v2` are not shortened."""

INTERESTING_MODULES: frozenset[str] = frozenset(row.name for row in DEPRECATIONS if row.kind is Kind.MODULE)
"""Modules whose import, and whose members, are uses."""

_OWNERS = (
    "torch.Tensor.",
    "torch.nn.Module.",
    "torch.optim.lr_scheduler.LRScheduler.",
    "torch.optim.lr_scheduler.ReduceLROnPlateau.",
    "torch.utils.data.DataLoaderIter.",
    "torch.distributions.Distribution.",
)
_DATASETS = ("torchvision.datasets.MNIST.", "torchvision.datasets.CIFAR10.", "torch.utils.data.ConcatDataset.")

INTERESTING_ATTRIBUTES: frozenset[str] = frozenset({DATA, DATA_ITEM}) | {
    name
    for name, rows in _ROWS.items()
    if name.startswith((*_OWNERS, *_DATASETS)) and any(row.kind is Kind.ATTRIBUTE for row in rows)
}
"""The attributes of objects whose reading is a use. `torchvision.datasets.MNIST` stands for the classes derived from it too."""

INTERESTING_METHODS: frozenset[str] = (
    frozenset(name for name in INTERESTING if name.startswith(_OWNERS)) - INTERESTING_ATTRIBUTES
)
"""The methods of objects whose call is a use, under the name of the class that stands for the object.

`torch.optim.lr_scheduler.LRScheduler` stands for every scheduler but `ReduceLROnPlateau` and
`CosineAnnealingWarmRestarts`, whose `step` takes an argument by design; `torch.utils.data.DataLoaderIter` for
`iter(loader)`.
"""


def about(name: str) -> tuple[Deprecation, ...]:
    """The rows about a name, and about the module that it lives in."""
    found = list(_ROWS.get(name, ()))
    parent = name.rpartition(".")[0]
    while "." in parent:
        found.extend(row for row in _ROWS.get(parent, ()) if row.kind is Kind.MODULE)
        parent = parent.rpartition(".")[0]
    return tuple(found)
