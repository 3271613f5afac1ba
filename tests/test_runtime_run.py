"""`lrcheck run`: a program runs as `python` would run it, and what is found goes to stderr."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Command

pytest.importorskip("torch")

PROGRAM = """\
import sys
import torch
import torch.nn.functional as F
from torch import nn

print("arguments", sys.argv[1:], __name__)
torch.set_num_threads(1)
net = nn.Linear(4, 3)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for step in range(20):
    x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))
    loss = F.cross_entropy(torch.softmax(net(x), dim=1), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print("done", step)
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "train.py"
    path.write_text(PROGRAM)
    return path


def test_runs_the_script_and_reports_on_stderr(lrcheck: Command, script: Path) -> None:
    done = lrcheck("run", script.name, "--lr", "0.1", "-x")
    assert done.stdout == "arguments ['--lr', '0.1', '-x'] __main__\ndone 19\n"
    assert done.returncode == 0
    assert done.stderr.count("LR102 softmax-before-cross-entropy: softmax is applied twice") == 1
    assert "train.py:12:12" in done.stderr
    assert "first in step 1, seen" in done.stderr
    assert "lrcheck: 20 steps watched, 1 error" in done.stderr


def test_a_traceback_is_that_of_the_bare_program(lrcheck: Command, tmp_path: Path) -> None:
    """No frame of ours, where the program fails inside of a watched operation and fails again while it cleans up."""
    lines = [
        "import torch",
        "x = torch.zeros(3)",
        "try:",
        "    x + torch.zeros(2)",
        "except RuntimeError:",
        "    x[5] + 1",
    ]
    (tmp_path / "train.py").write_text("\n".join(lines) + "\n")
    bare = subprocess.run([sys.executable, "train.py"], check=False, cwd=tmp_path, capture_output=True, text=True)
    done = lrcheck("run", "-q", "train.py")
    assert "During handling of the above exception" in bare.stderr
    places = [line for line in bare.stderr.splitlines() if "train.py" in line]
    assert [line.replace(f"{tmp_path}/", "") for line in done.stderr.splitlines() if "File " in line] == [
        line.replace(f"{tmp_path}/", "") for line in places
    ]
    assert done.stderr.splitlines()[-1] == bare.stderr.splitlines()[-1]


def test_module_steps_and_json(lrcheck: Command, script: Path) -> None:
    done = lrcheck("run", "--steps", "3", "--output", "found.json", "-m", "train", "a")
    assert done.stdout == "arguments ['a'] __main__\n"
    assert "3 steps watched" in done.stderr
    found = json.loads((script.parent / "found.json").read_text())["findings"]
    assert [(each["code"], each["line"]) for each in found] == [("LR102", 12)]


@pytest.mark.parametrize(("level", "status"), [("error", 1), ("info", 1)])
def test_fail_on(lrcheck: Command, script: Path, level: str, status: int) -> None:
    assert lrcheck("run", "-q", "--fail-on", level, script.name).returncode == status
    assert lrcheck("run", "-q", "--fail-on", level, "--ignore", "LR102", script.name).returncode == 0


def test_only_the_first_rank_reports(lrcheck: Command, script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "1")
    done = lrcheck("run", "--output", "found.json", "--fail-on", "error", script.name)
    assert (done.stdout, done.stderr, done.returncode) == ("arguments [] __main__\ndone 19\n", "", 1)
    assert not (script.parent / "found.json").exists()


def test_ends_as_the_program_ends(lrcheck: Command, script: Path) -> None:
    for text, status, says in (
        ("raise SystemExit(3)", 3, ""),
        ("import sys; sys.exit('bad')", 1, "bad"),
        ("1 / 0", 1, "ZeroDivisionError"),
        ("def", 1, "SyntaxError"),
    ):
        script.write_text(text)
        done = lrcheck("run", script.name)
        assert done.returncode == status
        assert says in done.stderr
        assert "lrcheck/cli" not in done.stderr


def test_wrong_usage(lrcheck: Command) -> None:
    assert lrcheck("run", "missing.py").returncode == 2
    assert lrcheck("run").returncode == 2


@pytest.mark.skipif(sys.platform == "win32", reason="signals are different there")
def test_an_interrupt_ends_it(tmp_path: Path) -> None:
    (tmp_path / "wait.py").write_text("import time\nprint('ready', flush=True)\ntime.sleep(60)\n")
    command = [sys.executable, "-m", "lrcheck", "run", "wait.py"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == -signal.SIGINT
    assert "lrcheck: 0 steps watched, nothing found" in errors
