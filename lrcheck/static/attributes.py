"""Attributes: reading, writing, and which methods a value has."""

from __future__ import annotations

import math
from typing import Any

import libcst as cst

from lrcheck.facts import DType, TensorFacts, Uses
from lrcheck.static import (
    accumulators,
    api_uses,
    arrays,
    axes,
    calls,
    definitions,
    gradients,
    hooks,
    imports,
    initialisation,
    meters,
    tensors,
    units,
)
from lrcheck.static.arguments import of
from lrcheck.static.evaluation import api
from lrcheck.static.joining import join_all
from lrcheck.static.run import Run
from lrcheck.static.values import (
    NONE,
    UNKNOWN,
    Api,
    Bound,
    Class,
    Const,
    Dataset,
    Function,
    Instance,
    Layer,
    Loader,
    Loss,
    Mapping,
    Method,
    Namespace,
    Optimizer,
    Partial,
    Seq,
    Size,
    Super,
    Tool,
    Union,
    Unknown,
    new_identity,
)

_INPUT, _TARGET = frozenset({"input"}), frozenset({"target"})
TENSOR_VALUES = frozenset({"data", "T", "mT", "grad", "values", "indices", "real"})


_NUMBERS = {f"{package}.pi": Const(math.pi) for package in ("math", "numpy", "torch")} | {"math.e": Const(math.e)}


def get(run: Run, base: Any, name: str, node: Any, calling: bool = False) -> Any:
    """`base.name`."""
    handler = _GET.get(type(base))
    if handler is None:
        return Method(base, name, getattr(node, "value", None)) if calling else Unknown()
    return handler(run, base, name, node, calling)


def put(run: Run, base: Any, name: str, value: Any, node: Any, source: Any) -> None:
    """`base.name = value`."""
    if isinstance(base, (Instance, Optimizer, Loader, Dataset, Tool, Layer)):
        if value is UNKNOWN:
            value = Unknown()
        if isinstance(base, Layer) and base.name == "torch.nn.Sequential":
            _part_set(run, base, name, value)
        run.put(base.attrs, name, value)
        if isinstance(base, Layer) and base.children is not None and name in (base.keys.items if base.keys else ()):
            base.keys.items[name] = value  # type: ignore[union-attr]
    elif isinstance(base, Class):
        run.put(base.attrs, name, value)
    elif isinstance(base, Unknown):
        if base is UNKNOWN:
            return
        if base.attrs is None:
            base.attrs = {}
        run.put(base.attrs, name, value)
    elif isinstance(base, Namespace):
        inside = imports.scope_of(run, base)
        if inside is not None:
            run.put(inside.vars, name, value)
    elif isinstance(base, Union):
        for alternative in base.alternatives:
            put(run, alternative, name, value, node, source)

    hooks.attribute_assigned(run, base, name, value, node, source)
    definitions.attribute_assigned(run, base, name, value, node, source)


def _part_set(run: Run, base: Layer, name: str, value: Any) -> None:
    """`sequential.head = module`: a module that becomes an attribute is the last part, or takes the place of the old one."""
    if base.children is None or (base.keys is not None and name in base.keys.items):
        return
    if not isinstance(value, (Layer, Instance, Unknown)) or (isinstance(value, Instance) and value.facts is None):
        return
    items, gap = base.children.cell["v"]
    old = base.attrs.get(name)
    changed = tuple(value if part is old else part for part in items) if old is not None else (*items, value)
    run.put(base.children.cell, "v", (changed, gap))


def _of_api(run: Run, base: Api, name: str, node: Any, calling: bool) -> Any:

    found = api(f"{base.full}.{name}")
    if found.name in _NUMBERS:
        return _NUMBERS[found.name]
    if not calling and found.name.startswith("torch"):
        api_uses.name_read(run, found.name, node)
        if found.full != found.name:
            api_uses.name_read(run, found.full, node)
    return found


def _of_unknown(run: Run, base: Unknown, name: str, node: Any, calling: bool) -> Any:
    if base.attrs is not None and name in base.attrs:
        return base.attrs[name]
    if calling:
        return Method(base, name, getattr(node, "value", None))
    if name == "grad":
        return gradients.read(run, part_of(base, name), node)
    if name == "data" and base.identity and base.identity in run.ledger.gradients:
        return base
    if name == "dtype":
        return Tool("dtype", "torch.dtype", None)
    if name in ("values", "iloc", "loc") and arrays.is_indexed(base):
        return arrays.attribute(base, name) or part_of(base, name)
    return part_of(base, name)


def part_of(base: Unknown, name: Any) -> Any:
    """An attribute or element of an unknown value: unknown, but the same each time."""
    if base is UNKNOWN:
        return Unknown()
    if base.attrs is None:
        base.attrs = {}
    found = base.attrs.get(name)
    if found is None:
        roots = base.roots
        if roots and isinstance(name, int):
            roots = _INPUT if name == 0 else _TARGET
        found = base.attrs[name] = Unknown(base.why, roots)
        found.part = base.part
        found.whole = base
        if name == "shape":
            found.axis = (base, None)
            if base.part:
                found.attrs = {"[0]": Size(None, base, 0)}
        elif base.axis is not None:
            found.axis = axes.dimension_of(base.axis, name)
    return found


def _of_instance(run: Run, base: Instance, name: str, node: Any, calling: bool) -> Any:
    if name in base.attrs:
        return base.attrs[name]
    found = base.cls.find(name)
    if found is not None:
        return bind(run, found, base, node)
    if base.facts is not None and name == "training":
        for facts in run.forwards:
            facts.has_dropout = facts.has_dropout or None  # what it does with the mode is its own affair
        mode = run.modes.get(base.facts, None)
        return Const(mode) if mode is not None else Unknown()
    if calling:
        definitions.attribute_missing(run, base, name, node, calling)
        return Method(base, name, getattr(node, "value", None))
    if name == "__class__":
        return base.cls
    if name == "__dict__":
        return Unknown()
    definitions.attribute_missing(run, base, name, node, calling)
    value = Unknown(f"`{name}` is not set in `{base.cls.name}`")
    if base.facts is not None or base.cls.opaque_base:
        base.attrs[name] = value
    return value


def bind(run: Run, found: Any, self_value: Any, node: Any) -> Any:
    """A class attribute read through an instance."""
    if isinstance(found, Function):
        if found.kind == "static":
            return found
        if found.kind == "property":
            return calls.call(run, Bound(found, self_value), of([]), node)
        return Bound(
            found, self_value.cls if found.kind == "class" and isinstance(self_value, Instance) else self_value
        )
    if isinstance(found, Partial):
        return Bound(found, self_value)
    return found


def _of_class(run: Run, base: Class, name: str, node: Any, calling: bool) -> Any:
    found = base.find(name)
    if found is not None:
        return Bound(found, base) if isinstance(found, Function) and found.kind == "class" else found
    if name in ("__name__", "__qualname__"):
        return Const(base.name)
    for parent in base.mro:
        if isinstance(parent, Api):
            return api(f"{parent.name}.{name}")
    return Unknown()


def _of_super(run: Run, base: Super, name: str, node: Any, calling: bool) -> Any:
    self_value = base.self_value
    if name == "__init__":
        run.ledger.initialised.add(id(self_value))
    cls = self_value.cls if isinstance(self_value, Instance) else self_value if isinstance(self_value, Class) else None
    if cls is not None:
        found = cls.find(name, after=base.owner)
        if found is not None:
            return bind(run, found, self_value, node)
    return Method(base, name, getattr(node, "value", None)) if calling else Unknown()


def _of_namespace(run: Run, base: Namespace, name: str, node: Any, calling: bool) -> Any:

    return imports.member(run, base, name)


def _of_tensor(run: Run, base: TensorFacts, name: str, node: Any, calling: bool) -> Any:

    if name == "shape":
        if base.shape is None:
            return units.shape_of(base)
        return axes.shape_of(base)
    if name == "device":
        return Unknown()
    if name == "dtype":
        return _dtype_of(base)
    if name == "ndim":
        return Const(len(base.shape)) if base.shape is not None else Unknown()
    if name in TENSOR_VALUES:
        if name == "data":
            api_uses.data_read(run, base, node)
            return base.but(attached=False, cut_by=tensors.operation(run, "data", node, base))
        if name == "grad":
            return gradients.read(run, TensorFacts(shape=base.shape, roots=base.roots, identity=new_identity()), node)
        if name in ("T", "mT"):
            shape = tuple(reversed(base.shape)) if base.shape is not None and len(base.shape) == 2 else None
            return base.but(shape=shape)
        return base
    if name == "requires_grad" and base.attached is False:
        return Const(False)
    if name in ("requires_grad", "is_cuda", "grad_fn", "is_leaf"):
        return Unknown()
    return Method(base, name, getattr(node, "value", None))


_DTYPE_NAMES = {DType.FLOAT: "torch.float32", DType.INT: "torch.int64", DType.BOOL: "torch.bool"}


def _dtype_of(base: TensorFacts) -> Any:
    """`x.dtype`: a name of torch, or a type that is not known."""
    name = _DTYPE_NAMES.get(base.dtype) if base.dtype is not None else None
    return api(name) if name is not None else Tool("dtype", "torch.dtype", None)


def _of_layer(run: Run, base: Layer, name: str, node: Any, calling: bool) -> Any:
    if name in base.attrs:
        return base.attrs[name]
    if base.keys is not None and name in base.keys.items:
        return base.keys.items[name]
    if calling:
        definitions.attribute_missing(run, base, name, node, calling)
        return Method(base, name, getattr(node, "value", None))
    if name in ("weight", "bias"):
        made = new_identity()
        if name == "weight":
            initialisation.weight_read(run, base, made)
        return TensorFacts(roots=frozenset({"parameter"}), attached=True, dtype=DType.FLOAT, identity=made)
    if name in base.options:
        return base.options[name]
    if name == "module" and base.children is not None and base.children.items:
        return base.children.items[0]
    if name == "training":
        mode = run.modes.get(base.facts)
        return Const(mode) if mode is not None else Unknown()
    value = base.attrs[name] = Unknown(f"part of `{base.name}`")
    return value


def _of_attrs(run: Run, base: Any, name: str, node: Any, calling: bool) -> Any:
    """Optimizers, schedulers, ...: what was assigned, else a method or an unknown value."""
    if name in base.attrs:
        return base.attrs[name]
    if calling:
        return Method(base, name, getattr(node, "value", None))
    value = base.attrs[name] = Unknown()
    return value


def _of_loader(run: Run, base: Loader, name: str, node: Any, calling: bool) -> Any:
    if name == "dataset" and base.dataset is not None:
        return base.dataset
    if name == "batch_size" and base.facts.batch_size is not None:
        return Const(base.facts.batch_size)
    return _of_attrs(run, base, name, node, calling)


def _of_dataset(run: Run, base: Dataset, name: str, node: Any, calling: bool) -> Any:
    api_uses.attribute(run, base, name, node)
    source = base.source
    if isinstance(source, Instance) and (name in source.attrs or source.cls.find(name) is not None):
        return _of_instance(run, source, name, node, calling)
    return _of_attrs(run, base, name, node, calling)


def _of_loss(run: Run, base: Loss, name: str, node: Any, calling: bool) -> Any:
    return Method(base, name, getattr(node, "value", None)) if calling else Unknown()


def _of_union(run: Run, base: Union, name: str, node: Any, calling: bool) -> Any:
    live = [alternative for alternative in base.alternatives if alternative is not NONE and not _is_none(alternative)]
    if len(live) == 1:
        return get(run, live[0], name, node, calling)
    if calling:
        return Method(base, name, getattr(node, "value", None))
    if name == "dataset" and accumulators.is_one_of_loaders(base):
        return accumulators.dataset_of(run, base)
    among = definitions.Among(run, node)
    found = []
    for alternative in live:
        found.append(get(run, alternative, name, node))
        among.asked()
    among.done()
    return join_all(found)


def _is_none(value: Any) -> bool:
    return isinstance(value, Const) and value.value is None


def _of_seq(run: Run, base: Any, name: str, node: Any, calling: bool) -> Any:
    return Method(base, name, getattr(node, "value", None)) if calling else Unknown()


def _of_tool(run: Run, base: Tool, name: str, node: Any, calling: bool) -> Any:
    if base.kind == "bunch" and name in base.attrs:
        return base.attrs[name]
    if base.kind == "metric" and name == "value" and not calling:
        return meters.computed(run, base, node)
    return _of_attrs(run, base, name, node, calling)


def _of_maxed(run: Run, base: Seq, name: str, node: Any, calling: bool) -> Any:
    """`torch.max(x, 1).indices`: the named tuple of a reduction."""
    if base.kind == "max" and name in ("values", "indices"):
        return base.items[0 if name == "values" else 1]
    return _of_seq(run, base, name, node, calling)


def bare_expression(run: Run, node: Any, value: Any) -> None:
    """An expression as a statement that is no call: `loss.backward` without parentheses."""
    if isinstance(node, cst.Attribute):
        hooks.bare_attribute(run, node, value)


def fresh(element: Any) -> Any:
    """A new batch: the same facts under new identities."""
    if isinstance(element, TensorFacts):
        return element.but(identity=new_identity(), uses=Uses())
    if isinstance(element, Seq):
        return Seq([fresh(item) for item in element.items], element.kind, element.gap)
    if isinstance(element, Mapping):
        return Mapping({key: fresh(item) for key, item in element.items.items()}, element.cell["open"])
    return Unknown(element.why, element.roots) if isinstance(element, Unknown) else element


def another(element: Any) -> Any:
    """One of several elements that look alike: it need not be the one that was taken before."""
    if isinstance(element, TensorFacts) and element.identity is not None and "parameter" not in element.roots:
        return element.but(identity=new_identity())
    if isinstance(element, Seq) and element.kind == "tuple":
        return Seq([another(item) for item in element.items], "tuple", element.gap)
    return Union(element.alternatives, element=True) if type(element) is Union else element


_GET: dict[type, Any] = {
    Api: _of_api,
    Unknown: _of_unknown,
    Instance: _of_instance,
    Class: _of_class,
    Super: _of_super,
    Namespace: _of_namespace,
    TensorFacts: _of_tensor,
    Layer: _of_layer,
    Optimizer: _of_attrs,
    Tool: _of_tool,
    Loader: _of_loader,
    Dataset: _of_dataset,
    Loss: _of_loss,
    Union: _of_union,
    Seq: _of_maxed,
}
