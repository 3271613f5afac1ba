"""Weights, data sets and layers as programs make them: what is equal on purpose or by mistake, and what comes later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.importorskip("torch")

from test_runtime_programs import found

if TYPE_CHECKING:
    from pathlib import Path

WEIGHTS = """
first, last = nn.Parameter({first}), nn.Parameter(torch.randn({into}, 3) / 8)
optimizer = torch.optim.SGD([first, last], lr=0.01)
x = torch.randn(160, {inputs})
for step in range(4):
    hidden = torch.relu(x @ first{scale})
    update(F.cross_entropy((hidden{more}) @ last, y))
"""
ROWS = """
from torch.utils.data import Dataset


class Rows(Dataset):
    def __init__(self, split, noise=0.0):
        self.split, self.noise = split, noise
        {init}

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        return self.rows[index] + {noise}, self.labels[index]


train_set, test_set = {made}
for epoch in range(2):
    for a, b in DataLoader(train_set, batch_size=20, shuffle=True):
        update(F.cross_entropy(net(a), b))
    with torch.no_grad():
        print(sum((net(a).argmax(1) == b).sum().item() for a, b in DataLoader(test_set, batch_size=40)))
"""
ALL = "self.rows, self.labels = x, y"
PART = ALL + "\n        if split == 'test':\n            self.rows, self.labels = x[80:] + 1, y[80:]"
LATER = """
def run(steps):
    for step in range(steps):
        update(F.cross_entropy(net(x), y))


run(12)
{change}
run(30)
"""
INPUTS = """
loader = DataLoader(TensorDataset({inputs}, y), batch_size=20)
for a, b in loader:
    update(F.cross_entropy(net(a), b))
"""


def weights(first: str, *, into: int = 32, inputs: int = 64, scale: str = "", more: str = "") -> str:
    return WEIGHTS.format(first=first, into=into, inputs=inputs, scale=scale, more=more)


def rows(init: str = ALL, made: str = "Rows('train'), Rows('test')", noise: str = "0") -> str:
    return ROWS.format(init=init, made=made, noise=noise)


DENSITY = """
two = nn.Linear(8, 2)
optimizer = torch.optim.SGD(two.parameters(), lr=1e-4)
for step in range(4):
    mean, width = two(x).T
    density = torch.distributions.Normal(mean, F.softplus(width) + 0.1).log_prob(t)
    update({loss})
"""
SCORES = """
for a, b in loader:
    scores = net(a)
    picked = {picked}
    update({loss})
"""
EACH = "scores[torch.arange(len(b)), b]"
REPORTED = {
    "minus the scores of the true classes": ("LR104", SCORES.format(picked=EACH, loss="-picked.mean()")),
    "minus the gathered scores": (
        "LR104",
        SCORES.format(picked="scores.gather(1, b[:, None])", loss="-picked.sum() / 20"),
    ),
    "a density without its minus": ("LR127", DENSITY.format(loss="density.mean()")),
    "a sum of densities without its minus": ("LR127", DENSITY.format(loss="density.sum() / 160")),
    "equal weights, scaled": ("LR414", weights("torch.ones(64, 32) * 0.1")),
    "equal weights, copied": ("LR414", weights("torch.empty(64, 32).copy_(torch.full((64, 32), 0.1))")),
    "equal weights that came from elsewhere": ("LR414", weights("torch.tensor([[0.1] * 32] * 64)")),
    "normal weights of a table": ("LR414", weights("torch.tensor(torch.randn(64, 32).tolist())")),
    "normal weights, divided by little": ("LR414", weights("torch.randn(64, 32)", scale=" / 1.5")),
    "a split that is stored": ("LR713", rows()),
    "a split that is not stored": ("LR713", rows().replace("self.split, self.noise = split, noise", "pass")),
    "inputs normalised by the mean of others": ("LR712", INPUTS.format(inputs="(x.sigmoid() / 255 - 0.13) / 0.3")),
    "a layer that came later": ("LR307", LATER.format(change="net[2] = nn.Linear(16, 3)")),
    "layers that came later": (
        "LR307",
        LATER.format(change="net[2] = nn.Sequential(nn.Linear(16, 8), nn.Linear(8, 3))"),
    ),
}
SILENT = {
    "scores of the true classes, less the others": SCORES.format(
        picked=EACH, loss="(scores.logsumexp(1) - picked).mean()"
    ),
    "minus log-probabilities of the true classes": SCORES.format(
        picked=EACH.replace("scores", "scores.log_softmax(1)"), loss="-picked.mean()"
    ),
    "minus scores of chosen classes": SCORES.format(
        picked="scores[torch.arange(len(b)), torch.randint(3, b.shape)]", loss="-picked.mean()"
    ),
    "minus the scores of the true classes, bounded": SCORES.format(picked=EACH, loss="-picked.clamp(max=1).mean()"),
    "a density": DENSITY.format(loss="-density.mean()"),
    "a density that is rewarded by minus one": DENSITY.format(loss="-density.mean() * -1.0"),
    "the difference of two densities": DENSITY.format(
        loss="(density - torch.distributions.Normal(mean, 3.0).log_prob(t)).mean()"
    ),
    "a density beside another loss": DENSITY.format(loss="density.mean() + 9 * (mean - t).abs().mean()"),
    "normal weights, divided by the root of the inputs": weights("torch.randn(64, 32)", scale=" / 8"),
    "equal weights of one unit": weights("torch.ones(64, 1) * 0.1", into=1),
    "equal weights that are not trained": weights("torch.ones(64, 32) / 64, requires_grad=False"),
    "equal weights beside others": weights("torch.zeros(64, 32)", more=" + x[:, :32].tanh()"),
    "a split that is used": rows(PART),
    "samples that are disturbed in training": rows(made="Rows(0, 0.1), Rows(0, 0.0)", noise="self.noise"),
    "the same samples once more": rows(made="Rows('train'), Rows('train')"),
    "a split whose name is asked for": rows() + "print(test_set.split)",
    "inputs around zero": INPUTS.format(inputs="(x.sigmoid() - 0.5) / 3"),
    "inputs above zero": INPUTS.format(inputs="x.sigmoid() / 255 + 0.3"),
    "inputs far below zero": INPUTS.format(inputs="x - 9"),
    "a layer that came later, in a group": LATER.format(
        change="net[2] = nn.Linear(16, 3)\noptimizer.add_param_group({'params': net[2].parameters()})"
    ),
    "a layer that came later, of another optimizer": LATER.format(
        change="net[2] = nn.Linear(16, 3)\nother = torch.optim.SGD(net[2].parameters(), lr=0.1)\nupdate = lambda loss: (net.zero_grad(), loss.backward(), optimizer.step(), other.step())"
    ),
    "a layer that came later, and its weights": LATER.format(
        change="state = net[2].state_dict()\nnet[2] = nn.Linear(16, 3)\nnet[2].load_state_dict(state)"
    ),
    "a layer that came later, and its optimizer": LATER.format(
        change="net[2] = nn.Linear(16, 3)\noptimizer = torch.optim.SGD(net.parameters(), lr=0.1)"
    ),
    "another model beside the trained one": LATER.format(
        change="side = nn.Linear(8, 3)\nF.cross_entropy(side(x), y).backward()"
    ),
}


@pytest.mark.parametrize("name", REPORTED)
def test_reported(name: str, tmp_path: Path) -> None:
    code, program = REPORTED[name]
    assert found(tmp_path, program) == {code}


@pytest.mark.parametrize("name", SILENT)
def test_silent(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert found(tmp_path, SILENT[name]) == set()
    assert "internal error" not in capsys.readouterr().err
