"""Composed events: what the loops of a program do, once the program has been followed to its end.

The trace of a run is a tree of events, branches, calls and loops. Every loop that trains becomes an `Iteration`, the loop
around it an `Epoch`, every loop that only looks at the outputs of a model an `EvaluationPass`.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import libcst as cst

from lrcheck.events import (
    Backward,
    Epoch,
    Event,
    Iteration,
    ModeSwitch,
    OpaqueCall,
    OptimizerInLoop,
    OptimizerMade,
    OptimizerStep,
    SchedulerMade,
    SchedulerStep,
    SchedulerUse,
    StepEvent,
)
from lrcheck.facts import OptimizerFacts
from lrcheck.static import freezing, snapshots
from lrcheck.static.accumulators import batch_count
from lrcheck.static.evaluation_passes import pass_of, single_passes
from lrcheck.static.iterations import Flat, Surroundings, counted, flatten, iteration_of, loader_of, times
from lrcheck.static.ownership import missed_parameters
from lrcheck.static.run import Branch, Call, Loop, Run
from lrcheck.static.values import Seq, Stream, goes_over_data


def program_finished(run: Run, called: bool) -> None:
    """A program has been followed to its end, or a function that nobody calls (`called` is false)."""
    if not _has_loop(run.trace):
        return
    program = _Program(run, called)
    whole = flatten(run, run.trace, program.known)
    program.stepped = tuple(step.event.optimizer for step in whole.events if isinstance(step.event, OptimizerStep))
    program.made = tuple(step.event.optimizer for step in whole.events if isinstance(step.event, OptimizerMade))
    program.visit(run.trace, None, whole)
    if called and program.training:
        run.events.extend(single_passes(whole, program.training))
    snapshots.finished(run, whole)
    _schedulers(run, whole, called)
    if called:
        missed_parameters(run, whole)


def _has_loop(entries: list[Any]) -> bool:
    for entry in entries:
        kind = type(entry)
        if kind is Loop:
            return True
        if kind is Call and _has_loop(entry.body):
            return True
        if kind is Branch and any(_has_loop(arm) for arm, _ in entry.arms):
            return True
    return False


class _Program:
    """One walk over the loops of a program, from outside in."""

    def __init__(self, run: Run, called: bool) -> None:
        self.run = run
        self.called = called
        self.stepped: tuple[object, ...] = ()
        self.made: tuple[OptimizerFacts, ...] = ()
        self.passes = 0
        self.known: dict[int, Event] = {}
        self.training: set[int] = set()  # the identities of the loops that train
        self.trained: set[int] = set()  # the same, as they are written

    def visit(self, entries: list[Any], parent: Loop | None, outer: Flat) -> list[Iteration]:
        """Compose the loops below some entries; returns the training iterations that are not inside another one."""
        found: list[Iteration] = []
        for entry in entries:
            kind = type(entry)
            if kind is Loop:
                found.extend(self._loop(entry, parent, outer))
            elif kind is Call:
                found.extend(self.visit(entry.body, parent, outer))
            elif kind is Branch:
                for arm, _ in entry.arms:
                    found.extend(self.visit(arm, parent, outer))
        return found

    def _loop(self, loop: Loop, parent: Loop | None, outer: Flat) -> list[Iteration]:
        flat = flatten(
            self.run, loop.body if len(loop.passes) == 1 or not _has_loop(loop.body) else _all(loop), self.known
        )
        around = Surroundings(*_around(loop, outer.events), self.stepped, self.called, self.made)
        before = self.passes
        inner = self.visit(_all(loop), loop, flat)
        iteration = iteration_of(loop, flat, around)
        if iteration is not None:
            self.run.events.append(iteration)
            self.training.add(id(loop))
            self.trained.add(id(loop.node))
            _optimizers_in(self.run, loop, flat, batches=True)
            if self.run.frozen:
                freezing.statistics(self.run, flat)
        elif inner:
            _optimizers_in(self.run, loop, flat, batches=False)
            self.run.events.append(Epoch(loop.site, tuple(flat.events), tuple(inner), loop.depth, flat.whole))
        elif self.passes == before:
            evaluation = pass_of(loop, flat, around, enclosed=parent is not None, trained=self.trained)
            if evaluation is not None:
                self.passes += 1
                self.run.events.append(evaluation)
        if iteration is not None:
            if inner or _is_full_batch(loop, flat):
                self.run.events.append(
                    Epoch(loop.site, tuple(flat.events), (*inner, iteration), loop.depth, flat.whole)
                )
            return [iteration]
        return []


def _is_full_batch(loop: Loop, flat: Flat) -> bool:
    """An epoch that is one step, and an evaluation."""
    return not goes_over_data(loop.source) and any(isinstance(step.event, ModeSwitch) for step in flat.events)


def _all(loop: Loop) -> list[Any]:
    """The entries of every element that was followed, else those of the steady state."""
    return [entry for body in loop.passes for entry in body] if len(loop.passes) > 1 else loop.body


def _around(loop: Loop, events: list[StepEvent]) -> tuple[list[StepEvent], list[StepEvent]]:
    """The events of the enclosing block before and behind a loop."""
    inside = [index for index, step in enumerate(events) if id(loop) in step.loops]
    if not inside:
        return [], []
    return events[: inside[0]], events[inside[-1] + 1 :]


LISTED = 3  # as many schedulers of one optimizer are examples of what there is


def _schedulers(run: Run, flat: Flat, called: bool) -> None:
    """What the program does with its learning rate schedulers; a function that nobody calls may hand one on."""
    unknown = any(isinstance(e := step.event, OptimizerStep) and e.facts is None for step in flat.events)
    stepped = {
        e.made.key() for step in flat.events if isinstance(e := step.event, SchedulerStep) and e.made is not None
    }
    makings = Counter(id(step.event.optimizer) for step in flat.events if isinstance(step.event, SchedulerMade))
    for index, making in enumerate(flat.events):
        made = making.event
        if not isinstance(made, SchedulerMade):
            continue
        around = set(making.loops)  # what stands before it in a loop comes again behind it
        before = [step for step in flat.events[:index] if around.intersection(step.loops)]
        order = [step for step in (*before, *flat.events[index:]) if _concerns(step.event, made)]
        escaped = not called or unknown or not flat.whole or any(_handed(step.event, made) for step in flat.events)
        escaped = escaped or makings[id(made.optimizer)] >= LISTED
        escaped = escaped or made.site.key() in stepped  # another call of the function that makes it steps it
        run.events.append(
            SchedulerUse(made.site, made.name, made.scheduler, made.optimizer, tuple(order), escaped, made.options, made.counted,
                         made.span, _hurried(made, order, flat))
        )  # fmt: skip


def _hurried(made: SchedulerMade, order: list[StepEvent], flat: Flat) -> Any:
    """A step of a scheduler in each batch, where it was told to take as many steps as there are epochs."""
    if made.decay is not None:
        return _spent(made.decay, order, flat)
    span = " ".join(made.span.text.split()) if made.span is not None else ""
    for step in order if span else ():
        if not isinstance(step.event, SchedulerStep) or step.path or step.event.arguments:
            continue
        loops = [flat.loops[number] for number in step.loops]
        epochs = [number for number, loop in enumerate(loops) if times(loop.node) == span]
        if epochs and any(loader_of(loop.source) is not None for loop in loops[epochs[0] + 1 :]):
            return step.event.site
    return None


NOTHING = 1e-3 * (1 + 1e-9)
LESS = NOTHING / 10


def _spent(decay: tuple[float, int, tuple[int, ...]], order: list[StepEvent], flat: Flat) -> Any:
    """A step of a scheduler in each batch that leaves nothing of the rate behind the first of several epochs, or a quarter of them."""
    factor, each, marks = decay
    beside = {(step.loops, step.path) for step in order if isinstance(step.event, OptimizerStep)}
    for step in order:
        loops = [flat.loops[number] for number in step.loops]
        if not isinstance(step.event, SchedulerStep) or step.event.arguments or len(loops) < 2:
            continue
        loader = loader_of(loops[-1].source)
        batches = batch_count(loader) if loader is not None and not goes_over_data(loops[-2].source) else None
        if batches is None or (step.path and (step.loops, step.path) not in beside):
            continue
        early = batches * (_rounds(loops[-2].source) // 4)
        for steps, left in ((batches, NOTHING), (early, LESS)):
            if factor ** (steps // each if each else sum(mark <= steps for mark in marks)) <= left:
                return step.event.site
    return None


def _rounds(source: Any) -> int:
    """How many epochs there are, as far as that is known."""
    return len(source.exact) if isinstance(source, Stream) and source.exact else 0


def _concerns(event: Event, made: SchedulerMade) -> bool:
    if isinstance(event, SchedulerStep):
        return event.scheduler is made.scheduler
    return isinstance(event, OptimizerStep) and event.optimizer is made.optimizer


def _handed(event: Event, made: SchedulerMade) -> bool:
    return isinstance(event, OpaqueCall) and any(value is made.scheduler for value in event.arguments)


def _optimizers_in(run: Run, loop: Loop, flat: Flat, *, batches: bool) -> None:
    """Optimizers that are constructed in a training loop."""
    for step in flat.events:
        made = step.event
        if not isinstance(made, OptimizerMade) or step.loops:
            continue
        if not any(
            isinstance(e := other.event, OptimizerStep) and e.optimizer is made.optimizer for other in flat.events
        ):
            continue
        reset = any(
            isinstance(other.event, OpaqueCall) and not made.optimizer.parts.isdisjoint(other.event.modules)
            for other in flat.events
            if not other.loops
        )
        inside = any(owner.depth > loop.depth for owner in made.optimizer.owners)
        known = made.optimizer.complete and bool(made.optimizer.owners)
        sweep = _is_sweep(loop.source)
        once_per_round = made.fixed and not batches and not run.ledger.copied and _counts_rounds(loop)
        helped = (
            step.inlined and not once_per_round
        )  # by a function that may get other settings, or a copy of the model
        varying = sweep or reset or inside or not known or helped or not _assigned(loop).isdisjoint(made.names)
        fresh = next((owner.site for owner in made.optimizer.owners if owner.depth == loop.depth + 1), None)
        model = (
            fresh
            if batches and loader_of(loop.source) is not None and all(_plain(other) for other in flat.events)
            else None
        )
        run.events.append(OptimizerInLoop(made.site, made.optimizer, loop.site, batches, varying, not step.path, model))


def _counts_rounds(loop: Loop) -> bool:
    """`for epoch in range(epochs)`, every round of which is followed in the same way."""
    return counted(loop.node) is not None and len(loop.passes) == 1


def _is_sweep(source: Any) -> bool:
    """A loop over settings, also where they are counted: `enumerate([0.1, 0.01])`."""
    if isinstance(source, Stream):
        return bool(source.exact) and all(isinstance(element, Seq) for element in source.exact or ())
    return isinstance(source, Seq)


def _plain(step: StepEvent) -> bool:
    """No backward pass or step of an optimizer stands in a loop inside."""
    return not (step.loops and isinstance(step.event, (Backward, OptimizerStep)))


def _assigned(loop: Loop) -> set[str]:
    """The names that a loop binds."""
    found: set[str] = set()
    assert isinstance(loop.node, (cst.For, cst.While))
    pending: list[Any] = [loop.node.body]
    targets: list[Any] = [loop.node.target] if isinstance(loop.node, cst.For) else []
    while pending:
        node = pending.pop()
        if isinstance(node, (cst.AssignTarget, cst.AugAssign, cst.AnnAssign, cst.For)):
            targets.append(node.target)
        pending.extend(node.children)
    while targets:
        node = targets.pop()
        if isinstance(node, cst.Name):
            found.add(node.value)
        elif not isinstance(node, cst.Attribute):
            targets.extend(node.children)
    return found
