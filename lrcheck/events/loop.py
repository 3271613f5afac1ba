"""The training step: gradients, optimizers, schedulers, snapshots."""

from __future__ import annotations

from dataclasses import dataclass

from lrcheck.events.base import Event
from lrcheck.events.composed import StepEvent
from lrcheck.facts import (
    ModuleFacts,
    OptimizerFacts,
    ScalarFacts,
    TensorFacts,
)
from lrcheck.findings import Site


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Backward(Event):
    """`value.backward()` was called."""

    value: TensorFacts
    retain_graph: bool | None = False
    owner: str = "tensor"  # "tensor", "scaler", "framework"
    grad_enabled: bool = True
    retain_site: Site | None = None  # the argument `retain_graph=...`
    autocast: bool = False  # inside `torch.autocast`
    divided: bool = False  # the value is a loss divided by a number: one of several parts


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ZeroGrad(Event):
    """Gradients were cleared: of an optimizer's parameters or of a module's."""

    optimizer: object | None = None  # identity: OptimizerFacts or an opaque value of the observer
    module: object | None = None
    modules: tuple[object, ...] = ()  # the module and everything inside it
    receiver: Site | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OptimizerStep(Event):
    """`optimizer.step()`, also through a gradient scaler."""

    optimizer: object
    facts: OptimizerFacts | None = None
    closure: bool = False
    scaler: bool = False
    receiver: Site | None = None
    arguments: int = 0
    tool: object | None = None  # the gradient scaler that makes the step


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SchedulerStep(Event):
    """`scheduler.step(...)`."""

    scheduler: object
    name: str | None = None
    arguments: int = 0
    optimizer: object | None = None
    made: Site | None = None
    options: tuple[str, ...] = ()  # the keywords that it was constructed with
    chosen: bool = False  # one of several schedulers is stepped here, perhaps another one
    metric: ScalarFacts | None = None  # the number that it watches
    mode: str | None = None  # which way that number is to go: "min", "max"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ClipGradients(Event):
    """`clip_grad_norm_` or `clip_grad_value_`."""

    name: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MethodNotCalled(Event):
    """A method as a statement without parentheses: `loss.backward`."""

    name: str
    receiver: object | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class FrameworkBackward(Event):
    """A framework goes backward: `accelerator.backward(loss)`, `engine.backward(loss)`."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OpaqueCall(Event):
    """A call that the observer cannot see into, and the objects that it was handed (identities).

    `callee` is the unknown value that was called, `receiver` the object whose unknown method `name` was called;
    `everything` is true where anything may have happened.
    """

    arguments: tuple[object, ...] = ()
    callee: object | None = None
    receiver: object | None = None
    name: str = ""
    everything: bool = False
    training: bool | None = None  # the mode of the callee, where it was set
    moded: bool = False  # the callee is a model: its mode was switched, or its parameters were asked for
    grad_enabled: bool | None = None
    given: bool = False  # the callee is an argument of the function that nobody calls
    modules: tuple[object, ...] = ()  # the modules that it can reach
    graph: bool = False  # it was handed a tensor that can be backpropagated
    acts: bool = True  # it may be a hook that does anything: no computation on data, nothing that is shown


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class GradientAccess(Event):
    """Gradients are read or written by hand: `p.grad`, or (`functional`) computed by `torch.autograd.grad(...)`.

    `written` is false where they are only looked at; `stepped`: they are subtracted from what they are the gradients of.
    """

    functional: bool = False
    written: bool = True
    stepped: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ExhaustedParameters(Event):
    """A generator of parameters is used again: nothing is left in it."""

    first: Site | None = None
    made: Site | None = None
    user: str = ""  # what gets the empty generator


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Synchronisation(Event):
    """The value of a tensor is asked for: the program waits for the device."""

    device: str | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RecurrentCall(Event):
    """A recurrent layer is called. `carried` is true where its state comes from the iteration before, with its graph."""

    carried: bool = False
    origin: Site | None = None
    loop: object = None  # the loop that carries the state


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Snapshot(Event):
    """`state = model.state_dict()` is kept (`used` is false), or used."""

    state: object
    used: bool = False
    model: Site | None = None
    into: object | None = None  # the model that it is loaded into


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ParametersChanged(Event):
    """Parameters are changed in place by hand: `p.data += noise`. `models` are those that they were asked of."""

    models: tuple[object, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ModelKept(Event):
    """`best_model = model`, under a condition in a loop: the model goes by a second name. `used` is where that is read."""

    module: ModuleFacts
    used: Site


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SnapshotAlias(Event):
    """A state that was kept is used after further training: `site` is where it was taken."""

    used: Site
    trained: Site
    by_hand: bool = False  # the parameters were changed in place, and the state is to set them back
    same: bool = False  # a model is given its own state, under another name: `target.load_state_dict(net.state_dict())`
    averaged: bool = False  # an average of the weights is kept in the weights themselves


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MissedParameters(Event):
    """A module is trained by a loss, and no optimizer holds its parameters. `site` is where it is constructed."""

    name: str
    backward: Site
    optimizer: Site
    replaced: bool = False  # it was put into the model after the optimizer was built


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ResultAssigned(Event):
    """The result of `load_state_dict` takes the place of the object that it was called on."""

    target: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OptimizerInLoop(Event):
    """An optimizer is constructed in a training loop. `site` is the construction."""

    optimizer: OptimizerFacts
    loop: Site
    batches: bool = False  # in the loop over batches, not over epochs
    varying: bool = False  # its arguments, or the parameters, change from round to round
    always: bool = True
    model: Site | None = None  # the model is built anew as well, for each batch of a loader


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ScalerCall(Event):
    """`scaler.update()`, `scaler.unscale_(optimizer)`."""

    scaler: object
    name: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SchedulerMade(Event):
    """A learning rate scheduler was constructed."""

    scheduler: object
    name: str
    optimizer: object | None = None
    options: tuple[str, ...] = ()
    counted: Site | None = None  # an argument that is a number of batches
    span: Site | None = None  # the argument that says how many steps it takes in all
    decay: tuple[float, int, tuple[int, ...]] | None = (
        None  # a factor, and the steps between two uses of it, or which steps
    )


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OptimizerMade(Event):
    """An optimizer was constructed. `names` are the variables that its arguments mention."""

    optimizer: OptimizerFacts
    names: tuple[str, ...] = ()
    fixed: bool = False  # the values of all arguments behind the parameters are known


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SchedulerUse(Event):
    """A scheduler and what the whole program does with it. `site` is its construction.

    `order` holds its steps and those of its optimizer, in the order of the program; `options` are its keywords.
    """

    name: str
    scheduler: object
    optimizer: object | None = None
    order: tuple[StepEvent, ...] = ()
    escaped: bool = False  # it was handed to code that is not known
    options: tuple[str, ...] = ()
    counted: Site | None = None  # an argument that is a number of batches
    span: Site | None = None  # an argument that is the number of epochs
    hurried: Site | None = None  # a step in each batch of each of these epochs
    astray: Site | None = None  # the step of another optimizer of the same parameters, where its own never steps


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class UnseededTraining(Event):
    """A program trains, and nothing in it seeds torch. `site` is where it constructs the first model that it trains."""

    name: str  # of the model's class
    torch: str = ""  # what the program calls torch
