"""How programs evaluate: in phases, beside a full batch, in a training loop; correct programs that look the same."""

from __future__ import annotations

import textwrap

import pytest

from lrcheck.check import Checker
from lrcheck.rule import discover

CHECKER = Checker(discover())

HEAD = """
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

train_loader = DataLoader(TensorDataset(torch.randn(640, 20), torch.randint(0, 4, (640,))), batch_size=64, shuffle=True)
val_loader = DataLoader(TensorDataset(torch.randn(320, 20), torch.randint(0, 4, (320,))), batch_size=64)
x_train, y_train = torch.randn(640, 20), torch.randint(0, 4, (640,))
x_val, y_val = torch.randn(320, 20), torch.randint(0, 4, (320,))
net = nn.Sequential(nn.Linear(20, 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 4))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(net.parameters())
"""
LOOP = """
    for x, y in train_loader:
        optimizer.zero_grad()
        criterion(net(x), y).backward()
        optimizer.step()
"""
PHASES = """
loaders = {{"train": train_loader, "val": val_loader}}
for epoch in range(5):
    for phase in ["train", "val"]:
        {mode}
        right = 0
        for x, y in loaders[phase]:  # here
            optimizer.zero_grad()
            {grad}
                out = net(x)
                loss = criterion(out, y)
                if phase == "train":
                    loss.backward()
                    optimizer.step()
            right += (out.argmax(1) == y).sum().item()
        print(phase, right / len(loaders[phase].dataset))
"""
FULL = """
for epoch in range(100):
    net.train()
    loss = criterion(net(x_train), y_train)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""
UNKNOWN_PARTS = """
from elsewhere import GraphLayer
class Graph(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = GraphLayer(20, 4)
        self.drop = nn.Dropout(0.5)
    def forward(self, x, edges):
        return self.layer(self.drop(x), edges)
graph = Graph()
optimizer = torch.optim.Adam(graph.parameters())
for epoch in range(100):
    graph.train()
    optimizer.zero_grad()
    out = graph(data.x, data.edges)
    criterion(out[data.train], data.y[data.train]).backward()
    optimizer.step()
"""
ATTACK = """
from elsewhere import perturb
net.eval()
for x, y in val_loader:  # here
    right = net({attack}).argmax(1) == y
"""
UNKNOWN_MODEL = """
from elsewhere import make_model
model = make_model("resnet")
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for epoch in range(5):
    {mode}
    for x, y in train_loader:
        optimizer.zero_grad()
        criterion(model(x), y).backward()
        optimizer.step()
    model.eval()  # here
    with torch.no_grad():
        print(sum((model(x).argmax(1) == y).sum().item() for x, y in val_loader))
"""
MODE = 'net.train() if phase == "train" else net.eval()'
GRAD = 'with torch.set_grad_enabled(phase == "train"):'
TRANSFORMER = """
class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        layer = nn.TransformerEncoderLayer(20, 4, {options}batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2)
        self.head = nn.Linear(20, 4)
    def forward(self, x):
        return self.head(self.encoder(x[:, None])[:, 0])
net = Encoder()
optimizer = torch.optim.Adam(net.parameters())
for epoch in range(5):
"""

REPORTED = {
    "phases without eval()": ("LR205", PHASES.format(mode='if phase == "train": net.train()', grad=GRAD)),
    "phases with gradients": ("LR206", PHASES.format(mode=MODE, grad="if True:")),
    "beside a full batch": (
        "LR205",
        FULL
        + """
    with torch.inference_mode():
        val = net(x_val)  # here
        print(criterion(val, y_val).item(), (val.argmax(1) == y_val).float().mean().item())
""",
    ),
    "its loss is collected": (
        "LR205",
        "history = []\n"
        + FULL
        + """
    with torch.no_grad():
        history.append(criterion(net(x_val), y_val).item())  # here
""",
    ),
    "every n batches": (
        "LR205",
        """
step = 0
for x, y in train_loader:
    net.train()
    optimizer.zero_grad()
    criterion(net(x), y).backward()
    optimizer.step()
    step += 1
    if step % 100 == 0:
        with torch.no_grad():
            for a, b in val_loader:  # here
                print((net(a).argmax(1) == b).sum().item())
""",
    ),
    "every n batches, with gradients": (
        "LR206",
        """
step = 0
for x, y in train_loader:
    net.train()
    optimizer.zero_grad()
    criterion(net(x), y).backward()
    optimizer.step()
    step += 1
    if step % 100 == 0:
        net.eval()
        for a, b in val_loader:  # here
            print((net(a).argmax(1) == b).sum().item())
""",
    ),
    "a metric object": (
        "LR205",
        "import torchmetrics\nmetric = torchmetrics.Accuracy(task='multiclass', num_classes=4)\nnet.train()\nfor epoch in range(5):"
        + LOOP
        + """
    with torch.no_grad():
        for x, y in val_loader:  # here
            metric.update(net(x), y)
    print(metric.compute())
    metric.reset()
""",
    ),
    "a layer that is not known": (
        "LR205",
        UNKNOWN_PARTS + "print((graph(data.x, data.edges).argmax(1) == data.y).float().mean())  # here\n",
    ),
    "and an element of its output": (
        "LR205",
        UNKNOWN_PARTS + "print((graph(data.x, data.edges)[data.test].argmax(1) == data.y).float().mean())  # here\n",
    ),
    "beside a full batch, and never back": (
        "LR207",
        FULL.replace("    net.train()\n", "")
        + """
    net.eval()  # here
    with torch.no_grad():
        print(criterion(net(x_val), y_val).item())
""",
    ),
    "a model that is not known": ("LR207", UNKNOWN_MODEL.format(mode="pass")),
    "layers of a transformer": (
        "LR205",
        TRANSFORMER.format(options="")
        + LOOP
        + """
    with torch.no_grad():
        print((net(x_val).argmax(1) == y_val).float().mean())  # here
""",
    ),
    "gradients are on again": (
        "LR206",
        (
            "net.eval()\ntorch.set_grad_enabled(False)\ntorch.set_grad_enabled(True)\n"
            "for x, y in val_loader:  # here\n    right = net(x).argmax(1) == y\n"
        ),
    ),
    "the batch goes through a function that does not get the model": ("LR206", ATTACK.format(attack="perturb(x)")),
}

GENERATOR = """
def every(loader):
    for number, (x, y) in enumerate(loader):
        yield number, x, y
def endless(loader):
    while True:
        for number, (x, y) in enumerate(loader):
            yield number, x, y
def some(loader):
    for number, (x, y) in enumerate(loader):
        if number == limit:
            break
        yield number, x, y
def few(loader):
    for number, (x, y) in enumerate(loader):
        if number == limit:
            return
        yield number, x, y
def odd(loader):
    for number, (x, y) in enumerate(loader):
        if number % 2:
            yield number, x, y
def twice(loader):
    for number, (x, y) in enumerate(loader):
        yield number, x, y
        yield number, -x, y
net.eval()
right = 0
with torch.no_grad():
    for number, x, y in {name}(val_loader):
        right += (net(x).argmax(1) == y).sum().item()
print(right / len(val_loader))  # here
"""
REPORTED["batches that a generator passes on"] = ("LR203", GENERATOR.format(name="every"))

SILENT = {
    **{
        f"batches that a generator passes on: {name}": GENERATOR.format(name=name)
        for name in ("endless", "some", "few", "odd", "twice")
    },
    "phases": PHASES.format(mode=MODE, grad=GRAD),
    "gradients are set to zero, and others step": """
def losses():
    net.eval()
    total = 0
    for x, y in val_loader:
        optimizer.zero_grad()
        total = total + criterion(net(x), y)
    return total
for epoch in range(5):
    losses().backward()
    optimizer.step()
""",
    "a look at what the step has done": FULL + "    print(criterion(net(x_train), y_train).item())\n",
    "behind all epochs": FULL.replace("    net.train()\n", "")
    + "net.eval()\nwith torch.no_grad():\n    print(criterion(net(x_val), y_val).item())\n",
    "a policy that acts": FULL + "    with torch.no_grad():\n        action = net(x_val).argmax(1)\n",
    "the batch that was trained on": "for epoch in range(5):\n    net.train()"
    + LOOP
    + """
        with torch.no_grad():
            print((net(x).argmax(1) == y).float().mean().item())
""",
    "episodes that are trained on": """
net.train()
for epoch in range(5):
    total = 0
    for x, y in val_loader:
        out = net(x)
        hit = out.argmax(1) == y
        total = total + criterion(out, y)
    optimizer.zero_grad()
    total.backward()
    optimizer.step()
""",
    "gradients are off for good": "net.eval()\ntorch.set_grad_enabled(False)\nfor x, y in val_loader:\n    right = net(x).argmax(1) == y\n",
    "gradients are on or off": "net.eval()\ntorch.set_grad_enabled(options.train)\nfor x, y in val_loader:\n    right = net(x).argmax(1) == y\n",
    "an attack that gets the model": ATTACK.format(attack="perturb(net, x, y)"),
    "an attack that may get anything": ATTACK.format(attack="perturb(**settings)"),
    "a model that is not known, switched back": UNKNOWN_MODEL.format(mode="model.train()"),
    "layers of a transformer without dropout": TRANSFORMER.format(options="dropout=0.0, ")
    + LOOP
    + """
    with torch.no_grad():
        print((net(x_val).argmax(1) == y_val).float().mean())
""",
}


def said(program: str) -> set[tuple[str, int]]:
    result = CHECKER.check_bytes("train.py", textwrap.dedent(program).encode())
    assert not result.errors
    return {
        (each.code, each.span.line)
        for each in result.diagnostics
        if each.code.startswith("LR2") and each.level.name != "INFO"
    }


@pytest.mark.parametrize("name", REPORTED)
def test_reported(name: str) -> None:
    code, body = REPORTED[name]
    program = HEAD + body
    line = next(number for number, text in enumerate(program.splitlines(), 1) if text.endswith("# here"))
    assert (code, line) in said(program)


@pytest.mark.parametrize("name", SILENT)
def test_silent(name: str) -> None:
    assert said(HEAD + SILENT[name]) == set()


TWO_KINDS = """
class Wide(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(20, 20)
    def forward(self, x):
        return self.layer(x)
class Narrow(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(20, 20, bias=False)
    def forward(self, x):
        return self.layer(x)
def main():
    block = Wide if options.wide else Narrow
    net = nn.Sequential(block(), block(), nn.Dropout(0.5), nn.Linear(20, 4))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(5):
        for x, y in train_loader:
            optimizer.zero_grad()
            criterion(net(x), y).backward()
            optimizer.step()
        with torch.no_grad():
            print((net(x_val).argmax(1) == y_val).float().mean())  # here
main()
"""


def test_one_place_that_makes_one_of_two_things_is_followed() -> None:
    """Two kinds of instances made by one call were joined without an end, and the program was silently given up."""
    line = (HEAD + TWO_KINDS).splitlines().index(next(t for t in TWO_KINDS.splitlines() if t.endswith("# here"))) + 1
    assert ("LR205", line) in said(HEAD + TWO_KINDS)


DECODER = """
import torch
from torch import nn


class Phrase(nn.Module):
    def __init__(self, size, dim):
        super().__init__()
        self.embedding = nn.Embedding(size, dim)
        self.decoder = nn.LSTM(dim, dim, batch_first=True)
        self.output = nn.Sequential(nn.Linear(dim, size))

    def decode_one(self, hidden, x):
        out, hidden = self.decoder(x.unsqueeze(0), hidden)
        return self.output(out.squeeze(dim=1)), hidden

    def decode_chain(self, hidden, now, length):
        logits, tokens = [], []
        for _ in range(length):
            out, hidden = self.decode_one(hidden, now)
            token = torch.max(out, dim=1)[1]
            now = self.embedding(token)
            JUDGED
            logits.append(out)
            tokens.append(token.item())
        return torch.cat(logits), tokens


net = Phrase(100, 16)
_, tokens = net.decode_chain(hidden, begin, 20)
print(tokens)
"""


@pytest.mark.parametrize(("judged", "reported"), [("pass", False), ("print((token == expected).sum())", True)])
def test_a_decoder_that_is_fed_its_own_predictions(judged: str, reported: bool) -> None:
    """Who calls it may train on the scores that it returns; predictions that are compared are judged."""
    result = CHECKER.check_bytes("p.py", DECODER.replace("JUDGED", judged).encode())
    assert ("LR206" in {each.code for each in result.diagnostics}) is reported
