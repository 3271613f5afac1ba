"""The unit of work: check one file under one configuration. What runs in a worker process is here."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lrcheck.check import Checker, Settings, names_of
from lrcheck.config import COMMAND_LINE, DEFAULT, Config
from lrcheck.engine import EngineRule
from lrcheck.findings import Level, Result
from lrcheck.rule import Rule
from lrcheck.selection import UnknownRuleError, codes_of, every_rule, selected
from lrcheck.static.memory import collect


@dataclass(frozen=True, slots=True)
class Order:
    """Everything that decides what checking a file gives, apart from the file."""

    config: Config
    undecided: bool = False
    alone: bool = False  # a file of a corpus: what it imports is not on this disk


@dataclass(frozen=True, slots=True)
class Checked:
    """A result, and what it depends on beyond the file: imports that were looked for, and files that were read."""

    result: Result
    asked: tuple[tuple[str, str, int, str | None], ...] = ()
    read: tuple[str, ...] = ()


@functools.lru_cache(maxsize=16)
def checker(order: Order) -> Checker:
    """The checker for a configuration; raises `ConfigError`."""
    config = order.config
    rules = every_rule(config)
    levels: dict[str, Level] = {}
    for name, level in config.levels:
        levels |= dict.fromkeys(_codes(config, "levels", rules, [name]), level)
    per_file = [
        (pattern, frozenset(_codes(config, "per-file-ignores", rules, names)))
        for pattern, names in config.per_file_ignores
    ]
    for key, names in (("select", config.select), ("ignore", config.ignore)):
        _codes(config, key, rules, names)
    settings = Settings(
        codes=selected(rules, config.select, config.ignore),
        known=names_of(rules),
        undecided=order.undecided,
        levels=levels,
        per_file_ignores=tuple(per_file),
        root=config.root,
        target=config.target_torch,
    )
    made = Checker([rule for rule in rules if isinstance(rule, Rule)], settings)
    if order.alone:
        from lrcheck.static.project import Project

        made.project = Project(alone=True)
    return made


def _codes(config: Config, key: str, rules: Sequence[Rule | EngineRule], names: Iterable[str]) -> set[str]:
    """The codes that a key of the configuration means; what is wrong with it is said with the place."""
    try:
        return codes_of(rules, names)
    except UnknownRuleError as error:
        origin = config.origin(key)
        where = "" if origin in {DEFAULT, COMMAND_LINE} else f"{origin}: `{key}`: "
        raise UnknownRuleError(f"{where}{error}") from None


def check_file(order: Order, path: str) -> Checked:
    """Check one file."""
    return _with_dependencies(checker(order), checker(order).check_path(path))


def check_text(order: Order, path: str, data: bytes) -> Checked:
    """Check bytes under the name of a file."""
    return _with_dependencies(checker(order), checker(order).check_bytes(path, data))


def _with_dependencies(by: Checker, result: Result) -> Checked:
    project = by.project
    if project is None:
        return Checked(result)
    asked = tuple((*key, found) for key, found in project.asked.items())
    return Checked(result, asked, tuple(project.read))


Job = tuple[Order, str, int]  # a file, and its size


def check_batch(jobs: Sequence[Job]) -> list[Checked]:
    """Check several files, one after the other."""
    done = []
    for order, path, _ in jobs:
        done.append(check_file(order, path))
        collect()
    return done
