"""`lrcheck events FILE`: a program as the rules see it."""

from __future__ import annotations

import argparse
import dataclasses
import enum
import sys
from collections.abc import Iterator

from lrcheck.sources import UnreadableError

MAX_DEPTH = 3
_ROUTINE = frozenset({"site", "origin", "uses", "identity", "why_unknown", "outputs", "decisions"})


def show_events(options: argparse.Namespace) -> int:
    """Print every event with its facts and lines, then what was not decided."""
    from lrcheck.static.document import read_document
    from lrcheck.static.observer import observe

    try:
        document = read_document(options.path)
        observation = observe(document)
    except UnreadableError as error:
        print(f"lrcheck: error: {options.path}: {error}", file=sys.stderr)
        return 2
    for event in observation.events:
        print(f"{_where(event.site)}: {type(event).__name__} `{_short(event.site.text)}`")
        for line in facts_of(event, 1):
            print(line)
    for site, reason in observation.undecided:
        print(f"{_where(site)}: undecided: {reason}")
    return 0


def facts_of(value: object, depth: int) -> Iterator[str]:
    """One line for each known fact, deeper facts indented."""
    assert dataclasses.is_dataclass(value)
    for field in dataclasses.fields(value):
        if field.name in _ROUTINE:
            continue
        found = getattr(value, field.name)
        if found in (None, (), "", False) or (isinstance(found, frozenset | list | dict) and not found):
            continue
        yield from _fact(field.name, found, depth)


def _fact(name: str, value: object, depth: int) -> Iterator[str]:
    blank = "    " * depth
    if callable(getattr(value, "span", None)):
        yield f"{blank}{name}: line {_where(value)} `{_short(value.text)}`"  # type: ignore[attr-defined]
    elif isinstance(value, tuple | list) and any(dataclasses.is_dataclass(item) for item in value):
        yield f"{blank}{name}:"
        for item in value:
            yield from _fact(type(item).__name__, item, depth + 1)
    elif dataclasses.is_dataclass(value):
        head = f"{blank}{name}: {type(value).__name__}"
        site = getattr(value, "site", None)
        yield head + (f" line {_where(site)}" if site is not None else "")
        if depth < MAX_DEPTH + 1:
            yield from facts_of(value, depth + 1)
    elif isinstance(value, enum.Enum):
        yield f"{blank}{name}: {value.name}"
    elif isinstance(value, frozenset):
        yield f"{blank}{name}: {', '.join(sorted(map(str, value)))}"
    else:
        yield f"{blank}{name}: {_short(repr(value))}"


def _where(site: object) -> str:
    span = site.span()  # type: ignore[attr-defined]
    return f"{span.line}:{span.column}" if span.cell is None else f"cell {span.cell}, {span.cell_line}:{span.column}"


def _short(text: str) -> str:
    from lrcheck.report.text import one_line

    line = one_line(text)
    return line if len(line) <= 60 else line[:57] + "..."
