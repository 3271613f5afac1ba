"""Learning rate schedulers: where each was constructed, where it and its optimizer are stepped."""

from __future__ import annotations

import ast
import dataclasses
import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lrcheck.events import OptimizerStep, SchedulerStep, SchedulerUse
from lrcheck.facts import OptimizerFacts, Quantity, ScalarFacts
from lrcheck.findings import Site
from lrcheck.knowledge.schedulers import HORIZONS
from lrcheck.runtime.places.sites import FrameSite, is_direct, made_at
from lrcheck.runtime.places.source import method_calls, node_of, parent_of
from lrcheck.runtime.steps.composing import Record, record_of, step_events
from lrcheck.runtime.steps.paces import Pace
from lrcheck.runtime.steps.rates import WATCHED, Rate, ends_at, is_rising_share, number, rate_of

if TYPE_CHECKING:
    from lrcheck.runtime.engine import Engine

FIRST = 64  # calls of `step` whose places are looked at
LEFT = 1e-4  # of the learning rate, with which nothing is learned any more
FALLING = {
    "StepLR": 2,
    "MultiStepLR": 2,
    "PolynomialLR": 2,
    "ExponentialLR": 2,
}  # over before this part of a run: too early
EPOCHS = frozenset({"StepLR", "MultiStepLR", "CosineAnnealingLR", "PolynomialLR"})  # count epochs in most programs
WHOLE = frozenset({"OneCycleLR", "CosineAnnealingLR", "PolynomialLR"})  # are told how long the training is
SPANS = frozenset({"CosineAnnealingLR", "PolynomialLR"})  # those of them that go on to the end of the training
LATER = 2  # calls, and steps, after which every optimizer had its turn
ROUNDS = 4  # epochs, and calls in each of them, below which two numbers are the same by chance
FEW = 4  # times fewer calls than steps


@dataclass(slots=True)
class Known:
    """One scheduler: nothing of it is kept but numbers and places."""

    alive: weakref.ref[Any]
    name: str
    site: FrameSite
    optimizer: OptimizerFacts
    options: tuple[str, ...]
    records: list[Record] = field(default_factory=list)
    calls: int = 0
    foreign: bool = False  # stepped by a library
    spent: int | None = None  # the step of the run at which next to nothing is left of the learning rate
    hurried: FrameSite | None = None  # the call that did it, where every step of the run had one
    horizon: int | None = None  # steps over which it goes
    pace: Pace = field(default_factory=Pace)
    last: FrameSite | None = None  # the last call that was looked at
    rate: Rate | None = None  # the function that it follows
    risen: bool = False  # that was more than nothing
    nothing: int | None = None  # the first call behind which it is nothing again
    mode: str | None = None  # which way the number is to go that it watches
    watched: list[float] = field(default_factory=list)
    astray: bool = False  # its optimizer never stepped, another one with the same parameters did

    @property
    def kind(self) -> str:
        return self.name.rpartition(".")[2]

    def argument(self) -> FrameSite | None:
        """The argument that says how long it is."""
        keyword, position = HORIZONS[self.kind]
        return self.site.argument_site(position, keyword)


class Schedulers:
    """What the program does with its schedulers, judged at its end."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.known: list[Known] = []
        self.by_identity: dict[int, Known] = {}
        self.first: Site | None = None  # the first step of an optimizer

    def made(self, scheduler: Any) -> None:
        """A scheduler has been constructed."""
        kind, site = type(scheduler), made_at(scheduler)
        optimizer = getattr(scheduler, "optimizer", None)
        if site is None or optimizer is None or not kind.__module__.startswith("torch.optim."):
            return
        if self._of(scheduler) is None and len(self.known) < FIRST:
            facts = self.engine.protocol.facts_of(optimizer)
            name = f"torch.optim.lr_scheduler.{kind.__name__}"
            known = Known(weakref.ref(scheduler), name, site, facts, _keywords(site), horizon=_horizon(scheduler))
            known.rate, known.mode = rate_of(scheduler), getattr(scheduler, "mode", None)
            self.known.append(known)
            self.by_identity[id(scheduler)] = known

    def stepped(self, scheduler: Any, given: tuple[Any, ...]) -> None:
        """`scheduler.step(...)` is called; a constructor calls it too."""
        known = self._of(scheduler)
        if known is None:
            return
        known.calls += 1
        if known.kind == "LambdaLR" and known.nothing is None:
            self._falls(known, scheduler.optimizer.param_groups[0])
        elif known.kind == "ReduceLROnPlateau" and len(known.watched) < WATCHED:
            known.watched.extend(each for each in map(number, given[:1]) if each is not None)
        if known.spent is None and known.kind in FALLING:
            self._spend(known, scheduler.optimizer.param_groups[0])
        if known.pace.each is None:
            known.pace.called()
        if known.calls == LATER or known.astray:
            known.astray = self._is_astray(scheduler.optimizer)
        if known.calls > FIRST:
            return
        site = known.last = self.engine.here()
        if not is_direct() or not _is_step(node_of(site.code, site.instruction)):
            known.foreign = True
            return
        self._keep(known, record_of(SchedulerStep(site, scheduler=known, name=known.name, arguments=len(given))))

    def moves(self) -> int:
        """The calls of `step` so far."""
        return sum(each.calls for each in self.known)

    def _is_astray(self, optimizer: Any) -> bool:
        """Has its optimizer never stepped, and one that holds a parameter of it has?"""
        counted = hasattr(optimizer.step, "_wrapped_by_lr_sched")
        if not counted or getattr(optimizer, "_opt_called", False) or self.engine.step < LATER:
            return False
        own = _held(optimizer)
        others = [
            each for each in self.engine.protocol.facts if each is not optimizer and each in self.engine.idle.stepped
        ]
        return any(own & _held(each) for each in others)

    def _spend(self, known: Known, group: dict[str, Any]) -> None:
        """Is next to nothing left of the learning rate, after one call for each step?"""
        rate, initial = group["lr"], group.get("initial_lr")
        if not isinstance(rate, float) or not isinstance(initial, float) or rate > LEFT * initial:
            return
        known.spent = self.engine.step
        known.hurried = self.engine.here() if known.calls >= self.engine.step > 1 else None

    @staticmethod
    def _falls(known: Known, group: dict[str, Any]) -> None:
        """Is the rate of the last call nothing, after it was something?"""
        rate, initial = group["lr"], group.get("initial_lr")
        if isinstance(rate, float) and isinstance(initial, float):
            known.risen = known.risen or rate > LEFT * initial
            known.nothing = known.calls - 1 if known.risen and rate <= LEFT * initial else None

    def failed(self, scheduler: Any) -> None:
        """The step raised: what is known so far says why."""
        known = self._of(scheduler)
        if known is not None and known.records:
            self._judge(known, escaped=True)

    def optimizer_stepped(self, record: Record) -> None:
        """An early step of an optimizer."""
        self.first = self.first or record.event.site
        for known in self.known:
            if isinstance(record.event, OptimizerStep) and record.event.optimizer is known.optimizer:
                self._keep(known, record)

    def finish(self, *, complete: bool) -> None:
        """`complete`: the program came to its own end."""
        for known in self.known:
            if not known.foreign:
                self._judge(known, escaped=not complete or is_used(known.site), complete=complete)

    def _of(self, scheduler: Any) -> Known | None:
        known = self.by_identity.get(id(scheduler))
        return known if known is not None and known.alive() is scheduler else None

    @staticmethod
    def _keep(known: Known, record: Record) -> None:
        if all(each.event.site.key() != record.event.site.key() for each in known.records):
            known.records.append(record)

    def _judge(self, known: Known, *, escaped: bool, complete: bool = False) -> None:
        wrong = known.mode == "min" and complete and is_rising_share(known.watched)
        if wrong:
            known.records = [_watching(each) for each in known.records]
        ordered = sorted(known.records, key=lambda record: [place.instruction for place in reversed(record.stack)])
        order = step_events(ordered)
        hurried = self._hurried(known)
        span = known.argument() if hurried is not None else None
        counted = known.argument() if complete and self._is_slow(known) else None
        use = SchedulerUse(
            known.site, known.name, known, known.optimizer, order, escaped, known.options,
            span=span, hurried=hurried, counted=counted, astray=self.first if known.astray else None,
        )  # fmt: skip
        self.engine.judge(use)

    def _hurried(self, known: Known) -> FrameSite | None:
        """One call for each step: was it over early in the run, or does it count epochs and go on within one?"""
        if known.spent is not None and known.spent * FALLING[known.kind] < self.engine.step:
            return known.hurried
        each, horizon = known.pace.each, known.horizon
        if known.kind == "LambdaLR" and each is not None and known.nothing is not None:
            whole = known.calls >= self.engine.step and is_number_of_rounds(known.nothing, known.calls, each)
            return known.last if whole else None
        if known.kind not in EPOCHS or each is None or horizon is None or known.calls < self.engine.step:
            return None
        if known.kind in SPANS and is_number_of_rounds(horizon, known.calls, each):
            return known.last  # as long as the run in epochs, and over in one or two of them
        return known.last if horizon * 2 <= each and horizon <= 2 * known.calls // each else None

    def _is_slow(self, known: Known) -> bool:
        """Is it as long as the run in steps of the optimizer, and was stepped far less often?"""
        horizon, steps = known.horizon, self.engine.step
        if known.kind == "LambdaLR" and known.rate is not None and len(self.engine.statistics.all_held) == 1:
            return 0 < known.calls * FEW <= steps and ends_at(known.rate, steps)
        if known.kind not in WHOLE or horizon is None or abs(horizon - steps) > max(1, steps // 100):
            return False
        return known.calls * FEW <= horizon and _is_computed(known.argument())


def _watching(record: Record) -> Record:
    """The step was given an accuracy, and waits for it to fall."""
    event = record.event
    if not isinstance(event, SchedulerStep):
        return record
    metric = ScalarFacts(Quantity.ACCURACY)
    return dataclasses.replace(record, event=dataclasses.replace(event, metric=metric, mode="min"))


def _held(optimizer: Any) -> set[int]:
    return {id(each) for group in optimizer.param_groups for each in group["params"]}


def _horizon(scheduler: Any) -> int | None:
    """The number of its steps after which it is over, or begins again."""
    argument = HORIZONS.get(type(scheduler).__name__)
    value = getattr(scheduler, argument[0], None) if argument is not None else None
    if value and isinstance(value, dict):  # milestones
        value = max(value)
    return value if isinstance(value, int) and value > 0 else None


def is_number_of_rounds(horizon: int, calls: int, each: int) -> bool:
    """Is a schedule exactly as long as the run has epochs, and not as long as one of them?"""
    return horizon >= ROUNDS and each >= ROUNDS and horizon != each and horizon * each == calls


def _is_computed(argument: FrameSite | None) -> bool:
    """A number that the program computes, or names: a plain one meets the number of steps by chance."""
    return argument is not None and not argument.text.replace("_", "").isdigit()


def _keywords(site: FrameSite) -> tuple[str, ...]:
    """The keywords of the construction."""
    node = node_of(site.code, site.instruction)
    return tuple(each.arg for each in node.keywords if each.arg) if isinstance(node, ast.Call) else ()


def _is_step(node: ast.AST | None) -> bool:
    return node is None or (isinstance(node, ast.Call) and getattr(node.func, "attr", "step") == "step")


def is_used(site: FrameSite) -> bool:
    """Does the source hold a call of `step` that the run did not reach, or a use that cannot be followed?"""
    node = node_of(site.code, site.instruction)
    parent = parent_of(site.filename, node) if node is not None else None
    if not isinstance(parent, ast.Assign | ast.AnnAssign):
        return True
    target = parent.targets[0] if isinstance(parent, ast.Assign) else parent.target
    name = target.id if isinstance(target, ast.Name) else getattr(target, "attr", None)
    return name is None or name in method_calls(site.filename, "step")
