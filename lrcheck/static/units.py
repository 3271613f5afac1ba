"""Units of measure: what a number counts or averages, followed through sums, products and quotients."""

from __future__ import annotations

from typing import Any

from lrcheck.events import Measure
from lrcheck.facts import BATCH, SOME, Amount, Form, LossFacts, Quantity, ScalarFacts, TensorFacts, Uses
from lrcheck.static import accumulators, resets
from lrcheck.static.run import Run
from lrcheck.static.values import (
    UNKNOWN,
    Columns,
    Const,
    Count,
    Dataset,
    Length,
    Loader,
    Scalar,
    Seq,
    Size,
    Union,
    Unknown,
    number,
)

CARRIERS = frozenset({TensorFacts, Scalar, Size, Length})
_KEEPING = frozenset(
    {"item", "tolist", "detach", "detach_", "cpu", "cuda", "float", "double", "half", "bfloat16", "long", "int", "to", "type",
     "type_as", "numpy", "data", "clone", "contiguous", "squeeze", "unsqueeze", "view", "reshape", "flatten", "ravel", "byte",
     "requires_grad_", "round", "view_as", "reshape_as", "xpu", "mps", "squeeze_", "expand_as", "t", "T", "transpose",
     "char", "short", "astype", "bool", "retain_grad", "register_hook", "permute"}
)  # fmt: skip
ERRORS = "errors"  # the share of predictions that are wrong is measured as accuracy is
_ONE = ScalarFacts(Quantity.COUNT)
_PREDICTING = frozenset({"argmax", "max", "topk", "round", "comparison", "sort", "threshold"})


# -- where units come from --------------------------------------------------------------------------------------------
def quantity(run: Run, value: Any) -> ScalarFacts | None:
    """The unit of a number, where it is known."""
    kind = type(value)
    if kind is TensorFacts:
        facts: ScalarFacts | None = value.scalar
        return facts if facts is None or not facts.elementwise else None
    if kind is Scalar:
        return value.facts  # type: ignore[no-any-return]
    if kind is Size:
        return _size(run, value)
    if kind is Length:
        return ScalarFacts(Quantity.COUNT, ((accumulators.samples_of(value.of), 1),))  # of a known data set
    plain = number(value) if kind in (Const, Count) else None
    return ScalarFacts(Quantity.COUNT, scale=float(plain)) if plain is not None else None


def _size(run: Run, value: Size) -> ScalarFacts | None:
    of = value.of
    amount: Amount | None = None
    if isinstance(of, (Loader, Union)):
        amount = accumulators.batches_of(of)
    elif isinstance(of, Dataset):
        amount = accumulators.samples_of(of)
    elif isinstance(of, Seq):
        return _items_of(run, of)
    elif isinstance(of, Unknown):
        amount = _length_of_unknown(run, of)
    elif isinstance(of, TensorFacts) and value.dim in (None, BATCH, SOME):
        frame = accumulators.data_frame(run)
        amount = accumulators.size_of_batch(frame) if frame is not None else None
    return ScalarFacts(Quantity.COUNT, ((amount, 1),)) if amount is not None else None


def _items_of(run: Run, of: Seq) -> ScalarFacts:
    """The length of a list: as many as were appended, or a number of its own."""
    counter = of.cell.get("n")
    found = counter.facts if type(counter) is Scalar else None
    if found is not None and found.quantity is Quantity.COUNT and found.serial is not None and not found.offset:
        frame = run.frames.get(found.serial)
        if frame is not None and frame.data:
            return found
    return ScalarFacts(Quantity.COUNT, ((Amount("items", id(of.cell)), 1),))


def _length_of_unknown(run: Run, of: Unknown) -> Amount | None:
    """`len(loader)`, `len(loader.dataset)`, `len(labels)`: told apart by what loops go over."""
    if id(of) in run.iterated:
        known = run.iterated[id(of)]
        if known is of and not any(isinstance(each, Loader) and each.dataset is of for each in run.iterated.values()):
            return accumulators.batches_of(of)
    for each in run.iterated.values():
        if isinstance(each, Loader) and each.dataset is of:
            return accumulators.samples_of(each)
        if type(each) is Union and accumulators.dataset_of(run, each) is of:
            return accumulators.samples_of(each)
        if isinstance(each, Unknown) and each.attrs is not None and each.attrs.get("dataset") is of:
            return accumulators.samples_of(each)
    frame = accumulators.data_frame(run)
    return accumulators.size_of_batch(frame) if of.part and frame is not None else None


def method_of(value: Scalar, name: str) -> Any:
    """`.item()`, `.cpu()`, `.mean()` of a number keep it."""
    return value if name in _KEEPING or name in ("mean", "sum") else Unknown()


def shape_of(x: TensorFacts) -> Unknown:
    """`x.shape` of a tensor whose shape is not known: its first number is a number of rows all the same.

    A program that asks whether scores have more than one column is answered where they have one.
    """
    shape = Unknown()
    shape.axis = (x, None)
    shape.attrs = {"[0]": Size(None, x, 0)}
    if x.out_features == 1 and x.layer is not None and x.layer.name == "linear":
        shape.attrs["[1]"] = shape.attrs["[-1]"] = Columns(1, x)
    return shape


def of_loss(run: Run, facts: LossFacts, site: Any) -> ScalarFacts | None:
    """The value of a loss: a mean over the batch, a sum over it, or one value for each sample."""
    frame = accumulators.data_frame(run)
    made = ScalarFacts(
        Quantity.LOSS,
        batch=frame.serial if frame is not None else None,
        loader=frame.loader if frame is not None else None,
        made=site,
    )
    if facts.reduction in ("mean", "batchmean"):
        return made
    if facts.reduction == "none":
        return made.but(elementwise=True)
    if facts.reduction == "sum" and frame is not None and not frame.single:
        return made.but(powers=((accumulators.size_of_batch(frame), 1),))
    return None


def matched(
    run: Run, symbol: str, left: TensorFacts | None, right: TensorFacts | None, site: Any
) -> ScalarFacts | None:
    """`predicted == labels`: for each sample, whether the prediction is right."""
    if symbol not in ("==", "!=") or left is None or right is None:
        return None
    if not (_is_prediction(left) or _is_prediction(right)):
        return None
    frame = accumulators.data_frame(run) or accumulators.left_behind(run, left, right)
    return ScalarFacts(
        Quantity.ACCURACY,
        name="" if symbol == "==" else ERRORS,
        elementwise=True,
        batch=frame.serial if frame is not None else None,
        loader=frame.loader if frame is not None else None,
        made=site,
    )


def _is_prediction(value: TensorFacts) -> bool:
    if value.form not in (Form.CLASS_INDEX, Form.THRESHOLDED):
        return False
    return value.made_by is not None and value.made_by.name in _PREDICTING


# -- operations on tensors --------------------------------------------------------------------------------------------
def applied(run: Run, op: str, x: TensorFacts, result: Any, node: Any) -> Any:
    """What an operation makes of the unit of its operand; most operations lose it."""
    if type(result) is not TensorFacts or result.scalar is not x.scalar or x.scalar is None:
        return result
    if op in _KEEPING:
        return result
    if op in ("sum", "mean", "nanmean", "nansum", "count_nonzero") and x.scalar.elementwise:
        return result.but(scalar=_reduced(run, op, x, result))
    if op == "exp":
        return result.but(scalar=exponential(run, x.scalar, node))
    return result if op in ("sum", "mean") and x.shape == () else result.but(scalar=None)


def exponential(run: Run, facts: ScalarFacts | None, node: Any) -> ScalarFacts | None:
    """`exp(loss)`: a perplexity, which no average of batches gives."""
    if facts is None or facts.quantity is not Quantity.LOSS or facts.elementwise or facts.powers or facts.scale != 1:
        return None
    return facts.but(
        quantity=Quantity.SCORE, name="perplexity", made=run.site(node), started=False, serial=None, record=None
    )


def _reduced(run: Run, op: str, x: TensorFacts, result: TensorFacts) -> ScalarFacts | None:
    facts = x.scalar
    if facts is None or result.shape not in ((), (1,)):
        return None
    if "mean" in op:
        return facts.but(elementwise=False)
    amount = _elements(run, x)
    return facts.but(elementwise=False, **amount) if amount is not None else None


def _elements(run: Run, x: TensorFacts) -> dict[str, Any] | None:
    """How many elements a sum goes over."""
    frame = accumulators.data_frame(run)
    if frame is None and x.scalar is not None and x.scalar.batch is not None:
        frame = run.frames.get(x.scalar.batch)  # behind the loop
    first = x.shape[0] if x.shape else None
    if x.shape and all(isinstance(dim, int) for dim in x.shape):
        total = 1.0
        for dim in x.shape:
            total *= float(dim or 0)
        return {"scale": total} if total else None
    if x.shape is not None and len([dim for dim in x.shape if dim != 1]) > 1:
        return None  # pixels or tokens
    if frame is None or frame.single or first not in (None, BATCH, SOME):
        return None
    return {"powers": ((accumulators.size_of_batch(frame), 1),)}


def scored(run: Run, name: str, site: Any) -> Scalar:
    """The result of a metric function of scikit-learn."""
    frame = accumulators.data_frame(run)
    kind = Quantity.ACCURACY if name == "accuracy_score" else Quantity.SCORE
    return Scalar(
        ScalarFacts(
            kind,
            name=name if kind is Quantity.SCORE else "",
            batch=frame.serial if frame is not None else None,
            loader=frame.loader if frame is not None else None,
            made=site,
        )
    )


def total(run: Run, value: Any) -> Any:
    """`sum(values)`: the unit of the elements, times their number."""
    facts = _common(run, value)
    if facts is None or not isinstance(value, Seq) or value.gap is None:
        return None
    return Scalar(facts.but(powers=accumulators.of_items(run, facts, _items_of(run, value)), batch=None))


def mean(run: Run, value: Any, node: Any) -> Any:
    """`np.mean(values)`: the sum of the elements, divided by their number."""
    facts = _common(run, value)
    if facts is None:
        return None
    whole = facts.quantity is Quantity.SCORE  # no mean of which is one
    if not (facts.powers or whole) or not isinstance(value, Seq) or value.gap is None:
        return Scalar(facts.but(batch=None))
    items = _items_of(run, value)
    above = facts.but(powers=accumulators.of_items(run, facts, items), batch=None)
    return Scalar(_divided(run, node, above, items, (None, None)))


def each(run: Run, value: Any) -> ScalarFacts | None:
    """`np.array(values)`, `torch.stack(values)`: the unit of each element."""
    if not isinstance(value, Seq) or (value.gap is None and len(value.items) < 2):
        return None
    facts = _common(run, value)
    return facts.but(batch=None, elementwise=True) if facts is not None and not facts.powers else None


def measured(run: Run, values: list[Any]) -> list[Any]:
    """`total / n if n else 0.0`: a 0 that stands for a number where nothing was counted says nothing about its unit."""
    kept = [value for value in values if number(value) != 0]
    if len(kept) == len(values):
        return values
    found = [quantity(run, value) for value in kept if type(value) in CARRIERS]
    whole = len(found) == len(kept) and all(
        facts is not None and facts.quantity is not Quantity.COUNT for facts in found
    )
    return kept if kept and whole else values


def largest(run: Run, values: list[Any]) -> Any:
    """`max(accuracy, best)`, `max(accuracies)`: one of them, whichever; None where their units are not known."""
    alone = values[0] if len(values) == 1 else None
    if alone is not None:
        facts = _common(run, alone) if isinstance(alone, Seq) else None
        return Scalar(facts.but(batch=None)) if facts is not None else None
    pairs = [(quantity(run, value), value) for value in values]
    found = [facts for facts, _ in pairs if facts is None or not _is_plain(facts)]
    first = found[0] if found else None
    if first is not None and len(found) == 1 and all(facts is first or facts.scale <= 1 for facts, _ in pairs if facts):
        return next(value for facts, value in pairs if facts is first)  # `max(n, 1)`
    if first is None or first.quantity is Quantity.COUNT or any(facts != first for facts in found):
        return None
    return Scalar(first.but(started=False, serial=None, batch=None))


def _common(run: Run, value: Any) -> ScalarFacts | None:
    items = value.items if isinstance(value, Seq) else ()
    found = [quantity(run, item) for item in items]
    first = found[0] if found else None
    if first is None or first.quantity is Quantity.COUNT or any(facts != first for facts in found):
        return None
    return first.but(started=False, serial=None)


# -- arithmetic -------------------------------------------------------------------------------------------------------
def combined(run: Run, node: Any, operator: str, left: Any, right: Any, result: Any, nodes: tuple[Any, Any]) -> Any:
    """The result of arithmetic with its unit."""
    a, b = quantity(run, left), quantity(run, right)
    made: ScalarFacts | None = None
    if a is not None and b is not None:
        if type(result) is Unknown and _is_nothing(operator, a, b):
            return Const(0.0)
        made = _arithmetic(run, node, operator, a, b, nodes)
        if made is not None and made.quantity is Quantity.COUNT and isinstance(result, (Const, Size)):
            return result
        if made is not None and made.quantity is Quantity.COUNT and not made.powers and made.scale == 0:
            made = None
    else:
        made = _elementwise(operator, left, right, a, b)
        if operator in ("Multiply", "Divide"):
            _correct(run, node, a or b)
    if type(result) is TensorFacts:
        return result if result.scalar is made else result.but(scalar=made)
    return Scalar(made) if made is not None and not isinstance(result, Const) else result


def _is_nothing(operator: str, a: ScalarFacts, b: ScalarFacts) -> bool:
    """`0 * i`, `0 / n`."""
    zero = _is_plain(a) and a.scale == 0
    return operator in ("Multiply", "Divide") and (zero or (operator == "Multiply" and _is_plain(b) and b.scale == 0))


def _elementwise(
    operator: str, left: Any, right: Any, a: ScalarFacts | None, b: ScalarFacts | None
) -> ScalarFacts | None:
    """`matches * 100`: a number for each sample, scaled."""
    for tensor, other in ((left, b), (right, a)):
        if (
            type(tensor) is TensorFacts
            and tensor.scalar is not None
            and tensor.scalar.elementwise
            and other is not None
        ):
            facts: ScalarFacts = tensor.scalar
            if other.powers or other.quantity is not Quantity.COUNT or operator not in ("Multiply", "Divide"):
                return None
            if operator == "Divide" and tensor is not left:
                return None
            factor = other.scale if operator == "Multiply" else 1 / other.scale if other.scale else 0
            return facts.but(scale=facts.scale * factor)
    return None


def _arithmetic(
    run: Run, node: Any, operator: str, a: ScalarFacts, b: ScalarFacts, nodes: tuple[Any, Any]
) -> ScalarFacts | None:
    if operator == "Add":
        return _sum(run, node, a, b)
    if operator == "Subtract":
        return _subtracted(run, a, b)
    if operator == "Multiply":
        return _product(run, node, a, b)
    return _quotient(run, node, a, b, nodes) if operator == "Divide" else None


def _subtracted(run: Run, a: ScalarFacts, b: ScalarFacts) -> ScalarFacts | None:
    """`i - 1`; `x - mean`, where `mean` is a running mean of values such as `x`, or will be one: it starts from 0."""
    starts = _is_plain(b) and not b.scale and a.quantity is not Quantity.COUNT and bool(run.loops)
    if _is_plain(b) and not starts:
        return _shifted(a, -b.scale)
    if _is_plain(a) and b.quantity is Quantity.ACCURACY and a.scale == b.scale and not b.powers and not b.offset:
        return b.but(name="" if b.name == ERRORS else ERRORS, started=False, serial=None)
    frame = run.frames.get(b.serial)
    goes_on = frame is not None and frame.active and (a.quantity, a.name, a.scale) == (b.quantity, b.name, b.scale)
    if a.quantity not in (Quantity.LOSS, Quantity.ACCURACY) or a.powers or a.offset or a.serial is not None:
        return None
    if not starts and (not goes_on or b.powers or b.offset):
        return None
    return a.but(quantity=Quantity.DIFFERENCE, name=a.quantity.value, started=False)


def _is_plain(facts: ScalarFacts) -> bool:
    return facts.quantity is Quantity.COUNT and not facts.powers and not facts.offset


def _shifted(facts: ScalarFacts, by: float) -> ScalarFacts | None:
    """`i + 1`."""
    if facts.quantity is not Quantity.COUNT or facts.scale != 1 or by != int(by) or not facts.powers:
        return facts if by == 0 or abs(by) < 1e-3 else None
    if facts.serial is not None:
        return None
    return facts.but(offset=facts.offset + int(by))


def _sum(run: Run, node: Any, a: ScalarFacts, b: ScalarFacts) -> ScalarFacts | None:
    site = run.site(node)
    if _is_plain(a) and a.scale == 0:
        return b.but(started=True, serial=None, summed=site)
    if b.quantity is Quantity.DIFFERENCE and a.serial is not None and b.name == a.quantity.value:
        b = b.but(quantity=a.quantity, name="")
    if a.quantity is not b.quantity or a.name != b.name:
        small = _shifted(a, b.scale) if _is_plain(b) else _shifted(b, a.scale) if _is_plain(a) else None
        return small if a.serial is None else None
    if a.serial is not None:
        found = accumulators.added(run, a, b)
        return found.but(summed=site) if found is not None else None
    if _is_plain(b):
        return _shifted(a, b.scale)
    if _is_plain(a):
        return _shifted(b, a.scale)
    same = a.powers == b.powers and a.scale == b.scale and a.quantity is Quantity.LOSS and a.offset == b.offset
    return a.but(started=a.started, serial=None, summed=site) if same else None


def _product(run: Run, node: Any, a: ScalarFacts, b: ScalarFacts) -> ScalarFacts | None:
    if b.quantity is not Quantity.COUNT:
        a, b = b, a
    if b.quantity is not Quantity.COUNT or a.offset:
        return None
    if b.powers or b.scale not in (1, 100):
        _correct(run, node, a)
    powers = accumulators.product(a.powers, b.powers)
    if b.offset:
        part = b.offset == -1 and b.scale == 1 and a.serial is not None
        return a.but(powers=powers, offset=-1, started=False, record=None) if part else None
    return a.but(powers=powers, scale=a.scale * b.scale, started=False, serial=None, record=None)


def _quotient(run: Run, node: Any, a: ScalarFacts, b: ScalarFacts, nodes: tuple[Any, Any]) -> ScalarFacts | None:
    if b.quantity is not Quantity.COUNT or b.offset or not b.scale:
        return None
    if a.offset:
        part = a.serial is not None or a.powers == b.powers
        powers = accumulators.product(a.powers, tuple((amount, -power) for amount, power in b.powers))
        return a.but(powers=powers) if part and b.scale == 1 else None
    if b.powers or b.scale not in (1, 100):
        _correct(run, node, a)
    return _divided(run, node, a, b, nodes)


def _divided(run: Run, node: Any, a: ScalarFacts, b: ScalarFacts, nodes: tuple[Any, Any]) -> ScalarFacts:
    """The quotient, which is looked at: a total may be divided by the wrong number."""
    left = accumulators.settled(run, a)
    right = accumulators.recognised(left, accumulators.settled(run, b))
    powers = accumulators.product(left.powers, tuple((amount, -power) for amount, power in right.powers))
    result = a.but(powers=powers, scale=a.scale / right.scale, started=False, serial=None, record=Uses())
    last = run.frames.get(a.batch) if a.batch is not None else None
    if a.quantity is not Quantity.COUNT and not run.quick:
        run.events.append(
            Measure(
                run.site(node), result, "division", left, right,
                run.site(nodes[0]) if nodes[0] is not None else None,
                run.site(nodes[1]) if nodes[1] is not None else None,
                last_batch=last is not None and accumulators.is_over(last),
                reset=resets.of_total(run, a) if any(amount.kind == "epochs" for amount, _ in powers) else None,
            )
        )  # fmt: skip
        if accumulators.data_frame(run) is None and resets.is_forgotten(run, left, right, nodes):
            run.events.append(Measure(run.site(node), result, "compute", left, right, epoch=True))
    return result


def _correct(run: Run, node: Any, facts: ScalarFacts | None) -> None:
    """Further arithmetic may make up for what an earlier division got wrong."""
    if facts is not None and facts.record is not None:
        facts.record.mark("corrected", run.site(node))


def counted_up(run: Run, counter: Any) -> Any:
    """One more."""
    if type(counter) is Scalar and counter.facts.serial is not None:
        facts = accumulators.added(run, counter.facts, _ONE)
        return Scalar(facts) if facts is not None else UNKNOWN
    plain = number(counter)
    return UNKNOWN if plain is None else Count(plain + 1) if plain == 0 else UNKNOWN


def counted(left: Any, right: Any, result: Any) -> Any:
    """`n += 1`: a constant that counts."""
    if type(result) is not Const or type(right) is not Const or not isinstance(left, Const):
        return result
    zero = type(left.value) in (int, float) and left.value == 0
    counts = zero and type(right.value) is int and right.value > 0
    return Count(result.value) if counts else result
