"""Is a program's randomness seeded?"""

from __future__ import annotations

import re
from typing import Any

from lrcheck.events import Iteration, OptimizerStep, UnseededTraining
from lrcheck.static.values import Api

# Comments, and seeds of something else: they do not make torch's numbers repeat.
_OTHERS = re.compile(r"#[^\r\n]*|\b(?:np|numpy|random)(?:\.random)?\.seed\s*\(|\brandom_(?:state|seed)\b")
_SEED = re.compile(r"\w*seed\w*\s*[(=]|\bGenerator\(|deterministic", re.IGNORECASE)


def finish(run: Any) -> None:
    """A script that trains, and that mentions no seed but those of other libraries; what it calls elsewhere may set one."""
    trained = _trained(run) if not run.ledger.foreign else None
    if trained is None or _SEED.search(_OTHERS.sub("", run.document.text)):
        return
    names = {value.name: name for name, value in run.scope.top.vars.items() if isinstance(value, Api)}
    run.events.append(UnseededTraining(trained.site, trained.name, names.get("torch", "")))


def _trained(run: Any) -> Any:
    """The first model that the script trains."""
    for event in run.events:
        if type(event) is not Iteration or not event.called:
            continue
        for step in event.steps:
            facts = step.event.facts if isinstance(step.event, OptimizerStep) else None
            for owner in facts.owners if facts is not None else ():
                node = getattr(owner.site, "node", None)
                if getattr(owner.site, "document", None) is run.document and hasattr(node, "func"):
                    return owner
    return None
