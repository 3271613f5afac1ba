"""Metric objects: what `update` adds up, `compute` divides and `reset` forgets."""

from __future__ import annotations

from typing import Any

import libcst as cst

from lrcheck.events import Measure, ScoreCall
from lrcheck.facts import Quantity, ScalarFacts, TensorFacts
from lrcheck.knowledge.metric_objects import FUNCTIONS, KINDS, kind_of
from lrcheck.static import accumulators, operators, units
from lrcheck.static.arguments import Args
from lrcheck.static.run import Run
from lrcheck.static.values import MISSING, NONE, UNKNOWN, Const, Scalar, Size, Tool, Unknown

_TOTAL, _COUNT = "*total*", "*count*"
_KEEPING = frozenset({"to", "cuda", "cpu", "eval", "train", "float", "half", "set_dtype"})
_QUANTITIES = {"accuracy": Quantity.ACCURACY, "score": Quantity.SCORE}


def called(run: Run, name: str, args: Args, node: Any) -> Any:
    """`torchmetrics.Accuracy(...)`, `torchmetrics.functional.accuracy(...)`; None for everything else."""
    kind = kind_of(name, KINDS)
    if kind is not None:
        made = Tool("metric", name, run.site(node), kind)
        made.attrs.update({_TOTAL: Const(0), _COUNT: Const(0)})
        return made
    kind = kind_of(name, FUNCTIONS)
    return Scalar(_of_batch(run, kind, name, node)) if kind is not None else None


def _of_batch(run: Run, kind: str, name: str, node: Any) -> ScalarFacts:
    """The metric of one batch."""
    frame = accumulators.data_frame(run)
    return ScalarFacts(
        _QUANTITIES[kind],
        name=name.rpartition(".")[2] if kind == "score" else "",
        batch=frame.serial if frame is not None else None,
        loader=frame.loader if frame is not None else None,
        made=run.site(node),
    )


def method(run: Run, metric: Tool, name: str, args: Args, node: Any) -> Any:
    """A method of a metric object."""
    if name in ("update", "forward", "add"):
        found = updated(run, metric, args, node)
        return found if name == "forward" else NONE
    if name == "compute":
        return computed(run, metric, node)
    if name == "reset":
        run.put(metric.attrs, _TOTAL, Const(0))
        run.put(metric.attrs, _COUNT, Const(0))
        return NONE
    if name in _KEEPING:
        return metric
    lost(run, metric)
    return Unknown()


def lost(run: Run, metric: Tool) -> None:
    """Nothing is known any more about what it saw."""
    run.put(metric.attrs, _TOTAL, UNKNOWN)
    run.put(metric.attrs, _COUNT, UNKNOWN)


def updated(run: Run, metric: Tool, args: Args, node: Any) -> Any:
    """`metric.update(predictions, labels)`, and `metric(predictions, labels)`, which gives the value of this batch."""
    frame = accumulators.data_frame(run)
    given = args.get(0, "preds")
    if metric.of != "mean" and type(given) is TensorFacts and given.model is not None:
        run.trace.append(ScoreCall(run.site(node), metric.name.rpartition(".")[2], given))
    if frame is None or frame.single or args.open:
        lost(run, metric)
        return Unknown()
    if metric.of == "mean":
        value, weight = args.get(0, "value"), args.get(1, "samples" if "samples" in args.keywords else "weight")
        weight = Const(1) if weight is MISSING else weight
        facts = units.quantity(run, operators.arithmetic(run, node, "Multiply", value, weight, None, None))
        if facts is None:
            lost(run, metric)
            return Unknown()
        _add(run, metric, Scalar(facts), weight, node)
        return value
    facts = _of_batch(run, metric.of, metric.name, node)
    size = ((accumulators.size_of_batch(frame), 1),)
    samples = Scalar(ScalarFacts(Quantity.COUNT, size))
    _add(run, metric, Scalar(facts.but(powers=size)), samples, node)
    return Scalar(facts)


def _add(run: Run, metric: Tool, value: Any, count: Any, node: Any) -> None:
    for place, added in ((_TOTAL, value), (_COUNT, count)):
        before = metric.attrs[place]
        after = operators.arithmetic(run, node, "Add", before, added, None, None)
        run.put(metric.attrs, place, units.counted(before, added, after))


def computed(run: Run, metric: Tool, node: Any) -> Any:
    """`metric.compute()`, `metric.value`: the total divided by the count, and where both go on growing from epoch to epoch, that is said."""
    total, count = metric.attrs[_TOTAL], metric.attrs[_COUNT]
    above = units.quantity(run, total) if isinstance(total, (Scalar, Size)) else None
    below = units.quantity(run, count) if isinstance(count, (Scalar, Size)) else None
    if above is None or below is None or below.quantity is not Quantity.COUNT or not below.scale:
        return Unknown()
    above, below = accumulators.settled(run, above), accumulators.settled(run, below)
    powers = accumulators.product(above.powers, tuple((amount, -power) for amount, power in below.powers))
    value = above.but(powers=powers, scale=above.scale / below.scale, started=False, serial=None)
    if not run.quick:
        epoch = _between_epochs(run, above)
        called = getattr(node, "func", node)
        receiver = run.site(called.value) if epoch and _goes_on(run, node, called) else None
        run.events.append(Measure(run.site(node), value, "compute", above, below, receiver, metric.site, epoch=epoch))
    return Scalar(value)


def _goes_on(run: Run, node: Any, called: Any) -> bool:
    """A statement behind this one is run."""
    document, current = run.scope.document, node
    while current is not None and not isinstance(
        current, (cst.BaseSmallStatement, cst.BaseCompoundStatement, cst.Lambda)
    ):
        current = document.parent(current)
    return (
        isinstance(called, cst.Attribute)
        and isinstance(current, cst.BaseSmallStatement)
        and not isinstance(current, cst.Return)
    )


def _between_epochs(run: Run, total: ScalarFacts) -> bool:
    """In the loop over epochs over which the total was carried."""
    keys = {amount.key for amount, _ in total.powers if amount.kind == "epochs"}
    return any(frame.key in keys for frame in run.loops)
