# torch leaves `backward` and `compile` untyped:
# mypy: disable-error-code="no-untyped-call, untyped-decorator"
"""Where training is not plain, a watched run still gives the very bits of a bare one, and no false alarm."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

torch = pytest.importorskip("torch")

import torch.nn.functional as F  # noqa: E402, N812
from torch import nn  # noqa: E402
from torch.utils.data import DataLoader, Dataset, TensorDataset  # noqa: E402

from lrcheck.runtime import watch  # noqa: E402
from lrcheck.runtime.watching import active  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OPTIMIZERS = sys.modules[torch.optim.Optimizer.__module__]
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


class Drawn(Dataset[Any]):
    """Samples that are made in the process that loads them, with noise from its own generator."""

    def __len__(self) -> int:
        return 128

    def __getitem__(self, index: int) -> tuple[Any, int]:
        x = torch.randn(8, generator=torch.Generator().manual_seed(index))
        return x + 0.01 * torch.randn(8), int(x[:3].argmax())


def samples(number: int = 256) -> TensorDataset:
    x = torch.randn(number, 8, generator=torch.Generator().manual_seed(1))
    return TensorDataset(x, x[:, :3].argmax(dim=1))


def model() -> nn.Module:
    hidden = [nn.Linear(8, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.2)]
    return nn.Sequential(*hidden, nn.Linear(16, 3))


# -- surroundings: each trains a model and gives it back --------------------------------------------------------------------
def plain_loop(
    net: nn.Module, data: Dataset[Any] | None = None, *, softmax: bool = False, workers: int = 0
) -> nn.Module:
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    for _ in range(2):
        for x, y in DataLoader(data or samples(), batch_size=16, shuffle=True, num_workers=workers):
            optimizer.zero_grad()
            scores = net(x)
            F.cross_entropy(scores.softmax(dim=1) if softmax else scores, y.to(scores.device)).backward()
            optimizer.step()
    return net


def compiled() -> nn.Module:
    return plain_loop(torch.compile(model(), backend="eager"))


def compiled_in_place() -> nn.Module:
    net = model()
    net.compile(backend="eager")
    return plain_loop(net)


def compiled_function() -> nn.Module:
    net = model()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05)

    @torch.compile(backend="eager")
    def loss_of(x: Any, y: Any) -> Any:
        return F.cross_entropy(net(x), y)

    for x, y in DataLoader(samples(), batch_size=16):
        optimizer.zero_grad()
        loss_of(x, y).backward()
        optimizer.step()
    return net


def data_parallel() -> nn.Module:
    return plain_loop(nn.DataParallel(model().to(DEVICE)))  # it spreads over GPUs where there are some


def lbfgs() -> nn.Module:
    net = nn.Linear(8, 3)
    optimizer = torch.optim.LBFGS(net.parameters(), max_iter=4, line_search_fn="strong_wolfe")
    x, y = samples(64).tensors

    def closure() -> Any:
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        return loss

    for _ in range(6):
        optimizer.step(closure)
    return net


def scaled(*, enabled: bool) -> nn.Module:
    net, scaler = model(), torch.amp.GradScaler("cpu", enabled=enabled)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
    for x, y in DataLoader(samples(), batch_size=16):
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16):
            loss = F.cross_entropy(net(x), y)
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        scaler.step(optimizer)
        scaler.update()
    return net


def scaler_switched_off() -> nn.Module:
    return scaled(enabled=False)


def scaler_switched_on() -> nn.Module:
    return scaled(enabled=True)


def accumulated() -> nn.Module:
    net = model()
    optimizer = torch.optim.AdamW(net.parameters(), lr=0.01)
    for number, (x, y) in enumerate(DataLoader(samples(), batch_size=8), start=1):
        (F.cross_entropy(net(x), y) / 4).backward()
        if number % 4 == 0:
            optimizer.step()
            optimizer.zero_grad()
    return net


def shared_parameters() -> nn.Module:
    net = nn.Sequential(nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 3))
    net[2].weight = net[0].weight
    return plain_loop(net)


def workers() -> nn.Module:
    return plain_loop(model(), Drawn(), workers=2)


def another_thread() -> nn.Module:
    return in_threads(1)[0]


def two_threads() -> nn.Module:
    return nn.ModuleList(in_threads(2))


SURROUNDINGS = [
    compiled, compiled_in_place, compiled_function, data_parallel, lbfgs, scaler_switched_off, scaler_switched_on, accumulated,
    shared_parameters, workers, another_thread, two_threads,
]  # fmt: skip


def in_threads(number: int) -> list[nn.Module]:
    """Models that are trained at the same time, in threads of their own; none draws from the common generator."""
    nets: list[nn.Module] = [nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3)) for _ in range(number)]
    threads = [threading.Thread(target=by_hand, args=(net,)) for net in nets]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-3)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.setswitchinterval(interval)
    return nets


def by_hand(net: nn.Module, *, softmax: bool = False) -> None:
    x, y = samples().tensors
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
    for number in range(120):
        chosen = slice(number % 8 * 32, number % 8 * 32 + 32)
        optimizer.zero_grad()
        scores = net(x[chosen])
        F.cross_entropy(scores.softmax(dim=1) if softmax else scores, y[chosen]).backward()
        optimizer.step()


def trained(run: Callable[[], nn.Module]) -> tuple[list[Any], Any]:
    """Every number that a run leaves behind, and the state of the generator."""
    torch.manual_seed(0)
    torch.compiler.reset()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        net = run()
    return [each.clone() for each in net.state_dict().values()], torch.get_rng_state()


@pytest.mark.parametrize("every", [None, 1])
@pytest.mark.parametrize("run", SURROUNDINGS, ids=lambda run: run.__name__)
def test_same_bits_and_nothing_to_say(
    run: Callable[[], nn.Module], every: int | None, capsys: pytest.CaptureFixture[str]
) -> None:
    bare, state = trained(run)
    with watch(every=every, on_finding=lambda _: None) as watched:
        seen, after = trained(run)
    assert watched.steps > 0
    assert [each.code for each in watched.diagnostics] == []
    assert [torch.equal(*pair) for pair in zip(bare, seen, strict=True)] == [True] * len(bare)
    assert torch.equal(state, after)
    remark = "lrcheck: inside `torch.compile` only inputs and outputs are seen"
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("lrcheck")]
    assert said == ([remark] if run.__name__.startswith("compiled") else [])


# -- what is still seen there -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "wrapper", [lambda net: nn.DataParallel(net.to(DEVICE)), lambda net: torch.compile(net, backend="eager")]
)
def test_mistakes_outside_of_a_wrapped_model_are_seen(wrapper: Any) -> None:
    torch.compiler.reset()
    with watch(on_finding=lambda _: None) as watched:
        plain_loop(wrapper(model()), softmax=True)
    assert [each.code for each in watched.diagnostics] == ["LR102"]


def test_the_thread_that_trains_is_observed() -> None:
    with watch(on_finding=lambda _: None) as watched:
        thread = threading.Thread(target=by_hand, args=(nn.Linear(8, 3),), kwargs={"softmax": True})
        thread.start()
        thread.join()
    assert [each.code for each in watched.diagnostics] == ["LR102"]
    assert watched.steps == 120


def test_a_model_that_answers_in_another_thread_is_no_evaluation() -> None:
    """A server, or a progress page, beside the training."""
    served, over = nn.Sequential(nn.Linear(8, 3), nn.Dropout()), threading.Event()

    def serve() -> None:
        while not over.wait(0.001):
            served(torch.zeros(4, 8)).argmax(dim=1).tolist()

    with watch(every=1, on_finding=lambda _: None) as watched:
        thread = threading.Thread(target=serve)
        thread.start()
        plain_loop(model())
        over.set()
        thread.join()
    assert [each.code for each in watched.diagnostics] == []


BESIDE = """
    import sys, threading, torch, lrcheck
    import torch.nn.functional as F
    from torch import nn

    def train(net):
        optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
        x, y = torch.randn(8, 8), torch.randint(0, 3, (8,))
        for _ in range(40):
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()

    torch.set_num_threads(1)
    sys.setswitchinterval(1e-5)
    for number in range(16):
        nets = [nn.Sequential(*[nn.Linear(8, 8) for _ in range(12)], nn.Linear(8, 3)) for _ in range(3)]
        with lrcheck.watch(on_finding=lambda report: print(report.text())) as watched:
            threads = [threading.Thread(target=train, args=(net,)) for net in nets]
            [each.start() for each in threads]
            [each.join() for each in threads]
        assert watched.steps == 40, watched.steps
"""


def test_gradients_of_other_threads_are_left_alone(tmp_path: Path) -> None:
    """Autograd writes them without Python's lock: who reads them meanwhile crashes the process."""
    script = tmp_path / "beside.py"
    script.write_text(textwrap.dedent(BESIDE))
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


# -- notebooks ----------------------------------------------------------------------------------------------------------------
CELL = """
watched = watch(on_finding=found.append).start()
plain_loop(model(), softmax=True)
"""


def test_a_cell_that_is_run_again_starts_anew() -> None:
    before = hooks()
    space: dict[str, Any] = {"watch": watch, "found": [], "plain_loop": plain_loop, "model": model}
    for _ in range(3):
        exec(compile(CELL, "<cell>", "exec"), space)  # noqa: S102  # as a notebook does
        assert [each.code for each in space["watched"].diagnostics] == ["LR102"]
        assert hooks() == before + 1
    space["watched"].stop()
    assert (hooks(), active(), len(space["found"])) == (before, False, 3)


def test_one_watch_behind_another() -> None:
    before = hooks()
    for _ in range(3):
        with watch(on_finding=lambda _: None) as watched:
            plain_loop(model(), softmax=True)
        assert [each.code for each in watched.diagnostics] == ["LR102"]
    assert hooks() == before


def hooks() -> int:
    return len(OPTIMIZERS._global_optimizer_pre_hooks)


# -- two processes ------------------------------------------------------------------------------------------------------------
RANKS = """
    import os, sys, torch, lrcheck
    import torch.distributed as dist, torch.multiprocessing as mp
    from torch import nn
    import torch.nn.functional as F
    from torch.nn.parallel import DistributedDataParallel as DDP

    def train(rank, softmax):
        torch.manual_seed(0)
        net = DDP(nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Dropout(0.1), nn.Linear(16, 3)))
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        torch.manual_seed(rank + 1)
        for _ in range(8):
            x = torch.randn(16, 8)
            optimizer.zero_grad()
            scores = net(x)
            F.cross_entropy(scores.softmax(1) if softmax else scores, x[:, :3].argmax(1)).backward()
            optimizer.step()
        return torch.cat([each.detach().flatten() for each in net.parameters()])

    def work(rank, port):
        torch.set_num_threads(1)
        dist.init_process_group("gloo", init_method=f"tcp://127.0.0.1:{port}", rank=rank, world_size=2)
        bare = train(rank, True)
        with lrcheck.watch(on_finding=lambda r: print(f"FOUND {rank} {r.diagnostic.code}\\n", end="", flush=True)):
            seen = train(rank, True)
        print(f"SAME {rank} {torch.equal(bare, seen)}\\n", end="", flush=True)
        dist.barrier()
        dist.destroy_process_group()
        os._exit(0)  # threads of the backend may still end: an orderly exit sometimes aborts on a busy machine

    if __name__ == "__main__":
        mp.spawn(work, (sys.argv[1],), nprocs=2)
"""


def test_two_ranks_report_once_and_keep_their_bits(tmp_path: Path) -> None:
    script = tmp_path / "ranks.py"
    script.write_text(textwrap.dedent(RANKS))
    port = str(40_000 + os.getpid() % 20_000)
    done = subprocess.run([sys.executable, str(script), port], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    said = sorted(line for line in done.stdout.splitlines() if line.startswith(("FOUND", "SAME")))
    assert said == ["FOUND 0 LR102", "SAME 0 True", "SAME 1 True"]
