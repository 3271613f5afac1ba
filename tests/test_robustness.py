"""Whatever is in a file: one clear line, no traceback, the other files are checked."""

from __future__ import annotations

import gc
import time
from pathlib import Path
from types import SimpleNamespace

import libcst as cst
import pytest
from conftest import BAD, Command
from hypothesis import given, settings
from hypothesis import strategies as st

from lrcheck.check import Checker, Settings
from lrcheck.events import LossCall
from lrcheck.findings import Finding, Level
from lrcheck.rule import Rule, discover
from lrcheck.sources import UnreadableError
from lrcheck.static import memory
from lrcheck.static.document import read_document

RULES = discover()
DEEP = {
    "calls": "f(" * 500 + "1" + ")" * 500,
    "parentheses": "(" * 100_000,
    "signs": "-" * 100_000 + "1",
    "not": "not " * 100_000 + "1",
    "sum": "1 +" * 100_000 + "1",
    "lines": "(" + "1 +\n" * 100_000 + "1)",
    "joined lines": "1 + \\\n" * 50_000 + "1",
    "attributes": "a" + ".b" * 100_000,
    "methods": "a" + ".b()" * 50_000,
    "lambdas": "lambda: " * 50_000 + "1",
    "formatted": "f'''{" + "(" * 5000 + "}'''",
    "else": "1 if x else " * 50_000 + "1",
}


@pytest.mark.parametrize("source", DEEP.values(), ids=DEEP)
def test_absurd_nesting_is_one_error(source: str) -> None:
    result = Checker(RULES).check_bytes("p.py", f"import torch\nx = {source}\n".encode())
    (error,) = result.errors
    assert "nested too deeply" in error.message
    assert error.line is not None
    assert not error.internal


def test_many_branches_are_one_error() -> None:
    source = "import torch\nif x:\n  pass\n" + "elif y:\n  pass\n" * 100_000
    (error,) = Checker(RULES).check_bytes("p.py", source.encode()).errors
    assert "elif" in error.message


def test_what_python_accepts_is_checked() -> None:
    source = f"import torch\nx = {'f(' * 90}1{')' * 90}\ny = {' + '.join(['x'] * 400)}\n{BAD}"
    result = Checker(RULES).check_bytes("p.py", source.encode())
    assert result.errors == ()
    assert "LR102" in [found.code for found in result.diagnostics]


def test_odd_files_give_one_line_each(lrcheck: Command, tmp_path: Path) -> None:
    (tmp_path / "random.py").write_bytes(b"torch\xff\xfe\x00\x01" * 100)
    (tmp_path / "empty.py").write_bytes(b"")
    (tmp_path / "broken.py").write_bytes(b"import torch\nx = = 1\n")
    (tmp_path / "deep.py").write_text(f"import torch\n{DEEP['calls']}\n")
    (tmp_path / "bad.py").write_text(BAD)
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "dangling.py").symlink_to(tmp_path / "nowhere")
    (tmp_path / "folder.py").mkdir()
    done = lrcheck(".", "--format", "concise", "--select", "LR102")
    assert done.returncode == 1
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert [line.split(": ")[0] for line in lines[:-1]] == [
        "./broken.py:2:1", "./deep.py:2:1", "./random.py:1:1", "./bad.py:8:8"
    ]  # fmt: skip
    assert lines[-1] == "Found 1 error (1 fixable with --fix --unsafe-fixes), 3 files could not be checked."


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["p.py", "n.ipynb", "p.md"]))
def test_random_bytes_never_crash(data: bytes, path: str) -> None:
    result = Checker(RULES).check_bytes(path, b"torch " + data)
    assert not any(error.internal for error in result.errors)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_mutated_programs_never_crash(data: st.DataObject) -> None:
    text = BAD
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 12)))
        text = (
            text[:start]
            + data.draw(st.sampled_from(["", "(", ")", "\n", "    ", "'", "lambda:", "*", "é"]))
            + text[end:]
        )
    result = Checker(RULES).check_bytes("p.py", text.encode())
    assert not any(error.internal for error in result.errors), result.errors


def test_a_broken_rule_does_not_hide_the_others() -> None:
    def check(call: LossCall) -> list[Finding]:
        raise ValueError("oops\nsecond line")

    broken = Rule("LR900", "broken-rule", Level.ERROR, LossCall, check, __name__)
    result = Checker([broken, *RULES]).check_bytes("p.py", BAD.encode())
    assert "LR102" in [found.code for found in result.diagnostics]
    (error,) = result.errors
    assert error.internal
    assert error.message.startswith("internal error in rule broken-rule: ValueError: oops (")


def test_a_megabyte_is_checked_in_time() -> None:
    function = "def f{0}(model, x, y):\n    a = model(x) + {0}  # a comment\n    return torch.mean(a - y)\n\n\n"
    source = "import torch\n" + "".join(function.format(number) for number in range(3000))
    start = time.perf_counter()
    result = Checker(RULES).check_bytes("p.py", source.encode())
    assert result.errors == ()
    assert time.perf_counter() - start < 60


def test_files_without_torch_are_only_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "big.py"
    path.write_bytes(b"x = (\n" * 4_000_000)
    start = time.perf_counter()
    assert Checker(RULES).check_path(str(path)).errors == ()
    assert time.perf_counter() - start < 0.5


@pytest.mark.parametrize("text", ["", "\n", "\ufeff", "#", "\\", "x", "\f", "if x:\n", "\r", "'''"])
def test_tiny_documents(text: str) -> None:
    try:
        document = read_document("p.py", data=text.encode())
        _ = document.module
    except UnreadableError:
        return
    assert document.layout.exact


def test_what_is_written_for_python_2_is_named() -> None:
    for line, word in (('    print "loss", x', "print"), ("    raise ValueError, x", "raise")):
        with pytest.raises(UnreadableError) as error:
            _ = read_document("p.py", data=f"import torch\nif x:\n{line}\n".encode()).module
        assert error.value.message == f"invalid syntax: this `{word}` is Python 2"
        assert error.value.line == 3
    (unreadable,) = Checker(RULES).check_bytes("p.py", b"import torch\nprint = = 1\n").errors
    assert unreadable.message == "invalid syntax"


def test_tables_of_data_are_named_without_being_asked() -> None:
    result = Checker(RULES).check_bytes("p.py", b"import torch\nx = [" + b"1," * 20_000 + b"]\n")
    assert not result.errors
    assert "not checked" in result.undecided[0].message


def test_garbage_between_files_is_collected(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    monkeypatch.setattr(memory, "gc", SimpleNamespace(get_count=lambda: (memory.YOUNG + 1, 0, 0), collect=calls.append))
    for _ in range(memory.ALL):
        memory.collect()
    assert set(calls) == {0, 2}
    monkeypatch.setattr(memory, "gc", SimpleNamespace(get_count=lambda: (1, 0, 0), collect=calls.append))
    memory.collect()
    assert len(calls) == memory.ALL


def test_a_program_that_is_too_long_to_be_followed_is_said_once() -> None:
    steps = "import torch\n\ndef one(x):\n" + "    y = x\n" * 40 + "    return y\n"
    for name, called in (("two", "one"), ("three", "two")):
        steps += f"\ndef {name}(x):\n" + f"    {called}(x)\n" * 40
    checker = Checker(RULES, Settings(undecided=True))
    (note,) = checker.check_bytes("p.py", f"{steps}\nthree(torch.zeros(2))\n".encode()).undecided
    assert "too long" in note.message
    assert not checker.check_bytes("p.py", f"{steps}\none(torch.zeros(2))\n".encode()).undecided


PROGRAM = b"""import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.parts = nn.ModuleList([nn.Linear(a, b) for a, b in sizes])

    def forward(self, x):
        def one(y, part):
            return part(y)
        for part in self.parts:
            x = one(x, part)
        return x

def made(*sizes):
    return lambda: Net(sizes)

net = made((2, 3), (3, 4))()
"""


def test_a_program_is_freed_when_its_check_ends() -> None:
    """Without the collector of cycles: a syntax tree takes much memory, and workers check many files."""
    checker = Checker(RULES)
    checker.check_bytes("warm.py", PROGRAM)
    gc.collect()
    gc.disable()
    try:
        checker.check_bytes("p.py", PROGRAM)
        before = _nodes()
        for _ in range(3):
            checker.check_bytes("p.py", PROGRAM)
        after = _nodes()
    finally:
        gc.enable()
    assert after <= before


def _nodes() -> int:
    """Nodes of syntax trees that are alive. Other objects are not asked for their class: some warn."""
    return sum(issubclass(type(each), cst.CSTNode) for each in gc.get_objects())
