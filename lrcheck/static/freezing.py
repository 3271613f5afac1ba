"""Frozen parameters: which modules a program does not train, and which of them learn statistics all the same."""

from __future__ import annotations

from typing import Any

from lrcheck.events import Backward, FrameworkBackward, FrozenStatistics
from lrcheck.facts import ModuleFacts, TensorFacts
from lrcheck.static import modules
from lrcheck.static.iterations import Flat
from lrcheck.static.run import Run
from lrcheck.static.values import Const, Instance, Layer, Parameters, Unknown

STATISTICS = frozenset({"track_running_stats", "running_mean", "running_var"})  # whether there are any is then a choice


def parameters_set(run: Run, tensor: TensorFacts, value: Any, node: Any) -> None:
    """`p.requires_grad = value` for each parameter of some modules."""
    owners = run.parameters.get(tensor.identity)
    if owners is not None:
        for owner in owners:
            module_set(run, owner, value, node)


def module_set(run: Run, module: Any, value: Any, node: Any) -> None:
    """`module.requires_grad_(value)`, or the same for each of its parameters."""
    frozen = isinstance(value, Const) and value.value is False
    whole = run.ledger.members.get(module) if isinstance(module, Unknown) else None
    if whole is None and not isinstance(module, (Instance, Layer)):
        if not frozen:
            run.ledger.thawed.update(run.frozen)
        return
    for part in modules.walk(module if whole is None else whole):
        if part.facts is None:
            continue
        if not frozen:
            run.ledger.thawed.add(part.facts)
        if frozen and whole is None:
            run.put(run.frozen, part.facts, True)
            run.ledger.freezing[part.facts] = run.site(node)
        else:
            run.put(run.frozen, part.facts, None)


def member_set(run: Run, value: Unknown, name: str, given: Any) -> None:
    """`m.weight.requires_grad = True`, `m.running_mean = None` for some part of a module: each part may be the one."""
    whole = run.ledger.members.get(value if name in STATISTICS else value.whole)
    if whole is not None and not (isinstance(given, Const) and given.value is False and name not in STATISTICS):
        run.ledger.thawed.update(part.facts for part in modules.walk(whole) if part.facts is not None)


def iterated(run: Run, parameters: Parameters) -> None:
    """Parameters of frozen modules that a loop goes through again and again: an average of others is kept in them."""
    for module in parameters.modules if run.loop_depth and run.frozen else ():
        if isinstance(module, (Instance, Layer)) and run.frozen.get(module.facts) is True:
            run.ledger.thawed.update(part.facts for part in modules.walk(module) if part.facts is not None)


def called(run: Run, model: Any, facts: ModuleFacts, callee: Any, node: Any) -> None:
    """A model is called: does a frozen part of it learn statistics?"""
    parts = [part for part in modules.walk(model) if isinstance(part, (Layer, Instance))]
    if run.modes.get(facts) is not True or any(id(part) in run.ledger.touched for part in parts):
        return
    for part in parts:
        if not isinstance(part, Layer) or part.children is not None or not part.facts.has_batchnorm:
            continue
        own, chosen = part.facts, STATISTICS & {*part.options, *part.attrs}
        if run.frozen.get(own) is True and run.modes.get(own) is True and not chosen:
            name = run.site(callee).text if callee is not None else ""
            run.trace.append(FrozenStatistics(run.site(node), name, run.ledger.freezing.get(own), facts, own))
            return


def statistics(run: Run, flat: Flat) -> None:
    """The frozen statistics that a training loop moves."""
    trains = any(isinstance(step.event, (Backward, FrameworkBackward)) for step in flat.events)
    for step in flat.events if trains else ():
        event = step.event
        if (
            not isinstance(event, FrozenStatistics)
            or event.layer in run.ledger.thawed
            or event.module in run.ledger.thawed
        ):
            continue
        run.events.append(event)
        return
