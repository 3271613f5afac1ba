"""`lrcheck explain` and `lrcheck rules`: the documentation of rules on a terminal."""

from __future__ import annotations

import argparse
import sys

from lrcheck.engine import EngineRule
from lrcheck.rule import Rule
from lrcheck.selection import by_code, every_rule
from lrcheck.suppressions import closest


def explain(options: argparse.Namespace) -> int:
    """Print the page of each named rule."""
    by_name = {key: rule for rule in every_rule() for key in (rule.code.lower(), rule.name)}
    status = 0
    pages = []
    for wanted in options.rule:
        rule = by_name.get(wanted.lower().replace("_", "-"))
        if rule is None:
            near = closest(wanted, [rule.code for rule in by_name.values()] + [rule.name for rule in by_name.values()])
            hint = f"; did you mean `{near}`?" if near else "; `lrcheck rules` lists them"
            print(f"lrcheck: error: no rule `{wanted}`{hint}", file=sys.stderr)
            status = 2
        else:
            pages.append(page(rule))
    print("\n\n".join(pages)) if pages else None
    return status


def page(rule: Rule | EngineRule) -> str:
    """A rule's page: a heading, then its documentation."""
    heading = f"{rule.code} {rule.name} ({rule.level.value})"
    return f"{heading}\n{'=' * len(heading)}\n\n{rule.docs.strip()}"


def list_rules(_options: argparse.Namespace) -> int:
    """Print a table of all rules."""
    rules = by_code(every_rule())
    width = max(len(rule.name) for rule in rules)
    for rule in rules:
        print(f"{rule.code}  {rule.level.value:<7}  {rule.name:<{width}}  {rule.title}")
    return 0
