"""Reports: aligned frames, safe text, stable order."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree  # noqa: ICN001  # it is one word

import pytest

from lrcheck.findings import Diagnostic, FileError, Level, LocatedFix, Related, Result, Safety, Span, TextEdit
from lrcheck.report import FORMATS, Outcome, renderer
from lrcheck.report.lines import SourceLines, displayed, printable
from lrcheck.report.text import frame


def diagnostic(span: Span, **changes: object) -> Diagnostic:
    values = {"code": "LR102", "name": "a-rule", "level": Level.ERROR, "message": "title", "path": "p.py", "span": span}
    return Diagnostic(**{**values, **changes})  # type: ignore[arg-type]


def shown(text: str, found: Diagnostic, **others: str) -> list[str]:
    sources = SourceLines({"p.py": text.encode(), **{name: other.encode() for name, other in others.items()}})
    return frame(found, sources).splitlines()


def test_labels_stand_in_program_order_under_their_code() -> None:
    text = "".join(f"line{number}\n" for number in range(1, 13))
    related = (Related("made here", "p.py", Span(2, 1, 2, 4)), Related("and here", "p.py", Span(10, 2, 10, 6)))
    fix = LocatedFix("pass `x`", Safety.UNSAFE, (TextEdit(0, 1, ""),))
    found = diagnostic(Span(10, 1, 10, 7), label="why here", related=related, note="the effect", fix=fix)
    assert shown(text, found) == [
        "LR102 a-rule: title",
        "  --> p.py:10:1",
        " 2 | line2",
        "   | --- made here",
        "...",
        "10 | line10",
        "   | ^^^^^^ why here",
        "   |  ---- and here",
        "   = note: the effect",
        "   = help: pass `x` (unsafe fix)",
        "   = docs: lrcheck explain a-rule",
    ]


def test_labels_in_other_files_get_a_frame_of_their_own() -> None:
    found = diagnostic(Span(1, 1, 1, 2), related=(Related("made here", "other.py", Span(1, 5, 1, 6)),))
    assert shown("x\n", found, **{"other.py": "def f(): pass\n"})[1:7] == [
        " --> p.py:1:1",
        "1 | x",
        "  | ^",
        " ::: other.py:1:5",
        "1 | def f(): pass",
        "  |     - made here",
    ]


def test_tabs_and_wide_characters_are_aligned() -> None:
    assert shown("\tx = '漢字' + y\n", diagnostic(Span(1, 13, 1, 14)))[2:4] == [
        "1 |     x = '漢字' + y",
        "  |                  ^",
    ]
    assert shown("e\u0301 = y\n", diagnostic(Span(1, 6, 1, 7)))[3] == "  |     ^"


def test_ranges_of_several_lines() -> None:
    assert shown("f(\n    a,\n)\n", diagnostic(Span(1, 1, 3, 2), label="here"))[2:8] == [
        "1 | f(",
        "  | ^^",
        "2 |     a,",
        "  |     ^^",
        "3 | )",
        "  | ^ here",
    ]
    long = "f(\n" + "    a,\n" * 20 + ")\n"
    assert shown(long, diagnostic(Span(1, 1, 22, 2), label="here"))[2:4] == ["1 | f(", "  | ^^ here"]


def test_nothing_from_a_file_reaches_the_terminal_unescaped() -> None:
    evil = "x = '\x1b[2J\u202e\x07\x9b'"
    found = diagnostic(Span(1, 1, 1, 2), message="bad \x1b]0;", path="p.py", note="a\nb \x1b")
    text = "\n".join(shown(evil + "\n", found))
    assert not set(text) & {"\x1b", "\u202e", "\x07", "\x9b"}
    assert printable("\x1b") == "\\x1b"


def test_screen_columns() -> None:
    assert displayed("a\tb") == ("a   b", [0, 1, 4, 5])
    assert displayed("漢b") == ("漢b", [0, 2, 3])


def test_positions_beyond_the_text_are_harmless() -> None:
    for span in (Span(99, 1, 99, 5), Span(1, 50, 1, 60), Span(0, 0, 0, 0), Span(1, 3, 1, 3)):
        assert shown("x\n", diagnostic(span))


def outcome() -> Outcome:
    found = diagnostic(Span(1, 1, 1, 2), path="a,b:c%.py", message="100% wrong")
    info = diagnostic(Span(2, 1, 2, 2), path="a,b:c%.py", level=Level.INFO)
    errors = (FileError("q.py", "is not utf-8 text", 3), FileError("r.py", "internal error in rule x", internal=True))
    return Outcome([Result("a,b:c%.py", (found, found, info), errors)], SourceLines({"a,b:c%.py": b"x\ny\n"}))


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_renders(name: str) -> None:
    text = renderer(name)(outcome())
    assert text.endswith("\n")
    assert "LR102" in text
    assert text == renderer(name)(outcome())


def test_the_summary_counts_each_finding_once() -> None:
    text = renderer("text")(outcome())
    assert text.splitlines()[-1] == "Found 1 error, 1 info, 1 file could not be checked, 1 internal error."


def test_github_escapes_what_it_would_interpret() -> None:
    lines = renderer("github")(outcome()).splitlines()
    assert lines[2].startswith("::error file=a%2Cb%3Ac%25.py,line=1,")
    assert lines[2].endswith("::100%25 wrong")


def test_json_has_all_keys() -> None:
    report = json.loads(renderer("json")(outcome()))
    keys = {"code", "name", "severity", "message", "path", "line", "column", "end_line", "end_column", "note", "help"}
    assert keys | {"related", "fix"} <= report["findings"][0].keys()
    assert report["errors"][0].items() >= {"path": "q.py", "line": 3, "message": "is not utf-8 text"}.items()


def in_a_notebook() -> Outcome:
    data = json.dumps({"cells": [{"cell_type": "code", "source": ["x\n", "y\n"]}], "nbformat": 4}).encode()
    span = Span(1, 1, 1, 2, 1, 2)
    found = diagnostic(span, path="./notes/n.ipynb", related=(Related("made here", "./notes/n.ipynb", span),))
    return Outcome([Result("./notes/n.ipynb", (found,))], SourceLines({"./notes/n.ipynb": data}))


def test_other_programs_are_told_the_cell_and_get_paths_that_they_know() -> None:
    (issue,) = json.loads(renderer("gitlab")(in_a_notebook()))
    assert issue["location"] == {"path": "notes/n.ipynb", "lines": {"begin": 1}}
    assert issue["description"] == "LR102: cell 1:2:1: title"
    line = renderer("github")(in_a_notebook())
    assert line.startswith("::error file=notes/n.ipynb,line=1,endLine=1,title=LR102 a-rule (cell 1%3A2%3A1)::")
    (result,) = json.loads(renderer("sarif")(in_a_notebook()))["runs"][0]["results"]
    for location in (result["locations"][0], result["relatedLocations"][0]):
        assert location["physicalLocation"]["artifactLocation"] == {"uri": "notes/n.ipynb"}
        assert location["physicalLocation"]["region"] == {"startLine": 1, "endLine": 1}
        assert location["logicalLocations"][0]["fullyQualifiedName"] == "cell 1:2:1"


def test_sarif_describes_the_rules(tmp_path: Path) -> None:
    path = str(tmp_path / "p q.py")
    found = diagnostic(Span(1, 1, 1, 2), name="softmax-before-cross-entropy", path=path)
    other = diagnostic(Span(1, 1, 1, 2), code="ACME1", name="acme-rule", path=path)
    text = renderer("sarif")(Outcome([Result(path, (found, other))], SourceLines({path: b"x\n"})))
    run = json.loads(text)["runs"][0]
    plugin, own = run["tool"]["driver"]["rules"]
    assert plugin == {"id": "ACME1", "name": "acme-rule", "shortDescription": {"text": "acme rule"}}
    assert own["shortDescription"] == {"text": "Softmax output passed to cross entropy"}
    assert own["help"]["markdown"].startswith("### Softmax output")
    uri = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == f"file://{tmp_path}/p%20q.py"
    fingerprints = {result["partialFingerprints"]["lineText/v1"] for result in run["results"]}
    assert len(fingerprints) == 2


def test_junit_has_a_test_case_for_each_finding_and_each_clean_file() -> None:
    results = [*outcome().results, Result("clean.py")]
    root = ElementTree.fromstring(renderer("junit")(Outcome(results, outcome().sources)))  # noqa: S314  # our own text
    suites = {suite.get("name"): suite for suite in root}
    assert suites["clean.py"].get("tests") == "1"
    assert [len(case) for case in suites["clean.py"].iter("testcase")] == [0]
    assert suites["a,b:c%.py"].get("failures") == "2"
    assert [len(case) for case in suites["a,b:c%.py"].iter("testcase")] == [1, 1]
