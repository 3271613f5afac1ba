"""Programs copied from web pages: repaired where only one reading is possible."""

from __future__ import annotations

import json

import pytest
from conftest import BAD

from lrcheck.check import Checker
from lrcheck.findings import Result
from lrcheck.fixes import fix_bytes
from lrcheck.rule import discover

RULES = discover()


def check(source: str) -> Result:
    return Checker(RULES).check_bytes("p.py", source.encode())


def framed(text: str) -> str:
    return "".join(f"| {line} |\n" for line in text.splitlines())


RESIDUE = {
    "table bars": framed(BAD + "print('done')\n"),
    "empty bars": "| |\n" + BAD + "| | |\n",
    "prompts": "".join(f">>> {line}\n" for line in BAD.splitlines()) + "3\n",
    "indented": "".join(f"    {line}\n" for line in BAD.splitlines()),
    "typographic": BAD + "print(‘loss’, “ü”)\n",
    "spaces": BAD.replace("loss = ", "loss\u00a0=\u00a0"),
    "wide": BAD.replace("F.cross_entropy(out, y)", "F.cross_entropy（out， y）"),
}


@pytest.mark.parametrize("source", RESIDUE.values(), ids=RESIDUE)
def test_residue_is_reported_and_the_program_is_checked(source: str) -> None:
    result = check(source)
    assert result.errors == ()
    codes = [found.code for found in result.diagnostics]
    assert "LR002" in codes
    (found,) = [found for found in result.diagnostics if found.code == "LR102"]
    line = source.splitlines()[found.span.line - 1]
    assert line[found.span.column - 1 :].startswith("F.cross_entropy")


def test_a_fix_of_a_repaired_program_is_not_written_into_the_residue() -> None:
    """The file does not parse before and after; such files stay as they are."""
    source = RESIDUE["prompts"].encode()
    assert fix_bytes("p.py", source, Checker(RULES), unsafe=True).after == source


def test_programs_that_parse_are_never_repaired() -> None:
    result = check(BAD + "print('“', ‘x’ if 0 else 1) if 0 else 0\n".replace("‘x’", "'‘x’'"))
    assert "LR002" not in [found.code for found in result.diagnostics]


def test_lost_indentation_is_said_and_not_invented() -> None:
    result = check("import torch\nfor x in y:\nf(x)\ng(x)\n")
    (error,) = result.errors
    assert (error.line, error.message) == (2, "lost its indentation: which lines belong to this block is ambiguous")


def test_other_syntax_errors_stay_what_they_are() -> None:
    (error,) = check("import torch\nx = (\n").errors
    assert error.message.startswith("invalid syntax")


BLOCK = BAD.replace("import torch\n", "import torch  # from a page\n", 1) + "print(\u201closs\u201d)\n"


def test_blocks_of_a_page_are_repaired_one_by_one() -> None:
    page = f"# Lesson\n\n```python\n{BLOCK}```\n\n```python\nx = = 1\n```\n"
    result = Checker(RULES).check_bytes("page.md", page.encode())
    assert [(found.code, found.span.line) for found in result.diagnostics] == [("LR102", 11), ("LR002", 13)]


def test_cells_of_a_notebook_are_repaired() -> None:
    indented = ["    " + line for line in BLOCK.splitlines(keepends=True)]
    cells = [{"cell_type": "code", "source": source} for source in (["x = 1\n"], indented)]
    data = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}).encode()
    result = Checker(RULES).check_bytes("n.ipynb", data)
    places = {(found.code, found.span.cell, found.span.cell_line, found.span.column) for found in result.diagnostics}
    assert places == {("LR102", 2, 8, 8), ("LR002", 2, 10, 1)}  # a notebook takes the margin of a cell away by itself


@pytest.mark.parametrize(("line", "said"), [("%run -i data.py\n", []), ("%matplotlib inline\n", ["LR410"])])
def test_a_file_that_a_notebook_runs_leaves_its_variables(line: str, said: list[str]) -> None:
    before = "import torch\nfrom torch import nn\nnet, x = nn.Linear(1, 1), torch.randn(5, 28)\n"
    cells = [{"cell_type": "code", "source": source} for source in (before, line, "y = net(x)\n")]
    data = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}).encode()
    assert [found.code for found in Checker(RULES).check_bytes("n.ipynb", data).diagnostics] == said


def test_what_was_left_out_is_no_prompt() -> None:
    page = "```python\nimport torch\nx = torch.ones(3)....\n...\nx.view(3)\n```\n"
    assert not Checker(RULES).check_bytes("page.md", page.encode()).diagnostics


def test_pages_of_plain_text_are_programs() -> None:
    result = Checker(RULES).check_bytes("page.txt", BLOCK.encode())
    assert [found.code for found in result.diagnostics] == ["LR102", "LR002"]
