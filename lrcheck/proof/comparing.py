"""The reference implementations on two devices: the same seeds must lead to the same results, up to rounding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lrcheck.proof.pairs import Pair
from lrcheck.proof.proving import Plan
from lrcheck.proof.runs import Outcome, Worker

ACCURACY = 0.012  # 4 of the 360 test samples of the digits
RELATIVE_LOSS = 0.05
SMALL_LOSS = 1e-5


@dataclass(frozen=True)
class Row:
    """One program on both devices."""

    name: str
    metrics: dict[str, list[float]]
    agrees: bool
    text: str


def compare(references: list[Pair], plan: Plan, other: str) -> Iterator[Row]:
    """Each reference implementation on the device of the plan and on another one, with seed 0."""
    worker = Worker(plan.data, plan.limit)
    try:
        for pair in references:
            here, there = (worker.run(pair.fixed, 0, ("--device", device)) for device in (plan.device, other))
            yield _row(pair.name.partition("/")[2], here, there, (plan.device, other))
    finally:
        worker.close()


def close_enough(name: str, here: float, there: float) -> bool:
    """Whether two results differ by rounding alone."""
    if name.endswith("accuracy"):
        return abs(here - there) <= ACCURACY
    return abs(here - there) <= max(SMALL_LOSS, RELATIVE_LOSS * abs(there))


def _row(name: str, here: Outcome, there: Outcome, devices: tuple[str, str]) -> Row:
    broken = here.error or there.error
    if broken is not None:
        return Row(name, {}, agrees=False, text=f"{name}: {broken['type']}: {broken['message']}")
    both = {
        metric: [value, there.metrics[metric]]
        for metric, value in here.metrics.items()
        if metric in there.metrics and metric.split()[-1] in {"loss", "accuracy"}
    }
    agrees = all(close_enough(metric, *values) for metric, values in both.items())
    shown = ", ".join(f"{metric} {ours:.6g} / {theirs:.6g}" for metric, (ours, theirs) in both.items())
    times = f"{here.seconds:.1f} s / {there.seconds:.1f} s"
    verdict = "agree" if agrees else "DO NOT AGREE"
    return Row(name, both, agrees, f"{name}: {verdict} ({' / '.join(devices)}): {shown}; {times}")
