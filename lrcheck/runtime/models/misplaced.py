"""Layers whose arguments went to the wrong place, known by what they hold: a momentum as `eps`, a slope that is `True`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from torch import nn  # noqa: TC002  # loaded anyway
from torch.nn.modules.batchnorm import _BatchNorm

from lrcheck.events import Argument, Construct
from lrcheck.runtime.places.source import SourceSite, node_of
from lrcheck.runtime.tensors.memory import construction

_FIRST = ("negative_slope", "alpha", "lambd", "inplace", "p")  # what a layer without weights takes first


def misplaced(model: nn.Module) -> Iterator[Construct]:
    """The parts of a model that were constructed with positional numbers, and what these numbers became."""
    for part in model.modules():
        values = _values(part)
        site = construction(part) if values else None
        call = node_of(site.code, site.instruction) if site is not None else None
        if site is None or not isinstance(call, ast.Call) or len(call.args) < len(values):
            continue
        if any(isinstance(each, ast.Starred) for each in call.args[: len(values)]):
            continue
        places = [SourceSite.of(site.filename, each) for each in call.args[: len(values)]]
        given = tuple(Argument(None, place, value=value) for place, value in zip(places, values, strict=True))
        yield Construct(site, f"torch.nn.{type(part).__name__}", arguments=given, where="arguments")


def _values(part: nn.Module) -> list[Any]:
    """What the first arguments of torch's own layers became, where they may be wrong."""
    if not type(part).__module__.startswith("torch.nn.modules."):
        return []
    if isinstance(part, _BatchNorm):
        return [part.num_features, part.eps] if part.eps >= 1e-2 else []
    name = next((each for each in _FIRST if each in vars(part)), None)
    value = vars(part)[name] if name is not None and next(part.parameters(), None) is None else None
    wrong = value is True if name != "inplace" else not isinstance(value, bool) and value not in (0, 1)
    return [value] if name is not None and wrong else []
