"""A watched model is copied and saved as any other: early stopping does both."""

from __future__ import annotations

import copy
import io

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from lrcheck.runtime import watch  # noqa: E402


class Doubled(nn.Sequential):
    """Of this module: a file that it is saved to names it."""


def test_copies_of_a_watched_model_are_no_longer_watched() -> None:
    net = Doubled(nn.Linear(8, 4))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    samples = torch.randn(16, 8)
    saved = io.BytesIO()
    with watch(on_finding=lambda _: None) as watched:
        for _ in range(3):
            optimizer.zero_grad()
            torch.autograd.backward(nn.functional.cross_entropy(net(samples), torch.randint(0, 4, (16,))))
            optimizer.step()
        best = copy.deepcopy(net)
        torch.save(net, saved)
        assert torch.equal(best(samples), net(samples))
    saved.seek(0)
    loaded = torch.load(saved, weights_only=False)
    for each in (best, loaded):
        assert torch.equal(each(samples), net(samples))
        assert "lrcheck" not in str(list(each._forward_pre_hooks.values()))
    assert not net._forward_pre_hooks
    assert watched.diagnostics == []
