"""The evaluator's table: which function evaluates which kind of expression. The modules of this folder fill it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lrcheck.knowledge.names import canonical
from lrcheck.static.run import Run
from lrcheck.static.values import UNKNOWN, Api

EVALUATORS: dict[type, Callable[[Run, Any], Any]] = {}

_apis: dict[str, Api] = {}


def evaluate(run: Run, node: Any) -> Any:
    """The value of an expression."""
    evaluator = EVALUATORS.get(type(node))
    return UNKNOWN if evaluator is None else evaluator(run, node)


def api(name: str) -> Api:
    """The one value for a dotted name."""
    found = _apis.get(name)
    if found is None:
        found = _apis[name] = Api(canonical(name), name)
    return found
