"""From what two programs did to what that proves.

A claim is one of:

- `raises`: bad ends in an error, at a line that its marks name;
- `worse`: a metric of bad is worse than that of fixed, beyond the noise over seeds;
- `reported`: bad reports another number than the one that holds (`true <name>`, or what fixed reports);
- `costs`: the results agree, bad needs more memory or time (a ratio);
- `says`: no metric is printed, and bad ends with another line than fixed;
- `warns`: the results agree, bad warns where fixed does not;
- `same`: the results agree; the mistake is one of style, or waits for another release of torch;
- `elsewhere`: the results agree on this machine; the mistake shows on another kind of machine;
- `unproven`: none of these; the pair does not show what it should.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any

from lrcheck.proof import metrics
from lrcheck.proof.pairs import Pair
from lrcheck.proof.runs import Outcome

HOLDING = ("raises", "worse", "reported", "costs", "says", "warns", "same", "elsewhere")
ELSEWHERE = {
    "device-mismatch": "with a GPU",
    "hard-coded-device": "without a GPU",
    "synchronisation-every-step": "with a GPU",
    "transfer-bound": "with a GPU",
    "workers-without-main-guard": "where worker processes are spawned (macOS, Windows)",
}
MEMORY_RATIO = 1.2

_STUDENT = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131)
_NORMAL = 1.96
_TINY = 1e-9


@dataclass(frozen=True)
class Runs:
    """What both programs of a pair did, seed by seed. Where bad raises, one seed is enough."""

    bad: tuple[Outcome, ...]
    fixed: tuple[Outcome, ...]


def interval(values: Sequence[float]) -> tuple[float, float] | None:
    """The 95 % confidence interval of the mean (Student's t); None for a single value."""
    if len(values) < 2 or not all(map(math.isfinite, values)):
        return None
    degrees = len(values) - 1
    factor = _STUDENT[degrees - 1] if degrees <= len(_STUDENT) else _NORMAL
    half = factor * stdev(values) / math.sqrt(len(values))
    return fmean(values) - half, fmean(values) + half


def beyond_noise(values: Sequence[float]) -> bool:
    """Whether the mean of these values is above zero, not by chance."""
    if all(value == math.inf for value in values):
        return True
    around = interval(values)
    return values[0] > _TINY if around is None and len(values) == 1 else around is not None and around[0] > _TINY


def judge(pair: Pair, runs: Runs, lenient: bool) -> dict[str, Any]:
    """The claim that the runs of a pair prove. `lenient`: a rule of style or of old API, which costs nothing here."""
    broken = next((outcome.error for outcome in runs.fixed if outcome.error), None)
    place = next((ELSEWHERE[name] for name in pair.rules[:1] if name in ELSEWHERE), None)
    if broken is not None and broken["type"] == "SystemExit" and place:
        return {"kind": "elsewhere", "where": place}
    if broken is not None:
        return {"kind": "unproven", "why": f"fixed raises {broken['type']}: {broken['message']}"}
    if runs.bad[0].error is not None:
        return _raises(pair, runs)
    common = [name for name in runs.fixed[0].metrics if all(name in outcome.metrics for outcome in runs.bad)]
    attempts = (_reported, _costs) if _same_training(runs) else (_reported, _costs, _worse)
    for attempt in attempts:
        claim = attempt(runs, common)
        if claim is not None:
            return claim
    if any(_differs(runs, name) for name in common):
        return _other_number(pair, runs, common)
    return _agreeing(pair, runs, common, lenient)


def graph_cost(bad: Outcome, fixed: Outcome) -> dict[str, Any] | None:
    """The claim that bad keeps more for backward passes at once, if it does. In KiB; the same for every run."""
    if bad.error or fixed.error or bad.graph <= MEMORY_RATIO * fixed.graph:
        return None
    kept = [[float(f"{outcome.graph / 1024:.4g}")] for outcome in (bad, fixed)]
    ratio = _mean(_ratios(kept[0], kept[1]))
    return {
        "kind": "costs",
        "metric": "KiB of graph",
        "bad": kept[0],
        "fixed": kept[1],
        "ratio": ratio,
        "interval": None,
    }


def _raises(pair: Pair, runs: Runs) -> dict[str, Any]:
    error = runs.bad[0].error
    assert error is not None
    marked = [line for _, _, line in pair.marks]
    lines = error["lines"]
    at = next((line for line in reversed(lines) if line in marked), lines[-1] if lines else None)
    error = {"type": error["type"], "message": error["message"], "line": at, "marked": at in marked}
    claim: dict[str, Any] = {"kind": "raises", "error": error}
    if error["type"] in {"Killed", "SystemExit", "ModuleNotFoundError"}:
        claim = {"kind": "unproven", "why": f"bad ends with {error['type']}: {error['message']}"}
    name = next(reversed(runs.fixed[0].metrics), None)
    return claim | ({"metric": name, "fixed": _values(runs.fixed, name)} if name else {})


def _reported(runs: Runs, common: list[str]) -> dict[str, Any] | None:
    """What is printed beside what holds; both programs print both."""
    for name in reversed(common):
        truth = metrics.truth_of(name, common)
        if truth is None:
            continue
        gaps = [
            abs(bad.metrics[name] - bad.metrics[truth]) - abs(fixed.metrics[name] - fixed.metrics[truth])
            for bad, fixed in zip(runs.bad, runs.fixed, strict=False)
        ]
        if beyond_noise(gaps):
            claim = {"kind": "reported", "metric": name, "true": _values(runs.bad, truth)}
            return claim | _compared(runs, name) | {"difference": _mean(gaps), "interval": _rounded(interval(gaps))}
    return None


def _costs(runs: Runs, common: list[str]) -> dict[str, Any] | None:
    """Printed time or memory, as a ratio."""
    for name in reversed(common):
        if not metrics.is_cost(name):
            continue
        ratios = _ratios(_values(runs.bad, name), _values(runs.fixed, name))
        if beyond_noise([ratio - 1 for ratio in ratios]):
            claim = {"kind": "costs", "metric": name, "ratio": _mean(ratios)}
            return claim | _compared(runs, name) | {"interval": _rounded(interval(ratios))}
    return None


def _worse(runs: Runs, common: list[str]) -> dict[str, Any] | None:
    """The last metric by which bad is worse beyond the noise."""
    for name in reversed(common):
        sign = metrics.better(name)
        if sign and not metrics.is_cost(name) and beyond_noise(_losses(runs, name, sign)):
            return {"kind": "worse", "metric": name} | _compared(runs, name)
    return None


def _other_number(pair: Pair, runs: Runs, common: list[str]) -> dict[str, Any]:
    """Results differ, and bad is not worse: a metric rule reports another number, any other rule proves nothing."""
    name = next(name for name in reversed(common) if _differs(runs, name))
    compared = _compared(runs, name)
    gaps = [abs(bad - good) for bad, good in zip(compared["bad"], compared["fixed"], strict=False)]
    if metrics.better(name) == 0 and beyond_noise(gaps):
        return {"kind": "worse", "metric": name} | compared
    if pair.name.startswith("seeds/") or not beyond_noise(gaps):
        return {"kind": "unproven", "metric": name, "why": "bad is not worse beyond the noise"} | compared
    claim = {"kind": "reported", "metric": name, "true": compared["fixed"]}
    return claim | compared | {"difference": _mean(gaps), "interval": _rounded(interval(gaps))}


def _agreeing(pair: Pair, runs: Runs, common: list[str], lenient: bool) -> dict[str, Any]:
    """The results agree: what else tells the two programs apart?"""
    same: dict[str, Any] = {}
    if common:
        name = common[-1]
        same = {"metric": name, "bad": _values(runs.bad, name), "fixed": _values(runs.fixed, name)}
    known = {warning["message"] for outcome in runs.fixed for warning in outcome.warnings}
    new = [warning for warning in runs.bad[0].warnings if warning["message"] not in known]
    if new:
        return {"kind": "warns", "warnings": new} | same
    place = next((ELSEWHERE[name] for name in pair.rules[:1] if name in ELSEWHERE), None)
    if place and common:
        return {"kind": "elsewhere", "where": place} | same
    says = [_last_line(outcomes[0]) for outcomes in (runs.bad, runs.fixed)]
    if not common and says[0] != says[1]:
        return {"kind": "says", "bad says": says[0], "fixed says": says[1]}
    if lenient and common:
        return {"kind": "same"} | same
    return {"kind": "unproven", "why": "both programs do the same" if common else "no metric is printed"} | same


def _same_training(runs: Runs) -> bool:
    """Whether the weights took the same way in both programs, so that only what is said about them can differ."""
    ways = [[(outcome.steps, outcome.losses) for outcome in outcomes] for outcomes in (runs.bad, runs.fixed)]
    return ways[0] == ways[1] and all(outcome.losses for outcome in runs.bad)


def _compared(runs: Runs, name: str) -> dict[str, Any]:
    sign = metrics.better(name) or 1
    losses = _losses(runs, name, sign)
    return {
        "bad": _values(runs.bad, name),
        "fixed": _values(runs.fixed, name),
        "difference": _mean([-sign * loss for loss in losses]),
        "interval": _rounded(interval([-sign * loss for loss in losses])),
    }


def _losses(runs: Runs, name: str, sign: int) -> list[float]:
    """By how much bad is worse, seed by seed: infinitely, where it is not a number."""
    pairs = zip(runs.bad, runs.fixed, strict=False)
    gaps = [sign * (fixed.metrics[name] - bad.metrics[name]) for bad, fixed in pairs]
    return [math.inf if math.isnan(gap) else gap for gap in gaps]


def _differs(runs: Runs, name: str) -> bool:
    both = zip(_values(runs.bad, name), _values(runs.fixed, name), strict=False)
    return any(not math.isclose(bad, fixed, rel_tol=1e-3, abs_tol=1e-6) for bad, fixed in both)


def _values(outcomes: Sequence[Outcome], name: str) -> list[float]:
    return [outcome.metrics[name] for outcome in outcomes if name in outcome.metrics]


def _last_line(outcome: Outcome) -> str:
    lines = outcome.output.strip().splitlines()
    return lines[-1].strip()[:120] if lines else ""


def _ratios(bad: Sequence[float], fixed: Sequence[float]) -> list[float]:
    return [one / other if other else math.inf for one, other in zip(bad, fixed, strict=False)]


def _mean(values: Sequence[float]) -> float:
    return float(f"{fmean(values):.4g}")


def _rounded(around: tuple[float, float] | None) -> list[float] | None:
    return None if around is None else [float(f"{end:.4g}") for end in around]
