"""Optimizers that never step in a whole run."""

from __future__ import annotations

from lrcheck.events import StepEvent
from lrcheck.facts import OptimizerFacts
from lrcheck.findings import Finding, Label


def never(optimizer: OptimizerFacts, last: StepEvent) -> Finding:
    """Gradients are computed, and no parameter moves."""
    return Finding(
        title="the optimizer never steps",
        at=Label(last.event.site, "the gradients are never used"),
        because=(Label(optimizer.site, "holds the parameters"),) if optimizer.site is not None else (),
        note="no parameter moves: the loss is computed again and again for the same model",
        help="call `optimizer.step()` behind the backward pass, and see to it that its condition comes true",
    )


def nothing(zero: StepEvent) -> Finding:
    """Gradients are cleared many times, and that is all that is done with them."""
    return Finding(
        title="gradients are cleared and never computed",
        at=Label(zero.event.site, "nothing goes backward, and no optimizer steps"),
        note="no parameter moves: the loss is computed again and again for the same model",
        help="call `loss.backward()` and `optimizer.step()`, and see to it that their condition comes true",
    )
