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
SOME = "n"
"""Some rows of a tensor, more than one: what a stretch or a list of indices picks."""


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
    of: Site | None = None  # the activation whose output it turns into predictions

    def concerns(self, output: TensorFacts) -> bool:
        """Whether it may be made from this output: a model of several heads has others."""
        made = output.made_by.site if output.made_by is not None else None
        return self.of is None or made is None or self.of.key() == made.key()


class Quantity(enum.Enum):
    """What a reported number measures, before it is summed, divided or scaled."""

    ACCURACY = "accuracy"  # the share of predictions that match
    LOSS = "loss"
    SCORE = "score"  # a metric of a whole data set that no average of parts gives: AUC, F1, perplexity
    COUNT = "count"  # nothing but a number of things
    DIFFERENCE = "difference"  # of a value and the mean so far, by which a running mean is corrected; `name`: of what


@dataclass(frozen=True, slots=True)
class Amount:
    """How many things there are: a unit of measure. Equal amounts are equal numbers.

    `kind`: `size` (samples of one batch), `seen` and `steps` (samples and iterations of a loop so far), `samples` and
    `batches` (of a data set and a loader), `epochs` (iterations of a loop that does not go over data), `items`.
    """

    kind: str
    key: object
    number: int | None = field(default=None, compare=False)
    sure: bool = field(default=True, compare=False)  # False: the loop may go over single samples


@dataclass(frozen=True, slots=True)
class ScalarFacts:
    """A number with its unit: `scale * quantity * amount ** power * ...`.

    The count of correct predictions of a data set is accuracy times its samples, the sum of batch means is the loss times
    the number of batches: a report is right where all amounts cancel.
    """

    quantity: Quantity
    powers: tuple[tuple[Amount, int], ...] = ()
    scale: float = 1.0
    name: str = ""  # of a SCORE: `roc_auc_score`; of an ACCURACY: "errors", where wrong predictions are counted
    elementwise: bool = False  # a tensor with one such value for each sample, not yet summed
    offset: int = (
        0  # `i` of `enumerate` is the number of batches so far, minus one (`(n + offset) / n` of what it counts)
    )
    started: bool = False  # the sum of a constant 0 and values of one iteration
    serial: int | None = None  # the run of the loop over which it was summed
    batch: int | None = field(default=None, compare=False)  # the run of the loop whose last batch it is about
    loader: LoaderFacts | None = field(default=None, compare=False)
    made: Site | None = field(default=None, compare=False)  # the expression that made the quantity
    summed: Site | None = field(default=None, compare=False)  # where it was summed
    record: Uses | None = field(default=None, compare=False)  # "corrected": later arithmetic made up for a division

    @property
    def title(self) -> str:
        """What it is called."""
        if self.quantity is Quantity.ACCURACY:
            return "error rate" if self.name else "accuracy"
        return self.name if self.quantity is Quantity.SCORE else self.quantity.value

    def but(self, **changes: object) -> ScalarFacts:
        """The same facts with some replaced."""
        return dataclasses.replace(self, **changes)  # type: ignore[arg-type]

    @property
    def ratio(self) -> float | None:
        """The number that the amounts multiply to, where it is known: 1 where they cancel."""
        product = 1.0
        for amount, power in self.powers:
            if not amount.number:
                return None
            product *= float(amount.number) ** power
        return product

    def power(self, kind: str) -> int:
        """The power of the amounts of one kind."""
        return sum(power for amount, power in self.powers if amount.kind == kind)


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
    roots: frozenset[str] = (
        frozenset()
    )  # what it was computed from: "model", "input", "target", "parameter", "constant"
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
    widened: bool = False  # it was given a dimension of size 1 on purpose: `x[:, None]`, `keepdim=True`
    state: Site | None = None  # the call that made it, for the state of a recurrent layer
    carried: bool = False  # the state comes from the iteration before
    scalar: ScalarFacts | None = None  # the unit of a number (or of each element)

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

    @property
    def ends_in_one(self) -> bool:
        """Of so many rows as nobody knows: what a linear layer with a single output gave, one number in a dimension of its own."""
        if self.out_features != 1 or self.layer is None or self.layer.name != "linear":
            return False
        return self.shape is None or (len(self.shape) > 1 and self.shape[-1] == 1 and None in self.shape)


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
    depth: int = 0  # the number of loops around its construction
    needs_batch: bool = False  # a batch norm of single vectors is inside: it cannot train on one sample


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
    parts: frozenset[ModuleFacts] = frozenset()  # the owners and everything inside them
    depth: int = 0  # the number of loops around its construction


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
    collate: bool = False  # a collate function was given
    workers_site: Site | None = None
    shuffle_site: Site | None = None  # the argument
    sampler_name: str | None = None  # its class


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
    train_site: Site | None = None  # the argument that chose the split
    tensors: bool | None = None  # samples are tensors: False where the transforms leave images
    transform_site: Site | None = None
    random: tuple[tuple[str, Site], ...] = ()  # random transforms
    normalise: tuple[tuple[float, ...], tuple[float, ...], Site] | None = None  # mean, std
    channels: int | None = None  # channels of an image where it meets the normalisation
    modules: tuple[str, ...] = ()  # names that torchvision's modules go by here
    scaled: bool | None = None  # values lie in [0, 1] where they meet the normalisation
    part: int = 0  # which of the parts that one `random_split` made, from 1
    whole: DatasetFacts | None = None  # the data set that was split
    sorted: bool = False  # the samples of one class follow those of another
    varies: bool = False  # the same samples have other values in each pass


@dataclass(frozen=True, slots=True)
class UnusedArgument:
    """An argument of a constructor that the constructor never reads; a fixed size stands where it belongs."""

    name: str
    argument: Site
    size: Site  # the number
    value: int
    layer: str  # the class that got the number


@dataclass(frozen=True, slots=True)
class HiddenPart:
    """Modules or trainable tensors that a module keeps where `parameters()` does not look."""

    attribute: str
    kind: str  # "list", "dict", "tensor"
    made: Site  # the assignment's value
    example: str  # the class of a part: `nn.Linear`
    prefix: str = ""  # the name of `torch.nn` here: `nn`


@dataclass(frozen=True, slots=True)
class DefinitionFacts:
    """What the constructor and `forward` of a module class do."""

    unused: tuple[UnusedArgument, ...] = ()
    hidden: tuple[HiddenPart, ...] = ()
    early: tuple[tuple[str, Site], ...] = ()  # attributes set before `super().__init__()`
    initialised: bool = True  # `super().__init__()` is called at all
    late: Site | None = None  # that call, where it stands behind them
    init: Site | None = None
    ignored: tuple[str, Site] | None = None  # the only input of `forward`, never read
    no_result: Site | None = None  # a `forward` that returns nothing
    dropped: tuple[tuple[Site, Site], ...] = ()  # results of submodules, and the results that take their names unread
