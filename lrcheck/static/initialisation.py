"""What the weights of hidden layers are when training begins.

A weight is known by the construction of its layer, or by the identity of its tensor. `Ledger.weights` says what set it last;
where that is not certain it says so, and nothing is reported.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import libcst as cst

from lrcheck.events import Backward, WeightsMade
from lrcheck.facts import Form, TensorFacts
from lrcheck.knowledge.operations import CONV_LAYERS, LINEAR_LAYERS
from lrcheck.static import modules
from lrcheck.static.evaluation import evaluate
from lrcheck.static.values import MISSING, Api, Const, Instance, Layer, Seq, Union, Unknown, as_dim, number

CONSTANT, NORMAL, UNIFORM = "constant", "normal", "uniform"
_CONSTANTS = {"zeros_": 0.0, "ones_": 1.0, "zero_": 0.0, "zeros": 0.0, "ones": 1.0}
_GIVEN = frozenset({"constant_", "fill_", "full"})
IN_PLACE = frozenset({"zero_", "fill_", "normal_", "uniform_", "copy_", "set_", "random_", "mul_", "div_", "sub_", "add_", "bernoulli_",
                      "exponential_", "trunc_normal_", "kaiming_normal_", "xavier_uniform_", "orthogonal_"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class State:
    """What set some weights: `kind` is one of the three above, or empty where it is something else or not certain."""

    kind: str
    value: float | None
    node: Any = field(repr=False)
    document: Any
    inside: bool  # a class that others use


def _kind(run: Any, name: str, args: Any, first: int) -> tuple[str, float | None]:
    """What a function of torch fills a tensor with; `first` is the number of its first argument behind the tensor."""
    if name in _CONSTANTS:
        return CONSTANT, _CONSTANTS[name]
    if name in _GIVEN:
        given = args.get(first, "fill_value" if name == "full" else "val" if "val" in args.keywords else "value")
        value = number(given) if given is not MISSING else None
        return (CONSTANT, float(value)) if value is not None else ("", None)
    plain = args.get(first, "mean") is MISSING and args.get(first + 1, "std") is MISSING
    if name in ("normal_", "randn"):
        return (NORMAL, None) if plain or name == "randn" else ("", None)
    if name in ("uniform_", "rand"):
        return (UNIFORM, None) if plain or name == "rand" else ("", None)
    return "", None


def _state(run: Any, name: str, args: Any, node: Any, first: int) -> State:
    kind, value = _kind(run, name, args, first)
    if run.ledger.branches > 0 or run.loop_depth > 1:
        kind = ""
    return State(kind, value, node, run.scope.document, bool(run.active))


# -- what sets weights ------------------------------------------------------------------------------------------------
def made(run: Any, short: str, args: Any, node: Any, identity: int) -> None:
    """`torch.randn(...)`, `torch.zeros(...)`."""
    if short in ("randn", "rand", "zeros", "ones", "full") and "generator" not in args.keywords:
        run.ledger.weights[identity] = _state(run, short, args, node, 1 if short == "full" else 9)


def multiplied(run: Any, before: TensorFacts, operator: str, by: Any, after: TensorFacts) -> None:
    """`torch.ones(4, 4) * 0.05` is as constant as before."""
    state, factor = run.ledger.weights.get(before.identity), number(by)
    if state is None or state.kind != CONSTANT or operator not in ("Multiply", "Divide"):
        return
    if state.value is None or not factor:
        return
    value = state.value * factor if operator == "Multiply" else state.value / factor
    run.ledger.weights[after.identity] = replace(state, value=value)


def wrapped(run: Any, inner: Any, identity: int) -> None:
    """`nn.Parameter(tensor)`."""
    state = run.ledger.weights.get(inner.identity) if isinstance(inner, TensorFacts) else None
    if state is not None:
        run.ledger.weights[identity] = state


def weight_read(run: Any, layer: Layer, identity: int) -> None:
    """`layer.weight`."""
    if layer.name in LINEAR_LAYERS or layer.name in CONV_LAYERS:
        run.ledger.aliases[identity] = id(layer.node)


def filled(run: Any, name: str, args: Any, node: Any, value: Any, at: Any, first: int = 1) -> None:
    """`nn.init.zeros_(weight)`, `weight.fill_(0)`: `at` is the expression of the tensor."""
    keys = _keys(run, value, at)
    if keys:
        state = _state(run, name, args, node, first)
        for key in keys:
            run.ledger.weights[key] = state


def overwritten(run: Any, module: Any) -> None:
    """`module.load_state_dict(...)`: nothing of what was set before counts."""
    for part in modules.walk(module) if run.ledger.weights else ():
        if isinstance(part, Layer):
            run.ledger.weights.pop(id(part.node), None)
        elif isinstance(part, Instance):
            for own in part.attrs.values():
                if isinstance(own, TensorFacts):
                    run.ledger.weights.pop(own.identity, None)


def _keys(run: Any, value: Any, at: Any) -> list[int]:
    """The weights that an expression means."""
    if isinstance(value, TensorFacts) and value.identity is not None:
        owners = run.parameters.get(value.identity)
        if owners is not None:  # of `for p in model.parameters()`
            return [id(part.node) for owner in owners for part in modules.walk(owner) if isinstance(part, Layer)]
        return [run.ledger.aliases.get(value.identity, value.identity)]
    return _of_members(run, at)


def _of_members(run: Any, at: Any) -> list[int]:
    """`m.weight` of `for m in model.modules()`."""
    while isinstance(at, cst.Attribute) and at.attr.value == "data":
        at = at.value
    if not isinstance(at, cst.Attribute) or at.attr.value != "weight" or not isinstance(at.value, cst.Name):
        return []
    member = run.scope.vars.get(at.value.value)
    if isinstance(member, Union):
        return [id(part.node) for part in member.alternatives if isinstance(part, Layer)]
    whole = run.ledger.members.get(member) if isinstance(member, Unknown) else None
    if whole is None:
        return []
    kinds = run.ledger.kinds.get(member)
    return [
        id(part.node)
        for part in modules.walk(whole)
        if isinstance(part, Layer) and (kinds is None or part.name in kinds)
    ]


def test_of_kind(run: Any, test: Any) -> tuple[str, Any] | None:
    """`isinstance(m, nn.Linear)` for some part of a module: the variable, and what it is where the test holds."""
    if type(test) is not cst.Call or len(test.args) != 2:
        return None
    name, wanted = test.args[0].value, test.args[1].value
    if not isinstance(test.func, cst.Name) or test.func.value != "isinstance" or not isinstance(name, cst.Name):
        return None
    member = run.scope.vars.get(name.value)
    if not isinstance(member, Union) and (not isinstance(member, Unknown) or member not in run.ledger.members):
        return None
    kinds = evaluate(run, wanted)
    names = {kind.name for kind in (kinds.items if isinstance(kinds, Seq) else (kinds,)) if isinstance(kind, Api)}
    if isinstance(member, Union):
        fitting = tuple(part for part in member.alternatives if isinstance(part, Layer) and part.name in names)
        if not all(isinstance(part, (Layer, Instance)) for part in member.alternatives):
            return None
        return name.value, Union(fitting) if len(fitting) > 1 else fitting[0] if fitting else Unknown()
    found = Unknown(member.why)
    run.ledger.members[found] = run.ledger.members[member]
    run.ledger.kinds[found] = names
    return name.value, found


def of_kinds(run: Any, arms: Any, test: Any) -> Any:
    """The arms of such a test: all of them are taken, by one part or another."""
    run.ledger.branches -= 1
    try:
        return run.fork(arms, exhaustive=True, test=test)
    finally:
        run.ledger.branches += 1


# -- what uses them ---------------------------------------------------------------------------------------------------
def layer_used(run: Any, layer: Layer, x: TensorFacts, result: TensorFacts) -> None:
    """A linear layer or a convolution is called."""
    unlike_others = id(layer) in run.ledger.touched or _is_one_unit(layer)
    _used(run, id(layer.node), x, result, _inputs(layer), layer.site, unlike_others)


def _is_one_unit(layer: Layer) -> bool:
    """No other unit could be like it: a mean of the channels, on purpose."""
    return any(as_dim(layer.options.get(name, Const(None))) == 1 for name in ("out_channels", "out_features"))


def weight_used(run: Any, weight: TensorFacts, x: TensorFacts, result: TensorFacts, axis: int = 0) -> None:
    """`x @ weight`; `F.linear(x, weight)` has its inputs along the last axis."""
    if weight.identity is not None:
        size = weight.shape[axis] if weight.shape is not None and len(weight.shape) == 2 else None
        known = size if isinstance(size, int) else None
        _used(
            run,
            run.ledger.aliases.get(weight.identity, weight.identity),
            x,
            result,
            known,
            None,
            bool(run.ledger.touched),
        )


def biased(run: Any, before: TensorFacts, after: TensorFacts) -> None:
    """`x @ w + b` is as plain as `x @ w`."""
    key = run.ledger.products.get(before.identity)
    if key is not None:
        run.ledger.products[after.identity] = key


def _used(
    run: Any, key: int, x: TensorFacts, result: TensorFacts, inputs: int | None, layer: Any, touched: bool
) -> None:
    ledger = run.ledger
    state = ledger.weights.get(key)
    before = _before(run, x)
    if before is not None:
        hidden, fan_in, place, own = before
        if own != key and own not in ledger.judged:
            ledger.judged.add(own)  # what sets it later is training
            if hidden is not None and not (_learns(hidden, state) and x.identity in ledger.products):
                ledger.hidden.append((hidden, fan_in, place, result.origin, own))
    ledger.products[result.identity] = (None if touched else state, inputs, layer, key)


def _learns(hidden: State, following: State | None) -> bool:
    """Zeros with nothing between them and further weights: these send back a gradient for each unit, if they are no constants."""
    return hidden.kind == CONSTANT and hidden.value == 0 and (following is None or following.kind != CONSTANT)


def _before(run: Any, x: TensorFacts) -> Any:
    """The product with weights whose output, or the activation of it, this is."""
    found = run.ledger.products.get(x.identity)
    made_by = x.made_by
    if (
        found is None
        and made_by is not None
        and x.form in (Form.CLIPPED, Form.PROBABILITIES)
        and made_by.operand is not None
    ):
        found = run.ledger.products.get(made_by.operand.identity)
    return found


def _inputs(layer: Layer) -> int | None:
    size = as_dim(layer.options.get("in_features", Const(None)))
    return size if isinstance(size, int) else None


def finish(run: Any) -> None:
    """Hidden weights that something bad set, in a program that trains or in a class that others train."""
    trains = None
    for state, inputs, layer, into, key in run.ledger.hidden:
        if not state.kind or state.document is not run.document:
            continue
        if not state.inside and trains is None:
            trains = any(type(event) is Backward for event in run.events)
        if state.inside or (trains and _is_trained(run, key)):
            run.events.append(WeightsMade(run.document.site(state.node), state.kind, state.value, inputs, layer, into))


def _is_trained(run: Any, key: int) -> bool:
    """Whether an optimizer holds a layer, as far as it is known what they hold: it may be made for a demonstration."""
    layer = run.ledger.layers.get(key)
    made = run.optimizers
    return layer is None or not made or any(not facts.complete or layer.facts in facts.parts for facts in made)
