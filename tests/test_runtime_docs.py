"""The pages of rules that only a run can feed: their programs are run and watched."""

from __future__ import annotations

import contextlib
import io
import runpy
from pathlib import Path

import pytest
from fakes import PRELUDE, Section, at_run_time, rules, sections

torch = pytest.importorskip("torch")

from lrcheck.runtime import LrcheckError, watch  # noqa: E402

RULES = rules()
PROGRAMS = [
    (name, number, section)
    for name, rule in RULES.items()
    if at_run_time(rule)
    for number, section in enumerate(sections(rule.docs))
    if section.code and section.kind != "At run time"
]


def marked(section: Section) -> set[int]:
    """Lines with `# error`; `# error: 1` names another line, `# error: 0` says that the page cannot be run here."""
    found = set()
    for number, line in enumerate(section.code.splitlines(), 1):
        _, mark, rest = line.partition("# error")
        if mark:
            found.add(int(rest[1:]) if rest.startswith(":") else number)
    return found


@pytest.mark.parametrize(("name", "number", "section"), PROGRAMS, ids=lambda value: str(getattr(value, "kind", value)))
def test_page_is_true(name: str, number: int, section: Section, tmp_path: Path) -> None:
    expected = marked(section)
    if expected == {0}:
        pytest.skip("needs several processes or a GPU: see the other tests")
    path = tmp_path / f"page_{number}.py"
    path.write_text(PRELUDE + section.code)
    torch.manual_seed(0)
    raised: list[tuple[str, int]] = []
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(IndexError):
        try:
            with watch(on_finding=lambda _: None) as watched:
                runpy.run_path(str(path), run_name="__main__")
        except LrcheckError as error:
            raised = [(each.name, each.span.line) for each in (error.diagnostic,) if each is not None]
    first = PRELUDE.count("\n")
    found = [(each.name, each.span.line) for each in watched.diagnostics] + raised
    assert {line - first for other, line in found if other == name} == expected
    if section.kind != "Example":
        assert found == []
