"""`--watch`: check again whenever a file changes. Asks the file system now and then; nothing has to be installed for it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable

PAUSE = 0.5  # seconds between two looks


def repeat(check: Callable[[], int], files: Callable[[], Iterable[str]]) -> int:
    """Check until interrupted; returns the status of the last check."""
    status = 0
    seen: dict[str, tuple[int, int]] | None = None
    try:
        while True:
            now = _state(files())
            if now != seen:
                seen = now
                if sys.stdout.isatty():
                    print("\x1b[2J\x1b[H", end="", flush=True)
                _forget()
                status = check()
                print(f"watching {len(now)} files; interrupt to end", file=sys.stderr, flush=True)
            time.sleep(PAUSE)
    except KeyboardInterrupt:
        return status


def _state(files: Iterable[str]) -> dict[str, tuple[int, int]]:
    found = {}
    for path in files:
        try:
            status = os.stat(path)
        except OSError:
            continue
        found[path] = (status.st_mtime_ns, status.st_size)
    return found


def _forget() -> None:
    """What was parsed may have changed."""
    from lrcheck.work import checker

    checker.cache_clear()
