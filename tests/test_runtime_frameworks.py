"""Callbacks for libraries that own the loop, against the real libraries where they are installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

import torch.nn.functional as F  # noqa: E402, N812
from torch import nn  # noqa: E402
from torch.utils.data import DataLoader, TensorDataset  # noqa: E402

QUIET: dict[str, Any] = {"on_finding": lambda _: None}
STEP = """
import pytest, torch
import torch.nn.functional as F
from torch import nn

pytest_plugins = ["lrcheck.runtime.frameworks.pytest_plugin"]


@pytest.mark.parametrize("softmax", [False, True])
def test_step(lrcheck_watch, softmax):
    net, x, y = nn.Linear(4, 3), torch.randn(8, 4), torch.randint(0, 3, (8,))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    out = net(x)
    F.cross_entropy(torch.softmax(out, dim=1) if softmax else out, y).backward()
    optimizer.step()
"""


def loader() -> Any:
    x = torch.randn(128, 8, generator=torch.Generator().manual_seed(0))
    return DataLoader(TensorDataset(x, x[:, :3].argmax(dim=1)), batch_size=16)


def codes(watched: Any) -> list[str]:
    return [each.code for each in watched.diagnostics]


@pytest.mark.filterwarnings(
    "ignore:.*LeafSpec:FutureWarning", "ignore:GPU available but not used", "ignore:.*does not have many workers"
)  # Lightning's own
@pytest.mark.parametrize(("softmax", "expected"), [(False, []), (True, ["LR102"])])
def test_lightning(softmax: bool, expected: list[str], tmp_path: Path) -> None:
    lightning: Any = pytest.importorskip("lightning.pytorch")
    from lrcheck.runtime.frameworks.lightning import WatchCallback

    class Module(lightning.LightningModule):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.net = nn.Linear(8, 3)

        def training_step(self, batch: Any, _: int) -> Any:
            out = self.net(batch[0])
            return F.cross_entropy(torch.softmax(out, dim=1) if softmax else out, batch[1])

        def validation_step(self, batch: Any, _: int) -> None:
            self.log("accuracy", (self.net(batch[0]).argmax(dim=1) == batch[1]).float().mean())

        def configure_optimizers(self) -> Any:
            return torch.optim.SGD(self.parameters(), lr=0.1)

    callback = WatchCallback(**QUIET)
    trainer = lightning.Trainer(
        max_epochs=2, callbacks=[callback], logger=False, enable_checkpointing=False, enable_progress_bar=False,
        enable_model_summary=False, accelerator="cpu", default_root_dir=tmp_path,
    )  # fmt: skip
    trainer.fit(Module(), loader(), loader())
    assert codes(callback.watch) == expected
    assert callback.watch.steps == 16


@pytest.mark.parametrize(("softmax", "expected"), [(False, []), (True, ["LR102"])])
def test_ignite(softmax: bool, expected: list[str]) -> None:
    engine: Any = pytest.importorskip("ignite.engine")
    from lrcheck.runtime.frameworks.ignite import WatchHandler

    net = nn.Linear(8, 3)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)

    def update(_: Any, batch: Any) -> float:
        net.train()
        optimizer.zero_grad()
        out = net(batch[0])
        loss = F.cross_entropy(torch.softmax(out, dim=1) if softmax else out, batch[1])
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        return loss.item()

    handler, trainer = WatchHandler(**QUIET), engine.Engine(update)
    handler.attach(trainer)
    trainer.run(loader(), max_epochs=2)
    assert codes(handler.watch) == expected
    assert handler.watch.steps == 16


@pytest.mark.parametrize(("softmax", "expected"), [(False, []), (True, ["LR102"])])
def test_transformers(softmax: bool, expected: list[str], tmp_path: Path) -> None:
    transformers: Any = pytest.importorskip("transformers")
    pytest.importorskip("accelerate")
    from lrcheck.runtime.frameworks.transformers import WatchCallback

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = nn.Linear(8, 3)

        def forward(self, x: Any, labels: Any) -> Any:
            out = self.net(x)
            out = torch.softmax(out, dim=1) if softmax else out
            return {"loss": F.cross_entropy(out, labels), "logits": out}

    samples = [{"x": x, "labels": y} for x, y in loader().dataset]
    arguments = transformers.TrainingArguments(
        str(tmp_path), max_steps=8, report_to=[], use_cpu=True, disable_tqdm=True, save_strategy="no"
    )
    callback = WatchCallback(**QUIET)
    transformers.Trainer(Model(), arguments, train_dataset=samples, callbacks=[callback]).train()
    assert codes(callback.watch) == expected


def test_pytest_fixture(tmp_path: Path) -> None:
    (tmp_path / "test_step.py").write_text(STEP)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert "2 passed, 1 error" in done.stdout, done.stdout
    assert "LR102 softmax-before-cross-entropy" in done.stdout
