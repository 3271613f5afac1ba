"""Every pair of programs: the bad one is reported exactly where marked, the fixed one is clean under all rules."""

from __future__ import annotations

import ast
import re
import warnings
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fakes import applied, at_run_time, check_text, rules

from lrcheck.findings import Level

if TYPE_CHECKING:
    from lrcheck.findings import Diagnostic, Result

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
PAIRS = sorted(path.parent.relative_to(FIXTURES).as_posix() for path in FIXTURES.rglob("bad.py"))
RULES = rules()

PENDING: frozenset[str] = frozenset()
"""Marks of rules that are not written yet. Empty at the end."""

_MARK = re.compile(r"# (bug|because): ([\w-]+(?:, [\w-]+)*)")

Marks = set[tuple[str, int]]


def read(pair: str, name: str) -> tuple[str, Path]:
    path = FIXTURES / pair / name
    return path.read_text(encoding="utf-8"), path


def checked(pair: str, name: str) -> Result:
    text, path = read(pair, name)
    result = check_text(text, str(path))
    assert not result.errors, result.errors
    return result


def marks(text: str, kind: str) -> Marks:
    found: Marks = set()
    for number, line in enumerate(text.splitlines(), 1):
        for match in _MARK.finditer(line):
            if match.group(1) == kind:
                found.update((name, number) for name in match.group(2).split(", "))
    return found


def known(found: Marks) -> Marks:
    return {(name, line) for name, line in found if name in RULES and not at_run_time(RULES[name])}


@pytest.mark.parametrize("pair", PAIRS)
def test_bad_is_reported_where_marked(pair: str) -> None:
    text, _ = read(pair, "bad.py")
    found = {(diagnostic.name, diagnostic.span.line) for diagnostic in checked(pair, "bad.py").diagnostics}
    assert found == known(marks(text, "bug"))


@pytest.mark.parametrize("pair", PAIRS)
def test_bad_says_why(pair: str) -> None:
    text, path = read(pair, "bad.py")
    labels = {
        (diagnostic.name, related.span.line)
        for diagnostic in checked(pair, "bad.py").diagnostics
        for related in diagnostic.related
        if Path(related.path) == path
    }
    assert known(marks(text, "because")) <= labels


@pytest.mark.parametrize("pair", PAIRS)
def test_fixed_is_clean(pair: str) -> None:
    text, _ = read(pair, "fixed.py")
    assert not marks(text, "bug")
    assert not marks(text, "because")
    assert [(each.name, each.span.line) for each in checked(pair, "fixed.py").diagnostics] == []


@pytest.mark.parametrize("pair", PAIRS)
def test_fixes_repair(pair: str) -> None:
    text, path = read(pair, "bad.py")
    before = checked(pair, "bad.py").diagnostics
    for diagnostic in before:
        if diagnostic.fix is not None:
            repaired = applied(text, diagnostic.fix)
            with warnings.catch_warnings():  # some pages write paths with invalid escapes
                warnings.simplefilter("ignore")
                ast.parse(repaired)
            after = check_text(repaired, str(path)).diagnostics
            assert count(after, diagnostic.name) < count(before, diagnostic.name), repaired
            assert errors(after) <= errors(before), "a fix brings no new mistake"


@pytest.mark.parametrize("pair", [pair for pair in PAIRS if not pair.startswith("seeds/")])
def test_pair_shows_the_rule_of_its_folder(pair: str) -> None:
    text, _ = read(pair, "bad.py")
    assert pair.partition("/")[0].replace("_", "-") in {name for name, _ in marks(text, "bug")}


def test_marks_name_rules() -> None:
    named = {name for pair in PAIRS for kind in ("bug", "because") for name, _ in marks(read(pair, "bad.py")[0], kind)}
    assert named - RULES.keys() == PENDING, "PENDING lists exactly the marks of rules that are not written yet"


def test_a_mark_that_is_not_met_fails() -> None:
    text = "import torch\nx = 1  # bug: softmax-dim\ny = 2  # bug: bce-on-logits, kl-div-input\n"
    assert marks(text, "bug") == {("softmax-dim", 2), ("bce-on-logits", 3), ("kl-div-input", 3)}
    assert {each.span.line for each in check_text(text).diagnostics} == set()


def count(diagnostics: tuple[Diagnostic, ...], name: str) -> int:
    return Counter(diagnostic.name for diagnostic in diagnostics)[name]


def errors(diagnostics: tuple[Diagnostic, ...]) -> set[str]:
    return {diagnostic.name for diagnostic in diagnostics if diagnostic.level is Level.ERROR}
