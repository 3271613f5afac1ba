"""Operators: arithmetic, comparisons, truth."""

from __future__ import annotations

import operator as python
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import libcst as cst

from lrcheck.events import Comparison
from lrcheck.facts import Decision, DeviceFacts, DType, Form, Operation, TensorFacts
from lrcheck.static import (
    accumulators,
    activations,
    arrays,
    axes,
    builtins_api,
    errors,
    hooks,
    initialisation,
    layers,
    products,
    reports,
    shapes,
    subscripts,
    tensor_ops,
    tensors,
    units,
)
from lrcheck.static.evaluation import EVALUATORS, evaluate
from lrcheck.static.run import Run
from lrcheck.static.values import (
    MISSING,
    NONE,
    UNKNOWN,
    Api,
    Bound,
    Class,
    Columns,
    Const,
    Dataset,
    Device,
    Function,
    Instance,
    Layer,
    Loader,
    Loss,
    Mapping,
    Optimizer,
    Parameters,
    Partial,
    Seq,
    Size,
    Stream,
    Tool,
    Union,
    Unknown,
    as_dim,
    new_identity,
    number,
)

_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "Add": python.add,
    "Subtract": python.sub,
    "Multiply": python.mul,
    "Divide": python.truediv,
    "FloorDivide": python.floordiv,
    "Modulo": python.mod,
    "Power": python.pow,
    "BitAnd": python.and_,
    "BitOr": python.or_,
}
_COMPARE: dict[str, tuple[str, Callable[[Any, Any], Any]]] = {
    "Equal": ("==", python.eq),
    "NotEqual": ("!=", python.ne),
    "LessThan": ("<", python.lt),
    "LessThanEqual": ("<=", python.le),
    "GreaterThan": (">", python.gt),
    "GreaterThanEqual": (">=", python.ge),
}
_OBJECTS = (TensorFacts, Layer, Instance, Loss, Optimizer, Loader, Dataset, Device, Function, Bound, Class, Api, Seq, Mapping,
            Tool, Partial, Parameters, Size, Stream)  # fmt: skip
MAX_POWER = 1_000_000
MAX_TEXT = 10_000


def truth(value: Any) -> bool | None:
    """Whether a value is true, where that is known."""
    if isinstance(value, Const):
        return bool(value.value)
    if isinstance(value, Seq) and value.gap is None:
        return bool(value.items)
    if isinstance(value, (Layer, Instance, Loss, Optimizer, Function, Bound, Class, Api)):
        return True
    return None


def condition(run: Run, node: Any) -> Any:
    """The value of a test."""
    return evaluate(run, node)


def narrow(run: Run, test: Any, outcome: bool) -> None:
    """What a test tells about a variable in its branch: `if x is not None`."""
    if type(test) is cst.Call:
        _narrow_kind(run, test, outcome)
        return
    if not isinstance(test, cst.Comparison) or len(test.comparisons) != 1 or not isinstance(test.left, cst.Name):
        return
    comparison = test.comparisons[0]
    known = run.scope.vars.get(test.left.value)
    if type(known) is Union and type(comparison.operator) in (cst.Equal, cst.NotEqual):
        right, operator = evaluate(run, comparison.comparator), type(comparison.operator).__name__
        answers = [compare(run, test, operator, each, right, test.left, None) for each in known.alternatives]
        _keep(run, test.left.value, known, answers, outcome)
        return
    if not (isinstance(comparison.comparator, cst.Name) and comparison.comparator.value == "None"):
        return
    is_none = isinstance(comparison.operator, cst.Is) is outcome
    if not isinstance(comparison.operator, (cst.Is, cst.IsNot)):
        return
    scope = run.scope
    value = scope.vars.get(test.left.value)
    if is_none:
        run.put(scope.vars, test.left.value, NONE)
    elif isinstance(value, Union):
        live = [a for a in value.alternatives if not (isinstance(a, Const) and a.value is None)]
        run.put(scope.vars, test.left.value, live[0] if len(live) == 1 else Union(tuple(live)))


def _narrow_kind(run: Run, test: cst.Call, outcome: bool) -> None:
    """`if isinstance(criterion, nn.CrossEntropyLoss)` of one of several values."""
    if type(test.func) is not cst.Name or test.func.value != "isinstance" or len(test.args) != 2:
        return
    name = test.args[0].value
    known = run.scope.vars.get(name.value) if isinstance(name, cst.Name) else None
    if isinstance(name, cst.Name) and isinstance(known, Union):
        wanted = evaluate(run, test.args[1].value)
        answers = [builtins_api.is_instance(each, wanted) for each in known.alternatives]
        _keep(run, name.value, known, answers, outcome)


def _keep(run: Run, name: str, known: Union, answers: list[Any], outcome: bool) -> None:
    """Only those of several values are left that a test does not exclude."""
    live = [
        each for each, answer in zip(known.alternatives, answers, strict=True) if truth(answer) is not (not outcome)
    ]
    if live and len(live) < len(known.alternatives):
        run.put(run.scope.vars, name, live[0] if len(live) == 1 else Union(tuple(live), known.element))


def unary(run: Run, node: cst.UnaryOperation) -> Any:

    value = evaluate(run, node.expression)
    kind = type(node.operator)
    if kind is cst.Not:
        known = truth(value)
        return Const(not known) if known is not None else UNKNOWN
    if isinstance(value, Const) and isinstance(value.value, (int, float)):
        if kind is cst.Minus:
            return Const(-value.value)
        return value if kind is cst.Plus else UNKNOWN
    if isinstance(value, TensorFacts):
        if kind is cst.BitInvert:
            return value.but(identity=new_identity(), scalar=None)
        keep = value.form if value.form in (Form.LOGITS, Form.DATA, Form.LOSS) else None
        return value.but(
            form=keep,
            made_by=None,
            scalar=None,
            identity=new_identity(),
            last=tensors.operation(run, "neg", node, value),
        )
    return UNKNOWN


def binary(run: Run, node: cst.BinaryOperation) -> Any:

    left = evaluate(run, node.left)
    right = evaluate(run, node.right)
    return arithmetic(run, node, type(node.operator).__name__, left, right, node.left, node.right)


def augmented(run: Run, node: cst.AugAssign, operator: str, left: Any, right: Any) -> Any:
    """`left += right`: lists grow in place."""
    if isinstance(left, Seq) and operator == "Add":
        extend(run, left, right)
        return left
    hooks.accumulated(run, node, operator, left, right)
    result = arithmetic(run, node, operator, left, right, node.target, node.value)
    return units.counted(left, right, result) if operator == "Add" and run.loops else result


def extend(run: Run, target: Seq, added: Any) -> None:
    """Append the elements of a value to a list."""
    if "n" in target.cell:
        run.put(target.cell, "n", UNKNOWN)
    items, gap = target.cell["v"]
    if isinstance(added, Seq):
        more, more_gap = added.cell["v"]
        if more_gap is None:
            run.put(target.cell, "v", (items + more, gap))
        elif gap is None:
            run.put(target.cell, "v", (items + more, len(items) + more_gap))
        else:
            run.put(target.cell, "v", (items[:gap] + more[more_gap:], gap))
    elif isinstance(added, TensorFacts):
        run.put(target.cell, "v", ((*items, subscripts.row(added)), len(items) if gap is None else gap))
    else:
        run.put(target.cell, "v", (items, len(items)) if gap is None else (items[:gap], gap))


def arithmetic(run: Run, node: Any, operator: str, left: Any, right: Any, left_node: Any, right_node: Any) -> Any:
    """The value of `left <operator> right`, with its unit."""
    result = _value(run, node, operator, left, right, left_node, right_node)
    if type(left) in units.CARRIERS or type(right) in units.CARRIERS:
        return units.combined(run, node, operator, left, right, result, (left_node, right_node))
    return result


def _value(run: Run, node: Any, operator: str, left: Any, right: Any, left_node: Any, right_node: Any) -> Any:
    if isinstance(left, Const) and isinstance(right, Const):
        if operator == "Modulo" and isinstance(left.value, str):
            return _filled_in(left.value, (right,))
        return _constants(operator, left.value, right.value)
    if isinstance(left, Union):
        left = _without_none(left)
    if isinstance(right, Union):
        right = _without_none(right)
    if operator == "Modulo" and isinstance(left, Const) and isinstance(left.value, str) and not isinstance(right, Seq):
        reports.by_percent(run, node, left.value, right, right_node)
        mark_used(right, "report", run.site(node))
        return UNKNOWN
    if isinstance(left, TensorFacts) or isinstance(right, TensorFacts):
        return _tensors(run, node, operator, left, right, left_node, right_node)
    if operator == "MatrixMultiply":
        return products.affine_product(run, node, tensors.as_tensor(left), tensors.as_tensor(right))
    if isinstance(left, Seq) and operator == "Add" and isinstance(right, Seq):
        joined = Seq(left.items, left.kind, left.gap)
        extend(run, joined, right)
        return joined
    if operator == "Multiply" and isinstance(left, Seq) and left.gap is None:
        times = number(right)
        layers.multiplied(run, node, left, times)
        if isinstance(times, int) and times * len(left.items) <= 64:
            return Seq(left.items * times, left.kind)
        return Seq(left.items, left.kind, 0)
    if isinstance(left, Size) or isinstance(right, Size):
        return _sizes(operator, left, right)
    if operator == "Modulo" and isinstance(left, Const) and isinstance(left.value, str):
        reports.by_percent(run, node, left.value, right, right_node)
        given = right.items if isinstance(right, Seq) else (right,)
        for value in given:
            mark_used(value, "report", run.site(node))
        return _filled_in(left.value, given)
    if type(left) is Unknown or type(right) is Unknown:
        found = arrays.combined(left, right)
        if found is not None:
            return found
    return axes.product(left, right) if operator == "Multiply" else UNKNOWN


def _filled_in(template: str, given: Any) -> Any:
    """`"layer%d" % i`: the names of layers that a loop makes."""
    plain = tuple(value.value for value in given if isinstance(value, Const) and type(value.value) in {str, int})
    if len(plain) != len(given) or len(template) > MAX_TEXT or not re.fullmatch(r"(?:[^%]|%[sd])*", template):
        return UNKNOWN
    try:
        return Const(template % plain)
    except (TypeError, ValueError):
        return UNKNOWN


def formatted_text(template: str, args: Any) -> str | None:
    """`"layer{}".format(i)`: the names of layers that a loop makes."""
    plain = [value.value for value in args.positional if isinstance(value, Const) and type(value.value) in {str, int}]
    simple = template.count("{}") == template.count("{") == template.count("}") == len(plain)
    if args.open or args.keywords or not simple or len(plain) != len(args.positional) or len(template) > MAX_TEXT:
        return None
    return template.format(*plain)


def _without_none(value: Union) -> Any:
    live = [a for a in value.alternatives if not (isinstance(a, Const) and a.value is None)]
    return live[0] if len(live) == 1 else UNKNOWN


def _constants(operator: str, left: Any, right: Any) -> Any:
    action = _ARITHMETIC.get(operator)
    if action is None or not _harmless(operator, left, right):
        return UNKNOWN
    try:
        return Const(action(left, right))
    except Exception:  # noqa: BLE001  # the program would raise here; there is no value
        return UNKNOWN


def _harmless(operator: str, left: Any, right: Any) -> bool:
    """No constant expression of a checked program may cost time or memory."""
    if operator == "Power":
        return (
            isinstance(left, (int, float))
            and isinstance(right, (int, float))
            and abs(left) < MAX_POWER
            and abs(right) < 64
        )
    if operator in ("Add", "Multiply", "Modulo") and (
        isinstance(left, (str, bytes)) or isinstance(right, (str, bytes))
    ):
        if operator == "Multiply":
            return False
        return operator == "Add" and len(str(left)) + len(str(right)) < MAX_TEXT
    return (
        isinstance(left, (int, float, bool))
        and isinstance(right, (int, float, bool))
        and abs(left) < 2**200 > abs(right)
    )


def _sizes(operator: str, left: Any, right: Any) -> Any:
    a, b = number(left), number(right)
    if a is not None and b is not None:
        return _constants(operator, a, b)
    if operator in ("FloorDivide", "Multiply") and b == 1:
        return left
    return axes.product(left, right) if operator == "Multiply" else UNKNOWN


def _tensors(run: Run, node: Any, operator: str, left: Any, right: Any, left_node: Any, right_node: Any) -> Any:
    if operator == "MatrixMultiply":
        return products.affine_product(run, node, tensors.as_tensor(left), tensors.as_tensor(right))
    if isinstance(left, Unknown) and left.facts is not None:
        left = left.facts  # it was used as a tensor before
    if isinstance(right, Unknown) and right.facts is not None:
        right = right.facts
    if isinstance(left, TensorFacts) and isinstance(right, TensorFacts):
        if operator == "Subtract":
            errors.met(run, node, left, right, left_node, right_node)
        return _two_tensors(run, node, operator, left, right)
    tensor, other = (left, right) if isinstance(left, TensorFacts) else (right, left)
    if isinstance(other, Unknown) or not isinstance(other, (Const, Size)):
        return _with_unknown(operator, tensor, other)
    result = _with_number(run, node, operator, tensor, other, reversed_=tensor is right)
    if tensor.identity in run.ledger.weights:
        initialisation.multiplied(run, tensor, operator, other, result)
    return result


def _with_unknown(operator: str, tensor: TensorFacts, other: Any) -> TensorFacts:
    """Arithmetic with something that may be a number or a tensor: the form survives only where it must."""
    form = tensor.form if tensor.form in (Form.LOGITS, Form.DATA, Form.LOSS) and operator != "Power" else None
    return TensorFacts(
        form=form,
        shape=None,
        dtype=tensor.dtype if operator != "Divide" else DType.FLOAT,
        attached=tensor.attached or None,
        roots=tensor.roots if isinstance(other, Const) else frozenset(),
        layer=tensor.layer if form is Form.LOGITS else None,
        out_features=tensor.out_features if form is Form.LOGITS and tensor.out_features != 1 else None,
        model=tensor.model,
        identity=new_identity(),
        why_unknown=getattr(other, "why", "") if form is None else "",
    )


SMALL = 1e-2


def _with_number(run: Run, node: Any, operator: str, tensor: TensorFacts, other: Any, reversed_: bool) -> TensorFacts:
    value = number(other)
    made: dict[str, Any] = {"identity": new_identity(), "last": None}
    if operator == "Divide" and tensor.dtype is not None:
        made["dtype"] = DType.FLOAT
    if isinstance(value, float) and tensor.dtype is DType.INT:
        made["dtype"] = DType.FLOAT
    if operator in ("Add", "Subtract") and value is not None and abs(value) <= SMALL:
        return tensor.but(identity=new_identity(), last=tensors.operation(run, "shifted", node, tensor))
    if (
        operator == "Subtract"
        and reversed_
        and value == 1
        and tensor.form is Form.PROBABILITIES
        and tensor.activation == "sigmoid"
    ):
        return tensor.but(**{**made, "last": tensors.operation(run, "complement", node, tensor)})
    if operator == "Power" and reversed_:
        return tensor.but(form=None, made_by=None, **made)
    if operator in ("Multiply", "Divide") and value is not None and value < 0:
        made["last"] = tensors.operation(run, "neg", node, tensor)
    if tensor.form in (Form.LOGITS, Form.DATA, Form.LOSS):
        return (
            tensor.but(**made) if operator not in ("Power", "Modulo", "FloorDivide") else tensor.but(form=None, **made)
        )
    if tensor.form is Form.CLASS_INDEX and operator in ("Add", "Subtract"):
        return tensor.but(classes=None, **made)
    if tensor.form is Form.ONE_HOT and operator in ("Multiply", "Divide"):
        return tensor.but(form=None, **made)
    return tensor.but(form=None, made_by=None, **made)


def _outputs(scores: TensorFacts, other: TensorFacts) -> int | None:
    """The number of outputs of a sum: a single one is added to all that the other has."""
    if scores.out_features != 1 or _is_parameter(other):
        return scores.out_features
    return other.columns or other.out_features


def _two_tensors(run: Run, node: Any, operator: str, left: TensorFacts, right: TensorFacts) -> TensorFacts:
    by_hand = activations.softmax_by_hand(run, node, operator, left, right)
    if by_hand is not None:
        return by_hand
    form: Form | None = None
    keep = left
    if operator in ("Add", "Subtract"):
        if left.form is right.form and left.form in (Form.LOGITS, Form.DATA, Form.LOSS):
            form = left.form
        elif left.form is Form.LOGITS and _is_parameter(right):
            form = Form.LOGITS
        elif right.form is Form.LOGITS and _is_parameter(left):
            form, keep = Form.LOGITS, right
        elif Form.LOSS in (left.form, right.form):
            form = Form.LOSS
    elif operator == "Multiply" and left.form is Form.DATA and right.form is Form.DATA:
        form = Form.DATA
    elif operator in ("Multiply", "Divide") and Form.LOSS in (left.form, right.form):
        form = Form.LOSS
    last = activations.max_subtraction(run, node, operator, left, right)
    result = TensorFacts(
        form=form,
        shape=shapes.broadcast(left.shape, right.shape),
        dtype=DType.FLOAT
        if DType.FLOAT in (left.dtype, right.dtype)
        else left.dtype
        if left.dtype is right.dtype
        else None,
        attached=True
        if left.attached or right.attached
        else False
        if left.attached is right.attached is False
        else None,
        cut_by=left.cut_by or right.cut_by if left.attached is right.attached is False else None,
        roots=left.roots | right.roots if left.roots and right.roots else frozenset(),
        layer=keep.layer if form is Form.LOGITS else None,
        out_features=_outputs(keep, right if keep is left else left) if form is Form.LOGITS else None,
        model=left.model or right.model,
        reduction=left.reduction if form is Form.LOSS and left.reduction == right.reduction else None,
        identity=new_identity(),
        last=last,
        zeroed_by=left.zeroed_by if right.attached is False else right.zeroed_by if left.attached is False else None,
        uses=tensor_ops.derived(left, right) if form is Form.LOSS else None,
    )
    if form is Form.LOGITS and run.ledger.products and (_is_parameter(left) or _is_parameter(right)):
        initialisation.biased(run, keep, result)
    return result


def _is_parameter(tensor: TensorFacts) -> bool:
    return tensor.roots == {"parameter"} and tensor.form is None


# -- comparisons ------------------------------------------------------------------------------------------------------
def comparison(run: Run, node: cst.Comparison) -> Any:

    left = evaluate(run, node.left)
    left_node = node.left
    result: Any = UNKNOWN
    for target in node.comparisons:
        right = evaluate(run, target.comparator)
        result = compare(run, node, type(target.operator).__name__, left, right, left_node, target.comparator)
        if type(left) in units.CARRIERS or type(right) in units.CARRIERS:
            reports.selected(run, node, left, right)
        left, left_node = right, target.comparator
        if len(node.comparisons) > 1 and truth(result) is False:
            return result
    return result if len(node.comparisons) == 1 or truth(result) is not None else UNKNOWN


def compare(run: Run, node: Any, operator: str, left: Any, right: Any, left_node: Any, right_node: Any) -> Any:
    if operator in ("Is", "IsNot"):
        return _identity_test(operator, left, right)
    if operator in ("In", "NotIn"):
        return _membership(run, operator, left, right)
    symbol, action = _COMPARE[operator]
    if isinstance(left, TensorFacts) or isinstance(right, TensorFacts):
        return compare_tensors(run, node, symbol, left, right, left_node, right_node)
    a, b = number(left), number(right)
    if isinstance(left, Columns) and isinstance(right, Const):
        a = left.number
    if a is not None and b is not None:
        return Const(action(a, b))
    if isinstance(left, Const) and isinstance(right, Const):
        try:
            return Const(bool(action(left.value, right.value)))
        except TypeError:
            return UNKNOWN
    if symbol in ("==", "!=") and type(left) is type(right) and isinstance(left, (Class, Api)):
        return _same_kind(left, right, symbol == "==")
    if isinstance(left, Seq) and symbol in ("==", "!="):
        return _same_items(left, right, symbol == "==")
    return UNKNOWN


def _same_kind(left: Class | Api, right: Any, wanted: bool) -> Any:
    """Two classes: `if cell is nn.LSTM`."""
    if isinstance(left, Class):
        return Const((left.node is right.node) is wanted)
    return Const((left.name == right.name) is wanted)


def _same_items(left: Seq, right: Any, wanted: bool) -> Any:
    """Two short literals: `TRAIN = 0,` in an enumeration makes a tuple."""
    if isinstance(right, Const) and left.gap is None:
        return Const(not wanted)
    if not isinstance(right, Seq) or left.gap is not None or right.gap is not None or left.kind != right.kind:
        return UNKNOWN
    items = (*left.items, *right.items)
    if not all(isinstance(item, Const) for item in items):
        return UNKNOWN
    return Const(([item.value for item in left.items] == [item.value for item in right.items]) is wanted)


def _identity_test(operator: str, left: Any, right: Any) -> Any:
    wanted = operator == "Is"
    if left is right and isinstance(left, TensorFacts) and left.identity is not None:
        return Const(wanted)
    if isinstance(left, Const) and isinstance(right, Const):
        return Const((left.value is right.value) is wanted)
    if isinstance(right, Const) and right.value is None and isinstance(left, _OBJECTS):
        return Const(not wanted)
    if type(left) is type(right) and isinstance(left, (Class, Api)):
        return _same_kind(left, right, wanted)
    return UNKNOWN


def _membership(run: Run, operator: str, left: Any, right: Any) -> Any:
    if not isinstance(left, Const):
        return UNKNOWN
    wanted = operator == "In"
    if isinstance(right, Seq) and right.gap is None and all(isinstance(item, Const) for item in right.items):
        return Const((left.value in [item.value for item in right.items]) is wanted)
    if isinstance(right, Mapping) and not right.cell["open"]:
        found = left.value in right.items
        if not found:
            accumulators.defaulted(run, right.items, left.value)  # `if key not in totals: totals[key] = 0`
        return Const(found is wanted)
    if isinstance(right, Const) and isinstance(right.value, str) and isinstance(left.value, str):
        return Const((left.value in right.value) is wanted)
    return UNKNOWN


def compare_tensors(
    run: Run, node: Any, symbol: str, left: Any, right: Any, left_node: Any, right_node: Any
) -> TensorFacts:
    """`predicted == labels`, `probability > 0.5`."""
    a = left if isinstance(left, TensorFacts) else left.tensor() if isinstance(left, Unknown) else None
    b = right if isinstance(right, TensorFacts) else right.tensor() if isinstance(right, Unknown) else None
    left_number, right_number = number(left), number(right)
    site = run.site(node)
    run.emit(
        Comparison(
            site, symbol, a, b, left_number, right_number,
            run.site(left_node) if left_node is not None else None,
            run.site(right_node) if right_node is not None else None,
        )
    )  # fmt: skip
    scores = a if right_number is not None else b if left_number is not None else None
    if scores is not None:
        bound = right_number if right_number is not None else left_number
        mark_used(scores, "threshold", site)
        if symbol in (">", ">=", "<", "<="):
            decide(
                scores, Decision("threshold", site, float(bound) if bound is not None else None, None, scores.columns)
            )
    first = a or b
    known = first if first is not None else TensorFacts()
    made_by = Operation("comparison", site, known)
    cut = next((x.cut_by for x in (a, b) if x is not None and cuts_a_model(x)), made_by)
    return TensorFacts(
        form=Form.THRESHOLDED if scores is not None and symbol in (">", ">=", "<", "<=") else Form.MATCHES,
        made_by=made_by,
        shape=shapes.broadcast(a.shape, b.shape) if a is not None and b is not None else known.shape,
        dtype=DType.BOOL,
        attached=False,
        cut_by=cut,
        roots=known.roots if b is None or a is None else (a.roots | b.roots if a.roots and b.roots else frozenset()),
        identity=new_identity(),
        model=known.model,
        layer=scores.layer if scores is not None and scores.ends_in_one else None,
        out_features=1 if scores is not None and scores.ends_in_one else None,
        scalar=units.matched(run, symbol, a, b, site),
    )


def cuts_a_model(tensor: TensorFacts) -> bool:
    """The graph of a model ended before this value (an argmax), not only here."""
    return tensor.cut_by is not None and tensor.cut_by.operand is not None and "model" in tensor.cut_by.operand.roots


def decide(scores: TensorFacts, decision: Decision) -> None:
    """Remember how the program turns a model's output into predictions."""
    if scores.model is not None and all(d.site.key() != decision.site.key() for d in scores.model.decisions):
        of = scores.made_by.site if scores.made_by is not None else None
        scores.model.decisions.append(replace(decision, of=of))


def mark_used(value: Any, kind: str, site: Any) -> None:
    """Remember that a value is used for something."""
    if isinstance(value, TensorFacts) and value.uses is not None:
        value.uses.mark(kind, site)
    elif isinstance(value, Seq):
        for item in value.items:
            if isinstance(item, TensorFacts):
                mark_used(item, kind, site)


def guard_device(run: Run, node: Any, results: list[Any], value: Any) -> Any:
    """`"cuda" if torch.cuda.is_available() else "cpu"` is a device with a fallback."""
    plain = [result.value for result in results if isinstance(result, Const)]
    if len(plain) == len(results) == 2 and "cpu" in plain and all(isinstance(text, str) for text in plain):
        run.ledger.guards += 1
        return Device(DeviceFacts(None, guarded=True, site=run.site(node)))
    return value


def dims_of(value: Any) -> tuple[Any, ...] | None:
    """A value as a shape: several arguments, a tuple, or one number."""
    if isinstance(value, Seq) and value.gap is None:
        return tuple(as_dim(item) for item in value.items)
    found = as_dim(value)
    return None if value is MISSING else (found,)


EVALUATORS.update({cst.BinaryOperation: binary, cst.UnaryOperation: unary, cst.Comparison: comparison})
