"""A map over batches of work behind `concurrent.futures.Executor`: in order, in bounded memory, and past crashes.

A worker that dies takes the batches with it that were under way. Those are tried again one item at a time, each in a worker
of its own, so that the item that kills workers is found, named, and the only one that is lost.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")

AHEAD = 3  # batches that are handed out for each worker


@dataclass(frozen=True, slots=True)
class Lost:
    """An item that could not be worked on, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Pool:
    """Workers: how to get some, how many, and how to get a single one for suspicious items."""

    open: Callable[[], Executor]
    size: int
    single: Callable[[], Executor]


def local(jobs: int) -> Pool:
    """Processes of this machine."""
    return Pool(lambda: _processes(jobs), jobs, lambda: _processes(1))


def dask(address: str) -> Pool:
    """The workers of a Dask cluster, which must have lrcheck installed and see the same files."""
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        raise ValueError(f'an executor needs the package {error.name}: pip install "lrcheck[dask]"') from None
    try:
        client = Client(address)
    except OSError as error:
        raise ValueError(f"no scheduler answers at {address}: {str(error).partition(chr(10))[0]}") from None
    size = max(sum(client.nthreads().values()), 1)

    def opened() -> Executor:
        executor: Executor = client.get_executor(pure=False, retries=3)
        return executor

    return Pool(opened, size, opened)


def named(address: str | None, jobs: int) -> Pool:
    """`dask://host:port`, or nothing for processes of this machine."""
    if address is None:
        return local(jobs)
    scheme, found, rest = address.partition("://")
    if not found or scheme != "dask":
        raise ValueError(f"no executor `{address}`; write `dask://host:port`")
    return dask(f"tcp://{rest}")


def _processes(jobs: int) -> Executor:
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    method = "fork" if sys.platform == "linux" else "spawn"
    return ProcessPoolExecutor(jobs, multiprocessing.get_context(method), _start, (os.getpid(),))


def _start(parent: int) -> None:
    """In a worker: leave interrupts to the parent, and end when it does."""
    import gc
    import signal
    import threading

    gc.disable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    import time

    while os.getppid() == parent:
        time.sleep(2)
    os._exit(1)


class Mapping(Generic[Item, Answer]):
    """One run of a function over batches. The function gets a batch and answers with one value for each item."""

    def __init__(self, pool: Pool, function: Callable[[Sequence[Item]], Sequence[Answer]]) -> None:
        self.pool = pool
        self.function = function
        self._executor: Executor | None = None

    def over(self, batches: Iterable[Sequence[Item]]) -> Iterator[tuple[Item, Answer | Lost]]:
        """Each item with its answer, in the order given."""
        source = iter(batches)
        pending: deque[tuple[Sequence[Item], Future[Any] | None]] = deque()
        try:
            while True:
                while len(pending) < AHEAD * self.pool.size and (batch := next(source, None)) is not None:
                    pending.append((batch, self._submit(batch)))
                if not pending:
                    self._finish()
                    return
                batch, future = pending.popleft()
                yield from zip(batch, self._answers(batch, future, pending), strict=True)
        except BaseException:  # an interrupt must not wait for what nobody will look at
            self._close(at_once=True)
            raise
        finally:
            self._close()

    def _answers(
        self,
        batch: Sequence[Item],
        future: Future[Any] | None,
        pending: deque[tuple[Sequence[Item], Future[Any] | None]],
    ) -> Sequence[Answer | Lost]:
        try:
            if future is not None:
                answers: Sequence[Answer | Lost] = future.result()
                return answers
        except BrokenExecutor:
            self._close()
            for number, (other, under_way) in enumerate(pending):
                if under_way is None or not under_way.done() or under_way.exception() is not None:
                    pending[number] = (other, None)
        except Exception as error:  # noqa: BLE001  # one batch failed: find the item
            if len(batch) == 1:
                return [Lost(_reason(error))]
        return [self._alone(item) for item in batch]

    def _alone(self, item: Item) -> Answer | Lost:
        """One item in a worker of its own."""
        executor = self.pool.single()
        try:
            answer: Answer = executor.submit(self.function, [item]).result()[0]
        except BrokenExecutor:
            return Lost("the process that checked it ended unexpectedly")
        except Exception as error:  # noqa: BLE001  # whatever it is, only this item is lost
            return Lost(_reason(error))
        else:
            return answer
        finally:
            _end(executor)

    def _submit(self, batch: Sequence[Item]) -> Future[Any] | None:
        if self._executor is None:
            self._executor = self.pool.open()
        try:
            return self._executor.submit(self.function, batch)
        except BrokenExecutor:
            return None

    def _finish(self) -> None:
        """All is done: its threads end before the interpreter does, which would wake them by a pipe that they close."""
        if self._executor is not None and not hasattr(self._executor, "_client"):
            self._executor.shutdown(wait=True)

    def _close(self, *, at_once: bool = False) -> None:
        if self._executor is not None:
            _end(self._executor, at_once=at_once)
            self._executor = None


def _end(executor: Executor, *, at_once: bool = False) -> None:
    """Let go of an executor; what it was still to do is dropped, `at_once` also what it is doing."""
    workers = list((getattr(executor, "_processes", None) or {}).values()) if at_once else []
    if hasattr(executor, "_client"):  # that of Dask cancels by itself
        executor.shutdown(wait=False)
    else:
        executor.shutdown(wait=False, cancel_futures=True)
    for worker in workers:
        worker.terminate()


def _reason(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
