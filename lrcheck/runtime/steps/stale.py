"""Gradients that stay: is what an optimizer finds the gradient that it left behind, with new ones added?

A program that clears its gradients, in whichever way, goes backward at least once from nothing: from no gradient, from another
one, or from zeros. Where no backward pass since the last step did, nothing cleared them.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from lrcheck.events import StaleGradients

if TYPE_CHECKING:
    from lrcheck.findings import Site
    from lrcheck.runtime.engine import Engine

FIRST = 32  # steps whose gradients are looked at
STALE = 4  # steps in a row with gradients of the step before
_LEAVES = 400  # nodes of a graph that are searched for a parameter, at most


@dataclass(slots=True)
class Gradient:
    """A gradient as a step left it: the object, not its values."""

    parameter: weakref.ref[torch.Tensor]
    gradient: weakref.ref[torch.Tensor]
    cleared: bool = False
    backwards: int = 0
    version: int = -1

    def look(self) -> None:
        """A backward pass begins: what does it start from?"""
        parameter = self.parameter()
        now = parameter.grad if parameter is not None else None
        if now is None or now is not self.gradient() or not bool(now.any()):
            self.cleared = True
        self.backwards += 1

    def replaced(self) -> bool:
        """Is the gradient another object now, one that was computed by hand?"""
        parameter = self.parameter()
        return parameter is not None and parameter.grad is not self.gradient()

    def rests(self) -> bool:
        """Has nothing been added to it, as its part of the model is no longer used?"""
        gradient = self.gradient()
        return gradient is not None and gradient._version == self.version


class Stale:
    """Follows the first and the last parameter of each optimizer through the first steps; afterwards it does nothing."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.left: Any = weakref.WeakKeyDictionary()  # optimizer -> Gradients
        self.rows: Any = weakref.WeakKeyDictionary()  # optimizer -> stale steps in a row
        self.by_hand: Gradient | None = None  # the same for a program without optimizer
        self.value = 0.0
        self.row = 0

    def before_backward(self, tensor: object, site: Site) -> None:
        for gradients in self.left.values():
            for gradient in gradients:
                if not gradient.cleared:
                    gradient.look()
        if not self.engine.steps_seen and isinstance(tensor, torch.Tensor):
            self._without_optimizer(tensor, site)

    def after_step(self, optimizer: torch.optim.Optimizer) -> None:
        """An optimizer has stepped: were there gradients of the step before?"""
        left: list[Gradient] = [each for each in self.left.get(optimizer, ()) if each.backwards]
        if left:
            for each in left:
                each.cleared = each.cleared or each.replaced() or each.rests()
            stale = any(not each.cleared for each in left)
            self.rows[optimizer] = self.rows.get(optimizer, 0) + 1 if stale else 0
            if self.rows[optimizer] == STALE:
                self._report(self.engine.here())
        parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
        ends = (_first(parameters), _first(reversed(parameters)))
        kept = [_left_behind(each) for each in ends if each is not None]
        if kept:
            self.left[optimizer] = kept

    def _without_optimizer(self, loss: torch.Tensor, site: Site) -> None:
        """The same for parameters that the program changes by hand between two backward passes."""
        known = self.by_hand
        parameter = known.parameter() if known is not None else _leaf(loss)
        if parameter is None or parameter.is_meta:
            return
        value = float(parameter.detach().double().sum())
        if known is not None and parameter.grad is not None:
            known.look()
            changed, self.value = value != self.value, value
            self.row = self.row + 1 if changed and not known.cleared else 0
            if self.row == STALE:
                self._report(site)
        if parameter.grad is not None:
            self.by_hand = Gradient(weakref.ref(parameter), weakref.ref(parameter.grad))
        elif known is None:
            self.by_hand, self.value = Gradient(weakref.ref(parameter), weakref.ref(parameter)), value

    def _report(self, site: Site) -> None:
        if not self.engine.reporter.knows("LR301"):
            self.engine.judge(StaleGradients(site, STALE))


def _left_behind(parameter: torch.Tensor) -> Gradient:
    gradient = parameter.grad
    assert gradient is not None
    return Gradient(weakref.ref(parameter), weakref.ref(gradient), version=gradient._version)


def _first(parameters: Iterable[Any]) -> Any:
    """The first parameter with a gradient that can be looked at."""
    for parameter in parameters:
        gradient = parameter.grad
        if gradient is not None and not gradient.is_sparse and not gradient.is_meta:
            return parameter
    return None


def _leaf(loss: torch.Tensor) -> torch.Tensor | None:
    """A parameter below a loss, the first that is found."""
    stack: list[Any] = [loss.grad_fn]
    for _ in range(_LEAVES):
        if not stack:
            return None
        node = stack.pop()
        if node is None:
            continue
        variable = getattr(node, "variable", None)
        if isinstance(variable, torch.Tensor) and variable.is_leaf:
            return variable
        stack.extend(each for each, _ in node.next_functions)
    return None
