"""How a scheduler and its optimizer are stepped."""

from collections.abc import Iterator

from lrcheck.events import SchedulerStep, SchedulerUse, StepEvent
from lrcheck.facts import Quantity
from lrcheck.findings import Finding, Label, Site

from ._gradients import is_deeper


def hurried(step: Site, span: Site, name: str) -> Finding:
    """A schedule that counts epochs moves on with each batch."""
    return Finding(
        title="a schedule of epochs is stepped once per batch",
        at=Label(step, "once per batch"),
        because=(Label(span, _SPANS.get(name, "the number of epochs")),),
        note=f"`{name}` goes through its whole schedule within a few batches",
        help="move `scheduler.step()` behind the loop over batches",
    )


_SPANS = {
    "ExponentialLR": "for each step",
    "StepLR": "in steps, meant for epochs",
    "MultiStepLR": "in steps, meant for epochs",
}


def astray(made: Site, step: Site) -> Finding:
    """Another optimizer holds the same parameters and steps."""
    return Finding(
        title="the scheduler belongs to an optimizer that never steps",
        at=Label(made, "changes the learning rate of an optimizer that is not used"),
        because=(Label(step, "another optimizer steps here"),),
        note="the learning rate with which the parameters move stays the same",
        help="build the scheduler behind the last optimizer, and hand it that one",
    )


def backwards(use: SchedulerUse, step: SchedulerStep) -> Iterator[Finding]:
    """It watches a number that gets better the other way."""
    metric = step.metric
    if metric is None or step.chosen or metric.scale <= 0 or step.mode is None:
        return
    rises = metric.quantity is Quantity.ACCURACY and metric.name != "errors"
    falls = metric.quantity is Quantity.LOSS or metric.name == "perplexity"
    if not (rises and step.mode == "min") and not (falls and step.mode == "max"):
        return
    name, way, other = ("accuracy", "rises", "max") if rises else (metric.title, "falls", "min")
    yield Finding(
        title=f"the scheduler waits for the {name} to {'fall' if rises else 'rise'}",
        at=Label(step.site, f"{'an' if name[0] in 'ae' else 'a'} {name}, which {way} while training goes well"),
        because=(Label(use.site, f'its mode is "{step.mode}"'),),
        note="the learning rate is reduced although the model gets better",
        help=f'construct it with `mode="{other}"`',
    )


def per_batch_too(use: SchedulerUse, move: StepEvent) -> bool:
    """A branch steps it once per batch: the program asks for the kind of the schedule."""
    return bool(move.path) and any(
        isinstance(e.event, SchedulerStep) and e.path and is_deeper(e, move) for e in use.order
    )


def precedes(use: SchedulerUse, move: StepEvent, steps: list[StepEvent]) -> bool:
    """Every step of the optimizer follows in the same loop, with an argument-free call."""
    at = [each.event.site.key() for each in use.order].index(move.event.site.key())
    plain = use.order[at] is move and not move.path and not move.event.arguments  # type: ignore[attr-defined]
    return plain and all(use.order.index(step) > at and step.loops[: len(move.loops)] == move.loops for step in steps)
