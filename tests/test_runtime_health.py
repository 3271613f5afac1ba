"""What a watched run sees of models and their data: order in the batch, losses that stand still, states that are no copies."""

import copy
import io
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, TensorDataset, random_split

from lrcheck.runtime import watch


def codes(program: Callable[[], object]) -> list[str]:
    with watch(on_finding=lambda _: None) as watched:
        program()
    return [each.code for each in watched.diagnostics]


def train(net: nn.Module, loss: Callable[[Tensor], Tensor], draw: Callable[[], Tensor], steps: int = 4) -> None:
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    for _ in range(steps):
        value = loss(net(draw()))
        optimizer.zero_grad()
        torch.autograd.backward(value)
        optimizer.step()


class Placed(nn.Module):
    """Adds a vector for each place along one dimension."""

    def __init__(self, dim: int, *, noisy: bool = False, kept: bool = False) -> None:
        super().__init__()
        self.out, self.noisy, self.kept, self.dim = nn.Linear(4, 1), noisy, kept, dim
        self.last: Tensor | None = None
        self.place = nn.Parameter(torch.linspace(0, 1, 40), requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        shape = [1] * x.dim()
        shape[self.dim] = -1
        h = x + torch.randn_like(x) if self.noisy else x
        if self.kept:
            h, self.last = (h if self.last is None else h + self.last), x.detach()
        h = h + self.place[: x.size(self.dim)].view(shape)
        result: Tensor = self.out(h).mean(1)
        return result


def test_a_place_in_the_batch_is_no_place_in_the_sequence() -> None:
    def program(**options: bool | int) -> None:
        net = Placed(**options)  # type: ignore[arg-type]
        loader = DataLoader(TensorDataset(torch.randn(96, 5, 4), torch.randn(96, 1)), batch_size=12)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
        for x, y in loader:
            optimizer.zero_grad()
            torch.autograd.backward(nn.functional.mse_loss(net(x), y))
            optimizer.step()

    assert codes(lambda: program(dim=0)) == ["LR709"]
    assert codes(lambda: program(dim=1)) == []
    assert codes(lambda: program(dim=1, noisy=True)) == []  # the same numbers are drawn, but for other samples
    assert codes(lambda: program(dim=1, kept=True)) == []  # each row of a stream goes on where it was


class Reads(nn.Module):
    """A recurrent layer whose states are made rows, one for each sample."""

    def __init__(self, *, viewed: bool) -> None:
        super().__init__()
        self.rnn, self.out, self.viewed = nn.GRU(4, 8), nn.Linear(8 * 6, 2), viewed

    def forward(self, x: Tensor) -> Tensor:
        states = self.rnn(x.transpose(0, 1))[0]
        rows = states.view(len(x), -1) if self.viewed else states.transpose(0, 1).reshape(len(x), -1)
        result: Tensor = self.out(rows)
        return result


@pytest.mark.parametrize("classes", [True, False])
def test_sequences_without_a_loader(classes: bool) -> None:
    samples = torch.tensor(torch.randn(200, 6, 4).tolist())

    def loss(scores: Tensor) -> Tensor:
        if classes:
            return nn.functional.cross_entropy(scores, torch.arange(20) % 2)
        return nn.functional.mse_loss(scores, torch.randn(20, 2))

    def draw() -> Tensor:
        return samples[torch.randint(200, (20,))]

    assert codes(lambda: train(Reads(viewed=True), loss, draw)) == ["LR709"]
    assert codes(lambda: train(Reads(viewed=False), loss, draw)) == []


class Writes(nn.Module):
    """Reads one sequence of letters after the other, with a state that goes along."""

    def __init__(self, *, batched: bool) -> None:
        super().__init__()
        self.rnn, self.out, self.batched = nn.RNN(6, 8), nn.Linear(8, 6), batched

    def forward(self, line: Tensor) -> Tensor:
        result: Tensor = self.out(self.rnn(line)[0])
        return result.squeeze(1) if self.batched else result


@pytest.mark.parametrize("batched", [True, False])
def test_rows_may_be_points_in_time(batched: bool) -> None:
    def draw() -> Tensor:
        line = torch.eye(6)[torch.randint(6, (9,))]
        return line.unsqueeze(1) if batched else line

    def loss(scores: Tensor) -> Tensor:
        return nn.functional.cross_entropy(scores, torch.randint(6, (9,)))

    assert codes(lambda: train(Writes(batched=batched), loss, draw)) == []


def labels_of(x: Tensor, kind: str) -> Tensor:
    """What a model of `x` can learn, or what it cannot."""
    if kind == "classes":
        return x[:, :3].argmax(1)
    if kind == "other classes":
        return torch.randint(3, (len(x),))
    return x[:, :1] * 2 if kind == "numbers" else torch.randn(len(x), 1)


@pytest.mark.parametrize(
    ("kind", "steps", "expected"),
    [
        ("classes", 150, []),
        ("other classes", 150, ["LR711"]),
        ("other classes", 90, []),
        ("numbers", 150, []),
        ("other numbers", 150, ["LR711"]),
    ],
)
def test_a_loss_that_stands_still(kind: str, steps: int, expected: list[str]) -> None:
    def program(*, twice: bool = False) -> None:
        torch.manual_seed(0)
        net = nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 3 if "classes" in kind else 1))
        optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
        for _ in range(steps):
            x = torch.randn(32, 6)
            y = labels_of(x, kind)
            scores = net(x)
            loss = nn.functional.cross_entropy(scores, y) if "classes" in kind else nn.functional.mse_loss(scores, y)
            optimizer.zero_grad()
            torch.autograd.backward(loss + 1e-2 * sum(p.square().sum() for p in net.parameters()) if twice else loss)
            optimizer.step()

    assert codes(program) == expected
    assert codes(lambda: program(twice=True)) == []  # not the loss alone goes backward: nothing is known between


TAKEN: dict[str, Callable[[nn.Module], Mapping[str, Any]]] = {
    "itself": lambda net: net.state_dict(),
    "a shallow copy": lambda net: dict(net.state_dict()),
    "detached": lambda net: {name: value.detach() for name, value in net.state_dict().items()},
    "by another name": lambda net: dict(net.named_parameters()),
    "deep": lambda net: copy.deepcopy(net.state_dict()),
    "cloned": lambda net: {name: value.clone() for name, value in net.state_dict().items()},
}


@pytest.mark.parametrize(("way", "expected"), [(way, number < 4) for number, way in enumerate(TAKEN)])
def test_a_kept_state(way: str, expected: bool) -> None:
    def program(*, late: bool = False, other: bool = False) -> None:
        net = nn.Linear(4, 1)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        kept: Mapping[str, Any] = {}
        for step in range(8):
            x = torch.randn(16, 4)
            optimizer.zero_grad()
            torch.autograd.backward(nn.functional.mse_loss(net(x), x[:, :1]))
            optimizer.step()
            if step == (7 if late else 4):
                kept = TAKEN[way](net)
        (nn.Linear(4, 1) if other else net).load_state_dict(kept)

    assert codes(program) == (["LR322"] if expected else [])
    if way != "by another name":  # whose age is not known
        assert codes(lambda: program(late=True)) == []  # no step since: nothing is lost
    assert codes(lambda: program(other=True)) == (["LR322"] if way == "itself" else [])  # gets the last state, too


class Drops(nn.Module):
    """Makes its dropout layer in each pass."""

    def __init__(self, *, follows: bool) -> None:
        super().__init__()
        self.out, self.follows = nn.Linear(4, 2), follows

    def forward(self, x: Tensor) -> Tensor:
        drop = nn.Dropout(0.3)
        result: Tensor = self.out(drop.train(self.training)(x) if self.follows else drop(x))
        return result


def test_a_dropout_layer_that_is_made_in_each_pass() -> None:
    def program(*, follows: bool, evaluates: bool = True) -> None:
        net, x = Drops(follows=follows), torch.randn(40, 4)
        train(
            net, lambda scores: nn.functional.cross_entropy(scores, torch.arange(20) % 2), lambda: x[torch.randperm(20)]
        )
        net.train(not evaluates)
        with torch.no_grad():
            print((net(x).argmax(1) == torch.arange(40) % 2).sum())

    assert codes(lambda: program(follows=False)) == ["LR408"]
    assert codes(lambda: program(follows=True)) == []
    assert "LR408" not in codes(lambda: program(follows=False, evaluates=False))


class Attends(nn.Module):
    """Attention that drops a share of its weights: in either mode, in training, or as its own `train` says."""

    def __init__(self, way: str) -> None:
        super().__init__()
        self.out, self.way, self.share = nn.Linear(4, 2), way, 0.3

    def forward(self, x: Tensor) -> Tensor:
        q, attend = x.unsqueeze(1), nn.functional.scaled_dot_product_attention
        if self.way == "constant":
            q = attend(q, q, q, None, 0.3)
        elif self.way == "computed":
            share = 0.3
            q = attend(q, q, q, dropout_p=share)
        elif self.way == "asked":
            q = attend(q, q, q, dropout_p=0.3 if self.training else 0.0)
        else:
            q = attend(q, q, q, dropout_p=self.share)
        result: Tensor = self.out(q.squeeze(1))
        return result


class Switched(Attends):
    def train(self, mode: bool = True) -> Any:
        self.share = 0.3 if mode else 0.0
        return super().train(mode)


@pytest.mark.parametrize("way", ["constant", "computed", "attribute", "asked", "switched"])
def test_attention_that_drops_in_either_mode(way: str) -> None:
    def program() -> None:
        net, x = Switched(way) if way == "switched" else Attends(way), torch.randn(40, 4)
        train(
            net, lambda scores: nn.functional.cross_entropy(scores, torch.arange(20) % 2), lambda: x[torch.randperm(20)]
        )
        net.eval()
        with torch.no_grad():
            print((net(x).argmax(1) == torch.arange(40) % 2).sum())

    assert codes(program) == ([] if way in ("asked", "switched") else ["LR408"])


def rows(*, repeated: bool, kind: str) -> TensorDataset:
    """Samples of which some are repeated, or whose few values make them equal by chance."""
    x = torch.randn(160, 6)
    if kind == "few values":
        x = torch.randint(0, 3, (160, 6)).float()
    elif kind == "empty":
        x = x * (torch.rand(160, 1) > 0.5)
    x = torch.cat([x, *[x[:30]] * 4]) if repeated else x
    return TensorDataset(x, (x[:, 0] > 0).long())


@pytest.mark.parametrize(
    ("kind", "repeated", "expected"),
    [("numbers", True, ["LR713"]), ("numbers", False, []), ("few values", False, []), ("empty", False, [])],
)
@pytest.mark.parametrize("listed", [True, False])
def test_copies_of_rows_on_both_sides_of_a_split(kind: str, repeated: bool, listed: bool, expected: list[str]) -> None:
    def program() -> None:
        torch.manual_seed(1)
        whole = rows(repeated=repeated, kind=kind)
        known, held = random_split(whole, [len(whole) - 60, 60])
        net = nn.Linear(6, 2)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        for x, y in DataLoader(known, batch_size=10, shuffle=True):
            optimizer.zero_grad()
            torch.autograd.backward(nn.functional.cross_entropy(net(x), y))
            optimizer.step()
        net.eval()
        found: list[int] = []
        wanted: list[int] = []
        with torch.no_grad():
            for x, y in DataLoader(held, batch_size=20):
                if listed:  # for a function that computes a metric
                    found += net(x).argmax(1).tolist()
                    wanted += y.tolist()
                else:
                    print((net(x).argmax(1) == y).sum())

    assert codes(program) == expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("sorted", ["LR212"]), ("shuffled", []), ("mixed", []), ("tasks", []), ("rare", [])],
)
def test_one_class_after_the_other(kind: str, expected: list[str]) -> None:
    def program() -> None:
        torch.manual_seed(0)
        net = nn.Linear(4, 3)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        for task in range(3):
            y = torch.arange(3).repeat_interleave(60)
            if kind == "mixed":
                y = y[torch.randperm(180)]
            elif kind == "tasks":  # a data set for each class, learnt one after the other
                y = torch.full((180,), task)
            elif kind == "rare":
                y = (torch.arange(180) % 45 == 44).long()
            samples = TensorDataset(torch.randn(180, 4) + y[:, None], y)
            for a, b in DataLoader(samples, batch_size=9, shuffle=kind == "shuffled"):
                optimizer.zero_grad()
                torch.autograd.backward(nn.functional.cross_entropy(net(a), b))
                optimizer.step()

    assert codes(program) == expected


@pytest.mark.parametrize(("kind", "expected"), [("views", ["LR706"]), ("spread", []), ("targets", [])])
def test_embeddings_that_come_together(kind: str, expected: list[str]) -> None:
    def program() -> None:
        torch.manual_seed(0)
        net, samples = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 4)), torch.randn(200, 6)
        optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
        for _ in range(140):
            x = samples[torch.randint(200, (32,))]
            z = net(x)
            pull = (z - net(x + torch.randn_like(x))).square().mean()
            if kind == "spread":
                pull = pull + (1 - z.std(0)).relu().mean()
            elif kind == "targets":  # the same for all, nearly
                pull = nn.functional.mse_loss(z, 1 + 1e-3 * x[:, :4])
            optimizer.zero_grad()
            torch.autograd.backward(pull)
            optimizer.step()

    assert codes(program) == expected


def formula(mean: Tensor, free: Tensor) -> Tensor:
    return -0.5 * (1 + free - mean**2 - free.exp()).sum(1).mean()


def deviation(mean: Tensor, free: Tensor) -> Tensor:
    scale = nn.functional.softplus(free)
    return (0.5 * (scale.pow(2) + mean * mean - 1) - scale.log()).sum()


def library(mean: Tensor, free: Tensor) -> Tensor:
    code = torch.distributions.Normal(mean, (0.5 * free).exp())
    return torch.distributions.kl_divergence(code, torch.distributions.Normal(0.0, 1.0)).sum(1).mean()


@pytest.mark.parametrize("divergence", [formula, deviation, library])
def test_a_divergence_has_a_sign(divergence: Callable[[Tensor, Tensor], Tensor]) -> None:
    net = nn.Linear(6, 8)

    def program(factor: float) -> None:
        x = torch.randn(16, 6)
        train(
            net,
            lambda code: (code[:, :6] - x).square().mean() + factor * divergence(code[:, :4], code[:, 4:]),
            lambda: x,
        )

    assert codes(lambda: program(1.0)) == []
    assert codes(lambda: program(0.01)) == []
    assert codes(lambda: program(-0.01)) == ["LR127"]


@pytest.mark.parametrize("kind", ["entropy", "density"])
def test_other_logarithms_of_a_deviation(kind: str) -> None:
    def loss(code: Tensor) -> Tensor:
        normal: Any = torch.distributions.Normal(code[:, :4], code[:, 4:].exp())
        result: Tensor = -normal.entropy().mean() if kind == "entropy" else -normal.log_prob(torch.zeros(4)).mean()
        return result

    assert codes(lambda: train(nn.Linear(6, 8), loss, lambda: torch.randn(16, 6))) == []


@pytest.mark.parametrize(
    ("evaluates", "reads", "expected"),
    [(False, "labels", ["LR205"]), (True, "labels", []), (False, "nothing", []), (False, "moved", [])],
)
@pytest.mark.parametrize("batches", [3, 12])
def test_labels_that_are_collected_beside_predictions(
    evaluates: bool, reads: str, expected: list[str], batches: int
) -> None:
    def program() -> None:
        x = torch.randn(240, 4)
        known = TensorDataset(x, (x[:, 0] > 0).long())
        held = TensorDataset(x[: 10 * batches] + 1, torch.zeros(10 * batches).long())
        net = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.2), nn.Linear(8, 2))
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        for a, b in DataLoader(known, batch_size=12, shuffle=True):
            optimizer.zero_grad()
            torch.autograd.backward(nn.functional.cross_entropy(net(a), b))
            optimizer.step()
        net.train(not evaluates)
        found: list[int] = []
        wanted: list[int] = []
        with torch.no_grad():
            for a, b in DataLoader(held, batch_size=10):
                found += net(a).argmax(1).tolist()
                if reads == "labels":
                    wanted += b.tolist()
                elif reads == "moved":
                    b = b.to("cpu")  # noqa: PLW2901  # as programs do

    assert codes(program) == expected


def test_a_state_that_is_written_later() -> None:
    def program(*, late: bool, early: bool) -> None:
        net, written = nn.Linear(4, 1), io.BytesIO()
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        kept: dict[str, Any] = {"model": net.state_dict()} if early else {}
        for step in range(8):
            x = torch.randn(16, 4)
            optimizer.zero_grad()
            torch.autograd.backward(nn.functional.mse_loss(net(x), x[:, :1]))
            optimizer.step()
            if step == 4 and not early:
                kept = {"model": net.state_dict()}
                if not late:
                    torch.save(kept, written)
        if late or early:
            torch.save(kept, written)

    assert codes(lambda: program(late=True, early=False)) == ["LR322"]
    assert codes(lambda: program(late=False, early=False)) == []
    assert codes(lambda: program(late=False, early=True)) == []  # it may be there to follow the model


def test_a_momentum_that_became_another_number() -> None:
    def program(norm: nn.Module, slope: nn.Module) -> None:
        net = nn.Sequential(nn.Linear(4, 8), norm, slope, nn.Linear(8, 2))
        train(net, lambda scores: nn.functional.cross_entropy(scores, torch.arange(16) % 2), lambda: torch.randn(16, 4))

    assert codes(lambda: program(nn.BatchNorm1d(8, 0.9), nn.LeakyReLU(True))) == ["LR426", "LR426"]
    assert codes(lambda: program(nn.BatchNorm1d(8, momentum=0.9), nn.LeakyReLU(0.1, True))) == []
    assert codes(lambda: program(nn.BatchNorm1d(8, eps=0.9), nn.ReLU(True))) == []  # named: it is meant


class Shaken(Dataset[tuple[Tensor, Tensor]]):
    """Samples that get some noise, where they are asked to."""

    def __init__(self, size: int, *, noisy: bool) -> None:
        self.x, self.noisy = torch.randn(size, 4), noisy
        self.y = (self.x[:, 0] > 0).long()

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        x = self.x[index]
        return x + 0.1 * torch.randn_like(x) if self.noisy else x, self.y[index]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("split", ["LR524"]), ("both", ["LR505"]), ("known", []), ("none", []), ("repeated", []), ("followed", [])],
)
@pytest.mark.parametrize("epochs", [4, 7])
def test_samples_that_change_between_evaluations(kind: str, expected: list[str], epochs: int) -> None:
    def program() -> None:
        net = nn.Linear(4, 2)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        known: Dataset[Any] = Shaken(120, noisy=kind != "none")
        held: Dataset[Any] = Shaken(60, noisy=kind in ("both", "repeated"))
        if kind == "split":
            known, held = random_split(known, [80, 40])
        loaders = DataLoader(known, batch_size=10, shuffle=kind != "followed"), DataLoader(held, batch_size=20)
        for epoch in range(epochs):
            for x, y in loaders[0]:
                optimizer.zero_grad()
                torch.autograd.backward(nn.functional.cross_entropy(net(x), y))
                optimizer.step()
            for _ in range(
                3 if kind == "repeated" and epoch == epochs - 1 else kind != "repeated"
            ):  # averaged at the end
                with torch.no_grad():
                    print(sum((net(x).argmax(1) == y).sum() for x, y in loaders[1]))

    assert codes(program) == expected


class Remembers(nn.Module):
    """Goes on with the states of the last batch, which an object of its own holds."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn, self.out = nn.GRU(4, 8, batch_first=True), nn.Linear(8, 1)
        self.memory: dict[str, Tensor] = {}

    def forward(self, x: Tensor) -> Tensor:
        states, last = self.rnn(x, self.memory.get("last"))
        self.memory = {"last": last.detach()}
        result: Tensor = self.out(states[:, -1])
        return result


def test_streams_that_go_on() -> None:
    assert (
        codes(lambda: train(Remembers(), lambda given: (given - 1).square().mean(), lambda: torch.randn(12, 5, 4)))
        == []
    )


@pytest.mark.parametrize(
    ("second", "expected"),
    [("a second name", ["LR322"]), ("a copy", []), ("one of several", []), ("the same name", []), ("once", [])],
)
def test_a_target_network_that_is_the_network(second: str, expected: list[str]) -> None:
    def program() -> None:
        net = nn.Linear(4, 1)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
        targets = [copy.deepcopy(net) if second == "a copy" else net]
        if second == "one of several":
            targets.append(copy.deepcopy(net))
        for step in range(12):
            x = torch.randn(16, 4)
            optimizer.zero_grad()
            torch.autograd.backward(nn.functional.mse_loss(net(x), x[:, :1]))
            optimizer.step()
            for target in targets:
                if second == "the same name":
                    net.load_state_dict(net.state_dict())
                elif step % 4 == 3 and (second != "once" or step == 3):
                    target.load_state_dict(net.state_dict())

    assert codes(program) == expected
