"""The trace of a loop as one list of events, and what of it is a training iteration."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import libcst as cst

from lrcheck.events import (
    Backward,
    Event,
    FrameworkBackward,
    Gate,
    Iteration,
    OpaqueCall,
    OptimizerStep,
    StepEvent,
)
from lrcheck.facts import LoaderFacts, OptimizerFacts
from lrcheck.static.opacity import resolved
from lrcheck.static.run import Branch, Call, Loop, Run
from lrcheck.static.values import Loader, Stream

Path = tuple[tuple[int, int], ...]
MAX_EVENTS = 4000
_LEAVES = frozenset({"continue", "break", "return"})


class Flat:
    """A list of events in order, with the way that leads to each, and the conditions on the way."""

    def __init__(self, known: dict[int, Event], run: Run) -> None:
        self.run = run
        self.known = known  # unknown calls, with what they can reach
        self.events: list[StepEvent] = []
        self.loops: dict[int, Loop] = {}  # by identity
        self.tests: dict[tuple[int, int], cst.CSTNode] = {}
        self.whole = True

    def add(self, entries: Iterable[Any], path: Path = (), loops: tuple[int, ...] = (), inlined: bool = False) -> None:
        """Add the entries of a trace; what stands behind `if x: continue` belongs to the other arm."""
        always = True
        for entry in entries:
            kind = type(entry)
            if kind is Branch:
                path, sure = self._branch(entry, path, loops, inlined)
                always = always and sure
            elif kind is Loop:
                self.loops[id(entry)] = entry
                for body in entry.passes if len(entry.passes) > 1 else (entry.body,):
                    self.add(body, path, (*loops, id(entry)), inlined)
            elif kind is Call:
                self.add(entry.body, path, loops, True)
            elif len(self.events) < MAX_EVENTS:
                event = self._opaque(entry) if kind is OpaqueCall else entry
                self.events.append(StepEvent(event, always and not path, path, loops, inlined))
            else:
                self.whole = False

    def _opaque(self, call: OpaqueCall) -> Event:
        self.whole = self.whole and not call.everything
        found = self.known.get(id(call))
        if found is None:
            found = self.known[id(call)] = resolved(self.run, call)
        return found

    def _branch(self, branch: Branch, path: Path, loops: tuple[int, ...], inlined: bool) -> tuple[Path, bool]:
        live = [] if branch.exhaustive else [len(branch.arms)]
        left = False
        for number, (entries, status) in enumerate(branch.arms):
            arm = (branch.identity, number)
            if branch.test is not None:
                self.tests[arm] = branch.test
            if status == "raise":
                continue
            self.add(entries, (*path, arm), loops, inlined)
            if status in _LEAVES:
                left = True
            else:
                live.append(number)
        if not left:
            return path, True
        if len(live) == 1:
            return (*path, (branch.identity, live[0])), False
        return path, False


def flatten(run: Run, entries: Iterable[Any], known: dict[int, Event]) -> Flat:
    """The events of a trace in order."""
    flat = Flat(known, run)
    flat.add(entries)
    return flat


def goes_backward(event: Event) -> bool:
    return isinstance(event, (Backward, FrameworkBackward))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a loop stands in: the events of the enclosing block before and behind it, and the program."""

    before: list[StepEvent]
    behind: list[StepEvent]
    stepped: tuple[object, ...]
    called: bool
    made: tuple[OptimizerFacts, ...]


def iteration_of(loop: Loop, flat: Flat, around: Surroundings) -> Iteration | None:
    """The training iteration that a loop is, if it is one: it goes backward, or steps for a loop inside that does."""
    backward = [step for step in flat.events if goes_backward(step.event)]
    every = [step for step in flat.events if isinstance(step.event, OptimizerStep)]
    if backward:
        steps = [step for step in every if _is_home(step, backward)]
        if not steps and all(step.loops for step in backward):
            return None
    else:
        steps = [step for step in every if not step.loops]
        if not steps:
            return None
    return Iteration(
        loop.site,
        tuple(flat.events),
        tuple(around.before),
        any(isinstance(step.event, FrameworkBackward) for step in flat.events),
        flat.whole and not (isinstance(loop.node, cst.For) and _yields(loop.node.body)),
        loop.depth,
        tuple(steps),
        loader_of(loop.source),
        tuple(around.behind),
        gates_of(loop, flat),
        around.stepped,
        around.called,
        frozenset(number for number, inner in flat.loops.items() if loader_of(inner.source) is not None),
        around.made,
    )


def _yields(body: Any) -> bool:
    """A generator: whoever asks for its values may do anything between two iterations."""
    stack = [body]
    while stack:
        node = stack.pop()
        if type(node) is cst.Yield:
            return True
        if type(node) not in (cst.FunctionDef, cst.Lambda):
            stack.extend(node.children)
    return False


def _is_home(step: StepEvent, backward: list[StepEvent]) -> bool:
    """No loop inside holds the step together with a backward pass."""
    return not step.loops or all(step.loops[0] not in other.loops for other in backward)


def loader_of(source: Any) -> LoaderFacts | None:
    """The loader that a loop goes through, directly or counted."""
    while isinstance(source, Stream):
        source = source.of
    return source.facts if isinstance(source, Loader) else None


# -- conditions -------------------------------------------------------------------------------------------------------
def gates_of(loop: Loop, flat: Flat) -> tuple[Gate, ...]:
    """The conditions `(step + 1) % period == 0` in the body of a loop."""
    found = []
    used = {arm for step in flat.events for arm in step.path}
    for (branch, arm), test in flat.tests.items():
        if (branch, arm) in used and (gate := _gate(loop, branch, arm, test)) is not None:
            found.append(gate)
    return tuple(found)


def _gate(loop: Loop, branch: int, arm: int, test: Any) -> Gate | None:
    if arm != 0 or not isinstance(test, cst.Comparison) or len(test.comparisons) != 1:
        return None
    target = test.comparisons[0]
    if not isinstance(target.operator, cst.Equal) or not isinstance(target.comparator, cst.Integer):
        return None
    modulo = test.left
    if not isinstance(modulo, cst.BinaryOperation) or not isinstance(modulo.operator, cst.Modulo):
        return None
    counter, offset = _counter(modulo.left)
    if counter is None or offset is None or not isinstance(modulo.right, (cst.Name, cst.Attribute, cst.Integer)):
        return None
    document = loop.site.document
    start = _start(loop.node, counter)
    value = int(modulo.right.value) if isinstance(modulo.right, cst.Integer) else None
    wanted = int(target.comparator.value)
    first = (
        None
        if start is None
        else (start + offset == wanted or (value is not None and (start + offset) % value == wanted))
    )
    return Gate(branch, arm, document.site(test), counter, _text(modulo.right), first, value)


def _counter(node: Any) -> tuple[str | None, int | None]:
    """`step` and `step + 1`: the variable and what is added to it."""
    if isinstance(node, cst.Name):
        return node.value, 0
    if not isinstance(node, cst.BinaryOperation) or not isinstance(node.operator, (cst.Add, cst.Subtract)):
        return None, None
    if not isinstance(node.left, cst.Name) or not isinstance(node.right, cst.Integer):
        return None, None
    sign = 1 if isinstance(node.operator, cst.Add) else -1
    return node.left.value, sign * int(node.right.value)


def _start(loop: Any, counter: str) -> int | None:
    """The first value of a variable that the loop itself counts: `for step, batch in enumerate(loader)`."""
    if not isinstance(loop, cst.For) or not isinstance(loop.iter, cst.Call) or not isinstance(loop.iter.func, cst.Name):
        return None
    call, name = loop.iter, loop.iter.func.value
    target = loop.target
    if name == "tqdm" and call.args and isinstance(call.args[0].value, cst.Call):
        call = call.args[0].value
        name = call.func.value if isinstance(call.func, cst.Name) else ""
    if name == "enumerate" and isinstance(target, cst.Tuple) and target.elements:
        first = target.elements[0].value
        if not isinstance(first, cst.Name) or first.value != counter:
            return None
        given = next((a for i, a in enumerate(call.args) if i == 1 or (a.keyword and a.keyword.value == "start")), None)
        if given is None:
            return 0
        return int(given.value.value) if isinstance(given.value, cst.Integer) else None
    if name == "range" and isinstance(target, cst.Name) and target.value == counter:
        if len(call.args) == 1:
            return 0
        return int(call.args[0].value.value) if isinstance(call.args[0].value, cst.Integer) else None
    return None


def counted(loop: Any) -> cst.Call | None:
    """`range(epochs)`, where this is what a loop goes over, also behind a progress bar."""
    call: Any = getattr(loop, "iter", None)
    if _called(call) == "tqdm" and call.args:
        call = call.args[0].value
    return call if _called(call) in ("range", "trange") else None


def _called(call: Any) -> str:
    return call.func.value if isinstance(call, cst.Call) and isinstance(call.func, cst.Name) else ""


def times(loop: Any) -> str:
    """How often a loop runs, as the program writes it: `epochs` in `for epoch in range(epochs)`."""
    call = counted(loop)
    return _text(call.args[0].value) if call is not None and len(call.args) == 1 else ""


def _text(node: Any) -> str:
    if isinstance(node, cst.Attribute):
        return f"{_text(node.value)}.{node.attr.value}"
    return str(getattr(node, "value", ""))
