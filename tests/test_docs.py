"""The page of every rule: complete, and true of every program on it."""

from __future__ import annotations

import ast

import pytest
from fakes import KINDS, PRELUDE, Section, at_run_time, check_text, rules, sections

from lrcheck.findings import Diagnostic, Level

RULES = rules()
SECTIONS = [
    (name, number, section) for name, rule in RULES.items() for number, section in enumerate(sections(rule.docs))
]
EXAMPLES = [entry for entry in SECTIONS if entry[2].kind == "Example" and not at_run_time(RULES[entry[0]])]
GOOD = [entry for entry in SECTIONS if entry[2].kind in {"Use instead", "Not reported"} and entry[2].code]


def identifier(value: object) -> str:
    return value.kind.replace(" ", "-").lower() if isinstance(value, Section) else str(value)


def reported(section: Section) -> list[tuple[int, Diagnostic]]:
    """The findings in a program of a page, with its own line numbers."""
    result = check_text(PRELUDE + section.code)
    assert not result.errors, result.errors
    first = PRELUDE.count("\n")
    return [(diagnostic.span.line - first, diagnostic) for diagnostic in result.diagnostics]


def marked(code: str) -> set[int]:
    return {number for number, line in enumerate(code.splitlines(), 1) if "# error" in line}


@pytest.mark.parametrize("name", RULES)
def test_page_is_complete(name: str) -> None:
    page = RULES[name].docs
    title, _, rest = page.strip().partition("\n")
    assert title.endswith("."), "the first line is the heading, a sentence"
    assert rest.startswith("\n"), "a blank line follows the heading"
    kinds = [section.kind for section in sections(page)]
    assert kinds[:1] == ["Example"], "an example comes first"
    for kind in KINDS:
        assert kind in kinds, f"{kind}: is missing"


@pytest.mark.parametrize(("name", "number", "section"), SECTIONS, ids=identifier)
def test_programs_parse(name: str, number: int, section: Section) -> None:
    ast.parse(section.code)
    if section.kind != "At run time":
        assert section.code, f"section {number} of {name} has no program"
    if section.kind in {"Not reported", "At run time"}:
        assert section.reason, f"section {number} of {name} gives no reason"
    if section.kind == "Example":
        assert marked(section.code), f"no line of the example of {name} is marked with # error"


@pytest.mark.parametrize(("name", "number", "section"), EXAMPLES, ids=identifier)
def test_example_is_reported_where_marked(name: str, number: int, section: Section) -> None:
    del number
    assert {line for line, diagnostic in reported(section) if diagnostic.name == name} == marked(section.code)


@pytest.mark.parametrize(("name", "number", "section"), GOOD, ids=identifier)
def test_good_program_is_not_reported(name: str, number: int, section: Section) -> None:
    del number
    wrong = [(line, each.name) for line, each in reported(section) if each.name == name or each.level is Level.ERROR]
    assert wrong == []
