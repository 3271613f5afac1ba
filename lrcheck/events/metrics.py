"""Numbers that are summed, divided, reported, and what is chosen by them."""

from __future__ import annotations

from dataclasses import dataclass

from lrcheck.events.base import Event
from lrcheck.facts import (
    LoaderFacts,
    ScalarFacts,
    TensorFacts,
)
from lrcheck.findings import Site


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Accumulation(Event):
    """`total += value`, or `total.append(value)`."""

    value: TensorFacts
    target_site: Site | None = None
    value_site: Site | None = None
    recorded: bool = False  # the value has a graph, and the total keeps it
    sources: tuple[int | None, ...] = ()  # the identities of the value and of the tensors in its expression
    listed: bool = False  # `total.append(value)`
    weights: bool = False  # the value is a parameter: an average of weights
    fresh: bool = False  # the total is a plain number before: in each iteration, if it is set in the loop


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Measure(Event):
    """A number with a unit is divided (`kind` is `division`), computed by a metric object (`compute`) or shown: `text`,
    `plot`, `log`.

    For a division, `left` and `right` are its operands and `value` the quotient; a metric object divides what it added up. For
    a report, `before` and `after` are the
    literal text next to the number and `spec` is its format (`.2%`).
    """

    value: ScalarFacts
    kind: str
    left: ScalarFacts | None = None
    right: ScalarFacts | None = None
    left_site: Site | None = None
    right_site: Site | None = None
    before: str = ""
    after: str = ""
    spec: str = ""
    running: bool = False  # inside the loop over the data that it is about
    last_batch: bool = False  # behind that loop: it is the value of the loop's last batch
    epoch: bool = False  # in the loop over epochs, beside the loop over the data
    reset: tuple[Site, Site] | None = (
        None  # `total = 0` before the loop over epochs, and the first statement in that loop
    )


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DataLoop(Event):
    """A loop over a data loader: `site` is the loader; `trains`: it goes backward; `measures`: it sums something up."""

    loader: LoaderFacts
    trains: bool = False
    measures: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ScoreCall(Event):
    """A metric of a whole data set is computed: `roc_auc_score(targets, predictions)`."""

    name: str
    predictions: TensorFacts | None = None
    predictions_site: Site | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Selection(Event):
    """A model is kept because of a number: `if accuracy > best: torch.save(...)`."""

    value: ScalarFacts
