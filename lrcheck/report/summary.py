"""The last line: how many findings, how many of them can be fixed."""

from __future__ import annotations

from lrcheck.findings import Level, Safety
from lrcheck.report import Outcome


def summary(outcome: Outcome) -> str:
    """`Found 3 errors, 1 warning (2 fixable with --fix).`"""
    counts = [_count(outcome, level) for level in Level]
    found = ", ".join(part for part in counts if part)
    unreadable = sum(not error.internal for error in outcome.errors)
    files = _plural(max(len(outcome.results) - unreadable, 0), "file")
    internal = len(outcome.errors) - unreadable
    trouble = [
        f"{_plural(unreadable, 'file')} could not be checked" if unreadable else "",
        _plural(internal, "internal error") if internal else "",
    ]
    fixed = f"Fixed {_plural(outcome.fixed, 'mistake')}. " if outcome.fixed else ""
    first = f"Found {found}{_fixable(outcome)}" if found else f"{files} checked, nothing found"
    if not found and len(outcome.results) <= unreadable:
        first = "" if any(trouble) else "Nothing was checked"
    known = f" {_plural(outcome.known, 'finding')} in the baseline." if outcome.known else ""
    return fixed + ", ".join(filter(None, [first, *trouble])) + "." + known


def _count(outcome: Outcome, level: Level) -> str:
    number = sum(found.level is level for found in outcome.diagnostics)
    if not number:
        return ""
    return f"{number} info" if level is Level.INFO else _plural(number, level.value)


def _fixable(outcome: Outcome) -> str:
    fixes = [found.fix.safety for found in outcome.diagnostics if found.fix is not None]
    safe = sum(safety is Safety.SAFE for safety in fixes)
    unsafe = len(fixes) - safe
    parts = [f"{safe} fixable with --fix" if safe else "", f"{unsafe} with --fix --unsafe-fixes" if unsafe else ""]
    text = ", ".join(filter(None, parts))
    if unsafe and not safe:
        text = f"{unsafe} fixable with --fix --unsafe-fixes"
    return f" ({text})" if text else ""


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
