"""Which trained parameters no optimizer holds: modules left out, and modules that `parameters()` does not find.

Looked at right before an early step, when the gradients are there.
"""

from __future__ import annotations

import ast
import gc
import inspect
import sys
import weakref
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from lrcheck.events import MissedParameters, ModuleDefinition
from lrcheck.facts import DefinitionFacts, HiddenPart
from lrcheck.runtime.places.sites import is_of_program
from lrcheck.runtime.places.source import SourceSite, assignment
from lrcheck.runtime.tensors.memory import construction

if TYPE_CHECKING:
    from lrcheck.runtime.engine import Engine

LATE = 3  # steps after which every optimizer had its turn
WAKES = 8  # times that layers are waited for which are constructed later
PARTS = 1000  # elements of a container that are looked at
Optimizer = torch.optim.Optimizer
Gradient = tuple[weakref.ref[Tensor], int]  # the object, and how often it was written to


class Ownership:
    """Asked right before the step number `LATE`, and again of layers that are younger than that."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.asked = False
        self.frozen: set[int] = set()  # identities of parameters that were not to be trained when it was asked
        self.waiting = False  # for the gradients of the next step
        self.gradients: dict[int, Gradient] = {}  # of parameters that are asked about again, one step earlier
        self.clock = 0  # constructions so far, when it was asked
        self.wakes = 0

    def built(self) -> None:
        """A module is being constructed, perhaps a new part of a model that is trained already."""
        if self.asked and not self.waiting and self.wakes < WAKES:
            self.wakes += 1
            self.waiting = True
            self.engine.settle()

    def made(self) -> None:
        """An optimizer has been constructed, perhaps for the parameters that are not frozen now."""
        if self.asked:
            self.frozen.update(id(each) for each in _parameters(self.engine.evaluation.roots) if not each.requires_grad)

    def before_step(self, optimizer: Optimizer) -> None:
        again = self.asked
        if self.engine.protocol.steps < LATE or (again and not self._moves(optimizer)):
            return
        if not again:
            self.asked, self.clock = True, self.engine.making.clock
        backward = self.engine.statistics.backward_site
        if backward is None or self.engine.protocol.by_hand:
            return
        models = self.engine.evaluation.roots
        thawed, self.frozen = self.frozen, {id(each) for each in _parameters(models) if not each.requires_grad}
        held = _held(self._known(optimizer))
        if not any(_lacks(model, held) for model in models):
            return
        held = _held(self._everywhere(optimizer))
        young = self._young(models, optimizer, held)
        if young:
            self.clock = self.engine.making.clock
        for model in models:
            missing = self._newer(model, optimizer, young) if young else None
            missing = missing or self._missing(model, optimizer, held, thawed - self.frozen, again=again)
            obscured = self._obscured(model) and _has_work(optimizer)
            found = missing if missing is not None and not obscured else None
            site = construction(found[0]) if found is not None else None
            made = self.engine.making.sites.get(optimizer)
            if found is not None and site is not None and made is not None and not self.engine.reporter.knows("LR326"):
                name = type(found[0]).__name__
                name = f"nn.{name}" if type(found[0]).__module__.startswith("torch.nn.") else name
                self.engine.judge(MissedParameters(site, name, backward, made, found[1]))
            for part in _hidden(model, held) if not again else ():
                if part[1].kind == "object" and self.engine.making.was_loaded_in(part[2]):
                    continue  # a network that was trained elsewhere, in a loss
                self.engine.judge(ModuleDefinition(part[1].made, part[0], DefinitionFacts(hidden=(part[1],))))

    def _moves(self, optimizer: Optimizer) -> bool:
        """Is a parameter trained that was frozen when it was asked, or is new: does its gradient change from step to step?"""
        self.waiting = False
        if not self.frozen and self.clock == self.engine.making.clock:
            return False
        models = self.engine.evaluation.roots
        asked = self.frozen | self._young(models, optimizer, _held(self._known(optimizer)))
        before, self.gradients = self.gradients, {}
        for each in _parameters(models):
            if id(each) in asked and each.requires_grad and each.grad is not None:
                self.gradients[id(each)] = weakref.ref(each.grad), each.grad._version
        self.waiting = bool(self.gradients) and not before
        return any(before.get(key, found) != found for key, found in self.gradients.items())

    def _young(self, models: list[nn.Module], optimizer: Optimizer, held: set[int]) -> set[int]:
        """The parameters of layers that came behind the last question and behind the optimizer, and that nobody holds."""
        making = self.engine.making
        least = max(self.clock, making.times.get(optimizer, making.clock))
        layers = [part for model in models for part in model.modules() if making.age(part) > least]
        own = [each for layer in layers for each in layer.parameters(recurse=False)]
        return {id(each) for each in own if _left_out(each, held)}

    def _newer(self, model: nn.Module, optimizer: Optimizer, young: set[int]) -> tuple[nn.Module, bool] | None:
        """A layer that was put into a model in the middle of the training, or a new model in place of the old one."""
        layers = [part for part in model.modules() if any(True for _ in part.parameters(recurse=False))]
        new = [layer for layer in layers if all(id(each) in young for each in layer.parameters(recurse=False))]
        if not new or any(self.engine.making.was_loaded(each) for each in new):
            return None
        if len(new) < len(layers):
            return new[0], True
        idle = all(each.grad is None for group in optimizer.param_groups for each in group["params"])
        return (model, True) if idle else None

    def _known(self, optimizer: Optimizer) -> set[Optimizer]:
        """The optimizers that were built or stepped since the watch began."""
        return {*self.engine.making.sites, *self.engine.protocol.facts, optimizer}

    def _everywhere(self, optimizer: Optimizer) -> list[Optimizer]:
        """Every optimizer of the program: the search goes over all objects, and is made where something seems to be missing."""
        known = self._known(optimizer)
        known.update(each for each in gc.get_objects() if issubclass(type(each), Optimizer))
        return list(known)

    def _obscured(self, model: nn.Module) -> bool:
        """Something is frozen, or in evaluation mode: what is left out may be left out on purpose."""
        return not model.training or any(not each.requires_grad for each in model.parameters())

    def _missing(
        self, model: nn.Module, optimizer: Optimizer, held: set[int], thawed: set[int], *, again: bool
    ) -> tuple[nn.Module, bool] | None:
        """A module with gradients that nobody holds: one that is younger than the optimizer, or the whole model."""
        layers = [part for part in model.modules() if any(True for _ in part.parameters(recurse=False))]
        missing = [layer for layer in layers if all(_left_out(each, held) for each in layer.parameters(recurse=False))]
        if not missing:
            mixed = [part for part in layers if _is_half(part, held)]
            return (mixed[0], True) if mixed else None
        freed = [layer for layer in missing if all(id(each) in thawed for each in layer.parameters(recurse=False))]
        if thawed or again:
            return (freed[0], False) if freed else None
        if len(missing) == len(layers):
            return model, False
        few = 2 * len(missing) < len(layers) or (2 * len(missing) == len(layers) and missing[-1] is layers[-1])
        empty = any(not group["params"] for group in optimizer.param_groups)  # a group that was meant for them
        if (few or empty) and not self.engine.making.was_loaded(model):
            return missing[0], False  # the smaller part of a model that nothing was loaded into: no head on features
        born = self.engine.making.times.get(optimizer)
        first = missing[0]
        if born is not None and self.engine.making.age(first) > born:
            return first, True
        return None


def _has_work(optimizer: Optimizer) -> bool:
    """Is any of its parameters to be trained?"""
    return any(each.requires_grad for group in optimizer.param_groups for each in group["params"])


def _lacks(model: nn.Module, held: set[int]) -> bool:
    """Has a parameter a gradient and no optimizer, or does a module hold what it has not registered?"""
    return any(_left_out(each, held) for each in model.parameters()) or next(_hidden(model, held), None) is not None


def _parameters(models: Iterable[nn.Module]) -> Iterator[Tensor]:
    for model in models:
        yield from model.parameters()


def _held(optimizers: Iterable[Optimizer]) -> set[int]:
    return {id(each) for one in optimizers for group in one.param_groups for each in group["params"]}


def _left_out(parameter: Tensor, held: set[int]) -> bool:
    return parameter.requires_grad and parameter.grad is not None and id(parameter) not in held


def _is_half(layer: nn.Module, held: set[int]) -> bool:
    """One parameter of a layer is held and another one is not: it was replaced behind the optimizer's back."""
    own = list(layer.parameters(recurse=False))
    return any(id(each) in held for each in own) and any(_left_out(each, held) for each in own)


# -- what `parameters()` does not find ------------------------------------------------------------------------------------
def _hidden(model: nn.Module, held: set[int]) -> Iterator[tuple[str, HiddenPart, list[Any]]]:
    """Layers in plain lists, dicts and objects, tensors that are no `Parameter`: trained by the loss, held by nobody."""
    registered = {id(part) for part in model.modules()} | {id(each) for each in model.parameters()}
    for module in list(model.modules()):
        if type(module).__module__.startswith("torch."):
            continue
        for name, value in list(vars(module).items()):
            parts, kind = _parts(value)
            parts = [part for part in parts if id(part) not in registered]
            weights = [each for part in parts for each in _weights(part)]
            if not weights or not any(_left_out(each, held) for each in weights):
                continue
            made = _made(type(module), name)
            if made is not None:
                first = next((part for part in parts if isinstance(part, nn.Module)), None)
                example = f"nn.{type(first).__name__}" if first is not None else "torch.Tensor"
                example = _outer(value) if kind == "object" else example
                nested = kind.startswith("nested")
                prefix = "" if kind == "object" or nested else _alias(type(module))
                part = HiddenPart(name, kind.removeprefix("nested "), made, example, prefix)
                yield type(module).__name__, part, parts


def _parts(value: object) -> tuple[list[Any], str]:
    """The modules (or leaf tensors) that an attribute holds outside of a module's own containers."""
    if isinstance(value, Tensor):
        leaf = value.requires_grad and value.is_leaf and not isinstance(value, nn.Parameter)
        return ([value] if leaf else []), "tensor"
    values = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    kind = "dict" if isinstance(value, dict) else "list"
    elements = list(islice(values, PARTS))
    found = [each for each in elements if isinstance(each, nn.Module | nn.Parameter)]
    if found:
        return found, kind
    nested = [part for each in elements for part in _nested(each)]
    if nested:
        return nested, f"nested {kind}"
    return [part for each in elements or [value] if _is_plain(each) for part in _layers_of(each)], "object"


def _nested(value: object) -> list[nn.Module]:
    """The layers of a list in a list."""
    values = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return [each for each in islice(values, PARTS) if isinstance(each, nn.Module)]


def _is_plain(value: object) -> bool:
    """An object of a class of the program that is no module."""
    return not isinstance(value, nn.Module | Tensor | type | Optimizer) and is_of_program(value)


def _layers_of(value: object) -> list[nn.Module]:
    """The layers of such an object, which `train()` reaches as little as an optimizer does."""
    return [each for each in islice(vars(value).values(), PARTS) if isinstance(each, nn.Module) and each.training]


def _outer(value: Any) -> str:
    """The class of the object, or of the first one of a container."""
    values = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else (value,)
    return next(type(each).__name__ for each in values if _is_plain(each))


def _weights(part: Any) -> list[Tensor]:
    return list(part.parameters()) if isinstance(part, nn.Module) else [part]


def _made(kind: type, attribute: str) -> SourceSite | None:
    """The value of `self.attribute = value` in the source of a class or of one it is derived from."""
    for each in kind.__mro__:
        constructor = vars(each).get("__init__")
        code = getattr(inspect.unwrap(constructor), "__code__", None) if constructor is not None else None
        if code is None:
            continue
        found: ast.expr | None = assignment(code, attribute)
        if found is not None:
            return SourceSite.of(code.co_filename, found)
    return None


def _alias(kind: type) -> str:
    """What the module of a class calls `torch.nn`."""
    names = vars(sys.modules.get(kind.__module__, torch))
    found = next((name for name, value in names.items() if value is nn and name.isidentifier()), "")
    return found or ("torch.nn" if names.get("torch") is torch else "")
