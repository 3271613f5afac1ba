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
METER = """
class Meter:
    def __init__(self):
        self.total, self.number = 0.0, 0

    def add(self, value, number=1):
        self.total += value * number
        self.number += number

    @property
    def average(self):
        return self.total / max(self.number, 1)


def share(out, b):
    return out.argmax(1).eq(b).float().mean().item()


@torch.no_grad()
def validate():
    net.eval()
    losses, shares = Meter(), Meter()
    for a, b in other:
        out = net(a)
        losses.add(F.cross_entropy(out, b).item(), a.size(0))
        shares.add(share(out, b), a.size(0))
    return losses.average, shares.average


train(net, loader)
lost, right = validate()
history = []
history.append(dict(loss=lost, accuracy=right))
"""
COUNTED = """
train(net, loader)
net.eval()
hits, seen = 0, 0
with torch.no_grad():
    for a, b in other:
        hits += (net(a).argmax(1) == b).type(torch.float).sum().item()
        seen += b.size(0)
"""
SHOWN = {
    'accuracy = hits / seen\nprint("accuracy: {:.2f}%".format(accuracy))': True,
    'accuracy = hits / seen\nprint("accuracy: %.2f%%" % accuracy)': True,
    'hits /= seen\nprint(f"epoch {1}: accuracy {hits:>0.1f}%")': True,
    'print(f"accuracy {hits / seen:.2f} %")': True,
    'rate, n = hits / seen, len(other)\nprint(f"accuracy {rate:.1f}% of {n} batches")': True,
    'accuracy = 100 * hits / seen\nprint("{name}: {value:.1%}".format(name="accuracy", value=accuracy))': True,
    'accuracy = hits / seen\nprint("accuracy: {:.2%}".format(accuracy))': False,
    'accuracy = 100.0 * hits / seen\nprint("epoch %d, accuracy: %.2f%%" % (1, accuracy))': False,
    'accuracy = hits / seen\naccuracy *= 100\nprint(f"accuracy {accuracy:.1f}%")': False,
    'print("accuracy {}/{} ({:.0f}%)".format(hits, seen, 100.0 * hits / seen))': False,
    'accuracy = hits / seen\nprint("accuracy {0:.3f}, {1}% is luck".format(accuracy, 33))': False,
    'accuracy = hits / seen\naccuracy = input if False else 100 * accuracy\nprint(f"{accuracy}%")': False,
    'accuracy = hits / seen\nprint("accuracy %.*f %%" % (2, accuracy), "%(a).2f%%" % {"a": accuracy})': False,
    'accuracy = hits / seen\nprint("{0.real}%".format(accuracy), "{".join("ab"), *[accuracy], "%")': False,
}
LOGGED = {
    'log.info("loss %.3f accuracy %.2f%%", lost, right)': True,
    'log.info("loss %.3f accuracy %.2f%%", lost, 100 * right)': False,
    'log.info("loss %.3f accuracy %.2f", lost, right)': False,
}


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
    "scores of steps, stacked": (
        """
        body, head = nn.Linear(6, 8), nn.Linear(8, 3)
        model = nn.ModuleList([body, head])
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for a, b in loader:
            steps = [torch.softmax(head(torch.tanh(body(a) + step)), dim=1) for step in range(4)]
            out = torch.stack(steps, dim=1)
            learn(F.cross_entropy(out.reshape(-1, 3), b.repeat_interleave(4)), optimizer)
        """,
        "LR102",
    ),
    "the image of the highest score": (
        """
        painter[2] = nn.Conv2d(4, 3, 1)
        train(painter, pictures, lambda out, b: F.cross_entropy(out, b[:, 0].long()))
        for a, b in pictures:
            print(painter(a).argmax(0).float().mean())
        """,
        "LR208",
    ),
    "differences from the labels": (
        """
        line = nn.Sequential(nn.Linear(6, 8), nn.Dropout(0.1), nn.Linear(8, 1))
        numbers = DataLoader(TensorDataset(x, x.sum(1)), batch_size=10)
        train(line, numbers, lambda out, b: F.mse_loss(out.squeeze(1), b))
        error = 0.0
        with torch.no_grad():
            for a, b in DataLoader(TensorDataset(x[:90] * 0.9, x[:90].sum(1)), batch_size=30):
                error += (line(a).squeeze(1) - b).abs().sum().item()
        """,
        "LR205",
    ),
    "converted hits by batches": (f"{COUNTED}hits /= len(other)\nprint(hits)\n", "LR203"),
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
    "the samples side by side, as one, for a moment": """
        class Styled(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv, self.head = nn.Conv2d(1, 4, 3, padding=1), nn.Linear(64, 3)

            def forward(self, x):
                x = self.conv(x)
                b, c, h, w = x.shape
                x = F.batch_norm(x.view(1, b * c, h, w), None, None, training=True).view(b, c, h, w)
                return self.head(torch.relu(x).flatten(1))

        styled = Styled()
        optimizer = torch.optim.SGD(styled.parameters(), lr=0.1)
        for _ in range(24):
            images = torch.randn(16, 1, 4, 4)
            optimizer.zero_grad()
            F.cross_entropy(styled(images), images.flatten(1)[:, :3].argmax(1)).backward()
            optimizer.step()
        """,
    "a temperature before the logarithm": """
        given = torch.softmax(torch.randn(10, 3), dim=1)
        train(net, loader, lambda out, b: F.kl_div(F.log_softmax(out / 2.0, dim=1), given, reduction="batchmean"))
        """,
    "shares of one row": """
        train(net, loader)
        for row in x[:4]:
            print(torch.softmax(net(row) / 0.5, dim=0))
        """,
    "scores of steps that are logarithms": """
        body, head = nn.Linear(6, 8), nn.Linear(8, 3)
        model = nn.ModuleList([body, head])
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for a, b in loader:
            steps = [torch.log_softmax(head(torch.tanh(body(a) + step)), dim=1) for step in range(4)]
            out = torch.stack(steps, dim=1)
            learn(F.nll_loss(out.reshape(-1, 3), b.repeat_interleave(4)), optimizer)
            print(out.detach().argmax(-1).sum(), torch.cat([out, out * 2], dim=1).shape)
        """,
    "shares of steps, one by one": """
        head = nn.Linear(6, 3)
        optimizer = torch.optim.SGD(head.parameters(), lr=0.1)
        for a, b in loader:
            shares = torch.stack([torch.softmax(head(a * step), dim=1) for step in (1, 2)], dim=1)
            print(shares.argmax(-1).float().mean(), shares.argmax(2).float().mean())
            learn(F.nll_loss(shares.mean(1).log(), b), optimizer)
        """,
    "differences in a search": """
        line = nn.Sequential(nn.Linear(6, 8), nn.Dropout(0.1), nn.Linear(8, 1))
        numbers = DataLoader(TensorDataset(x, x.sum(1)), batch_size=10)
        train(line, numbers, lambda out, b: F.mse_loss(out.squeeze(1), b))
        line.eval()
        with torch.no_grad():
            for a, b in DataLoader(TensorDataset(x[:90] * 0.9, x[:90].sum(1)), batch_size=30):
                print((line(a).squeeze(1) - b).abs().sum().item())
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
def test_reported(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body, code = REPORTED[name]
    assert found(tmp_path, body) == {code}
    assert "internal error" not in capsys.readouterr().err


@pytest.mark.parametrize("name", SILENT)
def test_silent(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert found(tmp_path, SILENT[name]) == set()
    assert "internal error" not in capsys.readouterr().err


@pytest.mark.parametrize("shown", SHOWN)
def test_shares_of_counts(shown: str, tmp_path: Path) -> None:
    assert found(tmp_path, f"{COUNTED}{shown}\n") == ({"LR202"} if SHOWN[shown] else set())


@pytest.mark.parametrize("shown", LOGGED)
def test_shares_of_meters(shown: str, tmp_path: Path) -> None:
    body = f'{METER}import logging\n\nlog = logging.getLogger("program")\n{shown}\n'
    assert found(tmp_path, body) == ({"LR202"} if LOGGED[shown] else set())
