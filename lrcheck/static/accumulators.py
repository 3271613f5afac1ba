"""Loops as units of measure: what is summed over them, and how many batches and samples that is.

`total += value` in a loop is first seen as `0 + value`. When the body ends, a place that held 0 before it and a started sum
behind it is an accumulator: from then on it holds the sum over the loop's iterations.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import libcst as cst

from lrcheck.events import DataLoop
from lrcheck.facts import Amount, DatasetFacts, LoaderFacts, Quantity, ScalarFacts, TensorFacts
from lrcheck.static.run import Ends
from lrcheck.static.values import MISSING, Const, Count, Dataset, Loader, Scalar, Seq, Size, Stream, Union, Unknown

_serials = itertools.count(1)
Powers = tuple[tuple[Amount, int], ...]

REMEMBERED = 64  # things that loops went over: the last ones


class Frame:
    """One run of a loop. Its amounts are named by `key`, the loop itself, so that two runs speak of the same amounts."""

    __slots__ = (
        "active",
        "broken",
        "data",
        "fresh",
        "key",
        "loader",
        "measures",
        "node",
        "of",
        "parent",
        "serial",
        "single",
        "sure",
        "trains",
    )

    def __init__(self, key: object, of: Any, parent: Frame | None) -> None:
        self.key = key
        self.node: Any = None
        self.of = of
        self.parent = parent
        self.serial = next(_serials)
        self.active = True
        self.broken = False  # a `break` may end it early
        self.fresh: set[Any] | None = None  # places that got their first value from the default of a dictionary
        self.trains = False
        self.measures = False
        self.loader: LoaderFacts | None = of.facts if isinstance(of, Loader) else None
        self.single = isinstance(of, Dataset)  # iterations are samples
        self.data = isinstance(of, (Loader, Dataset, Unknown)) or is_one_of_loaders(of)
        self.sure = not isinstance(of, Unknown)


def enter(run: Any, node: Any, source: Any) -> Frame:
    """A loop begins."""
    of = source
    while isinstance(of, Stream):
        of = of.of
    frame = Frame(id(node), of, run.loops[-1] if run.loops else None)
    frame.node = node
    run.loops.append(frame)
    run.frames[frame.serial] = run.frames["key", frame.key] = frame
    if frame.data:
        _remember(run, of)
    return frame


def is_one_of_loaders(of: Any) -> bool:
    """`loader = DataLoader(...) if small else DataLoader(...)`."""
    return type(of) is Union and all(type(each) is Loader for each in of.alternatives)


def dataset_of(run: Any, loaders: Union) -> Unknown:
    """The data set of one of several loaders, whichever."""
    found = run.undefined.get(("dataset", id(loaders)))
    if found is None:
        run.ledger.alive.append(loaders)
        found = run.undefined["dataset", id(loaders)] = Unknown("one of several data sets")
    return found  # type: ignore[no-any-return]


def leave(run: Any, frame: Frame) -> None:
    """The loop has ended."""
    if frame.active:
        frame.active = False
        del run.loops[run.loops.index(frame) :]
    if frame.loader is not None and not run.quick:
        run.events.append(DataLoop(_place(run, frame), frame.loader, frame.trains, frame.measures and not frame.broken))


def _place(run: Any, frame: Frame) -> Any:
    return frame.loader.site if frame.loader is not None else None


def broken(run: Any, node: Any) -> str:
    """`break`: how many iterations there are is not known any more."""
    if run.loops:
        run.loops[-1].broken = True
    return "break"


def is_smoke_test(run: Any, node: cst.If) -> bool:
    """`if args.dry_run: break`: what does not change in the loop ends it in its first iteration or never."""
    body, test, loop = node.body.body, node.test, run.loops[-1]
    if len(body) != 1 or type(body[0]) is not cst.SimpleStatementLine or type(body[0].body[0]) is not cst.Break:
        return False
    if not isinstance(loop.node, cst.For) or type(test) is not cst.Attribute or type(test.value) is not cst.Name:
        return False
    stack: list[Any] = [loop.node.body, loop.node.target]
    while stack:
        current = stack.pop()
        kind = type(current)
        if kind is cst.Attribute and type(current.value) is cst.Name and current.value.value == test.value.value:
            continue  # what is read of it; a method of it, and what is written to it, are found below
        if kind is cst.Name and current.value == test.value.value:
            return False
        if kind is cst.Call and _is_of(current.func, test.value.value):
            return False
        if kind in (cst.AssignTarget, cst.AugAssign) and _is_of(current.target, test.value.value):
            return False
        stack.extend(current.children)
    return True


def _is_of(node: Any, name: str) -> bool:
    while type(node) is cst.Attribute:
        node = node.value
    return type(node) is cst.Name and node.value == name


def _remember(run: Any, of: Any) -> None:
    """What `len(loader)` and `len(loader.dataset)` count."""
    if len(run.iterated) > REMEMBERED:
        run.iterated.pop(next(iter(run.iterated)))
    run.iterated[id(of)] = of
    if isinstance(of, Loader) and of.dataset is not None:
        run.iterated[id(of.dataset)] = of.dataset


def element(run: Any, value: Any) -> Any:
    """What a loop binds: a part of a batch, or the number of an iteration."""
    frame: Frame = run.loops[-1]
    if isinstance(value, Seq) and value.items and isinstance(value.items[0], Size):
        index = value.items[0].of
        if isinstance(index, tuple) and index[0] == "index":
            facts = ScalarFacts(Quantity.COUNT, ((_steps(frame), 1),), offset=index[1] - 1)
            value = Seq([Scalar(facts), *value.items[1:]], value.kind, value.gap)
    if frame.data:
        _mark(value)
        _give(run, frame, value)
    return value


def _give(run: Any, frame: Frame, value: Any) -> None:
    """Remember which loop the parts of a batch come from: they are still there behind it."""
    if isinstance(value, TensorFacts) and value.identity is not None:
        run.frames["given", value.identity] = frame
    elif isinstance(value, Seq):
        for item in value.items:
            _give(run, frame, item)


def _mark(value: Any) -> None:
    if isinstance(value, Unknown):
        value.part = True
    elif isinstance(value, Seq):
        for item in value.items:
            _mark(item)


# -- frames and amounts -----------------------------------------------------------------------------------------------
def data_frame(run: Any) -> Frame | None:
    """The innermost running loop over data."""
    for frame in reversed(run.loops):
        if frame.data:
            return frame  # type: ignore[no-any-return]
    return None


def left_behind(run: Any, *tensors: TensorFacts) -> Frame | None:
    """The loop that has come to its end, of whose last batch one of the tensors is a part."""
    found = [run.frames.get(("given", tensor.identity)) for tensor in tensors if tensor.identity is not None]
    frame: Frame | None = next((each for each in found if each is not None), None)
    return frame if frame is not None and is_over(frame) else None


def is_over(frame: Frame) -> bool:
    """It went through its loader to the end."""
    return not frame.active and not frame.broken and frame.loader is not None


def size_of_batch(frame: Frame) -> Amount:
    return Amount("size", frame.key, frame.loader.batch_size if frame.loader is not None else None, frame.sure)


def _steps(frame: Frame) -> Amount:
    return Amount("steps", frame.key, None, frame.sure)


def _seen(frame: Frame) -> Amount:
    return Amount("seen", frame.key, None, frame.sure)


def batches_of(of: Any) -> Amount:
    """`len(loader)`."""
    if isinstance(of, Loader):
        return Amount(
            "batches", ("loader", id(of) if of.facts.site is None else of.facts.site.key()), batch_count(of.facts)
        )
    if isinstance(of, Dataset):
        return samples_of(of)
    sure = type(of) is Union or (isinstance(of, Unknown) and of.attrs is not None and "dataset" in of.attrs)
    return Amount("batches", id(of), None, sure)


def samples_of(of: Any) -> Amount:
    """How many samples a loader gives in one pass, or a dataset holds."""
    if isinstance(of, Loader):
        facts = of.facts
        if facts.sampler is False and facts.drop_last is False and of.dataset is not None:
            return samples_of(of.dataset)
        known = batch_count(facts) if facts.sampler is False and facts.drop_last else None
        number = known * facts.batch_size if known is not None and facts.batch_size is not None else None
        return Amount("samples", ("loader", id(of) if facts.site is None else facts.site.key()), number)
    if isinstance(of, Dataset):
        return Amount("samples", dataset_key(of.facts, id(of)), of.facts.samples)
    if isinstance(of, Unknown) and id(of) and of.attrs is not None and "dataset" in of.attrs:
        return Amount("samples", id(of.attrs["dataset"]))
    return Amount("samples", id(of), None, False)


def dataset_key(facts: DatasetFacts, identity: int = 0) -> tuple[object, ...]:
    """The name of a data set's number of samples."""
    if facts.site is None:
        return ("dataset", identity)
    return ("dataset", facts.site.key(), facts.part) if facts.part else ("dataset", facts.site.key())


def batch_count(facts: LoaderFacts) -> int | None:
    if facts.dataset is None or not facts.dataset.samples or not facts.batch_size or facts.sampler is not False:
        return None
    if facts.drop_last is None:
        return None
    exact = facts.dataset.samples / facts.batch_size
    return math.floor(exact) if facts.drop_last else math.ceil(exact)


def recognised(left: ScalarFacts, right: ScalarFacts) -> ScalarFacts:
    """`/ 10000` where the data set has 10,000 samples: the number of samples, as `len(dataset)` of a known dataset is."""
    loader = left.loader
    if right.powers or right.quantity is not Quantity.COUNT or loader is None or loader.dataset is None:
        return right
    for dataset in (loader.dataset, loader.dataset.whole):
        if dataset is None or dataset.site is None:
            continue
        if dataset.samples is not None and right.scale == dataset.samples > 1:
            amount = Amount("samples", dataset_key(dataset), dataset.samples)
            return right.but(powers=((amount, 1),), scale=1.0)
    return right


def settled(run: Any, facts: ScalarFacts) -> ScalarFacts:
    """Amounts of loops that have ended, in terms of what they went over."""
    if not any(amount.kind in ("steps", "seen") for amount, _ in facts.powers):
        return facts
    return facts.but(powers=product(tuple((_settle(run, amount), power) for amount, power in facts.powers)))


def _settle(run: Any, amount: Amount) -> Amount:
    frame: Frame | None = run.frames.get(("key", amount.key)) if amount.kind in ("steps", "seen") else None
    if frame is None or frame.active or frame.broken:
        return amount
    if not frame.data:
        return Amount("turns", amount.key) if amount.kind == "steps" else amount
    return samples_of(frame.of) if amount.kind == "seen" else batches_of(frame.of)


def product(*parts: Powers) -> Powers:
    """Powers multiplied, in a fixed order, without those that cancel."""
    found: dict[Amount, int] = {}
    for part in parts:
        for amount, power in part:
            found[amount] = found.get(amount, 0) + power
    return tuple(sorted(((a, p) for a, p in found.items() if p), key=lambda entry: (entry[0].kind, repr(entry[0].key))))


# -- sums -------------------------------------------------------------------------------------------------------------
def lifted(facts: ScalarFacts, frame: Frame) -> Powers | None:
    """The amounts of the sum over a loop of values that its iterations give."""
    size = size_of_batch(frame)
    power = dict(facts.powers).get(size, 0)
    if power == 1:
        return product(facts.powers, ((size, -1), (_seen(frame), 1)))
    return product(facts.powers, ((_steps(frame), 1),)) if power == 0 else None


def of_items(run: Any, facts: ScalarFacts, items: ScalarFacts) -> Powers:
    """The amounts of the sum over a list that got such a value in each iteration of a loop."""
    amounts = [amount for amount, _ in items.powers]
    frame: Frame | None = run.frames.get(("key", amounts[0].key)) if len(amounts) == 1 else None
    if frame is not None and amounts[0].kind == "steps" and items.powers[0][1] == 1:
        powers = lifted(facts, frame)
        if powers is not None:
            return powers
    return product(facts.powers, items.powers)


def sums(run: Any, frame: Frame, ends: Ends) -> list[tuple[dict[Any, Any], Any, Any]]:
    """The accumulators among the places that a loop body wrote: they held 0, and now a sum that started from it."""
    found = []
    broken = {id(delta) for delta in ends.broken}
    whole = [delta for delta in ends.deltas if id(delta) not in broken] or ends.deltas
    for place, (target, key, value) in whole[0].items() if whole else ():
        facts = _started(value)
        if facts is None:
            continue
        before = target.get(key, MISSING)
        if before is MISSING and frame.fresh and (place in frame.fresh or id(target) in frame.fresh):
            before = _ZERO
        if not _is_zero(before) and not (facts.serial == frame.serial and _is_sum(before)):
            continue
        if any(place not in delta for delta in whole):  # a path through the body that adds nothing
            continue
        if any(place in delta and _started(delta[place][2]) != facts for delta in ends.deltas):
            continue
        if facts.serial is None:
            lifted_facts = _lifted(facts, frame)
            if lifted_facts is None:
                continue
            frame.measures = True
            facts = lifted_facts
        found.append((target, key, carrying(value, facts)))
    return found


def _lifted(facts: ScalarFacts, frame: Frame) -> ScalarFacts | None:
    """What the loop's sum of such values is; a mean that is corrected by differences stays a mean."""
    mean = facts.quantity is Quantity.DIFFERENCE
    powers = () if mean else lifted(facts, frame)
    if powers is None:
        return None
    made = facts.but(powers=powers, started=False, serial=frame.serial, batch=None)
    return made.but(quantity=Quantity(facts.name), name="") if mean else made


def defaulted(run: Any, store: dict[Any, Any], key: Any = MISSING) -> None:
    """A dictionary gives a key that it does not hold its first value (or a whole object was made as such a value)."""
    for frame in run.loops:
        if frame.fresh is None:
            frame.fresh = set()
        frame.fresh.add(id(store) if key is MISSING else (id(store), key))


def restore(run: Any, found: list[tuple[dict[Any, Any], Any, Any]]) -> None:
    for target, key, value in found:
        run.put(target, key, value)


def carrying(value: Any, facts: ScalarFacts) -> Any:
    """The value with other facts."""
    return value.but(scalar=facts) if isinstance(value, TensorFacts) else Scalar(facts)


def _started(value: Any) -> ScalarFacts | None:
    """The unit of a sum that started from 0."""
    kind = type(value)
    facts: ScalarFacts | None = None
    if kind is TensorFacts:
        facts = value.scalar
    elif kind is Scalar:
        facts = value.facts
    elif kind is Count:
        return ScalarFacts(Quantity.COUNT, scale=float(value.value), started=True)
    return facts if facts is not None and (facts.started or facts.serial is not None) else None


def _is_zero(value: Any) -> bool:
    if isinstance(value, Const):
        return type(value.value) in (int, float) and value.value == 0
    return isinstance(value, TensorFacts) and value.scalar is ZERO


def _is_sum(value: Any) -> bool:
    """The sum that an earlier run of the loop left: this run goes on with it."""
    facts = value.scalar if isinstance(value, TensorFacts) else value.facts if isinstance(value, Scalar) else None
    return facts is not None and facts.serial is not None


ZERO = ScalarFacts(Quantity.COUNT, scale=0.0)
_ZERO = Const(0)


def added(run: Any, left: ScalarFacts, right: ScalarFacts) -> ScalarFacts | None:
    """`left + right`, where `left` is a sum over a loop."""
    frame = run.frames.get(left.serial)
    if frame is None:
        return None
    if left.offset:  # the mean so far, less the share of this iteration
        whole = product(right.powers, ((_steps(frame), 1),))
        same = frame.active and left.offset == -1 and left.powers == whole and left.scale == right.scale
        return left.but(offset=0) if same and not right.offset else None
    if frame.active:
        powers = lifted(right, frame)
        return (
            left if powers is not None and powers == _within_epoch(left.powers) and left.scale == right.scale else None
        )
    again = next((each for each in reversed(run.loops) if each.key == frame.key), None)
    if again is None or again.parent is None or again.parent is not frame.parent or again.parent.data:
        return None
    powers = lifted(right, again)
    if powers is None or powers != left.powers or left.scale != right.scale:
        return None
    epochs = Amount("epochs", again.parent.key)
    return left.but(powers=product(powers, ((epochs, 1),)), serial=again.serial)


def _within_epoch(powers: Powers) -> Powers:
    return tuple((amount, power) for amount, power in powers if amount.kind != "epochs")
