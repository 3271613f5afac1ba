"""What is constructed while a program runs: optimizers, schedulers, layers inside a forward pass."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from types import GeneratorType
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn.modules.dropout import _DropoutNd

from lrcheck.events import ApiUse, Construct, ExhaustedParameters, OptimizerInLoop
from lrcheck.facts import OptimizerFacts
from lrcheck.runtime.places.sites import FrameSite, loop_here, made_at
from lrcheck.runtime.tensors.memory import ByIdentity, construction

if TYPE_CHECKING:
    from lrcheck.runtime.engine import Engine

ROUNDS = 3  # constructions at one place, after which they are a habit
RESTARTS = 2  # steps of schedulers between two of them, that make a schedule


@dataclass(slots=True)
class Round:
    """The last optimizer that was constructed at one place."""

    first: weakref.ref[Tensor]  # its first parameter
    size: int
    options: str
    step: int
    moves: int  # of learning rate schedulers so far
    rounds: int = 1
    version: int | None = None  # of the first parameter, after the last step


class Making:
    """Remembers where optimizers come from; what it keeps of them are weak references and numbers."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.clock = 0  # counts constructions
        self.sites: Any = weakref.WeakKeyDictionary()  # optimizer -> where it was constructed
        self.times: Any = weakref.WeakKeyDictionary()  # optimizer -> the clock
        self.layers: dict[int, int] = {}  # identity of a module -> the clock
        self.rounds: dict[object, Round] = {}
        self.repeated: Any = weakref.WeakKeyDictionary()  # optimizer -> its round, where it is not the first one
        self.used: dict[int, tuple[weakref.ref[Any], FrameSite]] = {}  # generators of parameters
        self.fresh: dict[object, int] = {}  # place in a forward pass -> layers made there and called
        self.loaded: ByIdentity[bool] = ByIdentity()
        self.inside: dict[int, tuple[weakref.ref[nn.Module], FrameSite]] = {}

    # -- optimizers -------------------------------------------------------------------------------------------------------
    def parameters(self, given: Any, user: str) -> None:
        """Parameters are handed to an optimizer or to a function: is the generator used up?"""
        given = _generator(given)
        if given is None:
            return
        site = self.engine.here()
        known = self.used.get(id(given))
        if known is not None and known[0]() is not given:
            known = None
        if given.gi_frame is None:
            first = known[1] if known is not None else None
            self.engine.judge(ExhaustedParameters(site, first, None, user))
        elif known is None and self.engine.sampled:
            self.used[id(given)] = (weakref.ref(given), site)

    def optimizer(self, made: torch.optim.Optimizer) -> None:
        """An optimizer has been constructed."""
        self.clock += 1
        site = made_at(made)
        if site is None or not made.param_groups or made in self.times:
            return
        self.sites[made], self.times[made] = site, self.clock
        self.engine.ownership.made()
        parameters = [each for group in made.param_groups for each in group["params"]]
        loop = loop_here()
        if loop is None or not parameters:
            return
        options = repr([{key: group[key] for key in group if key != "params"} for group in made.param_groups])
        step = self.engine.step
        before = self.rounds.get(site.key())
        now = self.rounds[site.key()] = Round(
            weakref.ref(parameters[0]), len(parameters), options, step, self.engine.schedulers.moves()
        )
        if before is None or not _same(before, now) or step == before.step:
            return
        if now.moves - before.moves >= RESTARTS:
            return  # a schedule that starts anew, and its optimizer with it
        now.rounds = before.rounds + 1
        self.repeated[made] = now
        self.engine.settle()
        if now.rounds == ROUNDS:
            facts = OptimizerFacts(f"optim.{type(made).__name__}", site=site)
            batches = step - before.step == 1
            self.engine.judge(OptimizerInLoop(site, facts, loop, batches))

    def after_step(self, optimizer: torch.optim.Optimizer) -> None:
        """The optimizer has changed its parameters: whoever changes them next is somebody else."""
        now: Round | None = self.repeated.get(optimizer) if self.repeated else None
        parameter = now.first() if now is not None else None
        if now is not None and parameter is not None:
            now.version = parameter._version

    # -- layers -----------------------------------------------------------------------------------------------------------
    def module(self, made: nn.Module) -> None:
        """A module is being constructed."""
        self.clock += 1
        self.layers[id(made)] = self.clock
        self.engine.ownership.built()
        tracer = self.engine.tracer
        if tracer.on and tracer.modules and type(made).__module__.startswith("torch.nn."):
            site = construction(made)
            if site is not None:
                self.inside[id(made)] = (weakref.ref(made), site)

    def loads(self, module: nn.Module) -> None:
        """The state of a module is loaded: what it holds is no longer what it was initialised with."""
        for part in module.modules():
            self.loaded.put(part, True)

    def was_loaded(self, module: nn.Module) -> bool:
        return any(self.loaded.get(part) for part in module.modules())

    def was_loaded_in(self, parts: list[Any]) -> bool:
        return any(isinstance(each, nn.Module) and self.was_loaded(each) for each in parts)

    def age(self, module: nn.Module) -> int:
        """When a module was constructed; 0 where that was before anybody looked."""
        return self.layers.get(id(module), 0)

    def called(self, module: nn.Module) -> None:
        """A module is called in a traced step: was it made in this very forward pass?"""
        if not self.inside:
            return
        reference, site = self.inside.pop(id(module), (None, None))
        if reference is None or site is None or reference() is not module:
            return
        if isinstance(module, _DropoutNd):
            self._drops(module, site)
        if not any(part is module or id(part) in self.inside for part in module.modules() if _has_weights(part)):
            return  # nothing to learn, or layers of the model in a new order
        stack = self.engine.tracer.modules
        place = (site.key(), id(stack[-1]) if stack else 0)
        count = self.fresh[place] = self.fresh.get(place, 0) + 1
        if count > 1:
            self.engine.judge(Construct(site, f"torch.nn.{type(module).__name__}", value=module, where="forward"))

    def _drops(self, module: nn.Module, site: FrameSite) -> None:
        """A dropout layer that was made in this forward pass, of a model that evaluates."""
        root = self.engine.tracer.modules[0] if self.engine.tracer.modules else None
        if root is not None and not root.training and module.training and getattr(module, "p", 0) > 0:
            self.engine.judge(ApiUse(site, f"torch.nn.{type(module).__name__}"))


def _has_weights(part: nn.Module) -> bool:
    return next(part.parameters(recurse=False), None) is not None


def _generator(given: Any) -> GeneratorType[Any, Any, Any] | None:
    """The generator that is handed over, also inside of `filter` and `map`."""
    while type(given) in (filter, map):
        given = given.__reduce__()[1][-1]
    return given if isinstance(given, GeneratorType) else None


def _same(before: Round, now: Round) -> bool:
    """The same parameters, as the last step left them, and the same settings."""
    parameter = now.first()
    if parameter is None or before.first() is not parameter or before.size != now.size or before.options != now.options:
        return False
    return before.version is None or before.version == parameter._version
