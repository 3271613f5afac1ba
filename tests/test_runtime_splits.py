"""Training and evaluation share samples, and nothing else is evaluated: a part of the training set may be, beside others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.importorskip("torch")

from test_runtime_pairs import observed

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """\
import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset, Subset

torch.manual_seed(0)
ROWS = torch.randn(80, 6).numpy()

class Table(Dataset):
    def __init__(self, rows=ROWS):
        self.rows, self.labels = rows, [index % 3 for index in range(len(rows))]

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        return torch.from_numpy(self.rows[index]), self.labels[index]

def evaluate(loader):
    with torch.no_grad():
        return sum(int((net(features).argmax(1) == classes).sum()) for features, classes in loader) / len(loader.dataset)

whole = Table()
train, tests = SETS
net = torch.nn.Linear(6, 3)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(3):
    for features, classes in DataLoader(train, batch_size=8, shuffle=True):
        optimizer.zero_grad()
        F.cross_entropy(net(features), classes).backward()
        optimizer.step()
    print([evaluate(DataLoader(test, batch_size=4)) for test in tests])
"""
SETS = {
    "two equal tables": ("Subset(Table(), range(60)), [Subset(Table(), range(12))]", True),
    "a part of one table": ("Subset(whole, range(60)), [Subset(whole, range(12))]", True),
    "two parts of two tables": ("Subset(Table(), range(60)), [Subset(Table(), range(60, 80))]", False),
    "training samples, and others": ("Table(ROWS[:60]), [Table(ROWS[:12]), Table(ROWS[60:])]", False),
    "the same, of one table": (
        "Subset(whole, range(60)), [Subset(whole, range(12)), Subset(whole, range(60, 80))]",
        False,
    ),
    "others, and training samples": ("Table(ROWS[:60]), [Table(ROWS[60:]), Table(ROWS[:12])]", False),
}


@pytest.mark.parametrize("name", SETS)
def test_splits(name: str, tmp_path: Path) -> None:
    text, reported = SETS[name]
    path = tmp_path / "program.py"
    path.write_text(PROGRAM.replace("SETS", text))
    assert [each.name for each in observed(path)] == ["train-test-overlap"] * reported
