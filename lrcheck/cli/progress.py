"""A line on the terminal that says how far a long run is. Nothing is shown where nobody looks, or in short runs."""

from __future__ import annotations

import sys
import time

PATIENCE = 1.0  # seconds before the line appears
WIDTH = 30


class ProgressLine:
    """Call it with the number of files that are done, and of all."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._next = time.monotonic() + PATIENCE
        self._visible = False

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if not self._shown or now < self._next:
            return
        self._next = now + 0.1
        self._visible = True
        filled = WIDTH * done // max(total, 1)
        print(f"\r[{'=' * filled:<{WIDTH}}] {done}/{total} files", end="", file=sys.stderr, flush=True)

    def close(self) -> None:
        """Take the line away."""
        if self._visible:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
            self._visible = False
