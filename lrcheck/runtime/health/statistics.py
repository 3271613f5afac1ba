"""Numbers of sampled steps: losses, gradients, outputs, inputs. Each is read from the device once per sampled step."""

from __future__ import annotations

import dataclasses
import math
import weakref
from collections.abc import Sized
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from lrcheck.events import (
    Activation,
    EqualSamples,
    Event,
    InputStatistics,
    LikelihoodSum,
    LossCall,
    OutputStatistics,
    ParameterNumbers,
    StepStatistics,
    TargetRange,
    UnitStatistics,
    UnmovedParameters,
)
from lrcheck.facts import Form, TensorFacts
from lrcheck.findings import Site
from lrcheck.runtime.health.curves import BINARY, CLASSIFICATION, Curves
from lrcheck.runtime.health.distributed import Ranks
from lrcheck.runtime.health.waiting import Waiting
from lrcheck.runtime.places.sites import FrameSite
from lrcheck.runtime.tensors.divergence import reversed_density, reversed_divergence
from lrcheck.runtime.tensors.likelihood import likelihood_sum
from lrcheck.runtime.tensors.memory import construction, readable

if TYPE_CHECKING:
    from lrcheck.runtime.engine import Engine

KEPT = 64  # sampled steps that are remembered
LEAVES = 256  # layers whose outputs are looked at in one step
APART = 0.1  # a sum of probabilities from 1, on average, where it is none of all classes
SAMPLES = 16  # the least batch whose spread says something
INPUTS = 3  # sampled batches whose input values are looked at
PARAMETERS = 2000  # larger models are not measured parameter by parameter
NORMALISING = frozenset(
    {"batch_norm", "instance_norm"}
)  # each channel gets mean 0 and deviation 1, whatever its inputs
OPTIMIZERS = 64  # whose parameters are remembered by name


@dataclass(slots=True)
class Held:
    """What an optimizer holds, by identity: which of it had a gradient in the sampled steps, and one that is not zero."""

    names: dict[int, str] = field(default_factory=dict)
    reached: set[int] = field(default_factory=set)
    moved: bool = False
    steps: int = 0
    weights: list[float] | None = None  # their norms in the first sampled step
    changed: bool = False


class Statistics:
    """Measures what the schedule selects; between sampled steps it does nothing."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.scaled = False
        self.models: Any = weakref.WeakSet()
        self.names: dict[int, str] = {}
        self.history: Any = weakref.WeakKeyDictionary()  # optimizer -> its StepStatistics
        self.value: float | None = None
        self.backward_site: Site | None = None
        self.loss_site: Site | None = None
        self.curves = Curves(engine)
        self.pulled = True  # by nothing but outputs of models, so far
        self.outputs: dict[int, tuple[weakref.ref[nn.Module], float]] = {}  # the spread of each model's first output
        self.last_outputs: dict[int, OutputStatistics] = {}
        self.least: dict[object, int] = {}
        self.held: Any = weakref.WeakKeyDictionary()  # optimizer -> Held
        self.all_held: list[Held] = []  # also those of optimizers that are gone when the run ends
        self.finite: list[tuple[weakref.ref[nn.Module], Tensor]] = []
        self.inputs = 0
        self.reached: tuple[weakref.ref[Tensor], InputStatistics] | None = (
            None  # a convolution's output and what it was given
        )
        self.equal = 0  # sampled batches that consisted of one sample
        self.ranks = Ranks(engine)
        self.waiting = Waiting(engine)

    def _judge(self, event: Event) -> None:
        self.engine.judge(event)

    # -- at a loss --------------------------------------------------------------------------------------------------------
    @torch.no_grad()
    def target(self, event: LossCall, given: Tensor, target: Tensor) -> LossCall:
        """Before the loss is computed: are the class indices in range, and do the outputs differ at all?"""
        if event.family == "nll" and event.training and given.dim() > 1:
            self._sums(event, given)
        indices = target.dim() == given.dim() - 1 > 0 and not target.is_floating_point() and target.numel() > 0
        if indices and event.family in ("cross_entropy", "nll"):
            event = self._range(event, given, target)
        elif event.training and event.family in BINARY and given.numel() == target.numel() == given.size(0):
            self.curves.binary(event.site.key(), target)
        if event.training and target.dim() == 1 and event.family in CLASSIFICATION:
            self.engine.order.labels(target)
        if event.training and event.family in CLASSIFICATION and given.dim() == 2 and given.size(0) >= SAMPLES:
            self._outputs(event, given, target)
        self.curves.target(event, given, target)
        return event

    def _sums(self, event: LossCall, given: Tensor) -> None:
        """Log-probabilities that were only moved or reshaped: do they sum to 1 over the classes?"""
        made, size = event.input.made_by, given.numel()
        whole = made is not None and made.operand is not None and math.prod(_sizes(made.operand)) == size > 0
        if event.input.form is not Form.LOG_PROBABILITIES or made is None or made.dim is None or not whole:
            return
        sums = given.detach().float().exp().sum(1)
        if float((sums - 1).abs().mean()) > APART:
            operand = made.operand or event.input
            self.engine.observe(Activation(made.site, made, operand, event.input, scored=event.site))

    def _range(self, event: LossCall, given: Tensor, target: Tensor) -> LossCall:
        outputs, ignored = given.size(1), event.loss.ignore_index
        kept = target[target != (-100 if ignored is None else ignored)]
        if not kept.numel():
            return event
        least, greatest = (int(each) for each in torch.stack([kept.min(), kept.max()]).tolist())
        key = event.site.key()
        self.least[key] = least = min(least, self.least.get(key, least))
        if least >= 0 and greatest < outputs:
            self.curves.count(key, kept, outputs)
        elif least == 0 and event.input.layer is not None and outputs > 1:
            return dataclasses.replace(event, target=event.target.but(classes=greatest + 1))
        elif outputs > 1:
            self._judge(TargetRange(event.site, event, least, greatest, outputs, ignored))
        return event

    def _outputs(self, event: LossCall, given: Tensor, target: Tensor) -> None:
        values = given.detach().float()
        spread = (values.amax(0) - values.amin(0)).max()
        distinct = torch.unique(target, dim=0).size(0) if target.size(0) == given.size(0) else 0
        numbers = torch.stack([spread, values.abs().max()]).tolist()
        size = (given.size(0), given.size(1))
        self.engine.observe(OutputStatistics(event.site, self.engine.step + 1, *size, numbers[0], numbers[1], distinct))

    def loss(self, event: LossCall, result: Tensor) -> None:
        """A loss has been computed in a sampled step."""
        if not event.training or result.numel() != 1:
            return
        self.loss_site = event.site
        self.pulled = self.pulled and event.target.model is not None
        self.curves.loss(event, float(result.detach()))

    # -- inside the model -------------------------------------------------------------------------------------------------
    @torch.no_grad()
    def units(self, site: Site, output: Tensor) -> None:
        """The output of a ReLU: units (or channels) that are 0 for the whole batch."""
        if output.is_meta or output.dim() < 2 or output.size(0) < SAMPLES or not output.requires_grad:
            return
        others = [dim for dim in range(output.dim()) if dim != 1]
        dead = int((output.detach().amax(dim=others) <= 0).sum())
        step = self.engine.step + 1
        self.engine.observe(UnitStatistics(site, step, output.size(0), output.size(1), dead))

    @torch.no_grad()
    def first_layer(self, site: Site, values: Tensor, output: Tensor, *, channels: bool) -> None:
        """What reaches the first layer with weights, straight from the data."""
        self.behind("", None)
        if (
            self.inputs >= INPUTS
            or values.is_meta
            or not values.is_floating_point()
            or values.dim() < 2
            or values.size(0) < 2
        ):
            return
        self.inputs += 1
        values = values.detach().float()
        deviation, mean = torch.std_mean(values)
        numbers = torch.stack([mean, deviation, values.abs().max(), values.max()]).tolist()
        if self.engine.reporter.knows("LR516"):  # which says why
            numbers.pop()
        event = InputStatistics(site, values.size(0), *numbers)
        if channels:
            self.reached = weakref.ref(output), event
        else:
            self.engine.observe(event)

    def behind(self, name: str, given: Tensor | None) -> None:
        """An operation on the output of the first convolution, or None where none follows: BatchNorm takes its scale away."""
        if self.reached is None or name == "detach":  # a look at it
            return
        output, event = self.reached[0](), self.reached[1]
        if given is None or output is None or given is output:
            self.reached = None
            if name not in NORMALISING:
                self.engine.observe(event)

    @torch.no_grad()
    def batch(self, values: Tensor, dataset: object) -> None:
        """A batch of a loader: are its samples different ones?"""
        if self.equal < 0 or values.is_meta or values.dim() < 2 or values.size(0) < SAMPLES:
            return
        if not bool((values == values[:1]).all()):
            self.equal = -1
            return
        self.equal += 1
        if self.equal == INPUTS:
            available = len(dataset) if isinstance(dataset, Sized) else None
            self._judge(EqualSamples(self.backward_site or self.engine.here(), INPUTS, values.size(0), available))

    @torch.no_grad()
    def output(self, module: nn.Module, given: Tensor, output: Tensor) -> None:
        """A model was called in a training step: how far apart are its outputs, and were they at first?"""
        if output.dim() != 2 or output.size(0) < SAMPLES or not output.requires_grad or output.size(0) != given.size(0):
            return
        known, first = self.outputs.get(id(module), (None, 0.0))
        if not self.pulled or (known is None and (self.engine.step or len(self.outputs) >= OPTIMIZERS)):
            return
        values = output.detach().float()
        spread, scale = torch.stack([values.std(0).square().mean().sqrt(), values.square().mean().sqrt()]).tolist()
        if known is None or known() is not module:
            self.outputs[id(module)] = (weakref.ref(module), spread / scale if scale else 0.0)
            return
        distinct, size = torch.unique(given.detach().flatten(1), dim=0).size(0), (values.size(0), values.size(1))
        self.last_outputs[id(module)] = OutputStatistics(
            self.engine.here(), self.engine.step + 1, *size, spread, scale, distinct, first
        )

    @torch.no_grad()
    def layer(self, module: nn.Module, output: object) -> None:
        """The output of a layer without parts: is it finite? Asked of the device only where something went wrong."""
        if isinstance(output, Tensor) and output.is_floating_point() and len(self.finite) < LEAVES and readable(output):
            self.finite.append((weakref.ref(module), torch.isfinite(output.detach()).all()))

    def root(self, module: nn.Module) -> None:
        if module not in self.models and next(module.parameters(), None) is not None:
            self.models.add(module)
            self.names = {id(parameter): name for model in self.models for name, parameter in model.named_parameters()}

    # -- backward and step ------------------------------------------------------------------------------------------------
    def graph(self, loss: Tensor, site: FrameSite) -> None:
        """Before a sampled backward pass."""
        self.backward_site = site
        self.waiting.site = self.waiting.site or self.waiting.asked
        self.value = float(loss.detach()) if loss.numel() == 1 else None
        roots = self.engine.tracer.facts(loss).roots
        self.pulled = self.pulled and (self.loss_site is not None or ("model" in roots and roots <= {"input", "model"}))
        self.curves.backward(self.value)
        score = self.engine.tracer.meetings.scored(loss)
        if score is not None:
            self.engine.observe(score)
        found = likelihood_sum(loss)
        if found is not None and self.value is not None:
            self.engine.observe(dataclasses.replace(found, site=self.loss_site_of(loss) or site, value=self.value))
        if self.value is not None and reversed_divergence(loss):
            self.engine.observe(LikelihoodSum(site, self.value, negated=False, divergence=True))
        elif self.value is not None and reversed_density(loss):
            self.engine.observe(LikelihoodSum(site, self.value, negated=False, density=True))

    def loss_site_of(self, loss: Tensor) -> Site | None:
        return self.engine.tracer.facts(loss).origin

    @torch.no_grad()
    def before_step(self, optimizer: torch.optim.Optimizer) -> None:
        """Norms of weights and gradients, before the optimizer changes the one and the program the other."""
        self.behind("", None)
        site = self.backward_site
        parameters = [each for group in optimizer.param_groups for each in group["params"] if each.requires_grad]
        if (
            site is None
            or any(each.is_meta for each in parameters)
            or not 0 < len(parameters) <= PARAMETERS
            or any(each.is_sparse for each in parameters)
        ):
            return
        numbers = self._numbers(parameters)
        self._hold(optimizer, parameters, numbers)
        earlier: list[StepStatistics] = self.history.setdefault(optimizer, [])
        culprit, where = self._culprit() if _broken(self.value, numbers) else ("", None)
        event = StepStatistics(
            site, self.engine.step + 1, self.value, numbers, self.scaled, tuple(earlier), self.loss_site, culprit, where
        )
        self._judge(event)
        earlier.append(dataclasses.replace(event, history=()))
        del earlier[:-KEPT]

    def _hold(
        self, optimizer: torch.optim.Optimizer, parameters: list[Tensor], numbers: tuple[ParameterNumbers, ...]
    ) -> None:
        held: Held | None = self.held.get(optimizer)
        if held is None:
            held = self.held[optimizer] = Held()
            if len(self.all_held) < OPTIMIZERS:
                self.all_held.append(held)
        held.steps += 1
        held.names = {id(each): self.names.get(id(each), "") for each in parameters}
        reached = [id(each) for each, known in zip(parameters, numbers, strict=True) if known.gradient is not None]
        held.reached.update(reached)
        held.moved = held.moved or any(known.gradient for known in numbers)
        weights = [known.weight for known in numbers]
        held.changed = held.changed or (held.weights is not None and weights != held.weights)
        held.weights = held.weights or weights

    def _numbers(self, parameters: list[Tensor]) -> tuple[ParameterNumbers, ...]:
        gradients = [(index, each.grad) for index, each in enumerate(parameters) if each.grad is not None]
        dense = [(index, gradient) for index, gradient in gradients if not gradient.is_sparse]
        norms = _norms([each.detach() for each in parameters])
        known = dict(zip((index for index, _ in dense), _norms([gradient for _, gradient in dense]), strict=True))
        sparse = {index: 1.0 for index, gradient in gradients if gradient.is_sparse}
        return tuple(
            ParameterNumbers(
                self.names.get(id(each), f"parameter {index}"),
                tuple(each.shape),
                norms[index],
                known.get(index, sparse.get(index)),
            )
            for index, each in enumerate(parameters)
        )

    def _culprit(self) -> tuple[str, Site | None]:
        reference = next((each for each, finite in self.finite if not bool(finite)), None)
        module = reference() if reference is not None else None
        if module is None:
            return "", None
        name = next((each for model in self.models for each, part in model.named_modules() if part is module), "")
        return name or type(module).__name__, construction(module)

    def after_step(self, optimizer: torch.optim.Optimizer) -> None:
        self.finite.clear()
        self.ranks.after_step(optimizer)

    # -- the end ----------------------------------------------------------------------------------------------------------
    def finish(self) -> None:
        self.behind("", None)
        for outputs in self.last_outputs.values() if self.pulled else ():
            self._judge(outputs)
        for curve in self.curves.finish(len(self.all_held)):
            self._judge(curve)
        for held in self.all_held:
            if self.backward_site is not None:
                others = any(other.moved for other in self.all_held if other is not held)
                self._judge(_unmoved(self.backward_site, held, elsewhere=others))
        self._waited()

    def _waited(self) -> None:
        time = self.waiting.result()
        if time is not None and any(each.is_cuda for model in self.models for each in model.parameters()):
            self._judge(time)

    def unhook(self) -> None:
        self.finite.clear()


def _unmoved(site: Site, held: Held, *, elsewhere: bool) -> UnmovedParameters:
    """The parameters without a gradient: those with a name, or all of them; all of them also where each gradient was zero."""
    still = held.moved and not held.changed
    none, total = still or (not held.moved and not elsewhere), len(held.names)
    names = tuple(
        name or f"parameter {index}"
        for index, (key, name) in enumerate(held.names.items())
        if none or (name and key not in held.reached)
    )
    return UnmovedParameters(
        site, names, total, held.steps, elsewhere=elsewhere, zero=none and bool(held.reached), still=still
    )


def _norms(tensors: list[Tensor]) -> list[float]:
    """Euclidean norms, read in one transfer per device."""
    if not tensors:
        return []
    norms = torch._foreach_norm(tensors)
    if len({each.device for each in norms}) == 1:
        return [float(each) for each in torch.stack([each.float() for each in norms]).tolist()]
    return [float(each) for each in norms]


def _sizes(facts: TensorFacts) -> list[int]:
    return [each if isinstance(each, int) else 0 for each in facts.shape or ()]


def _broken(value: float | None, numbers: tuple[ParameterNumbers, ...]) -> bool:
    if value is not None and not math.isfinite(value):
        return True
    return any(each.gradient is not None and not math.isfinite(each.gradient) for each in numbers)
