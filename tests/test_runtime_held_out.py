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


SAMPLERS = """
import torch
from torch import nn
from torch.utils.data import DataLoader, Subset, SubsetRandomSampler, TensorDataset, WeightedRandomSampler

torch.manual_seed(0)
data = TensorDataset(torch.randn(400, 8), torch.randint(0, 3, (400,)))
train_set = Subset(data, range(300))
train_loader = DataLoader(train_set, batch_size=20, sampler=WeightedRandomSampler(torch.ones(300), 200))
valid_loader = DataLoader(data, batch_size=20, sampler=SubsetRandomSampler(range(FIRST, 400)))
net = nn.Linear(8, 3)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(3):
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
"""


@pytest.mark.parametrize(("first", "expected"), [(300, []), (200, [22])])
def test_samplers_choose_the_samples_that_are_compared(first: int, expected: list[int], tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(SAMPLERS.replace("FIRST", str(first)))
    assert [each.span.line for each in observed(path) if each.code == "LR713"] == expected


MEMBERS = """
import torch
from torch import nn


class Member:
    def __init__(self, width):
        self.net = nn.Sequential(nn.Linear(8, width), nn.ReLU(), nn.Linear(width, 3))
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=0.1)

    def learn(self, x, y):
        loss = nn.functional.cross_entropy(self.net(x), y)
        CLEAR
        loss.backward()
        self.optimizer.step()


members = [Member(width) for width in (4, 5, 6)]
x = torch.randn(400, 8)
y = x[:, :3].argmax(dim=1)
for start in range(0, 400, 20):
    for member in members:
        member.learn(x[start : start + 20], y[start : start + 20])
"""


@pytest.mark.parametrize(("clear", "expected"), [("self.optimizer.zero_grad()", []), ("pass", [15])])
def test_members_of_an_ensemble_clear_their_own_gradients(clear: str, expected: list[int], tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(MEMBERS.replace("CLEAR", clear))
    assert [each.span.line for each in observed(path) if each.code in {"LR301", "LR708"}][:1] == expected


FALLING = """
import torch
from torch import nn
from torch.distributions import Normal

torch.manual_seed(0)
x = torch.rand(600, 1)
y = 2 * x + 0.1 * torch.randn_like(x)
net = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 2))
optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
for step in range(160):
    start = step % 12 * 50
    mean, spread = net(x[start : start + 50]).split(1, dim=1)
    likelihood = Normal(mean, nn.functional.softplus(spread) + 0.01).log_prob(y[start : start + 50]).mean()
    optimizer.zero_grad()
    (MINUS likelihood).backward()
    optimizer.step()
"""


@pytest.mark.parametrize(
    ("minus", "weight", "expected"),
    [("-", "", []), ("", "", [("LR127", 16)]), ("", ".mul(torch.ones(50, 1))", [("LR703", 16)])],
)
def test_a_loss_that_falls_without_bound(minus: str, weight: str, expected: list[object], tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(FALLING.replace("MINUS ", minus).replace(".mean()", f"{weight}.mean()"))
    found = [(each.code, each.span.line) for each in observed(path)]
    assert [each for each in found if each[0] in ("LR127", "LR703")] == expected


CLEARED = """
import torch
from torch import nn

x = torch.randn(400, 8)
y = x[:, :3].argmax(dim=1)


def fit(hook):
    net = nn.Linear(8, 3)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)

    def step(start):
        loss = nn.functional.cross_entropy(net(x[start : start + 10]), y[start : start + 10])
        loss.backward()
        hook(optimizer)
        optimizer.step()
        optimizer.zero_grad()
        return loss.item()

    print(sum(step(start) for start in range(0, 400, 10)))


fit(HOOK)
"""


@pytest.mark.parametrize(("hook", "expected"), [("print", []), ("torch.optim.SGD.zero_grad", [15])])
def test_gradients_that_a_hook_clears_before_they_are_used(hook: str, expected: list[int], tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(CLEARED.replace("HOOK", hook))
    found = [(each.code, each.span.line) for each in observed(path)]
    assert [line for code, line in found if code in {"LR302", "LR704"}] == expected
    assert len(found) == len(expected)
