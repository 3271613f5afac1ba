"""Events put together: iterations, epochs, evaluation passes."""

from __future__ import annotations

from dataclasses import dataclass, field

from lrcheck.events.base import Event
from lrcheck.events.modules import ForwardCall
from lrcheck.facts import (
    LoaderFacts,
    OptimizerFacts,
)
from lrcheck.findings import Site


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class StepEvent:
    """An event inside an `Iteration`: `always` is true where every path through the body meets it.

    `path` names the branch arms that lead to it, as (branch, arm) pairs: two events with different arms of one branch
    exclude each other.
    """

    event: Event
    always: bool
    path: tuple[tuple[int, int], ...] = ()
    loops: tuple[int, ...] = ()  # the loops inside this one that it stands in, from outside
    inlined: bool = False  # in a function that is called from here

    def excludes(self, other: StepEvent) -> bool:
        arms = dict(self.path)
        return any(branch in arms and arms[branch] != arm for branch, arm in other.path)

    def implies(self, other: StepEvent) -> bool:
        """Wherever this event happens, the other one happens in the same iteration."""
        return set(other.path) <= set(self.path) and other.loops == self.loops[: len(other.loops)]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Iteration(Event):
    """One steady-state pass through the innermost loop that goes backward: its events in order.

    `site` is the loop. `framework` names the library that owns the loop, where one does.
    """

    events: tuple[StepEvent, ...]
    before: tuple[StepEvent, ...] = ()  # events of the enclosing loop's body outside this loop, in order
    framework: bool = False  # a library goes backward and may own the step
    whole: bool = True  # the loop body was followed to its end
    depth: int = 0  # the number of loops around it
    steps: tuple[StepEvent, ...] = ()  # the optimizer steps of which this is the innermost loop with a backward pass
    loader: LoaderFacts | None = None  # what it iterates over
    behind: tuple[
        StepEvent, ...
    ] = ()  # events of the enclosing loop's body behind this loop; `before` has those in front
    gates: tuple[Gate, ...] = ()
    stepped: tuple[object, ...] = ()  # every optimizer that the program steps, anywhere
    called: bool = True  # the program runs it; false for a function that nobody calls
    over_data: frozenset[int] = frozenset()  # those of the loops inside that go over a loader
    made: tuple[OptimizerFacts, ...] = ()  # every optimizer that the program constructs
    idle: OptimizerFacts | None = None  # one that never stepped until the program ended; its parameters have gradients

    def of(self, kind: type[Event]) -> tuple[StepEvent, ...]:
        """The events of one kind, in order."""
        return tuple(step for step in self.events if isinstance(step.event, kind))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class EvaluationPass(Event):
    """A loop (or comprehension, or single forward over a test split) that calls a model and does not go backward."""

    forwards: tuple[ForwardCall, ...]
    evidence: Event | None = None  # a prediction, comparison or sum that makes it an evaluation
    records: Site | None = None  # an expression whose graph is recorded, where the values are not from a known model
    switched: bool = False  # the mode was set on purpose since the last training
    trained_after: bool = False  # training goes on behind it
    own: bool = True  # the model is called in the loop itself, not in a function that is called from there
    single: bool = False  # no loop: the model is called once, after its training
    again: bool = False  # the same model was evaluated in the same way before
    events: tuple[StepEvent, ...] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Gate:
    """A condition of the form `(step + offset) % period == 0` that events of a loop stand behind.

    `first` is true where it holds in the very first iteration, `branch` and `arm` name its side.
    """

    branch: int
    arm: int
    site: Site
    counter: str
    period: str
    first: bool | None = None
    period_value: int | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Epoch(Event):
    """The loop around training iterations: everything that one pass through it does, in order."""

    events: tuple[StepEvent, ...]
    iterations: tuple[Iteration, ...] = ()
    depth: int = 0
    whole: bool = True
    unlearned: bool = False  # BatchNorm of the trained model normalises with the statistics it was made with
