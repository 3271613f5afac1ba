"""Totals over a pass of a loader, known by their values: which variable sums losses, which counts hits, samples, batches.

In the first batches of a pass that are traced, the values of losses and the numbers of hits are noted. A variable that grew
from 0 by just these values, batch after batch, is a total of them. What is divided by what is read from the statements
behind the loop (`quotients.py`) once the loader is exhausted.

Only the first passes of each loop are looked at. Nothing is kept of a batch but numbers.
"""

from __future__ import annotations

import contextlib
import math
import sys
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.utils.data import BatchSampler

from lrcheck.facts import Amount, DatasetFacts, LoaderFacts, Quantity, ScalarFacts
from lrcheck.runtime.figures import quotients
from lrcheck.runtime.places.frames import in_scope
from lrcheck.runtime.places.sites import is_of_program, is_user, user_frame
from lrcheck.runtime.tensors.reduced import reduction

if TYPE_CHECKING:
    from lrcheck.events import LossCall
    from lrcheck.findings import Site
    from lrcheck.runtime.engine import Engine
    from lrcheck.runtime.tensors.flow import Call

PASSES = 2  # passes of each loop that are looked at
AGAIN = 16  # further passes, where nothing could be told
LOOPS = 64  # loops that are, at most
LEARNING = 6  # batches of a pass whose totals are compared
ENOUGH = 2  # batches in which a total must have grown by the same quantity
PLACES, DEPTH = 300, 3  # variables, attributes and items that are looked at, at most
Path = tuple[str, ...]  # `("self", ".meters", "['loss']")`
_Found = tuple[str, object]  # what was added: kind, and the place where it was made
_BATCHES, _SAMPLES = ("batches", None), ("samples", None)
_PASSES = Amount("epochs", "passes", 2)  # of a total that was not set back


@dataclass(slots=True)
class Made:
    """A loss, a number of hits or another metric of one batch."""

    kind: str  # "mean", "sum": of sample losses; "hits"; "score"
    value: float
    site: Site
    name: str = ""  # of a score


@dataclass(slots=True)
class Total:
    """How a variable grew, and what it was found to be a sum of."""

    last: float
    found: dict[_Found, int] = field(default_factory=dict)
    refuted: set[_Found] = field(default_factory=set)
    listed: bool = False  # the values are in a list
    begun: float = 0.0  # when the pass began
    carried: bool = False  # over from the pass before

    def grows(self) -> list[_Found]:
        """What it was seen to be a sum of, and nothing spoke against."""
        return [kind for kind, count in self.found.items() if count >= ENOUGH and kind not in self.refuted]


@dataclass(slots=True)
class Pass:
    """One pass of a loader in one loop."""

    code: CodeType
    frame: int  # its identity
    batches: int = 0
    size: int = 0  # of this batch
    made: dict[object, Made | None] = field(default_factory=dict)  # of this batch; None: twice
    sites: dict[object, Made] = field(default_factory=dict)  # of all batches
    totals: dict[Path, Total] = field(default_factory=dict)
    known: frozenset[Path] = frozenset()  # before the first batch
    key: object = None  # of the loop


@dataclass(frozen=True, slots=True)
class Left:
    """What a pass left behind: the totals that are known, as they were at its end."""

    source: weakref.ref[Any]
    batches: int
    totals: dict[Path, Total]
    sites: dict[object, Made]


class Totals:
    """Looks at the variables of a loop over a loader, between its batches."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.passes: dict[int, Pass] = {}  # identity of the iterator
        self.current: Pass | None = None  # that gave the last batch
        self.seen: dict[object, int] = {}  # loop -> passes so far
        self.again = 0  # passes that told nothing
        self.left: dict[object, Left] = {}  # loop -> the totals of its first pass

    # -- what is made in a batch ------------------------------------------------------------------------------------------
    def loss(self, event: LossCall, result: Tensor) -> None:
        """A loss was computed."""
        kind = {"mean": "mean", "batchmean": "mean", "sum": "sum"}.get(event.loss.reduction or "")
        if kind is not None and result.numel() == 1 and self.current is not None:
            self.note(Made(kind, float(result.detach()), event.site))

    def backward(self, loss: Tensor, site: Site) -> None:
        """Gradients of a loss that no function of torch returned as it is: of a sum of losses, of one written by hand."""
        current = self.current
        kind = reduction(loss, current.size) if current is not None and loss.numel() == 1 else None
        if kind is None or current is None:
            return
        value = float(loss.detach())
        known = [each.value for each in current.made.values() if each is not None]
        if not any(math.isclose(value, each, rel_tol=1e-6) for each in known):
            self.note(Made(kind, value, site))

    def reduced(self, call: Call) -> None:
        """`(predictions == labels).sum()` or `.mean()`: the hits of a batch."""
        matches, result, current = call.x, call.result, self.current
        if current is None or not isinstance(result, Tensor) or result.numel() != 1 or not call.tensors:
            return
        made = matches.made_by
        if made is None or made.name != "==" or "model" not in matches.roots:
            return
        if current.size < 2 or call.tensors[0].numel() != current.size:
            return  # pixels, or tokens
        scale = current.size if call.name == "mean" else 1
        self.note(Made("hits", float(result.detach()) * scale, made.site))

    def note(self, made: Made) -> None:
        assert self.current is not None
        key = (made.kind, made.site.key())
        noted = self.current.made
        noted[key] = None if key in noted else made
        self.current.sites.setdefault(key, made)

    # -- batches ----------------------------------------------------------------------------------------------------------
    def begins(self, iterator: Any) -> None:
        """The first batch of a pass is asked for."""
        self.current = None
        self.passes.pop(id(iterator), None)
        frame = user_frame(sys._getframe(2))
        if frame is None or not is_user(frame.f_code.co_filename) or "locals" in frame.f_code.co_names:
            return
        key = (frame.f_code, frame.f_lineno)
        if self.seen.get(key, 0) >= PASSES or (key not in self.seen and len(self.seen) >= LOOPS):
            return
        self.seen[key] = self.seen.get(key, 0) + 1
        if len(self.passes) >= 8:
            self.passes.clear()  # loops that were left early
        found = self.passes[id(iterator)] = self.opened(frame)
        found.key = key
        if key in self.left:
            self._carry(found, self.left.pop(key), frame, iterator)

    def given(self, iterator: Any, batch: Any) -> None:
        """A batch is handed out."""
        found = self.current = self.passes.get(id(iterator))
        if found is not None:
            found.batches += 1
            found.size = _size(batch)

    def asked(self, iterator: Any) -> None:
        """The next batch is asked for: how did the totals grow over the last one?"""
        found = self.passes.get(id(iterator))
        self.current = None
        if found is None or not found.batches:
            return
        if found.batches > LEARNING:
            return
        frame = user_frame(sys._getframe(2))
        if frame is None or id(frame) != found.frame or frame.f_code is not found.code:
            del self.passes[id(iterator)]
            return
        self._compare(found, self._numbers(frame))
        found.made.clear()
        if found.batches == LEARNING and not any(each.grows() for each in found.totals.values()):
            del self.passes[id(iterator)]
            self._look_again(found)

    def ends(self, iterator: Any) -> None:
        """The loader is exhausted: what is about to be divided by what?"""
        found = self.passes.pop(id(iterator), None)
        self.current = None
        frame = user_frame(sys._getframe(2))
        if found is None or frame is None or id(frame) != found.frame or found.batches < 2:
            return
        samples = _samples(iterator)
        if samples is None or samples == found.batches:
            return
        facts = _facts(iterator, self.engine.datasets.of(iterator._index_sampler))
        units = self.units(found, frame, facts, iterator, samples)
        if not units:
            self._look_again(found)
            return
        self._leave(found, set(units), frame, iterator)
        given = quotients.Pass(iterator, found.batches, samples, facts, units)
        for measure in quotients.measures(frame.f_code, frame.f_lineno, frame, in_scope(frame), given):
            self.engine.judge(measure)

    def _look_again(self, found: Pass) -> None:
        """Scores that were 0, as those of a class that is not predicted yet, tell nothing apart."""
        if self.again < AGAIN and any(each.kind == "score" for each in found.sites.values()):
            self.again += 1
            self.seen[found.key] -= 1

    # -- from pass to pass ------------------------------------------------------------------------------------------------
    def _leave(self, found: Pass, known: set[Path], frame: FrameType, iterator: Any) -> None:
        """A pass ends: what its totals are now."""
        numbers = self._numbers(frame)
        totals = {
            path: replace(found.totals[path], last=numbers.get(path, (math.nan, False))[0])
            for path in known
            if not found.totals[path].carried
        }
        with contextlib.suppress(TypeError):
            self.left[found.key] = Left(weakref.ref(_source(iterator)), found.batches, totals, dict(found.sites))

    def _carry(self, found: Pass, left: Left, frame: FrameType, iterator: Any) -> None:
        """The next pass of the loop over the same data begins: which totals are still what they were?"""
        if left.source() is not _source(iterator):
            return
        numbers, names = self._numbers(frame), in_scope(frame)
        for path, total in left.totals.items():
            now, listed = numbers.get(path, (math.nan, False))
            if total.listed:
                same = listed and quotients.length(quotients.at(names, path)) == left.batches
            else:
                same = now == total.last != 0
            if same:
                found.totals[path] = replace(total, last=now, begun=now, carried=True)
        found.sites.update(left.sites)

    # -- loops without a loader -------------------------------------------------------------------------------------------
    def opened(self, frame: FrameType) -> Pass:
        """A pass begins: what is 0 may become a total."""
        found = Pass(frame.f_code, id(frame))
        numbers = self._numbers(frame)
        found.known = frozenset(numbers)
        for path, (value, listed) in numbers.items():
            if value == 0:
                found.totals[path] = Total(0.0, listed=listed)
        return found

    def compared(self, found: Pass, frame: FrameType) -> None:
        """A batch is over."""
        self._compare(found, self._numbers(frame))
        found.made.clear()

    def units(
        self, found: Pass, frame: FrameType, facts: LoaderFacts, iterator: Any, samples: int
    ) -> dict[Path, ScalarFacts]:
        """The totals that are known, with their units; none where nothing but things were counted."""
        names = in_scope(frame)
        whole = frozenset(path for path in found.totals if type(quotients.at(names, path)) is int)
        units = self._units(found, self._numbers(frame), whole, facts, iterator, samples)
        return units if any(each.quantity is not Quantity.COUNT for each in units.values()) else {}

    # -- totals -----------------------------------------------------------------------------------------------------------
    def _numbers(self, frame: FrameType) -> dict[Path, tuple[float, bool]]:
        """Every number, tensor of one number and list of numbers that the function knows by a name."""
        found: dict[Path, tuple[float, bool]] = {}
        for name, value in in_scope(frame).items():
            if not name.startswith("__"):
                self._walk((name,), value, found)
            if len(found) > PLACES:
                break
        return found

    def _walk(self, path: Path, value: Any, found: dict[Path, tuple[float, bool]]) -> None:
        number = self._number(value)
        if number is not None:
            found[path] = (number, False)
        elif type(value) is list:
            numbers = not value or self._number(value[-1]) is not None
            if numbers and not (value and self._number(value[0]) is None):
                total = sum(self._number(each) or 0.0 for each in value[:LEARNING]) if len(value) <= LEARNING else 1.0
                found[path] = (total, True)
        elif len(path) <= DEPTH and len(found) <= PLACES:
            for step, inner in parts(value):
                self._walk((*path, step), inner, found)

    def _number(self, value: Any) -> float | None:
        kind = type(value)
        if kind is float or kind is int:
            return float(value)
        if isinstance(value, Tensor):
            near = value.device.type == "cpu" or (self.engine.tracer.on and value.device.type != "meta")
            plain = kind is Tensor and value.numel() == 1 and near and value.layout is torch.strided
            return float(value.detach()) if plain and not value.is_complex() else None
        if kind.__module__ == "numpy" and hasattr(value, "item") and getattr(value, "shape", None) == ():
            number = value.item()
            return float(number) if isinstance(number, int | float) else None
        return None

    @staticmethod
    def _compare(found: Pass, now: dict[Path, tuple[float, bool]]) -> None:
        size = found.size
        expected: dict[_Found, float] = {_BATCHES: 1.0}
        if size > 1:
            expected[_SAMPLES] = float(size)
            for key, made in found.made.items():
                if made is None:
                    continue
                if made.kind == "score":
                    expected["scores", key] = made.value
                elif made.kind == "hits":
                    expected["hits", key] = made.value
                    expected["shares", key] = made.value / size
                    expected["percents", key] = made.value / size * 100
                else:
                    expected["losses" if made.kind == "mean" else "sums", key] = made.value
                    weighted = made.value * size if made.kind == "mean" else made.value / size
                    expected["sums" if made.kind == "mean" else "losses", key] = weighted
        if found.batches == 1:  # `defaultdict(list)`, `Counter()`
            fresh = {path: listed for path, (_, listed) in now.items() if path not in found.known}
            new = {path: listed for path, listed in fresh.items() if listed or path[-1].startswith("[")}
            found.totals.update({path: Total(0.0, listed=listed) for path, listed in new.items()})
        for path, total in list(found.totals.items()):
            if total.carried and total.listed:
                continue  # its length is compared at the end
            value, listed = now.get(path, (math.nan, False))
            if math.isnan(value) or (listed is not total.listed and total.listed):
                del found.totals[path]
                continue
            grown, tolerance = value - total.last, 1e-5 * max(abs(value), 1e-8)
            for kind, wanted in expected.items():
                if abs(grown - wanted) <= tolerance + 1e-5 * abs(wanted):
                    total.found[kind] = total.found.get(kind, 0) + (wanted != 0)
                else:
                    total.refuted.add(kind)
            total.last = value

    @staticmethod
    def _units(
        found: Pass,
        now: dict[Path, tuple[float, bool]],
        whole: frozenset[Path],
        facts: LoaderFacts,
        iterator: Any,
        samples: int,
    ) -> dict[Path, ScalarFacts]:
        """The totals that are known, with their units; `whole` are those that Python counts in integers."""
        batches = Amount("batches", "pass", found.batches)
        seen = quotients.seen(iterator, samples)
        units: dict[Path, ScalarFacts] = {}
        for path, total in found.totals.items():
            kinds = [each for each in total.grows() if each[0] != "percents" or path not in whole]  # batches of 100
            if not kinds or len({kind for kind, _ in kinds}) != 1:
                continue
            kind, key = kinds[0]
            value, _ = now.get(path, (total.last, False))
            counts = {"batches": total.begun + found.batches, "samples": total.begun + samples}.get(kind, value)
            if not total.listed and (value < total.last or value != counts):
                continue  # begun again meanwhile
            made = found.sites.get(key)
            quantity, amount, scale = {
                "batches": (Quantity.COUNT, batches, 1.0),
                "samples": (Quantity.COUNT, seen, 1.0),
                "hits": (Quantity.ACCURACY, seen, 1.0),
                "shares": (Quantity.ACCURACY, batches, 1.0),
                "percents": (Quantity.ACCURACY, batches, 100.0),
                "losses": (Quantity.LOSS, batches, 1.0),
                "scores": (Quantity.SCORE, batches, 1.0),
                "sums": (Quantity.LOSS, seen, 1.0),
            }[kind]
            site = made.site if made is not None else None
            powers = ((amount, 1), (_PASSES, 1)) if total.carried else ((amount, 1),)
            name = made.name if made is not None else ""
            units[path] = ScalarFacts(quantity, powers, scale, name, loader=facts, made=site)
        return units


# -- variables --------------------------------------------------------------------------------------------------------------
def parts(value: Any) -> list[tuple[str, Any]]:
    """The attributes of an object of the program, the items of a dictionary."""
    if isinstance(value, dict) and type(value).__module__ in ("builtins", "collections"):
        return [(f"[{key!r}]", each) for key, each in list(value.items())[:PLACES] if isinstance(key, str)]
    if isinstance(value, Tensor) or not is_of_program(value):
        return []
    fields = getattr(value, "__dict__", None)
    if not isinstance(fields, dict):
        return []
    return [(f".{key}", each) for key, each in list(fields.items())[:PLACES] if not key.startswith("_")]


def _source(iterator: Any) -> Any:
    """What the passes of a loop have in common: the data set; of a list, the sampler that the loader keeps."""
    return iterator._index_sampler if isinstance(iterator._dataset, list | tuple) else iterator._dataset


def _size(batch: Any) -> int:
    """The number of samples in a batch: of its first tensor."""
    parts = batch.values() if isinstance(batch, Mapping) else batch if isinstance(batch, list | tuple) else (batch,)
    first = next((each for each in parts if isinstance(each, Tensor)), None)
    return first.size(0) if first is not None and first.dim() else 0


def _samples(iterator: Any) -> int | None:
    """How many samples a whole pass gives."""
    drawn = iterator._index_sampler
    if type(drawn) is not BatchSampler:
        return None
    try:
        count = len(drawn.sampler)  # type: ignore[arg-type]
    except TypeError:
        return None
    return count // drawn.batch_size * drawn.batch_size if drawn.drop_last else count


def _facts(iterator: Any, known: LoaderFacts | None) -> LoaderFacts:
    drawn = iterator._index_sampler
    name = type(drawn.sampler).__name__
    whole = quotients.length(iterator._dataset)
    plain = name in ("SequentialSampler", "RandomSampler") and quotients.length(drawn.sampler) == whole
    dataset = DatasetFacts(type(iterator._dataset).__name__, samples=whole)
    return LoaderFacts(
        site=known.site if known is not None else None,
        dataset=dataset,
        batch_size=drawn.batch_size,
        drop_last=bool(drawn.drop_last),
        sampler=not plain,
        sampler_name=None if plain else name,
    )
