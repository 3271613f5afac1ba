"""Fixes: what is written is a program, is what the finding said, and changes nothing else."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from conftest import BAD, CLEAN, Command

from lrcheck.check import Checker
from lrcheck.findings import Diagnostic, Edit, EditKind, Finding, Fix, Label, Level, Result, Safety
from lrcheck.fixes import apply_edits, fix_bytes, write
from lrcheck.rule import Rule, discover


def fixed(data: bytes, path: str = "p.py") -> bytes:
    return fix_bytes(path, data, Checker(discover()), unsafe=True).after


def test_unsafe_fixes_are_only_applied_when_asked_for(lrcheck: Command, tmp_path: Path) -> None:
    path = tmp_path / "bad.py"
    path.write_text(BAD)
    assert lrcheck("bad.py", "--fix").returncode == 1
    assert path.read_text() == BAD
    diff = lrcheck("bad.py", "--diff", "--unsafe-fixes")
    assert diff.returncode == 1
    assert path.read_text() == BAD
    assert "-out = torch.softmax(net(x), dim=1)\n+out = net(x)\n" in diff.stdout
    done = lrcheck("bad.py", "--fix", "--unsafe-fixes")
    assert done.stdout == "Fixed 1 mistake. 1 file checked, nothing found.\n"
    assert path.read_text() == CLEAN
    assert lrcheck("bad.py", "--fix", "--unsafe-fixes").stdout == "1 file checked, nothing found.\n"


def test_standard_input_is_fixed_to_standard_output(lrcheck: Command) -> None:
    assert lrcheck("-", "--fix", "--unsafe-fixes", "-q", stdin=BAD).stdout == CLEAN


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_encoding_and_line_ends_stay(newline: str, encoding: str) -> None:
    declared = "latin-1" if encoding == "latin-1" else "utf-8"
    before, after = (
        (f"# coding: {declared}\n# é\n" + text).replace("\n", newline).encode(encoding) for text in (BAD, CLEAN)
    )
    assert fixed(before) == after
    assert fixed(after) == after


def test_a_notebook_is_fixed_byte_for_byte() -> None:
    lines = BAD.splitlines(keepends=True)
    cells = [{"cell_type": "code", "metadata": {"é": 1}, "outputs": [], "execution_count": 3, "source": lines}]
    data = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}, indent=3, ensure_ascii=True).encode() + b"\n\n"
    assert fixed(data, "n.ipynb") == data.replace(b"torch.softmax(net(x), dim=1)", b"net(x)")


def test_a_page_is_fixed() -> None:
    page = f"# Title\r\n\r\n```python\r\n{BAD}```\r\n"
    assert fixed(page.encode(), "p.md").decode() == page.replace("torch.softmax(net(x), dim=1)", "net(x)")


def test_permissions_and_links_stay(tmp_path: Path) -> None:
    path, link = tmp_path / "a.py", tmp_path / "link.py"
    path.write_text("old")
    path.chmod(0o754)
    link.symlink_to(path)
    write(str(link), b"new")
    assert link.is_symlink()
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o754
    assert sorted(os.listdir(tmp_path)) == ["a.py", "link.py"]


def broken_fix(text: str) -> Rule:
    """A rule whose fix replaces the softmax by `text`."""
    from lrcheck.events import LossCall

    def check(call: LossCall) -> list[Finding]:
        made = call.input.made_by
        if made is None:
            return []
        fix = Fix("break it", (Edit(EditKind.REPLACE, made.site, text),), Safety.SAFE)
        return [Finding("title", Label(call.site), fix=fix)]

    return Rule("LR900", "broken", Level.ERROR, LossCall, check, __name__)


@pytest.mark.parametrize("text", ["f(", "", "return 1", "a b"])
def test_a_fix_that_breaks_the_program_is_not_applied(text: str) -> None:
    done = fix_bytes("p.py", BAD.encode(), Checker([broken_fix(text)]))
    assert done.after == BAD.encode()
    assert done.count == 0


def test_fixes_that_never_settle_end() -> None:
    done = fix_bytes("p.py", BAD.encode(), Checker([broken_fix("torch.softmax(torch.softmax(net(x), 1), 1)")]))
    assert done.count <= 10


class _Overlapping(Checker):
    """Finds two mistakes whose fixes touch each other, as long as the text holds them."""

    def check_bytes(self, path: str, data: bytes) -> Result:
        from lrcheck.findings import LocatedFix, Span, TextEdit

        text = data.decode()
        found = []
        for old, new in (("one + two", "one"), ("two + three", "three")):
            if old in text:
                edit = TextEdit(text.index(old), text.index(old) + len(old), new)
                span = Span(1, 1, 1, 2)
                fix = LocatedFix("do", Safety.SAFE, (edit,))
                found.append(Diagnostic("LR900", "x", Level.ERROR, "t", path, span, fix=fix))
        return Result(path, tuple(found))


def test_fixes_that_overlap_are_applied_in_rounds() -> None:
    done = fix_bytes("p.py", b"x = one + two + three\ny = two + three\n", _Overlapping([]))
    assert done.after == b"x = one + three\ny = three\n"


def test_edits_are_applied_from_their_own_offsets() -> None:
    from lrcheck.findings import TextEdit

    assert apply_edits("abcdef", [TextEdit(4, 5, "X"), TextEdit(0, 1, ""), TextEdit(2, 2, "-")]) == "b-cdXf"


def test_many_files_are_fixed_alike_by_one_process_and_by_several(lrcheck: Command, tmp_path: Path) -> None:
    padding = "# a comment\n" * 500
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        for number in range(30):
            (tmp_path / folder / f"f{number}.py").write_text(
                f"{BAD if number % 3 else CLEAN}y = torch.ger(x[0], x[0])\n{padding}"
            )
        (tmp_path / folder / "broken.py").write_text("import torch\nx = = 1\n")
    diffs = [
        lrcheck(folder, "--diff", "--unsafe-fixes", "--jobs", jobs, "--no-cache").stdout.replace(folder, "F")
        for folder, jobs in (("one", "1"), ("two", "3"))
    ]
    assert diffs[0] == diffs[1]
    assert diffs[0].count("+out = net(x)\n") == 20
    texts = [
        lrcheck(folder, "--fix", "--unsafe-fixes", "--jobs", jobs, "--no-cache").stdout.replace(folder, "F")
        for folder, jobs in (("one", "1"), ("two", "3"))
    ]
    assert texts[0] == texts[1]
    assert texts[0].endswith("Fixed 50 mistakes. 30 files checked, nothing found, 1 file could not be checked.\n")
    for number in range(30):
        text = (tmp_path / "two" / f"f{number}.py").read_text()
        assert text == (tmp_path / "one" / f"f{number}.py").read_text()
        assert text == f"{CLEAN}y = torch.outer(x[0], x[0])\n{padding}"


def test_what_fixing_one_file_brings_to_light_in_another_is_fixed_as_well(lrcheck: Command, tmp_path: Path) -> None:
    head = "import torch\nfrom torch import nn\n\n\n"
    (tmp_path / "nets.py").write_text(
        f"{head}class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(4, 3)\n\n"
        "    def forward(self, x):\n        return torch.ger(self.fc(x)[0], x[0])\n"
    )
    (tmp_path / "train.py").write_text(
        "import torch\nfrom nets import Net\n\nprint(Net()(torch.randn(2, 4)).ger(torch.ones(3)))\n"
    )
    done = lrcheck(".", "--fix")
    assert "Fixed" in done.stdout
    again = lrcheck(".", "--fix")
    assert "Fixed" not in again.stdout
    assert "torch.outer" in (tmp_path / "nets.py").read_text()


def test_the_report_about_standard_input_does_not_end_up_in_the_program(lrcheck: Command) -> None:
    done = lrcheck("-", "--fix", stdin=BAD)
    assert done.stdout == BAD
    assert "LR102" in done.stderr


def test_a_type_that_depends_on_the_machine_is_left_alone() -> None:
    program = (
        b"import torch\n\nFloatTensor = torch.cuda.FloatTensor if torch.cuda.is_available() else torch.FloatTensor\n"
        b"valid = FloatTensor(64, 1).fill_(1.0)\n"
    )
    assert fixed(program) == program


def test_an_expression_of_several_lines_keeps_its_indentation() -> None:
    opened = "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.parts = "
    used = "\n\n    def forward(self, x):\n        for part in self.parts:\n            x = part(x).relu()\n        return x\n"
    layers = "[\n            nn.Linear(2, 2),  # first\n\n            nn.Linear(2, 2),\n        ]"
    program = "import torch\nfrom torch import nn\n\n\n" + opened + layers + used
    for text in (program, program.replace("    ", "\t")):
        wanted = text.replace("= [", "= nn.ModuleList([").replace("]\n", "])\n")
        assert fixed(text.encode()).decode() == wanted
