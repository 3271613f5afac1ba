"""A training set that is evaluated in place of the part that was split off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.importorskip("torch")

from test_runtime_pairs import observed

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """\
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

torch.manual_seed(0)
whole = TensorDataset(torch.randn(400, 6), torch.randint(0, 3, (400,)))
train_set, valid_set = random_split(whole, [320, 80])
print(len(train_set), len(valid_set))
train_loader = DataLoader(train_set, batch_size=16, shuffle=True)
valid_loader = DataLoader(EVALUATED, batch_size=16)
net = nn.Linear(6, 3)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(2):
    net.train()
    for x, y in train_loader:
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        optimizer.step()
    net.eval()
    correct = 0
    with torch.no_grad():
        for x, y in valid_loader:
            correct += (net(x).argmax(1) == y).sum().item()
    print(correct / len(valid_loader.dataset))
"""


@pytest.mark.parametrize(
    ("evaluated", "more", "expected"),
    [
        ("train_set", "", [22]),
        ("valid_set", "", []),
        ("train_set", "rest", []),
        ("train_set", "test_loader = DataLoader(valid_set, batch_size=16)\n", []),
        ("train_set", "images = torch.stack([image for image, _ in valid_set])\n", []),
    ],
)
def test_part_that_is_never_read(evaluated: str, more: str, expected: list[int], tmp_path: Path) -> None:
    path, end = tmp_path / "program.py", tmp_path / "end"
    text = PROGRAM.replace("EVALUATED", evaluated) + more
    if more == "rest":  # a small part for a quick run
        text = text.replace("[320, 80]", "[160, 240]").removesuffix(more)
    path.write_text(f"{text}\nopen({str(end)!r}, 'w').close()\n")
    found = [each.span.line for each in observed(path) if each.code == "LR713"]
    assert end.exists()
    assert found == expected
