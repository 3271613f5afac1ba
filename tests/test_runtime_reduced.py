"""Losses of several parts in a run: which of them are means over the batch, which are sums, and which are neither."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

torch = pytest.importorskip("torch")
F = torch.nn.functional

from test_runtime_forms import found  # noqa: E402

from lrcheck.runtime.tensors.reduced import reduction  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from torch import Tensor

x = torch.randn(8, 3, requires_grad=True)
t, y = torch.randn(8, 3), torch.zeros(8, dtype=torch.long)
weights = torch.randn(5, 4, requires_grad=True)
FORMS: dict[str, tuple[Callable[[], Tensor], str | None]] = {
    "a mean": (lambda: (x - t).pow(2).mean(), "mean"),
    "sums of rows, averaged": (lambda: (x * t).sum(1).mean(), "mean"),
    "a root of a mean": (lambda: torch.sqrt(F.mse_loss(x, t) + 1e-6), "mean"),
    "two means": (lambda: F.cross_entropy(x, y) + 0.5 * F.smooth_l1_loss(x, t), "mean"),
    "smoothed labels": (lambda: 2 * F.cross_entropy(x, y, label_smoothing=0.1) * 0.5, "mean"),
    "one minus a mean": (lambda: 1 - x.sigmoid().mean(1).mean(), "mean"),
    "a mean of accumulation": (lambda: F.cross_entropy(x, y) / 4, "mean"),
    "a sum by the number of samples": (lambda: (x - t).abs().sum() / 8, "mean"),
    "two sums": (lambda: F.mse_loss(x, t, reduction="sum") - 0.5 * (1 + x - x.exp()).sum(), "sum"),
    "a mean times the number of samples": (lambda: F.cross_entropy(x, y) * 8, None),
    "a mean and a sum": (lambda: F.cross_entropy(x, y) + 0.01 * x.pow(2).sum(), None),
    "a sum by another number": (lambda: (x - t).abs().sum() / 24, None),
    "the root of a sum": (lambda: torch.sqrt((x - t).pow(2).sum()), None),
    "a mean of losses": (lambda: torch.stack([F.cross_entropy(x, y), F.mse_loss(x, t)]).mean(), None),
    "a sum of losses": (lambda: torch.stack([F.cross_entropy(x, y), F.mse_loss(x, t)]).sum(), None),
    "a mean and decay": (lambda: F.cross_entropy(x, y) + weights.pow(2).sum(), None),
    "a learnt weight": (lambda: F.cross_entropy(x, y) * weights[0, 0].exp(), None),
    "a loss of each sample": (lambda: F.cross_entropy(x, y, reduction="none")[0], None),
    "a leaf": (lambda: torch.zeros((), requires_grad=True), None),
    "a leaf and a mean": (lambda: F.mse_loss(x, t) + torch.zeros((), requires_grad=True), None),
    "a long sum": (lambda: sum(((x - t).mean() for _ in range(80)), torch.zeros(())), None),
}


@pytest.mark.parametrize("name", FORMS)
def test_reduction(name: str) -> None:
    loss, expected = FORMS[name]
    assert reduction(loss(), 8) == expected


def test_small_batches_tell_nothing() -> None:
    assert reduction(x[:2].mean(), 2) is None


LOOP = """
optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
BEFORE
for epoch in range(3):
    for a, b in DataLoader(data, batch_size=24):
        out = net(a)
        wanted = F.one_hot(b, 3).float()
        loss = LOSS
        learn(loss, optimizer)
        total += loss.item()
    print("loss", total / DIVISOR)
    AFTER
"""
TWO = "F.cross_entropy(out, b) + 0.1 * out.pow(2).mean()"
SUMS = "F.binary_cross_entropy_with_logits(out, wanted * 0.9, reduction='sum') + 0.5 * out.pow(2).sum()"


@pytest.mark.parametrize(
    ("loss", "divisor", "carried", "expected"),
    [
        (TWO, "len(data)", False, {"LR204"}),
        (TWO, "9", False, set()),
        (TWO, "9", True, {"LR213"}),
        (f"({TWO}) * len(a)", "len(data)", False, set()),
        (SUMS, "9", False, {"LR204"}),
        (SUMS, "len(data)", False, set()),
    ],
)
def test_totals(loss: str, divisor: str, carried: bool, expected: set[str], tmp_path: Path) -> None:
    body = LOOP.replace("BEFORE", "total = 0.0").replace("AFTER", "" if carried else "total = 0.0")
    codes = found(tmp_path, body.replace("LOSS", loss).replace("DIVISOR", divisor))
    assert codes & {"LR203", "LR204", "LR213"} == expected
