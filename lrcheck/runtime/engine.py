"""The engine: what happens in a run becomes events, rules judge them, findings are reported once.

In the hot path it counts and compares identities; it traces a step only when the schedule says so. Nothing here may
change the run: no random number is drawn, no tensor is written, no tensor is kept beyond its step.
"""

from __future__ import annotations

import dataclasses
import os
import sys
import traceback
import weakref
from collections.abc import Iterable
from threading import get_ident
from typing import Any

import torch
from torch import Tensor, nn

from lrcheck.events import Backward, Event, ForwardCall, LossCall
from lrcheck.facts import TensorFacts
from lrcheck.rule import Rule, discover
from lrcheck.runtime.compiled import Regions
from lrcheck.runtime.data.batches import Batches
from lrcheck.runtime.data.datasets import Datasets
from lrcheck.runtime.data.order import Order
from lrcheck.runtime.data.overlap import Overlap
from lrcheck.runtime.data.passes import Passes
from lrcheck.runtime.figures.plain_loops import PlainLoops
from lrcheck.runtime.figures.totals import Totals
from lrcheck.runtime.health.statistics import Statistics
from lrcheck.runtime.models.alone import Alone
from lrcheck.runtime.models.epochs import Modes
from lrcheck.runtime.models.evaluation import Evaluation
from lrcheck.runtime.models.initial import Initial
from lrcheck.runtime.models.misplaced import misplaced
from lrcheck.runtime.models.normalising import Normalising
from lrcheck.runtime.models.probes import Probes
from lrcheck.runtime.models.repeated import repeated
from lrcheck.runtime.observed import OBSERVED
from lrcheck.runtime.places.sites import NOWHERE, FrameSite, here
from lrcheck.runtime.report import Listener, LrcheckError, Reporter
from lrcheck.runtime.schedule import Schedule, following
from lrcheck.runtime.steps.carried import Carried
from lrcheck.runtime.steps.idle import Idle
from lrcheck.runtime.steps.kept import Kept
from lrcheck.runtime.steps.making import Making
from lrcheck.runtime.steps.ownership import Ownership
from lrcheck.runtime.steps.protocol import Protocol
from lrcheck.runtime.steps.schedulers import Schedulers
from lrcheck.runtime.steps.snapshots import Snapshots
from lrcheck.runtime.tensors.graph import is_divided
from lrcheck.runtime.tensors.memory import module_facts, readable, results
from lrcheck.runtime.tensors.tracer import Tracer
from lrcheck.runtime.tensors.uses import Uses
from lrcheck.runtime.threads import Threads

BUDGET = 100_000  # traced calls without a step, after which tracing waits for the next step
PATIENCE = 4  # backward passes without any optimizer step, after which each of them counts as a step
TURNS = 3  # optimizers that are followed in turn, at most
LONG = 64  # the same, where there is an optimizer


_engines: weakref.WeakSet[Engine] = weakref.WeakSet()


def _forked() -> None:
    """In a worker process: nothing is observed there, its tensors are copies."""
    for engine in _engines:
        engine.mine = engine.attentive = engine.quiet = False


os.register_at_fork(after_in_child=_forked)


class Engine:
    """One observation of one process."""

    def __init__(self, listener: Listener, schedule: Schedule, ignore: Iterable[str]) -> None:
        self.mine = True  # false in a process that was forked off
        self.thread = get_ident()  # the one that is observed
        self.threads = Threads(self)
        self.regions = Regions(self)
        _engines.add(self)
        self.schedule = schedule
        self.reporter = Reporter(listener, ignore)
        self.dispatch: dict[type, list[Rule]] = {}
        for rule in discover():
            if rule.code in OBSERVED:
                self.dispatch.setdefault(rule.event, []).append(rule)
        self.attentive = True  # false inside backward, inside an optimizer, inside our own measurements
        self.step = 0  # optimizer steps so far
        self.sampled = True
        self.quiet = False  # nothing is traced and nothing recorded: the hooks only count
        self.until = 0  # the first step that is not sampled any more
        self.awake = 0  # the next step for which the schedule is asked
        self.pending: list[Event] = []
        self.kept: dict[object, LossCall] = {}
        self.broken: set[str] = set()
        self.backwards = 0
        self.gradients = 0  # calls of `torch.autograd.grad`
        self.steps_seen = False
        self.limit: int | None = None
        self.moved: dict[str, FrameSite] = {}  # kind of device -> where a module was moved there last
        self.cut = False  # stopped at the limit
        self.active_patches: Any = None
        self.tracer = Tracer(self)
        self.batches = Batches(self.tracer)
        self.statistics = Statistics(self)
        self.evaluation = Evaluation(self)
        self.overlap = Overlap(self)
        self.probes = Probes(self)
        self.protocol = Protocol(self)
        self.carried = Carried(self)
        self.making = Making(self)
        self.schedulers = Schedulers(self)
        self.modes = Modes(self)
        self.uses = Uses(self)
        self.datasets = Datasets(self)
        self.normalising = Normalising(self)
        self.initial = Initial(self)
        self.ownership = Ownership(self)
        self.totals = Totals(self)
        self.plain_loops = PlainLoops(self)
        self.kept_losses = Kept(self)
        self.alone = Alone(self)
        self.idle = Idle(self)
        self.snapshots = Snapshots(self)
        self.order = Order(self)
        self.passes = Passes(self)

    # -- threads --------------------------------------------------------------------------------------------------------
    def listens(self) -> bool:
        """Does what happens now, in this thread, belong to the run?"""
        return self.attentive and get_ident() == self.thread

    # -- events ---------------------------------------------------------------------------------------------------------
    def observe(self, event: Event) -> None:
        """Take an event; it is judged at the next `flush`, when more is known about its facts."""
        if type(event) in self.dispatch:
            self.pending.append(event)
        self.evaluation.observe(event)
        self.protocol.observe(event)

    def flush(self) -> None:
        """Judge what happened since the last time."""
        events, self.pending = self.pending, []
        for event in events:
            self.judge(event)

    def judge(self, event: Event) -> None:
        """Ask every rule that wants this event; a broken rule is named once and the others go on."""
        for rule in self.dispatch.get(type(event), ()):
            try:
                for finding in rule.check(event) or ():
                    self.reporter.add(rule, finding, event, self.step + 1)
            except LrcheckError:
                raise
            except Exception as error:  # noqa: BLE001  # observing must never break a training run
                self.failed(f"rule {rule.name}", error)

    def failed(self, where: str, error: Exception) -> None:
        """Something in lrcheck itself is wrong: said once, on stderr. What the user's listener raises is the user's."""
        if error is self.reporter.raised:
            raise error
        last = traceback.extract_tb(error.__traceback__)[-1]
        text = f"lrcheck: internal error in {where}: {type(error).__name__}: {error} ({last.filename}:{last.lineno})"
        if text not in self.broken:
            self.broken.add(text)
            print(text, file=sys.stderr)

    def here(self) -> FrameSite:
        return here() or NOWHERE

    # -- losses ---------------------------------------------------------------------------------------------------------
    def loss_raised(self, event: LossCall) -> None:
        """The loss function is about to raise: say why first."""
        self.judge(event)

    def loss_computed(self, event: LossCall, given: Tensor, result: Tensor) -> None:
        number = self.carried.mark(result)
        if event.output is not None:
            output = event.output.but(identity=number, attached=result.requires_grad, origin=event.site)
            event = dataclasses.replace(event, output=output)
        self.observe(event)
        if event.input.model is not None and event.family is not None:
            event.input.model.outputs.mark(f"loss:{event.family}", event.site)
        self.kept[event.site.key()] = event
        self.quietly(self.statistics.loss, event, result)
        if event.training and self.batches.recent is None:
            self.quietly(self.plain_loops.loss, event, given)
        if self.totals.current is not None:
            self.quietly(self.totals.loss, event, result)

    def values_of_loss(self, event: LossCall, given: Tensor, target: Tensor) -> LossCall:
        """The event, perhaps with more known about its target; nothing is read from tensors without values."""
        if not readable(given) or not readable(target):
            return event
        return self.statistics.target(event, given, target)

    # -- backward and step ------------------------------------------------------------------------------------------------
    def before_backward(self, tensors: Any, retain_graph: bool | None) -> None:
        if not self.attentive:
            return
        self.backwards += 1
        self.evaluation.backward()
        self.overlap.backward()
        tensor = tensors[0] if isinstance(tensors, tuple | list) and tensors else tensors
        if self.tracer.on and isinstance(tensor, Tensor):
            facts = self.tracer.memory.leaf(tensor)
            facts = facts.but(identity=self.carried.backward(tensor))
            site = self.here()
            if facts.uses is not None:
                facts.uses.mark("backward", site)
                for event in self.tracer.lost():
                    self.kept[event.site.key()] = event
                    self.observe(event)
            begins = Backward(
                site,
                facts,
                bool(retain_graph),
                grad_enabled=torch.is_grad_enabled(),
                owner=self.protocol.owner(tensor),
                divided=is_divided(tensor),
            )
            self.observe(begins)
            self.quietly(self.kept_losses.backward, tensor, begins)
            self.quietly(self.statistics.graph, tensor, site)
            if self.totals.current is not None:
                self.quietly(self.totals.backward, tensor, site)
        self.protocol.before_backward(tensor)
        if self.pending:
            self.flush()

    def after_backward(self) -> None:
        self.protocol.after_backward()
        if self.backwards & (self.backwards - 1) == 0:
            self.quietly(self.idle.after_backward)
        if not self.steps_seen and self.backwards > (LONG if self.protocol.facts else PATIENCE):
            self.boundary()

    def differentiates(self, outputs: Any) -> None:
        """`torch.autograd.grad(outputs, ...)`, also inside `torch.func.grad`."""
        self.protocol.gradient_access(functional=True)
        self.evaluation.differentiated()
        if not self.tracer.on:
            return
        values = [
            each for each in (outputs if isinstance(outputs, tuple | list) else (outputs,)) if isinstance(each, Tensor)
        ]
        for uses in filter(None, (self.tracer.facts(each).uses for each in values)):
            uses.mark("backward", self.here())
        for event in self.tracer.lost(wrapped=any(torch._C._functorch.is_gradtrackingtensor(each) for each in values)):
            self.observe(event)

    def differentiated(self) -> None:
        """A program that never goes backward and has no optimizer trains by gradients alone: each of them is a step."""
        self.gradients += 1
        if not self.steps_seen and not self.backwards and self.gradients > PATIENCE:
            self.boundary()

    def before_step(self, optimizer: torch.optim.Optimizer, closure: bool) -> None:
        if not self.attentive:
            return
        self.steps_seen = True
        self.protocol.before_step(optimizer, closure=closure)
        self.modes.before_step(optimizer)
        self.normalising.before_step()
        if self.sampled:
            self.snapshots.trained = self.here()
            if not closure:  # which computes the gradients inside the step
                self.quietly(self.statistics.before_step, optimizer)
        if self.sampled or self.ownership.waiting:
            self.quietly(self.ownership.before_step, optimizer)
        if self.pending:
            self.flush()

    def after_step(self, optimizer: torch.optim.Optimizer) -> None:
        if self.sampled:
            self.quietly(self.statistics.after_step, optimizer)
        self.protocol.after_step(optimizer)
        self.making.after_step(optimizer)
        if self.probes.waiting:
            self.quietly(self.probes.ask)
        self.boundary()

    def quietly(self, measure: Any, *arguments: Any) -> None:
        """Measure without being traced; a measurement that fails is named and the run goes on."""
        if any(isinstance(each, Tensor) and not readable(each) for each in arguments):
            return
        attentive, self.attentive = self.attentive, False
        try:
            measure(*arguments)
        except LrcheckError:
            raise
        except Exception as error:  # noqa: BLE001  # observing must never break a training run
            self.failed("a measurement", error)
        finally:
            self.attentive = attentive

    def settle(self) -> None:
        """Quiet is a run in which no step is traced and the loop is known."""
        idle = not self.sampled and not self.tracer.on and not self.making.repeated and not self.ownership.waiting
        self.quiet = idle and self.protocol.settled()

    def boundary(self) -> None:
        """A step has ended: choose whether the next one is traced."""
        self.step += 1
        self.batches.recent = None
        self.statistics.waiting.boundary()
        if self.pending:
            self.flush()
        if self.schedule(self.step):  # one step of each optimizer: they take turns
            self.until = self.step + min(max(1, len(self.statistics.held)), TURNS)
        self.sampled = wanted = self.step < self.until
        if wanted is not self.tracer.on:
            self.listen(wanted)
        self.tracer.calls = 0
        self.awake = following(self.schedule, self.step)
        if self.limit is not None:
            self.awake = min(self.awake, self.limit)
            if self.step >= self.limit:
                self.cut = True
                raise SystemExit(0)
        self.settle()

    def listen(self, on: bool) -> None:
        """Trace from now on, or no longer."""
        from lrcheck.runtime import patches

        if on:
            self.batches.mark()
            self.tracer.start()
            self.evaluation.calls.listen(on=False)
            patches.module_calls(self)
            self.regions.listen(on=True)
        else:
            self.regions.listen(on=False)
            patches.no_module_calls()
            self.evaluation.calls.listen(on=True)
            self.evaluation.calls.wake()
            self.tracer.stop()
        self.settle()

    # -- modules --------------------------------------------------------------------------------------------------------
    def module_called(
        self, module: nn.Module, args: tuple[Any, ...], output: object, kwargs: dict[str, Any] | None = None
    ) -> None:
        """An outermost module has been called while tracing."""
        self.batches.passed(args, output)
        self.probes.offer(module, args, kwargs or {}, output)
        if args and isinstance(args[0], Tensor) and self.sampled and self.tracer.facts(args[0]).roots == {"input"}:
            self.quietly(self.statistics.batch, args[0], self.batches.dataset)
        if self.sampled and isinstance(output, Tensor) and args and isinstance(args[0], Tensor) and args[0].dim():
            self.quietly(self.statistics.output, module, args[0], output)
        facts = self.tracer.memory
        given = next((facts.of(each) for each in args if isinstance(each, Tensor)), TensorFacts())
        if next(module.parameters(), None) is not None:
            owner = module_facts(module)
            grad = torch.is_grad_enabled()
            self.observe(ForwardCall(self.here(), owner, given, TensorFacts(), grad, owner=owner))
        for each in results(output):
            self.evaluation.mark(module, each, facts)
        if module not in self.statistics.models:
            self.quietly(self._containers, module)
        self.evaluation.root(module)
        self.statistics.root(module)
        if self.tracer.calls > BUDGET:
            self.listen(False)

    def _containers(self, model: nn.Module) -> None:
        """A model is called for the first time: is one layer listed several times, are arguments in their places?"""
        for part in model.modules():
            found = repeated(part) if isinstance(part, nn.Sequential | nn.ModuleList | nn.ModuleDict) else None
            if found is not None:
                self.judge(found)
        for made in misplaced(model):
            self.judge(made)

    # -- the end --------------------------------------------------------------------------------------------------------
    def finish(self, *, ended: bool = False) -> None:
        """The run has ended (`ended`: by an exception): judge losses again with what was learnt later, then the whole."""
        self.alone.ends()
        self.flush()
        for event in self.kept.values():
            self.judge(event)
        self.evaluation.finish()
        self.quietly(self.overlap.finish)
        self.passes.finish()
        self.protocol.finish(ended=ended)
        self.schedulers.finish(complete=not ended and not self.cut)
        self.flush()
        if not ended and not self.cut:
            self.idle.finish()
        self.statistics.finish()
        self.flush()
