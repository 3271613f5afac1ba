"""Little programs of other styles than the pairs: loops without a loader, single evaluations, quotients that are made elsewhere."""

from __future__ import annotations

import contextlib
import runpy
import sys
import textwrap
from pathlib import Path  # pytest looks at the annotation

import pytest

torch = pytest.importorskip("torch")

from lrcheck.cli.run import run  # noqa: E402
from lrcheck.runtime import watch  # noqa: E402

PRELUDE = """\
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
x = torch.randn(160, 8)
y, t = x[:, :3].argmax(1), x.sum(1)
net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3))
drop = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 3))
one = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))
optimizer = torch.optim.SGD([*net.parameters(), *drop.parameters(), *one.parameters()], lr=0.05)
loader = DataLoader(TensorDataset(x, y), batch_size=20)


def update(loss):
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""
HITS = """
hits, total = 0, 0.0
for a, b in loader:
    out = net(a)
    loss = F.cross_entropy(out, b)
    update(loss)
    hits += (out.argmax(1) == b).sum().item()
    total += loss.item()
"""
PIXELS = """
pixels = torch.randint(0, 256, (40, 3, 8, 8)).float()
convolved = nn.Sequential(nn.Conv2d(3, 4, 3), {behind}, nn.ReLU(), nn.Flatten(), nn.Linear(144, 3))
optimizer = torch.optim.SGD(convolved.parameters(), lr=1e-4)
for _ in range(20):
    update(F.cross_entropy(convolved(pixels), y[:40]))
"""
PLAIN = """
for epoch in range(2):
    hits, total = 0, 0.0
    for i in range(0, len(x), 20):
        out = net(x[i : i + 20])
        loss = F.cross_entropy(out, y[i : i + 20])
        update(loss)
        hits += (out.argmax(1) == y[i : i + 20]).sum().item()
        total += loss.item()
"""
METER = """
class Meter:
    def __init__(self):
        self.sum, self.count = 0.0, 0

    def add(self, value, number):
        self.sum += value
        self.count += number

    def mean(self):
        return self.sum / self.count

    @property
    def average(self):
        return self.sum / self.count


meter = Meter()
for a, b in loader:
    loss = F.cross_entropy(net(a), b)
    update(loss)
    meter.add(loss.item(){weight}, len(b))
"""
EPOCH = """
def epoch():
    hits = total = 0
    for a, b in loader:
        out = net(a)
        loss = F.cross_entropy(out, b)
        update(loss)
        hits += (out.argmax(1) == b).sum().item()
        total += loss.item()
    return hits, total


hits, total = epoch()
"""
TRAIN = """
for step in range(12):
    update(F.cross_entropy(drop(x[:120]), y[:120]))
"""
GAN = """
first, second = (torch.optim.SGD(each.parameters(), lr=0.01) for each in (net, one))
for step in range(36):
    fake = F.pad(net(x), (0, 5)){detach}
    loss = F.binary_cross_entropy_with_logits(one(fake.detach()), torch.zeros(160, 1))
    second.zero_grad()
    loss.backward()
    second.step()
    loss = F.binary_cross_entropy_with_logits(one(fake), torch.ones(160, 1))
    first.zero_grad()
    loss.backward()
    first.step()
"""
EPOCHS = """
for epoch in range(5):
    {before}
    for a, b in loader:
        {inside}
        F.cross_entropy(net(a), b).backward()
    optimizer.step()
"""
PAIRS = """
for step in range(8):
    loss = {loss}
    update(loss)
"""
FUNCTIONAL = """
from torch.func import grad

weights = {"w": torch.zeros(8, 1), "b": torch.zeros(1)}
for step in range(12):
    gradients = grad(lambda p: ((x @ p["w"] + p["b"] - TARGET) ** 2).mean())(weights)
    weights = {name: weights[name] - 0.1 * gradients[name] for name in weights}
"""
RETURNS = """
for step in range(6):
    returns = torch.zeros(160)
    for i in range(160):
        returns[i] = t[i]
    update((returns - one(x){squeezed}).pow(2).mean())
"""
ENCODER = """
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 8))
        self.head = nn.Linear(8, 3)

    def forward(self, values):
        return self.head(self.encoder(values))


model = Model()
{load}
optimizer = torch.optim.SGD(model.{part}.parameters(), lr=0.1)
for step in range(6):
    update(F.cross_entropy(model(x), y))
"""

REPORTED = {
    "hits over batches, in a function": ("LR203", "def ratio(a, b):\n    return a / b\n" + HITS + "print(ratio(hits, len(loader)))"),
    "batch means over samples, in a method": ("LR204", METER.format(weight="") + "print(meter.mean())"),
    "batch means over samples, in a property": ("LR204", METER.format(weight="") + "print(meter.average)"),
    "hits over batches, by the caller": ("LR203", EPOCH + "print(hits / len(loader))"),
    "hits over batches, without a loader": ("LR203", PLAIN + "    print(hits / (len(x) // 20))"),
    "batch means over samples, without a loader": ("LR204", PLAIN + "    print(total / len(x))"),
    "one evaluation in training mode": ("LR205", TRAIN + "with torch.no_grad():\n    print((drop(x[120:]).argmax(1) == y[120:]).float().mean())"),
    "a validation loss in training mode, each step": ("LR205", TRAIN + "    with torch.no_grad():\n        F.cross_entropy(drop(x[120:]), y[120:])"),
    "a generator behind detach": ("LR704", GAN.format(detach=".detach()")),
    "a step behind the loop over batches": ("LR313", EPOCHS.format(before="pass", inside="optimizer.zero_grad()")),
    "a column against a row, weights by hand": ("LR117", "w = torch.zeros(8, 1, requires_grad=True)\noptimizer = torch.optim.SGD([w], lr=0.1)\n" + PAIRS.format(loss="(x @ w - t).pow(2).mean()")),
    "a column against a row, gradients of a function": ("LR117", FUNCTIONAL.replace("TARGET", "t")),
    "a column against returns that are filled in": ("LR117", RETURNS.format(squeezed="")),
    "one-hot rows that are filled in": ("LR108", "rows = torch.zeros(160, 3)\nrows[torch.arange(160), y] = 1\n" + PAIRS.format(loss="F.mse_loss(net(x).softmax(1), rows)")),
    "a likelihood of a distribution without its minus": ("LR127", PAIRS.format(loss="torch.distributions.Categorical(logits=net(x)).log_prob(y).mean()")),
    "a loss that is made to need a gradient": ("LR321", PAIRS.format(loss="(net(x).argmax(1) != y).float().mean().requires_grad_()")),
    "a loss that came through numpy": ("LR321", PAIRS.format(loss="torch.tensor(net(x).detach().numpy().mean(), requires_grad=True)")),
    "labels as the input of the loss": ("LR111", "labels = (t > 0).float()[:, None]\n" + PAIRS.format(loss="F.binary_cross_entropy_with_logits(labels, one(x))")),
    "shares of classes as the input of the loss": ("LR111", "mixed = F.one_hot(y, 3) * 0.8 + torch.rand(160, 1) * 0.1\n" + PAIRS.format(loss="F.cross_entropy(mixed, net(x))")),
    "a schedule of epochs, stepped once per batch": ("LR309", "scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 5)\nfor epoch in range(8):\n    for a, b in loader:\n        update(F.cross_entropy(net(a), b))\n        scheduler.step()"),
    "a head that no optimizer knows": ("LR307", ENCODER.format(load="", part="encoder")),
    "raw features, without a loader": ("LR712", PAIRS.format(loss="F.cross_entropy(net(200 * x + 1000), y)")),
    "a conversion whose result is dropped, of a part": ("LR504", "x[:, :3].t().double()"),
    "raw pixels at a convolution, BatchNorm further behind": ("LR712", PIXELS.format(behind="nn.ReLU(), nn.BatchNorm2d(4)")),
    "raw pixels at a convolution, Dropout behind it": ("LR712", PIXELS.format(behind="nn.Dropout(0.0)")),
    "raw features of a table, BatchNorm behind a linear layer": ("LR712", PIXELS.replace("(40, 3, 8, 8)", "(40, 8)").replace("nn.Conv2d(3, 4, 3)", "nn.Linear(8, 144)").format(behind="nn.BatchNorm1d(144)")),
    "a softmax over samples, without a loader": ("LR115", PAIRS.format(loss="-net(x).log_softmax(0)[torch.arange(160), y].mean()")),
    "samples that are mixed, without a loader": ("LR709", PAIRS.format(loss="F.cross_entropy(mixing(x[torch.randperm(160)[:32]]), y[:32])").replace("\nfor", "\nclass Mixing(nn.Module):\n    def forward(self, a):\n        return net(a) + net(a).mean(0)\n\n\nmixing = Mixing()\nmixing.net = net\nfor", 1)),
}  # fmt: skip

SILENT = {
    "rows that are filled in place, and converted for nothing": "rows = torch.zeros(160, 3)\nrows.scatter_(1, y[:, None], 1).float()\nrows[:3].fill_(0).double()",
    "a shape that is only tried": "net(x).reshape(-1)",
    "raw pixels whose scale BatchNorm takes away": PIXELS.format(behind="nn.BatchNorm2d(4)"),
    "raw pixels whose scale each sample loses": PIXELS.format(behind="nn.InstanceNorm2d(4)"),
    "shares that are trained": PAIRS.format(loss="F.cross_entropy(torch.ones(160, 3), net(x).softmax(1)) + F.cross_entropy(net(x), F.one_hot(y, 3).float())"),
    "hits over samples, in a function": "def ratio(a, b):\n    return a / b\n" + HITS + "print(ratio(hits, len(loader.dataset)), ratio(total, len(loader)))",
    "a weighted mean in a method": METER.format(weight=" * len(b)") + "print(meter.mean(), meter.average)",
    "totals that the caller divides": EPOCH + "print(hits / len(x), total / len(loader))",
    "totals without a loader": PLAIN + "    print(hits / len(x), total / (len(x) // 20))",
    "sequences one by one: a loss for each of them": """
parts = [(x[i : i + 3 + i % 5], y[i : i + 3 + i % 5]) for i in range(0, 120, 8)]
total = 0.0
for a, b in parts:
    loss = F.cross_entropy(net(a), b)
    update(loss)
    total += loss.item() * len(b)
print(total / len(parts))
""",
    "one evaluation in evaluation mode": TRAIN + "drop.eval()\nwith torch.no_grad():\n    print((drop(x[120:]).argmax(1) == y[120:]).float().mean())",
    "hard samples chosen in training mode": TRAIN.replace("    update", "    with torch.no_grad():\n        hard = F.cross_entropy(drop(x[:120]), y[:120], reduction='none').topk(60).indices\n    update"),
    "labels for samples without any, made in training mode": TRAIN.replace("    update", "    with torch.no_grad():\n        made = drop(x[120:]).argmax(1)\n    F.cross_entropy(drop(x[120:]), made)\n    update"),
    "a generator": GAN.format(detach=""),
    "one step with the gradients of all batches": EPOCHS.format(before="optimizer.zero_grad()", inside="pass"),
    "distances of all pairs": PAIRS.format(loss="(one(x) - t).abs().min(0).values.mean()"),
    "returns that are filled in, of equal shape": RETURNS.format(squeezed=".squeeze(1)"),
    "a likelihood of a distribution": PAIRS.format(loss="-torch.distributions.Categorical(logits=net(x)).log_prob(y).mean()"),
    "a leaf that is trained": "scale = torch.tensor(1.0, requires_grad=True)\noptimizer.add_param_group({'params': [scale]})\n" + PAIRS.format(loss="F.cross_entropy(net(x) * scale, y)"),
    "gradients of a function": FUNCTIONAL.replace("TARGET", "t[:, None]"),
    "gradients of a function for each sample": """
from torch.func import functional_call, grad, vmap

values = {name: each.detach() for name, each in net.named_parameters()}
for step in range(4):
    single = grad(lambda p, a, b: F.cross_entropy(functional_call(net, p, (a[None],)), b[None]))
    gradients = vmap(single, (None, 0, 0))(values, x, y)
    values = {name: values[name] - 0.1 * gradients[name].mean(0) for name in values}
""",
    "a schedule of batches": "scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 16)\nfor epoch in range(8):\n    for a, b in loader:\n        update(F.cross_entropy(net(a), b))\n        scheduler.step()",
    "a head on features": ENCODER.format(load="", part="head"),
    "an encoder below a loaded head": ENCODER.format(load="model.load_state_dict(Model().state_dict())", part="encoder"),
    "all nodes of a graph in each step": PAIRS.format(loss="F.cross_entropy(graph(x), y)").replace("\nfor", "\nclass Graph(nn.Module):\n    def forward(self, a):\n        return net(a) + net(a).mean(0)\n\n\ngraph = Graph()\ngraph.net = net\nfor", 1),
    "black and white images that are decoded": "decoder = nn.Sequential(nn.Linear(8, 8), nn.Sigmoid())\noptimizer = torch.optim.SGD(decoder.parameters(), lr=0.1)\nx = (x > 0).float()\n" + PAIRS.format(loss="F.binary_cross_entropy(decoder(x), x)"),
}  # fmt: skip


def found(tmp_path: Path, program: str) -> set[str]:
    """The codes that a watched run of a program reports, but notes."""
    path = tmp_path / "program.py"
    path.write_text(PRELUDE + textwrap.dedent(program) + "\n")
    with contextlib.redirect_stdout(None), watch(on_finding=lambda _: None) as watched:
        runpy.run_path(str(path), run_name="__main__")
    return {each.code for each in watched.diagnostics if each.level.value != "info"}


@pytest.mark.parametrize("name", REPORTED)
def test_reported(name: str, tmp_path: Path) -> None:
    code, program = REPORTED[name]
    assert found(tmp_path, program) == {code}


@pytest.mark.parametrize("name", SILENT)
def test_silent(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert found(tmp_path, SILENT[name]) == set()
    assert "internal error" not in capsys.readouterr().err


BEFORE = """
import warnings

warnings.simplefilter("ignore")  # torch says it too
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 4)
for step in range(8):
    loss = F.cross_entropy(net(x), y)
    optimizer.zero_grad()
    loss.backward()
    scheduler.step()
    optimizer.step()
"""


def test_what_calls_the_command_is_no_part_of_the_program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A scheduler in front of its optimizer is reported outside of branches: that of the caller is none of the program."""
    path, modules, names = tmp_path / "program.py", sys.modules["__main__"], sys.path[:]
    path.write_text(PRELUDE + BEFORE)
    try:
        for chosen in (True, False):
            if chosen:
                run([str(path)])
    finally:
        sys.modules["__main__"], sys.path[:] = modules, names
    assert "LR309" in capsys.readouterr().err
