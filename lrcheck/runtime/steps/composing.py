"""Recorded parts of training steps become composed events: one steady-state iteration of each loop that trains."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, takewhile
from types import CodeType

from lrcheck.events import (
    Backward,
    ClipGradients,
    Event,
    ForwardCall,
    Gate,
    Iteration,
    LossCall,
    OptimizerStep,
    StepEvent,
    ZeroGrad,
)
from lrcheck.runtime.places.sites import LoopSite, is_direct, user_frames
from lrcheck.runtime.places.source import SourceSite, Surroundings, surroundings


@dataclass(frozen=True, slots=True)
class Place:
    """One frame of the stack, as it was: what it ran, and where it was."""

    code: CodeType
    instruction: int
    line: int


@dataclass(frozen=True, slots=True)
class Record:
    """One part of a step, with the user's frames, the innermost first."""

    event: Event
    stack: tuple[Place, ...]
    direct: bool
    batch: int = 0  # batches that loaders gave so far


ENOUGH = 8  # iterations without any step, after which none is expected
SELDOM = 1.5  # iterations for each step, from which on a step is taken now and then
Position = tuple[int, ...]  # where the loop's frame was, and where those that it called were
Parts = list[tuple[Position, Record]]


def record_of(event: Event, batch: int = 0) -> Record:
    """A part that happens now."""
    stack = tuple(Place(frame.f_code, frame.f_lasti, frame.f_lineno) for frame in user_frames())
    return Record(event, stack, is_direct(), batch)


def iterations(records: list[Record], *, ended: bool, broken: bool = False) -> list[Iteration]:
    """One iteration for each innermost loop that goes backward; for one that only steps, where nothing goes backward.

    `ended`: an exception ended the run; where that was in the first iteration, what it did is all there is.
    `broken`: so did the step of a gradient scaler.
    """
    loops: dict[object, tuple[CodeType, LoopSite]] = {}
    kinds = (Backward,) if any(isinstance(each.event, Backward) for each in records) else (OptimizerStep,)
    for record in records:
        if isinstance(record.event, kinds) and (found := _loop_of(record.stack)) is not None:
            loops.setdefault(found[1].key(), found)
    stepped = tuple(record.event.optimizer for record in records if isinstance(record.event, OptimizerStep))
    made = [_iteration(code, loop, records, kinds, ended=ended or broken) for code, loop in loops.values()]
    for code, loop in _around(records, loops):
        made.append(_iteration(code, loop, records, (OptimizerStep,), ended=False))
    whole = [dataclasses.replace(each, stepped=stepped) for each in made if each is not None]
    return [_broken(each) if broken and not each.whole else each for each in whole]


def _broken(iteration: Iteration) -> Iteration:
    """The rest of the iteration was not reached; its gradients may be cleared there."""
    rest = StepEvent(ZeroGrad(iteration.site), always=False)
    return dataclasses.replace(iteration, events=(*iteration.events, rest), whole=True)


def step_events(records: list[Record]) -> tuple[StepEvent, ...]:
    """The parts as a whole program sees them: each place once, in the order of the run, with every loop around it."""
    found: dict[object, StepEvent] = {}
    for record in records:
        found.setdefault(record.event.site.key(), _placed(record, None, None, always=False))
    return tuple(found.values())


def _loop_of(stack: tuple[Place, ...]) -> tuple[CodeType, LoopSite] | None:
    for place in stack:
        loop = LoopSite.around(place.code, place.line)
        if loop is not None:
            return place.code, loop
    return None


def _around(records: list[Record], loops: dict[object, tuple[CodeType, LoopSite]]) -> list[tuple[CodeType, LoopSite]]:
    """The loops that step with what a loop inside of them computes: a step for each epoch, not for each batch."""
    found: dict[object, tuple[CodeType, LoopSite]] = {}
    for record in records:
        loop = _loop_of(record.stack) if isinstance(record.event, OptimizerStep) else None
        if loop is None or loop[1].key() in loops:
            continue
        inner = [each for each in records if isinstance(each.event, Backward) and _inside(each, *loop) is not None]
        if inner and all(_loop_of(each.stack) != loop for each in inner):
            found.setdefault(loop[1].key(), loop)
    return list(found.values())


def _inside(record: Record, code: CodeType, loop: LoopSite) -> Place | None:
    """Where the loop's frame was when the part happened."""
    for place in record.stack:
        if place.code is code and loop.line <= place.line <= loop.last:
            return place
    return None


def _position(record: Record, code: CodeType, loop: LoopSite) -> Position | None:
    """Where the loop's frame was when the part happened, and, outside in, the frames that it had called."""
    place = _inside(record, code, loop)
    if place is None:
        return None
    return tuple(each.instruction for each in reversed(record.stack[: record.stack.index(place) + 1]))


def _iteration(
    code: CodeType, loop: LoopSite, records: list[Record], kinds: tuple[type[Event], ...], *, ended: bool
) -> Iteration | None:
    """One steady-state pass: what happened between two executions of the same call, from the loop's first line."""
    parts = [(at, record) for record in records if (at := _position(record, code, loop)) is not None]
    marker = next(record.event.site.key() for _, record in parts if isinstance(record.event, kinds))
    starts = [index for index, (_, record) in enumerate(parts) if record.event.site.key() == marker]
    if len(starts) < 2:
        if not ended:
            return None
        cycles = [parts]
    else:
        cycles = _cycles(parts, starts)
    everywhere = set.intersection(*({_key(record) for _, record in cycle} for cycle in cycles))
    merged = _merged(cycles)
    placed = [_placed(record, code, loop, always=_key(record) in everywhere) for _, record in merged]
    events = tuple(_lifted(placed))
    library = any(isinstance(record.event, Backward) and not record.direct for _, record in parts)
    steps = tuple(each for each in events if isinstance(each.event, OptimizerStep))
    whole = len(starts) > 1 and (bool(steps) or kinds != (Backward,) or len(starts) >= ENOUGH)
    before, behind = _outside(code, loop, records)
    gates = _gates(code, loop, parts, cycles, starts[1] if len(starts) > 1 else len(parts))
    depth = _depth(code, loop, next(record for _, record in parts if isinstance(record.event, kinds)))
    return Iteration(
        loop, events, before, library, whole=whole, depth=depth, steps=steps, behind=behind, gates=gates,
        over_data=_over_data(merged, events),
    )  # fmt: skip


def _lifted(placed: list[StepEvent]) -> Iterator[StepEvent]:
    """Loops over optimizers, parameters or callbacks are none over samples: what happens there happens in the loop around."""
    computing = {
        loop for step in placed if isinstance(step.event, (Backward, LossCall, ForwardCall)) for loop in step.loops
    }
    for step in placed:
        loops = tuple(takewhile(computing.__contains__, step.loops))
        moves = step.always and isinstance(step.event, (ZeroGrad, OptimizerStep, ClipGradients))
        yield dataclasses.replace(step, loops=loops) if moves else step


def _over_data(merged: Parts, events: tuple[StepEvent, ...]) -> frozenset[int]:
    """The loops inside in which the same loss is computed for one batch of a loader after another."""
    found: dict[int, list[Record]] = {}
    for (_, record), step in zip(merged, events, strict=True):
        if step.loops and isinstance(record.event, LossCall):
            found.setdefault(step.loops[-1], []).append(record)
    return frozenset(
        loop
        for loop, records in found.items()
        if len(records) > 1
        and len({record.event.site.key() for record in records}) == 1
        and len({record.batch for record in records}) == len(records)
    )


def _depth(code: CodeType, loop: LoopSite, record: Record) -> int:
    """The number of loops around one: in its function, and around the calls that lead there."""
    depth = 0
    outside = False
    for place in record.stack:
        if place.code is code and not outside:
            outside = True
            found = LoopSite.around(place.code, loop.line, outside=loop.line)
        elif outside:
            found = LoopSite.around(place.code, place.line)
        else:
            continue
        while found is not None:
            depth += 1
            found = LoopSite.around(place.code, found.line, outside=found.line)
    return depth


def _key(record: Record) -> object:
    return (type(record.event), record.event.site.key())


def _merged(cycles: list[Parts]) -> Parts:
    """The longest cycle, with the parts that only other cycles have at their places."""
    longest: Parts = max(cycles, key=len)
    merged = list(longest)
    known = {_key(record) for _, record in merged}
    for cycle in cycles:
        for position, record in cycle:
            if _key(record) not in known:
                known.add(_key(record))
                index = next((at for at, (other, _) in enumerate(merged) if other > position), len(merged))
                merged.insert(index, (position, record))
    return merged


def _cycles(parts: Parts, starts: list[int]) -> list[Parts]:
    """The parts of each whole iteration; the loop's body begins where the instruction is least between two markers."""
    if len(starts) == 2:  # the end of the first iteration and the start of the second one
        wrapped = _top(parts, *starts)
        return [parts[wrapped : starts[1]] + parts[starts[0] : wrapped]]
    tops = [_top(parts, first, last) for first, last in pairwise(starts)]
    return [parts[first:last] for first, last in pairwise(tops)]


def _top(parts: Parts, first: int, last: int) -> int:
    best = first
    for index in range(first + 1, last):
        if parts[index][0] < parts[index - 1][0] and parts[index][0] <= parts[best][0]:
            best = index
    return best if best > first else last


# -- where parts stand ------------------------------------------------------------------------------------------------------
def _placed(record: Record, code: CodeType | None, loop: LoopSite | None, *, always: bool) -> StepEvent:
    """The part with the branch arms and loops around it, up to the loop that it is a part of."""
    found: list[Surroundings] = []
    inlined = False
    for depth, place in enumerate(record.stack):
        in_loop = loop is not None and place.code is code and loop.line <= place.line <= loop.last
        found.append(surroundings(place.code, place.instruction, loop.line if in_loop and loop is not None else None))
        if in_loop:
            inlined = depth > 0
            break
    path = tuple(arm for each in reversed(found) for arm in each.path)
    loops = tuple(inner for each in reversed(found) for inner in each.loops)
    return StepEvent(record.event, always, path, loops, inlined)


def _outside(
    code: CodeType, loop: LoopSite, records: list[Record]
) -> tuple[tuple[StepEvent, ...], tuple[StepEvent, ...]]:
    """The parts in the loop around this one that are not in it: those in front, those behind."""
    outer = LoopSite.around(code, loop.line, outside=loop.line)
    before: dict[object, StepEvent] = {}
    behind: dict[object, StepEvent] = {}
    for record in records:
        place = _inside(record, code, outer) if outer is not None else None
        if place is None or _inside(record, code, loop) is not None:
            continue
        side = before if place.line < loop.line else behind
        side.setdefault(record.event.site.key(), _placed(record, code, outer, always=False))
    return tuple(before.values()), tuple(behind.values())


def _gates(code: CodeType, loop: LoopSite, parts: Parts, cycles: list[Parts], second: int) -> tuple[Gate, ...]:
    """Conditions that held in some iterations only, in front of the steps of an optimizer."""
    found: dict[int, Gate] = {}
    begun = {record.event.site.key() for _, record in parts[:second]}
    seldom = len(cycles) / max(1, _steps(cycles))
    for _, record in parts:
        if not isinstance(record.event, OptimizerStep) or seldom < SELDOM:
            continue
        for place in record.stack:
            in_loop = place.code is code and loop.line <= place.line <= loop.last
            around = surroundings(place.code, place.instruction, loop.line if in_loop else None)
            for branch, test in around.tests:
                arm = dict(around.path)[branch]
                gate = _gate(place.code.co_filename, branch, arm, test, round(seldom))
                held = record.event.site.key() in begun
                found.setdefault(branch, dataclasses.replace(gate, first=gate.first and held))
            if in_loop:
                break
    return tuple(found.values())


def _steps(cycles: list[Parts]) -> int:
    return sum(any(isinstance(record.event, OptimizerStep) for _, record in cycle) for cycle in cycles)


def _gate(filename: str, branch: int, arm: int, test: ast.expr, period: int) -> Gate:
    """`(step + 1) % period == 0`: the counter and the period as they are written; another condition by what it did."""
    site = SourceSite.of(filename, test)
    negated = isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
    inner = test.operand if isinstance(test, ast.UnaryOp) else test
    if isinstance(inner, ast.Compare) and len(inner.ops) == 1 and isinstance(inner.ops[0], ast.Eq):
        against = inner.comparators[0]
        if not negated and isinstance(against, ast.Constant) and against.value == 0:
            inner, negated = inner.left, True
    if not negated or not isinstance(inner, ast.BinOp) or not isinstance(inner.op, ast.Mod):
        return Gate(branch, arm, site, "step", str(period), None, period)
    counter = SourceSite.of(filename, inner.left).text
    plain = isinstance(inner.left, (ast.Name, ast.Attribute))
    return Gate(branch, arm, site, counter, SourceSite.of(filename, inner.right).text, plain and arm == 0, period)
