"""How programs count and average: lists, tensors, meters of their own; correct programs that look the same."""

from __future__ import annotations

import pytest

from lrcheck.check import Checker
from lrcheck.rule import discover

CHECKER = Checker(discover())

HEAD = """
import statistics
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from collections import Counter, defaultdict
from dataclasses import dataclass
from sklearn.metrics import f1_score, roc_auc_score
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

test_set = datasets.MNIST("data", train=False, transform=transforms.Compose([transforms.ToTensor(), nn.Flatten(0)]))
loader = DataLoader(test_set, batch_size=256)
net = nn.Sequential(nn.Linear(784, 32), nn.ReLU(), nn.Linear(32, 10)).eval()
binary = nn.Linear(784, 1).eval()
torch.set_grad_enabled(False)
"""


def over(body: str, show: str) -> str:
    """A loop over the loader with this body, and what is shown behind it."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return (
        f"for x, y in loader:\n    hit = net(x).argmax(1) == y\n    loss = F.cross_entropy(net(x), y)\n{lines}{show}\n"
    )


METER = """
{kind}
    def update(self, value, n=1):
        self.total = self.total + {value} * n
        self.n += n
    @property
    def value(self):
        {value_of}
meter = Meter()
"""
INIT = """class Meter:
    def __init__(self):
        self.total, self.n = 0.0, 0"""
DATACLASS = "@dataclass\nclass Meter:\n    total: float = 0.0\n    n: int = 0"
UPDATE = "meter.update({number}, y.size(0))"


def meter(
    kind: str = INIT, value: str = "value", value_of: str = "return self.total / self.n", number: str = ""
) -> str:
    made = METER.format(kind=kind, value=value, value_of=value_of)
    body = UPDATE.format(number=number or "hit.float().mean().item()")
    return made + over(body, 'print(f"accuracy {meter.value:.1f}%")  # here')


FRACTION = "hit.float().mean().item()"
PERCENT = 'print("accuracy %.1f%%" % {shown})  # here'
SAVED = """
def score():
    n = 0
    for x, y in loader:
        n += (net(x).argmax(1) == y).sum().item()
    return n / len(test_set)
best = 0.0
for epoch in range(5):
    accuracy = score()
    is_best = accuracy > best  # here
    best = max(accuracy, best)
    {kept}
"""

IMAGES = """
images = DataLoader(datasets.MNIST("data", train=False, transform=transforms.ToTensor()), batch_size=256)
flat = nn.Sequential(nn.Flatten(), nn.Linear(784, 10)).eval()
for x, y in images:
"""

REPORTED = {
    "a total that starts from zeros": (
        "LR203",
        "n = torch.zeros(1)\n" + over("n += hit.sum()", "n / len(loader)  # here"),
    ),
    "a total that starts from a tensor": (
        "LR203",
        "n = torch.tensor(0.0)\n" + over("n += hit.sum()", "n / len(loader)  # here"),
    ),
    "the sum of a list": ("LR203", "n = []\n" + over("n.append(hit.sum().item())", "sum(n) / len(loader)  # here")),
    "its length": ("LR203", "n = []\n" + over("n.append(hit.sum().item())", "sum(n) / len(n)  # here")),
    "its mean": ("LR203", "n = []\n" + over("n.append(hit.sum().item())", "np.mean(n)  # here")),
    "weighted losses": ("LR204", "n = []\n" + over("n.append(loss.item() * len(y))", "np.mean(n)  # here")),
    "batches counted in a dict": (
        "LR203",
        "n = defaultdict(float)\n"
        + over('n["hits"] += hit.sum().item()\nn["seen"] += 1', 'n["hits"] / n["seen"]  # here'),
    ),
    "batches counted in a Counter": (
        "LR203",
        "n = Counter()\n" + over('n["hits"] += hit.sum().item()\nn["seen"] += 1', 'n["hits"] / n["seen"]  # here'),
    ),
    **{
        f"fractions: {shown}": ("LR202", "n = []\n" + over(f"n.append({FRACTION})", PERCENT.format(shown=shown)))
        for shown in (
            "np.mean(n)",
            "statistics.mean(n)",
            "statistics.fmean(n)",
            "np.array(n).mean()",
            "torch.tensor(n).mean()",
            "max(n)",
            "(sum(n) / len(n) if n else 0.0)",
            "(sum(n) / max(len(n), 1))",
        )
    },
    "tensors": (
        "LR202",
        "n = []\n" + over("n.append(hit.float().mean())", PERCENT.format(shown="torch.stack(n).mean()")),
    ),
    "a meter": ("LR202", meter()),
    "a meter that is a dataclass": ("LR202", meter(DATACLASS)),
    "a meter that converts": ("LR202", meter(value="float(value)")),
    "a meter that was not used": ("LR202", meter(value_of="return self.total / self.n if self.n else 0.0")),
    "a meter that returns early": (
        "LR202",
        meter(value_of="if not self.n: return 0.0\n        return self.total / self.n"),
    ),
    "a meter of one at least": ("LR202", meter(value_of="return self.total / max(1, self.n)")),
    "the mean of scores": (
        "LR222",
        "n = []\n" + over('n.append(f1_score(y, net(x).argmax(1), average="macro"))', "np.mean(n)  # here"),
    ),
    "lists of hard predictions": (
        "LR223",
        "n = []\n" + over("n.extend((binary(x) > 0).int().tolist())", "roc_auc_score(targets, n)  # here"),
    ),
    "arrays of hard predictions": (
        "LR223",
        "n = []\n"
        + over("n.append((binary(x) > 0).int().numpy())", "roc_auc_score(targets, np.concatenate(n))  # here"),
    ),
    "the best class as a column": ("LR221", IMAGES + "    right = flat(x).topk(1, 1)[1] == y  # here\n"),
    "the last class as a column": ("LR221", IMAGES + "    right = flat(x).topk(k=1, dim=-1).indices == y  # here\n"),
    "chosen on the test set by a name": (
        "LR225",
        SAVED.format(kept="if is_best:\n        torch.save(net.state_dict(), 'best.pt')"),
    ),
    "a function saves": ("LR225", SAVED.format(kept="save_checkpoint(net.state_dict(), is_best)")),
}

SILENT = {
    "totals of samples": "n, m = torch.zeros(1), []\n"
    + over(
        "n += hit.sum()\nm.append(hit.sum().item())", "print((100 * n / len(test_set)).item(), sum(m) / len(test_set))"
    ),
    "zeros of several numbers": "n = torch.zeros(10)\n" + over("n += hit.sum()", "print(n / len(loader))"),
    "fractions": "n = []\n"
    + over(f"n.append({FRACTION})", 'print(f"{100 * np.mean(n):.1f}% {max(n):.3f} {statistics.mean(n):.1%}")'),
    "percentages": meter(number="100 * hit.float().mean().item()"),
    "a number that another one stands for": "n = []\n"
    + over(f"n.append({FRACTION})", PERCENT.format(shown="(np.mean(n) if n else 50.0)")),
    "the mean of the scores of folds": """
n = []
for fold in range(5):
    targets, found = [], []
    for x, y in loader:
        targets.append(y)
        found.append(net(x).argmax(1))
    n.append(f1_score(torch.cat(targets), torch.cat(found), average="macro"))
print(np.mean(n))
""",
    "lists of scores": "n = []\n" + over("n.extend(binary(x).sigmoid().tolist())", "roc_auc_score(targets, n)"),
    "the best is only shown": SAVED.format(kept="print(is_best)"),
    "the best classes as columns": IMAGES
    + """
    five = (flat(x).topk(5, 1)[1] == y[:, None]).any(1)
    one = flat(x).topk(1, 1)[1].squeeze(1) == y
    row = flat(x).topk(1, 1)[1].t() == y.view(1, -1)
    first = flat(x).sort(1, descending=True)[1][:, 0] == y
""",
    "another name": SAVED.format(kept="if last:\n        torch.save(net.state_dict(), 'last.pt')"),
}


def said(program: str) -> set[tuple[str, int]]:
    result = CHECKER.check_bytes("train.py", program.encode())
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
