"""The last batch of a pass, where one sample is left, in a run."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812  # as programs call it
from torch.utils.data import DataLoader, TensorDataset

from lrcheck.runtime import watch


def given_back(x: Tensor) -> Tensor:
    squeezed = x.squeeze()
    return squeezed[None] if squeezed.dim() == 1 else squeezed


class Net(nn.Module):
    def __init__(self, pooled: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.conv, self.out, self.pooled = nn.Conv1d(2, 6, 3), nn.Linear(6, 3), pooled

    def forward(self, x: Tensor) -> Tensor:
        scores: Tensor = self.out(self.pooled(self.conv(x).amax(-1, keepdim=True)))
        return scores


def codes(pooled: Callable[[Tensor], Tensor], *, rest: int = 1, size: int = 8, epochs: int = 1) -> list[str]:
    """Trained on whole batches, evaluated on two and a rest."""
    torch.manual_seed(0)
    x, y = torch.randn(40, 2, 7), torch.randint(0, 3, (40,))
    tests = DataLoader(TensorDataset(x[: 16 + rest], y[: 16 + rest]), batch_size=size)
    net = Net(pooled)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    with watch(on_finding=lambda _: None) as watched:
        for _ in range(epochs):
            net.train()
            for a, b in DataLoader(TensorDataset(x, y), batch_size=4):
                loss = F.cross_entropy(net(a), b)
                optimizer.zero_grad()
                torch.autograd.backward(loss)
                optimizer.step()
            net.eval()
            with torch.no_grad():
                sum(int((net(a).argmax(-1) == b).sum()) for a, b in tests)
    return [each.code for each in watched.diagnostics if each.code == "LR522"]


def test_a_rest_of_one_loses_its_dimension() -> None:
    assert codes(torch.squeeze) == ["LR522"]
    assert codes(torch.squeeze, epochs=3) == ["LR522"]


@pytest.mark.parametrize(
    ("pooled", "rest", "size"),
    [
        (torch.squeeze, 0, 8),  # no rest
        (torch.squeeze, 2, 8),  # a larger one
        (torch.squeeze, 0, 1),  # one by one, on purpose
        (lambda x: x.squeeze(-1), 1, 8),
        (lambda x: x.flatten(1), 1, 8),
        (given_back, 1, 8),
    ],
)
def test_nothing_is_lost(pooled: Callable[[Tensor], Tensor], rest: int, size: int) -> None:
    assert codes(pooled, rest=rest, size=size) == []
