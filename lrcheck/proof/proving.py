"""Proving pairs: side by side over several seeds, in parallel, going on where the last run ended."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lrcheck.findings import Level
from lrcheck.proof.claims import Runs, graph_cost, judge
from lrcheck.proof.evidence import Entry
from lrcheck.proof.pairs import Pair
from lrcheck.proof.runs import LIMIT, Outcome, Worker
from lrcheck.rule import Rule

MORE_SEEDS = 2  # times as many, where the first ones do not decide
REFERENCE_SEEDS = (
    3  # at most, for a reference implementation: it trains for seconds, and its bad side seldom trains at all
)


@dataclass(frozen=True)
class Plan:
    """How pairs are to be proven."""

    seeds: int
    jobs: int
    device: str
    machine: Mapping[str, str]
    data: Path
    limit: float = LIMIT


def is_current(pair: Pair, entry: Entry | None, plan: Plan) -> bool:
    """Whether an entry was made from the same programs, with enough seeds, on the same kind of device."""
    if (
        entry is None
        or entry["kind"] == "unproven"
        or entry.get("digest") != pair.digest
        or entry.get("seeds", 0) < _seeds(pair, plan)
    ):
        return False
    return bool(entry.get("device") == device_of(pair, plan))


def device_of(pair: Pair, plan: Plan) -> str:
    """Where a pair is run: programs that know nothing of devices stay on the CPU, whatever the plan says."""
    return plan.device if pair.is_reference or pair.chooses_device else "cpu"


def prove(pairs: list[Pair], rules: list[Rule], plan: Plan) -> Iterator[tuple[Pair, Entry]]:
    """Each pair with its entry, in the order in which they are finished."""
    workers = _Workers(plan)
    lenient = {rule.name for rule in rules if rule.level is Level.INFO or rule.family == "deprecated"}
    slow_first = sorted(pairs, key=lambda pair: (not pair.is_reference, pair.name))
    pool = ThreadPoolExecutor(plan.jobs)
    try:
        futures = {
            pool.submit(_proven, pair, pair_is_lenient(pair, lenient), plan, workers): pair for pair in slow_first
        }
        for future in as_completed(futures):
            yield futures[future], future.result()
    finally:
        workers.close()  # ends what still runs, where the caller has stopped
        pool.shutdown(cancel_futures=True)


def pair_is_lenient(pair: Pair, lenient: set[str]) -> bool:
    """Whether none of the mistakes of a pair has to cost anything."""
    own = pair.rules[:1] if not pair.is_seed else pair.rules
    return all(name in lenient for name in own)


class _Workers:
    """One worker for each thread; all are closed together."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._idle: list[Worker] = []
        self._all: list[Worker] = []
        self._lock = threading.Lock()

    @contextmanager
    def one(self) -> Iterator[Worker]:
        with self._lock:
            worker = self._idle.pop() if self._idle else self._new()
            if worker not in self._all:
                self._all.append(worker)
        yield worker
        with self._lock:
            self._idle.append(worker)

    def _new(self) -> Worker:
        return Worker(self._plan.data, self._plan.limit, gpus=self._plan.device != "cpu")

    def close(self) -> None:
        for worker in self._all:
            worker.close()


def _proven(pair: Pair, lenient: bool, plan: Plan, workers: _Workers) -> Entry:
    options = ("--device", plan.device) if pair.is_reference else ()
    with workers.one() as worker:

        def run(seed: int, bad: bool) -> Outcome:
            return worker.run(pair.bad if bad else pair.fixed, seed, () if bad else options)

        seeds = _seeds(pair, plan)
        runs = _runs(run, Runs((), ()), seeds)
        claim = judge(pair, runs, lenient)
        if claim["kind"] == "unproven" and not any(outcome.error for outcome in runs.bad + runs.fixed):
            runs = _runs(run, runs, MORE_SEEDS * seeds)
            claim = judge(pair, runs, lenient)
        if not lenient and claim["kind"] in {"unproven", "same", "says"}:
            both = [worker.run(program, 0, graph=True) for program in (pair.bad, pair.fixed)]
            claim = graph_cost(*both) or claim
    device = device_of(pair, plan)
    reached = {"reference": _reached(runs.fixed)} if pair.is_reference else {}
    return _entry(pair, runs, plan) | {"device": device} | reached | claim


def _runs(run: Callable[[int, bool], Outcome], done: Runs, seeds: int) -> Runs:
    """Both programs with each seed; a program that raises does so with every seed, once is enough."""
    bad, fixed = list(done.bad), list(done.fixed)
    for seed in range(len(fixed), seeds):
        if not bad or bad[0].error is None:
            bad.append(run(seed, True))
        fixed.append(run(seed, False))
        if fixed[-1].error is not None:
            break
    return Runs(tuple(bad), tuple(fixed))


def _reached(outcomes: tuple[Outcome, ...]) -> dict[str, list[float]]:
    """The metrics of a reference implementation, seed by seed."""
    names = [name for name in outcomes[0].metrics if name.split()[-1] in {"loss", "accuracy"}]
    return {name: [outcome.metrics[name] for outcome in outcomes if name in outcome.metrics] for name in names}


def _seeds(pair: Pair, plan: Plan) -> int:
    return min(plan.seeds, REFERENCE_SEEDS) if pair.is_reference else plan.seeds


def _entry(pair: Pair, runs: Runs, plan: Plan) -> dict[str, Any]:
    first_bad, first_fixed = runs.bad[0], runs.fixed[0]
    metrics = {name: [value, first_fixed.metrics.get(name)] for name, value in first_bad.metrics.items()}
    metrics |= {name: [None, value] for name, value in first_fixed.metrics.items() if name not in metrics}
    return {
        "digest": pair.digest,
        "rules": list(pair.rules),
        "seeds": _seeds(pair, plan),
        "seed 0": metrics,
        "steps": [first_bad.steps, first_fixed.steps],
        "curves": {"bad": list(first_bad.losses), "fixed": list(first_fixed.losses)},
    }
