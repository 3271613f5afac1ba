"""Imports: names of other packages become `Api`, modules of the project are interpreted themselves."""

from __future__ import annotations

from typing import Any

import libcst as cst

from lrcheck.static import api_uses, expressions, statements
from lrcheck.static.evaluation import api
from lrcheck.static.run import Run
from lrcheck.static.values import Api, Const, Namespace, Scope, Unknown

MAX_IMPORT_DEPTH = 12
_SET_ASIDE = ("trace", "events", "undecided", "log", "functions", "classes", "fuel", "flags", "forward_depth", "quick", "loop_depth",
              "active")  # fmt: skip


def execute(run: Run, node: Any) -> None:
    """`import a.b as c` and `from a import b as c`."""
    if isinstance(node, cst.Import):
        _import(run, node)
    else:
        _import_from(run, node)


def _import(run: Run, node: cst.Import) -> None:
    for alias in node.names:
        name = dotted(alias.name)
        api_uses.module_imported(run, name, alias.name)
        if alias.asname is not None:
            _bind(run, alias.asname.name, module(run, name, 0))
            continue
        first = name.partition(".")[0]
        value = module(run, first, 0)
        if isinstance(value, Namespace):
            module(run, name, 0)
        run.put(run.scope.vars, first, value)


def _import_from(run: Run, node: cst.ImportFrom) -> None:
    base = dotted(node.module) if node.module is not None else ""
    level = len(node.relative)
    source = module(run, base, level)
    if not level and node.module is not None:
        api_uses.module_imported(run, base, node.module)
    if isinstance(node.names, cst.ImportStar):
        stars = run.scope.top.stars = run.scope.top.stars or []
        stars.append(source)
        return
    for alias in node.names:
        name = dotted(alias.name)
        value = member(run, source, name, base, level)
        if alias.asname is not None:
            _bind(run, alias.asname.name, value)
        else:
            run.put(run.scope.vars, name, value)


def _bind(run: Run, target: Any, value: Any) -> None:
    if isinstance(target, cst.Name):
        run.put(run.scope.vars, target.value, value)


def dotted(node: Any) -> str:
    """`a.b.c` as text."""
    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    if isinstance(node, cst.Name):
        parts.append(node.value)
    return ".".join(reversed(parts))


def module(run: Run, name: str, level: int) -> Any:
    """The module `name` as the current file imports it."""

    path = run.project.find(run.scope.document.path, name, level)
    if path is None:
        return api(name) if level == 0 else Unknown(f"`{'.' * level}{name}` is not in the project")
    return Namespace(name, load(run, path))


def load(run: Run, path: str) -> Scope | None:
    """Interpret a module of the project once a run; an import cycle sees the part that is already there."""
    scopes = run.project.scopes
    if path in scopes:
        found: Scope | None = scopes[path]
        return found
    document = run.project.document(path, run.scope.document.path)
    if document is None or len(run.active) > MAX_IMPORT_DEPTH:
        scopes[path] = None
        return None
    scope = scopes[path] = Scope(document)
    _interpret(run, scope)
    return scope


def _interpret(run: Run, scope: Scope) -> None:
    """The module level of an imported file: its names matter, what it trains does not."""
    kept = {name: getattr(run, name) for name in _SET_ASIDE}
    run.trace, run.events, run.undecided, run.log, run.functions, run.classes = [], [], [], None, [], []
    run.fuel, run.flags = max(run.fuel, 2000), {"grad": True, "autocast": False}
    run.forward_depth = run.quick = run.loop_depth = 0
    run.active = [*run.active, scope]
    scope.vars["__name__"] = Const("imported")
    try:
        with run.inside(scope):
            statements.execute(run, scope.document.module.body)
    finally:
        for name, value in kept.items():
            setattr(run, name, value)


def member(run: Run, source: Any, name: str, base: str, level: int) -> Any:
    """`from source import name`: an attribute of the module, or a module below it."""

    if isinstance(source, Api):
        return api(f"{source.name}.{name}")
    if isinstance(source, Namespace):
        if source.scope is not None:
            if name in source.scope.vars:
                return source.scope.vars[name]
            if source.scope.stars:
                with run.inside(source.scope):
                    found = expressions.lookup(run, name)
                if not isinstance(found, Unknown):
                    return found
        below = run.project.find(run.scope.document.path, f"{base}.{name}" if base else name, level)
        if below is not None:
            return Namespace(name, load(run, below))
        return Unknown(f"`{name}` was not found in `{base}`")
    if level and not base:
        below = run.project.find(run.scope.document.path, name, level)
        if below is not None:
            return Namespace(name, load(run, below))
    return Unknown(f"`{name}` comes from `{'.' * level}{base}`, which is not in the project")
