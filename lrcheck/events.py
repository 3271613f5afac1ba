"""Events: what happens while a program trains, as the rules see it.

A rule names the event that it wants in the annotation of its argument. Every event carries the `site` where it happened:
a syntax node for the static observer, the innermost user frame for the runtime observer.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lrcheck.facts import LossFacts, ModuleFacts, Operation, OptimizerFacts, TensorFacts
from lrcheck.findings import Label, Site


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at `site`."""

    site: Site


@dataclass(frozen=True, slots=True)
class LossCall(Event):
    """A loss function was called with an input and a target.

    `alternatives` groups calls of which only one happens (a loss chosen by an option): a finding about one of them stands
    only if each of them has one.
    """

    loss: LossFacts
    input: TensorFacts
    target: TensorFacts
    input_site: Site | None = None
    target_site: Site | None = None
    alternatives: int | None = None
    training: bool = True  # not under no_grad
    output: TensorFacts | None = None  # the loss value; its `uses.kinds` has "backward" where it is backpropagated

    @property
    def family(self) -> str | None:
        """The family of the loss (`cross_entropy`, `bce`, ...), where the loss is known."""
        return self.loss.contract.family if self.loss.contract is not None else None

    @property
    def classes(self) -> int | None:
        """The number of outputs that the loss chooses from, where it is known."""
        return self.input.columns or self.input.out_features or self.target.classes

    def label(self, text: str) -> Label:
        """The call itself."""
        return Label(self.site, text)

    def loss_label(self, text: str) -> Label:
        """The construction of the loss, or the functional call."""
        return Label(self.loss.site or self.site, text)


@dataclass(frozen=True, slots=True)
class Backward(Event):
    """`value.backward()` was called."""

    value: TensorFacts
    retain_graph: bool | None = False
    owner: str = "tensor"  # "tensor", "scaler", "framework"
    grad_enabled: bool = True


@dataclass(frozen=True, slots=True)
class ZeroGrad(Event):
    """Gradients were cleared: of an optimizer's parameters or of a module's."""

    optimizer: object | None = None  # identity: OptimizerFacts or an opaque value of the observer
    module: object | None = None


@dataclass(frozen=True, slots=True)
class OptimizerStep(Event):
    """`optimizer.step()`, also through a gradient scaler."""

    optimizer: object
    facts: OptimizerFacts | None = None
    closure: bool = False
    scaler: bool = False


@dataclass(frozen=True, slots=True)
class SchedulerStep(Event):
    """`scheduler.step(...)`."""

    scheduler: object
    name: str | None = None
    arguments: int = 0


@dataclass(frozen=True, slots=True)
class ClipGradients(Event):
    """`clip_grad_norm_` or `clip_grad_value_`."""

    name: str = ""


@dataclass(frozen=True, slots=True)
class ModeSwitch(Event):
    """`module.train()`, `module.eval()`, `module.train(mode)`; `training` is None where the mode is not known."""

    module: object
    training: bool | None
    facts: ModuleFacts | None = None


@dataclass(frozen=True, slots=True)
class ForwardCall(Event):
    """A model was called on data."""

    module: ModuleFacts | None
    input: TensorFacts
    output: TensorFacts
    grad_enabled: bool | None = True
    direct: bool = False  # `model.forward(x)` from outside


@dataclass(frozen=True, slots=True)
class Activation(Event):
    """An activation or another operation that gives a tensor its form: softmax, sigmoid, relu, ...

    `implicit_dim` is true where softmax was called without a dim.
    """

    operation: Operation
    input: TensorFacts
    output: TensorFacts
    implicit_dim: bool = False


@dataclass(frozen=True, slots=True)
class Elementwise(Event):
    """Elementary mathematics on a tensor: `exp`, `log`, `sum`, `div`, ...; `others` are further tensor operands."""

    name: str
    input: TensorFacts
    other: TensorFacts | None = None


@dataclass(frozen=True, slots=True)
class AffineCall(Event):
    """A product with trainable weights: a linear layer, a convolution, `x @ w` with a parameter `w`."""

    name: str
    input: TensorFacts
    output: TensorFacts
    layer: Site | None = None


@dataclass(frozen=True, slots=True)
class ArgReduction(Event):
    """`argmax`, `max(dim)`, `topk`: predictions are taken from scores."""

    name: str
    input: TensorFacts
    dim: int | None = None
    has_dim: bool = False


@dataclass(frozen=True, slots=True)
class Comparison(Event):
    """Two values were compared: `==`, `>`, `.eq`, ..."""

    operator: str
    left: TensorFacts | None
    right: TensorFacts | None
    left_number: float | None = None
    right_number: float | None = None
    left_site: Site | None = None
    right_site: Site | None = None


@dataclass(frozen=True, slots=True)
class Construct(Event):
    """A torch object was constructed: module, loss, optimizer, loader, dataset, transform."""

    name: str  # canonical
    arguments: tuple[Argument, ...] = ()
    value: object | None = None


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a call: its keyword (None: positional), its value where it is a constant, and where it stands."""

    keyword: str | None
    site: Site
    value: object = None  # a Python constant, TensorFacts, or None for unknown
    known: bool = False
    star: str = ""  # "*" or "**"


@dataclass(frozen=True, slots=True)
class ApiUse(Event):
    """A name of torch or torchvision was used: called, or only read (`called` is false).

    `name` is the full dotted name as resolved through imports and aliases. For methods of tensors, modules and
    optimizers it is `torch.Tensor.NAME`, `torch.nn.Module.NAME`, `torch.optim.Optimizer.NAME`.
    """

    name: str
    called: bool = True
    arguments: tuple[Argument, ...] = ()
    callee: Site | None = None  # the name itself, for a rename
    receiver: object | None = None  # facts of the object whose method it is
    receiver_site: Site | None = None
    assigned: bool = False  # the name is the target of an assignment
    statement: bool = False  # the result is discarded: the call is a statement of its own
    imports: tuple[tuple[str, str], ...] = ()  # names that modules go by here: `("nn", "torch.nn")`, for fixes


@dataclass(frozen=True, slots=True)
class Accumulation(Event):
    """`total += value`."""

    value: TensorFacts
    target_site: Site | None = None
    value_site: Site | None = None


@dataclass(frozen=True, slots=True)
class MethodNotCalled(Event):
    """A method as a statement without parentheses: `loss.backward`."""

    name: str
    receiver: object | None = None


@dataclass(frozen=True, slots=True)
class FrameworkBackward(Event):
    """A framework goes backward: `accelerator.backward(loss)`, `engine.backward(loss)`."""


@dataclass(frozen=True, slots=True)
class OpaqueCall(Event):
    """A call that the observer cannot see into, and the objects that it was handed (identities)."""

    arguments: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class StepEvent:
    """An event inside an `Iteration`: `always` is true where every path through the body meets it.

    `path` names the branch arms that lead to it, as (branch, arm) pairs: two events with different arms of one branch
    exclude each other.
    """

    event: Event
    always: bool
    path: tuple[tuple[int, int], ...] = ()

    def excludes(self, other: StepEvent) -> bool:
        arms = dict(self.path)
        return any(branch in arms and arms[branch] != arm for branch, arm in other.path)


@dataclass(frozen=True, slots=True)
class Iteration(Event):
    """One steady-state pass through the innermost loop that goes backward: its events in order.

    `site` is the loop. `framework` names the library that owns the loop, where one does.
    """

    events: tuple[StepEvent, ...]
    before: tuple[StepEvent, ...] = ()  # events of the enclosing loop's body outside this loop, in order
    framework: str | None = None
    whole: bool = True  # the loop body was followed to its end
    target: Site | None = None

    def of(self, kind: type[Event]) -> tuple[StepEvent, ...]:
        """The events of one kind, in order."""
        return tuple(step for step in self.events if isinstance(step.event, kind))


@dataclass(frozen=True, slots=True)
class EvaluationPass(Event):
    """A loop (or comprehension, or single forward over a test split) that calls a model and does not go backward."""

    forwards: tuple[ForwardCall, ...]
    comparisons: tuple[Event, ...] = ()
    module: ModuleFacts | None = None
    training: bool | None = None
    grad_enabled: bool | None = None
    framework: str | None = None
    events: tuple[StepEvent, ...] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class ModuleDefinition(Event):
    """A class derived from `nn.Module`; `definition` is an observer-neutral summary."""

    name: str
    definition: object = None
