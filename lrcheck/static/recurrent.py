"""Recurrent states: which of them come from the iteration before."""

from __future__ import annotations

from typing import Any

from lrcheck.events import RecurrentCall
from lrcheck.facts import TensorFacts
from lrcheck.static.arguments import Args
from lrcheck.static.run import Delta, Run
from lrcheck.static.values import Seq


def called(run: Run, args: Args, node: Any) -> None:
    """A recurrent layer is called, with or without a state."""
    state = args.get(1, "hx")
    parts = state.items if isinstance(state, Seq) else (state,)
    carried = next((p for p in parts if isinstance(p, TensorFacts) and p.carried and p.attached is True), None)
    run.trace.append(RecurrentCall(run.site(node), carried is not None, carried.state if carried is not None else None))


def carry(run: Run, deltas: list[Delta]) -> None:
    """After the first iteration: a state that it leaves behind is what the next one starts from."""
    if len(deltas) != 1:
        return
    for target, key, value in deltas[0].values():
        if isinstance(target, dict) and (marked := _marked(value)) is not None:
            run.put(target, key, marked)


def _marked(value: Any) -> Any:
    if isinstance(value, TensorFacts):
        if value.state is None or value.attached is not True or value.cut_by is not None:
            return None
        return value.but(carried=True)
    if isinstance(value, Seq) and value.kind == "tuple" and value.gap is None and value.items:
        parts = [_marked(item) for item in value.items]
        return Seq(parts, value.kind) if all(part is not None for part in parts) else None
    return None
