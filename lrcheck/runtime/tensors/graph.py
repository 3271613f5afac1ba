"""The form of a tensor that nobody traced: from its autograd graph, else from its values."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from lrcheck.facts import Form, Operation, TensorFacts
from lrcheck.findings import Site
from lrcheck.knowledge.operations import ACTIVATIONS
from lrcheck.runtime.tensors.memory import basic, is_one_hot

_VIEWS = frozenset(
    f"{name}Backward{number}"
    for name in (
        "View", "UnsafeView", "ReshapeAlias", "Squeeze", "Unsqueeze", "ToCopy", "Clone", "Transpose", "T", "Permute", "Alias",
        "Slice", "Select", "To", "Contiguous",
    )
    for number in range(4)
)  # fmt: skip
_NODES = {
    "Softmax": "softmax", "LogSoftmax": "log_softmax", "Sigmoid": "sigmoid", "LogSigmoid": "logsigmoid", "Relu": "relu",
    "LeakyRelu": "leaky_relu", "Tanh": "tanh", "Elu": "elu", "Gelu": "gelu", "Silu": "silu", "Softplus": "softplus",
    "Hardtanh": "hardtanh", "Mish": "mish", "PreluKernel": "prelu", "Hardsigmoid": "hardsigmoid",
}  # fmt: skip
_AFFINE = (
    "AddmmBackward",
    "MmBackward",
    "ConvolutionBackward",
    "LinearBackward",
    "MkldnnConvolutionBackward",
    "MvBackward",
)


def facts_of(tensor: Tensor, site: Site) -> TensorFacts:
    """What a tensor tells by itself: the operation that made it, or that its rows are probabilities or one-hot."""
    node: Any = tensor.grad_fn
    for _ in range(16):
        if node is None or node.name() not in _VIEWS:
            break
        node = next((each for each, _ in node.next_functions if each is not None), None)
    if node is None:
        return basic(tensor, _from_values(tensor, site))
    name = node.name()
    kind = _NODES.get(name.partition("Backward")[0])
    model = frozenset({"input", "model"})
    if kind is not None:
        parent = next((each for each, _ in node.next_functions if each is not None), None)
        affine = parent is not None and parent.name().startswith(_AFFINE)
        operand = TensorFacts(form=Form.LOGITS, layer=Operation("linear", site)) if affine else None
        made = Operation(kind, site, operand=operand, argument=site)
        return basic(tensor, TensorFacts(form=ACTIVATIONS[kind], made_by=made, roots=model))
    if name.startswith(_AFFINE):
        return basic(tensor, TensorFacts(form=Form.LOGITS, roots=model))
    return basic(tensor, TensorFacts(roots=model))


@torch.no_grad()
def _from_values(tensor: Tensor, site: Site) -> TensorFacts:
    """Rows of labels or probabilities; anything else stays unknown."""
    if is_one_hot(tensor):
        return TensorFacts(form=Form.ONE_HOT, classes=tensor.size(1))
    if tensor.dim() == 2 and tensor.size(1) > 2 and tensor.is_floating_point() and tensor.numel():
        sums = tensor.sum(dim=1)
        if bool((tensor >= 0).all()) and bool(torch.allclose(sums, torch.ones_like(sums), atol=1e-4)):
            return TensorFacts(form=Form.PROBABILITIES, made_by=Operation("softmax", site, argument=site))
    return TensorFacts()


def is_divided(loss: Tensor) -> bool:
    """`loss / 4`, perhaps scaled for mixed precision: a mean that is divided once more, not the sum that a mean is made of."""
    node: Any = loss.grad_fn
    if node is not None and node.name() == "MulBackward0":
        node = node.next_functions[0][0]
    if node is None or node.name() != "DivBackward0" or node.next_functions[1][0] is not None:
        return False
    other, inner = getattr(node, "_saved_other", None), node.next_functions[0][0]
    constant = isinstance(other, Tensor) and other.dim() == 0 and not other.is_meta and float(other) > 1
    return constant and inner is not None and not inner.name().startswith("SumBackward")
