"""`lrcheck.watch(...)`: a context manager, a decorator, and `start`/`stop`."""

from __future__ import annotations

import functools
import sys
import threading
import warnings
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, Literal, TypeVar

import torch  # noqa: TC002  # loaded anyway
from torch import nn  # noqa: TC002  # same

from lrcheck.findings import Diagnostic
from lrcheck.runtime import patches
from lrcheck.runtime.engine import Engine
from lrcheck.runtime.health.distributed import speaks
from lrcheck.runtime.report import LrcheckError, LrcheckWarning, Report
from lrcheck.runtime.schedule import Schedule, schedule

F = TypeVar("F", bound=Callable[..., Any])
OnFinding = Literal["warn", "raise"] | Callable[[Report], object]

_lock = threading.Lock()
_active: list[watch] = []


class watch:  # noqa: N801  # used like a function, as `torch.no_grad` is
    """Watch a training loop and report the linter's findings while it runs.

    `model`, `optimizer`, `criterion` are optional: what the loop uses is found by itself. A model that is named is followed
    from its first call on, an optimizer that is named is known even if it was made before. A criterion is known by what it
    computes, a loss of torch or arithmetic by hand: naming it changes nothing. `ignore` holds codes, prefixes or names of rules. `on_finding` is `"warn"` (a Python warning with the linter's text), `"raise"` (`LrcheckError`) or
    a function of a report (`report.diagnostic`, `report.step`, `report.text()`). `every` says which steps are looked at
    closely: a number, a function of the step, or None for every step at first and growing intervals later.

    A watch inside another one joins it: its findings go to the outer one. Of several ranks the first one reports.
    """

    def __init__(
        self,
        model: nn.Module | None = None,
        optimizer: torch.optim.Optimizer | None = None,
        criterion: Any = None,
        *,
        ignore: Iterable[str] = (),
        on_finding: OnFinding = "warn",
        every: int | Schedule | None = None,
    ) -> None:
        if on_finding not in ("warn", "raise") and not callable(on_finding):
            raise ValueError(f'on_finding is "warn", "raise" or a function, not {on_finding!r}')
        self.model, self.optimizer, self.criterion = model, optimizer, criterion
        self.ignore = tuple(ignore)
        self.on_finding = on_finding
        self.every = every
        self.reports: list[Report] = []
        self.limit: int | None = None
        self._home: dict[str, Any] | None = None  # the module whose top level called `start`
        self._engine: Engine | None = None
        self._patches: patches.Patches | None = None

    # -- use --------------------------------------------------------------------------------------------------------------
    def start(self) -> watch:
        """Begin to watch; nothing happens where another watch is active already.

        One that the same module started at its top level ends instead: a notebook's cell was run again.
        """
        frame = sys._getframe(1)
        if frame.f_code.co_name == "<module>":
            self._home = frame.f_globals
            with _lock:
                before = next((each for each in _active if each._home is self._home), None)
            if before is not None:
                before.stop()
        return self._start()

    def _start(self) -> watch:
        engine = Engine(self._found, schedule(self.every), self.ignore)
        with _lock:
            if _active:
                return self
            _active.append(self)
        self._engine = engine
        engine.limit = self.limit
        self._patches = engine.active_patches = patches.install(engine)
        engine.protocol.named(self.model, self.optimizer)
        engine.listen(engine.schedule(0))
        return self

    def stop(self) -> None:
        """End the watch, judge what only the end can tell, and leave no hook behind."""
        self._end(judge=True)

    def __enter__(self) -> watch:  # noqa: PYI034  # `Self` needs Python 3.11
        return self._start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        ended = kind is not None and not issubclass(kind, SystemExit)
        self._end(judge=kind is None or not issubclass(kind, LrcheckError), ended=ended)

    def __call__(self, function: F) -> F:
        """As a decorator: each call of the function is watched."""

        @functools.wraps(function)
        def watched(*args: Any, **kwargs: Any) -> Any:
            with watch(
                self.model,
                self.optimizer,
                self.criterion,
                ignore=self.ignore,
                on_finding=self.on_finding,
                every=self.every,
            ):
                return function(*args, **kwargs)

        return watched  # type: ignore[return-value]  # same signature

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """Every finding so far, in the order of the program text."""
        return sorted((report.diagnostic for report in self.reports), key=Diagnostic.sort_key)

    @property
    def steps(self) -> int:
        """Optimizer steps that were seen."""
        return self._engine.step if self._engine is not None else 0

    # -- inside -----------------------------------------------------------------------------------------------------------
    def _end(self, *, judge: bool, ended: bool = False) -> None:
        engine, installed = self._engine, self._patches
        if engine is None or installed is None:
            return
        self._patches = None
        try:
            engine.attentive = True
            engine.listen(False)
            engine.tracer.tidy()
            if judge:
                engine.finish(ended=ended)
        finally:
            engine.evaluation.calls.stop()
            engine.regions.stop()
            engine.statistics.unhook()
            installed.undo()
            engine.tracer.memory.clear()
            self._home = None
            with _lock:
                if self in _active:
                    _active.remove(self)

    def _found(self, report: Report) -> None:
        self.reports.append(report)
        if self.on_finding == "raise":
            raise LrcheckError(report.text(), report.diagnostic)  # in every rank: none must wait for the others
        if not speaks():
            return
        if self.on_finding == "warn":
            warnings.warn_explicit(report.text(), LrcheckWarning, report.diagnostic.path, report.diagnostic.span.line)
        elif callable(self.on_finding):
            self.on_finding(report)


def active() -> bool:
    """Is a watch going on?"""
    return bool(_active)


def say_once(text: str) -> None:
    """A remark about the observation itself, on stderr."""
    print(f"lrcheck: {text}", file=sys.stderr)
