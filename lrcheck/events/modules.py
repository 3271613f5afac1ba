"""Models: how they are defined, called and switched between modes."""

from __future__ import annotations

from dataclasses import dataclass

from lrcheck.events.base import Event
from lrcheck.facts import (
    DefinitionFacts,
    ModuleFacts,
    TensorFacts,
)
from lrcheck.findings import Site


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ModeSwitch(Event):
    """`module.train()`, `module.eval()`, `module.train(mode)`; `training` is None where the mode is not known."""

    module: object
    training: bool | None
    facts: ModuleFacts | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ForwardCall(Event):
    """A model was called on data."""

    module: ModuleFacts | None
    input: TensorFacts
    output: TensorFacts
    grad_enabled: bool | None = True
    direct: bool = False  # `model.forward(x)` from outside
    owner: object | None = None  # the identity of the model: `module` is how it was at this moment
    callee: Site | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class FrozenStatistics(Event):
    """In a training loop, a model is called whose frozen BatchNorm still learns statistics; `site` is the call.

    `model` is how the program names it, `frozen` where its parameters were frozen.
    """

    model: str = ""
    frozen: Site | None = None
    module: object | None = None  # the identities of the model and of the frozen layer
    layer: object | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class AttributeSet(Event):
    """An attribute whose name has to do with gradients is set: on a `module`, a `parameter`, a `tensor`, or `unknown`."""

    name: str
    owner: str
    value: object = None
    tensor: TensorFacts | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ModuleDefinition(Event):
    """A class derived from `nn.Module`, and what its constructor and `forward` do."""

    name: str
    definition: DefinitionFacts


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class UnknownAttribute(Event):
    """An attribute was asked for that its object has nowhere; `site` is the name, `known` what the object has.

    Where the attribute is there, but nothing that can be called, `owner` says what it is ("a list") and `known` is empty.
    """

    name: str
    owner: str  # the class of the object
    known: frozenset[str] = frozenset()
    parts: tuple[tuple[str, str], ...] = ()  # (submodule, its class): where the attribute may be meant
    called: bool = False
    definition: Site | None = None
    complete: bool = False  # the program itself made the object: nobody else can have set the attribute


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Instantiation(Event):
    """A class of the program was called with arguments that its constructor does not take."""

    name: str
    definition: Site | None = None
    signature: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    surplus: tuple[Site, ...] = ()
    unexpected: tuple[tuple[str, Site], ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ModuleAsTensor(Event):
    """A module, or a class of modules (`is_class`), stood where a tensor is needed, or a class was called on a tensor.

    `assigned` is where the class was made an attribute instead of an instance; `data` is the tensor at hand, if any.
    """

    operation: str
    argument: Site
    name: str
    is_class: bool = False
    assigned: Site | None = None
    data: Site | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RepeatedModule(Event):
    """One module with parameters stands several times in a list; `times` is None where the number is not known."""

    module: ModuleFacts
    element: Site
    times: int | None = None
    iterable: Site | None = None  # what is multiplied or iterated, for a fix
    comprehension: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LayerCall(Event):
    """A layer was called on a tensor whose size along the feature dimension `axis` is known."""

    layer: ModuleFacts
    input: TensorFacts
    expected: int | None = None
    actual: int | None = None
    axis: int = -1
    before: ModuleFacts | None = None  # the affine layer right before it
    bias: bool | None = None  # of that layer
    inputs: int | None = None  # of that layer
    outputs: int | None = None  # of this layer
    size: int | None = None  # what the layer before gives: features or channels
    optional: bool = False  # this layer is made or called where a switch says so, the layer before in any case


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class WeightsMade(Event):
    """The weights of a hidden layer when training begins; `site` is what set them.

    `kind`: `constant` (every weight is `value`) or `normal` (independent numbers with deviation 1, not scaled). `inputs` is the
    number of inputs of one unit, `layer` where the weights belong, `into` the next product with weights that gets the result.
    """

    kind: str
    value: float | None = None
    inputs: int | None = None
    layer: Site | None = None
    into: Site | None = None
