"""Events: what happens while a program trains, as the rules see it.

A rule names the event that it wants in the annotation of its argument. Every event carries the `site` where it happened:
a syntax node for the static observer, the innermost user frame for the runtime observer.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lrcheck.facts import (
    DatasetFacts,
    DefinitionFacts,
    Dim,
    LoaderFacts,
    LossFacts,
    ModuleFacts,
    Operation,
    OptimizerFacts,
    ScalarFacts,
    TensorFacts,
)
from lrcheck.findings import Label, Site


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Event:
    """Something that happened at `site`."""

    site: Site


@dataclass(frozen=True, slots=True, eq=False, repr=False)
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


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Backward(Event):
    """`value.backward()` was called."""

    value: TensorFacts
    retain_graph: bool | None = False
    owner: str = "tensor"  # "tensor", "scaler", "framework"
    grad_enabled: bool = True
    retain_site: Site | None = None  # the argument `retain_graph=...`
    autocast: bool = False  # inside `torch.autocast`


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


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ClipGradients(Event):
    """`clip_grad_norm_` or `clip_grad_value_`."""

    name: str = ""


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
class Activation(Event):
    """An activation or another operation that gives a tensor its form: softmax, sigmoid, relu, ...

    `implicit_dim` is true where softmax was called without a dim.
    """

    operation: Operation
    input: TensorFacts
    output: TensorFacts
    implicit_dim: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Elementwise(Event):
    """Elementary mathematics on a tensor: `exp`, `log`, `sum`, `div`, ...; `others` are further tensor operands."""

    name: str
    input: TensorFacts
    other: TensorFacts | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class AffineCall(Event):
    """A product with trainable weights: a linear layer, a convolution, `x @ w` with a parameter `w`."""

    name: str
    input: TensorFacts
    output: TensorFacts
    layer: Site | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ArgReduction(Event):
    """`argmax`, `max(dim)`, `topk`: predictions are taken from scores.

    `chosen` is true where it is one of two ways to treat scores that were there before: an undecided test chooses.
    """

    name: str
    input: TensorFacts
    dim: int | None = None
    has_dim: bool = False
    chosen: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Comparison(Event):
    """Two values were compared: `==`, `>`, `.eq`, ...; or a tensor was rounded (`round`)."""

    operator: str
    left: TensorFacts | None
    right: TensorFacts | None
    left_number: float | None = None
    right_number: float | None = None
    left_site: Site | None = None
    right_site: Site | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Construct(Event):
    """A torch object was constructed: module, loss, optimizer, loader, dataset, transform."""

    name: str  # canonical
    arguments: tuple[Argument, ...] = ()
    value: object | None = None
    callee: Site | None = None
    where: str = ""  # "forward": in every pass; "arguments": its arguments are constants


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Argument:
    """One argument of a call: its keyword (None: positional), its value where it is a constant, and where it stands."""

    keyword: str | None
    site: Site
    value: object = None  # a Python constant, TensorFacts, or None for unknown
    known: bool = False
    star: str = ""  # "*" or "**"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
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
    discarded: bool = False  # a statement whose value nobody sees, not even the reader of a notebook
    owner: str = ""  # what the running method calls its module: `self`
    imports: tuple[tuple[str, str], ...] = ()  # names that modules go by here: `("nn", "torch.nn")`, for fixes


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Accumulation(Event):
    """`total += value`, or `total.append(value)`."""

    value: TensorFacts
    target_site: Site | None = None
    value_site: Site | None = None
    recorded: bool = False  # the value has a graph, and the total keeps it
    sources: tuple[int | None, ...] = ()  # the identities of the value and of the tensors in its expression
    listed: bool = False  # `total.append(value)`


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Measure(Event):
    """A number with a unit is divided (`kind` is `division`), computed by a metric object (`compute`) or shown: `text`,
    `plot`, `log`.

    For a division, `left` and `right` are its operands and `value` the quotient; a metric object divides what it added up. For
    a report, `before` and `after` are the
    literal text next to the number and `spec` is its format (`.2%`).
    """

    value: ScalarFacts
    kind: str
    left: ScalarFacts | None = None
    right: ScalarFacts | None = None
    left_site: Site | None = None
    right_site: Site | None = None
    before: str = ""
    after: str = ""
    spec: str = ""
    running: bool = False  # inside the loop over the data that it is about
    last_batch: bool = False  # behind that loop: it is the value of the loop's last batch
    epoch: bool = False  # in the loop over epochs, beside the loop over the data
    reset: tuple[Site, Site] | None = None  # `total = 0` before the loop over epochs, and the first statement in that loop


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DataLoop(Event):
    """A loop over a data loader: `site` is the loader; `trains`: it goes backward; `measures`: it sums something up."""

    loader: LoaderFacts
    trains: bool = False
    measures: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ScoreCall(Event):
    """A metric of a whole data set is computed: `roc_auc_score(targets, predictions)`."""

    name: str
    predictions: TensorFacts | None = None
    predictions_site: Site | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Selection(Event):
    """A model is kept because of a number: `if accuracy > best: torch.save(...)`."""

    value: ScalarFacts


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


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class GradientAccess(Event):
    """Gradients are read or written by hand: `p.grad`, or (`functional`) computed by `torch.autograd.grad(...)`.

    `written` is false where they are only looked at.
    """

    functional: bool = False
    written: bool = True


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
class FrozenStatistics(Event):
    """In a training loop, a model is called whose frozen BatchNorm still learns statistics; `site` is the call.

    `model` is how the program names it, `frozen` where its parameters were frozen.
    """

    model: str = ""
    frozen: Site | None = None
    module: object | None = None  # the identities of the model and of the frozen layer
    layer: object | None = None


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
class AttributeSet(Event):
    """An attribute whose name has to do with gradients is set: on a `module`, a `parameter`, a `tensor`, or `unknown`."""

    name: str
    owner: str
    value: object = None
    tensor: TensorFacts | None = None


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


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OptimizerMade(Event):
    """An optimizer was constructed. `arguments` names the variables that its arguments mention."""

    optimizer: OptimizerFacts
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class StepEvent:
    """An event inside an `Iteration`: `always` is true where every path through the body meets it.

    `path` names the branch arms that lead to it, as (branch, arm) pairs: two events with different arms of one branch
    exclude each other.
    """

    event: Event
    always: bool
    path: tuple[tuple[int, int], ...] = ()
    loops: tuple[int, ...] = ()  # the loops inside this one that it stands in, from outside
    inlined: bool = False  # in a function that is called from here

    def excludes(self, other: StepEvent) -> bool:
        arms = dict(self.path)
        return any(branch in arms and arms[branch] != arm for branch, arm in other.path)

    def implies(self, other: StepEvent) -> bool:
        """Wherever this event happens, the other one happens in the same iteration."""
        return set(other.path) <= set(self.path) and other.loops == self.loops[: len(other.loops)]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Iteration(Event):
    """One steady-state pass through the innermost loop that goes backward: its events in order.

    `site` is the loop. `framework` names the library that owns the loop, where one does.
    """

    events: tuple[StepEvent, ...]
    before: tuple[StepEvent, ...] = ()  # events of the enclosing loop's body outside this loop, in order
    framework: bool = False  # a library goes backward and may own the step
    whole: bool = True  # the loop body was followed to its end
    depth: int = 0  # the number of loops around it
    steps: tuple[StepEvent, ...] = ()  # the optimizer steps of which this is the innermost loop with a backward pass
    loader: LoaderFacts | None = None  # what it iterates over
    behind: tuple[StepEvent, ...] = ()  # events of the enclosing loop's body behind this loop; `before` has those in front
    gates: tuple[Gate, ...] = ()
    stepped: tuple[object, ...] = ()  # every optimizer that the program steps, anywhere
    called: bool = True  # the program runs it; false for a function that nobody calls
    over_data: frozenset[int] = frozenset()  # those of the loops inside that go over a loader

    def of(self, kind: type[Event]) -> tuple[StepEvent, ...]:
        """The events of one kind, in order."""
        return tuple(step for step in self.events if isinstance(step.event, kind))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class EvaluationPass(Event):
    """A loop (or comprehension, or single forward over a test split) that calls a model and does not go backward."""

    forwards: tuple[ForwardCall, ...]
    evidence: Event | None = None  # a prediction, comparison or sum that makes it an evaluation
    records: Site | None = None  # an expression whose graph is recorded, where the values are not from a known model
    switched: bool = False  # the mode was set on purpose since the last training
    trained_after: bool = False  # training goes on behind it
    own: bool = True  # the model is called in the loop itself, not in a function that is called from there
    single: bool = False  # no loop: the model is called once, after its training
    again: bool = False  # the same model was evaluated in the same way before
    events: tuple[StepEvent, ...] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Gate:
    """A condition of the form `(step + offset) % period == 0` that events of a loop stand behind.

    `first` is true where it holds in the very first iteration, `branch` and `arm` name its side.
    """

    branch: int
    arm: int
    site: Site
    counter: str
    period: str
    first: bool | None = None
    period_value: int | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Epoch(Event):
    """The loop around training iterations: everything that one pass through it does, in order."""

    events: tuple[StepEvent, ...]
    iterations: tuple[Iteration, ...] = ()
    depth: int = 0
    whole: bool = True


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
class DeviceChoice(Event):
    """A program asks for a device by name; `uses` are the other places that do. `guarded`: there is another path."""

    kind: str
    guarded: bool = False
    uses: tuple[Site, ...] = ()
    variable: str = ""  # the name that the device is assigned to


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DeviceMeeting(Event):
    """Two values on two devices meet in one operation; `argument` is the one on the device `second`."""

    argument: Site
    first: str
    second: str
    because: Site | None = None
    target: str = ""  # what the other was moved to, as the program writes it


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MachinePath(Event):
    """A text that is a path; `raw` is how it is written."""

    text: str
    raw: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LoaderStart(Event):
    """A loader begins to iterate; `top_level` means while the main module of the program is being read, unguarded."""

    loader: LoaderFacts
    top_level: bool = False
    workers_site: Site | None = None
    image_site: Site | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Reshape(Event):
    """`view` or `reshape` of a tensor whose shape is known."""

    before: TensorFacts
    wanted: tuple[Dim, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DatasetUse(Event):
    """A dataset, with what the program does with it: `loader` reads it, `sibling` is the other split of the same data."""

    dataset: DatasetFacts
    loader: LoaderFacts | None = None
    sibling: DatasetFacts | None = None
    parts: tuple[LoaderFacts, ...] = ()  # the loaders of its parts, where it was split at `site`


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class UnseededTraining(Event):
    """A program trains, and nothing in it seeds torch. `site` is where it constructs the first model that it trains."""

    name: str  # of the model's class
    torch: str = ""  # what the program calls torch


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


# -- what only a run can tell ---------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Measured(Event):
    """A measurement of a live run: no source code tells it."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TargetRange(Measured):
    """The class indices that reached a loss so far: the least and the greatest, and the number of outputs."""

    call: LossCall
    least: int
    greatest: int
    outputs: int
    ignored: int | None = None  # `ignore_index`


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LikelihoodSum(Measured):
    """`backward` from a mean or sum of log-probabilities of the true classes, computed by hand.

    `negated`: a minus (or a negative factor) stands between the log-probabilities and the loss.
    """

    value: float
    negated: bool


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ParameterNumbers:
    """One parameter in one sampled step. Norms are Euclidean, in the parameter's own units.

    `gradient` is None where the parameter has none.
    """

    name: str
    size: tuple[int, ...]
    weight: float
    gradient: float | None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class StepStatistics(Measured):
    """The numbers of one sampled training step; `site` is its `backward` call, `step` counts from 1."""

    step: int
    loss: float | None
    parameters: tuple[ParameterNumbers, ...] = ()
    scaled: bool = False  # a gradient scaler is in use: infinite gradients are its business
    history: tuple[StepStatistics, ...] = ()  # the sampled steps before, oldest first, without their own history
    loss_site: Site | None = None
    culprit: str = ""  # the first layer whose output is not finite
    culprit_site: Site | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OutputStatistics(Measured):
    """What a model gave for one sampled batch, where the loss took it; `site` is the loss call.

    `spread` is the greatest difference between two samples of the batch in any output, `scale` the greatest absolute
    value; `distinct` counts the different targets.
    """

    step: int
    samples: int
    classes: int
    spread: float
    scale: float
    distinct: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class UnitStatistics(Measured):
    """The outputs of one ReLU in one sampled batch: how many of its units are 0 for every sample."""

    step: int
    samples: int
    units: int
    dead: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class InputStatistics(Measured):
    """The values that reach the first layer with weights, in one sampled batch; `site` is that layer's call."""

    samples: int
    mean: float
    deviation: float
    greatest: float


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LossCurve(Measured):
    """The sampled losses of one loss call over the whole run, as (step, value); `site` is the call.

    `prior` is the loss of always predicting the class frequencies seen, in nats; None where it is not known.
    """

    family: str
    classes: int
    values: tuple[tuple[int, float], ...]
    prior: float | None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class StaleGradients(Measured):
    """Steps in a row after which the gradients were still those of the step before, with new ones added."""

    steps: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class UnmovedParameters(Measured):
    """Parameters that an optimizer holds and that no sampled backward pass reached; `site` is its construction or step."""

    names: tuple[str, ...]
    total: int  # parameters that the optimizer holds
    steps: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class BatchProbe(Measured):
    """A model was run twice on a batch whose other samples had changed: by how much did the first output change?"""

    change: float
    scale: float


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class EqualSamples(Measured):
    """Batches of a loader in which all samples are equal; `site` is where the model was called."""

    batches: int
    samples: int  # of one batch
    available: int | None  # samples of the data set


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RankDifference(Measured):
    """Ranks of a distributed run whose parameters differ after the same step."""

    step: int
    ranks: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class WaitingTime(Measured):
    """Seconds spent in some steps, and how many of them waiting for the data loader; a run on a GPU."""

    steps: int
    total: float
    waiting: float


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SampleOverlap(Measured):
    """Samples of an evaluation that were also trained on, though they come from another dataset object."""

    seen: int
    compared: int
