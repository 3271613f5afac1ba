"""Which rules there are and which the user wants: from codes, prefixes and names to a set of codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from lrcheck.config import Config, ConfigError
from lrcheck.engine import ENGINE_RULES, EngineRule
from lrcheck.rule import Rule, discover
from lrcheck.suppressions import closest

_PREFIX = re.compile(r"[A-Za-z]+\d*")


class UnknownRuleError(ConfigError):
    """An option or a configuration names no rule."""


def every_rule(config: Config | None = None) -> list[Rule | EngineRule]:
    """All rules, the engine's own first, those of plugins last."""
    from lrcheck import plugins

    return [*ENGINE_RULES, *discover(), *plugins.rules(config)]


def by_code(rules: Iterable[Rule | EngineRule]) -> list[Rule | EngineRule]:
    """Each rule once: one that wants several kinds of events is discovered once for each."""
    return list({rule.code: rule for rule in rules}.values())


def selected(
    rules: Sequence[Rule | EngineRule], select: Iterable[str] | None, ignore: Iterable[str] | None
) -> frozenset[str] | None:
    """The codes that the user wants, or None where there was no choice: every rule that is on by default.

    A prefix selects the rules that are on by default; `ALL`, a code or a name also selects one that is off.
    """
    if not select and not ignore:
        return None
    chosen: set[str] = set()
    for name in _split(select or ["DEFAULT"]):
        found = _matching(rules, name)
        chosen |= found if len(found) == 1 or name.upper() == "ALL" else found & _by_default(rules)
    return frozenset(chosen - codes_of(rules, ignore or ()))


def codes_of(rules: Sequence[Rule | EngineRule], options: Iterable[str]) -> set[str]:
    """The codes of all rules that a list of codes, prefixes and names means."""
    found: set[str] = set()
    for name in _split(options):
        found |= _matching(rules, name)
    return found


def _split(options: Iterable[str]) -> list[str]:
    return [name for option in options for name in re.split(r"[\s,]+", option) if name]


def _by_default(rules: Iterable[Rule | EngineRule]) -> set[str]:
    return {rule.code for rule in rules if rule.default}


def _matching(rules: Sequence[Rule | EngineRule], name: str) -> set[str]:
    if name.upper() == "ALL":
        return {rule.code for rule in rules}
    if name.upper() == "DEFAULT":
        return _by_default(rules)
    named = {rule.code for rule in rules if rule.name == name.lower().replace("_", "-")}
    if not named and _PREFIX.fullmatch(name):
        named = {rule.code for rule in rules if rule.code.startswith(name.upper())}
    if not named:
        near = closest(name, [rule.code for rule in rules] + [rule.name for rule in rules])
        hint = f"; did you mean `{near}`?" if near else "; `lrcheck rules` lists them"
        raise UnknownRuleError(f"no rule `{name}`{hint}")
    return named
