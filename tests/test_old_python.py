"""Programs for an older Python: checked as what they mean, said to be old, never damaged by a fix."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable

import pytest

from lrcheck.check import Checker
from lrcheck.fixes import fix_bytes
from lrcheck.rule import discover
from lrcheck.static.old_python import changes, parts

HEAD = "import torch\nfrom torch import nn\nnet = nn.Sequential(nn.Linear(20, 4), nn.Softmax(dim=1))\ncriterion = nn.CrossEntropyLoss()\n"


def checker() -> Checker:
    return Checker(discover())


def said(text: str, path: str = "old.py") -> list[tuple[str, int]]:
    result = checker().check_bytes(path, text.encode())
    assert not result.errors
    return [(found.code, found.span.line) for found in result.diagnostics]


@pytest.mark.parametrize(
    "line",
    [
        "print 'loss', criterion",
        'print "loss: %.3f" % 3',
        "print 'loss: %.3f' % \\\n    3",
        'print """a\nb""", 3',
        "print not criterion",
        "print >>log, 'a', 3; print 'a'",
        "print 'a',",
        "if net: print 'a'; print 'b'",
        "print [n for n in range(3)]  # all",
        "print `net`",
        "exec 'x = 1'",
        "if net is None:\n    raise ValueError, 'no'",
        "x = 3 <> 4",
        "x = 10L + 0xFFL",
        "x = 0777",
        "x = ur'a'",
        "try:\n    pass\nexcept ValueError, error:\n    print error",
    ],
)
def test_python_2_is_said_once_and_the_rest_is_checked(line: str) -> None:
    text = f"{HEAD}{line}\nloss = criterion(net(x), y)\n"
    with pytest.raises(SyntaxError):
        ast.parse(text)
    last = text.count("\n")
    found = said(text)
    assert [code for code, _ in found].count("LR001") == 1
    assert ("LR102", last) in found


@pytest.mark.parametrize(
    "line",
    ["print('a')", "print(1), 2", "print('a' % 3)", "print", "print = 3", "x.print", "log(print, 'x')", "x = 0", "x = 00",
     "async def f(): pass", "x = {'a': print}", "s = 'print x'", "# print x", "print(*x)", "print('a') if x else y"],
)  # fmt: skip
def test_programs_of_today_stay(line: str) -> None:
    assert changes(line + "\n") == []


def test_async_is_the_finding_not_a_syntax_error() -> None:
    text = (
        f"{HEAD}for x, y in loader:\n    x = x.cuda(async=True)\n    loss = criterion(net(x), y.cuda(async = True))\n"
    )
    found = said(text)
    assert [entry for entry in found if entry[0] in {"LR001", "LR609"}] == [("LR609", 6), ("LR609", 7)]
    assert ("LR102", 7) in found


def test_async_is_repaired() -> None:
    text = (
        f"{HEAD}for x, y in loader:\n    x = x.cuda(async=True)\n    loss = criterion(net(x), y.cuda(async = True))\n"
    )
    fixed = fix_bytes("old.py", text.encode(), checker()).after.decode()
    assert fixed == text.replace("async", "non_blocking")


def test_async_as_a_name_is_said() -> None:
    found = said(f"{HEAD}def load(x, async=False):\n    return x\n\nprint(load(3, async=True))\n")
    assert [entry for entry in found if entry[0] in {"LR001", "LR609"}] == [("LR001", 5), ("LR001", 8)]


@pytest.mark.parametrize("unsafe", [False, True])
def test_no_fix_touches_a_file_that_stays_old(unsafe: bool) -> None:
    text = f"{HEAD}x = x.cuda(async=True)\nprint 'loss', torch.nn.functional.sigmoid(x)\nloss = criterion(net(x), y)\n"
    assert {code for code, _ in said(text)} >= {"LR001", "LR609", "LR102"}
    assert fix_bytes("old.py", text.encode(), checker(), unsafe=unsafe).after == text.encode()


def test_what_is_broken_for_another_reason_stays_unreadable() -> None:
    result = checker().check_bytes("old.py", f"{HEAD}print 'a'\nx = = 3\n".encode())
    assert [error.message for error in result.errors] == ["invalid syntax"]


def notebook(*cells: str) -> bytes:
    made: list[dict[str, object]] = [{"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": cell.splitlines(keepends=True)}
            for cell in cells]  # fmt: skip
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1).encode()


def page(*cells: str) -> bytes:
    return "\n".join(f"```python\n{cell}```\n" for cell in cells).encode()


@pytest.mark.parametrize(("path", "write"), [("old.ipynb", notebook), ("old.md", page)])
def test_cells(path: str, write: Callable[..., bytes]) -> None:
    data = write(HEAD, "print 'a', \"\\t\"\nout = net(x)\nprint out\n", "loss = criterion(out, y.cuda(async=True))\n")
    result = checker().check_bytes(path, data)
    found = {found.code: found for found in result.diagnostics}
    assert set(found) >= {"LR001", "LR102", "LR609"}
    lines = data.decode().splitlines()
    assert "print 'a'" in lines[found["LR001"].span.line - 1]
    assert "criterion(out" in lines[found["LR102"].span.line - 1]


def test_parts_are_the_text() -> None:
    text = "print 'a'\nx = 3 <> 4\n"
    assert "".join(part for part, _ in parts(text, changes(text))) == "print('a')\nx = 3 != 4\n"
    assert all(start is None or text[start : start + len(part)] == part or len(part) < 3
               for part, start in parts(text, changes(text)))  # fmt: skip
