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
    LossCurve,
    OutputStatistics,
    ParameterNumbers,
    StepStatistics,
    TargetRange,
    UnitStatistics,
    UnmovedParameters,
)
from lrcheck.facts import Form, TensorFacts
from lrcheck.findings import Site
from lrcheck.runtime.health.distributed import Ranks
from lrcheck.runtime.health.waiting import Waiting
from lrcheck.runtime.places.sites import FrameSite
from lrcheck.runtime.tensors.divergence import reversed_divergence
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
OPTIMIZERS = 64  # whose parameters are remembered by name
_BINARY = frozenset({"bce", "bce_with_logits"})
_CLASSIFICATION = frozenset({"cross_entropy", "nll", "bce", "bce_with_logits"})
_REGRESSION = frozenset({"mse"})
PEEK = 64  # the first step in which the value that goes backward is kept without being read
PEEKS = 128  # values that are kept: then every second one of them goes, and half as many steps follow
LABELS = 4  # for each class, at least, before their frequencies are known
COLUMNS = 4096  # of targets whose means are known, at most


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
        self.curves: dict[object, tuple[LossCall, list[tuple[int, float]]]] = {}
        self.shares: dict[
            object, list[tuple[int, float]]
        ] = {}  # losses, relative to those of knowing the targets' means
        self.sums: dict[object, tuple[int, Tensor]] = {}  # of targets
        self.guess: float | None = None  # the loss of such a guess for this batch
        self.peeked: list[tuple[int, Tensor]] = []  # values that went backward: numbers on their own
        self.peek = PEEK  # the next step in which one is kept
        self.stride = 2
        self.recent_loss = 0.0
        self.other_backwards = False  # something else than the loss went backward
        self.pulled = True  # by nothing but outputs of models, so far
        self.outputs: dict[int, tuple[weakref.ref[nn.Module], float]] = {}  # the spread of each model's first output
        self.last_outputs: dict[int, OutputStatistics] = {}
        self.counts: dict[object, Tensor] = {}
        self.least: dict[object, int] = {}
        self.held: Any = weakref.WeakKeyDictionary()  # optimizer -> Held
        self.all_held: list[Held] = []  # also those of optimizers that are gone when the run ends
        self.finite: list[tuple[weakref.ref[nn.Module], Tensor]] = []
        self.inputs = 0
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
        elif event.training and event.family in _BINARY and given.numel() == target.numel() == given.size(0):
            self._binary(event.site.key(), target)
        if event.training and target.dim() == 1 and event.family in _CLASSIFICATION:
            self.engine.order.labels(target)
        if event.training and event.family in _CLASSIFICATION and given.dim() == 2 and given.size(0) >= SAMPLES:
            self._outputs(event, given, target)
        self.guess = self._guessed(event, given, target) if event.training else None
        return event

    def _guessed(self, event: LossCall, given: Tensor, target: Tensor) -> float | None:
        """What this loss would be for a model that knows nothing of the inputs, but the mean of each target so far."""
        plain = (
            target.shape == given.shape and target.is_floating_point() and target.size(0) > 1 if target.dim() else False
        )
        if not plain or target.requires_grad or event.target.model is not None or event.loss.weighted:
            return None
        rows = target.detach().flatten(1) if target.dim() > 1 else target.detach()[:, None]
        if event.family not in _REGRESSION | _BINARY or rows.size(1) > COLUMNS:
            return None
        key, rows = event.site.key(), rows.double()
        count, sums = self.sums.get(key, (0, None))
        sums = rows.sum(0) if sums is None or sums.shape != rows.shape[1:] else sums + rows.sum(0)
        count = count + rows.size(0) if count else rows.size(0)
        self.sums[key] = (count, sums)
        means = (sums / count).expand_as(rows)
        if event.family in _REGRESSION:
            each = (rows - means).square() * (count / (count - 1))
        else:
            means = means.clamp(1e-6, 1 - 1e-6)
            each = -(rows * means.log() + (1 - rows) * (1 - means).log())
        return float(each.sum() if event.loss.reduction == "sum" else each.mean())

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
            self._count(key, kept, outputs)
        elif least == 0 and event.input.layer is not None and outputs > 1:
            return dataclasses.replace(event, target=event.target.but(classes=greatest + 1))
        elif outputs > 1:
            self._judge(TargetRange(event.site, event, least, greatest, outputs, ignored))
        return event

    def _binary(self, key: object, target: Tensor) -> None:
        """Labels of two classes for one output; anything between 0 and 1 is no class."""
        both = torch.stack([(target == 0).sum(), (target == 1).sum()])
        zeros, ones = (int(each) for each in both.tolist())
        if zeros + ones == target.numel():
            self._count(key, torch.tensor([0] * zeros + [1] * ones), 2)

    def _count(self, key: object, kept: Tensor, outputs: int) -> None:
        if outputs > 10_000:
            return
        counts = torch.bincount(kept.flatten(), minlength=outputs).double().cpu()
        known = self.counts.get(key)
        self.counts[key] = counts if known is None or known.shape != counts.shape else known + counts

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
        self.recent_loss = float(result.detach())
        if self.guess is not None and event.family in _REGRESSION | _BINARY and event.loss.reduction in ("mean", "sum"):
            self.curves.setdefault(event.site.key(), (event, []))
            if self.guess > 0:
                share = (self.engine.step + 1, self.recent_loss / self.guess)
                self.shares.setdefault(event.site.key(), []).append(share)
        if event.loss.reduction == "mean" and event.family in _CLASSIFICATION and not event.loss.weighted:
            _, values = self.curves.setdefault(event.site.key(), (event, []))
            values.append((self.engine.step + 1, self.recent_loss))

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
    def first_layer(self, site: Site, values: Tensor) -> None:
        """What reaches the first layer with weights, straight from the data."""
        if (
            self.inputs >= INPUTS
            or values.is_meta
            or not values.is_floating_point()
            or values.dim() < 2
            or values.size(0) < 2
        ):
            return
        self.inputs += 1
        deviation, mean = torch.std_mean(values.detach().float())
        numbers = torch.stack([mean, deviation, values.detach().float().abs().max()]).tolist()
        self.engine.observe(InputStatistics(site, values.size(0), *numbers))

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
        if self.value is None or abs(self.value - self.recent_loss) > 1e-6 * abs(self.value):
            self.other_backwards = True
        found = likelihood_sum(loss)
        if found is not None and self.value is not None:
            self.engine.observe(dataclasses.replace(found, site=self.loss_site_of(loss) or site, value=self.value))
        if self.value is not None and reversed_divergence(loss):
            self.engine.observe(LikelihoodSum(site, self.value, negated=False, divergence=True))

    def peeks(self, tensors: Any) -> None:
        """A value goes backward between sampled steps: a copy of it is kept, and nobody waits for its number."""
        self.peek = self.engine.step + self.stride
        loss = tensors[0] if isinstance(tensors, tuple | list) and tensors else tensors
        if not isinstance(loss, Tensor) or loss.numel() != 1 or not readable(loss):
            return
        self.peeked.append((self.engine.step + 1, loss.detach().reshape(()).clone()))
        if len(self.peeked) == PEEKS:
            del self.peeked[1::2]
            self.stride *= 2

    def _between(self) -> tuple[tuple[int, float], ...]:
        """The values of these steps, where they are those of the one loss of the run."""
        if (
            self.engine.cut
            or self.other_backwards
            or len(self.curves) != 1
            or len(self.all_held) != 1
            or not self.peeked
        ):
            return ()
        numbers = torch.stack([value.float().cpu() for _, value in self.peeked]).tolist()
        return tuple((step, number) for (step, _), number in zip(self.peeked, numbers, strict=True))

    def loss_site_of(self, loss: Tensor) -> Site | None:
        return self.engine.tracer.facts(loss).origin

    @torch.no_grad()
    def before_step(self, optimizer: torch.optim.Optimizer) -> None:
        """Norms of weights and gradients, before the optimizer changes the one and the program the other."""
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
        for outputs in self.last_outputs.values() if self.pulled else ():
            self._judge(outputs)
        between = self._between()
        for event, values in self.curves.values():
            prior = _entropy(self.counts.get(event.site.key()))
            if event.family in _BINARY and len(self.curves) > 1:
                prior = None  # networks that play against each other end at chance
            classes = event.classes or 0
            shares = tuple(self.shares.get(event.site.key(), ()))
            self._judge(LossCurve(event.site, event.family or "", classes, tuple(values), prior, shares, between))
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


def _entropy(counts: Tensor | None) -> float | None:
    """The loss of always predicting the class frequencies, in nats; None where too few labels were seen."""
    number = 0.0 if counts is None else float(counts.sum())
    if counts is None or number < LABELS * counts.numel():
        return None
    shares = counts / number
    return float(-(shares[shares > 0] * shares[shares > 0].log()).sum())
