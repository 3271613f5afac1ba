"""Imports: names of other packages become `Api`, modules of the project are interpreted themselves."""

from __future__ import annotations

from typing import Any

import libcst as cst

from lrcheck.knowledge.names import KNOWN_MODULES
from lrcheck.static import api_uses, expressions, statements
from lrcheck.static.evaluation import api
from lrcheck.static.run import Run
from lrcheck.static.values import CREATED, Api, Const, Lazy, Namespace, Scope, Unknown

MAX_IMPORT_DEPTH = 12
IMPORT_STATEMENTS = 2000
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
        run.put(run.scope.vars, first, module(run, first, 0))


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
        value = Lazy(source, name) if isinstance(source, Namespace) else _outside(run, source, name, base, level)
        if type(value) is Api:
            api_uses.name_imported(run, value, alias)
        if alias.asname is not None:
            _bind(run, alias.asname.name, value)
        else:
            run.put(run.scope.vars, name, value)


def _outside(run: Run, source: Any, name: str, base: str, level: int) -> Any:
    """A name of another package, or of a folder without an `__init__.py`."""
    if isinstance(source, Api):
        return api(f"{source.full}.{name}")
    if level and not base:
        importer = run.scope.document.path
        below = run.project.find(importer, name, level)
        if below is not None:
            return Namespace(name, below, importer)
    return Unknown(f"`{name}` comes from `{'.' * level}{base}`, which is not in the project")


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
    importer = run.scope.document.path
    path = run.project.find(importer, name, level) if name not in KNOWN_MODULES else None
    if path is None:
        return api(name) if level == 0 else Unknown(f"`{'.' * level}{name}` is not in the project")
    return Namespace(name, path, importer)


def scope_of(run: Run, namespace: Namespace) -> Scope | None:
    """The variables of a module: it is interpreted once; an import cycle sees the part that is already there."""
    scopes = run.project.scopes
    if namespace.path in scopes:
        found: Scope | None = scopes[namespace.path]
        return found
    document = run.project.document(namespace.path, namespace.importer)
    depth = sum(isinstance(active, Scope) for active in run.active)
    if document is None or depth > MAX_IMPORT_DEPTH:
        scopes[namespace.path] = None
        run.project.shared = run.project.shared and depth <= MAX_IMPORT_DEPTH
        return None
    scope = scopes[namespace.path] = Scope(document)
    _interpret(run, scope)
    return scope


def _interpret(run: Run, scope: Scope) -> None:
    """The module level of an imported file: its names matter, what it trains does not."""
    kept = {name: getattr(run, name) for name in _SET_ASIDE}
    run.trace, run.events, run.undecided, run.log, run.functions, run.classes = [], [], [], None, [], []
    run.fuel, run.flags = IMPORT_STATEMENTS, {"grad": True, "autocast": False}
    outer, CREATED.stores = CREATED.stores, {id(scope.vars), id(run.flags)}
    run.forward_depth = run.quick = run.loop_depth = 0
    run.active = [*run.active, scope]
    scope.vars["__name__"] = Const("imported")
    try:
        with run.inside(scope):
            statements.execute(run, scope.document.module.body)
    finally:
        CREATED.stores = outer
        for name, value in kept.items():
            setattr(run, name, value)


def known(run: Run, scope: Scope, name: str) -> Any:
    """A variable of a module; an imported name is looked up when it is first used."""
    value = scope.vars.get(name)
    if type(value) is Lazy:
        lazy = value
        scope.vars[name] = Unknown(f"`{name}` imports itself")
        value = scope.vars[name] = member(run, lazy.source, lazy.name)
        inside = run.project.scopes.get(lazy.source.path)
        if type(value) is Unknown and any(active is inside for active in run.active):
            scope.vars[name] = lazy  # a cycle: only a part of the module is there yet
    return value


def member(run: Run, source: Namespace, name: str) -> Any:
    """An attribute of a module of the project, or a module below it."""
    scope = scope_of(run, source)
    if scope is not None:
        value = known(run, scope, name)
        if value is not None:
            return value
        if scope.stars:
            with run.inside(scope):
                found = expressions.from_stars(run, scope, name)
            if found is not None:
                return found
    below = run.project.find(source.path, name, 1) if source.path.endswith("__init__.py") else None
    if below is not None:
        return Namespace(name, below, source.importer)
    return Unknown(f"`{name}` was not found in `{source.name}`")
