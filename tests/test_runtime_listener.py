"""What a listener of the user raises is the user's: it ends the run, and is no error of lrcheck."""

from __future__ import annotations

import warnings

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from lrcheck.runtime import watch  # noqa: E402
from lrcheck.runtime.report import LrcheckWarning, Report  # noqa: E402


class EnoughError(Exception):
    """Raised by a listener."""


def train(steps: int = 8) -> None:
    net = nn.Sequential(nn.Linear(8, 4), nn.Softmax(dim=1))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(steps):
        loss = nn.functional.cross_entropy(net(torch.randn(16, 8)), torch.randint(0, 4, (16,)))
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()


def stop(report: Report) -> None:
    raise EnoughError(report.diagnostic.code)


def test_the_exception_reaches_the_program(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(EnoughError, match="LR102"), watch(on_finding=stop):
        train()
    assert "internal error" not in capsys.readouterr().err


def test_a_warning_that_is_an_error_reaches_it_too(capsys: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", LrcheckWarning)
        with pytest.raises(LrcheckWarning), watch():
            train()
    assert "internal error" not in capsys.readouterr().err
