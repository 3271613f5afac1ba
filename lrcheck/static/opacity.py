"""What an unknown call may have changed: everything that it can reach through its arguments."""

from __future__ import annotations

from typing import Any

from lrcheck.events import OpaqueCall
from lrcheck.static import modules
from lrcheck.static.run import Run
from lrcheck.static.values import Instance, Layer, Mapping, Optimizer, Parameters, Seq, Tool, Unknown

# Methods of unknown objects that leave gradients and parameters alone.
HARMLESS = frozenset(
    {"state_dict", "load_state_dict", "get_last_lr", "named_modules", "modules", "children", "forward", "info", "named_children",
     "device", "add_scalar", "update", "log", "save", "print", "requires_grad_", "half", "apply", "set_postfix", "set_description",
     "write", "append", "items", "keys", "values", "format", "plot", "flush", "close", "get_lr", "init_hidden", "lower", "split"}
)  # fmt: skip

# Methods that only show or write down what they are given.
SHOWING = frozenset(
    {"info", "debug", "warning", "error", "print", "write", "log", "add_scalar", "add_scalars", "add_text", "add_image",
     "add_images", "add_figure", "add_histogram", "add_graph", "set_postfix", "set_description", "format", "display",
     "set_postfix_str", "set_description_str", "refresh", "flush"}
)  # fmt: skip
# Methods of meters and tensors, where it is not known that the object is one.
COMPUTING = frozenset(
    {"add", "value", "reset", "compute", "name", "numpy", "tolist", "mean", "sum", "max", "min", "std", "var", "norm", "pow",
     "abs", "argmax", "argmin", "eq", "type", "type_as", "resize_", "detach", "clone", "repeat", "expand", "permute",
     "transpose", "masked_fill", "gather", "get", "pop", "extend", "__len__", "set_epoch", "next", "avg", "average", "global_avg"}
)  # fmt: skip


def acts(receiver: Any, callee: Any, name: str, given: list[Any], moded: bool) -> bool:
    """Whether an unknown call may be a hook: it is no model or criterion, meter or logger, and no method of data."""
    if receiver is not None:
        if name in HARMLESS or name in SHOWING or name in COMPUTING:
            return False
        return not (type(receiver) is Unknown and receiver.part)
    if callee is None:
        return not given
    return len(given) < 2 and not moded  # a criterion and a metric take predictions and targets


def resolved(run: Run, call: OpaqueCall) -> OpaqueCall:
    """The same call with the identities of optimizers, tools and modules that it was handed, itself or inside objects."""
    found: list[Any] = []
    inside: list[Any] = []
    shown = call.receiver is not None and call.name in SHOWING
    for value in () if shown else call.arguments:
        _reach(run, value, found, inside, 2)
    if call.receiver is not None and call.name not in HARMLESS and not shown:
        _reach(run, call.receiver, found, inside, 2)
    return OpaqueCall(
        call.site, tuple(found), call.callee, call.receiver, call.name, call.everything, call.training, call.moded,
        call.grad_enabled, call.given, tuple(inside), call.graph, call.acts,
    )  # fmt: skip


def _reach(run: Run, value: Any, found: list[Any], inside: list[Any], depth: int) -> None:
    if isinstance(value, Optimizer):
        found.append(value.facts)
    elif isinstance(value, Parameters):
        for module in value.modules:
            _reach(run, module, found, inside, 0)
    elif isinstance(value, (Layer, Instance)) and value.facts is not None:
        inside.extend(part.facts for part in modules.walk(value) if part.facts is not None)
    elif isinstance(value, Unknown):
        found.append(value)
        if value in run.modes:
            inside.append(value)
    elif isinstance(value, Tool):
        found.append(value)
        if value.of is not None and depth and value.kind != "state":  # nobody trains a model through its state
            _reach(run, value.of, found, inside, 0)
    if depth and isinstance(value, (Instance, Unknown)) and value.attrs:
        for attribute in list(value.attrs.values()):
            _reach(run, attribute, found, inside, depth - 1)
    elif isinstance(value, Seq):
        for item in value.items:
            _reach(run, item, found, inside, depth)
    elif isinstance(value, Mapping):
        for item in value.items.values():
            _reach(run, item, found, inside, depth)
