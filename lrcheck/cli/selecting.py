"""`--select` and `--ignore`: from codes, prefixes and names to a set of codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from lrcheck.engine import ENGINE_RULES, EngineRule
from lrcheck.rule import Rule, discover
from lrcheck.suppressions import closest

_PREFIX = re.compile(r"(?i)LR\d*|ALL")


class UnknownRuleError(Exception):
    """An option names no rule."""


def every_rule() -> list[Rule | EngineRule]:
    """All rules, the engine's own first."""
    return [*ENGINE_RULES, *discover()]


def by_code(rules: Iterable[Rule | EngineRule]) -> list[Rule | EngineRule]:
    """Each rule once: one that wants several kinds of events is discovered once for each."""
    return list({rule.code: rule for rule in rules}.values())


def selected(
    rules: Sequence[Rule | EngineRule], select: Iterable[str] | None, ignore: Iterable[str] | None
) -> frozenset[str] | None:
    """The codes that the user wants, or None where there was no choice."""
    if not select and not ignore:
        return None
    chosen = _codes(rules, select) if select else {rule.code for rule in rules}
    return frozenset(chosen - (_codes(rules, ignore) if ignore else set()))


def _codes(rules: Sequence[Rule | EngineRule], options: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for option in options:
        for name in filter(None, re.split(r"[\s,]+", option)):
            found |= _matching(rules, name)
    return found


def _matching(rules: Sequence[Rule | EngineRule], name: str) -> set[str]:
    wanted = "" if name.upper() == "ALL" else name.upper()
    matching = {rule.code for rule in rules if rule.code.startswith(wanted)} if _PREFIX.fullmatch(name) else set()
    matching = matching or {rule.code for rule in rules if rule.name == name.lower().replace("_", "-")}
    if not matching:
        near = closest(name, [rule.code for rule in rules] + [rule.name for rule in rules])
        hint = f"; did you mean `{near}`?" if near else "; `lrcheck rules` lists them"
        raise UnknownRuleError(f"no rule `{name}`{hint}")
    return matching
