"""A handler for Ignite: `WatchHandler().attach(trainer)`."""

from __future__ import annotations

from typing import Any

from ignite.engine import Events  # type: ignore[import-not-found, unused-ignore]  # only there where Ignite is used

from lrcheck.runtime.watching import watch


class WatchHandler:
    """Watches a trainer from its start to its end; the options are those of `lrcheck.watch`."""

    def __init__(self, **options: Any) -> None:
        self.watch = watch(**options)

    def attach(self, engine: Any) -> None:
        """Listen to the events of an engine whose process function trains."""
        engine.add_event_handler(Events.STARTED, lambda _: self.watch.start())
        engine.add_event_handler(Events.COMPLETED, lambda _: self.watch.stop())
        engine.add_event_handler(Events.EXCEPTION_RAISED, self._failed)

    def _failed(self, engine: Any, error: BaseException) -> None:
        del engine
        self.watch.stop()
        raise error
