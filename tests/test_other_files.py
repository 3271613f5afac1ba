"""Programs of several files: models that live elsewhere are followed, and every way to check gives the same findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lrcheck.check import Checker
from lrcheck.rule import discover

if TYPE_CHECKING:
    from pathlib import Path

    from lrcheck.findings import Diagnostic

NET = """\
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.fc = nn.Linear(inputs, classes)

    def forward(self, x):
        return torch.softmax(self.fc(x), dim=1)
"""
TRAIN = """\
import torch
from torch import nn
{imports}

net = Net(20, 4)
criterion = nn.CrossEntropyLoss()
loss = criterion(net(torch.zeros(8, 20)), torch.zeros(8, dtype=torch.long))
loss.backward()
"""


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def findings(root: Path, *names: str) -> list[Diagnostic]:
    checker = Checker(discover())
    found: list[Diagnostic] = []
    for name in names:
        result = checker.check_path(str(root / name))
        assert not result.errors, result.errors
        found.extend(result.diagnostics)
    return found


def softmax(found: list[Diagnostic]) -> list[Diagnostic]:
    return [each for each in found if each.name == "softmax-before-cross-entropy"]


LAYOUTS = {
    "module": ("from net import Net", {"net.py": NET}),
    "package": ("from models.net import Net", {"models/__init__.py": "", "models/net.py": NET}),
    "namespace package": ("from models.net import Net", {"models/net.py": NET}),
    "whole module": ("import models.net\nNet = models.net.Net", {"models/__init__.py": "", "models/net.py": NET}),
    "alias": ("import net as n\nNet = n.Net", {"net.py": NET}),
    "re-export": ("from models import Net", {"models/__init__.py": "from .net import Net\n", "models/net.py": NET}),
    "star": ("from models import *", {"models/__init__.py": "from .net import *\n", "models/net.py": NET}),
    "two steps": (
        "from models import Net",
        {
            "models/__init__.py": "from .zoo import Net\n",
            "models/zoo/__init__.py": "from ..net import Net\n",
            "models/net.py": NET,
        },
    ),
    "src layout": (
        "from project.net import Net",
        {"pyproject.toml": "", "src/project/__init__.py": "", "src/project/net.py": NET},
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_softmax_elsewhere_meets_the_loss_here(tmp_path: Path, layout: str) -> None:
    imports, files = LAYOUTS[layout]
    write(tmp_path, {"train.py": TRAIN.format(imports=imports), **files})
    (finding,) = softmax(findings(tmp_path, "train.py"))
    assert finding.path.endswith("train.py")
    assert finding.span.line == TRAIN.format(imports=imports).count("\n") - 1
    assert any(related.path.endswith("net.py") and related.span.line == 11 for related in finding.related)


def test_relative_import_inside_a_package(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "project/__init__.py": "",
            "project/models/__init__.py": "from .net import Net\n",
            "project/models/net.py": NET,
            "project/training/__init__.py": "",
            "project/training/loop.py": TRAIN.format(imports="from ..models import Net"),
        },
    )
    (finding,) = softmax(findings(tmp_path, "project/training/loop.py"))
    assert any(related.path.endswith("net.py") for related in finding.related)


def test_a_cycle_ends(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "train.py": TRAIN.format(imports="from net import Net"),
            "net.py": NET + "\nimport other\n",
            "other.py": "import torch\nimport net\nfrom net import Net\n",
        },
    )
    assert len(softmax(findings(tmp_path, "train.py", "net.py", "other.py"))) == 1


@pytest.mark.parametrize("imports", ["from missing import Net", "from .nowhere import Net", "from broken import Net"])
def test_what_cannot_be_read_is_unknown(tmp_path: Path, imports: str) -> None:
    write(tmp_path, {"train.py": TRAIN.format(imports=imports), "broken.py": "import torch\nclass Net(:\n"})
    assert findings(tmp_path, "train.py") == []


def test_imported_files_are_never_run(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    write(
        tmp_path,
        {"train.py": TRAIN.format(imports="from net import Net"), "net.py": f"open({str(mark)!r}, 'w')\n" + NET},
    )
    assert len(softmax(findings(tmp_path, "train.py"))) == 1
    assert not mark.exists()


def test_file_by_file_and_folder_agree(tmp_path: Path) -> None:
    names = ("models/__init__.py", "models/net.py", "other.py", "train.py")
    write(
        tmp_path,
        {
            "models/__init__.py": "from .net import Net\n",
            "models/net.py": NET,
            "other.py": TRAIN.format(imports="from models import Net") + "\nprint(net.paramters())\n",
            "train.py": TRAIN.format(imports="from models.net import Net"),
        },
    )
    alone = [finding for name in names for finding in findings(tmp_path, name)]
    assert findings(tmp_path, *names) == alone
    assert sorted(findings(tmp_path, *reversed(names)), key=lambda each: each.sort_key()) == sorted(
        alone, key=lambda each: each.sort_key()
    )
    assert len(softmax(alone)) == 2


def test_what_one_program_sets_is_undone_for_the_next(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "net.py": NET,
            "first.py": "import torch\nimport net\nnet.Net.forward = lambda self, x: self.fc(x)\n",
            "train.py": TRAIN.format(imports="from net import Net"),
        },
    )
    assert len(softmax(findings(tmp_path, "first.py", "train.py"))) == 1


def test_a_class_elsewhere_is_instantiated_here(tmp_path: Path) -> None:
    write(tmp_path, {"net.py": NET, "train.py": "import torch\nfrom net import Net\n\nnet = Net(20)\n"})
    (finding,) = findings(tmp_path, "train.py")
    assert finding.name == "constructor-arguments"
    assert [related.path.rpartition("/")[2] for related in finding.related] == ["net.py"]
