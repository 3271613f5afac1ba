"""States of models that are kept without a copy: what is loaded later are the parameters themselves.

Seen where a state is loaded: its tensors lie where the parameters do, and steps were made since it was taken.
"""

from __future__ import annotations

import ast
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from lrcheck.events import SnapshotAlias
from lrcheck.runtime.places.source import node_of

if TYPE_CHECKING:
    from lrcheck.runtime.engine import Engine
    from lrcheck.runtime.places.sites import FrameSite

PARTS = 64  # of what is written
KEPT = 64  # states that are remembered, the last ones


@dataclass(slots=True)
class Taken:
    """One call of `state_dict()`."""

    state: weakref.ref[Any]
    module: weakref.ref[nn.Module]
    site: FrameSite
    step: int


class Snapshots:
    """Remembers where states were taken; a state that the program lets go of is not kept alive."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.taken: list[Taken] = []
        self.trained: FrameSite | None = None  # the last step that was looked at
        self.own: dict[Any, int] = {}  # where a model got its own state, at which step; -1: where another one did

    def takes(self, module: nn.Module, state: object) -> None:
        """`module.state_dict()`, called by the program."""
        try:
            reference = weakref.ref(state)
        except TypeError:  # a plain dictionary, of a module with a method of its own
            return
        self.taken.append(Taken(reference, weakref.ref(module), self.engine.here(), self.engine.step))
        del self.taken[:-KEPT]

    def loads(self, module: nn.Module, state: object) -> None:
        """`module.load_state_dict(state)`: is it what the module holds anyway?"""
        taken, here = self._of(module, state), self.engine.here()
        if self._is_own(module, state, here) and self.trained is not None:
            self.engine.judge(SnapshotAlias(here, here, self.trained, same=True))
        if taken is None:
            self.saves(state)
        step = taken.step if taken is not None else 0
        if step >= self.engine.step or self.trained is None or not _is_alias(module, state):
            return
        site = taken.site if taken is not None else here.argument_site(0, "state_dict") or here
        self.engine.judge(SnapshotAlias(site, here, self.trained))

    def _is_own(self, module: nn.Module, state: object, here: FrameSite) -> bool:
        """Is it the second time that a model gets its own state here, by the name of another, and did no other get any?

        One of several models that get the state of the best one gets its own.
        """
        last = self.taken[-1] if self.taken else None
        fresh = last is not None and last.state() is state and last.site.filename == here.filename
        if not fresh or last is None or last.module() is not module or not _two_names(here):
            self.own[here.key()] = -1
            return False
        before = self.own[here.key()] = self.own.get(here.key()) or self.engine.step
        return 0 < before < self.engine.step

    def saves(self, kept: object) -> None:
        """A state is written, or loaded into another model: one that was taken while the model was trained, and is no copy?

        One that was taken before the first step may be there to follow the model.
        """
        parts = [kept, *(kept.values() if isinstance(kept, Mapping) else ())][:PARTS]
        for taken in self.taken:
            state, module = taken.state(), taken.module()
            if module is None or not 0 < taken.step < self.engine.step or self.trained is None:
                continue
            if any(each is state for each in parts) and _is_alias(module, state):
                self.engine.judge(SnapshotAlias(taken.site, self.engine.here(), self.trained))

    def averages(self, tensors: list[Tensor], share: object) -> None:
        """`kept.add_(weight, alpha=share)`, `kept.lerp_(weight, share)`: two views of one parameter that is trained?

        A decay of the weights takes a part of them away, and says so with one and the same name.
        """
        if self.trained is None or len(tensors) < 2 or tensors[0] is tensors[1] or not _same(tensors[0], tensors[1]):
            return
        if isinstance(share, int | float) and not 0 < share < 1:
            return
        here, address = self.engine.here(), tensors[0].data_ptr()
        optimizers = list(self.engine.protocol.facts)
        held = [each for one in optimizers for group in one.param_groups for each in group["params"]]
        if any(each.data_ptr() == address and each.shape == tensors[0].shape for each in held):
            self.engine.judge(SnapshotAlias(here, here, self.trained, averaged=True))

    def _of(self, module: nn.Module, state: object) -> Taken | None:
        """Where this state was taken; one that was put together from another is as old as the last one of this module."""
        own = [each for each in self.taken if each.module() is module]
        return next((each for each in own if each.state() is state), own[-1] if own else None)


def _two_names(here: FrameSite) -> bool:
    """Does the call say `target.load_state_dict(net.state_dict())`, with a plain name or attribute on both sides?"""
    match node_of(here.code, here.instruction):
        case ast.Call(
            func=ast.Attribute(value=ast.Name() | ast.Attribute() as target),
            args=[ast.Call(func=ast.Attribute(value=ast.Name() | ast.Attribute() as source))],
        ):
            return ast.dump(target) != ast.dump(source)
    return False


def _is_alias(module: nn.Module, state: object) -> bool:
    if not isinstance(state, Mapping):
        return False
    parameters = dict(module.named_parameters())
    pairs = [(each, state.get(name)) for name, each in parameters.items() if each.requires_grad and each.numel()]
    return bool(pairs) and all(isinstance(kept, Tensor) and _same(own, kept) for own, kept in pairs)


def _same(own: Tensor, kept: Tensor) -> bool:
    return own.device == kept.device and own.shape == kept.shape and own.data_ptr() == kept.data_ptr() != 0
