"""BatchNorm layers as they are called: frozen ones that go on learning, and those that need more than one sample."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from lrcheck.events import FrozenStatistics
from lrcheck.runtime.places.sites import outside_forward
from lrcheck.runtime.tensors.memory import module_facts, readable

if TYPE_CHECKING:
    from lrcheck.runtime.engine import Engine


STEPS = 64  # over which the weights of a frozen network stay what they are: no average of another one, no target
PARTS = 8  # parameters that are compared
NETWORKS = 4  # that are followed, at most


@dataclass(slots=True)
class Resting:
    """A frozen network that is called without gradients, in training mode, as it was seen first."""

    network: weakref.ref[nn.Module]
    layer: weakref.ref[nn.Module]  # its first one
    step: int
    weights: float
    mean: float
    asked: bool = False  # once more


class Normalising:
    """Looks at calls of BatchNorm layers in traced steps."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.moving: FrozenStatistics | None = None  # since the last step
        self.resting: dict[int, Resting] = {}

    def called(self, layer: Any, args: tuple[Any, ...], around: list[nn.Module]) -> None:
        """A BatchNorm layer is called, inside the modules `around` it."""
        if not layer.training:
            return
        if not torch.is_grad_enabled():
            self.engine.quietly(self._without_gradients, layer, around)
            return
        given = args[0] if args else None
        if around and isinstance(given, Tensor) and given.dim() == 2:  # one vector for each sample
            module_facts(around[0]).needs_batch = True
        weights = list(layer.parameters(recurse=False))
        if around and weights and layer.track_running_stats and not any(each.requires_grad for each in weights):
            site = outside_forward()
            if site is not None:
                model = module_facts(around[0])
                self.moving = FrozenStatistics(site, module=model, layer=module_facts(layer))

    def _without_gradients(self, layer: Any, around: list[nn.Module]) -> None:
        """A teacher, a frozen body: does nothing in it change but the statistics?

        The average of another network is in training mode on purpose. Its weights move.
        """
        network = next((each for each in around if _is_frozen(each)), None)
        if network is None or layer.running_mean is None or not readable(layer.running_mean):
            return
        known = self.resting.get(id(network))
        if known is None or known.network() is not network:
            if len(self.resting) < NETWORKS:
                numbers = _numbers(network, layer)
                self.resting[id(network)] = Resting(
                    weakref.ref(network), weakref.ref(layer), self.engine.step, *numbers
                )
        elif known.layer() is layer and not known.asked and self.engine.step - known.step >= STEPS:
            self._again(known, network, layer, around[0])

    def _again(self, known: Resting, network: nn.Module, layer: Any, model: nn.Module) -> None:
        site = outside_forward()
        if site is None:
            return
        known.asked = True
        weights, mean = _numbers(network, layer)
        if weights == known.weights and mean != known.mean:
            self.moving = FrozenStatistics(site, module=module_facts(model), layer=module_facts(layer))

    def before_step(self) -> None:
        """The optimizer steps: what was called was trained."""
        moving, self.moving = self.moving, None
        if moving is not None:
            self.engine.judge(moving)


def _is_frozen(module: nn.Module) -> bool:
    """It has weights, and none is trained."""
    weights = list(module.parameters())
    return bool(weights) and not any(each.requires_grad for each in weights)


def _numbers(network: nn.Module, layer: Any) -> tuple[float, float]:
    """Sums over its first weights, and over the running mean of a layer."""
    weights = [each.detach().double().sum() for each in islice(network.parameters(), PARTS)]
    return float(torch.stack(weights).sum()), float(layer.running_mean.double().sum())
