"""Totals from one pass of a loader to the next, in a run: what is never set back, and samplers that draw another number."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest

torch = pytest.importorskip("torch")

from test_runtime_pairs import observed  # noqa: E402

if TYPE_CHECKING:
    from pathlib import Path

CODES = {"LR203", "LR204", "LR213", "LR224"}
HEAD = """\
import statistics
from collections import Counter, defaultdict

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, RandomSampler, TensorDataset, WeightedRandomSampler

torch.manual_seed(0)
data = TensorDataset(torch.randn(110, 5), torch.randint(0, 3, (110,)))
loader = DataLoader(data, batch_size=20, shuffle=True)
net = nn.Linear(5, 3)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)


def step(x, y):
    loss = F.cross_entropy(net(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


class Mean:
    def __init__(self):
        self.clear()

    def clear(self):
        self.total, self.number, self.value = 0.0, 0, 0.0

    def add(self, value, number):
        self.total += value * number
        self.number += number
        self.value = self.total / self.number

    def compute(self):
        return self.total / self.number


def quotient(total, number):
    return total / number

"""


def found(tmp_path: Path, body: str) -> list[tuple[str, str]]:
    """Codes and the text of the lines that are reported."""
    path = tmp_path / "program.py"
    text = HEAD + textwrap.dedent(body)
    path.write_text(text)
    lines = text.splitlines()
    return [(each.code, lines[each.span.line - 1].strip()) for each in observed(path) if each.code in CODES]


REPORTED = {
    "divided by one pass": (
        """
        hits = 0
        for epoch in range(3):
            for x, y in loader:
                step(x, y)
                hits += (net(x).argmax(1) == y).sum().item()
            print(hits / len(data))
        """,
        ("LR213", "print(hits / len(data))"),
    ),
    "both go on": (
        """
        total, number = 0.0, 0
        for epoch in range(3):
            for x, y in loader:
                total += step(x, y)
                number += 1
            print(quotient(total, number))
        """,
        ("LR213", "print(quotient(total, number))"),
    ),
    "a list": (
        """
        values = []
        for epoch in range(3):
            for x, y in loader:
                values.append(step(x, y))
            print(statistics.fmean(values))
        """,
        ("LR213", "print(statistics.fmean(values))"),
    ),
    "the sum of a list": (
        """
        values = []
        for epoch in range(3):
            for x, y in loader:
                values.append(step(x, y))
            print(sum(values) / len(values))
        """,
        ("LR213", "print(sum(values) / len(values))"),
    ),
    "an object": (
        """
        losses = Mean()
        for epoch in range(3):
            for x, y in loader:
                losses.add(step(x, y), len(x))
            print(losses.compute())
        """,
        ("LR213", "print(losses.compute())"),
    ),
    "what an object keeps": (
        """
        losses = Mean()
        for epoch in range(3):
            for x, y in loader:
                losses.add(step(x, y), len(x))
            print(f"{losses.value:.3f}")
        """,
        ("LR213", 'print(f"{losses.value:.3f}")'),
    ),
    "items of a dictionary, by a function": (
        """
        sums, counts = defaultdict(float), Counter()

        def mean(name):
            return sums[name] / counts[name]

        for epoch in range(3):
            for x, y in loader:
                sums["loss"] += step(x, y) * len(x)
                counts["loss"] += len(x)
            print(mean("loss"))
        """,
        ("LR213", 'print(mean("loss"))'),
    ),
    "variables of the module": (
        """
        total = Mean()

        def epoch():
            for x, y in loader:
                total.add(step(x, y), len(x))
            print(total.compute())

        epoch()
        epoch()
        """,
        ("LR213", "print(total.compute())"),
    ),
    "each item in turn": (
        """
        sums = {"loss": 0.0}
        for x, y in loader:
            sums["loss"] += step(x, y)
        print({name: total / len(data) for name, total in sums.items()})
        """,
        ("LR204", "print({name: total / len(data) for name, total in sums.items()})"),
    ),
    "each item in a loop": (
        """
        sums = {"loss": 0.0}
        for x, y in loader:
            sums["loss"] += step(x, y)
        for name in sums:
            sums[name] /= len(data)
        """,
        ("LR204", "sums[name] /= len(data)"),
    ),
    "a sampler that draws fewer": (
        """
        loader = DataLoader(data, batch_size=20, sampler=WeightedRandomSampler(torch.rand(110), 60))
        hits = 0
        for x, y in loader:
            step(x, y)
            hits += (net(x).argmax(1) == y).sum().item()
        print(hits / len(loader.dataset))
        """,
        ("LR224", "print(hits / len(loader.dataset))"),
    ),
    "the number of all samples, by its value": (
        """
        total, number = 0.0, len(data)
        for x, y in DataLoader(data, batch_size=20, sampler=RandomSampler(data, num_samples=60)):
            total += step(x, y) * len(x)
        print(total / number)
        """,
        ("LR224", "print(total / number)"),
    ),
}
EPOCHS = """
losses = Mean()
for epoch in range(4):
    {before}
    for x, y in {loader}:
        losses.add(step(x, y), len(x))
    {behind}
"""
SILENT = {
    "set back before": EPOCHS.format(before="losses.clear()", loader="loader", behind="print(losses.compute())"),
    "set back behind": EPOCHS.format(before="", loader="loader", behind="print(losses.compute()); losses.clear()"),
    "a new one": EPOCHS.format(before="losses = Mean()", loader="loader", behind="print(losses.value)"),
    "behind all epochs": EPOCHS.format(before="", loader="loader", behind="")
    + "print(losses.compute(), losses.value)\n",
    "now and then": EPOCHS.format(
        before="", loader="loader", behind="if epoch % 2:\n        print(losses.compute())\n        losses.clear()"
    ),
    "other data in each pass": EPOCHS.format(
        before="", loader="DataLoader(TensorDataset(*data[:50]), 10)", behind="print(losses.compute())"
    ),
    "the last ones of a list": """
values = []
for epoch in range(3):
    for x, y in loader:
        values.append(step(x, y))
    print(sum(values[-len(loader):]) / len(loader))
""",
    "items, divided by the batches": """
sums = Counter()
for x, y in loader:
    sums["loss"] += step(x, y)
    sums["hits"] += (net(x).argmax(1) == y).float().mean().item()
for name in list(sums):
    sums[name] /= len(loader)
print({name: value * 100 for name, value in sums.items()}, [value / 2 for value in sums.values()])
""",
    "a dictionary that is emptied": """
sums, counts = defaultdict(float), defaultdict(int)
for epoch in range(3):
    for x, y in loader:
        sums["loss"] += step(x, y)
        counts["loss"] += 1
    print({name: sums[name] / counts[name] for name in sums})
    sums.clear()
    counts.clear()
""",
    "a number of steps": """
steps = 0
for epoch in range(3):
    for x, y in loader:
        step(x, y)
        steps += 1
    print(steps / len(loader))
""",
    "divided by what is drawn": """
sampler = WeightedRandomSampler(torch.rand(110), 60)
hits = 0
for x, y in DataLoader(data, batch_size=20, sampler=sampler):
    step(x, y)
    hits += (net(x).argmax(1) == y).sum().item()
print(hits / len(sampler), hits / sampler.num_samples)
""",
    "as many as there are": """
hits = 0
for x, y in DataLoader(data, batch_size=20, sampler=WeightedRandomSampler(torch.rand(110), 110)):
    step(x, y)
    hits += (net(x).argmax(1) == y).sum().item()
print(hits / len(data))
""",
}


@pytest.mark.parametrize("name", REPORTED)
def test_reported(name: str, tmp_path: Path) -> None:
    body, expected = REPORTED[name]
    assert found(tmp_path, body) == [expected]


@pytest.mark.parametrize("name", SILENT)
def test_silent(name: str, tmp_path: Path) -> None:
    assert found(tmp_path, SILENT[name]) == []
