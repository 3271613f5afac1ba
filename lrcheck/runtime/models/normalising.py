"""BatchNorm layers as they are called: frozen ones that go on learning, and those that need more than one sample."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from lrcheck.events import FrozenStatistics
from lrcheck.runtime.places.sites import outside_forward
from lrcheck.runtime.tensors.memory import module_facts

if TYPE_CHECKING:
    from lrcheck.runtime.engine import Engine


class Normalising:
    """Looks at calls of BatchNorm layers in traced steps."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.moving: FrozenStatistics | None = None  # since the last step

    def called(self, layer: Any, args: tuple[Any, ...], around: list[nn.Module]) -> None:
        """A BatchNorm layer is called, inside the modules `around` it."""
        if not layer.training or not torch.is_grad_enabled():
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

    def before_step(self) -> None:
        """The optimizer steps: what was called was trained."""
        moving, self.moving = self.moving, None
        if moving is not None:
            self.engine.judge(moving)
