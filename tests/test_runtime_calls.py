# torch leaves `backward` and `compile` untyped:
# mypy: disable-error-code="no-untyped-call, untyped-decorator"
"""Models are followed by their classes: what else looks at a class, or changes it, goes on as before."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

torch = pytest.importorskip("torch")
testing = pytest.importorskip("torch._dynamo.testing")

import torch.nn.functional as F  # noqa: E402, N812
from torch import nn  # noqa: E402
from torch.utils.data import DataLoader, TensorDataset  # noqa: E402

from lrcheck.runtime import watch  # noqa: E402
from lrcheck.runtime.models import calls  # noqa: E402

LATE = 80  # here: the steps after which a run counts as long
pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "LATE", LATE)


class Plain(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.5), nn.Linear(8, 3))

    def forward(self, x: Any) -> Any:
        return self.body(x)


class Inheriting(Plain):
    pass


class Counting(Plain):
    """Has a `__call__` of its own."""

    calls = 0

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.calls += 1
        return super().__call__(*args, **kwargs)


class Below(Counting):
    pass


def loader(samples: int = 64) -> DataLoader[Any]:
    x = torch.randn(samples, 8, generator=torch.Generator().manual_seed(1))
    return DataLoader(TensorDataset(x, x[:, :3].argmax(dim=1)), batch_size=8)


def train(net: nn.Module, steps: int, data: DataLoader[Any] | None = None) -> None:
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
    done = 0
    while done < steps:
        for x, y in data or loader():
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
            done += 1


@torch.no_grad()
def accuracy(net: nn.Module, data: DataLoader[Any]) -> float:
    hits = sum(int((net(x).argmax(dim=1) == y).sum()) for x, y in data)
    return hits / len(data.dataset)  # type: ignore[arg-type]  # it has a length


@pytest.mark.parametrize("kind", [Plain, Inheriting, Counting, Below])
def test_classes_get_their_own_call_back(kind: type[Plain]) -> None:
    before = [vars(each).get("__call__") for each in kind.__mro__]
    net = kind()
    with watch(on_finding=lambda _: None):
        train(net, 40)
    assert [vars(each).get("__call__") for each in kind.__mro__] == before
    assert getattr(net, "calls", 40) == 40


@pytest.mark.parametrize("kind", [Plain, Inheriting, Counting, Below])
def test_an_evaluation_in_training_mode_is_seen_whoever_defines_the_call(kind: type[Plain]) -> None:
    net, test = kind(), loader()
    with watch(on_finding=lambda _: None) as watched:
        for _ in range(3):
            train(net, 40)
            accuracy(net, test)
    assert [each.code for each in watched.diagnostics] == ["LR205"]


def test_a_copy_is_another_model() -> None:
    net = Plain()
    with watch(on_finding=lambda _: None) as watched:
        train(net, 40)
        shadow = copy.deepcopy(net)
        for _ in range(20):
            shadow(torch.randn(4, 8))
        train(net, 40)
    assert [each.code for each in watched.diagnostics] == []


def test_a_followed_model_is_compiled_traced_and_scripted() -> None:
    """Without a break in the graph, and without compiling anew for each step."""
    torch.compiler.reset()
    net, data = nn.Sequential(nn.Linear(8, 8), nn.Sequential(nn.ReLU(), nn.Linear(8, 3))), loader()
    counter = testing.CompileCounter()

    @torch.compile(backend=counter, fullgraph=True)
    def scores(x: Any) -> Any:
        return net(x) * 2

    with watch(on_finding=lambda _: None) as watched:
        train(net, 40, data)
        for x, _ in data:
            assert torch.equal(scores(x), net(x) * 2)
        x = next(iter(data))[0]
        graph = torch.fx.symbolic_trace(nn.Sequential(net, nn.Softmax(dim=1)))
        assert torch.allclose(graph(x), net(x).softmax(dim=1))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            assert torch.equal(torch.jit.trace(net, x)(x), net(x))
        train(net, 40, data)
    assert counter.frame_count == 1
    assert [each.code for each in watched.diagnostics] == []


def by_function(net: nn.Module, backend: Any) -> Any:
    return torch.compile(lambda x, y: F.cross_entropy(net(x), y), backend=backend, fullgraph=True)


def by_model(net: nn.Module, backend: Any) -> Any:
    compiled = torch.compile(net, backend=backend, fullgraph=True)
    return lambda x, y: F.cross_entropy(compiled(x), y)


def in_place(net: nn.Module, backend: Any) -> Any:
    net.compile(backend=backend, fullgraph=True)
    return lambda x, y: F.cross_entropy(net(x), y)


@pytest.mark.parametrize("compiled", [by_function, by_model, in_place])
def test_what_was_compiled_before_the_watch_is_not_compiled_again(
    compiled: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.compiler.reset()
    net, counter = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 3)), testing.CompileCounter()
    loss_of, switch = compiled(net, counter), torch._dynamo.eval_frame._maybe_set_eval_frame
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
    with watch(on_finding=lambda _: None) as watched:
        for _ in range(5):
            for x, y in loader():
                optimizer.zero_grad()
                loss_of(x, y).backward()
                optimizer.step()
    assert torch._dynamo.eval_frame._maybe_set_eval_frame is switch
    assert (counter.frame_count, watched.steps) == (1, 40)
    assert [each.code for each in watched.diagnostics] == []
    assert capsys.readouterr().err == "lrcheck: inside `torch.compile` only inputs and outputs are seen\n"


# -- long runs ----------------------------------------------------------------------------------------------------------------
@pytest.mark.usefixtures("soon")
def test_the_first_evaluation_of_a_long_run_is_seen() -> None:
    """Long after the calls of training steps are looked at: by a loader, by the end of a loader, by a change of mode."""
    for evaluate in (_by_loader, _by_tensors):
        net = Plain()
        with watch(on_finding=lambda _: None) as watched:
            train(net, LATE + 200, loader(samples=1024))
            evaluate(net)
            train(net, 50)
        assert [each.code for each in watched.diagnostics] == ["LR205"], evaluate


@pytest.mark.usefixtures("soon")
def test_calls_of_training_steps_rest_in_a_long_run() -> None:
    net, data = Plain(), loader(samples=1024)
    with watch(on_finding=lambda _: None) as watched:
        train(net, LATE + 100, data)
        seen = []
        optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
        for x, y in data:
            optimizer.zero_grad()
            seen.append("__call__" in vars(Plain))
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
    assert seen[0]
    assert sum(seen) < len(seen) / 8  # and around traced steps
    assert [each.code for each in watched.diagnostics] == []


def _by_loader(net: nn.Module) -> None:
    for _ in range(3):
        accuracy(net, loader())


def _by_tensors(net: nn.Module) -> None:
    x, y = loader().dataset.tensors  # type: ignore[attr-defined]  # of a tensor data set
    with torch.no_grad():
        for part, labels in zip(x.split(16), y.split(16), strict=True):
            print("correct", int((net(part).argmax(dim=1) == labels).sum()))
