"""One layer at several places of a container, where the program meant several layers."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

from torch import nn  # noqa: TC002  # loaded anyway

from lrcheck.events import RepeatedModule
from lrcheck.runtime.places.source import SourceSite, node_of, parent_of, tree_of, value_of
from lrcheck.runtime.tensors.memory import construction, module_facts


def repeated(container: nn.Module) -> RepeatedModule | None:
    """A container with one module at several places, made by `[layer] * n`, by a comprehension or by a loop."""
    counts = Counter(id(each) for each in container._modules.values() if each is not None)
    twice = [each for each in container._modules.values() if each is not None and counts[id(each)] > 1]
    module = next((each for each in twice if next(each.parameters(), None) is not None), None)
    site = construction(container)
    if module is None or site is None:
        return None
    call = node_of(site.code, site.instruction)
    collected = _collected(site.filename, call, module) if isinstance(call, ast.Call) else None
    if collected is not None:
        place = SourceSite.of(site.filename, collected)
        return RepeatedModule(place, module_facts(module), place, counts[id(module)], comprehension=True)
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


def _collected(filename: str, call: ast.Call, module: nn.Module) -> ast.expr | None:
    """The element of `layers += [layer, ...]` and `layers.append(layer)`, in a loop in front of which the layer was made."""
    made, tree = construction(module), tree_of(filename)
    given = [each.value if isinstance(each, ast.Starred) else each for each in call.args]
    lists = {name for each in given or _targets(filename, call) if (name := _name(each)) is not None}
    if made is None or tree is None or not lists or made.filename != filename:
        return None
    source = node_of(made.code, made.instruction)
    for loop in [each for each in ast.walk(tree) if isinstance(each, ast.For)]:
        for element in _added(loop, lists):
            value = value_of(filename, element) if isinstance(element, ast.Name) else None
            if value is not None and value is source and not loop.lineno <= value.lineno <= (loop.end_lineno or 0):
                return element
    return None


def _added(loop: ast.For, lists: set[str]) -> Iterator[ast.expr]:
    """What a loop adds to these lists."""
    for part in ast.walk(loop):
        match part:
            case ast.AugAssign(target=target, value=ast.List(elts=added)) if _name(target) in lists:
                yield from added
            case ast.Call(func=ast.Attribute(value=target, attr="append"), args=added) if _name(target) in lists:
                yield from added
            case ast.Call(func=ast.Attribute(value=target, attr="extend"), args=[ast.List(elts=added)]) if (
                _name(target) in lists
            ):
                yield from added


def _targets(filename: str, call: ast.Call) -> list[ast.expr]:
    """What an empty container is assigned to."""
    parent = parent_of(filename, call)
    return parent.targets if isinstance(parent, ast.Assign) else []


def _name(node: ast.expr) -> str | None:
    """`layers`, `self.layers`."""
    return ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else None


def _element(expression: ast.expr | None) -> ast.expr | None:
    """The element of `[layer] * n`, `[layer for _ in ...]`."""
    if isinstance(expression, ast.BinOp) and isinstance(expression.op, ast.Mult):
        for side in (expression.left, expression.right):
            if isinstance(side, ast.List | ast.Tuple) and len(side.elts) == 1:
                return side.elts[0]
    if isinstance(expression, ast.ListComp | ast.GeneratorExp) and isinstance(expression.elt, ast.Name | ast.Attribute):
        return expression.elt
    if isinstance(expression, ast.DictComp) and isinstance(expression.value, ast.Name | ast.Attribute):
        return expression.value
    return None
