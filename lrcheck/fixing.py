"""Fixes in the words of rules: builders for `Edit` values, so that a rule says what changes and not where offsets are.

A builder that cannot do its work safely returns an empty tuple; a rule then offers no fix.
"""

from __future__ import annotations

import ast
import re

from lrcheck.facts import Decision, DType, Form, LossFacts, Operation, TensorFacts
from lrcheck.findings import Edit, EditKind, Fix, Safety, Site
from lrcheck.knowledge.losses import CONTRACTS, LossContract

_ATOMS = (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.List, ast.Dict, ast.Set)


def fix(message: str, safety: Safety, *parts: tuple[Edit, ...]) -> Fix | None:
    """One fix made of several parts, or nothing where one of the parts is impossible."""
    if not all(parts):
        return None
    return Fix(message, tuple(edit for part in parts for edit in part), safety)


def code(text: str) -> str:
    """Source text as one line between backticks."""
    return f"`{' '.join(text.split())}`"


def replace(site: Site | None, text: str) -> tuple[Edit, ...]:
    """The expression at the site becomes `text`."""
    return (Edit(EditKind.REPLACE, site, text),) if site is not None else ()


def append(site: Site | None, suffix: str) -> tuple[Edit, ...]:
    """A method call or another suffix behind the expression at the site."""
    return (Edit(EditKind.APPEND, site, suffix),) if site is not None else ()


def add_argument(site: Site | None, argument: str) -> tuple[Edit, ...]:
    """A further argument for the call at the site."""
    return (Edit(EditKind.ADD_ARGUMENT, site, argument),) if site is not None else ()


def swap(first: Site | None, second: Site | None) -> tuple[Edit, ...]:
    """The expressions at two sites change places."""
    if first is None or second is None:
        return ()
    return replace(first, second.text) + replace(second, first.text)


def unwrap(operation: Operation | None) -> tuple[Edit, ...]:
    """The operation goes: a layer leaves its Sequential, a call becomes its argument."""
    if operation is None or operation.always_after_each:
        return ()
    if operation.removable and operation.layer is not None:
        return (Edit(EditKind.REMOVE_ARGUMENT, operation.layer),)
    if operation.argument is None or not operation.argument.text:
        return ()
    return replace(operation.site, _one_expression(operation.argument.text))


def unwrap_both(outer: Operation | None, inner: Operation | None) -> tuple[Edit, ...]:
    """Two operations go; `outer` was applied later, perhaps right around `inner` (`F.one_hot(y, 10).float()`)."""
    if outer is None or inner is None:
        return unwrap(inner or outer)
    nested = outer.argument is not None and outer.argument.key() == inner.site.key()
    if nested and inner.argument is not None and inner.argument.text:
        return replace(outer.site, _one_expression(inner.argument.text))
    parts = (unwrap(inner), unwrap(outer))
    return parts[0] + parts[1] if all(parts) else ()


def unwrap_one_hot(target: TensorFacts) -> tuple[Edit, ...]:
    """One-hot labels become the class indices that they were made of, without a conversion to float behind them."""
    conversion = target.converted
    if conversion is not None and (conversion.operand is None or conversion.operand.form is not Form.ONE_HOT):
        conversion = None
    if target.made_by is None or (conversion is None and _is_converted_somewhere(target.made_by, target)):
        return ()
    return unwrap_both(conversion, target.made_by)


def _is_converted_somewhere(one_hot: Operation, target: TensorFacts) -> bool:
    """`one_hot` gives integers: floats were made of them at a place that is not known and would stay behind."""
    return target.dtype is not DType.INT and "one_hot(" in one_hot.site.text


def removal(operation: Operation, phrase: str) -> Fix | None:
    """The fix that takes an operation out of the way of the logits; unsafe, because training results change."""
    edits = unwrap(operation)
    if not edits:
        return None
    if edits[0].kind is EditKind.REMOVE_ARGUMENT:
        return Fix(f"remove {code(edits[0].site.text)}", edits, Safety.UNSAFE)
    return Fix(f"{phrase}: {code(edits[0].text)}", edits, Safety.UNSAFE)


def change_loss(loss: LossFacts, family: str) -> tuple[Edit, ...]:
    """Another loss instead, called by the same module (`nn.BCELoss` becomes `nn.CrossEntropyLoss`)."""
    name = loss_name(loss, family)
    return replace(loss.argument, name) if name else ()


def loss_name(loss: LossFacts, family: str) -> str:
    """The name of another loss as the user would write it, or an empty string where it may not be imported."""
    old, new = loss.contract, _contract(family)
    if old is None or loss.argument is None:
        return ""
    module, dot, name = loss.argument.text.rpartition(".")
    if not dot or name != (old.function if loss.functional else old.module):
        return ""
    return f"{module}.{new.function if loss.functional else new.module}"


def renamed_call(operation: Operation, old: str, new: str) -> str:
    """The text of a call with another function of the same place: `torch.softmax(x, 1)`, `log_softmax` for `softmax`."""
    text = operation.site.text
    receiver = operation.argument.text if operation.argument is not None else ""
    if receiver and text.startswith(f"{receiver}.{old}("):
        return f"{receiver}.{new}{text[len(receiver) + 1 + len(old) :]}"
    qualified = re.match(rf"((?:\w+\s*\.\s*)+){old}\(", text)
    return f"{qualified.group(1)}{new}{text[qualified.end() - 1 :]}" if qualified else ""


def renamed_layer(operation: Operation, old: str, new: str) -> tuple[Edit, ...]:
    """Another class for a layer: `nn.Softmax(dim=1)` becomes `nn.LogSoftmax(dim=1)`."""
    text = operation.layer.text if operation.layer is not None else ""
    qualified = re.match(rf"((?:\w+\.)+){old}\(", text)
    return replace(operation.layer, f"{qualified.group(1)}{new}{text[qualified.end() - 1 :]}") if qualified else ()


def operand(text: str) -> str:
    """Source text as it stands before a suffix, in parentheses where it needs them."""
    return text if _is_atom(text) else f"({text})"


def thresholds(tensor: TensorFacts) -> tuple[Decision, ...]:
    """The places where the program compares the output of the tensor's model with a threshold, or rounds it."""
    if tensor.model is None:
        return ()
    return tuple(decision for decision in tensor.model.decisions if decision.kind in ("threshold", "round"))


def _contract(family: str) -> LossContract:
    return next(contract for contract in CONTRACTS if contract.family == family)


def _one_expression(text: str) -> str:
    """Source text that may leave the parentheses of a call: what spans lines takes its own along."""
    return operand(text) if "\n" in text else text


def _is_atom(text: str) -> bool:
    try:
        expression = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return isinstance(expression, _ATOMS)
