"""In steady state a watched step asks the device for nothing that the bare step does not ask for."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402
from torch.overrides import TorchFunctionMode  # noqa: E402
from torch.utils._python_dispatch import TorchDispatchMode  # noqa: E402
from torch.utils.data import DataLoader, TensorDataset  # noqa: E402

from lrcheck.runtime import watch  # noqa: E402

TRACED, STEADY = 40, 16  # steps up to number 33 are sampled, then the one numbered 65
WAITING = ("item", "tolist", "cpu", "numpy", "nonzero", "__bool__", "__float__", "__int__", "__len__")


class Operations(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch is not typed there
    """Counts what reaches the device: `aten::_local_scalar_dense`, copies, and everything else."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # same
        self.seen: Counter[str] = Counter()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.seen[str(func)] += 1
        return func(*args, **(kwargs or {}))


class Calls(TorchFunctionMode):
    """Counts calls that wait for values."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: Counter[str] = Counter()

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = getattr(func, "__name__", "")
        if name in WAITING:
            self.seen[name] += 1
        return func(*args, **(kwargs or {}))


def counted(*, watched: bool, number: int = STEADY) -> tuple[Counter[str], Counter[str], list[str]]:
    """What some steady-state steps do; the findings of the watch, where there is one."""
    torch.manual_seed(0)
    x = torch.randn(256, 8)
    loader = DataLoader(TensorDataset(x, x[:, :3].argmax(1)), batch_size=16)
    net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Dropout(0.1), nn.Linear(16, 3))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 10_000)
    operations, calls = Operations(), Calls()

    def steps(number: int) -> None:
        total, done = 0.0, 0
        while done < number:
            for samples, labels in loader:
                optimizer.zero_grad()
                loss = nn.functional.cross_entropy(net(samples), labels)
                torch.autograd.backward(loss)
                nn.utils.clip_grad_norm_(net.parameters(), 1.0)
                optimizer.step()
                scheduler.step()
                total += loss.item()
                done += 1
                if done == number:
                    break

    observer = watch(on_finding=lambda _: None)
    if watched:
        observer.start()
    steps(TRACED)
    with operations, calls:
        steps(number)
    observer.stop()
    return operations.seen, calls.seen, [each.code for each in observer.diagnostics]


def test_a_watched_step_makes_the_same_operations_as_a_bare_one() -> None:
    bare, waiting, _ = counted(watched=False)
    seen, waited, findings = counted(watched=True)
    assert findings == []
    assert bare["aten._local_scalar_dense.default"] >= STEADY  # `loss.item()` of the program is counted
    assert seen == bare
    assert waited == waiting


def test_a_sampled_step_is_told_apart() -> None:
    """The comparison would notice a step that is looked at."""
    assert counted(watched=True, number=40)[0] != counted(watched=False, number=40)[0]
