"""Composed events: what a loop does in its steady state."""

from __future__ import annotations

from lrcheck.static.run import Loop, Run


def loop_finished(run: Run, loop: Loop) -> None:
    """A loop has been interpreted in its steady state."""
