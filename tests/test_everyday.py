"""Baselines, statistics, progress, watching, flake8, hooks."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import BAD, Command

from lrcheck.cli import progress
from lrcheck.cli.progress import ProgressLine

ROOT = Path(__file__).resolve().parent.parent
NAME = "softmax-before-cross-entropy"


def test_a_baseline_knows_lines_that_move(lrcheck: Command, tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text(BAD)
    assert lrcheck("bad.py", "--write-baseline", "known.json").returncode == 0
    assert json.loads((tmp_path / "known.json").read_text())["findings"] == [
        {"path": "bad.py", "code": "LR102", "line": "loss = F.cross_entropy(out, y)", "count": 1}
    ]
    (tmp_path / "bad.py").write_text("# a new line\n\n" + BAD)
    done = lrcheck("bad.py", "--baseline", "known.json")
    assert done.returncode == 0
    assert done.stdout == "1 file checked, nothing found. 1 finding in the baseline.\n"
    (tmp_path / "bad.py").write_text(BAD + "loss = F.cross_entropy(out, y)\n")
    done = lrcheck("bad.py", "--baseline", "known.json", "--format", "concise")
    assert done.stdout.startswith("bad.py:10:8: LR102")
    assert done.returncode == 1


@pytest.mark.parametrize("text", [None, "{", '{"findings": [{}]}'])
def test_a_damaged_baseline_is_an_error(lrcheck: Command, tmp_path: Path, text: str | None) -> None:
    (tmp_path / "bad.py").write_text(BAD)
    if text is not None:
        (tmp_path / "known.json").write_text(text)
    done = lrcheck("bad.py", "--baseline", "known.json")
    assert done.returncode == 2
    assert "--write-baseline" in done.stderr


def test_a_baseline_of_a_notebook(lrcheck: Command, tmp_path: Path) -> None:
    cell = {"cell_type": "code", "source": BAD.splitlines(keepends=True), "metadata": {}, "outputs": []}
    (tmp_path / "n.ipynb").write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4}))
    lrcheck("n.ipynb", "--write-baseline", "known.json")
    assert json.loads((tmp_path / "known.json").read_text())["findings"][0]["line"] == "loss = F.cross_entropy(out, y)"
    assert lrcheck("n.ipynb", "--baseline", "known.json").returncode == 0


def test_statistics(lrcheck: Command, tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text(BAD + "loss = F.cross_entropy(out, y)\n")
    assert lrcheck("bad.py", "--statistics").stdout == f"2  LR102  error    {NAME}\n"
    assert lrcheck("bad.py", "--statistics", "--ignore", "ALL").stdout == ""


def test_progress_is_shown_on_a_terminal_only(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "PATIENCE", 0)
    line = ProgressLine()
    line(1, 2)
    line.close()
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    line = ProgressLine()
    line(1, 2)
    line.close()
    assert "1/2 files" in capsys.readouterr().err


def test_watching_checks_again_when_a_file_changes(tmp_path: Path) -> None:
    path = tmp_path / "bad.py"
    path.write_text(BAD)
    arguments = [sys.executable, "-m", "lrcheck", "bad.py", "--watch", "--no-cache", "--format", "concise"]
    with subprocess.Popen(arguments, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as run:
        assert run.stdout is not None
        assert "LR102" in run.stdout.readline()
        assert "Found 1 error" in run.stdout.readline()
        path.write_text(BAD.replace("torch.softmax(net(x), dim=1)", "net(x)"))
        assert "nothing found" in run.stdout.readline()
        time.sleep(0.2)
        run.send_signal(2)
        assert run.wait(20) == 0


def test_flake8_reports_the_same(tmp_path: Path) -> None:
    pytest.importorskip("flake8")
    (tmp_path / "bad.py").write_text(BAD.replace("import torch\n", "import torch  # \u00e9\n", 1))
    (tmp_path / "broken.py").write_text("import torch\nx = = 1\n")
    flake8 = [sys.executable, "-m", "flake8"]
    if "lrcheck" not in subprocess.run([*flake8, "--version"], capture_output=True, text=True, check=True).stdout:
        pytest.skip("lrcheck was installed before it had this entry point")
    arguments = [*flake8, "--select", "LR", "bad.py", "broken.py"]
    done = subprocess.run(arguments, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == [
        f"bad.py:8:8: LR102 {NAME}: softmax is applied twice to the loss input"
    ]  # flake8 itself says what is wrong with the other one: E999


@pytest.mark.slow
def test_the_hooks_work_in_pre_commit(tmp_path: Path) -> None:
    pytest.importorskip("pre_commit")
    tool, user = tmp_path / "tool", tmp_path / "user"
    for name in ("lrcheck", "rules", "pyproject.toml", "setup.py", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tool / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tool / name)
    (tool / "fixtures").mkdir()
    (tool / "fixtures" / "__init__.py").write_text("")
    user.mkdir()
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@y"]
    for folder in (tool, user):
        subprocess.run([*git, "init", "-q"], cwd=folder, check=True)
        subprocess.run([*git, "add", "-A"], cwd=folder, check=True)
        subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "start"], cwd=folder, check=True)
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=tool, capture_output=True, text=True, check=True).stdout
    hooks = "".join(f"      - id: {name}\n" for name in ("lrcheck", "lrcheck-fix"))
    text = f"repos:\n  - repo: {tool}\n    rev: {head.strip()}\n    hooks:\n{hooks}"
    (user / ".pre-commit-config.yaml").write_text(text)
    (user / "bad.py").write_text(BAD)
    (user / "old.py").write_text("import torch\nprint(torch.ger(torch.ones(2), torch.ones(2)))\n")
    subprocess.run([*git, "add", "-A"], cwd=user, check=True)
    variables = {**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "home")}
    arguments = [sys.executable, "-m", "pre_commit", "run", "--all-files", "--color", "never"]
    done = subprocess.run(arguments, cwd=user, env=variables, capture_output=True, text=True, check=False)
    assert "bad.py:8:8" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 1
    (user / "bad.py").unlink()
    subprocess.run([*git, "add", "-A"], cwd=user, check=True)
    done = subprocess.run(arguments, cwd=user, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0 or "torch.outer" in (user / "old.py").read_text(), done.stdout


def test_sarif_is_sarif(lrcheck: Command, tmp_path: Path) -> None:
    sarif = pytest.importorskip("sarif_pydantic")
    (tmp_path / "bad.py").write_text(BAD)
    (tmp_path / "broken.py").write_text("import torch\nx = = 1\n")
    document = json.loads(lrcheck(".", "--format", "sarif").stdout)
    (run,) = sarif.Sarif.model_validate(document).runs
    assert [result.rule_id for result in run.results] == ["LR001", "LR102"]
    (fix,) = document["runs"][0]["results"][1]["fixes"]
    (replacement,) = fix["artifactChanges"][0]["replacements"]
    assert replacement["insertedContent"]["text"] == "net(x)"
    assert replacement["deletedRegion"] == {"startLine": 7, "startColumn": 7, "endLine": 7, "endColumn": 35}
