"""Losses, metrics and evaluations in the forms that programs give them: images, dictionaries, lists, losses as classes."""

from __future__ import annotations

import contextlib
import runpy
import textwrap
from typing import TYPE_CHECKING

import pytest

torch = pytest.importorskip("torch")

from lrcheck.runtime import watch  # noqa: E402

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """\
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
x, y = torch.randn(200, 6), torch.randint(0, 3, (200,))
images, masks = torch.rand(96, 1, 8, 8), torch.randint(0, 2, (96, 1, 8, 8)).float()
data, held_out = TensorDataset(x, y), TensorDataset(x[:120] + 0.1, y[:120])
loader, other = DataLoader(data, batch_size=10, shuffle=True), DataLoader(held_out, batch_size=20)
pictures = DataLoader(TensorDataset(images, masks), batch_size=8)
net = nn.Sequential(nn.Linear(6, 12), nn.ReLU(), nn.Dropout(0.1), nn.Linear(12, 3))
painter = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 1, 1))


def learn(loss, optimizer):
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def train(net, loader, loss=F.cross_entropy):
    net.train()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
    for a, b in loader:
        learn(loss(net(a), b), optimizer)
"""
NAMED = """
class Named(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.rate = net, nn.Linear(6, 1)

    def forward(self, x):
        return {"classes": self.body(x), "rate": self.rate(x)}


class Both(nn.Module):
    def __init__(self):
        super().__init__()
        self.classes, self.rate = nn.CrossEntropyLoss(), nn.SmoothL1Loss()

    def forward(self, out, b):
        return self.classes(out["classes"], b) + 0.1 * self.rate(out["rate"].squeeze(1), b.float())


model, criterion = Named(), Both()
train(model, loader, criterion)
"""
TWO = """
encoder, decoder = nn.Sequential(nn.Linear(6, 8), nn.ReLU()), nn.Sequential(nn.Dropout(0.2), nn.Linear(8, 3))
optimizer = torch.optim.SGD([*encoder.parameters(), *decoder.parameters()], lr=0.1)
for a, b in loader:
    learn(F.cross_entropy(decoder(encoder(a)), b), optimizer)
"""
PAINT = "train(painter, pictures, F.binary_cross_entropy_with_logits)\npainter.eval()\n"
REPORTED = {
    "a temperature, no logarithm": (
        """
        given = torch.softmax(torch.randn(10, 3), dim=1)
        train(net, loader, lambda out, b: F.kl_div(out / 2.0, given, reduction="batchmean"))
        """,
        "LR113",
    ),
    "a teacher's shares over the batch": (
        """
        teacher = nn.Linear(6, 3).requires_grad_(False)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
        for a, b in loader:
            given = F.softmax(teacher(a) / 3.0, dim=0)
            learn(F.kl_div(F.log_softmax(net(a) / 3.0, dim=1), given, reduction="batchmean"), optimizer)
        """,
        "LR115",
    ),
    "labels first": (
        "optimizer = torch.optim.SGD(net.parameters(), lr=0.1)\nlearn(F.nll_loss(y, F.log_softmax(net(x), 1)), optimizer)",
        "LR111",
    ),
    "one class of pixels": (PAINT + "for a, b in pictures:\n    print(painter(a).argmax(1).sum())\n", "LR210"),
    "pixels of every other image": (
        PAINT
        + "with torch.no_grad():\n    for a, b in pictures:\n        print(((painter(a) > 0).squeeze(1) == b).float().mean())\n",
        "LR221",
    ),
    "a total over a list of samples": (
        """
        pairs = [(a, int(b)) for a, b in zip(x, y)]
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        rows, total = DataLoader(pairs, batch_size=20), 0.0
        for epoch in range(3):
            for a, b in rows:
                loss = F.cross_entropy(net(a), b)
                learn(loss, optimizer)
                total += loss.item()
            print("loss", total / len(rows))
        """,
        "LR213",
    ),
    "hits of batches of a hundred": (
        """
        train(net, loader)
        net.eval()
        hits = 0
        with torch.no_grad():
            for a, b in DataLoader(data, batch_size=100):
                hits += (net(a).argmax(1) == b).sum().item()
        print(hits / len(held_out))
        """,
        "LR203",
    ),
    "a loss as a class, outputs by names": (
        NAMED + "with torch.no_grad():\n    for a, b in other:\n        print(criterion(model(a), b).item())\n",
        "LR205",
    ),
    "an encoder and a decoder": (
        TWO
        + """
for epoch in range(2):
    hits = 0
    with torch.no_grad():
        for a, b in other:
            hits += (decoder(encoder(a)).argmax(1) == b).sum().item()
    for a, b in loader:
        learn(F.cross_entropy(decoder(encoder(a)), b), optimizer)
""",
        "LR205",
    ),
    "labels for another library": (
        """
        train(net, loader)
        net.eval()
        found, wanted = [], []
        for a, b in other:
            found.append(net(a).detach().numpy())
            wanted.append(b.numpy())
        """,
        "LR206",
    ),
    "a divisor that was taken out of the totals": (
        """
        train(net, loader)
        net.eval()
        sums = {"hits": 0, "seen": 0}
        with torch.no_grad():
            for a, b in other:
                sums["hits"] += (net(a).argmax(1) == b).sum().item()
                sums["seen"] += b.size(0)
        seen = sums.pop("seen")
        print(sums["hits"] / len(data))
        """,
        "LR203",
    ),
}
SILENT = {
    "a temperature before the logarithm": """
        given = torch.softmax(torch.randn(10, 3), dim=1)
        train(net, loader, lambda out, b: F.kl_div(F.log_softmax(out / 2.0, dim=1), given, reduction="batchmean"))
        """,
    "shares of one row": """
        train(net, loader)
        for row in x[:4]:
            print(torch.softmax(net(row) / 0.5, dim=0))
        """,
    "labels in their place": "train(net, loader, lambda out, b: F.nll_loss(F.log_softmax(out, 1), b))",
    "the brightest column": PAINT
    + "for a, b in pictures:\n    print(painter(a).argmax(-1).sum(), painter(a).flatten(2).argmax(2).sum())\n",
    "pixels of one image": PAINT
    + "with torch.no_grad():\n    for a, b in pictures:\n        print(((painter(a) > 0).squeeze(1) == b.squeeze(1)).float().mean())\n",
    "candidates against one label": """
        train(net, loader)
        net.eval()
        with torch.no_grad():
            for a, b in other:
                print((net(a).topk(2).indices == b.unsqueeze(1)).any(1).float().mean())
        """,
    "a total of each epoch": """
        pairs = [(a, int(b)) for a, b in zip(x, y)]
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        rows = DataLoader(pairs, batch_size=20)
        for epoch in range(3):
            total = 0.0
            for a, b in rows:
                loss = F.cross_entropy(net(a), b)
                learn(loss, optimizer)
                total += loss.item()
            print("loss", total / len(rows))
        """,
    "percentages of batches of a hundred": """
        train(net, loader)
        net.eval()
        percent, rows = 0.0, DataLoader(data, batch_size=100)
        with torch.no_grad():
            for a, b in rows:
                percent += (net(a).argmax(1) == b).float().mean().item() * 100
        print(percent / len(rows))
        """,
    "a loss as a class in either mode": NAMED
    + "model.eval()\nwith torch.no_grad():\n    for a, b in other:\n        print(criterion(model(a), b).item())\n",
    "an encoder and a decoder in either mode": TWO
    + """
encoder.eval(), decoder.eval()
with torch.no_grad():
    for a, b in other:
        print((decoder(encoder(a)).argmax(1) == b).sum().item())
""",
    "an encoder that is held back": TWO
    + """
encoder.eval()
for a, b in loader:
    with torch.no_grad():
        h = encoder(a)
    learn(F.cross_entropy(decoder(h), b), optimizer)
""",
    "labels that are read in training": """
        train(net, loader)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        for a, b in other:
            seen = b.tolist()
            learn(F.cross_entropy(net(a), b), optimizer)
        """,
    "totals by their number": """
        train(net, loader)
        net.eval()
        sums = {"hits": 0, "seen": 0}
        with torch.no_grad():
            for a, b in other:
                sums["hits"] += (net(a).argmax(1) == b).sum().item()
                sums["seen"] += b.size(0)
        seen = sums.pop("seen")
        print({name: each / seen for name, each in sums.items()})
        """,
}


def found(tmp_path: Path, body: str) -> set[str]:
    path = tmp_path / "program.py"
    path.write_text(HEAD + textwrap.dedent(body))
    with contextlib.suppress(RuntimeError), watch(on_finding=lambda _: None) as watched:
        runpy.run_path(str(path), run_name="__main__")
    return {each.code for each in watched.diagnostics} - {"LR703", "LR705", "LR711"}


@pytest.mark.parametrize("name", REPORTED)
def test_reported(name: str, tmp_path: Path) -> None:
    body, code = REPORTED[name]
    assert found(tmp_path, body) == {code}


@pytest.mark.parametrize("name", SILENT)
def test_silent(name: str, tmp_path: Path) -> None:
    assert found(tmp_path, SILENT[name]) == set()
