"""Configuration files, discovery, plugins."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from conftest import BAD, Command

from lrcheck.config import Config, ConfigError, Configs, load, matches
from lrcheck.discovery import Discovery

PLUGIN = '''\
"""A loss of the team.

Example:
    pass
"""
from collections.abc import Iterator
from lrcheck.events import LossCall
from lrcheck.findings import Finding, Label, Level
from lrcheck.rule import rule

@rule("ACME1", Level.WARNING)
def check(call: LossCall) -> Iterator[Finding]:
    yield Finding("a loss is computed", Label(call.site))
'''


def codes(lrcheck: Command, *arguments: str) -> list[str]:
    done = lrcheck(*arguments, "--format", "concise", "-q")
    assert done.stderr == ""
    return [line.split(": ")[1].split()[0] for line in done.stdout.splitlines()]


def test_the_nearest_file_is_in_force(lrcheck: Command, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.lrcheck]\nignore = ["LR102"]\n')
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "lrcheck.toml").write_text('select = ["softmax-before-cross-entropy"]\n')
    (tmp_path / "inner" / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    (tmp_path / "bad.py").write_text(BAD)
    (tmp_path / "inner" / "bad.py").write_text(BAD)
    assert codes(lrcheck, "bad.py") == []
    assert codes(lrcheck, "inner/bad.py") == ["LR102"]
    assert codes(lrcheck, ".") == ["LR102"]
    assert codes(lrcheck, "bad.py", "--isolated") == ["LR102"]
    assert codes(lrcheck, "bad.py", "--config", "inner/lrcheck.toml") == ["LR102"]


def test_levels_and_single_files(lrcheck: Command, tmp_path: Path) -> None:
    (tmp_path / "lrcheck.toml").write_text(
        '[levels]\nLR102 = "info"\n[per-file-ignores]\n"lectures/**" = ["softmax-before-cross-entropy"]\n'
    )
    (tmp_path / "bad.py").write_text(BAD)
    (tmp_path / "lectures").mkdir()
    (tmp_path / "lectures" / "bad.py").write_text(BAD)
    assert codes(lrcheck, ".") == ["LR102"]
    assert lrcheck("bad.py").returncode == 0
    assert lrcheck("bad.py", "--strict").returncode == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("slect = []", "unknown key `slect`; did you mean `select`?"),
        ('select = ["LR1023"]', "no rule `LR1023`; did you mean `LR10"),
        ("select = 3", "`select` is a list of strings"),
        ('[levels]\nLR102 = "warn"', "unknown level `warn`; did you mean `warning`?"),
        ("levels = 1", "`levels` is a table"),
        ("per-file-ignores = 1", "`per-file-ignores` is a table"),
        ('target-torch = "new"', "`target-torch` is a release of torch"),
        ('plugins = ["no_such_module"]', "plugin `no_such_module` cannot be loaded"),
        ("select = [", "lrcheck.toml: "),
    ],
)
def test_mistakes_in_a_configuration_are_named(lrcheck: Command, tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "lrcheck.toml").write_text(text)
    (tmp_path / "bad.py").write_text(BAD)
    done = lrcheck("bad.py")
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert lrcheck("config").returncode == 2


def test_a_configuration_that_is_asked_for_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such configuration"):
        Configs(str(tmp_path / "none.toml"))
    (tmp_path / "pyproject.toml").write_text("[tool.other]\n# lrcheck\n")
    with pytest.raises(ConfigError, match="has no table"):
        Configs(str(tmp_path / "pyproject.toml"))
    (tmp_path / "pyproject.toml").write_text("[tool]\nlrcheck = 1\n")
    with pytest.raises(ConfigError, match="is no table"):
        load(str(tmp_path / "pyproject.toml"))


def test_config_says_what_is_in_force_and_why(lrcheck: Command, tmp_path: Path) -> None:
    (tmp_path / "lrcheck.toml").write_text(
        'target-torch = "2.4"\nexclude = ["old"]\n[levels]\nLR102 = "info"\n[per-file-ignores]\n"a.py" = ["LR1"]\n'
    )
    done = lrcheck("config", "a.py")
    assert done.stderr == ""
    origin = f"# {tmp_path / 'lrcheck.toml'}"
    lines = {line.split(" = ")[0]: line for line in done.stdout.splitlines()}
    assert lines["target-torch"].startswith('target-torch = "2.4" ')
    assert lines["target-torch"].endswith(origin)
    assert lines["exclude"].startswith('exclude = ["old"]')
    assert lines["levels"].startswith('levels = { "LR102" = "info" }')
    assert lines["select"].endswith("# default")
    assert "# not reported in a.py: LR101" in done.stdout


def test_the_release_of_torch_decides_what_is_deprecated(lrcheck: Command, tmp_path: Path) -> None:
    (tmp_path / "old.py").write_text("import torch\nscaler = torch.cuda.amp.GradScaler()\n")
    assert codes(lrcheck, "old.py", "--target-torch", "2.0") == []
    assert codes(lrcheck, "old.py") != []


def test_ignored_and_excluded_files_are_left_out(lrcheck: Command, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / ".gitignore").write_text("generated/\n*_local.py\n!kept_local.py\n")
    (tmp_path / "lrcheck.toml").write_text('exclude = ["third_party", "*/skip_*.py"]\n')
    kept = ["a.py", "kept_local.py", "sub/b.py"]
    left_out = ["generated/x.py", "sub/m_local.py", "third_party/y.py", "sub/skip_1.py", "sub/inner.py"]
    for name in [*kept, *left_out]:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(BAD)
    (tmp_path / "sub" / ".gitignore").write_text("inner.py\n")
    found = Discovery(Configs()).files([str(tmp_path)])
    assert sorted(os.path.relpath(path, tmp_path) for path in found) == kept
    named = str(tmp_path / "third_party" / "y.py")
    assert list(Discovery(Configs()).files([named])) == [named]
    assert list(Discovery(Configs(), force_exclude=True).files([named])) == []


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("*.py", "a/b.py", True),
        ("tests", "x/tests/a.py", True),
        ("tests/*.py", "tests/a.py", True),
        ("tests/*.py", "tests/deep/a.py", False),
        ("tests/**", "tests/deep/a.py", True),
        ("**/gen/*.py", "a/b/gen/c.py", True),
        ("./old/", "old/a.py", True),
        ("old/", "new/a.py", False),
    ],
)
def test_patterns(pattern: str, path: str, expected: bool) -> None:
    assert matches(pattern, path) is expected


def test_overrides_are_named_as_such() -> None:
    config = Config("/").overridden(select=("LR1",), ignore=())
    assert (config.origin("select"), config.origin("ignore")) == ("command line", "default")


def test_plugins_bring_rules(lrcheck: Command, tmp_path: Path) -> None:
    (tmp_path / "lrcheck.toml").write_text('plugins = ["acme_rules"]\nselect = ["ACME"]\n')
    (tmp_path / "bad.py").write_text(BAD)
    (tmp_path / "acme_rules").mkdir()
    (tmp_path / "acme_rules" / "__init__.py").write_text("")
    (tmp_path / "acme_rules" / "loss_here.py").write_text(PLUGIN)
    assert codes(lrcheck, "bad.py") == ["ACME1"]
    assert "ACME1" in lrcheck("rules").stdout
    assert "A loss of the team" in lrcheck("explain", "loss-here").stdout
    (tmp_path / "bad.py").write_text(BAD.replace("y)\nloss.b", "y)  # lrcheck: ignore[ACME1]\nloss.b"))
    assert codes(lrcheck, "bad.py") == []
    (tmp_path / "acme_rules" / "loss_here.py").write_text(PLUGIN.replace("ACME1", "LR999"))
    assert "taken" in lrcheck("bad.py").stderr
    (tmp_path / "acme_rules" / "loss_here.py").write_text(PLUGIN.replace("ACME1", "my rule"))
    assert "`my rule` is no code" in lrcheck("bad.py").stderr
    (tmp_path / "acme_rules" / "loss_here.py").write_text("raise SystemExit(3)\n")
    done = lrcheck("bad.py")
    assert (done.returncode, "plugin `acme_rules` cannot be loaded: SystemExit: 3" in done.stderr) == (2, True)


def test_installed_packages_bring_rules(lrcheck: Command, tmp_path: Path) -> None:
    site, project = tmp_path / "site", tmp_path / "project"
    (site / "acme_rules").mkdir(parents=True)
    (site / "acme_rules" / "__init__.py").write_text("")
    (site / "acme_rules" / "loss_here.py").write_text(PLUGIN)
    (site / "acme-1.0.dist-info").mkdir()
    (site / "acme-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    (site / "acme-1.0.dist-info" / "entry_points.txt").write_text(
        "[console_scripts]\nacme = acme:main\n\n[lrcheck.rules]\nacme = acme_rules\n\n[other]\nx = y\n"
    )
    project.mkdir()
    (project / "bad.py").write_text(BAD)
    done = lrcheck("project/bad.py", "--select", "ACME", "--format", "concise", "-q", PYTHONPATH=str(site))
    assert done.stdout.startswith("project/bad.py:8:8: ACME1 loss-here")
    assert lrcheck("project/bad.py", "--select", "ACME").returncode == 2


def test_plugins_of_other_peoples_projects_do_not_run(lrcheck: Command, tmp_path: Path) -> None:
    other = tmp_path / "downloaded"
    other.mkdir()
    (other / "lrcheck.toml").write_text('plugins = ["evil_rules"]\n')
    (other / "evil_rules.py").write_text("open('ran', 'w').close()\n")
    (other / "bad.py").write_text(BAD)
    done = lrcheck("downloaded/bad.py")
    assert f"runs only inside its project: start lrcheck in {other}" in done.stderr
    assert not (tmp_path / "ran").exists()


UNSEEDED = """\
import torch
net = torch.nn.Linear(20, 4)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for x, y in loader:
    optimizer.zero_grad()
    torch.nn.functional.cross_entropy(net(x), y).backward()
    optimizer.step()
"""


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ((), []),
        (("--ignore", "LR101"), []),
        (("--select", "LR5"), []),
        (("--select", "LR512"), ["LR512"]),
        (("--select", "unseeded-randomness"), ["LR512"]),
        (("--select", "DEFAULT,LR512"), ["LR512"]),
        (("--select", "ALL"), ["LR512"]),
        (("--select", "ALL", "--ignore", "LR5"), []),
        (("--select", "ALL", "--ignore", "LR512"), []),
    ],
)
def test_rules_that_are_off_need_their_name(
    lrcheck: Command, tmp_path: Path, arguments: tuple[str, ...], wanted: list[str]
) -> None:
    (tmp_path / "bad.py").write_text(UNSEEDED)
    assert codes(lrcheck, "bad.py", *arguments) == wanted


def test_pages_say_what_is_off(lrcheck: Command) -> None:
    assert lrcheck("explain", "LR512").stdout.startswith("LR512 unseeded-randomness (info, off by default)\n")
    [line] = [line for line in lrcheck("rules").stdout.splitlines() if line.endswith("(off by default)")]
    assert line.startswith("LR512 ")


def test_a_wrong_rule_in_a_configuration_is_told_with_its_place(lrcheck: Command, tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text(BAD)
    (tmp_path / "lrcheck.toml").write_text('ignore = ["softmax-dm"]\n')
    done = lrcheck("bad.py")
    assert done.returncode == 2
    assert done.stderr.endswith("lrcheck.toml: `ignore`: no rule `softmax-dm`; did you mean `softmax-dim`?\n")
