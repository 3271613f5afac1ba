"""The command line: arguments, exit status, output."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import BAD, CLEAN, Command

NAME = "softmax-before-cross-entropy"


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad.py"
    path.write_text(BAD)
    return path


def test_findings_are_shown_with_their_code(lrcheck: Command, bad: Path) -> None:
    done = lrcheck("bad.py", "--select", NAME)
    assert done.returncode == 1
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[:7] == [
        f"LR102 {NAME}: softmax is applied twice to the loss input",
        " --> bad.py:8:8",
        "7 | out = torch.softmax(net(x), dim=1)",
        "  |       ---------------------------- " + lines[3].split("- ", 1)[1],
        "8 | loss = F.cross_entropy(out, y)",
        "  |        ^^^^^^^^^^^^^^^^^^^^^^^ " + lines[5].split("^ ", 1)[1],
        lines[6],
    ]
    assert lines[-1] == "Found 1 error (1 fixable with --fix --unsafe-fixes)."


def test_a_clean_program_is_clean(lrcheck: Command, tmp_path: Path) -> None:
    (tmp_path / "clean.py").write_text(CLEAN)
    done = lrcheck("check", "clean.py", "--select", "LR1")
    assert (done.returncode, done.stdout, done.stderr) == (0, "1 file checked, nothing found.\n", "")


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["bad.py"], 1),
        (["bad.py", "--exit-zero"], 0),
        (["bad.py", "--ignore", "ALL"], 0),
        (["bad.py", "--select", "lr102"], 1),
        (["bad.py", "--select", "LR6"], 0),
        (["bad.py", "--select", "LR1,LR6", "--ignore", NAME], 0),
        (["missing.py"], 2),
        (["bad.py", "missing.py"], 2),
        (["bad.py", "--select", "LR999"], 2),
        (["bad.py", "--no-such-option"], 2),
        ([], 2),
        ([".", "--exit-zero"], 0),
    ],
)
def test_exit_status(lrcheck: Command, bad: Path, arguments: list[str], status: int) -> None:
    done = lrcheck(*arguments)
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr


def test_unknown_rules_get_the_closest_match(lrcheck: Command, bad: Path) -> None:
    done = lrcheck("bad.py", "--select", "softmax-before-crossentropy")
    assert done.stderr == f"lrcheck: error: no rule `softmax-before-crossentropy`; did you mean `{NAME}`?\n"


def test_a_missing_path_does_not_keep_the_others_from_being_checked(lrcheck: Command, bad: Path) -> None:
    done = lrcheck("missing.py", "bad.py")
    assert "no such file or folder: missing.py" in done.stderr
    assert NAME in done.stdout


def test_standard_input(lrcheck: Command) -> None:
    done = lrcheck("-", "--select", "LR102", stdin=BAD)
    assert done.returncode == 1
    assert " --> -:8:8" in done.stdout
    assert "8 | loss = F.cross_entropy(out, y)" in done.stdout


def test_json(lrcheck: Command, bad: Path) -> None:
    done = lrcheck("bad.py", "--format", "json", "--select", "LR102")
    report = json.loads(done.stdout)
    assert report["version"] == 1
    assert report["errors"] == []
    (finding,) = report["findings"]
    expected = {"code": "LR102", "name": NAME, "severity": "error", "path": "bad.py", "line": 8, "column": 8}
    assert expected.items() <= finding.items()
    assert (finding["end_line"], finding["end_column"]) == (8, 31)
    assert finding["related"][0].items() >= {"path": "bad.py", "line": 7, "column": 7}.items()
    assert finding["fix"]["safety"] == "unsafe"
    edit = finding["fix"]["edits"][0]
    fixed = BAD[: edit["start"]] + edit["text"] + BAD[edit["end"] :]
    assert fixed == CLEAN


def test_concise_and_github(lrcheck: Command, bad: Path) -> None:
    concise = lrcheck("bad.py", "--format", "concise", "-q", "--select", "LR102").stdout
    assert concise == f"bad.py:8:8: LR102 {NAME}: softmax is applied twice to the loss input\n"
    github = lrcheck("bad.py", "--format", "github", "--select", "LR102").stdout
    assert github.startswith(f"::error file=bad.py,line=8,endLine=8,col=8,endColumn=31,title=LR102 {NAME}::softmax")


def test_colours_only_where_they_are_wanted(lrcheck: Command, bad: Path) -> None:
    assert "\x1b" not in lrcheck("bad.py").stdout
    assert "\x1b" in lrcheck("bad.py", FORCE_COLOR="1").stdout
    assert "\x1b" not in lrcheck("bad.py", FORCE_COLOR="1", NO_COLOR="1").stdout
    assert "\x1b" in lrcheck("bad.py", "--color", "always", NO_COLOR="1").stdout


def test_explain_and_rules(lrcheck: Command) -> None:
    by_code, by_name = lrcheck("explain", "LR102"), lrcheck("explain", NAME)
    assert by_code.stdout == by_name.stdout
    assert by_code.stdout.startswith(f"LR102 {NAME} (error)\n===")
    assert f"did you mean `{NAME}`" in lrcheck("explain", "softmax_before_crossentropy").stderr
    rows = lrcheck("rules").stdout.splitlines()
    assert len(rows) == len({row.split()[0] for row in rows})
    assert any(row.startswith("LR001  error") for row in rows)


def test_events(lrcheck: Command, bad: Path) -> None:
    done = lrcheck("events", "bad.py")
    assert done.returncode == 0
    assert "8:8: LossCall `F.cross_entropy(out, y)`" in done.stdout
    assert "form: PROBABILITIES" in done.stdout
    assert lrcheck("events", "missing.py").returncode == 2


def test_undecided_questions_are_told_with_v(lrcheck: Command, tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("```python\nimport torch\n```\n\n```python\nx = (\n```\n")
    assert "skipped" not in lrcheck("page.md").stdout
    assert "block 2 is no program of its own and was skipped" in lrcheck("page.md", "-v").stdout


def test_version_needs_nothing() -> None:
    code = "import sys; from lrcheck.cli import main; main(['--version']); print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stdout
    assert loaded.startswith("lrcheck ")
    assert not any(f"'{name}'" in loaded for name in ("libcst", "torch", "lrcheck.rules", "argparse"))


def test_checking_never_imports_torch(bad: Path) -> None:
    code = f"import sys; from lrcheck.cli import main; main([{str(bad)!r}, '-q']); sys.exit('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert NAME in done.stdout
    assert done.returncode == 0
    proof = subprocess.run([sys.executable, "-c", f"import torch.version\n{code}"], capture_output=True, check=False)
    assert proof.returncode == 1  # the test can fail


def test_a_closed_pipe_is_no_error(tmp_path: Path) -> None:
    for number in range(300):
        (tmp_path / f"bad{number}.py").write_text(BAD)
    done = subprocess.run(
        f"{sys.executable} -m lrcheck . | head -1",
        shell=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.stderr == ""
    assert NAME in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["bda.py"], "no such file or folder: bda.py; did you mean `bad.py`?"),
        (["missing.py"], "no such file or folder: missing.py\n"),
        (["chek", "bad.py"], "did you mean the command `lrcheck check`?"),
        (["--slect", "LR1", "bad.py"], "unknown option: --slect (did you mean --select?)"),
        (["bad.py", "--select", "LR1O2"], "no rule `LR1O2`; did you mean `LR102`?"),
        (["bad.py", "--jobs", "-1"], "argument -j/--jobs: invalid number value: '-1'"),
        (["bad.py", "--target-torch", "banana"], "--target-torch is a release of torch, such as \"2.4\", not 'banana'"),
        (["config", "nowhere"], "no such file or folder: nowhere"),
        (["bad.py", "--baseline", "b.json"], "`--write-baseline b.json` makes one"),
    ],
)
def test_wrong_usage_is_told_with_what_was_meant(lrcheck: Command, bad: Path, arguments: list[str], said: str) -> None:
    done = lrcheck(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_without_programs_is_named(lrcheck: Command, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = lrcheck("empty")
    assert done.returncode == 0
    assert done.stderr.startswith("lrcheck: warning: nothing to check in empty: no *.py")
    assert done.stdout == "Nothing was checked.\n"


def test_files_that_cannot_be_checked_do_not_count_as_checked(lrcheck: Command, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_bytes(b"import torch\n\xe9\n")
    done = lrcheck("broken.py")
    assert "is not utf-8 text (byte 0xe9); its first line may name another encoding" in done.stdout
    assert done.stdout.splitlines()[-1] == "1 file could not be checked."


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no such device")
def test_a_full_disk_and_closed_streams_are_no_crash(bad: Path) -> None:
    command = f"{sys.executable} -m lrcheck bad.py -q"
    for redirection, status, said in (
        ("> /dev/full", 2, "lrcheck: error: cannot read or write: No space left on device\n"),
        (">&-", 1, ""),
        ("2>&-", 1, ""),
    ):
        done = subprocess.run(
            f"{command} {redirection}", shell=True, capture_output=True, text=True, cwd=bad.parent, check=False
        )
        assert (done.returncode, done.stderr) == (status, said)


def test_a_file_that_cannot_be_written_is_named(lrcheck: Command, bad: Path) -> None:
    done = lrcheck("bad.py", "--write-baseline", "nowhere/known.json")
    assert done.returncode == 2
    assert "cannot read or write" in done.stderr
    assert "nowhere" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_interrupt_ends_the_workers_at_once(tmp_path: Path) -> None:
    unit = "def f{0}(model, loader, opt):\n    for x, y in loader:\n        loss = model(x).sum()\n        loss.backward()\n"
    for number in range(40):
        (tmp_path / f"m{number}.py").write_text("import torch\n" + "".join(map(unit.format, range(400))))
    command = [sys.executable, "-m", "lrcheck", ".", "--no-cache", "--jobs", "2"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        children = Path(f"/proc/{run.pid}/task/{run.pid}/children")
        if not children.exists():
            pytest.skip("the system does not tell the children of a process")
        while not children.read_text() and run.poll() is None:
            time.sleep(0.02)
        time.sleep(1)  # Python drops an interrupt in the middle of a fork
        workers = children.read_text().split()
        run.send_signal(signal.SIGINT)
        output, errors = run.communicate(timeout=60)
    assert (run.returncode, output, errors) == (130, "", "interrupted\n")
    assert not any(Path("/proc", worker).exists() for worker in workers)
