"""Checking many files: what is known from earlier runs first, the rest by workers, everything in the order given."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lrcheck.cache import Cache
from lrcheck.config import Configs
from lrcheck.findings import FileError, Result
from lrcheck.sources import UnreadableError, mentions_torch, read_bytes
from lrcheck.work import Checked, Job, Order, check_batch, check_text, checker

if TYPE_CHECKING:
    from lrcheck.fixes import Fixed
    from lrcheck.pool import Lost

ALONE = 150_000  # bytes that one process checks sooner than others are started
BATCH = 60_000  # bytes that are handed to a worker at once

Progress = Callable[[int, int], None]  # how many files are done, of how many


@dataclass(slots=True)
class Runner:
    """How to check. `jobs` is the number of processes, `address` a cluster that is used instead."""

    configs: Configs
    undecided: bool = False
    jobs: int = 1
    cache: Cache | None = None
    address: str | None = None
    progress: Progress | None = None
    inputs: dict[str, bytes] = field(default_factory=dict)  # content of paths that are no files, such as `-`
    _orders: dict[int, Order] = field(default_factory=dict)
    _hit: set[Order] = field(default_factory=set)
    _places: dict[str, str] = field(default_factory=dict)  # where in the cache a result would be kept

    def order(self, path: str) -> Order:
        config = self.configs.of(path)
        key = id(config)
        if key not in self._orders:
            self._orders[key] = Order(config, self.undecided)
        return self._orders[key]

    def results(self, paths: Sequence[str]) -> list[Result]:
        """One result for each path; raises `ConfigError`."""
        checker.cache_clear()  # what it has parsed may have changed
        found: dict[int, Result] = {}
        jobs: list[tuple[int, Job]] = []
        for number, path in enumerate(paths):
            answer = self._early(path)
            if isinstance(answer, Result):
                found[number] = answer
            else:
                jobs.append((number, (self.order(path), path, answer)))
            if self.progress is not None and number % 100 == 0:
                self.progress(len(found), len(paths))
        for order in dict.fromkeys(self._orders.values()):
            if order not in self._hit:
                checker(order)  # says what is wrong with the configuration
        numbers = [number for number, _ in jobs]
        for number, checked in zip(numbers, self._check([job for _, job in jobs]), strict=True):
            found[number] = checked
            if self.progress is not None:
                self.progress(len(found), len(paths))
        return [found[number] for number in range(len(paths))]

    def fixed(self, paths: Sequence[str], *, unsafe: bool) -> Iterator[Fixed]:
        """Each file as fixes leave it, in the order given. Nothing is written: all files see the others as they are."""
        from lrcheck.fixes import Fixed, fix_batch

        repairs = [(self.order(path), path, unsafe) for path in paths]
        if not self._with_workers(paths):
            yield from fix_batch(repairs)
            return
        from lrcheck import pool

        mapping = pool.Mapping(pool.named(self.address, self.jobs), fix_batch)
        for (_, path, _), answer in mapping.over([repair] for repair in repairs):
            yield Fixed(path, b"", b"", 0, _lost(path, answer)) if isinstance(answer, pool.Lost) else answer

    def _with_workers(self, paths: Sequence[str]) -> bool:
        if self.address is not None:
            return True
        return self.jobs > 1 and len(paths) > 1 and sum(map(_length, paths)) >= ALONE

    def _early(self, path: str) -> Result | int:
        """The result where nothing has to be parsed for it, else the size of the file."""
        order = self.order(path)
        try:
            data = self.inputs[path] if path in self.inputs else read_bytes(path)
        except UnreadableError as error:
            return Result(path, errors=(FileError(path, error.message, error.line),))
        if not mentions_torch(data):
            return Result(path)
        known = None
        if self.cache is not None:
            self._places[path] = self.cache.place(order, path, data)
            known = self.cache.get(self._places[path])
        if known is not None:
            self._hit.add(order)
            return known
        return len(data)

    def _check(self, jobs: list[Job]) -> Iterator[Result]:
        size = sum(size for _, _, size in jobs)
        if self.address is None and (self.jobs == 1 or len(jobs) < 2 or size < ALONE):
            for order, path, length in jobs:
                if path in self.inputs:
                    yield check_text(order, path, self.inputs[path]).result
                    continue
                yield self._kept(order, path, check_batch([(order, path, length)])[0])
            return
        yield from self._check_with_workers(jobs)

    def _check_with_workers(self, jobs: list[Job]) -> Iterator[Result]:
        from lrcheck import pool

        mapping: pool.Mapping[Job, Checked] = pool.Mapping(pool.named(self.address, self.jobs), check_batch)
        for (order, path, _), checked in mapping.over(batches(jobs)):
            if isinstance(checked, pool.Lost):
                yield _lost(path, checked)
            else:
                yield self._kept(order, path, checked)

    def _kept(self, order: Order, path: str, checked: Checked) -> Result:
        """Keep the result, unless the file was changed meanwhile."""
        if self.cache is not None:
            try:
                place = self.cache.place(order, path, read_bytes(path))
            except UnreadableError:
                return checked.result
            if place == self._places.pop(path, None):
                self.cache.put(place, checked)
        return checked.result


def _lost(path: str, item: Lost) -> Result:
    return Result(path, errors=(FileError(path, f"internal error: {item.reason}", internal=True),))


def _length(path: str) -> int:
    try:
        return os.path.getsize(path)
    except OSError:
        return 0


def batches(jobs: Sequence[Job]) -> Iterator[list[Job]]:
    """Neighbours together, because they import the same modules."""
    batch: list[Job] = []
    size = 0
    for job in jobs:
        if batch and size + job[2] > BATCH:
            yield batch
            batch, size = [], 0
        batch.append(job)
        size += job[2]
    if batch:
        yield batch


def processors() -> int:
    """The processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1
