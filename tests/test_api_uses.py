"""Uses of torch's API: which are seen, and which are meant for another version of torch."""

from __future__ import annotations

import pytest

from lrcheck.check import Checker
from lrcheck.rule import discover

CHECKER = Checker(discover())


def found(text: str) -> set[tuple[str, int]]:
    """Code and line of every finding of family LR6."""
    result = CHECKER.check_bytes("train.py", text.encode())
    assert not result.errors
    return {(d.code, d.span.line) for d in result.diagnostics if d.code.startswith("LR6")}


@pytest.mark.parametrize(
    "text",
    [
        "import torch\ntry:\n    from torch import amp\nexcept ImportError:\n    s = torch.cuda.amp.GradScaler()\n",
        "import torch\nif hasattr(torch, 'amp'):\n    s = torch.amp.GradScaler()\nelse:\n    s = torch.cuda.amp.GradScaler()\n",
        "import torch\nif torch.__version__ < '2.4':\n    s = torch.cuda.amp.GradScaler()\n",
        "import torch\nif not hasattr(torch, 'amp') and True:\n    s = torch.cuda.amp.GradScaler()\n",
    ],
    ids=["except-import-error", "hasattr", "version", "not-hasattr"],
)
def test_uses_for_another_version_are_left_out(text: str) -> None:
    assert found(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "if torch.__version__ < '1.7':\n    outer = torch.ger\nelse:\n    outer = torch.outer\nx = outer(a, b)\n",
        "from t import new_version\nif new_version():\n    from torch.amp import GradScaler as S\nelse:\n    from torch.cuda.amp import GradScaler as S\ns = S()\n",
        "try:\n    from torch.amp import autocast\nexcept ImportError:\n    from torch.cuda.amp import autocast\nwith autocast():\n    pass\n",
        "if hasattr(torch, 'amp'):\n    from torch.amp import GradScaler\nelse:\n    from torch.cuda.amp import GradScaler\ns = GradScaler()\n",
    ],
)
def test_names_bound_by_a_test_for_the_version_are_left_out(text: str) -> None:
    assert found(f"import torch\n{text}") == set()
    assert found(f"import torch\n{text}s = torch.cuda.amp.GradScaler()\n") == {("LR611", text.count("\n") + 2)}


def test_the_same_use_without_a_test_is_reported() -> None:
    assert found("import torch\ns = torch.cuda.amp.GradScaler()\n") == {("LR611", 2)}


def test_an_alias_does_not_hide_a_use() -> None:
    assert found("from torch.cuda import amp as mixed\nS = mixed.GradScaler\ns = S()\n")


def test_a_scheduler_takes_no_epoch() -> None:
    text = (
        "import torch\nfrom torch.optim.lr_scheduler import StepLR\nnet = torch.nn.Linear(2, 2)\n"
        "opt = torch.optim.SGD(net.parameters(), lr=0.1)\nsched = StepLR(opt, 10)\n"
        "for epoch in range(3):\n    opt.step()\n    sched.step(epoch)\n"
    )
    assert ("LR619", 8) in found(text)


def test_a_plateau_scheduler_takes_a_metric() -> None:
    text = (
        "import torch\nnet = torch.nn.Linear(2, 2)\nopt = torch.optim.SGD(net.parameters(), lr=0.1)\n"
        "sched = torch.optim.lr_scheduler.ReduceLROnPlateau(opt)\nsched.step(0.5)\n"
    )
    assert found(text) == set()


def test_data_of_other_objects_is_not_a_tensors() -> None:
    text = "import torch\nfrom sklearn.datasets import load_iris\nx = load_iris().data\nclass C:\n    pass\nc = C()\nc.data = 1\nprint(c.data, x)\n"
    assert found(text) == set()
