"""Helpers for the tests of the engine."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

BAD = """\
import torch
import torch.nn.functional as F
from torch import nn

net = nn.Linear(4, 3)
x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))
out = torch.softmax(net(x), dim=1)
loss = F.cross_entropy(out, y)
loss.backward()
"""
CLEAN = BAD.replace("torch.softmax(net(x), dim=1)", "net(x)")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--bless", action="store_true", help="write the reviewed texts (fixtures/**/report.txt) anew")


Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def lrcheck(tmp_path: Path) -> Command:
    """Run the command line in a process of its own, in an empty folder."""

    def run(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        variables = {**os.environ, "PYTHONIOENCODING": "utf-8", "NO_COLOR": "", "FORCE_COLOR": "", **environment}
        return subprocess.run(
            [sys.executable, "-m", "lrcheck", *arguments],
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            cwd=tmp_path,
            env=variables,
            check=False,
            timeout=120,
        )

    return run
