"""Metrics of scikit-learn in a run: whole-data metrics averaged over batches, rankings of hard predictions."""

from __future__ import annotations

import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

torch = pytest.importorskip("torch")
metrics = pytest.importorskip("sklearn.metrics")

from test_runtime_pairs import observed  # noqa: E402

from lrcheck.runtime import watch  # noqa: E402

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """\
import numpy as np
import torch
import torch.nn.functional as F
from sklearn import metrics
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
x = torch.randn(120, 4)
y = (x[:, 0] > 0).long()
net = nn.Linear(4, 2)
optimizer = torch.optim.SGD(net.parameters(), lr=1.0)
for a, b in DataLoader(TensorDataset(x, y), 8):
    loss = F.cross_entropy(net(a), b)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
net.eval().requires_grad_(False)
test = DataLoader(TensorDataset(x, y), 21)
"""
REPORTED = {
    "a sum of scores": (
        """
        total = 0
        for a, b in test:
            total += metrics.average_precision_score(b, net(a)[:, 1])
        print(total / len(test))
        """,
        ["LR222"],
    ),
    "a list of scores": (
        """
        def evaluate():
            found = []
            for a, b in test:
                found.append(f1_score(b, net(a).argmax(1), average="macro"))
            return np.mean(found)

        print(evaluate())
        """,
        ["LR222"],
    ),
    "the area of classes": ("print(roc_auc_score(y, net(x).argmax(1)))", ["LR223"]),
    "of rows": ("print(metrics.roc_auc_score(F.one_hot(y), F.one_hot(net(x).argmax(1))))", ["LR223"]),
    "hits by batches": (
        """
        right = 0
        for a, b in test:
            right += accuracy_score(b, net(a).argmax(1)) * len(b)
        print(right / len(test))
        """,
        ["LR203"],
    ),
}
SILENT = {
    "scores": "print(roc_auc_score(y, net(x).softmax(1)[:, 1]))",
    "a metric of classes": "print(f1_score(y, net(x).argmax(1)))",
    "all of one class": "print(roc_auc_score(y, torch.zeros(120)))",
    "a mean over samples": """
        right = 0
        for a, b in test:
            right += accuracy_score(b, net(a).argmax(1)) * len(b)
        print(right / len(test.dataset))
        """,
    "over the whole": """
        scores, wanted = [], []
        for a, b in test:
            scores.append(net(a)[:, 1])
            wanted.append(b)
        print(roc_auc_score(torch.cat(wanted), torch.cat(scores)))
        """,
    "folds": """
        parts = [roc_auc_score(y[part], net(x[part])[:, 1]) for part in torch.arange(120).split(40)]
        print(np.mean(parts))
        """,
}


def found(tmp_path: Path, body: str) -> list[str]:
    path = tmp_path / "program.py"
    path.write_text(HEAD + textwrap.dedent(body))
    return [each.code for each in observed(path) if each.code in ("LR203", "LR222", "LR223")]


@pytest.mark.parametrize("name", REPORTED)
def test_reported(name: str, tmp_path: Path) -> None:
    body, codes = REPORTED[name]
    assert found(tmp_path, body) == codes


@pytest.mark.parametrize("name", SILENT)
def test_silent(name: str, tmp_path: Path) -> None:
    assert found(tmp_path, SILENT[name]) == []


def test_nothing_is_left_in_the_module(monkeypatch: pytest.MonkeyPatch) -> None:
    before = metrics.f1_score
    with watch(on_finding=lambda _: None):
        assert metrics.f1_score is not before
    assert metrics.f1_score is before
    finders = list(sys.meta_path)
    monkeypatch.delitem(sys.modules, "sklearn.metrics")
    with watch(on_finding=lambda _: None):
        assert len(sys.meta_path) == len(finders) + 1
    assert sys.meta_path == finders


def test_metrics_that_are_imported_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "sklearn.metrics")
    with watch(on_finding=lambda _: None):
        import sklearn.metrics as later

        assert hasattr(later.f1_score, "__wrapped__")
        assert later.f1_score([1, 0], [1, 0]) == 1.0
