"""The variables of a frame of the program, as a copy."""

from __future__ import annotations

import inspect
import sys
from types import FrameType
from typing import Any


def variables(frame: FrameType) -> dict[str, Any]:
    """The variables of a frame. The interpreter's own snapshot of them is emptied: it would keep tensors alive."""
    given = frame.f_locals
    if given is frame.f_globals:
        return dict(given)
    found = dict(given)
    if sys.version_info < (3, 13) and frame.f_code.co_flags & inspect.CO_NEWLOCALS:
        given.clear()
    return found


def in_scope(frame: FrameType) -> dict[str, Any]:
    """The variables of a frame, and those of its module that its code names."""
    outside, own = frame.f_globals, variables(frame)
    return {name: outside[name] for name in frame.f_code.co_names if name in outside} | own
