"""Losses that are kept with their graphs: in a list that grows with every step.

Only weak references are held: a loss that somebody else keeps alive, several steps after it was backpropagated, is looked for
in the lists that the program knows by a name.
"""

from __future__ import annotations

import ast
import weakref
from collections import deque
from itertools import islice
from types import CodeType
from typing import TYPE_CHECKING, Any

from torch import Tensor  # noqa: TC002  # loaded anyway

from lrcheck.events import Accumulation, Backward, Iteration, StepEvent
from lrcheck.runtime.figures.quotients import path_of
from lrcheck.runtime.figures.totals import DEPTH, PLACES, Path, parts
from lrcheck.runtime.places.frames import variables
from lrcheck.runtime.places.sites import LoopSite, user_frames
from lrcheck.runtime.places.source import SourceSite, tree_of

if TYPE_CHECKING:
    from lrcheck.findings import Site
    from lrcheck.runtime.engine import Engine

ALIVE = 4  # losses of earlier steps that are still there
FRAMES = 6  # of the user that are looked into, the innermost first
RECORD = 8  # parts of a record that are looked at
TRIES = 3


class Kept:
    """Remembers the losses of traced backward passes, weakly."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.losses: list[tuple[weakref.ref[Tensor], Backward]] = []
        self.tries = TRIES

    def backward(self, loss: Tensor, event: Backward) -> None:
        """A loss is about to be backpropagated in a traced step."""
        if not self.tries or event.retain_graph or loss.numel() != 1 or loss.grad_fn is None:
            return
        self.losses = [each for each in self.losses if each[0]() is not None]
        if len(self.losses) >= ALIVE:
            self.tries -= 1
            self._look(self.losses[-1])
        else:
            self.losses.append((weakref.ref(loss), event))

    def _look(self, last: tuple[weakref.ref[Tensor], Backward]) -> None:
        loss, event = last[0](), last[1]
        around: LoopSite | None = None
        for depth, frame in enumerate(user_frames()):
            if depth >= FRAMES or "locals" in frame.f_code.co_names:
                break
            path, itself = _list_with(loss, variables(frame))
            loop = LoopSite.around(frame.f_code, frame.f_lineno)
            call = _append(frame.f_code, path) if path is not None and itself else None
            if path is not None:
                around = around or loop
            if call is not None and loop is not None:
                filename = frame.f_code.co_filename
                self._found(loop, event, SourceSite.of(filename, call), SourceSite.of(filename, call.args[0]))
                return
        if around is not None:
            self._found(around, event, event.site, None)

    def _found(self, loop: LoopSite, event: Backward, site: Site, value: Site | None) -> None:
        """`value` is what is appended at `site`; where that is not known, the backward pass of the losses."""
        added = Accumulation(
            site, event.value, None, value, recorded=True, sources=(event.value.identity,), listed=True
        )
        self.tries = 0
        self.engine.judge(Iteration(loop, (StepEvent(event, always=True), StepEvent(added, always=True))))


def _list_with(loss: Any, found: dict[str, Any]) -> tuple[Path | None, bool]:
    """The name of a list that holds a tensor, itself or in records; of a queue without end, or a dictionary of steps."""
    pending: list[tuple[Path, Any]] = [((name,), value) for name, value in found.items() if not name.startswith("__")]
    for looked, (path, value) in enumerate(pending):
        if looked > PLACES:
            break
        if type(value) is list or (type(value) is deque and value.maxlen is None):
            last = list(islice(reversed(value), 2 * ALIVE))
            if any(_holds(each, loss) for each in last):
                return path, any(each is loss for each in last)
        elif type(value) is dict and any(type(key) is not str and each is loss for key, each in value.items()):
            return path, False
        elif len(path) <= DEPTH:
            pending.extend(((*path, step), inner) for step, inner in parts(value))
    return None, False


def _holds(each: Any, loss: Any) -> bool:
    """The loss, or a record with it."""
    values = each.values() if type(each) is dict else each if type(each) is tuple else ()
    return each is loss or any(value is loss for value in islice(values, RECORD))


def _append(code: CodeType, path: Path) -> ast.Call | None:
    """The only call in the file that appends to the list: by its name in the function, by its attribute anywhere."""
    tree = tree_of(code.co_filename)
    found: list[ast.Call] = []
    for node in ast.walk(tree) if tree is not None else ():
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr != "append":
            continue
        other = path_of(node.func.value)
        same = other == path or (other is not None and len(other) > 1 and len(path) > 1 and other[1:] == path[1:])
        if same and len(node.args) == 1 and isinstance(node.args[0], (ast.Name, ast.Attribute, ast.Call)):
            found.append(node)
    return found[0] if len(found) == 1 else None
