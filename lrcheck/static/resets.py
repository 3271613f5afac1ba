"""Where a total that is carried over epochs could be set back: looked for only when one is divided."""

from __future__ import annotations

import re
from typing import Any

import libcst as cst

from lrcheck.facts import ScalarFacts
from lrcheck.findings import Site
from lrcheck.static.document import Document
from lrcheck.static.run import Run
from lrcheck.static.values import Class, Function, Instance


def of_total(run: Run, facts: ScalarFacts) -> tuple[Site, Site] | None:
    """The statement `total = 0` before the loop over epochs, and the first statement in it; None where that is not all."""
    frame = run.frames.get(facts.serial)
    if frame is None or frame.parent is None or not any(amount.kind == "epochs" for amount, _ in facts.powers):
        return None
    document = run.scope.document
    name = _summed(facts, document)
    epochs = frame.parent.node
    body = getattr(getattr(epochs, "body", None), "body", ())
    if (
        name is None
        or not body
        or not isinstance(epochs.body, cst.IndentedBlock)
        or not _inside(document, frame.node, epochs)
    ):
        return None
    start = _start(document, epochs, name)
    if start is None or re.search(rf"\b{name}\b", document.text[document.range(epochs)[1] :]):
        return None
    return document.site(start), document.site(body[0])


def is_forgotten(run: Run, total: ScalarFacts, count: ScalarFacts, nodes: tuple[Any, Any]) -> bool:
    """A meter of the program is read in the loop over epochs, over which it has grown, although it can be set back to 0."""
    keys, others = ({amount.key for amount, _ in facts.powers if amount.kind == "epochs"} for facts in (total, count))
    if not keys or keys != others or not any(frame.key in keys for frame in run.loops):
        return False
    fields = [node for node in nodes if isinstance(node, cst.Attribute) and isinstance(node.value, cst.Name)]
    holders = {field.value.value for field in fields}  # type: ignore[attr-defined]
    holder = run.scope.vars.get(holders.pop()) if len(fields) == 2 and len(holders) == 1 else None
    return isinstance(holder, Instance) and _starts_again(holder, {field.attr.value for field in fields})


def _starts_again(meter: Instance, fields: set[str]) -> bool:
    """A method other than the constructor sets all of these to 0."""
    return any(
        isinstance(method, Function) and name != "__init__" and fields <= _zeros(method.node)
        for cls in (meter.cls, *meter.cls.mro)
        if isinstance(cls, Class)
        for name, method in cls.attrs.items()
    )


def _zeros(function: Any) -> set[str]:
    """The attributes that the body of a function sets to 0."""
    found: set[str] = set()
    for line in getattr(function.body, "body", ()):
        for small in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            if isinstance(small, cst.Assign) and isinstance(small.value, (cst.Integer, cst.Float)):
                zero = float(small.value.value.replace("_", "")) == 0
                targets = [each.target for each in small.targets if isinstance(each.target, cst.Attribute)]
                found.update(target.attr.value for target in targets if zero)
    return found


def _summed(facts: ScalarFacts, document: Document) -> str | None:
    """The name of the total."""
    node = getattr(facts.summed, "node", None)
    if node is None or getattr(facts.summed, "document", None) is not document:
        return None
    if isinstance(node, cst.BinaryOperation):
        node = document.parent(node)
    target = node.target if isinstance(node, cst.AugAssign) else None
    if isinstance(node, cst.Assign) and len(node.targets) == 1:
        target = node.targets[0].target
    return target.value if isinstance(target, cst.Name) else None


def _inside(document: Document, node: cst.CSTNode, outer: cst.CSTNode) -> bool:
    current: cst.CSTNode | None = node
    while current is not None and current is not outer:
        if isinstance(current, (cst.FunctionDef, cst.ClassDef, cst.Lambda)):
            return False
        current = document.parent(current)
    return current is outer


def _start(document: Document, loop: cst.CSTNode, name: str) -> cst.CSTNode | None:
    """`name = 0`, alone on its line, before the loop and in the same block; its value may not be read in between."""
    block = document.parent(loop)
    found: cst.CSTNode | None = None
    for statement in getattr(block, "body", ()):
        if statement is loop:
            return found
        value = _zero_of(statement, name)
        if value is not None:
            found = value
        elif found is not None and re.search(rf"\b{name}\b", document.text[slice(*document.range(statement))]):
            found = None
    return None


def _zero_of(statement: Any, name: str) -> cst.CSTNode | None:
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return None
    small = statement.body[0]
    if not isinstance(small, cst.Assign) or len(small.targets) != 1:
        return None
    target, value = small.targets[0].target, small.value
    if not (isinstance(target, cst.Name) and target.value == name and isinstance(value, (cst.Integer, cst.Float))):
        return None
    return small if float(value.value.replace("_", "")) == 0 else None
