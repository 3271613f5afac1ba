"""Losses that a list keeps with their graphs."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("torch")

from test_runtime_pairs import observed

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """\
from collections import deque
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
x, y = torch.randn(64, 6), torch.randint(0, 3, (64,))
net = nn.Linear(6, 3)
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)


def step(retain=False):
    loss = F.cross_entropy(net(x), y)
    optimizer.zero_grad()
    loss.backward(retain_graph=retain)
    optimizer.step()
    return loss

"""
REPORTED = {
    "records": (
        """
        history = []
        for number in range(12):
            history.append({"step": number, "loss": step()})
        """,
        "loss.backward(retain_graph=retain)",
    ),
    "a dictionary of steps": (
        """
        losses = {}
        for number in range(12):
            losses[number] = step()
        """,
        "loss.backward(retain_graph=retain)",
    ),
    "a list that grows in another way": (
        """
        values = {}
        for number in range(12):
            values.setdefault("loss", []).append(step())
        """,
        "loss.backward(retain_graph=retain)",
    ),
    "a list": (
        """
        losses = []
        for _ in range(12):
            loss = F.cross_entropy(net(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss)
        """,
        "losses.append(loss)",
    ),
    "an attribute, and a step in another function": (
        """
        class Trainer:
            def __init__(self):
                self.history = {"loss": []}

            def run(self):
                for _ in range(12):
                    loss = step()
                    self.history["loss"].append(loss)

        Trainer().run()
        """,
        'self.history["loss"].append(loss)',
    ),
}
SILENT = {
    "records of numbers": """
        history = []
        for number in range(12):
            history.append((number, step().detach()))
        """,
    "numbers": """
        losses = []
        for _ in range(12):
            losses.append(step().item())
        """,
    "detached": """
        losses = []
        for _ in range(12):
            losses.append(step().detach())
        """,
    "a window": """
        losses = deque(maxlen=3)
        for _ in range(12):
            losses.append(step())
        """,
    "a list for each few steps": """
        for _ in range(6):
            losses = []
            for _ in range(2):
                losses.append(step())
        """,
    "backpropagated together": """
        for _ in range(4):
            losses = []
            for part in range(4):
                losses.append(F.cross_entropy(net(x[part::4]), y[part::4]))
            optimizer.zero_grad()
            total = sum(losses)
            total.backward()
            optimizer.step()
        """,
}


def found(tmp_path: Path, body: str) -> list[str]:
    path, end = tmp_path / "program.py", tmp_path / "end"
    text = HEAD + textwrap.dedent(body)
    path.write_text(f"{text}\nopen({str(end)!r}, 'w').close()\n")
    reports = [each for each in observed(path) if each.code == "LR305"]
    assert end.exists()
    return [text.splitlines()[each.span.line - 1].strip() for each in reports]


@pytest.mark.parametrize("name", REPORTED)
def test_list_of_losses_is_reported(name: str, tmp_path: Path) -> None:
    body, line = REPORTED[name]
    assert found(tmp_path, body) == [line]


@pytest.mark.parametrize("name", SILENT)
def test_other_lists_are_silent(name: str, tmp_path: Path) -> None:
    assert found(tmp_path, SILENT[name]) == []
