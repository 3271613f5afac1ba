"""What only a run can tell."""

from __future__ import annotations

from dataclasses import dataclass

from lrcheck.events.base import Event
from lrcheck.events.loss import LossCall
from lrcheck.findings import Site


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

    `negated`: a minus (or a negative factor) stands between the log-probabilities and the loss. `divergence`: it is the divergence
    from a normal distribution that has the wrong sign in the loss; `density`: it is the density of one.
    """

    value: float
    negated: bool
    divergence: bool = False
    density: bool = False


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
    value; `distinct` counts the different targets. Where no target pulls at the output, as in a loss that compares outputs with
    each other, `first` is what the spread was at first, as a share of the scale, and `distinct` counts the different samples.
    """

    step: int
    samples: int
    classes: int
    spread: float
    scale: float
    distinct: int
    first: float | None = None


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
    greatest: float  # without its sign
    highest: float | None = None  # with it


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LossCurve(Measured):
    """The sampled losses of one loss call over the whole run, as (step, value); `site` is the call.

    `prior` is the loss of always predicting the class frequencies seen, in nats; None where it is not known. `shares` are losses
    relative to that of always predicting the means of the targets, in the same batch. `between` are values of the loss in further
    steps, from the 64th on, where nothing else goes backward in the run.
    """

    family: str
    classes: int
    values: tuple[tuple[int, float], ...]
    prior: float | None
    shares: tuple[tuple[int, float], ...] = ()
    between: tuple[tuple[int, float], ...] = ()


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
    elsewhere: bool = False  # another optimizer's parameters did get gradients in the same run
    zero: bool = False  # there are gradients, and each of them is zero in every sampled step
    still: bool = False  # there are gradients, and every parameter was the same in every sampled step


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class BatchProbe(Measured):
    """A model was run twice on a batch whose other samples had changed: by how much did the first output change?

    `moved` is the change of an output where only the order of the samples had changed; `along` the class of a layer that
    took the samples of the batch for a sequence.
    """

    change: float
    scale: float
    moved: float = 0.0
    along: str = ""


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
