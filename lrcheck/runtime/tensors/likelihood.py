"""A likelihood written by hand: what the autograd graph between the loss and its log-probabilities tells."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from lrcheck.events import LikelihoodSum
from lrcheck.runtime.places.sites import NOWHERE

_PASSED = frozenset(
    {"MeanBackward0", "MeanBackward1", "SumBackward0", "SumBackward1", "ViewBackward0", "SqueezeBackward0",
     "SqueezeBackward1", "UnsqueezeBackward0", "ReshapeAliasBackward0", "AliasBackward0", "CloneBackward0", "ToCopyBackward0", "ExpandBackward0"}
)  # fmt: skip
_AFFINE = ("AddmmBackward", "MmBackward", "LinearBackward")
_PICKED = frozenset({"GatherBackward0", "IndexBackward0", "IndexSelectBackward0"})


def likelihood_sum(loss: Tensor) -> LikelihoodSum | None:
    """`log_probabilities.gather(1, y).mean()` and the like, where nothing else is in the loss.

    Anything with a further tensor, a factor or a minus is not proven by the graph and gives None or `negated`.
    """
    node: Any = loss.grad_fn
    picked = negated = False
    for _ in range(24):
        if node is None:
            return None
        name = node.name()
        if name == "SubBackward0" and _is_normalised(node):
            return LikelihoodSum(NOWHERE, 0.0, negated) if picked else None
        if name == "NegBackward0":
            negated = not negated
        elif name in _PICKED:
            picked = True
        elif name == "LogSoftmaxBackward0" or (name == "LogBackward0" and _is_probability(node)):
            return LikelihoodSum(NOWHERE, 0.0, negated) if picked else None
        elif name not in _PASSED and not _divided_by_number(node, name):
            return None
        parents = [each for each, _ in node.next_functions if each is not None]
        if len(parents) != 1:
            return None
        node = parents[0]
    return None


def is_minus_score(loss: Tensor) -> bool:
    """`-scores.gather(1, y).mean()`: a mean or a sum of what a layer gives, picked and negated, and nothing else."""
    node: Any = loss.grad_fn
    picked = negated = False
    for _ in range(24):
        name = node.name() if node is not None else ""
        if name.startswith(_AFFINE):
            return picked and negated
        if (
            name not in _PASSED
            and name not in _PICKED
            and name != "NegBackward0"
            and not _divided_by_number(node, name)
        ):
            return False
        negated = negated is not (name == "NegBackward0")
        picked = picked or name in _PICKED
        parents = [each for each, _ in node.next_functions if each is not None]
        node = parents[0] if len(parents) == 1 else None
    return False


def _divided_by_number(node: Any, name: str) -> bool:
    """`.sum() / n` with a positive number."""
    if name != "DivBackward0":
        return False
    other = getattr(node, "_saved_other", None)
    return isinstance(other, Tensor) and other.numel() == 1 and not other.requires_grad and float(other) > 0


def _is_normalised(node: Any) -> bool:
    """`scores - scores.logsumexp(dim=-1, keepdim=True)`, as in `Categorical(logits=scores)`."""
    parents = [each for each, _ in node.next_functions]
    if len(parents) != 2 or any(each is None for each in parents) or parents[1].name() != "LogsumexpBackward0":
        return False
    return any(each is parents[0] for each, _ in parents[1].next_functions)


def _is_probability(node: Any) -> bool:
    parents = [each for each, _ in node.next_functions if each is not None]
    return len(parents) == 1 and parents[0].name() in ("SoftmaxBackward0", "SigmoidBackward0")
