# torch leaves `backward` untyped:
# mypy: disable-error-code="no-untyped-call"
"""The watch itself: it changes nothing, leaves nothing behind, and works where training is not plain."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import textwrap
import warnings
import weakref
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

import torch.nn.functional as F  # noqa: E402, N812
from torch import nn  # noqa: E402
from torch.utils.data import DataLoader, TensorDataset  # noqa: E402

import lrcheck  # noqa: E402
from lrcheck.runtime import LrcheckError, LrcheckWarning, watch  # noqa: E402
from lrcheck.runtime.schedule import growing, schedule  # noqa: E402


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(8, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.2))
        self.head = nn.Linear(16, 3)

    def forward(self, x: Any) -> Any:
        return self.head(self.body(x))


def data(samples: int = 256) -> TensorDataset:
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(samples, 8, generator=generator)
    return TensorDataset(x, x[:, :3].argmax(dim=1))


def train(*, epochs: int = 3, workers: int = 0, softmax: bool = False, optimizer: str = "sgd") -> nn.Module:
    torch.manual_seed(0)
    net = Net()
    kind = {"sgd": torch.optim.SGD, "adam": torch.optim.AdamW}[optimizer]
    chosen = kind(net.parameters(), lr=0.05)
    loader = DataLoader(data(), batch_size=16, shuffle=True, num_workers=workers)
    for _ in range(epochs):
        net.train()
        for x, y in loader:
            chosen.zero_grad()
            out = net(x)
            loss = F.cross_entropy(torch.softmax(out, dim=1) if softmax else out, y)
            loss.backward()
            chosen.step()
        net.eval()
        with torch.no_grad():
            sum((net(x).argmax(dim=1) == y).sum().item() for x, y in loader)
    return net


def codes(watched: watch) -> list[str]:
    return [each.code for each in watched.diagnostics]


def quiet(**options: Any) -> watch:
    return watch(on_finding=lambda _: None, **options)


# -- it changes nothing -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_watched_run_gives_the_same_bits(optimizer: str) -> None:
    bare = train(optimizer=optimizer)
    state = torch.get_rng_state()
    with quiet(every=1) as watched:
        seen = train(optimizer=optimizer)
    assert watched.steps == 48
    assert codes(watched) == []
    assert torch.equal(torch.get_rng_state(), state)
    for one, other in zip(bare.state_dict().values(), seen.state_dict().values(), strict=True):
        assert torch.equal(one, other)


def test_nothing_is_left_behind() -> None:
    before = snapshot()
    with quiet():
        net = train(epochs=1)
    assert snapshot() == before
    assert not any(part._forward_pre_hooks or part._forward_hooks for part in net.modules())
    assert not torch.overrides._get_current_function_mode_stack()


def test_nothing_is_left_behind_an_exception() -> None:
    before = snapshot()
    with pytest.raises(ZeroDivisionError), quiet():
        1 / 0  # noqa: B018
    assert snapshot() == before


def snapshot() -> list[Any]:
    optim = sys.modules[torch.optim.Optimizer.__module__]
    return [
        torch.autograd.backward, nn.Module.__call__, nn.Module.__init__, optim.Optimizer.zero_grad, torch.compile,
        torch.nn.utils.clip_grad_norm_, torch.amp.GradScaler.step, len(optim._global_optimizer_pre_hooks),
        len(optim._global_optimizer_post_hooks), "__call__" in vars(nn.Module),
    ]  # fmt: skip


def test_no_tensor_is_kept() -> None:
    with quiet(every=1):
        net, optimizer = Net(), None
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        x, y = torch.randn(16, 8), torch.randint(0, 3, (16,))
        out = net(x)
        loss = F.cross_entropy(out, y)
        loss.backward()
        optimizer.step()
        references = [weakref.ref(each) for each in (x, y, out, loss)]
        del x, y, out, loss
        gc.collect()
        assert [reference() for reference in references] == [None] * 4


def test_modes_of_the_program_are_not_disturbed() -> None:
    with quiet(every=lambda step: step % 2 == 0), torch.device("meta"):
        net = nn.Linear(2, 2)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        for _ in range(5):
            optimizer.zero_grad()
            net(torch.randn(3, 2)).sum().backward()
            optimizer.step()
        assert torch.randn(2).is_meta
    assert not torch.randn(2).is_meta


# -- how it is used -----------------------------------------------------------------------------------------------------------
def test_warns_with_the_text_of_the_linter() -> None:
    with (
        pytest.warns(LrcheckWarning, match="LR102 softmax-before-cross-entropy: softmax is applied twice") as caught,
        watch(),
    ):
        train(epochs=1, softmax=True)
    assert len(caught) == 1
    assert "= note: the loss of a sample cannot fall below" in str(caught[0].message)
    assert "step 1: input float[16, 3] on cpu, probabilities" in str(caught[0].message)


def test_raises() -> None:
    with pytest.raises(LrcheckError, match="LR102") as caught, watch(on_finding="raise"):
        train(epochs=1, softmax=True)
    assert caught.value.code == "LR102"
    assert caught.value.diagnostic is not None


def test_ignores_by_code_prefix_and_name() -> None:
    for ignored in ("LR102", "LR1", "softmax-before-cross-entropy"):
        with quiet(ignore=(ignored,)) as watched:
            train(epochs=1, softmax=True)
        assert codes(watched) == []


def test_decorates_and_starts_and_stops() -> None:
    found: list[Any] = []

    @lrcheck.watch(on_finding=found.append)
    def run() -> nn.Module:
        return train(epochs=1, softmax=True)

    assert isinstance(run(), Net)
    watched = quiet().start()
    train(epochs=1, softmax=True)
    watched.stop()
    watched.stop()
    assert [each.diagnostic.code for each in found] == codes(watched) == ["LR102"]
    assert found[0].count > 1


def test_an_inner_watch_joins() -> None:
    with quiet() as outer, quiet() as inner:
        train(epochs=1, softmax=True)
    assert codes(outer) == ["LR102"]
    assert codes(inner) == []


def test_wrong_option() -> None:
    with pytest.raises(ValueError, match="on_finding"):
        watch(on_finding="shout")  # type: ignore[arg-type]


def test_suppressed_on_the_line() -> None:
    with quiet() as watched:
        net, x, y = nn.Linear(4, 3), torch.randn(8, 4), torch.randint(0, 3, (8,))
        F.cross_entropy(torch.softmax(net(x), 1), y).backward()  # lrcheck: ignore[softmax-before-cross-entropy]
    assert codes(watched) == []


def test_schedule() -> None:
    assert [step for step in range(70) if growing(step)] == [0, 1, 2, 3, 5, 9, 17, 33, 65]
    assert [step for step in range(10_000) if growing(step)][-2:] == [8193, 9217]
    assert [step for step in range(9) if schedule(4)(step)] == [0, 4, 8]
    assert schedule(lambda step: step == 2)(2)


# -- training that is not plain -------------------------------------------------------------------------------------------------
def test_workers_are_not_observed() -> None:
    with quiet() as watched:
        train(epochs=1, workers=2)
    assert codes(watched) == []


def test_accumulation_is_no_missing_zero_grad() -> None:
    with quiet() as watched:
        net = Net()
        optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
        for step, (x, y) in enumerate(DataLoader(data(), batch_size=8)):
            (F.cross_entropy(net(x), y) / 4).backward()
            if (step + 1) % 4 == 0:
                optimizer.step()
                optimizer.zero_grad()
    assert codes(watched) == []


def test_closures() -> None:
    with quiet() as watched:
        net = nn.Linear(8, 3)
        optimizer = torch.optim.LBFGS(net.parameters(), max_iter=4)
        x, y = data(64).tensors

        def closure() -> Any:
            optimizer.zero_grad()
            loss = F.cross_entropy(net(x), y)
            loss.backward()
            return loss

        for _ in range(8):
            optimizer.step(closure)
    assert codes(watched) == []


def test_two_networks_and_two_optimizers() -> None:
    with quiet() as watched:
        maker, judge = nn.Linear(4, 8), nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Dropout(0.1), nn.Linear(16, 1))
        first, second = torch.optim.Adam(maker.parameters()), torch.optim.Adam(judge.parameters())
        for (x,) in DataLoader(TensorDataset(data().tensors[0]), batch_size=8):
            with torch.no_grad():
                fake = maker(torch.randn(8, 4))
            second.zero_grad()
            real_loss = F.binary_cross_entropy_with_logits(judge(x), torch.ones(8, 1))
            fake_loss = F.binary_cross_entropy_with_logits(judge(fake), torch.zeros(8, 1))
            (real_loss + fake_loss).backward()
            second.step()
            first.zero_grad()
            F.binary_cross_entropy_with_logits(judge(maker(torch.randn(8, 4))), torch.ones(8, 1)).backward()
            first.step()
    assert codes(watched) == []


def test_autocast_and_scaler() -> None:
    with quiet() as watched:
        net, scaler = Net(), torch.amp.GradScaler("cpu")
        optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
        for x, y in DataLoader(data(), batch_size=16):
            optimizer.zero_grad()
            with torch.autocast("cpu", torch.bfloat16):
                loss = F.cross_entropy(torch.softmax(net(x), dim=1), y)
            scaler.scale(loss).backward()
            scaler.unscale_(optimizer)
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            scaler.step(optimizer)
            scaler.update()
    assert codes(watched) == ["LR102"]


def test_checkpointing() -> None:
    from torch.utils.checkpoint import checkpoint

    with quiet() as watched:
        net = Net()
        optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
        for x, y in DataLoader(data(), batch_size=16):
            optimizer.zero_grad()
            hidden = checkpoint(net.body, x, use_reentrant=False)
            F.cross_entropy(net.head(hidden), y).backward()
            optimizer.step()
    assert codes(watched) == []


def test_compiled_model_says_once_what_is_not_seen(capsys: pytest.CaptureFixture[str]) -> None:
    with quiet() as watched:
        net = torch.compile(Net(), backend="eager")
        optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
        for x, y in DataLoader(data(), batch_size=16):
            optimizer.zero_grad()
            F.cross_entropy(net(x), y.unsqueeze(1).float().squeeze(1).long()).backward()
            optimizer.step()
    assert codes(watched) == []
    assert capsys.readouterr().err.count("inside `torch.compile` only inputs and outputs are seen") == 1


def test_missing_zero_grad_hidden_in_a_helper() -> None:
    with quiet() as watched:
        net = nn.Linear(8, 3)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
        for x, y in DataLoader(data(), batch_size=16):
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
    assert codes(watched) == ["LR301"]


DDP = """
import os, sys, torch, lrcheck
import torch.distributed as dist, torch.multiprocessing as mp
from torch import nn
import torch.nn.functional as F
from torch.nn.parallel import DistributedDataParallel as DDP

def work(rank, bypass, port):
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"tcp://127.0.0.1:{port}", rank=rank, world_size=2)
    torch.manual_seed(0)
    net = DDP(nn.Linear(8, 3)) if False else None
    with lrcheck.watch(on_finding=lambda r: print("FOUND", rank, r.diagnostic.code, flush=True)):
        net = DDP(nn.Linear(8, 3))
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        torch.manual_seed(rank + 1)
        for _ in range(8):
            x, y = torch.randn(16, 8), torch.randint(0, 3, (16,))
            optimizer.zero_grad()
            F.cross_entropy((net.module if bypass else net)(x), y).backward()
            optimizer.step()
            dist.barrier()
    dist.destroy_process_group()
    sys.stdout.flush()
    os._exit(0)  # threads of the backend may still end: an orderly exit sometimes aborts on a busy machine

if __name__ == "__main__":
    mp.spawn(work, (sys.argv[1] == "bypass", sys.argv[2]), nprocs=2)
"""


@pytest.mark.parametrize(("mode", "expected"), [("bypass", ["FOUND 0 LR714"]), ("wrapper", [])])
def test_two_processes(tmp_path: Path, mode: str, expected: list[str]) -> None:
    script = tmp_path / "ddp.py"
    script.write_text(textwrap.dedent(DDP))
    port = str(20_000 + os.getpid() % 20_000 + (mode == "bypass"))
    done = subprocess.run(
        [sys.executable, str(script), mode, port], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stdout.splitlines() if line.startswith("FOUND")] == expected


class Metric(nn.Module):
    """Hashes by what its own constructor has not made yet, as those of torchmetrics do."""

    def __init__(self) -> None:
        super().__init__()
        self.defaults = (1, 2)

    def __hash__(self) -> int:
        return hash(self.defaults)

    def __eq__(self, other: object) -> bool:
        return self is other


def test_a_module_with_a_hash_of_its_own() -> None:
    with quiet():
        assert Metric().defaults == (1, 2)


def test_no_warning_of_our_own() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with watch():
            train(epochs=1)
