"""Losses written by hand, in a run: tables of pairs that nobody wanted, squared distances of probabilities and labels."""

# ruff: noqa: ARG005  # every loss takes the same three arguments
from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812  # as programs call it
from torch.utils.data import DataLoader, TensorDataset

from lrcheck.runtime import watch

pytestmark = pytest.mark.filterwarnings("ignore:Using a target size")
Loss = Callable[[Tensor, Tensor, Tensor], Tensor]  # input, output, row sums of the input
ROWS = 12


def found(loss_of: Loss, net: nn.Module | None = None) -> list[str]:
    """The codes that a run reports in which a network is fitted to this loss."""
    torch.manual_seed(0)
    net = nn.Linear(4, 1) if net is None else net
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    with watch(on_finding=lambda _: None) as watched:
        for _ in range(6):
            x = torch.randn(ROWS, 4)
            loss = loss_of(x, net(x), x.sum(1))
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
    return [each.code for each in watched.diagnostics]


def bootstrapped(x: Tensor, z: Tensor, y: Tensor) -> Tensor:
    """The mistake is made without gradients, on the way to the target."""
    with torch.no_grad():
        target = y + 0.9 * z
    return F.smooth_l1_loss(z, target)


def likelihood(x: Tensor, z: Tensor, y: Tensor) -> Tensor:
    p, wanted = z.sigmoid().squeeze(1), (y > 0).float()[:, None].clone().detach()
    return -(wanted * p.log()).mean()


TABLES: dict[str, Loss] = {
    "a hinge": lambda x, z, y: F.relu(1 - y.sign() * z).mean(),
    "a target of another output": bootstrapped,
    "a term for each sample, and weights in a column": lambda x, z, y: (
        F.mse_loss(z.squeeze(1), y, reduction="none") * torch.rand(ROWS, 1)
    ).sum(),
    "two outputs": lambda x, z, y: (z.squeeze(1).tanh() * (z - 1).sigmoid()).mean(),
}
PAIRS: dict[str, Loss] = {
    "a column that was made": lambda x, z, y: (z.squeeze(1).tanh()[:, None] * (z.squeeze(1) - 1).sigmoid()).mean(),
    "a sum that keeps its dimension": lambda x, z, y: ((x * z).sum(1, keepdim=True) * (x + z).sum(1)).mean(),
    "the same by place": lambda x, z, y: ((x * z).sum(1, True) * (x + z).sum(1)).mean(),
    "attention": lambda x, z, y: ((z * y).softmax(1) @ y).square().mean(),
    "what never goes backward": lambda x, z, y: (F.mse_loss(z.squeeze(1), y), z * y)[0],
    "a target that is detached": likelihood,
    "one number for each of the numbers of a grid": lambda x, z, y: (z * torch.arange(float(ROWS))).mean().square(),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_that_nobody_wanted(name: str) -> None:
    assert found(TABLES[name]) == ["LR117"]


@pytest.mark.parametrize("name", PAIRS)
def test_pairs_on_purpose(name: str) -> None:
    assert found(PAIRS[name]) == []


class Factors(nn.Module):
    """Ratings: a product of two embeddings, and a bias of each user."""

    def __init__(self, *, column: bool) -> None:
        super().__init__()
        self.left, self.right, self.bias = nn.Linear(4, 3), nn.Linear(4, 3), nn.Embedding(ROWS, 1)
        self.column = column

    def forward(self, x: Tensor) -> Tensor:
        bias = self.bias((x[:, 0] > 0).long())
        made: Tensor = (self.left(x) * self.right(x)).sum(1) + (bias if self.column else bias.squeeze(1))
        return made


def test_a_table_inside_of_the_model() -> None:
    def squares(x: Tensor, z: Tensor, y: Tensor) -> Tensor:
        return (z - y).square().mean()

    assert found(squares, Factors(column=True)) == ["LR117"]
    assert found(squares, Factors(column=False)) == []


def test_as_many_steps_as_samples() -> None:
    class Steps(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.out = nn.Linear(4, 1)

        def forward(self, x: Tensor) -> Tensor:
            made: Tensor = self.out(x[:9].view(3, 3, 4))
            return made

    mask = torch.rand(3, 3)
    assert found(lambda x, z, y: (z * mask).square().mean(), Steps()) == ["LR117"]
    assert found(lambda x, z, y: (z * mask[..., None]).square().mean(), Steps()) == []


def test_rows_that_are_grouped_are_not_cut() -> None:
    assert (
        found(
            lambda x, z, y: (z.view(3, 4, 2).mean(1) - y.view(3, 4).mean(1)[:, None]).square().mean(), nn.Linear(4, 2)
        )
        == []
    )
    assert found(lambda x, z, y: (z.view(3, 8).mean(1) - y.view(3, 4).mean(1)).square().mean(), nn.Linear(4, 2)) == [
        "LR514"
    ]


def test_a_map_and_a_mask_without_channels() -> None:
    masks = (torch.rand(ROWS, 2, 2) > 0.5).float()
    net = nn.Sequential(nn.Linear(4, 4), nn.Unflatten(1, (1, 2, 2)), nn.Conv2d(1, 1, 1), nn.Sigmoid())
    assert found(lambda x, z, y: 1 - (z * masks).sum() / (z + masks).sum(), net) == ["LR117"]
    assert found(lambda x, z, y: 1 - (z[:, 0] * masks).sum() / (z[:, 0] + masks).sum(), net) == []


# -- distances of probabilities and labels ----------------------------------------------------------------------------------
def rows_of(y: Tensor) -> Tensor:
    return F.one_hot((y > 0).long(), 3)


DISTANCES: dict[str, tuple[Loss, list[str]]] = {
    "squared": (lambda x, z, y: ((z.softmax(1) - rows_of(y)) ** 2).mean(), ["LR108"]),
    "by a product": (lambda x, z, y: ((d := z.softmax(1) - rows_of(y)) * d).sum(1).mean(), ["LR108"]),
    "absolute": (lambda x, z, y: (z.softmax(1) - torch.eye(3)[(y > 0).long()]).abs().sum(), ["LR108"]),
    "of rows that were made before": (lambda x, z, y: ((rows_of(y)[torch.arange(ROWS)] - z) ** 2).mean(), ["LR108"]),
    "beside a cross entropy": (
        lambda x, z, y: F.cross_entropy(z, (y > 0).long()) + ((z.softmax(1) - rows_of(y)) ** 2).mean(),
        [],
    ),
    "neither squared nor absolute": (lambda x, z, y: ((z.softmax(1) - rows_of(y)) * x[:, :1]).sum(), []),
    "of a teacher": (lambda x, z, y: ((z.softmax(1) - (2 * z).softmax(1).detach()) ** 2).mean(), []),
}


@pytest.mark.parametrize("name", DISTANCES)
def test_a_distance_of_probabilities_and_labels(name: str) -> None:
    loss_of, codes = DISTANCES[name]
    assert found(loss_of, nn.Linear(4, 3)) == codes


def test_one_hot_rows_of_a_data_set_are_known_by_their_values() -> None:
    torch.manual_seed(0)
    x, net = torch.randn(400, 4), nn.Sequential(nn.Linear(4, 3), nn.Softmax(1))
    rows, numbers = F.one_hot(x[:, :3].argmax(1), 3).float(), x[:, :3].softmax(1)
    for target, by_hand, codes in ((rows, False, ["LR108"]), (rows, True, ["LR108"]), (numbers, False, [])):
        optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
        with watch(on_finding=lambda _: None) as watched:
            for a, b in DataLoader(TensorDataset(x, target), batch_size=80):
                loss = (net(a) - b).square().mean() if by_hand else F.mse_loss(net(a), b)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        assert [each.code for each in watched.diagnostics] == codes


# -- activations ------------------------------------------------------------------------------------------------------------
def softmax(z: Tensor) -> Tensor:
    powers = (z - z.max(1, keepdim=True).values).exp()
    return powers / powers.sum(1, keepdim=True)


def logistic(z: Tensor) -> Tensor:
    return 1 / (1 + torch.exp(-z))


def classes(y: Tensor) -> Tensor:
    return (y > 0).long()


WRITTEN: dict[str, tuple[Loss, list[str]]] = {
    "a softmax, and one of the loss": (lambda x, z, y: F.cross_entropy(softmax(z), classes(y)), ["LR102"]),
    "a softmax without a logarithm": (lambda x, z, y: F.nll_loss(softmax(z), classes(y)), ["LR104"]),
    "a softmax and its logarithm": (lambda x, z, y: F.nll_loss(softmax(z).log(), classes(y)), []),
    "a sigmoid, and one of the loss": (
        lambda x, z, y: F.binary_cross_entropy_with_logits(logistic(z[:, 0]), (y > 0).float()),
        ["LR103"],
    ),
    "one plus a power, divided by something else": (
        lambda x, z, y: F.binary_cross_entropy_with_logits(1 / (2 + torch.exp(-z[:, 0])), (y > 0).float()),
        [],
    ),
    "over the positions": (
        lambda x, z, y: F.nll_loss(z.view(3, 4, 3).log_softmax(1).flatten(0, 1), classes(y)),
        ["LR115"],
    ),
    "over the classes, then moved": (
        lambda x, z, y: F.nll_loss(z.view(3, 4, 3).log_softmax(2).transpose(1, 2), classes(y).view(3, 4)),
        [],
    ),
    "some of the classes": (lambda x, z, y: F.nll_loss(z.log_softmax(1)[:, :2], classes(y)), []),
    "scores that are cut to probabilities": (
        lambda x, z, y: -((y > 0).float() * z[:, 0].clamp(1e-6, 1 - 1e-6).log()).mean(),
        ["LR107"],
    ),
    "probabilities that are cut": (
        lambda x, z, y: -((y > 0).float() * z[:, 0].sigmoid().clamp(1e-6, 1 - 1e-6).log()).mean(),
        [],
    ),
    "amounts that are cut below": (lambda x, z, y: (z[:, 0].clamp(min=1e-6).log() - y.abs()).square().mean(), []),
    "none of them below a limit": (lambda x, z, y: F.nll_loss(z.log_softmax(1).clamp(min=-0.5), classes(y)), []),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_activations_by_hand_and_their_dimensions(name: str) -> None:
    loss_of, codes = WRITTEN[name]
    assert found(loss_of, nn.Linear(4, 3)) == codes
