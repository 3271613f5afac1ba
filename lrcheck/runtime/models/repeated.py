"""One layer at several places of a container, where the program meant several layers."""

from __future__ import annotations

import ast
from collections import Counter

from torch import nn  # noqa: TC002  # loaded anyway

from lrcheck.events import RepeatedModule
from lrcheck.runtime.places.source import SourceSite, node_of, value_of
from lrcheck.runtime.tensors.memory import construction, module_facts


def repeated(container: nn.Module) -> RepeatedModule | None:
    """A `Sequential` or `ModuleList` with one module at several places, made by `[layer] * n` or by a comprehension."""
    counts = Counter(id(each) for each in container._modules.values() if each is not None)
    twice = [each for each in container._modules.values() if each is not None and counts[id(each)] > 1]
    module = next((each for each in twice if next(each.parameters(), None) is not None), None)
    site = construction(container)
    if module is None or site is None:
        return None
    call = node_of(site.code, site.instruction)
    for given in call.args if isinstance(call, ast.Call) else ():
        expression = value_of(site.filename, given.value if isinstance(given, ast.Starred) else given)
        element = _element(expression)
        if element is not None and expression is not None:
            return RepeatedModule(
                SourceSite.of(site.filename, expression),
                module_facts(module),
                SourceSite.of(site.filename, element),
                counts[id(module)],
                comprehension=not isinstance(expression, ast.BinOp),
            )
    return None


def _element(expression: ast.expr | None) -> ast.expr | None:
    """The element of `[layer] * n`, `[layer for _ in ...]`."""
    if isinstance(expression, ast.BinOp) and isinstance(expression.op, ast.Mult):
        for side in (expression.left, expression.right):
            if isinstance(side, ast.List | ast.Tuple) and len(side.elts) == 1:
                return side.elts[0]
    if isinstance(expression, ast.ListComp | ast.GeneratorExp) and isinstance(expression.elt, ast.Name | ast.Attribute):
        return expression.elt
    return None
