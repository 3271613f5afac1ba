"""Values seen as tensors, and the operations that made them."""

from __future__ import annotations

from typing import Any

from lrcheck.facts import Operation, TensorFacts
from lrcheck.static.run import Run
from lrcheck.static.values import Const, Layer, Union, Unknown


def as_tensor(value: Any) -> TensorFacts:
    """A value seen as a tensor."""
    if isinstance(value, TensorFacts):
        return value
    if isinstance(value, Unknown):
        return value.tensor()
    if isinstance(value, Union):
        live = [a for a in value.alternatives if not (isinstance(a, Const) and a.value is None)]
        return as_tensor(live[0]) if len(live) == 1 else TensorFacts()
    return TensorFacts(identity=None)


def operation(run: Run, name: str, node: Any, operand: TensorFacts | None = None, argument: Any = None,
              layer: Layer | None = None, dim: int | None = None, has_dim: bool = False) -> Operation:  # fmt: skip
    """An operation at a node of the current file."""
    return Operation(
        name,
        run.site(node),
        operand,
        run.site(argument) if argument is not None else None,
        layer.site if layer is not None else None,
        removable=layer is not None and layer.attrs.get("__removable__") is True,
        dim=dim,
        has_dim=has_dim,
        always_after_each=layer is not None and layer.attrs.get("__repeated__") is True,
    )
