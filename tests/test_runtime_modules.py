"""Models whose parts are not what they seem: layers in plain objects, made anew, shared, frozen."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("torch")

from test_runtime_pairs import observed

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """\
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
x, y = torch.randn(40, 6), torch.randint(0, 3, (40,))

def trained(net, steps=8, parameters=None, teacher=None, follow=False):
    optimizer = torch.optim.SGD(parameters or net.parameters(), lr=0.1)
    for _ in range(steps):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        if teacher is not None:
            with torch.no_grad():
                wanted = teacher(x).softmax(1)  # MARK
            loss = loss + F.cross_entropy(net(x), wanted)
        loss.backward()
        optimizer.step()
        for mine, other in zip(net.parameters(), teacher.parameters()) if follow else ():
            other.data.mul_(0.99).add_(mine.data, alpha=0.01)

def body():
    return nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.Tanh(), nn.Linear(8, 3))

"""
REPORTED = {
    "blocks that are plain objects": (
        """
        class Block:
            def __init__(self):
                self.inner = nn.Linear(6, 6)
            def __call__(self, given):
                return torch.tanh(self.inner(given))
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.blocks = [Block() for _ in range(2)]  # here: unregistered-submodule
                self.last = nn.Linear(6, 3)
            def forward(self, given):
                for block in self.blocks:
                    given = block(given)
                return self.last(given)
        trained(Net())
        """
    ),
    "a body that is a plain object": (
        """
        class Body:
            def __init__(self):
                self.inner = nn.Linear(6, 6)
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.body = Body()  # here: unregistered-submodule
                self.last = nn.Linear(6, 3)
            def forward(self, given):
                return self.last(torch.tanh(self.body.inner(given)))
        trained(Net())
        """
    ),
    "a layer that a helper makes in each pass": (
        """
        def projected(given):
            return nn.Linear(6, 6)(given)  # here: layer-created-in-forward
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.last = nn.Linear(6, 3)
            def forward(self, given):
                return self.last(torch.tanh(projected(given)))
        trained(Net())
        """
    ),
    "one layer that a loop adds to a list": (
        """
        layer = nn.Linear(6, 6)
        layers = []
        for _ in range(2):
            layers += [layer, nn.Tanh()]  # here: one-layer-times-n
        trained(nn.Sequential(*layers, nn.Linear(6, 3)))
        """
    ),
    "one layer at several names": (
        """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                layer = nn.Linear(6, 6)
                self.parts = nn.ModuleDict({str(index): layer for index in range(3)})  # here: one-layer-times-n
                self.last = nn.Linear(6, 3)
            def forward(self, given):
                for part in self.parts.values():
                    given = torch.tanh(part(given))
                return self.last(given)
        trained(Net())
        """
    ),
    "a frozen body that is called without gradients": (
        """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.body, self.last = body().requires_grad_(False), nn.Linear(3, 3)
            def forward(self, given):
                with torch.no_grad():
                    given = self.body(given)
                return self.last(given)
        net = Net()
        optimizer = torch.optim.SGD(net.last.parameters(), lr=0.1)
        for _ in range(140):
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()  # here: frozen-batchnorm-moves
            optimizer.step()
        """
    ),
    "lists of lists": (
        """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.stages = [[nn.Linear(6, 6)], [nn.Linear(6, 6)]]  # here: unregistered-submodule
                self.last = nn.Linear(6, 3)
            def forward(self, given):
                for stage in self.stages:
                    for layer in stage:
                        given = torch.tanh(layer(given))
                return self.last(given)
        trained(Net())
        """
    ),
    "one layer that a loop appends to a container": (
        """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                layer = nn.Linear(6, 6)
                self.parts = nn.ModuleList()
                for _ in range(3):
                    self.parts.append(layer)  # here: one-layer-times-n
                self.last = nn.Linear(6, 3)
            def forward(self, given):
                for part in self.parts:
                    given = torch.tanh(part(given))
                return self.last(given)
        trained(Net())
        """
    ),
    "new layers in a row, in each pass": (
        """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.first = nn.Linear(6, 6)
            def forward(self, given):
                head = nn.Sequential(nn.Tanh(), nn.Linear(6, 3))  # here: layer-created-in-forward
                return head(self.first(given))
        trained(Net())
        """
    ),
}
SILENT = {
    "layers of the model, put in a row in each pass": (
        """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.first, self.last = nn.Linear(6, 6), nn.Linear(6, 3)
            def path(self):
                return nn.Sequential(self.first, nn.Tanh(), self.last)
            def forward(self, given):
                return self.path()(given)
        trained(Net())
        """
    ),
    "layers that are built when the first batch comes": (
        """
        class Lazy(nn.Module):
            def __init__(self):
                super().__init__()
                self.layer = None
            def build(self, size):
                self.layer = nn.Linear(size, 6)
            def forward(self, given):
                if self.layer is None:
                    self.build(given.size(-1))
                return torch.tanh(self.layer(given))
        net = nn.Sequential(Lazy(), Lazy(), nn.Linear(6, 3))
        optimizer = torch.optim.SGD(net[2].parameters(), lr=0.1)
        for step in range(8):
            loss = F.cross_entropy(net(x), y)
            if step == 0:
                optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        """
    ),
    "a plain object whose layers the optimizer holds": (
        """
        class Body:
            def __init__(self):
                self.inner = nn.Linear(6, 6)
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.body, self.last = Body(), nn.Linear(6, 3)
            def forward(self, given):
                return self.last(torch.tanh(self.body.inner(given)))
        net = Net()
        trained(net, parameters=[*net.parameters(), *net.body.inner.parameters()])
        """
    ),
    "a loaded network in a plain object": (
        """
        class Distance:
            def __init__(self):
                self.inner = nn.Linear(6, 6)
                self.inner.load_state_dict({"weight": torch.eye(6), "bias": torch.zeros(6)})
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.distance, self.last = Distance(), nn.Linear(6, 3)
            def forward(self, given):
                return self.last(torch.tanh(self.distance.inner(given)))
        trained(Net())
        """
    ),
    "a network of an object that evaluates": (
        """
        class Distance:
            def __init__(self):
                self.inner = nn.Linear(6, 6).eval()
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.distance, self.last = Distance(), nn.Linear(6, 3)
            def forward(self, given):
                return self.last(torch.tanh(self.distance.inner(given)))
        trained(Net())
        """
    ),
    "a layer for each round of a loop, and one at both ends": (
        """
        end, layers = nn.Linear(6, 6), []
        for _ in range(2):
            layer = nn.Linear(6, 6)
            layers += [layer, nn.Tanh()]
        trained(nn.Sequential(end, *layers, end, nn.Linear(6, 3)))
        """
    ),
    "the average of a network": "trained(body(), 140, teacher=body().requires_grad_(False), follow=True)",
    "a teacher that evaluates": "trained(body(), 140, teacher=body().requires_grad_(False).eval())",
    "a teacher that is not frozen": "trained(body(), 140, teacher=body())",
}


@pytest.mark.parametrize("name", [*REPORTED, *SILENT])
def test_modules(name: str, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    text = HEAD + textwrap.dedent(REPORTED.get(name, SILENT.get(name, "")))
    path.write_text(text)
    marks = [(line.partition("# here: ")[2], number) for number, line in enumerate(text.splitlines(), 1)]
    found = [(each.name, each.span.line) for each in observed(path)]
    assert found == [mark for mark in marks if mark[0]]


def test_a_frozen_teacher_in_training_mode(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(HEAD + "trained(body(), 140, teacher=body().requires_grad_(False))\n")
    line = next(number for number, text in enumerate(HEAD.splitlines(), 1) if "# MARK" in text)
    assert [(each.name, each.span.line) for each in observed(path)] == [("frozen-batchnorm-moves", line)]
