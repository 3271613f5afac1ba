"""Rules: `@rule("LR102")` above a function that maps one event to findings.

A rule is found by its place: every module below `lrcheck.rules` is one rule, named after its file. The docstring of the
module is the rule's page. The annotation of the function's first argument says which event it wants.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from lrcheck.findings import Finding, Level

Check = Callable[[Any], Iterable[Finding]]
F = TypeVar("F", bound=Check)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: a code, a name, the event that it wants, and the function."""

    code: str
    name: str
    level: Level
    event: type
    check: Check
    module: str
    default: bool = True  # False: only where the user asks for it by code or name

    @property
    def docs(self) -> str:
        """The rule's page: the docstring of its module."""
        return sys.modules[self.module].__doc__ or ""

    @property
    def title(self) -> str:
        return self.docs.strip().partition("\n")[0].rstrip(".")

    @property
    def family(self) -> str:
        """The folder of the rule: `loss`, `metrics`, `loop`, ..."""
        return self.module.rpartition(".")[0].rpartition(".")[2]


_MARK = "__lrcheck_rule__"


def rule(code: str, level: Level = Level.ERROR, *, default: bool = True) -> Callable[[F], F]:
    """Register the decorated function as the check of the rule `code`.

    A rule with `default=False` is off until the user selects it by its code or name.
    """

    def mark(check: F) -> F:
        setattr(check, _MARK, (code, level, default))
        return check

    return mark


def rules_of(module_name: str) -> list[Rule]:
    """The rules that a module defines, in the order of their definition."""
    module = importlib.import_module(module_name)
    found = []
    for value in vars(module).values():
        marked = getattr(value, _MARK, None)
        if marked is None or getattr(value, "__module__", None) != module_name:
            continue
        code, level, default = marked
        found.append(Rule(code, _name(module_name), level, _event_of(value), value, module_name, default))
    return found


def discover(package: str = "lrcheck.rules") -> tuple[Rule, ...]:
    """Every rule below a package, ordered by code."""
    found: list[Rule] = []
    root = importlib.import_module(package)
    if not hasattr(root, "__path__"):
        return tuple(rules_of(package))
    for family in pkgutil.iter_modules(root.__path__, package + "."):
        if not family.ispkg:
            found.extend(rules_of(family.name))
            continue
        for module in pkgutil.iter_modules(importlib.import_module(family.name).__path__, family.name + "."):
            if not module.name.rpartition(".")[2].startswith("_"):
                found.extend(rules_of(module.name))
    return tuple(sorted(found, key=lambda rule: rule.code))


def _name(module_name: str) -> str:
    return module_name.rpartition(".")[2].replace("_", "-")


def _event_of(check: Check) -> type:
    annotations = [kind for name, kind in check.__annotations__.items() if name != "return"]
    if len(annotations) != 1 or not isinstance(annotations[0], type):
        raise TypeError(f"{check.__module__}.{check.__qualname__} must take one event, annotated with its class")
    return annotations[0]
