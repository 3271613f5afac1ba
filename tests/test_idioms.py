"""Many ways to write one mistake, and correct programs that look the same: what is said of each.

`idioms/reported/*.py` carry `# error: <rule>` on the line that must be reported by the loss rules; `idioms/silent/*.py` are
correct (`# not: <rule>`: of this rule also where it only warns). Names that are not defined (`loader`) stand for what the observer cannot know.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lrcheck.check import Checker
from lrcheck.findings import Diagnostic, Level
from lrcheck.rule import discover

IDIOMS = Path(__file__).parent / "idioms"
MARK = re.compile(r"# error: ([\w, -]+)$")
CHECKER = Checker(discover())


def programs(kind: str) -> list[Path]:
    return sorted((IDIOMS / kind).glob("*.py"))


def diagnostics(path: Path) -> tuple[Diagnostic, ...]:
    result = CHECKER.check_bytes(path.name, path.read_bytes())
    assert not result.errors
    return result.diagnostics


def marks(path: Path) -> set[tuple[str, int]]:
    found: set[tuple[str, int]] = set()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        mark = MARK.search(line)
        if mark is not None:
            found.update((name.strip(), number) for name in mark[1].split(","))
    return found


@pytest.mark.parametrize("path", programs("reported"), ids=lambda path: path.stem)
def test_reported_where_marked(path: Path) -> None:
    wanted = marks(path)
    names = {name for name, _ in wanted}
    said = {(d.name, d.span.line) for d in diagnostics(path) if d.code.startswith("LR1") or d.name in names}
    assert said == wanted != set()


@pytest.mark.parametrize("path", programs("silent"), ids=lambda path: path.stem)
def test_correct_programs_are_clean(path: Path) -> None:
    said = diagnostics(path)
    assert [d.name for d in said if d.level is Level.ERROR] == []
    assert [d.name for d in said if d.code.startswith("LR1")] == []
    for name in re.findall(r"^# not: ([\w-]+)$", path.read_text(encoding="utf-8"), re.MULTILINE):
        assert name not in [d.name for d in said]
