"""Composed events: what a loop does in its steady state."""

from __future__ import annotations

from lrcheck.static.run import Loop, Run


def program_finished(run: Run, called: bool) -> None:
    """A program has been followed to its end, or a function that nobody calls (`called` is false)."""
