"""How much of the time of training passes inside the data loader: in steps that nobody looks at, on a GPU."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from lrcheck.events import WaitingTime

if TYPE_CHECKING:
    from lrcheck.runtime.engine import Engine
    from lrcheck.runtime.places.sites import FrameSite

_WARM = 20  # steps before time is taken


class Waiting:
    """Sums of seconds; a sampled step is left out, since looking at it takes time."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.loading = 0.0  # seconds inside loaders so far
        self.asked: FrameSite | None = None  # where a batch was asked for last
        self.site: FrameSite | None = None  # where one was that was trained on
        self.steps = 0
        self.total = self.waited = 0.0
        self._mark: tuple[int, float, float] | None = None

    def boundary(self) -> None:
        """Steps have ended: were they left alone?"""
        step, now = self.engine.step, perf_counter()
        if self._mark is not None and not self.engine.sampled:
            begun, since, loading = self._mark
            self.steps += step - begun
            self.total += now - since
            self.waited += self.loading - loading
        self._mark = (step, now, self.loading) if step >= _WARM else None

    def result(self) -> WaitingTime | None:
        """The whole run; None where no loader gave a batch that was trained on."""
        self.boundary()
        return None if self.site is None else WaitingTime(self.site, self.steps, self.total, self.waited)
