"""What is known about living tensors and modules: facts by identity, and never a reference that keeps one alive."""

from __future__ import annotations

import dataclasses
import weakref
from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn

from lrcheck.facts import BATCH, DType, Form, ModuleFacts, TensorFacts, Uses
from lrcheck.runtime.places.sites import FrameSite

NOTHING = TensorFacts()
_CONSTANT, _PARAMETER = frozenset({"constant"}), frozenset({"parameter"})
V = TypeVar("V")


class ByIdentity(Generic[V]):
    """Values for living modules. A module may define `__hash__`, and call it wrong before it is constructed."""

    def __init__(self) -> None:
        self._values: dict[int, tuple[weakref.ref[nn.Module], V]] = {}

    def get(self, module: nn.Module) -> V | None:
        entry = self._values.get(id(module))
        return entry[1] if entry is not None and entry[0]() is module else None

    def put(self, module: nn.Module, value: V) -> V:
        key = id(module)
        self._values[key] = (weakref.ref(module, lambda gone: self._forget(key, gone)), value)
        return value

    def _forget(self, key: int, gone: weakref.ref[nn.Module]) -> None:
        entry = self._values.get(key)
        if entry is not None and entry[0] is gone:
            del self._values[key]


_transform: Any = torch._C._functorch.peek_interpreter_stack
_KNOWN: ByIdentity[ModuleFacts] = ByIdentity()
_BUILT: ByIdentity[FrameSite] = ByIdentity()  # where each module was constructed


def dtype_of(dtype: torch.dtype) -> DType:
    if dtype is torch.bool:
        return DType.BOOL
    if dtype.is_complex:
        return DType.COMPLEX
    return DType.FLOAT if dtype.is_floating_point else DType.INT


def basic(tensor: Tensor, known: TensorFacts = NOTHING) -> TensorFacts:
    """The facts with what the tensor itself tells: shape, dtype, device, whether it is attached to the graph."""
    if known is NOTHING:  # most tensors: made new, which is cheaper than changed
        return TensorFacts(
            shape=tuple(tensor.shape),
            dtype=dtype_of(tensor.dtype),
            device=tensor.device.type,
            attached=tensor.requires_grad,
            identity=id(tensor),
        )
    return known.but(
        shape=tuple(tensor.shape),
        dtype=dtype_of(tensor.dtype),
        device=tensor.device.type,
        attached=tensor.requires_grad,
        identity=id(tensor),
    )


class Memory:
    """Facts of tensors. A tensor that dies takes its facts along; a new tensor at its address has none."""

    def __init__(self) -> None:
        self._facts: dict[int, tuple[weakref.ref[Tensor], TensorFacts]] = {}

    def of(self, tensor: Tensor) -> TensorFacts:
        """What is known about a tensor; leaves that are parameters are known without being told."""
        entry = self._facts.get(id(tensor))
        if entry is not None and entry[0]() is tensor:
            weight = entry[1].roots == _CONSTANT and tensor.requires_grad and tensor.is_leaf
            return basic(tensor, TensorFacts(roots=_PARAMETER) if weight else entry[1])
        if isinstance(tensor, nn.Parameter) or (tensor.is_leaf and tensor.requires_grad):
            return basic(tensor, TensorFacts(roots=_PARAMETER))
        return basic(tensor)

    def leaf(self, tensor: Tensor) -> TensorFacts:
        """What is known about a value that goes backward: a number of its own is a loss that was wrapped again."""
        facts, entry = self.of(tensor), self._facts.get(id(tensor))
        if tensor.grad_fn is not None or entry is None or entry[0]() is not tensor or entry[1].last is None:
            return facts
        made = entry[1].last
        operand = TensorFacts(form=Form.LOSS)
        return facts.but(cut_by=dataclasses.replace(made, operand=operand)) if made.name == "tensor" else facts

    def knows(self, tensor: Tensor) -> bool:
        entry = self._facts.get(id(tensor))
        return entry is not None and entry[0]() is tensor

    def put(self, tensor: Tensor, facts: TensorFacts) -> None:
        key = id(tensor)
        self._facts[key] = (weakref.ref(tensor, lambda _: self._forget(key)), facts)

    def _forget(self, key: int) -> None:
        entry = self._facts.get(key)
        if entry is not None and entry[0]() is None:
            del self._facts[key]

    def clear(self) -> None:
        self._facts.clear()


def built_at(module: nn.Module, site: FrameSite) -> None:
    """Remember where a module was constructed: the first call of a constructor counts."""
    if _BUILT.get(module) is None:
        _BUILT.put(module, site)


def construction(module: nn.Module) -> FrameSite | None:
    return _BUILT.get(module)


def module_facts(module: nn.Module) -> ModuleFacts:
    """One identity for each module that lives."""
    facts = _KNOWN.get(module)
    if facts is None:
        kind = type(module)
        own = kind.__module__.startswith("torch.nn.")
        parts = list(module.modules())
        made = ModuleFacts(
            name=f"nn.{kind.__name__}" if own else kind.__name__,
            canonical=f"torch.nn.{kind.__name__}" if own else None,
            site=construction(module),
            training=module.training,
            has_dropout=any(isinstance(part, nn.modules.dropout._DropoutNd) and part.p > 0 for part in parts),
            has_batchnorm=any(isinstance(part, nn.modules.batchnorm._BatchNorm) for part in parts),
            outputs=Uses(),
        )
        return _KNOWN.put(module, made)
    return facts


def batched(facts: TensorFacts, size: int | None) -> TensorFacts:
    """The facts with the batch dimension as a symbol, where the first dimension is as long as the batch."""
    if size is None or size < 2 or not facts.shape or facts.shape[0] != size:
        return facts
    return facts.but(shape=(BATCH, *facts.shape[1:]))


def readable(tensor: Tensor) -> bool:
    """Does it have values of its own? Not on the meta device, and not inside `torch.func.vmap` or `grad`."""
    return not tensor.is_meta and _transform() is None


def is_one_hot(tensor: Tensor) -> bool:
    """Is every row of a matrix with at least 3 columns a one-hot row? Reads the device once."""
    if tensor.dim() != 2 or tensor.size(1) < 3 or tensor.size(0) == 0 or not readable(tensor):
        return False
    values = tensor.detach()
    return bool((((values == 0) | (values == 1)).all() & (values.sum(dim=1) == 1).all()).item())


def compact(facts: TensorFacts) -> str:
    """`f32[256, 4]` without the width: `float[256, 4] on cpu`, and the form where it is known."""
    shape = ", ".join(str(size) for size in facts.shape or ())
    kind = facts.dtype.value if facts.dtype is not None else "?"
    form = f", {facts.form.value}" if isinstance(facts.form, Form) else ""
    return f"{kind}[{shape}] on {facts.device}{form}"


def results(output: object, depth: int = 2) -> Iterator[Tensor]:
    """The tensors that a module returns: alone, in a tuple, by names in a dictionary or in an object made for them."""
    if isinstance(output, Tensor):
        yield output
    elif depth:
        held: Any = ()
        if isinstance(output, Mapping):
            held = output.values()
        elif isinstance(output, tuple | list):
            held = output
        elif dataclasses.is_dataclass(output):
            held = vars(output).values() if hasattr(output, "__dict__") else ()
        for each in held:
            yield from results(each, depth - 1)
