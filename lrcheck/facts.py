"""Facts: what is known about one value of a training program.

A fact is either known or `None`; it is never guessed. The static observer derives facts by abstract interpretation, the
runtime observer reads them from tensors and from the autograd graph; rules cannot tell the difference.
"""

from __future__ import annotations

import dataclasses
import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lrcheck.findings import Label, Site

if TYPE_CHECKING:
    from lrcheck.knowledge.losses import LossContract

Dim = int | str | None
"""One dimension: a number, a symbol (`"N"` is the batch size; equal symbols are equal numbers), or unknown."""

Shape = tuple[Dim, ...]
BATCH = "N"


class Form(enum.Enum):
    """What the numbers of a tensor stand for."""

    DATA = "data"  # samples as the dataset gives them, and what plain arithmetic makes of them
    LOGITS = "logits"  # the output of an affine layer, no activation behind it
    PROBABILITIES = "probabilities"  # behind softmax or sigmoid
    LOG_PROBABILITIES = "log-probabilities"  # behind log-softmax or logsigmoid, or the log of probabilities
    CLIPPED = "activated"  # behind another activation (ReLU, tanh, ...)
    CLASS_INDEX = "class indices"
    ONE_HOT = "one-hot labels"
    THRESHOLDED = "hard predictions"  # behind a comparison with a threshold, round, sign
    MATCHES = "matches"  # predictions compared with targets, element by element
    LOSS = "loss"


class DType(enum.Enum):
    """The kind of element type; the exact width rarely matters to a rule."""

    FLOAT = "float"
    INT = "int"
    BOOL = "bool"
    COMPLEX = "complex"


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that was done to a tensor, and where.

    `name` is canonical (`softmax` for `torch.softmax`, `F.softmax`, `nn.Softmax`, ...). `site` is the call in the
    program. `argument` is the expression that would stand there without the operation. For a layer, `layer` is where the
    layer was constructed, and `removable` says that this place is an element of an `nn.Sequential` that can be taken out.
    """

    name: str
    site: Site
    operand: TensorFacts | None = None
    argument: Site | None = None
    layer: Site | None = None
    removable: bool = False
    dim: int | None = None
    has_dim: bool = False  # a dim was given (its value may still be unknown)
    dim_site: Site | None = None  # the expression that gave the dim
    always_after_each: bool = False  # appended after every layer by a loop

    def label(self, text: str) -> Label:
        """A label on the operation: on the layer where a Sequential calls it, else on the call in the program."""
        inside = self.layer is not None and (self.removable or self.argument is None)
        return Label(self.layer if inside and self.layer is not None else self.site, text)


@dataclass(slots=True)
class Uses:
    """What a program does with a value and with what is derived from it, filled while it is observed."""

    kinds: dict[str, Site] = field(default_factory=dict)  # "report", "threshold", "argmax", "returned", "loss", "data"
    parents: tuple[Uses, ...] = ()  # of the values that it was computed from

    def mark(self, kind: str, site: Site) -> None:
        """Remember one use, of this value and so of those that it was computed from."""
        stack = [self]
        while stack:
            uses = stack.pop()
            if kind not in uses.kinds:
                uses.kinds[kind] = site
                stack.extend(uses.parents)


@dataclass(frozen=True, slots=True)
class Decision:
    """How a program turns a model's output into predictions.

    `kind`: `argmax`, `threshold` or `round`; `threshold` is the number compared with; `dim` is the reduced dimension.
    """

    kind: str
    site: Site
    threshold: float | None = None
    dim: int | None = None
    classes: int | None = None


@dataclass(frozen=True, slots=True)
class TensorFacts:
    """A tensor. Every field may be unknown (`None`, or empty)."""

    form: Form | None = None
    made_by: Operation | None = None  # the operation that gave the form
    shape: Shape | None = None
    dtype: DType | None = None
    device: str | None = None
    attached: bool | None = None  # connected to the autograd graph
    cut_by: Operation | None = None  # the operation that cut the gradient (argmax, item, detach, a comparison, ...)
    zeroed_by: Operation | None = None  # the operation whose gradient is zero everywhere (round, sign, floor)
    roots: frozenset[str] = frozenset()  # what it was computed from: "model", "input", "target", "parameter", "constant"
    classes: int | None = None  # number of classes of CLASS_INDEX and ONE_HOT
    reduction: str | None = None  # of a LOSS: "mean", "sum", "none"
    trailing: Operation | None = None  # Dropout or BatchNorm applied behind the last layer
    model: ModuleFacts | None = None  # the model whose output it is (directly or through view, detach, activation)
    layer: Operation | None = None  # the affine layer that made the logits (`layer.layer` is its construction)
    out_features: int | None = None  # width of that layer
    identity: int | None = None  # equal for the same values
    uses: Uses | None = None
    origin: Site | None = None  # the expression that made the value
    why_unknown: str = ""  # for `-v`: why the form is not known
    last: Operation | None = None  # the last elementwise mathematics (exp, log, sum, max-subtraction), for LR114
    converted: Operation | None = None  # the conversion that gave the dtype: `.float()`, `.to(torch.long)`
    squeezed: Operation | None = None  # a `.squeeze()` without dim on the way

    def but(self, **changes: object) -> TensorFacts:
        """The same facts with some replaced."""
        return dataclasses.replace(self, **changes)  # type: ignore[arg-type]

    @property
    def activation(self) -> str | None:
        """The canonical name of the activation that made the form: `softmax`, `sigmoid`, `relu`, ..."""
        if self.made_by is None or self.form not in _ACTIVATED:
            return None
        return self.made_by.name

    @property
    def columns(self) -> int | None:
        """The size of the class dimension (1) of a batched tensor, where it is a known number."""
        if self.shape is None or len(self.shape) < 2:
            return None
        dim = self.shape[1]
        return dim if isinstance(dim, int) else None


_ACTIVATED = frozenset({Form.PROBABILITIES, Form.LOG_PROBABILITIES, Form.CLIPPED})

UNKNOWN_TENSOR = TensorFacts()


@dataclass(eq=False, slots=True)
class ModuleFacts:
    """A module instance, as one identity: the observer updates `training` while it follows the program."""

    name: str  # the class as the user wrote it: `Net`, `nn.Linear`
    canonical: str | None = None  # the torch name, where it is torch's own class
    site: Site | None = None  # where it was constructed
    training: bool | None = True
    mode_site: Site | None = None  # the last mode switch
    has_dropout: bool | None = None
    has_batchnorm: bool | None = None
    decisions: list[Decision] = field(default_factory=list)  # predictions made from its output, anywhere in the program
    outputs: Uses = field(default_factory=Uses)


@dataclass(frozen=True, slots=True)
class LossFacts:
    """A loss function with its arguments."""

    contract: LossContract | None  # None: an unknown loss, or one of several
    name: str  # as the user wrote it: `nn.BCELoss`, `F.cross_entropy`
    site: Site | None = None  # its construction; None for a functional call
    functional: bool = False
    reduction: str | None = None
    reduction_site: Site | None = None  # the value of `reduction=`, where it was given
    ignore_index: int | None = None
    weighted: bool = False  # weight= or pos_weight= was given
    argument: Site | None = None  # the callee of the construction, to be renamed by a fix (`nn.BCELoss`)
    created_inline: bool = False


@dataclass(eq=False, slots=True)
class OptimizerFacts:
    """An optimizer instance, as one identity."""

    name: str
    canonical: str | None = None
    site: Site | None = None
    owners: tuple[ModuleFacts, ...] = ()  # the modules whose parameters it holds, where known
    complete: bool = False  # every parameter group is known


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """A device expression: `kind` "cpu", "cuda", "mps", or None; `guarded` where a fallback exists."""

    kind: str | None = None
    guarded: bool = False
    site: Site | None = None


@dataclass(frozen=True, slots=True)
class LoaderFacts:
    """A data loader."""

    site: Site | None = None
    dataset: DatasetFacts | None = None
    batch_size: int | None = None
    shuffle: bool | None = None
    drop_last: bool | None = None
    sampler: bool | None = None
    workers: int | None = None


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """A dataset, as far as it is known."""

    name: str  # canonical: `torchvision.datasets.MNIST`
    site: Site | None = None
    samples: int | None = None
    classes: int | None = None
    sample_shape: Shape | None = None
    train: bool | None = None
    iterable: bool | None = None
