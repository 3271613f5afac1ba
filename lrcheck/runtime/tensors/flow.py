"""What operations do to facts: the transfer functions of a live run, by the name of the torch function.

Every function takes a `Call` (name, arguments, facts of the operands taken before the call, result) and gives the facts
of the result. What is not listed makes a value of no particular form.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from torch import Tensor, nn

from lrcheck.events import Activation, AffineCall, ArgReduction, Comparison, Event, Reshape
from lrcheck.facts import Decision, Form, Operation, TensorFacts, Uses
from lrcheck.knowledge.operations import (
    ACTIVATIONS,
    COMPARISON_METHODS,
    DETACHING,
    FLOATING,
    INTEGRAL,
    INTERVAL_KEEPING,
    KEEPING,
    SOFTMAX_LIKE,
    ZERO_GRADIENT,
)
from lrcheck.runtime.places.sites import FrameSite
from lrcheck.runtime.tensors.memory import basic, batched, construction

_SCORES = frozenset({Form.LOGITS, Form.PROBABILITIES, Form.LOG_PROBABILITIES, Form.CLIPPED})
_DECISIONS = frozenset({Form.CLASS_INDEX, Form.THRESHOLDED})  # some of them are what all of them are
_PICKING = frozenset(
    {"gather", "take_along_dim", "index_select", "amax", "amin", "max", "min", "topk"}
)  # one of each row


class Scene(Protocol):
    """What a transfer function may ask about the moment of the call."""

    batch: int | None  # the size of the current batch

    def here(self) -> FrameSite: ...
    def leaf(self) -> nn.Module | None: ...
    def removable(self) -> bool: ...
    def facts(self, tensor: Tensor) -> TensorFacts: ...
    def product(self, made: Operation, before: Operation | None, weight: Tensor, inputs: int) -> None: ...
    def drops(self) -> None: ...
    def squeezes(self, made: Operation, result: Any) -> None: ...
    def logarithm(self, given: TensorFacts) -> None: ...
    def emit(self, event: Event) -> None: ...


@dataclass(slots=True)
class Call:
    """One call of a torch function."""

    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    tensors: list[Tensor]
    facts: list[TensorFacts]  # of `tensors`, as they were before the call
    scene: Scene
    result: Any = None
    made: Operation | None = field(default=None)

    @property
    def x(self) -> TensorFacts:
        """The first operand."""
        return self.facts[0] if self.facts else TensorFacts()

    def get(self, position: int, keyword: str, default: Any = None) -> Any:
        if len(self.args) > position:
            return self.args[position]
        return self.kwargs.get(keyword, default)

    def operation(self, name: str = "", **changes: Any) -> Operation:
        """The operation as rules see it: where it was called, and the layer that it belongs to."""
        site, leaf = self.scene.here(), self.scene.leaf()
        layer = construction(leaf) if leaf is not None else None
        removable = layer is not None and self.scene.removable()
        self.made = Operation(
            name or self.name, site, operand=self.x, argument=site, layer=layer, removable=removable, **changes
        )
        return self.made


Transfer = Callable[[Call], "TensorFacts | None"]


def transfer(call: Call) -> None:
    """Give the results of a call their facts (`scene.facts` reads them back)."""
    handler = HANDLERS.get(call.name, _generic)
    result = handler(call)
    if result is None:
        return
    if isinstance(call.result, Tensor):
        remember(call, call.result, result)
    elif isinstance(call.result, tuple | list):
        for each in call.result:
            if isinstance(each, Tensor):
                remember(call, each, _mixed(call))


def remember(call: Call, tensor: Tensor, facts: TensorFacts) -> None:
    memory: Any = call.scene
    memory.remember(tensor, facts)


def _generic(call: Call) -> TensorFacts | None:
    if not call.facts:
        return None
    mixed = _mixed(call)
    kept = len(call.tensors) == 1 and call.name not in _PICKING and _widened(call)  # `keepdim=True`
    return mixed.but(widened=True) if kept and not mixed.widened else mixed


def _mixed(call: Call) -> TensorFacts:
    """The result of arithmetic: it comes from where its operands come from, and stands for nothing in particular."""
    facts = call.facts
    roots: frozenset[str] = frozenset()
    if facts and all(each.roots for each in facts):
        roots = frozenset().union(*(each.roots for each in facts))
    attached = [each for each in facts if each.attached]
    zeroed = attached[0].zeroed_by if attached and all(each.zeroed_by for each in attached) else None
    cut = next((each.cut_by for each in facts if each.cut_by is not None), None)
    uses = tuple(each.uses for each in facts if each.uses is not None)
    matches = facts[0].form is Form.MATCHES and len(facts) == 1 if facts else False
    return TensorFacts(
        form=Form.MATCHES if matches else None,
        roots=roots,
        cut_by=cut,
        zeroed_by=zeroed,
        uses=Uses(parents=uses) if uses else None,
        model=next((each.model for each in facts if each.model is not None), None),
        widened=_stays_widened(call),
    )


def _stays_widened(call: Call) -> bool:
    """A column that came as one is none that was made, whatever is added to it."""
    facts = call.facts[:1] if call.name in _PICKING else call.facts  # not the indices
    if not any(each.widened for each in facts):
        return False
    shape = tuple(call.result.shape) if isinstance(call.result, Tensor) else None
    return all(each.widened for each in facts if each.shape == shape)


# -- activations --------------------------------------------------------------------------------------------------------
def _activation(call: Call) -> TensorFacts:
    name = call.name.rstrip("_")
    x = call.x
    dim = call.get(1, "dim") if name in SOFTMAX_LIKE and name != "gumbel_softmax" else call.kwargs.get("dim")
    dim = dim if isinstance(dim, int) else None
    made = call.operation(name, dim=dim, has_dim=dim is not None)
    keep = name in SOFTMAX_LIKE or name in ("sigmoid", "logsigmoid")
    if name in SOFTMAX_LIKE:
        _ranked(call)
    result = x.but(
        form=ACTIVATIONS[name],
        made_by=made,
        uses=Uses(parents=(x.uses,) if x.uses is not None else ()),
        trailing=x.trailing if keep else None,
        origin=made.site,
        classes=None,
        reduction=None,
    )
    if name in SOFTMAX_LIKE:
        implicit = dim is None and name != "gumbel_softmax"
        call.scene.emit(Activation(made.site, made, batched(x, call.scene.batch), result, implicit_dim=implicit))
    return result


def _log(call: Call) -> TensorFacts:
    if call.x.form is Form.PROBABILITIES:
        made = call.operation("log")
        uses = Uses(parents=(call.x.uses,) if call.x.uses is not None else ())
        return call.x.but(form=Form.LOG_PROBABILITIES, made_by=made, uses=uses)
    if call.x.form is Form.LOGITS and _is(call.x, "clamp to unit") and call.x.attached:
        call.scene.logarithm(call.x)
    return _mixed(call)


def _exp(call: Call) -> TensorFacts:
    return _mixed(call).but(last=call.operation("exp"))


def _summed(call: Call) -> TensorFacts | None:
    """`e.sum(dim=1, keepdim=True)` of `e = exp(z)`: the divisor of a softmax."""
    facts = _generic(call)
    if facts is None or not _is(call.x, "exp") or not isinstance(call.result, Tensor) or not call.result.dim():
        return facts
    return facts.but(last=call.operation("sum of exp"))


def _is(facts: TensorFacts, name: str) -> bool:
    return facts.last is not None and facts.last.name == name


def _divided(call: Call) -> TensorFacts:
    """`exp(z) / exp(z).sum(...)` is a softmax written by hand, `1 / (1 + exp(-z))` a sigmoid."""
    if len(call.facts) == 2 and _is(call.facts[0], "exp") and _is(call.facts[1], "sum of exp"):
        return _by_hand(call, "softmax")
    one = call.name == "reciprocal" or any(each == 1 for each in call.args if isinstance(each, int | float))
    reverse = call.name in ("reciprocal", "__rtruediv__", "__rdiv__") or not isinstance(call.args[0], Tensor)
    if one and reverse and len(call.facts) == 1 and _is(call.x, "1 + exp"):
        return _by_hand(call, "sigmoid")
    if call.x.form is Form.LOGITS and not reverse and _is_positive(call.get(1, "other")):
        return call.x  # a temperature
    return _mixed(call)


def _is_positive(value: Any) -> bool:
    return isinstance(value, int | float) and value > 0


def _by_hand(call: Call, name: str) -> TensorFacts:
    """Probabilities, as those of the activation of this name."""
    made = call.operation(name)
    return _mixed(call).but(form=Form.PROBABILITIES, made_by=made, origin=made.site)


# -- products with weights ----------------------------------------------------------------------------------------------
def _is_weight(facts: TensorFacts) -> bool:
    return facts.roots == {"parameter"}


def _affine(call: Call) -> TensorFacts:
    """`linear`, `conv2d`, `x @ w`: scores, where one operand is a parameter."""
    weights = [each for each in call.facts[:3] if _is_weight(each)]
    inputs = [each for each in call.facts[:3] if not _is_weight(each)]
    for each in inputs:
        if each.uses is not None:
            each.uses.mark("ranked", call.scene.here())  # a matrix
    if not weights or not inputs or not isinstance(call.result, Tensor):
        return _mixed(call)
    x = inputs[0]
    made = call.operation(call.name if call.name.startswith(("linear", "conv")) else "matmul")
    made = Operation(
        made.name, made.site, operand=x, argument=made.argument, layer=made.layer, removable=made.removable
    )
    weight = next(each for each, facts in zip(call.tensors, call.facts, strict=False) if _is_weight(facts))
    fan = weight[0].numel() if made.name != "matmul" else weight.size(0)
    call.scene.product(made, x.layer, weight, fan)
    size = call.result.shape
    conv = made.name.startswith("conv")
    result = TensorFacts(
        form=Form.LOGITS,
        roots=(x.roots or frozenset({"input"})) | {"model"},
        layer=made,
        out_features=int(size[1 if conv else -1]) if len(size) > 1 else None,
        origin=made.site,
    )
    call.scene.emit(AffineCall(made.site, made.name, x, basic(call.result, result), made.layer))
    return result


def _plus_bias(call: Call) -> TensorFacts:
    """`x @ w + b` and `y *= 1` keep the scores; any other sum makes a new value."""
    others = call.facts[1:]
    if _is(call.x, "exp") and any(each == 1 for each in call.args if isinstance(each, int | float)):
        return _mixed(call).but(last=call.operation("1 + exp"))
    if call.x.form is Form.LOGITS and others and all(_is_weight(each) for each in others):
        return call.x
    if len(call.facts) > 1 and call.facts[1].form is Form.LOGITS and _is_weight(call.x):
        return call.facts[1]
    return _mixed(call)


def _dropout(call: Call) -> TensorFacts:
    if call.get(2, "training", default=True) is False or call.get(1, "p", 0.5) == 0:
        return call.x
    made = call.operation("dropout")
    call.scene.drops()
    return call.x.but(trailing=made)


def _batch_norm(call: Call) -> TensorFacts:
    if call.x.form is not Form.LOGITS:
        return _mixed(call)
    return call.x.but(trailing=call.operation("batch_norm"), made_by=None)


# -- shapes, types, the graph -------------------------------------------------------------------------------------------
def _keep(call: Call) -> TensorFacts:
    x = call.x
    if call.name in ("view", "reshape") and isinstance(call.result, Tensor):
        _reshaped(call, call.result)
    if x.widened is not (widened := _widened(call)):
        x = x.but(widened=widened)
    if call.name == "squeeze" and len(call.args) == 1 and not call.kwargs:
        made = dataclasses.replace(call.operation(), operand=batched(x, call.scene.batch))
        call.scene.squeezes(made, call.result)
        return x.but(squeezed=made)
    if call.name in INTERVAL_KEEPING and x.made_by is not None:
        x = x.but(made_by=dataclasses.replace(x.made_by, dim=None))  # its values sum to something else
    if call.name in INTERVAL_KEEPING and x.form is Form.LOGITS and _is_unit(call):
        x = x.but(last=call.operation("clamp to unit"))
    if call.name in DETACHING and x.attached:
        x = x.but(cut_by=call.operation(), model=x.model)
    if call.name in FLOATING or call.name in INTEGRAL or call.name in ("to", "type", "type_as"):
        before = call.tensors[0].dtype
        if isinstance(call.result, Tensor) and call.result.dtype != before:
            x = x.but(converted=call.operation())
    return x


def _joined(call: Call) -> TensorFacts | None:
    """`torch.stack(steps, dim=1)`: scores of many steps are scores; which dimension holds the classes is not followed."""
    mixed = _generic(call)
    first, last = call.x, call.facts[-1] if call.facts else call.x
    below = call.name == "stack" or call.get(1, "dim", 0) == 0
    alike = {(each.form, each.activation, each.shape) for each in call.facts}
    if mixed is None or len(alike) != 1 or not below or first.form not in _SCORES:
        return mixed
    made = None if last.made_by is None else dataclasses.replace(last.made_by, dim=None)
    return mixed.but(form=last.form, made_by=made, layer=last.layer, origin=last.origin)


def _is_unit(call: Call) -> bool:
    """`clamp(1e-7, 1 - 1e-7)`: what is done to probabilities before their logarithm."""
    least, most = call.get(1, "min"), call.get(2, "max")
    numbers = isinstance(least, float | int) and isinstance(most, float | int)
    return numbers and 0 <= least < 0.1 and 0.9 < most <= 1


def _widened(call: Call) -> bool:
    """Has the result a dimension of size 1 that was made on purpose?"""
    if not isinstance(call.result, Tensor) or 1 not in call.result.shape:
        return False
    ones = [tuple(each.shape).count(1) for each in (call.result, call.tensors[0])]
    return call.x.widened or ones[0] > ones[1]


def _reshaped(call: Call, result: Tensor) -> None:
    """`view` and `reshape` of a batch that change the number of its rows."""
    before = batched(call.x, call.scene.batch)
    if before is call.x or "input" not in call.x.roots or not result.dim() or result.size(0) == call.scene.batch:
        return
    sizes = call.args[1] if len(call.args) == 2 and isinstance(call.args[1], tuple | list) else call.args[1:]
    wanted = tuple(each if isinstance(each, int) else None for each in sizes)
    call.scene.emit(Reshape(call.scene.here(), before, wanted))


def _index(call: Call) -> TensorFacts:
    """`eye(10)[labels]` makes one-hot rows; any other selection takes some of the values."""
    x = call.x
    index = call.facts[1] if len(call.facts) > 1 else None
    if x.last is not None and x.last.name == "eye" and index is not None and isinstance(call.result, Tensor):
        made = call.operation("one_hot")
        return TensorFacts(form=Form.ONE_HOT, made_by=made, roots=index.roots, classes=int(call.result.shape[-1]))
    picks = call.args[1] if len(call.args) > 1 else None
    picks = picks if isinstance(picks, tuple) else (picks,)
    if not x.widened and any(each is None for each in picks):
        x = x.but(widened=True)
    rows = isinstance(call.result, Tensor) and call.result.dim() == len(x.shape or ()) == 2
    if x.form is Form.ONE_HOT and rows and call.result.size(1) == x.classes:
        return x  # the labels of some samples
    if x.form not in _SCORES and x.form not in _DECISIONS and any(isinstance(each, Tensor | int) for each in picks):
        uses = x.uses if x.roots == {"constant"} else None  # a batch of the program's own numbers
        return TensorFacts(
            roots=x.roots, model=x.model, cut_by=x.cut_by, zeroed_by=x.zeroed_by, uses=uses, widened=x.widened
        )
    return x.but(out_features=None)


def _zero_gradient(call: Call) -> TensorFacts:
    made = call.operation(call.name.rstrip("_"))
    if call.x.model is not None and call.name.startswith("round"):
        call.x.model.decisions.append(Decision("round", made.site))
        call.scene.emit(Comparison(made.site, "round", call.x, None))
    if not call.x.attached:
        return _mixed(call).but(form=Form.THRESHOLDED, cut_by=call.x.cut_by or made)
    return _mixed(call).but(form=Form.THRESHOLDED, zeroed_by=made)


# -- labels and decisions -----------------------------------------------------------------------------------------------
def _one_hot(call: Call) -> TensorFacts:
    classes = int(call.result.shape[-1]) if isinstance(call.result, Tensor) else None
    made = call.operation("one_hot")
    return TensorFacts(form=Form.ONE_HOT, made_by=made, roots=call.x.roots, classes=classes)


def _eye(call: Call) -> TensorFacts:
    return TensorFacts(roots=frozenset({"constant"}), last=call.operation("eye"))


def _zeros(call: Call) -> TensorFacts:
    return TensorFacts(roots=frozenset({"constant"}), last=call.operation("zeros"))


def _scatter(call: Call) -> TensorFacts:
    """`zeros(n, c).scatter_(1, labels, 1)` makes one-hot rows."""
    x = call.x
    value = call.get(3, "value", call.kwargs.get("src"))
    index = call.facts[1] if len(call.facts) > 1 else None
    column = index is not None and index.shape is not None and len(index.shape) == 2 and index.shape[1] == 1
    if x.last is not None and x.last.name == "zeros" and value == 1 and column and isinstance(call.result, Tensor):
        made = call.operation("one_hot")
        assert index is not None
        return TensorFacts(form=Form.ONE_HOT, made_by=made, roots=index.roots, classes=int(call.result.shape[-1]))
    return _mixed(call)


def _extreme(call: Call) -> TensorFacts | None:
    """`max(dim)`, `topk`: values and indices; without a dimension an ordinary reduction."""
    pair = call.result
    if not (isinstance(pair, tuple) and len(pair) == 2 and isinstance(pair[1], Tensor)):
        return _mixed(call)
    position = 2 if call.name == "topk" else 1
    dim = call.get(position, "dim", -1)
    _ranked(call)
    remember(call, pair[0], _mixed(call))
    remember(call, pair[1], _decided(call, dim if isinstance(dim, int) else None))
    return None


def _ranked(call: Call) -> None:
    """The values of one dimension are compared with each other: what it holds are pairs on purpose."""
    if call.x.uses is not None:
        call.x.uses.mark("ranked", call.scene.here())


def _table(call: Call) -> TensorFacts | None:
    """What only a matrix or a ranking is asked for."""
    _ranked(call)
    return _generic(call)


def _powered(call: Call) -> TensorFacts:
    """A distance is squared, or its sign is dropped."""
    squared = not call.name.endswith(("pow", "pow__", "pow_")) or call.get(1, "exponent") == 2
    family = "l1" if call.name in ("abs", "__abs__", "absolute") else "mse" if squared else None
    if family is not None and call.x.uses is not None:
        call.x.uses.mark(family, call.scene.here())
    return _mixed(call)


def _times(call: Call) -> TensorFacts:
    """`d * d` is a square."""
    if len(call.tensors) == 2 and call.tensors[0] is call.tensors[1] and call.x.uses is not None:
        call.x.uses.mark("mse", call.scene.here())
    return _mixed(call)


def _argmax(call: Call) -> TensorFacts:
    dim = call.get(1, "dim")
    return _decided(call, dim if isinstance(dim, int) else None)


def _decided(call: Call, dim: int | None) -> TensorFacts:
    x = call.x
    made = call.operation()
    name = {"max": "argmax", "min": "argmin"}.get(call.name, call.name)
    x_batched = batched(x, call.scene.batch)
    call.scene.emit(ArgReduction(made.site, name, x_batched, dim, dim is not None))
    if x.model is not None and name in ("argmax", "topk"):
        x.model.decisions.append(Decision("argmax", made.site, dim=dim, classes=x.columns))
    return TensorFacts(form=Form.CLASS_INDEX, made_by=made, roots=x.roots, classes=x.columns, cut_by=made)


def _comparison(call: Call) -> TensorFacts:
    made = call.operation(COMPARISON_METHODS.get(call.name.strip("_"), call.name))
    other = call.get(1, "other")
    number = float(other) if isinstance(other, int | float) and not isinstance(other, bool) else None
    left = call.facts[0] if call.args and isinstance(call.args[0], Tensor) else None
    right = call.facts[-1] if isinstance(other, Tensor) else None
    made = Operation(made.name, made.site, operand=left, argument=made.site)
    size = call.scene.batch
    call.scene.emit(
        Comparison(
            made.site,
            made.name,
            None if left is None else batched(left, size),
            None if right is None else batched(right, size),
            None,
            number,
        )
    )
    if number is not None and left is not None and left.model is not None and made.name in (">", ">=", "<", "<="):
        left.model.decisions.append(Decision("threshold", made.site, threshold=number))
    form = Form.MATCHES if left is not None and right is not None else Form.THRESHOLDED
    result = _mixed(call)
    if form is Form.MATCHES:  # from whatever its sides come from
        result = result.but(roots=frozenset().union(*(each.roots for each in call.facts)))
    return result.but(form=form, made_by=made, cut_by=made)


def _written(call: Call) -> None:
    """`returns[t] = total`: from now on the tensor holds numbers of the program; ones in rows of zeros are one-hot labels."""
    x, target = call.x, call.tensors[0] if call.tensors else None
    if target is None or call.args[0] is not target or x.roots != {"constant"}:
        return
    picks, value = call.get(1, "indices"), call.get(2, "value")
    rows = isinstance(picks, tuple) and len(picks) == 2 and isinstance(picks[1], Tensor) and target.dim() == 2
    if x.last is not None and x.last.name == "zeros" and rows and picks[1].dim() == 1 and value == 1:
        roots = call.scene.facts(picks[1]).roots
        made = call.operation("one_hot")
        remember(call, target, TensorFacts(form=Form.ONE_HOT, made_by=made, roots=roots, classes=target.size(1)))
    elif x.uses is None or "numbers" not in x.uses.kinds:
        remember(call, target, x.but(uses=Uses({"numbers": call.scene.here()}), last=None))


def _new_tensor(_: Call) -> TensorFacts:
    return TensorFacts(roots=frozenset({"constant"}))


_MATRICES = ("logsumexp", "sort", "cumsum", "logcumsumexp", "diagonal", "diag", "trace", "tril", "triu", "fill_diagonal_",
             "einsum", "bmm", "baddbmm", "masked_select", "cdist")  # fmt: skip
_CONVS = tuple(f"conv{transpose}{rank}d" for transpose in ("", "_transpose") for rank in (1, 2, 3))

HANDLERS: dict[str, Transfer] = {
    **dict.fromkeys(KEEPING, _keep),
    **dict.fromkeys(ACTIVATIONS, _activation),
    **{f"{name}_": _activation for name in ("relu", "sigmoid", "tanh", "leaky_relu", "elu", "selu", "celu", "rrelu")},
    **dict.fromkeys(("linear", "matmul", "__matmul__", "mm", "addmm", "bilinear", "__rmatmul__", *_CONVS), _affine),
    **dict.fromkeys(("add", "__add__", "__radd__", "add_", "__iadd__"), _plus_bias),
    **dict.fromkeys(ZERO_GRADIENT, _zero_gradient),
    **dict.fromkeys(COMPARISON_METHODS, _comparison),
    **{f"__{name}__": _comparison for name in ("eq", "ne", "gt", "ge", "lt", "le")},
    **dict.fromkeys(("dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout"), _dropout),
    "batch_norm": _batch_norm,
    **dict.fromkeys(("stack", "cat", "concat", "concatenate"), _joined),
    "log": _log,
    "exp": _exp,
    "sum": _summed,
    **dict.fromkeys(("div", "__truediv__", "__rtruediv__", "__rdiv__", "divide", "true_divide", "reciprocal"), _divided),
    "__getitem__": _index,
    "__setitem__": _written,
    "one_hot": _one_hot,
    "eye": _eye,
    "zeros": _zeros,
    "zeros_like": _zeros,
    "scatter_": _scatter,
    "scatter": _scatter,
    "argmax": _argmax,
    "argmin": _argmax,
    "max": _extreme,
    "min": _extreme,
    "topk": _extreme,
    **dict.fromkeys(_MATRICES, _table),
    **dict.fromkeys(("pow", "__pow__", "pow_", "square", "square_", "norm", "linalg_norm", "linalg_vector_norm",
                    "abs", "__abs__", "absolute"), _powered),
    **dict.fromkeys(("mul", "__mul__", "__rmul__", "multiply"), _times),
    "tensor": _new_tensor,
    "ones": _new_tensor,
    "ones_like": _new_tensor,
    "full": _new_tensor,
    "arange": _new_tensor,
}  # fmt: skip
for _name in ("isclose", "allclose", "equal"):
    HANDLERS.pop(_name, None)
