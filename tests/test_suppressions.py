"""Suppressions: where they stand, what they name, and when they are not needed."""

from __future__ import annotations

import pytest
from conftest import BAD, CLEAN

from lrcheck.check import Checker, Settings
from lrcheck.fixes import fix_bytes
from lrcheck.rule import discover

RULES = discover()
LINE = "loss = F.cross_entropy(out, y)"
NAME = "softmax-before-cross-entropy"


def codes(source: str, selected: frozenset[str] | None = None) -> list[str]:
    result = Checker(RULES, Settings(selected)).check_bytes("p.py", source.encode())
    assert result.errors == ()
    return [found.code for found in result.diagnostics if found.code in {"LR102", "LR003", "LR004"}]


@pytest.mark.parametrize(
    "comment",
    [
        f"# lrcheck: ignore[{NAME}]",
        "# lrcheck: ignore[LR102]",
        "#lrcheck:ignore[LR102] the target is a teacher",
        "# noqa # lrcheck: ignore[LR102]",
    ],
)
def test_a_comment_on_the_line_silences(comment: str) -> None:
    assert codes(BAD) == ["LR102"]
    assert codes(BAD.replace(LINE, f"{LINE}  {comment}")) == []


@pytest.mark.parametrize(
    "where", ["F.cross_entropy(  {}\n    out,\n    y,\n)", "F.cross_entropy(\n    out,\n    y,\n)  {}"]
)
def test_a_statement_of_several_lines_is_silenced_at_both_ends(where: str) -> None:
    source = BAD.replace(LINE, "loss = " + where.format("# lrcheck: ignore[LR102]"))
    assert codes(source) == []


def test_a_whole_file_is_silenced() -> None:
    assert codes(f"# lrcheck: ignore-file[{NAME}] a lecture about mistakes\n{BAD}") == []


def test_other_lines_and_other_rules_are_not_silenced() -> None:
    other = BAD.replace("loss.backward()", "loss.backward()  # lrcheck: ignore[LR102]")
    assert codes(other) == ["LR102", "LR003"]
    assert codes(BAD.replace(LINE, f"{LINE}  # lrcheck: ignore[LR103]")) == ["LR102", "LR003"]


def test_unused_names_are_reported_one_by_one_and_can_be_removed() -> None:
    both = BAD.replace(LINE, f"{LINE}  # lrcheck: ignore[LR102, LR103]")
    assert codes(both) == ["LR003"]
    fixed = fix_bytes("p.py", both.encode(), Checker(RULES)).after.decode()
    assert fixed == BAD.replace(LINE, f"{LINE}  # lrcheck: ignore[LR102]")
    unused = CLEAN.replace(LINE, f"{LINE}  # lrcheck: ignore[LR102]")
    assert fix_bytes("p.py", unused.encode(), Checker(RULES)).after.decode() == CLEAN


def test_unused_suppressions_are_only_known_when_every_rule_was_asked() -> None:
    source = CLEAN.replace(LINE, f"{LINE}  # lrcheck: ignore[LR102]")
    assert codes(source) == ["LR003"]
    assert codes(source, frozenset({"LR102", "LR003"})) == []


def test_unknown_names_get_the_closest_match() -> None:
    source = BAD.replace(LINE, f"{LINE}  # lrcheck: ignore[softmax-before-crossentropy]")
    result = Checker(RULES).check_bytes("p.py", source.encode())
    (unknown,) = [found for found in result.diagnostics if found.code == "LR004"]
    assert unknown.message == "`softmax-before-crossentropy` is no rule"
    assert unknown.help == f"write `{NAME}`"
    assert codes(BAD.replace(LINE, f"{LINE}  # lrcheck: ignore")) == ["LR102", "LR004"]


def test_comments_inside_strings_are_text() -> None:
    assert codes(f'text = "# lrcheck: ignore-file[LR102]"\n{BAD}') == ["LR102"]
