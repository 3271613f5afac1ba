"""`lrcheck explain` and `lrcheck rules`: the documentation of rules on a terminal."""

from __future__ import annotations

import argparse
import os
import sys

from lrcheck.config import Config, Configs
from lrcheck.engine import EngineRule
from lrcheck.proof import evidence, quotes
from lrcheck.rule import Rule
from lrcheck.selection import by_code, every_rule
from lrcheck.suppressions import closest


def explain(options: argparse.Namespace) -> int:
    """Print the page of each named rule."""
    by_name = {key: rule for rule in every_rule(_config()) for key in (rule.code.lower(), rule.name)}
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


def _config() -> Config:
    """The configuration of the working folder: its plugins bring rules."""
    return Configs().of_folder(os.getcwd())


def page(rule: Rule | EngineRule) -> str:
    """A rule's page: a heading, then its documentation."""
    heading = f"{rule.code} {rule.name} ({_standing(rule)})"
    return f"{heading}\n{'=' * len(heading)}\n\n{_docs(rule)}{_measured(rule)}"


def _docs(rule: Rule | EngineRule) -> str:
    """The documentation, with the measured numbers that it quotes."""
    text = rule.docs.strip()
    return quotes.filled(text, rule.name, evidence.committed()["pairs"]) if quotes.QUOTE.search(text) else text


def _standing(rule: Rule | EngineRule) -> str:
    return rule.level.value if rule.default else f"{rule.level.value}, off by default"


def _measured(rule: Rule | EngineRule) -> str:
    """What training the pairs of this rule has shown."""
    lines = evidence.sentences(rule.name, evidence.committed()["pairs"])
    return (
        "\n\n".join([f"\n\nMeasured (`lrcheck prove {rule.code}`):", "\n".join(f"    {line}" for line in lines)])
        if lines
        else ""
    )


def markdown_page(rule: Rule | EngineRule) -> str:
    """The same for viewers of Markdown: indented programs stay programs."""
    heading, _, rest = _docs(rule).partition("\n")
    return f"### {heading}\n\n{rule.code} `{rule.name}` ({_standing(rule)})\n{rest}\n"


def list_rules(_options: argparse.Namespace) -> int:
    """Print a table of all rules."""
    rules = by_code(every_rule(_config()))
    width = max(len(rule.name) for rule in rules)
    for rule in rules:
        off = "" if rule.default else " (off by default)"
        print(f"{rule.code}  {rule.level.value:<7}  {rule.name:<{width}}  {rule.title}{off}")
    return 0
