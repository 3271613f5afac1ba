"""Totals over a pass of a loader and the numbers they are divided by, as a watched run sees them."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest

torch = pytest.importorskip("torch")

from test_runtime_pairs import observed  # noqa: E402

if TYPE_CHECKING:
    from pathlib import Path

CODES = {"LR202", "LR203", "LR204", "LR224"}
HEAD = """\
import math
import sys
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, SubsetRandomSampler, TensorDataset

torch.manual_seed(0)
data = TensorDataset(torch.randn(90, 6), torch.randint(0, 3, (90,)))
test_set = TensorDataset(torch.randn(50, 6), torch.randint(0, 3, (50,)))
loader = DataLoader(data, batch_size=16, shuffle=True)
test_loader = DataLoader(test_set, batch_size=16)
net = nn.Linear(6, 3)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)


def step(x, y, reduction="mean"):
    loss = F.cross_entropy(net(x), y, reduction=reduction)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss

"""
TRAINED = """\
for x, y in loader:
    step(x, y)
net.eval()
"""


def found(tmp_path: Path, body: str, *, trained: bool = False) -> list[tuple[str, str]]:
    """Codes and the text of the lines that are reported."""
    path = tmp_path / "program.py"
    text = HEAD + (TRAINED if trained else "") + textwrap.dedent(body)
    end = tmp_path / "end"
    path.write_text(f"{text}\nopen({str(end)!r}, 'w').close()\n")
    lines = text.splitlines()
    reports = [each for each in observed(path) if each.code in CODES]
    assert end.exists()
    return [(each.code, lines[each.span.line - 1].strip()) for each in reports]


REPORTED = {
    "means by their old names": (
        """
        for x, y in loader:
            step(x, y).item()
        total = 0.0
        with torch.no_grad():
            for x, y in test_loader:
                total += F.nll_loss(F.log_softmax(net(x), 1), y, size_average=True).item()
        print(total / len(test_loader.dataset))
        """,
        ("LR204", "print(total / len(test_loader.dataset))"),
    ),
    "returned by a function": (
        """
        def epoch():
            total = 0.0
            for x, y in loader:
                total += step(x, y).item()
            return total / len(loader.dataset)

        print(epoch())
        """,
        ("LR204", "return total / len(loader.dataset)"),
    ),
    "an attribute": (
        """
        class Trainer:
            def run(self):
                self.total = 0.0
                for number, (x, y) in enumerate(loader):
                    loss = step(x, y)
                    self.total += loss.item() * len(x)
                self.average = self.total / len(loader)

        Trainer().run()
        """,
        ("LR204", "self.average = self.total / len(loader)"),
    ),
    "a tensor": (
        """
        total = torch.zeros(())
        for x, y in loader:
            total += step(x, y).detach()
        samples = len(data)
        print(total.item() / 90)
        """,
        ("LR204", "print(total.item() / 90)"),
    ),
    "known by its number": (
        """
        samples = len(data)
        total = 0.0
        for x, y in loader:
            total += step(x, y).item()
        total = total / samples
        """,
        ("LR204", "total = total / samples"),
    ),
    "sums by batches": (
        """
        total, batches = 0.0, 0
        for x, y in loader:
            total += step(x, y, "sum").item()
            batches += 1
        print("loss", total / batches)
        """,
        ("LR204", 'print("loss", total / batches)'),
    ),
    "a branch that is taken": (
        """
        total = 0.0
        for x, y in loader:
            total += step(x, y).item()
        if len(loader) > 2:
            print("loss", total / len(data))
        """,
        ("LR204", 'print("loss", total / len(data))'),
    ),
    "behind another loop": (
        """
        for epoch in range(2):
            total = 0.0
            for x, y in loader:
                total += step(x, y).item()
            with torch.no_grad():
                for x, y in test_loader:
                    net(x)
            print(total / len(loader.dataset))
        """,
        ("LR204", "print(total / len(loader.dataset))"),
    ),
    "percent of a tensor of hits": (
        """
        correct = 0
        with torch.no_grad():
            for x, y in test_loader:
                correct += (net(x).argmax(1) == y).sum()
        accuracy = 100.0 * correct / len(test_loader)
        """,
        ("LR203", "accuracy = 100.0 * correct / len(test_loader)"),
    ),
    "a validation part": (
        """
        part = DataLoader(data, batch_size=16, sampler=SubsetRandomSampler(range(40)))
        correct = 0
        with torch.no_grad():
            for x, y in part:
                correct += (net(x).max(1)[1] == y).sum().item()
        print(correct / len(part.dataset))
        """,
        ("LR224", "print(correct / len(part.dataset))"),
    ),
}
RETURNED = """
def share(loader, scale):
    correct = seen = 0
    with torch.no_grad():
        for x, y in loader:
            correct += (net(x).argmax(1) == y).sum().item()
            seen += y.size(0)
    return scale * correct / seen

"""


@pytest.mark.parametrize(
    ("scale", "shown", "expected"),
    [
        (100, 'print(f"accuracy {accuracy:.2%}")', ["LR202"]),
        (1, 'print(f"accuracy {accuracy:.2f}%")', ["LR202"]),
        (1, 'print("accuracy", accuracy, "%")', ["LR202"]),
        (1, 'print(f"accuracy {accuracy:.2%}")', []),
        (100, 'print(f"accuracy {accuracy:.2f} %")', []),
        (100, 'print("accuracy", accuracy, "%")', []),
        (1, 'print(f"accuracy {accuracy:.{3}f}, more than 50% is luck")', []),
        (1, 'print(f"accuracy {accuracy * 100:.2f}%")', []),
        (1, 'accuracy *= 100\nprint(f"accuracy {accuracy:.2f}%")', []),
    ],
)
def test_shares_and_percentages(scale: int, shown: str, expected: list[str], tmp_path: Path) -> None:
    body = f"{RETURNED}accuracy = share(test_loader, {scale})\n{shown}\n"
    assert [code for code, _ in found(tmp_path, body, trained=True)] == expected


SILENT = {
    "sums by their old names": """
        for x, y in loader:
            step(x, y).item()
        total = 0.0
        with torch.no_grad():
            for x, y in test_loader:
                total += F.nll_loss(F.log_softmax(net(x), 1), y, size_average=False).item()
        print("loss", total / len(test_loader.dataset))
        """,
    "sums by samples": """
        total = 0.0
        for x, y in loader:
            total += step(x, y, "sum").item()
        print("loss", total / len(loader.dataset))
        """,
    "weighted by the batch": """
        total = seen = 0
        for x, y in loader:
            total += step(x, y).item() * x.size(0)
            seen += x.size(0)
        print("loss", total / len(loader.dataset), total / seen, total / 90)
        """,
    "means by batches": """
        total, values = 0.0, []
        for number, (x, y) in enumerate(loader):
            loss = step(x, y).item()
            total += loss
            values.append(loss)
        print("loss", total / len(loader), total / (number + 1), sum(values) / len(values))
        """,
    "as many batches as samples": """
        single = DataLoader(data, batch_size=1)
        total = 0.0
        for x, y in single:
            total += step(x, y).item()
        print("loss", total / len(data))
        """,
    "full batches": """
        full = DataLoader(data, batch_size=16, drop_last=True)
        total = 0.0
        for x, y in full:
            total += step(x, y).item() * 16
        print("loss", total / (16 * len(full)))
        """,
    "made up for": """
        total = 0.0
        for x, y in loader:
            total += step(x, y).item()
        print("loss", total / len(data) * loader.batch_size)
        average = total / len(data)
        print(average * 16)
        """,
    "left early": """
        total = 0.0
        for number, (x, y) in enumerate(loader):
            total += step(x, y).item()
            if number == 3:
                break
        print("loss", total / len(data))
        """,
    "begun again in the loop": """
        running = 0.0
        for number, (x, y) in enumerate(loader):
            running += step(x, y).item()
            if number % 4 == 3:
                running = 0.0
        print("loss", running / 2)
        """,
    "assigned behind the loop": """
        total = 0.0
        for x, y in loader:
            total += step(x, y).item()
        total = total * 16
        print("loss", total / len(data))
        """,
    "a branch that is not taken": """
        kind = "mean"
        total = 0.0
        for x, y in loader:
            total += step(x, y, kind).item()
        if kind == "sum":
            print("loss", total / len(data))
        else:
            print("loss", total / len(loader))
        """,
    "a branch that is not known": """
        total = 0.0
        for x, y in loader:
            total += step(x, y).item()
        if sys.argv.count("--sum"):
            print("loss", total / len(data))
        """,
    "a sum of two losses": """
        total = 0.0
        for x, y in loader:
            total += step(x, y).item() + net.weight.pow(2).sum().item()
        print("loss", total / len(data))
        """,
    "a total of several epochs": """
        total = 0.0
        for epoch in range(3):
            for x, y in loader:
                total += step(x, y).item()
        print("loss", total / len(loader) / 3)
        """,
    "its own snapshot of variables": """
        def epoch(rate=0.1):
            total = 0.0
            before = locals()
            for x, y in loader:
                total += step(x, y).item()
            assert "loss" not in before and "x" not in before
            return total / len(data)

        epoch()
        """,
}
CORRECT = {
    "by samples": """
        correct = total = 0
        with torch.no_grad():
            for x, y in test_loader:
                hits = net(x).argmax(1) == y
                correct += hits.sum().item()
                total += y.size(0)
        print(correct / total, 100 * correct / len(test_loader.dataset), correct / len(test_set))
        """,
    "several ranks": """
        correct = torch.zeros(())
        with torch.no_grad():
            for x, y in test_loader:
                correct += (net(x).argmax(1) == y).sum()
        gather(correct)
        print(correct.item() / len(data))
        """,
    "all are right": """
        correct = total = 0
        with torch.no_grad():
            for x, y in test_loader:
                y = net(x).argmax(1)
                correct += (net(x).argmax(1) == y).sum().item()
                total += y.size(0)
        print(correct / total)
        """,
}


@pytest.mark.parametrize("name", REPORTED)
def test_wrong_divisor_is_reported(name: str, tmp_path: Path) -> None:
    body, expected = REPORTED[name]
    evaluated = expected[0] != "LR204"
    assert found(tmp_path, body, trained=evaluated) == [expected]


@pytest.mark.parametrize("name", SILENT)
def test_right_divisor_is_silent(name: str, tmp_path: Path) -> None:
    assert found(tmp_path, SILENT[name]) == []


@pytest.mark.parametrize("name", CORRECT)
def test_right_share_is_silent(name: str, tmp_path: Path) -> None:
    body = CORRECT[name].replace("gather(correct)", "print(end='', file=sys.stderr) or correct.mul_(90 / 50)")
    assert found(tmp_path, body, trained=True) == []
