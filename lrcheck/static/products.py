"""Products with weights: what makes logits."""

from __future__ import annotations

from typing import Any

from lrcheck.events import AffineCall
from lrcheck.facts import DType, Form, TensorFacts
from lrcheck.static import axes, tensors
from lrcheck.static.arguments import Args
from lrcheck.static.run import Run
from lrcheck.static.values import Layer, new_identity


def affine_product(run: Run, node: Any, left: TensorFacts, right: TensorFacts) -> TensorFacts:
    """`x @ w`: scores where one side is a trainable parameter, otherwise nothing is known of the result."""
    is_left = left.roots == {"parameter"} and left.form is None
    is_right = right.roots == {"parameter"} and right.form is None
    shape = _matmul_shape(left.shape, right.shape)
    if is_left is is_right:
        result = TensorFacts(
            shape=shape,
            dtype=DType.FLOAT,
            attached=True if left.attached or right.attached else None,
            roots=left.roots | right.roots if left.roots and right.roots else frozenset(),
            identity=new_identity(),
            model=left.model or right.model,
        )
        axes.attended(run, right, result)
        return result
    x, weight = (right, left) if is_left else (left, right)
    result = affine(run, "matmul", x, node, shape, None, None)
    if run.ledger.weights:
        from lrcheck.static import initialisation  # which knows modules, which know products

        initialisation.weight_used(run, weight, x, result)
    return result


def _matmul_shape(a: Any, b: Any) -> Any:
    if a is not None and b is not None and len(a) >= 2 and len(b) == 1:
        return a[:-1]
    if a is None or b is None or len(a) < 2 or len(b) != 2:
        return (a[0], None) if a is not None and len(a) == 2 else None
    return (*a[:-1], b[-1])


def affine(
    run: Run, name: str, x: TensorFacts, node: Any, shape: Any, out_features: int | None, layer: Layer | None
) -> TensorFacts:
    """The output of a layer with weights: logits, as long as no activation follows."""
    made = tensors.operation(run, name, node, x, None, layer)
    result = TensorFacts(
        form=Form.LOGITS,
        shape=shape,
        dtype=DType.FLOAT,
        attached=run.grad is not False or None,
        roots=(x.roots or frozenset({"input"})) | {"model"},
        layer=made,
        out_features=out_features,
        identity=new_identity(),
        origin=made.site,
        zeroed_by=None,
    )
    run.emit(AffineCall(made.site, name, x, result, layer.site if layer is not None else None))
    return result


def linear(run: Run, op: str, x: TensorFacts, args: Args, node: Any, argument: Any) -> Any:
    """`F.linear`, `F.conv2d`, ...: with weights that a program made itself."""
    weight = tensors.as_tensor(args.get(0, "weight"))
    out = (
        weight.shape[0]
        if weight.shape is not None and len(weight.shape) == 2 and isinstance(weight.shape[0], int)
        else None
    )
    shape = None
    if op == "linear" and x.shape is not None:
        shape = (*x.shape[:-1], out)
    if weight.roots and weight.roots != {"parameter"}:
        return TensorFacts(shape=shape, dtype=DType.FLOAT, identity=new_identity(), model=x.model)
    result = affine(run, op, x, node, shape, out, None)
    if run.ledger.weights:
        from lrcheck.static import initialisation  # which knows modules, which know products

        initialisation.weight_used(run, weight, x, result, -1)
    return result


def matmul(run: Run, op: str, x: TensorFacts, args: Args, node: Any, argument: Any) -> Any:
    return affine_product(run, node, x, tensors.as_tensor(args.get(0, "other")))


def addmm(run: Run, op: str, x: TensorFacts, args: Args, node: Any, argument: Any) -> Any:
    return affine_product(run, node, tensors.as_tensor(args.get(0, "mat1")), tensors.as_tensor(args.get(1, "mat2")))
