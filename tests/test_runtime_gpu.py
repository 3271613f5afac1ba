# torch leaves `backward` untyped:
# mypy: disable-error-code="no-untyped-call"
"""On a GPU: no synchronisation in steady state, the same bits, no memory kept, and the rules that only a GPU shows."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

torch = pytest.importorskip("torch")

from test_fixture_pairs import FIXTURES, marks, read  # noqa: E402
from test_runtime_pairs import observed  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402, N812

from lrcheck.runtime import watch  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU"),
    pytest.mark.filterwarnings("ignore:Synchronization debug mode is a prototype"),
]

TRACED, STEADY = 40, 20  # steps up to number 33 are sampled, then the one numbered 65


@pytest.fixture(autouse=True)
def deterministic() -> Iterator[None]:
    torch.use_deterministic_algorithms(True, warn_only=True)
    yield
    torch.use_deterministic_algorithms(False)


def network() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.Dropout(0.1),
        nn.Flatten(),
        nn.Linear(8 * 64, 10),
    )


class Training:
    """Some steps of one run on the GPU; the data are there already."""

    def __init__(self, *, mixed: bool = False, fused: bool = False) -> None:
        torch.manual_seed(0)
        self.net = network().cuda()
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=1e-3, fused=fused)
        self.scheduler = torch.optim.lr_scheduler.StepLR(self.optimizer, 10_000)
        self.x = torch.randn(640, 1, 8, 8, device="cuda")
        self.y = torch.randint(0, 10, (640,), device="cuda")
        self.mixed = mixed

    def steps(self, number: int) -> None:
        self.net.train()
        for step in range(number):
            at = slice(step % 10 * 64, step % 10 * 64 + 64)
            self.optimizer.zero_grad()
            with torch.autocast("cuda", dtype=torch.bfloat16, enabled=self.mixed):
                loss = F.cross_entropy(self.net(self.x[at]), self.y[at])
            loss.backward()
            nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
            self.optimizer.step()
            self.scheduler.step()


def without_waiting(run: Callable[[], None]) -> None:
    """Runs while every synchronisation with the GPU is an error."""
    torch.cuda.synchronize()
    torch.cuda.set_sync_debug_mode("error")
    try:
        run()
    finally:
        torch.cuda.set_sync_debug_mode("default")


@pytest.mark.parametrize("options", [{}, {"mixed": True}, {"fused": True}])
def test_steady_state_never_waits_for_the_gpu(options: dict[str, bool]) -> None:
    with watch(on_finding=lambda _: None) as watched:
        training = Training(**options)
        training.steps(TRACED)
        without_waiting(lambda: training.steps(STEADY))
    assert watched.steps == TRACED + STEADY
    assert watched.diagnostics == []


def test_waiting_would_be_noticed(capsys: pytest.CaptureFixture[str]) -> None:
    """A sampled step reads values: the error mode of the test above sees it, and the run goes on."""
    with watch(on_finding=lambda _: None, every=1):
        training = Training()
        training.steps(1)
        without_waiting(lambda: training.steps(1))
    assert "called a synchronizing CUDA operation" in capsys.readouterr().err


@pytest.mark.parametrize("options", [{}, {"mixed": True}])
def test_a_watched_run_gives_the_same_bits(options: dict[str, bool]) -> None:
    bare = Training(**options)
    bare.steps(50)
    state = torch.cuda.get_rng_state()
    with watch(on_finding=lambda _: None, every=1) as watched:
        seen = Training(**options)
        seen.steps(50)
    assert watched.steps == 50
    assert torch.equal(torch.cuda.get_rng_state(), state)
    for name, value in bare.net.state_dict().items():
        assert torch.equal(value, seen.net.state_dict()[name]), name


def test_no_memory_of_the_gpu_is_kept() -> None:
    with watch(on_finding=lambda _: None, every=1):
        training = Training()
        training.steps(30)
        gc.collect()
        torch.cuda.synchronize()
        before = torch.cuda.memory_allocated()
        training.steps(30)
        gc.collect()
        torch.cuda.synchronize()
        assert torch.cuda.memory_allocated() <= before


def test_half_precision_with_a_scaler_is_followed() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10)).cuda()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    scaler = torch.amp.GradScaler("cuda")
    x, y = torch.randn(64, 64, device="cuda"), torch.randint(0, 10, (64,), device="cuda")
    with watch(on_finding=lambda _: None, every=1) as watched:
        for _ in range(30):
            optimizer.zero_grad()
            with torch.autocast("cuda", dtype=torch.float16):
                loss = F.cross_entropy(net(x), y)
            scaler.scale(loss).backward()
            scaler.unscale_(optimizer)
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            scaler.step(optimizer)
            scaler.update()
    assert watched.diagnostics == []
    with watch(on_finding=lambda _: None, every=1) as watched:
        for _ in range(30):
            optimizer.zero_grad()
            with torch.autocast("cuda", dtype=torch.float16):
                loss = F.cross_entropy(net(x), y)
            scaler.scale(loss).backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            scaler.step(optimizer)
            scaler.update()
    assert "LR311" in {each.code for each in watched.diagnostics}


def test_a_loss_on_the_gpu_is_judged() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(64, 10), nn.Softmax(dim=1)).cuda()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    x, y = torch.randn(64, 64, device="cuda"), torch.randint(0, 10, (64,), device="cuda")
    with watch(on_finding=lambda _: None) as watched:
        for _ in range(5):
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
    assert "LR102" in {each.code for each in watched.diagnostics}


def test_a_compiled_model_is_watched() -> None:
    torch.manual_seed(0)
    net = torch.compile(nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10)).cuda())
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    x, y = torch.randn(64, 64, device="cuda"), torch.randint(0, 10, (64,), device="cuda")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with watch(on_finding=lambda _: None) as watched:
            for _ in range(40):
                optimizer.zero_grad()
                F.cross_entropy(net(x), y).backward()
                optimizer.step()
    assert watched.steps == 40
    assert watched.diagnostics == []


PAIRS: list[Any] = [
    "device_mismatch/inputs_left_behind", "synchronisation_every_step/loss_of_each_batch",
    "transfer_bound/images_decoded_one_by_one",
]  # fmt: skip


@pytest.mark.parametrize("pair", PAIRS)
def test_what_only_a_gpu_shows(pair: str) -> None:
    bad = {(each.name, each.span.line) for each in observed(FIXTURES / pair / "bad.py")}
    assert bad == set(marks(read(pair, "bad.py")[0], "bug"))
    assert [each.name for each in observed(FIXTURES / pair / "fixed.py")] == []
