"""Loops over batches without a loader: `for i in range(0, len(x), 32)`, `for part in order.split(32)`, a list of batches.

They are passes as those of a loader are (`totals.py`). Where one begins and ends, and how often it runs, is read from the head of the
loop, with the variables as they are; what grows in it is compared from loss to loss in the first steps.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from types import CodeType, FrameType, SimpleNamespace
from typing import TYPE_CHECKING, Any

from torch import Tensor

from lrcheck.facts import LoaderFacts
from lrcheck.runtime.figures import quotients
from lrcheck.runtime.figures.quotients import Reader, length, loop_at
from lrcheck.runtime.figures.totals import Pass
from lrcheck.runtime.places.frames import variables
from lrcheck.runtime.places.sites import LoopSite, user_frames

if TYPE_CHECKING:
    from lrcheck.events import LossCall
    from lrcheck.runtime.engine import Engine

ENOUGH = 4  # losses of a pass, after which its totals are judged: all steps up to there are traced
LOOPS = 16  # that are looked at, at most
_ORDERED = frozenset({"enumerate", "tqdm", "trange", "list", "tuple", "reversed", "zip"})
_UNKNOWN = Reader.UNKNOWN


@dataclass(slots=True)
class Plain:
    """A loop, and the place of the loss that marks its iterations."""

    code: CodeType
    frame: int
    loop: ast.For
    marker: object
    found: Pass


class PlainLoops:
    """Asked at each loss of a traced step that no loader gave the samples for."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.current: Plain | None = None
        self.seen: set[object] = set()

    def loss(self, event: LossCall, given: Tensor) -> None:
        """A loss is about to be noted: the iteration before it is over."""
        now = self.current
        if now is not None and event.site.key() != now.marker:
            return
        place = _place()
        if place is None or not given.dim():
            return
        frame, loop = place
        key = (frame.f_code, loop.lineno)
        if now is not None and (now.frame != id(frame) or now.loop is not loop):
            self._leave()
            now = None
        if now is None:
            if key in self.seen or len(self.seen) >= LOOPS or "locals" in frame.f_code.co_names:
                return
            self.seen.add(key)
            found = self.engine.totals.opened(frame)
            now = self.current = Plain(frame.f_code, id(frame), loop, event.site.key(), found)
        else:
            self.engine.totals.compared(now.found, frame)
        if now.found.batches and now.found.size != given.size(0):
            self._leave()  # sequences, one by one
            return
        now.found.batches += 1
        now.found.size = given.size(0)
        self.engine.totals.current = now.found
        if now.found.batches == ENOUGH:
            self._judge(now, frame)
            self._leave()

    def _leave(self) -> None:
        if self.current is not None and self.engine.totals.current is self.current.found:
            self.engine.totals.current = None
        self.current = None

    def _judge(self, now: Plain, frame: FrameType) -> None:
        names = variables(frame)
        empty = quotients.Pass(None, 0, 0, LoaderFacts(), {})
        reader = Reader(now.code.co_filename, names, frame.f_globals, empty, {})
        count = _count(reader, now.loop.iter, now.found.size)
        if count is None or count[0] < ENOUGH or count[0] == count[1] or _is_left(now.loop):
            return
        batches, samples = count
        iterator = SimpleNamespace(_dataset=_whole(names, samples), _index_sampler=SimpleNamespace(sampler=object()))
        now.found.batches = batches
        units = self.engine.totals.units(now.found, frame, LoaderFacts(), iterator, samples)
        if units:
            given = quotients.Pass(iterator, batches, samples, LoaderFacts(), units)
            for measure in quotients.measures(now.code, now.loop.lineno, frame, names, given):
                self.engine.judge(measure)


def _place() -> tuple[FrameType, ast.For] | None:
    """The innermost loop of the program around the loss, and its frame."""
    for frame in user_frames():
        loop = LoopSite.around(frame.f_code, frame.f_lineno)
        if loop is not None:
            node = loop_at(frame.f_code, loop.line)
            return None if node is None else (frame, node)
    return None


def _count(reader: Reader, node: ast.expr, size: int) -> tuple[int, int] | None:
    """How many batches a loop takes, and how many samples these are."""
    if isinstance(node, ast.Call):
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name == "range":
            return _of_range([reader.value(each) for each in node.args], size)
        if name == "split" and isinstance(node.func, ast.Attribute):
            return _of_split(reader, node, size)
        if name in _ORDERED and node.args:
            return _count(reader, node.args[0], size)
        return None
    value = reader.value(node)
    if type(value) is range:
        return _of_range([value.start, value.stop, value.step], size)
    return (len(value), len(value) * size) if type(value) in (list, tuple) else None


def _of_range(limits: list[Any], size: int) -> tuple[int, int] | None:
    if not limits or not all(type(each) is int for each in limits) or (len(limits) == 3 and not limits[2]):
        return None
    steps = range(*limits)
    if steps.step == size > 1:
        return len(steps), steps.stop - steps.start
    return (len(steps), len(steps) * size) if steps.step == 1 else None


def _of_split(reader: Reader, node: ast.Call, size: int) -> tuple[int, int] | None:
    """`order.split(32)`, `torch.split(order, 32)`."""
    assert isinstance(node.func, ast.Attribute)
    whole, width = reader.value(node.func.value), node.args[0] if node.args else None
    if not isinstance(whole, Tensor) and len(node.args) == 2:
        whole, width = reader.value(node.args[0]), node.args[1]
    rows = length(whole) if isinstance(whole, Tensor) else None
    if rows is None or width is None or reader.value(width) != size:
        return None
    return -(-rows // size), rows


def _is_left(loop: ast.For) -> bool:
    """May it end early?"""
    return any(isinstance(each, (ast.Break, ast.Return, ast.Yield)) for part in loop.body for each in ast.walk(part))


def _whole(names: Mapping[str, Any], samples: int) -> Any:
    """A tensor that holds just as many samples."""
    return next((each for each in names.values() if isinstance(each, Tensor) and length(each) == samples), None)
