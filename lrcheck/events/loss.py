"""Tensors on their way into a loss or a prediction."""

from __future__ import annotations

from dataclasses import dataclass

from lrcheck.events.base import Event
from lrcheck.facts import (
    LossFacts,
    Operation,
    TensorFacts,
)
from lrcheck.findings import Label, Site


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
class Activation(Event):
    """An activation or another operation that gives a tensor its form: softmax, sigmoid, relu, ...

    `implicit_dim` is true where softmax was called without a dim.
    """

    operation: Operation
    input: TensorFacts
    output: TensorFacts
    implicit_dim: bool = False
    scored: Site | None = None  # a loss that takes the classes from another dimension


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
