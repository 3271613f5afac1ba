"""Rules of source code, fed by a run: near misses of the observer, and what the tutorial programs warn of."""

from __future__ import annotations

import contextlib
import runpy
import textwrap
from pathlib import Path  # pytest looks at the annotation

import pytest

torch = pytest.importorskip("torch")

from lrcheck.runtime import watch  # noqa: E402

PRELUDE = """\
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
torch.set_num_threads(1)
x, y = torch.randn(96, 8), torch.randint(0, 4, (96,))
loader = DataLoader(TensorDataset(x, y), batch_size=16)
net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 4))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
"""
STEP = """\
    loss = F.cross_entropy(net(a), b)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""
LOOP = "for a, b in loader:\n" + STEP


def found(tmp_path: Path, program: str) -> set[str]:
    """The codes that a watched run of a program reports."""
    path = tmp_path / "program.py"
    path.write_text(PRELUDE + textwrap.dedent(program))
    with contextlib.suppress(RuntimeError, TypeError, AssertionError), watch(on_finding=lambda _: None) as watched:
        runpy.run_path(str(path), run_name="__main__")
    return {each.code for each in watched.diagnostics}


SILENT = {
    "a total of numbers": LOOP.replace("for", "total = 0\nfor") + "    total += loss.item()\n",
    "a sum of parts that is backpropagated": """
for a, b in loader:
    total = 0
    for part, label in zip(a.split(4), b.split(4)):
        total += F.cross_entropy(net(part), label)
    optimizer.zero_grad()
    total.backward()
    optimizer.step()
""",
    "a state that is detached": """
rnn, head = nn.GRU(8, 8, batch_first=True), nn.Linear(8, 4)
optimizer = torch.optim.SGD([*rnn.parameters(), *head.parameters()], lr=0.1)
state = torch.zeros(1, 16, 8)
for a, b in loader:
    out, state = rnn(a.unsqueeze(1), state.detach())
    loss = F.cross_entropy(head(out[:, 0]), b)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
""",
    "a graph that is used twice": """
for a, b in loader:
    loss = F.cross_entropy(net(a), b)
    optimizer.zero_grad()
    loss.backward(retain_graph=True)
    torch.autograd.grad(loss, list(net.parameters()))
    optimizer.step()
""",
    "gradients that are accumulated": """
for step, (a, b) in enumerate(loader):
    (F.cross_entropy(net(a), b) / 2).backward()
    if (step + 1) % 2 == 0:
        optimizer.step()
        optimizer.zero_grad()
""",
    "a frozen body with a head of its own optimizer": """
net[0].requires_grad_(False)
optimizer = torch.optim.SGD(net[2].parameters(), lr=0.1)
"""
    + LOOP,
    "a head that is trained alone": "optimizer = torch.optim.SGD(net[2].parameters(), lr=0.1)\n" + LOOP,
    "an optimizer for each fold": "for fold in range(4):\n"
    "    net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 4))\n"
    "    optimizer = torch.optim.Adam(net.parameters())\n" + textwrap.indent(LOOP, "    "),
    "an optimizer for each learning rate": "for lr in (0.1, 0.2, 0.3, 0.4):\n"
    "    optimizer = torch.optim.Adam(net.parameters(), lr=lr)\n" + textwrap.indent(LOOP, "    "),
    "weights that are set back before each optimizer": "first = {k: v.clone() for k, v in net.state_dict().items()}\n"
    "for fold in range(4):\n"
    "    net.load_state_dict(first)\n"
    "    optimizer = torch.optim.Adam(net.parameters())\n" + textwrap.indent(LOOP, "    "),
    "a schedule whose time does not come": "scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1)\n"
    "for epoch in range(2):\n" + textwrap.indent(LOOP, "    ") + "    if epoch > 5:\n        scheduler.step()\n",
    "a mode that is switched back": "for epoch in range(3):\n    net.train()\n"
    + textwrap.indent(LOOP, "    ")
    + "    net.eval()\n    with torch.no_grad():\n        (net(x).argmax(1) == y).sum().item()\n",
    "an attack in evaluation mode": "for epoch in range(3):\n    for a, b in loader:\n"
    "        net.eval()\n        a = a.clone().requires_grad_()\n        F.cross_entropy(net(a), b).backward()\n"
    "        a = a.detach()\n        net.train()\n" + textwrap.indent(STEP, "    "),
    "forward of the class itself": """
class Net(nn.Sequential):
    def predict(self, a):
        return self.forward(a)

    def forward(self, a):
        return super().forward(a)

net = Net(*net)
net.predict(x)
""",
    "a layer made once, when it is first needed": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = None

    def forward(self, a):
        if self.head is None:
            self.head = nn.Linear(a.size(1), 4)
        return self.head(a)

net = Net()
net(x)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
"""
    + LOOP,
    "results that are used or made in place": "a = F.relu(x)\na.relu_()\nF.relu(a, inplace=True)\nnet(x)\n",
    "dropout with its mode": "a = F.dropout(x, 0.5, training=False) + F.dropout(x, 0.5, True) + F.dropout(x, **{'p': 0.5})\n",
    "one activation at two places": "act = nn.ReLU()\nnn.Sequential(nn.Linear(8, 8), act, nn.Linear(8, 8), act)(x)\n",
    "layers in a list that the optimizer holds": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(8, 8)
        self.layers = [nn.Linear(8, 4)]

    def forward(self, a):
        return self.layers[0](self.first(a))

net = Net()
optimizer = torch.optim.SGD([*net.parameters(), *net.layers[0].parameters()], lr=0.1)
"""
    + LOOP,
    "images cut into patches": """
for a, b in loader:
    rows = a.view(16, 2, 4).reshape(-1, 4)
    loss = F.cross_entropy(net(rows.reshape(16, 8)), b)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
""",
}


@pytest.mark.parametrize("name", SILENT)
def test_near_miss(tmp_path: Path, name: str) -> None:
    assert found(tmp_path, SILENT[name]) & NEW == set()


NEW = {f"LR{code}" for code in (207, 303, 305, 306, 307, 308, 309, 310, 312, 318, 321, 324, 325, 326, 328, 329, 405, 406, 407, 408,
                                410, 414, 422, 423, 501, 503, 504, 511, 514, 516, 522, 523)}  # fmt: skip

REPORTED = {
    "0.9 a model that was moved, inputs that were not": ("LR503", "net.to('meta')\nnet(x)\n"),
    "1.19 the target first": (
        "LR111",
        LOOP.replace("F.cross_entropy(net(a), b)", "F.binary_cross_entropy((b > 1).float(), net(a)[:, 0].sigmoid())"),
    ),
    "1.24 labels that one feature cannot separate": (
        "LR711",
        """
x, y = torch.tensor([[-1.5], [-0.5], [0.5], [1.5]]), torch.tensor([[0.0], [1.0], [1.0], [0.0]])
net = nn.Sequential(nn.Linear(1, 1), nn.Sigmoid())
optimizer = torch.optim.SGD(net.parameters(), lr=0.5)
criterion = nn.BCELoss()
for _ in range(600):
    loss = criterion(net(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
""",
    ),
    "2.5 one-hot labels and classes": ("LR201", "net(x).argmax(dim=1) == F.one_hot(y, 4)\n"),
    "3.8 integer one-hot targets": ("LR110", "F.cross_entropy(net(x), F.one_hot(y, 4))\n"),
    "3.19 the minus is missing": (
        "LR127",
        LOOP.replace("F.cross_entropy(net(a), b)", "F.log_softmax(net(a), 1)[range(16), b].mean()"),
    ),
    "4.3 accuracy as the loss": ("LR112", "(net(x).argmax(dim=1) == y).float().mean().backward()\n"),
    "4.3 a loss in a new tensor": (
        "LR321",
        LOOP.replace("loss.backward()", "torch.tensor(loss.item(), requires_grad=True).backward()"),
    ),
    "a scheduler without its metric": (
        "LR309",
        "scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer)\n" + LOOP + "scheduler.step()\n",
    ),
    "a state of a model": (
        "LR328",
        """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = nn.Linear(8, 8), nn.Linear(8, 8), nn.Linear(8, 4)

    def forward(self, x, h):
        h = torch.tanh(self.a(x) + self.b(h))
        return self.c(h), h

net, h = Net(), torch.zeros(16, 8)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for a, b in loader:
    out, h = net(a, h)
    loss = F.cross_entropy(out, b)
    optimizer.zero_grad()
    loss.backward(retain_graph=True)
    optimizer.step()
""",
    ),
}


@pytest.mark.parametrize("name", REPORTED)
def test_reported(tmp_path: Path, name: str) -> None:
    code, program = REPORTED[name]
    assert code in found(tmp_path, program)


def test_nothing_is_left_on_the_stack_without_an_optimizer() -> None:
    from torch.overrides import _get_current_function_mode_stack as stack

    weight = torch.zeros(4, requires_grad=True)
    before = list(stack())
    with watch(on_finding=lambda _: None):
        for _ in range(20):
            (torch.randn(4) * weight).sum().backward()
    assert list(stack()) == before
