"""The static observer: from a document to the events of the program, without running any of it."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Any

import libcst as cst

from lrcheck.events import Event
from lrcheck.static import (
    api_uses,
    calls,
    compose,
    definition_reports,
    devices,
    initialisation,
    layers,
    pipelines,
    randomness,
    statements,
)
from lrcheck.static.arguments import Args
from lrcheck.static.document import Document
from lrcheck.static.project import Project
from lrcheck.static.run import CALLERS, LIBRARY_STATEMENTS, TRAINING_STATEMENTS, Run
from lrcheck.static.values import MISSING, Api, Class, Const, Function, Instance, Unknown

RECURSION_LIMIT = 6000


@dataclass(slots=True)
class Observation:
    """What was seen: the events in order, and the questions that stayed open."""

    events: list[Event] = field(default_factory=list)
    undecided: list[tuple[Any, str]] = field(default_factory=list)
    complete: bool = True


def observe(document: Document, project: Project | None = None) -> Observation:
    """Interpret a program: its module level first, then every function that was not called."""
    project = project or Project()
    lines = document.text.count("\n") + 1
    run = Run(project, document, lines)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, RECURSION_LIMIT))
    run.scope.vars["__name__"] = Const("__main__")
    run.log = []
    try:
        complete = _module_level(run, document)
        run.scope.pending.clear()
        run.fuel = LIBRARY_STATEMENTS[0] + int(LIBRARY_STATEMENTS[1] * lines)
        complete = _uncalled(run) and complete
        definition_reports.finish(run)
        layers.finish(run)
        devices.finish(run)
        pipelines.finish(run)
        randomness.finish(run)
        initialisation.finish(run)
        api_uses.finish(run)
    finally:
        sys.setrecursionlimit(limit)
        _undo(run)
        for holder in (*run.classes, *(function.scope for function in run.functions), run.scope):
            holder.forget()
    once = {(site.key(), reason): (site, reason) for site, reason in run.undecided}
    return Observation(run.events, list(once.values()), complete)


def _module_level(run: Run, document: Document) -> bool:
    """Statement by statement, so that one that is nested too deeply costs only itself."""
    complete = True
    scope, trace = run.scope, run.trace
    for statement in document.module.body:
        try:
            if document.is_page and _begins_anew(run, statement):
                _forget(run)
            if statements.execute(run, (statement,)) is not None:
                break
        except RecursionError:
            complete = False
            run.scope, run.active, run.forward_depth, run.quick, run.loop_depth = scope, [], 0, 0, 0
            run.loops.clear()
            run.trace = trace
    compose.program_finished(run, called=True)
    run.ledger.script = False
    return complete


def _begins_anew(run: Run, statement: Any) -> bool:
    """A page imports torch again: what follows is an example of its own."""
    first = statement.body[0] if type(statement) is cst.SimpleStatementLine else None
    if type(first) is not cst.Import:
        return False
    names = [(alias.evaluated_alias or alias.evaluated_name, alias.evaluated_name) for alias in first.names]
    known = ((dict.get(run.scope.vars, name), of) for name, of in names if of.partition(".")[0] == "torch")
    return any(type(value) is Api and value.name == of for value, of in known)


def _forget(run: Run) -> None:
    for name in [name for name, value in run.scope.vars.items() if type(value) is not Api and name != "__name__"]:
        run.put(run.scope.vars, name, Unknown(f"`{name}` is of another example"))


def _undo(run: Run) -> None:
    """Modules of the project are shared between checked files: what this program changed in them is undone."""
    for target, key, old in reversed(run.log or []):
        if old is MISSING:
            target.pop(key, None)
        else:
            target[key] = old


def _uncalled(run: Run) -> bool:
    """Functions and methods that nothing calls: a library's `train_one_epoch(model, loader, ...)`."""
    index = 0
    complete = True
    scope = run.scope
    least = TRAINING_STATEMENTS if ".backward(" in run.document.text else 0
    while index < len(run.functions):
        function: Function = run.functions[index]
        index += 1
        if id(function.node) in run.executed or function.document is not scope.document or function.name == "<lambda>":
            continue
        run.trace = []
        run.flags.update({"grad": CALLERS, "autocast": False})  # whoever calls it sets the modes
        run.goes_backward = False
        run.modes.update(dict.fromkeys(run.modes))
        run.fuel = max(run.fuel, least)
        try:
            _run_alone(run, function)
            compose.program_finished(run, called=False)
        except RecursionError:
            complete = False
            run.scope, run.active, run.forward_depth, run.quick, run.loop_depth = scope, [], 0, 0, 0
            run.loops.clear()
    return complete


def _run_alone(run: Run, function: Function) -> None:
    owner = function.owner
    if owner is None or function.kind == "static":
        calls.call_unknown(run, function)
        return
    if function.kind == "class":
        calls.call_unknown(run, function, owner)
        return
    instance = _instance_of(run, owner)
    if id(function.node) in run.executed:
        return
    if function.name == "forward" and isinstance(instance, Instance) and instance.facts is not None:
        calls.forward(run, instance, Args([], [], {}, {}, True), function.node, function)
        return
    calls.call_unknown(run, function, instance)


def _instance_of(run: Run, cls: Class) -> Any:
    """An instance to run a method on: one that the program made, else one made with unknown arguments."""
    found = run.instances.get(cls.node)
    if found is None:
        result = calls.instantiate(run, cls, Args([], [], {}, {}, True), cls.node)
        found = run.instances.get(cls.node, result)
        if isinstance(found, Instance) and found.facts is not None:
            devices.may_be_moved(run, found)
    return found
