"""Activations: softmax, sigmoid, relu, and those that a program writes by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lrcheck.events import Activation, Elementwise
from lrcheck.facts import DType, Form, Operation, TensorFacts, Uses
from lrcheck.knowledge.operations import ACTIVATIONS, SOFTMAX_LIKE
from lrcheck.static import tensors
from lrcheck.static.arguments import Args
from lrcheck.static.run import Run
from lrcheck.static.values import MISSING, Const, Layer, new_identity


def activation(
    run: Run, op: str, x: TensorFacts, args: Args, node: Any, argument: Any, layer: Layer | None = None
) -> Any:
    """softmax, sigmoid, relu, ...: the form of the result is known whatever the operand is."""
    name = op.rstrip("_")
    dim: Any = MISSING
    if name in SOFTMAX_LIKE and layer is None:
        dim = args.get(0, "dim") if name != "gumbel_softmax" else args.keywords.get("dim", MISSING)
    elif layer is not None and name in SOFTMAX_LIKE:
        dim = layer.options.get("dim", Const(1) if layer.name.endswith("2d") else MISSING)
    has_dim = dim is not MISSING and not (isinstance(dim, Const) and dim.value is None)
    dim_number = dim.value if isinstance(dim, Const) and isinstance(dim.value, int) else None
    made_by = tensors.operation(run, name, node, x, argument, layer, dim_number, has_dim)
    dim_node = args.node(0, "dim") if layer is None else None
    if dim_node is not None:
        made_by = replace(made_by, dim_site=run.site(dim_node))
    result = x.but(
        form=ACTIVATIONS[name],
        made_by=made_by,
        dtype=DType.FLOAT,
        uses=Uses(),
        identity=new_identity(),
        trailing=x.trailing if name in SOFTMAX_LIKE or name in ("sigmoid", "logsigmoid") else None,
        why_unknown="",
        last=None,
        origin=made_by.site,
        classes=None,
        reduction=None,
    )
    if name == "glu":
        result = result.but(shape=None, out_features=None)
    if name in SOFTMAX_LIKE:
        open_ = args.open and layer is None
        run.emit(Activation(made_by.site, made_by, x, result, implicit_dim=not has_dim and not open_))
    return result


def softmax_by_hand(run: Run, node: Any, operator: str, left: TensorFacts, right: TensorFacts) -> TensorFacts | None:
    """`exp(x) / exp(x).sum(...)`."""
    if operator != "Divide" or left.last is None or right.last is None:
        return None
    if left.last.name != "exp" or right.last.name != "sum_exp":
        return None
    source, summed = left.last.operand, right.last.operand
    if source is None or summed is None or source.identity is None or source.identity != summed.identity:
        return None
    if right.shape == () and run.grad is False:  # the whole is normalised, not each row: Sinkhorn's algorithm
        return None
    if source.roots != {"constant"}:  # a fixed kernel has no scores that grow
        run.emit(Elementwise(run.site(node), "softmax_by_hand", source, left))
    made_by = tensors.operation(run, "softmax", node, source)
    return source.but(form=Form.PROBABILITIES, made_by=made_by, dtype=DType.FLOAT, uses=Uses(), identity=new_identity(),
                      last=None, origin=made_by.site)  # fmt: skip


def max_subtraction(run: Run, node: Any, operator: str, left: TensorFacts, right: TensorFacts) -> Operation | None:
    """`x - x.max(...)`: what makes a hand-written softmax stable."""
    if operator == "Subtract" and right.last is not None and right.last.name == "max":
        return tensors.operation(run, "max_subtracted", node, left)
    return None


def exp(run: Run, op: str, x: TensorFacts, args: Args, node: Any, argument: Any) -> Any:
    identity = x.identity if x.identity is not None else new_identity()
    source = x.but(identity=identity)
    form = Form.PROBABILITIES if x.form is Form.LOG_PROBABILITIES else None
    result = x.but(form=form, made_by=x.made_by if form else None, identity=new_identity(), dtype=DType.FLOAT,
                   last=tensors.operation(run, "exp", node, source, argument))  # fmt: skip
    if form is Form.PROBABILITIES and x.made_by is not None:
        return result.but(
            made_by=tensors.operation(run, "softmax" if x.made_by.name == "log_softmax" else "exp", node, x, argument)
        )
    return result


def log(run: Run, op: str, x: TensorFacts, args: Args, node: Any, argument: Any) -> Any:
    if x.last is None or x.last.name != "shifted":
        run.emit(Elementwise(run.site(node), "log", x))
    if x.form is Form.PROBABILITIES:
        return x.but(form=Form.LOG_PROBABILITIES, made_by=tensors.operation(run, "log", node, x, argument), identity=new_identity(),
                     uses=None)  # fmt: skip
    return x.but(form=None, made_by=None, identity=new_identity(), uses=None, dtype=DType.FLOAT, out_features=None)
