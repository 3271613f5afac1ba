"""What a watched run sees beyond calls of torch's losses: hand-written differences, mixed samples, gradients that stay."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from lrcheck.runtime import watch


def codes(program: Callable[[], object]) -> list[str]:
    with watch(on_finding=lambda _: None) as watched:
        program()
    return [each.code for each in watched.diagnostics]


def fit(net: nn.Module, loss_of: Callable[[Tensor, Tensor], Tensor], rows: int = 16) -> None:
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    for _ in range(6):
        x = torch.randn(rows, 4)
        loss = loss_of(net(x), x.sum(1))
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()


def test_a_hand_written_error_that_broadcasts() -> None:
    assert codes(lambda: fit(nn.Linear(4, 1), lambda p, y: ((p - y) ** 2).mean())) == ["LR117"]
    assert codes(lambda: fit(nn.Linear(4, 1), lambda p, y: ((p.squeeze(1) - y) ** 2).mean())) == []


def returns(*, column: bool) -> Tensor:
    """Collected numbers, normalised as returns of episodes are."""
    made = torch.tensor([float(number) for number in range(16)])
    made = (made - made.mean()) / (made.std() + 1e-6)
    return made.unsqueeze(1) if column else made


def test_numbers_that_the_program_collected_are_targets() -> None:
    assert codes(lambda: fit(nn.Linear(4, 1), lambda p, _: (returns(column=False) - p).pow(2).mean())) == ["LR117"]
    assert codes(lambda: fit(nn.Linear(4, 1), lambda p, _: (returns(column=True) - p).pow(2).mean())) == []


def test_a_grid_is_no_target() -> None:
    assert codes(lambda: fit(nn.Linear(4, 1), lambda p, _: (p - torch.arange(16.0)).abs().mean())) == []


def test_pairs_within_one_prediction_are_no_mistake() -> None:
    assert codes(lambda: fit(nn.Linear(4, 1), lambda p, _: (p - p.squeeze(1)).abs().mean())) == []


class Mixing(nn.Module):
    """A recurrent layer that takes samples for time steps; it also counts its calls and keeps its outputs."""

    def __init__(self, batch_first: bool) -> None:
        super().__init__()
        self.rnn, self.out = nn.GRU(4, 8, batch_first=batch_first), nn.Linear(8, 3)
        self.calls = 0
        self.seen: list[int] = []

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1
        self.seen.append(len(x))
        result: Tensor = self.out(self.rnn(x)[0][:, -1])
        return result


def train_mixing(net: nn.Module) -> None:
    loader = DataLoader(TensorDataset(torch.randn(48, 5, 4), torch.randint(0, 3, (48,))), batch_size=12)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in loader:
        loss = nn.functional.cross_entropy(net(x), y)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()


def test_samples_that_see_each_other() -> None:
    assert codes(lambda: train_mixing(Mixing(batch_first=False))) == ["LR709"]
    assert codes(lambda: train_mixing(Mixing(batch_first=True))) == []


class Starts(nn.Module):
    """Predicts from a first vector that is the same for all samples, behind attention."""

    def __init__(self, way: str) -> None:
        super().__init__()
        self.attention = nn.TransformerEncoderLayer(4, 2, 8, 0.0, batch_first=way == "batch first")
        self.start, self.table = nn.Parameter(torch.randn(1, 1, 4)), nn.Parameter(torch.randn(12, 7, 4))
        self.out, self.way = nn.Linear(4, 3), way

    def forward(self, x: Tensor) -> Tensor:
        if self.way == "a table":  # as many rows as samples, whoever asks
            rows = self.attention(self.table).mean((0, 1))
            return torch.as_tensor(self.out(x.mean(1) + rows))
        x = torch.cat([self.start.expand(len(x), -1, -1), x], dim=1)
        if self.way == "moved":
            return torch.as_tensor(self.out(self.attention(x.transpose(0, 1))[0]))
        return torch.as_tensor(self.out(self.attention(x)[:, 0]))


@pytest.mark.parametrize("way", ["as it comes", "batch first", "moved", "a table"])
def test_samples_that_are_taken_for_a_sequence(way: str) -> None:
    assert codes(lambda: train_mixing(Starts(way))) == (["LR709"] if way == "as it comes" else [])


def test_the_question_leaves_no_trace() -> None:
    results = []
    for watched in (False, True):
        torch.manual_seed(0)
        net = Mixing(batch_first=False)
        if watched:
            assert codes(lambda: train_mixing(net)) == ["LR709"]  # noqa: B023  # called at once
        else:
            train_mixing(net)
        results.append((net.calls, net.seen, net.training, torch.rand(1), *net.parameters()))
    for bare, ours in zip(*results, strict=True):
        assert torch.equal(bare, ours) if isinstance(bare, Tensor) else bare == ours


def test_gradients_of_a_generator_that_stay() -> None:
    def gan(clears: bool) -> None:
        one, two = nn.Linear(2, 2), nn.Linear(2, 1)
        steps = [torch.optim.SGD(net.parameters(), lr=0.01) for net in (one, two)]
        for _ in range(8):
            steps[1].zero_grad()
            torch.autograd.backward(two(one(torch.randn(8, 2))).mean())
            steps[1].step()
            if clears:
                steps[0].zero_grad()
            torch.autograd.backward(two(one(torch.randn(8, 2))).mean().neg())
            steps[0].step()

    assert {"LR301", "LR708"} & set(codes(lambda: gan(False)))
    assert codes(lambda: gan(True)) == []


def test_gradients_zeroed_by_hand_behind_data() -> None:
    def train() -> None:
        net = nn.Linear(4, 1)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
        for _ in range(8):
            torch.autograd.backward(net(torch.randn(8, 4)).pow(2).mean())
            optimizer.step()
            for each in net.parameters():
                assert each.grad is not None
                each.grad.data.zero_()

    assert codes(train) == []
