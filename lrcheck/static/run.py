"""The state of one interpretation: variables, heap, trace of events, and how branches are undone and joined."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from lrcheck.events import Event
from lrcheck.static.joining import join, join_cells
from lrcheck.static.ledger import Ledger
from lrcheck.static.values import CREATED, MISSING, UNKNOWN, Scope, Unknown, new_identity

if TYPE_CHECKING:
    import libcst as cst

    from lrcheck.static.document import Document, NodeSite
    from lrcheck.static.project import Project

Delta = dict[Any, tuple[dict[Any, Any], Any, Any]]
Status = str | None  # how a block ends: None (falls through), "return", "break", "continue", "raise"

MAX_DEPTH = 24
# How many statements may be interpreted: what a script runs itself is followed far, functions that nobody calls less so.
SCRIPT_STATEMENTS = (4000, 4)  # so many, and so many more for each line
LIBRARY_STATEMENTS = (150, 0.4)
TRAINING_STATEMENTS = 800  # at least so many for each function that nobody calls, where the file trains


class Flags(dict[Any, Any]):
    """Facts that are false until the program makes them true: a branch that says nothing leaves them false."""

    def get(self, key: Any, default: Any = None) -> Any:  # noqa: ARG002  # the default is always False
        return super().get(key, False)


class Modes(dict[Any, Any]):
    """Training modes: not known until the program sets them, so that a branch that says nothing leaves them unknown."""

    def get(self, key: Any, default: Any = None) -> Any:  # noqa: ARG002  # the default is always None
        return super().get(key)


CALLERS = "as whoever calls has it"  # whether gradients are recorded in a function that nobody calls


class Branch:
    """A fork in the trace: one list of entries per arm. `test` is the condition of an `if`."""

    __slots__ = ("arms", "exhaustive", "identity", "test")

    def __init__(
        self, identity: int, arms: list[tuple[list[Any], Status]], exhaustive: bool, test: cst.CSTNode | None = None
    ) -> None:
        self.identity = identity
        self.arms = arms
        self.exhaustive = exhaustive
        self.test = test


class Loop:
    """A loop in the trace: the entries of its last pass, and of all passes where each element was followed.

    `depth` is the number of loops around it; `source` is what it iterates over; `inside` that it is part of a model.
    """

    __slots__ = ("body", "depth", "inside", "node", "passes", "site", "source")

    def __init__(
        self, node: cst.CSTNode, site: Any, body: list[Any], passes: list[list[Any]], depth: int, source: Any = None,
        inside: bool = False,
    ) -> None:  # fmt: skip
        self.node = node
        self.site = site
        self.body = body
        self.passes = passes
        self.inside = inside
        self.depth = depth
        self.source = source


class Call:
    """A function of the program in the trace: what it did where it was called."""

    __slots__ = ("body",)

    def __init__(self, body: list[Any]) -> None:
        self.body = body


class Ends:
    """The states in which one pass through a loop body may end: what was written since the pass began.

    `base` is the number of captures that were open before it; `broken` are the states that leave the loop.
    """

    __slots__ = ("base", "broken", "deltas")

    def __init__(self, base: int) -> None:
        self.base = base
        self.deltas: list[Delta] = []
        self.broken: list[Delta] = []


class Run:
    """One interpretation of one program (and of the project's modules that it imports)."""

    def __init__(self, project: Project, document: Document, lines: int) -> None:
        self.project = project
        self.document = document
        self.ledger = Ledger()
        self.scope = Scope(document)
        self.log: list[tuple[dict[Any, Any], Any, Any]] | None = None
        self.trace: list[Any] = []
        self.events: list[Event] = []
        self.flags: dict[str, Any] = {"grad": True, "autocast": False}
        self.modes: dict[Any, Any] = Modes()  # training mode of modules, by identity
        self.mode_sites: dict[Any, Any] = {}
        self.frozen: dict[Any, Any] = Flags()  # modules whose parameters need no gradient, by identity
        self.parameters: dict[int | None, tuple[Any, ...]] = {}  # parameters, by identity -> the modules that have them
        self.bookkeeping = {
            id(self.flags),
            id(self.modes),
            id(self.mode_sites),
            id(self.frozen),
        }  # keyed by identity: shared by nobody
        self.bookkeeping.add(id(self.ledger.devices))
        self.switched = False  # some module left its training mode
        self.on_gpu: set[Any] = set()  # modules that are surely on a GPU
        self.models: dict[Any, Any] = {}  # what was called as a model, by identity
        self.functions: list[Any] = []
        self.classes: list[Any] = []
        self.instances: dict[Any, Any] = {}  # class node -> its last instance
        self.executed: set[int] = set()
        self.active: list[Any] = []
        self.ways: list[int] = []  # open choices between two ways: values with a smaller identity were there before
        self.forward_depth = 0
        self.moded = 0  # calls of layers that may depend on the mode
        self.goes_backward = False  # the function that is run alone has gone backward, as its caller has it
        self.passed_by = 0  # tests inside models that the arguments of a call decide
        self.forwards: list[Any] = []  # the facts of the modules of the program whose `forward` runs, innermost last
        self.loop_pending: list[Ends] = []
        self.captures: list[list[Any]] = []  # the logs of the captures that are open, innermost last
        self.quick = 0  # inside the first pass of an outer loop: inner loops run once
        self.fuel = SCRIPT_STATEMENTS[0] + SCRIPT_STATEMENTS[1] * lines
        self.cut_short = False  # the program was longer than the fuel
        self.branch_ids = itertools.count()
        self.undecided: list[tuple[NodeSite, str]] = []
        self.signatures: dict[Any, Any] = {}
        self.loop_depth = 0
        self.loops: list[Any] = []  # the loops that are running, innermost last
        self.frames: dict[Any, Any] = {}  # the runs of loops, by serial number; the last run of each loop, by its key
        self.undefined: dict[str, Any] = {}  # names that nothing defines, each one value
        self.optimizers: list[Any] = []  # the facts of all that are made
        self.iterated: dict[int, Any] = {}  # what loops went over, by identity

    @property
    def grad(self) -> bool | None:
        """Whether gradients are recorded. Whoever calls a function that goes backward has not switched them off."""
        value = self.flags.get("grad")
        return (self.goes_backward or None) if value is CALLERS else value

    def new_in_training(self, facts: Any) -> None:
        """A module is made, in training mode: also where only one arm of a branch makes it, for no other arm knows it."""
        self.modes[facts] = True

    # -- places -------------------------------------------------------------------------------------------------------
    def site(self, node: cst.CSTNode) -> NodeSite:
        return self.scope.document.site(node)

    def emit(self, event: Event) -> None:
        self.events.append(event)
        self.trace.append(event)

    # -- writes -------------------------------------------------------------------------------------------------------
    def put(self, target: dict[Any, Any], key: Any, value: Any) -> None:
        """The only way to change what the program can change."""
        stores = CREATED.stores
        if stores is not None and id(target) not in stores and id(target) not in self.bookkeeping:
            self.project.shared = False  # a module that changes another one: neither may be kept for other files
        if self.log is not None:
            self.log.append((target, key, target.get(key, MISSING)))
        target[key] = value

    def capture(self, action: Callable[[], Any]) -> tuple[Any, Delta]:
        """Run an action, undo what it wrote, and return its result and what it wrote."""
        outer = self.log
        written: list[tuple[dict[Any, Any], Any, Any]] = []
        self.log = written
        self.captures.append(written)
        try:
            result = action()
        finally:
            self.captures.pop()
            self.log = outer
        delta: Delta = {}
        for target, key, _ in written:
            delta[(id(target), key)] = (target, key, target.get(key, MISSING))
        for target, key, old in reversed(written):
            if old is MISSING:
                target.pop(key, None)
            else:
                target[key] = old
        return result, delta

    def apply(self, deltas: list[Delta]) -> None:
        """Write the join of what several arms wrote (an arm that did not write a place keeps its old value)."""
        if not deltas:
            return
        if len(deltas) == 1:
            for target, key, value in deltas[0].values():
                if value is not MISSING:
                    self.put(target, key, value)
            return
        places: dict[Any, tuple[dict[Any, Any], Any]] = {}
        for delta in deltas:
            for place, (target, key, _) in delta.items():
                places[place] = (target, key)
        for place, (target, key) in places.items():
            old = target.get(key, MISSING)
            joined: Any = MISSING
            for delta in deltas:
                entry = delta.get(place)
                joined = join_place(key, joined, old if entry is None else entry[2])
            if joined is UNKNOWN:
                joined = Unknown()  # not known, but the same whenever it is read from now on
            if joined is not MISSING:
                self.put(target, key, joined)

    def maybe(self, delta: Delta) -> None:
        """Write what may have been written: the join with what is there."""
        self.apply([delta, {}])

    # -- control flow -------------------------------------------------------------------------------------------------
    def fork(
        self, arms: list[Callable[[], Status]], exhaustive: bool, test: cst.CSTNode | None = None, ways: bool = False
    ) -> Status:
        """Run the arms of a branch one by one from the same state and join what they leave.

        `ways`: the arms are two ways to do the same.
        """
        live: list[Delta] = [] if exhaustive else [{}]
        outer_trace = self.trace
        traces: list[tuple[list[Any], Status]] = []
        status: Status = None
        noted = False  # does any arm leave a trace, or end the block?
        self.ledger.branches += 1
        if ways:
            self.ways.append(new_identity())
        for arm in arms:
            self.trace = []
            ended, delta = self.capture(arm)
            traces.append((self.trace, ended))
            noted = noted or bool(self.trace) or ended is not None
            if ended is None:
                live.append(delta)
                continue
            status = ended if status in (None, ended, "raise") else "continue"
            if ended == "return":
                self.scope.pending.append(delta)
            elif ended in ("break", "continue") and self.loop_pending:
                self._ends_pass(delta, ended)
        self.ledger.branches -= 1
        if ways:
            self.ways.pop()
        self.trace = outer_trace
        if noted:
            self.trace.append(Branch(next(self.branch_ids), traces, exhaustive, test))
        if live:
            self.apply(live)
            return None
        return status

    def _ends_pass(self, delta: Delta, how: str) -> None:
        """An arm ends the pass through a loop: with what it wrote, and with what the pass wrote before it."""
        ends = self.loop_pending[-1]
        whole: Delta = {}
        for log in self.captures[ends.base :]:
            for target, key, _ in log:
                whole[(id(target), key)] = (target, key, target.get(key, MISSING))
        whole.update(delta)
        ends.deltas.append(whole)
        if how == "break":
            ends.broken.append(whole)

    @contextmanager
    def flag(self, name: str, value: Any) -> Iterator[None]:
        """A setting that holds for a while."""
        before = self.flags.get(name)
        self.put(self.flags, name, value)
        try:
            yield
        finally:
            self.put(self.flags, name, before)

    def inside(self, scope: Scope) -> Inside:
        """Interpret in another scope."""
        return Inside(self, scope)


class Inside:
    """A context manager by hand: it is entered for every call, and a generator would cost twice as much."""

    __slots__ = ("outer", "pending", "run", "scope")

    def __init__(self, run: Run, scope: Scope) -> None:
        self.run = run
        self.scope = scope

    def __enter__(self) -> None:
        run = self.run
        self.outer, run.scope = run.scope, self.scope
        self.pending, run.loop_pending = run.loop_pending, []

    def __exit__(self, *_: object) -> None:
        self.run.scope = self.outer
        self.run.loop_pending = self.pending


def join_place(key: Any, a: Any, b: Any) -> Any:
    """Join two states of one place in the store: plain values, the contents of a list, or a flag."""
    if a is MISSING or a is b:
        return b
    if b is MISSING:
        return a
    if key == "v" and type(a) is tuple:
        return join_cells(a, b)
    if a is None or type(a) is bool:
        return a if a is b or (type(b) is bool and a == b) else (True if key == "open" else None)
    return join(a, b)
