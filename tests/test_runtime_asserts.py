"""The asserts raise where something is wrong, say what, and let right code pass."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")

import torch.nn.functional as F  # noqa: E402, N812
from torch import nn  # noqa: E402

import lrcheck  # noqa: E402
from lrcheck.runtime import LrcheckError  # noqa: E402


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


NET = nn.Linear(8, 4)
X, Y = torch.randn(6, 8), torch.tensor([0, 1, 2, 3, 0, 1])


@pytest.mark.parametrize(
    ("loss", "given", "target", "code"),
    [
        (nn.CrossEntropyLoss(), lambda: torch.softmax(NET(X), dim=1), Y, "LR102"),
        (F.cross_entropy, lambda: torch.softmax(NET(X), dim=1).detach(), Y, "LR102"),
        (nn.CrossEntropyLoss(), lambda: NET(X), Y.float(), "LR110"),
        (nn.CrossEntropyLoss(), lambda: NET(X), F.one_hot(Y, 4), "LR110"),
        (nn.CrossEntropyLoss(), lambda: NET(X), Y + 1, "LR121"),
        (nn.CrossEntropyLoss(), lambda: NET(X)[:, :1], Y, "LR119"),
        (nn.NLLLoss(), lambda: NET(X), Y, "LR104"),
        (nn.BCELoss(), lambda: NET(X)[:, :2], torch.rand(6, 2), "LR107"),
        (nn.BCEWithLogitsLoss(), lambda: torch.sigmoid(NET(X)), torch.rand(6, 4), "LR103"),
        (nn.BCEWithLogitsLoss(), lambda: NET(X)[:, 0], Y, "LR109"),
        (nn.MSELoss(), lambda: nn.Linear(8, 1)(X), torch.rand(6), "LR117"),
        (nn.MSELoss(), lambda: nn.Linear(8, 2)(X), torch.rand(6, 4), "LR117"),
    ],
)
def test_wrong_loss_inputs(loss: Any, given: Any, target: Any, code: str) -> None:
    with pytest.raises(LrcheckError) as caught:
        lrcheck.check_loss_inputs(loss, given(), target)
    assert caught.value.code == code
    text = str(caught.value)
    assert text.startswith(code)
    assert "help: " in text
    assert "test_runtime_asserts.py" in text


@pytest.mark.parametrize(
    ("loss", "given", "target"),
    [
        (nn.CrossEntropyLoss(), lambda: NET(X), Y),
        (nn.CrossEntropyLoss(), lambda: NET(X), torch.softmax(torch.randn(6, 4), dim=1)),
        (nn.CrossEntropyLoss(ignore_index=-1), lambda: NET(X), torch.tensor([0, -1, 2, 3, -1, 1])),
        (nn.NLLLoss(), lambda: torch.log_softmax(NET(X), dim=1), Y),
        (nn.BCELoss(), lambda: torch.sigmoid(NET(X)).clamp(0, 1), (torch.rand(6, 4) > 0.5).float()),
        (nn.BCEWithLogitsLoss(), lambda: NET(X), torch.rand(6, 4)),
        (nn.MSELoss(), lambda: NET(X), torch.rand(6, 4)),
        (F.mse_loss, lambda: NET(X), torch.rand(6, 4)),
    ],
)
def test_right_loss_inputs(loss: Any, given: Any, target: Any) -> None:
    lrcheck.check_loss_inputs(loss, given(), target)


def test_expected_and_actual_are_named() -> None:
    with pytest.raises(LrcheckError) as caught:
        lrcheck.check_loss_inputs(nn.NLLLoss(), NET(X), Y)
    assert "expected: input log-probabilities; target class indices (int64)" in str(caught.value)
    assert "actual: input float[6, 4] on cpu, logits; target int[6] on cpu, class indices" in str(caught.value)


def test_predictions() -> None:
    predicted = NET(X).argmax(dim=1)
    lrcheck.check_predictions(predicted, Y)
    with pytest.raises(LrcheckError, match="LR201"):
        lrcheck.check_predictions(predicted, F.one_hot(Y, 4))
    with pytest.raises(LrcheckError, match="LR221"):
        lrcheck.check_predictions(predicted, Y.unsqueeze(1))


def test_accuracy() -> None:
    lrcheck.check_accuracy(0.75, 75, 100)
    for value, correct, total, code in ((75.0, 75, 100, "LR202"), (0.5, 75, 100, "LR203"), (1.2, 120, 100, "LR203")):
        with pytest.raises(LrcheckError, match=code):
            lrcheck.check_accuracy(value, correct, total)


def test_step() -> None:
    net = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 4))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    assert lrcheck.check_step(net, optimizer, lambda: F.cross_entropy(net(X), Y)) > 0
    assert lrcheck.check_step(net, optimizer, F.cross_entropy(net(X), Y)) > 0
    half = torch.optim.SGD(net[0].parameters(), lr=0.1)
    with pytest.raises(LrcheckError, match="LR307"):
        lrcheck.check_step(net, half, F.cross_entropy(net(X), Y))
    with pytest.raises(LrcheckError, match="LR112"):
        lrcheck.check_step(net, optimizer, F.cross_entropy(net(X), Y).detach())
    with pytest.raises(LrcheckError, match="LR112"):
        lrcheck.check_step(net, optimizer, F.cross_entropy(net(X).round(), Y))
    with pytest.raises(LrcheckError, match="LR701"):
        lrcheck.check_step(net, optimizer, F.cross_entropy(net(X) * float("nan"), Y))
    with pytest.raises(LrcheckError, match="LR704"):
        lrcheck.check_step(net, torch.optim.SGD(net.parameters(), lr=0.0), F.cross_entropy(net(X), Y))
    with pytest.raises(LrcheckError, match="LR704"):
        lrcheck.check_step(net, optimizer, F.cross_entropy(net[2](X), Y))


def test_eval() -> None:
    net = nn.Sequential(nn.Linear(8, 4), nn.Dropout(0.5))
    with pytest.raises(LrcheckError, match="LR205"):
        lrcheck.check_eval(net)
    net.eval()
    with pytest.raises(LrcheckError, match="LR206"):
        lrcheck.check_eval(net)
    with torch.no_grad():
        lrcheck.check_eval(net)


def test_batch_independence_leaves_the_model_as_it_was() -> None:
    net = nn.Sequential(nn.Linear(8, 4), nn.BatchNorm1d(4), nn.Dropout(0.5))
    net[2].eval()
    norm: Any = net[1]
    state, random = norm.running_mean.clone(), torch.get_rng_state()
    lrcheck.check_batch_independence(net, X)
    assert [part.training for part in net] == [True, True, False]
    assert torch.equal(norm.running_mean, state)
    assert torch.equal(torch.get_rng_state(), random)
    with pytest.raises(LrcheckError, match="LR709"):
        lrcheck.check_batch_independence(nn.Softmax(dim=0), X)
    with pytest.raises(LrcheckError, match="LR709"):
        lrcheck.check_batch_independence(nn.Flatten(0), X)
    with pytest.raises(ValueError, match="at least 2"):
        lrcheck.check_batch_independence(net, X[:1])


def test_overfit_one_batch() -> None:
    net = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 4))
    before = [each.clone() for each in net.parameters()]
    assert lrcheck.overfit_one_batch(net, (X, Y)) < 0.2
    assert all(torch.equal(old, new) for old, new in zip(before, net.parameters(), strict=True))
    with pytest.raises(LrcheckError, match="LR705"):
        lrcheck.overfit_one_batch(nn.Sequential(net, nn.Softmax(dim=1)), (X, Y), steps=50)
