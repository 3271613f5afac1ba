"""What keeps the graphs of earlier steps."""

from lrcheck.events import Accumulation, Backward
from lrcheck.findings import Finding, Fix, Label, Safety, Site
from lrcheck.fixing import append, operand


def total_of_losses(added: Accumulation, value: Site, source: Backward) -> Finding:
    """Losses that were backpropagated are added up, averaged or listed with their graphs."""
    text, what = value.text, "list" if added.listed else "total"
    return Finding(
        title=f"a {'' if added.listed else 'running '}{what} keeps the graph of every loss",
        at=Label(added.site, "keeps the graph of this batch"),
        because=(Label(source.site, f"the graph was used here, and the {what} needs no gradient"),),
        note=f"memory grows with every step, until the {what} is dropped",
        help=f"add a number: `{operand(text)}.item()`",
        fix=Fix(f"add a number: `{operand(text)}.item()`", append(value, ".item()"), Safety.SAFE),
    )


def kept_losses(source: Backward) -> Finding:
    """The program keeps every loss, at a place that is not known."""
    return Finding(
        title="the program keeps every loss with its graph",
        at=Label(source.site, "losses of earlier steps are still there"),
        note="memory grows with every step, until they are dropped",
        help="keep numbers: `loss.item()`",
    )


def average_of_weights(added: Accumulation, value: Site) -> Finding:
    """An average of weights over the steps is computed with a graph."""
    cut = f"{operand(value.text)}.detach()"
    return Finding(
        title="a running average of weights keeps its graph",
        at=Label(added.site, "keeps the graph of every step"),
        because=(Label(value, "a parameter, with its gradient"),),
        note="memory grows with every step, and so does the time of a backward pass through it",
        help=f"average the values: `{cut}`",
        fix=Fix(f"average the values: `{cut}`", append(value, ".detach()"), Safety.SAFE),
    )
