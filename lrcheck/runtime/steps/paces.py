"""How often a scheduler is stepped in each round of the loop around the one that steps it: in each batch of an epoch."""

from __future__ import annotations

import ast
from typing import Any

from lrcheck.runtime.figures.quotients import loop_at
from lrcheck.runtime.places.frames import variables
from lrcheck.runtime.places.sites import LoopSite, user_frames

CALLS = 512  # that are looked at
_NOTHING: Any = object()


class Pace:
    """Counts calls until the variable of the outer loop changes: `epoch`."""

    def __init__(self) -> None:
        self.calls = 0
        self.value: Any = _NOTHING
        self.each: int | None = None  # calls in the first round, once it is over
        self.places: dict[object, str | None] = {}  # loop -> its variable

    def called(self) -> None:
        """`scheduler.step()` is called."""
        if self.each is not None or self.calls > CALLS:
            return
        value = self._round()
        if self.calls and value != self.value:
            self.each = self.calls
        self.value = value
        self.calls += 1

    def _round(self) -> Any:
        """The value of the variable of the second loop around, a number."""
        inner = None
        for frame in user_frames():
            loop = LoopSite.around(frame.f_code, frame.f_lineno)
            if loop is not None and inner is None:
                inner = loop
                loop = LoopSite.around(frame.f_code, loop.line, outside=loop.line)
            if loop is None:
                continue
            key = loop.key()
            if key not in self.places:
                self.places[key] = _variable(loop)
            name = self.places[key]
            value = variables(frame).get(name) if name is not None else None
            return value if isinstance(value, int) else _NOTHING
        return _NOTHING


def _variable(loop: LoopSite) -> str | None:
    """What the loop counts with."""
    node = loop_at(loop.code, loop.line)
    if node is None:
        return None
    target = node.target.elts[0] if isinstance(node.target, ast.Tuple) and node.target.elts else node.target
    return target.id if isinstance(target, ast.Name) else None
