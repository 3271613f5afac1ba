"""Gradients in the hands of the program: `p.grad`, looked at or written to."""

from __future__ import annotations

from typing import Any

from lrcheck.events import GradientAccess
from lrcheck.facts import TensorFacts
from lrcheck.static.run import Run
from lrcheck.static.values import Seq, Unknown, new_identity

KEEPING = frozenset({"clamp_", "clip_", "clamp_min_", "clamp_max_", "nan_to_num_", "detach_", "requires_grad_", "div_"})
"""Methods that change gradients in place and never clear them."""


def read(run: Run, value: Any, node: Any) -> Any:
    """`p.grad`: `value` is one from now on."""
    if isinstance(value, Unknown):
        value.identity = value.identity or new_identity()
    if isinstance(value, (TensorFacts, Unknown)) and value.identity is not None:
        run.ledger.gradients.add(value.identity)
    run.trace.append(GradientAccess(run.site(node), functional=False, written=False))
    return value


def written(run: Run, node: Any) -> None:
    """Gradients are changed, perhaps cleared."""
    run.trace.append(GradientAccess(run.site(node)))


def method_called(run: Run, receiver: Any, name: str, node: Any) -> None:
    """A method of a value that may be a gradient: `p.grad.zero_()`."""
    if name.endswith("_") and name not in KEEPING and is_gradient(run, receiver):
        written(run, node)


def is_gradient(run: Run, value: Any) -> bool:
    """Whether a value, or an element of it, is a gradient."""
    if isinstance(value, Seq):
        return any(is_gradient(run, item) for item in value.items)
    return isinstance(value, (TensorFacts, Unknown)) and value.identity in run.ledger.gradients
