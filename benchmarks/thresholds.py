"""How far the thresholds of the rules about training dynamics lie from healthy programs, and from those with the bug.

    python benchmarks/thresholds.py [--steps 600] [--only TEXT] [--json FILE]

Healthy are every `fixed.py` of the fixtures, the reference programs of the seeds among them (all stop after `--steps`), and
the clean programs of `planted_bugs/`; with the bug are the `bad.py` of the rule's own pair and the planted programs whose header
names its code. Each runs watched, in a process of its own, with the default schedule. From every program one number is
kept for each rule: the most suspicious value of the very statistic that the rule compares. Printed are the least, median
and greatest of these numbers. A rule reports where its statistic is on the other side of its threshold.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import os
import resource
import runpy
import statistics
import sys
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lrcheck.events import BatchProbe, InputStatistics, LossCurve, OutputStatistics, StepStatistics, UnitStatistics
from lrcheck.rules.dynamics import (
    batch_dependence,
    best_loss_equals_prior,
    collapsed_outputs,
    dead_units,
    exploding_gradients,
    inputs_not_normalised,
    loss_not_decreasing,
    vanishing_gradients,
)

HERE = Path(__file__).resolve().parent
FIXTURES = HERE.parent / "fixtures"
COLLAPSING = ("state_dict_alias/best_epoch", "scheduler_misuse/never_stepped")  # on purpose, after what they show
LIMIT = 120  # seconds of processor time for one program


@dataclass(frozen=True)
class Statistic:
    """What is measured: `rising` says whether large values are the suspicious ones."""

    code: str
    bug: str  # the rule's name as a folder of fixtures
    what: str
    threshold: float
    rising: bool

    @property
    def key(self) -> str:
        return f"{self.code} {self.what}"


STATISTICS = (
    Statistic(
        "LR702", "vanishing_gradients", "first to last gradient, greatest of 3", vanishing_gradients.RATIO, False
    ),
    Statistic("LR703", "exploding_gradients", "growth of the norm", exploding_gradients.GROWTH, True),
    Statistic("LR703", "exploding_gradients", "rise of the loss", exploding_gradients.RISE, True),
    Statistic("LR703", "exploding_gradients", "the lesser of both, in thresholds", 1, True),
    Statistic("LR705", "loss_not_decreasing", "least later loss over ln C", loss_not_decreasing.ABOVE, True),
    Statistic("LR706", "collapsed_outputs", "spread over size of outputs", collapsed_outputs.SHARE, False),
    Statistic("LR707", "dead_units", "share of dead units", 1, True),
    Statistic("LR709", "batch_dependence", "change over size of outputs", batch_dependence.SHARE, True),
    Statistic("LR711", "best_loss_equals_prior", "distance from the prior", best_loss_equals_prior.CLOSE, False),
    Statistic("LR712", "inputs_not_normalised", "deviation of the inputs", inputs_not_normalised.SPREAD, True),
    Statistic("LR712", "inputs_not_normalised", "greatest input", inputs_not_normalised.GREATEST, True),
    Statistic("LR713", "train_test_overlap", "share of test rows", 0.5, True),
    Statistic("LR716", "equal_samples", "samples like the first of a batch", 1, True),
)
BY_KEY = {each.key: each for each in STATISTICS}


# -- one program --------------------------------------------------------------------------------------------------------
def measured(path: Path, steps: int) -> dict[str, float]:
    """The most suspicious values of a watched run."""
    from lrcheck.runtime import watch

    worst: dict[str, float] = {}

    def keep(key: str, value: float) -> None:
        if math.isfinite(value):
            chosen = max if BY_KEY[key].rising else min
            worst[key] = chosen(worst.get(key, value), value)

    watched = watch(on_finding=lambda _: None)
    watched.limit = steps
    os.chdir(tempfile.mkdtemp())
    sys.argv = [str(path)]
    with listening(keep), contextlib.suppress(Exception, SystemExit), watched:
        runpy.run_path(str(path), run_name="__main__")
    return worst


@contextlib.contextmanager
def listening(keep: Any) -> Iterator[None]:
    """Hear every event before the rules do, and what is counted without becoming one."""
    from lrcheck.runtime.data import overlap
    from lrcheck.runtime.engine import Engine
    from lrcheck.runtime.health.statistics import SAMPLES, Statistics

    judge, batch, shared = Engine.judge, Statistics.batch, overlap._shared

    def judged(self: Any, event: Any) -> None:
        for key, value in numbers(event):
            keep(key, value)
        judge(self, event)

    def batched(self: Any, values: Any, dataset: object) -> None:
        if not values.is_meta and values.dim() >= 2 and values.size(0) >= SAMPLES:
            same = (values[1:] == values[:1]).flatten(1).all(1).float().mean()
            keep("LR716 samples like the first of a batch", float(same))
        batch(self, values, dataset)

    def rows(site: Any, test: Any, train: Any) -> Any:
        least, overlap.SHARED = overlap.SHARED, -1.0
        found = shared(site, test, train)
        overlap.SHARED = least
        if found is None:
            return None
        keep("LR713 share of test rows", found.seen / found.compared)
        return found if found.seen > least * found.compared else None

    Engine.judge, Statistics.batch, overlap._shared = judged, batched, rows  # type: ignore[method-assign]
    try:
        yield
    finally:
        Engine.judge, Statistics.batch, overlap._shared = judge, batch, shared  # type: ignore[method-assign]


def numbers(event: Any) -> Iterator[tuple[str, float]]:
    """What the rules compare, under the conditions under which they do."""
    match event:
        case StepStatistics():
            yield from vanishing(event)
            yield from exploding(event)
        case OutputStatistics() if event.step >= collapsed_outputs.FIRST and event.distinct > 1 and event.scale:
            yield "LR706 spread over size of outputs", event.spread / event.scale
        case UnitStatistics() if event.units >= dead_units.UNITS:
            yield "LR707 share of dead units", event.dead / event.units
        case BatchProbe():
            yield "LR709 change over size of outputs", event.change / max(event.scale, 1e-6)
        case InputStatistics():
            yield "LR712 deviation of the inputs", event.deviation
            yield "LR712 greatest input", event.greatest
        case LossCurve():
            yield from curve(event)


def vanishing(step: StepStatistics) -> Iterator[tuple[str, float]]:
    recent = (*step.history[-(vanishing_gradients.STEPS - 1) :], step)
    ratios = [vanishing_gradients._ratio(each) for each in recent]
    known = [each for each in ratios if each is not None]
    if len(known) == vanishing_gradients.STEPS:
        yield "LR702 first to last gradient, greatest of 3", max(known)


def exploding(step: StepStatistics) -> Iterator[tuple[str, float]]:
    first = step.history[0] if step.history else None
    if first is None or first.loss is None or first.loss <= 0 or step.loss is None:
        return
    before = exploding_gradients._norm(first)
    if not before:
        return
    growth, rise = exploding_gradients._norm(step) / before, step.loss / first.loss
    yield "LR703 growth of the norm", growth
    yield "LR703 rise of the loss", rise
    both = min(growth / exploding_gradients.GROWTH, rise / exploding_gradients.RISE)
    yield "LR703 the lesser of both, in thresholds", both


def curve(event: LossCurve) -> Iterator[tuple[str, float]]:
    values = event.values
    enough = len(values) >= loss_not_decreasing.SAMPLED and values[-1][0] >= loss_not_decreasing.STEPS
    if enough and event.family == "cross_entropy" and event.classes > 1:
        later = [value for _, value in values[len(values) // 4 :]]
        yield "LR705 least later loss over ln C", min(later) / math.log(event.classes)
    last = best_loss_equals_prior.LAST
    long = len(values) >= 2 * last and values[-1][0] >= best_loss_equals_prior.STEPS
    if long and event.prior is not None and event.prior >= 0.3:
        far = max(abs(value - event.prior) for _, value in values[-last:])
        yield "LR711 distance from the prior", far / event.prior


def forked(path: Path, steps: int) -> dict[str, float]:
    """The numbers of a program that runs in a process of its own."""
    with tempfile.TemporaryFile("w+") as answer:
        child = os.fork()
        if child == 0:
            resource.setrlimit(resource.RLIMIT_CPU, (LIMIT, LIMIT))
            silence = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silence, 1)
            os.dup2(silence, 2)
            json.dump(measured(path, steps), answer)
            answer.flush()
            os._exit(0)
        os.waitpid(child, 0)
        answer.seek(0)
        text = answer.read()
    numbers: dict[str, float] = json.loads(text) if text else {}
    return numbers


# -- all programs -------------------------------------------------------------------------------------------------------
def healthy() -> list[Path]:
    fixed = [
        each
        for each in sorted(FIXTURES.glob("*/*/fixed.py"))
        if str(each.parent.relative_to(FIXTURES)) not in COLLAPSING
    ]
    return [*fixed, *sorted(HERE.glob("planted_bugs/*/clean/*.py"))]


def with_bug(one: Statistic) -> list[Path]:
    planted = HERE.glob("planted_bugs/*/bugs/*.py")
    named = [each for each in planted if one.code in next(line for line in each.open() if line.startswith("# codes:"))]
    return [*sorted(FIXTURES.glob(f"{one.bug}/*/bad.py")), *sorted(named)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--only", default="", help="programs whose path contains this")
    parser.add_argument(
        "--json", help="write the table here (`benchmarks/thresholds.json` is quoted by the pages of the rules)"
    )
    options = parser.parse_args()
    prepare()
    wanted = [*healthy(), *{path for each in STATISTICS for path in with_bug(each)}]
    known = {path: forked(path, options.steps) for path in dict.fromkeys(wanted) if options.only in str(path)}
    table = {each.key: sides(each, known) for each in STATISTICS}
    if options.json:
        Path(options.json).write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    print(f"{'':<46}{'threshold':>10}   {'healthy: least, median, greatest':<46}with the bug")
    for each in STATISTICS:
        print(
            f"{each.key:<46}{each.threshold:>10.3g}   "
            + "".join(f"{shown(side):<46}" for side in table[each.key].values())
        )
    return 0


def sides(one: Statistic, known: dict[Path, dict[str, float]]) -> dict[str, list[float]]:
    """Least, median and greatest value, and the number of programs, of the healthy ones and those with the bug."""
    table: dict[str, list[float]] = {}
    for side, paths in (("healthy", healthy()), ("with the bug", with_bug(one))):
        values = [known[path][one.key] for path in paths if one.key in known.get(path, {})]
        table[side] = [min(values), statistics.median(values), max(values), len(values)] if values else []
    return table


def shown(side: list[float]) -> str:
    return "none" if not side else f"{side[0]:.3g}, {side[1]:.3g}, {side[2]:.3g} ({side[3]} programs)"


def prepare() -> None:
    """Import once what every program imports."""
    import sklearn.datasets
    import sklearn.model_selection
    import sklearn.preprocessing  # noqa: F401
    import torch

    import lrcheck.runtime  # noqa: F401

    torch.set_num_threads(1)
    warnings.simplefilter("ignore")


if __name__ == "__main__":
    sys.exit(main())
