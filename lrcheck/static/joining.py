"""Joining: what is known of a value that is one of two, where branches meet."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from lrcheck.facts import (
    DeviceFacts,
    Operation,
    ScalarFacts,
    TensorFacts,
)
from lrcheck.findings import Site
from lrcheck.static.values import (
    MISSING,
    UNION_LIMIT,
    UNKNOWN,
    Api,
    Bound,
    Choice,
    Class,
    Const,
    Context,
    Dataset,
    Device,
    Function,
    Instance,
    Layer,
    Loader,
    Loss,
    Mapping,
    Optimizer,
    Parameters,
    Partial,
    Scalar,
    Seq,
    Size,
    Stream,
    Tool,
    Union,
    Unknown,
)


def join_all(values: Iterable[Any]) -> Any:
    result: Any = MISSING
    for value in values:
        result = join(result, value)
    return UNKNOWN if result is MISSING else result


def join(a: Any, b: Any) -> Any:
    """What is known of a value that is `a` or `b`."""
    if a is b or b is MISSING:
        return a
    if a is MISSING:
        return b
    kind = type(a)
    if kind is type(b):
        if kind is TensorFacts:
            return join_tensors(a, b)
        if kind is Const or kind is Choice:
            return a if type(a.value) is type(b.value) and a.value == b.value else _union(a, b)
        if kind is Seq:
            return _join_sequences(a, b)
        if kind is Size:
            return a if (a.dim == b.dim and a.dim is not None) or (a.of is not None and a.of is b.of) else UNKNOWN
        if kind is Scalar:
            return a if a.facts == b.facts else UNKNOWN
        if kind is Api:
            return a if a.name == b.name else _union(a, b)
        if kind is Unknown:
            return UNKNOWN
        if kind is Loss and _same_site(a.facts.site, b.facts.site):
            return a
        if kind is Layer and a.name == b.name and _same_site(a.site, b.site):
            return _join_layers(a, b)
        if kind is Instance and a.cls is b.cls and _same_site(a.site, b.site):
            return _join_instances(a, b)
        if kind is Tool and _same_site(a.site, b.site):
            return a
        if kind is Optimizer and _same_site(a.facts.site, b.facts.site):
            return a
        if kind is Bound and a.function is b.function and a.self_value is b.self_value:
            return a
        if kind is Function and a.node is b.node:
            return a
        if kind is Class and a.node is b.node:
            return a
        if kind is Mapping:
            return _join_mappings(a, b)
        if kind is Device:
            return a if a.facts == b.facts else _join_devices(a, b)
        if kind is Context:
            return a if a.kind == b.kind and a.value == b.value else Context(a.kind if a.kind == b.kind else "unknown")
        if kind is Stream:
            return Stream(join(a.element, b.element))
        if kind is Loader and _same_site(a.facts.site, b.facts.site):
            return a
        if kind is Dataset and _same_site(a.facts.site, b.facts.site):
            return a if a.facts.part == b.facts.part else _one_of_the_parts(a)
        if kind is Parameters and a.modules == b.modules:
            return a
    if kind is Const and not a.value and type(a.value) in (int, float):
        return _or_nothing(b) or _union(a, b)
    if type(b) is Const and not b.value and type(b.value) in (int, float):
        return _or_nothing(a) or _union(a, b)
    if kind is Scalar and type(b) is TensorFacts:
        return a if a.facts == b.scalar else UNKNOWN
    if type(b) is Scalar and kind is TensorFacts:
        return b if b.facts == a.scalar else UNKNOWN
    return _union(a, b)


def _or_nothing(value: Any) -> Scalar | None:
    """`best = 0`, and later an accuracy: 0 has every unit."""
    facts: ScalarFacts | None = None
    if type(value) is Scalar:
        facts = value.facts
    elif type(value) is TensorFacts and value.attached is False:
        facts = value.scalar
    if facts is None or facts.started or facts.elementwise or facts.serial is not None or facts.batch is not None:
        return None
    return Scalar(facts)


MAX_JOIN_DEPTH = 6
_joining: list[Any] = []


def _join_layers(a: Layer, b: Layer) -> Layer:
    """Layers that one place made at different times: what differs between them is not known."""
    if len(_joining) >= MAX_JOIN_DEPTH or any(a is each for each in _joining):
        return a
    _joining.append(a)
    try:
        options = {
            name: _part(a.options.get(name, MISSING), b.options.get(name, MISSING))
            for name in {**a.options, **b.options}
        }
        children = join(a.children, b.children) if a.children is not None and b.children is not None else a.children
    finally:
        _joining.pop()
    if children is a.children and all(a.options.get(name) is value for name, value in options.items()):
        return a
    joined = Layer(a.name, a.site, a.node, a.facts, options)
    joined.attrs, joined.keys = a.attrs, a.keys
    joined.children = children if isinstance(children, Seq) else a.children
    return joined


def _part(a: Any, b: Any) -> Any:
    """`join`, where two unknown values are one."""
    return a if type(a) is Unknown and type(b) is Unknown else join(a, b)


def _join_instances(a: Instance, b: Instance) -> Instance:
    """The same for instances of a class of the program."""
    if len(_joining) >= MAX_JOIN_DEPTH or any(a is each for each in _joining):
        return a
    _joining.append(a)
    try:
        attrs = {name: _part(a.attrs.get(name, MISSING), b.attrs.get(name, MISSING)) for name in {**a.attrs, **b.attrs}}
    finally:
        _joining.pop()
    if len(attrs) == len(a.attrs) and all(a.attrs[name] is value for name, value in attrs.items()):
        return a
    joined = Instance(a.cls, a.site, a.facts)
    joined.attrs.update(attrs)
    return joined


def _one_of_the_parts(a: Dataset) -> Dataset:
    """One of the parts of a split: which, and so how many samples, is not known."""
    return Dataset(dataclasses.replace(a.facts, part=0, samples=None, whole=None, site=None), a.element, a.source)


def _same_site(a: Site | None, b: Site | None) -> bool:
    return a is not None and b is not None and a.key() == b.key()


def _join_devices(a: Device, b: Device) -> Device:
    kinds = {a.facts.kind, b.facts.kind}
    return Device(DeviceFacts(None, guarded="cpu" in kinds or a.facts.guarded or b.facts.guarded, site=a.facts.site))


def _alternatives(value: Any) -> tuple[Any, ...]:
    return value.alternatives if isinstance(value, Union) else (value,)


_UNION_KINDS = (Loss, Layer, Instance, Class, Function, Api, Optimizer, Const, Tool, Bound, Partial, Device, Loader)


def _union(a: Any, b: Any) -> Any:
    """A small set, of things that can be called or compared; tensors of different kinds have no common facts."""
    found: list[Any] = []
    for value in _alternatives(a) + _alternatives(b):
        if not isinstance(value, _UNION_KINDS):
            return UNKNOWN
        for index, known in enumerate(found):
            if known is value or (type(known) is type(value) and not isinstance(join_plain(known, value), Union)):
                found[index] = join_plain(known, value)
                break
        else:
            found.append(value)
    if len(found) == 1:
        return found[0]
    return Union(tuple(found)) if len(found) <= UNION_LIMIT else UNKNOWN


def join_plain(a: Any, b: Any) -> Any:
    """`join` for two values of one kind, where being different is answered with a `Union` (never recursive)."""
    if isinstance(a, Const):
        return a if type(a.value) is type(b.value) and a.value == b.value else Union((a, b))
    if isinstance(a, Api):
        return a if a.name == b.name else Union((a, b))
    if isinstance(a, (Layer, Instance, Tool)):
        one = _same_site(a.site, b.site) and _made_as(a) == _made_as(b)
        return join(a, b) if one else Union((a, b))
    if isinstance(a, (Loss, Optimizer, Loader)):
        return a if _same_site(a.facts.site, b.facts.site) else Union((a, b))
    if isinstance(a, (Function, Class)):
        return a if a.node is b.node else Union((a, b))
    return Union((a, b))


def _made_as(value: Layer | Instance | Tool) -> Any:
    """What one place made: `block = Wide if large else Narrow` makes one of two things in `block(...)`."""
    return id(value.cls) if isinstance(value, Instance) else value.name if isinstance(value, Layer) else None


def _join_sequences(a: Seq, b: Seq) -> Any:
    if len(a.items) == len(b.items) and a.gap == b.gap:
        if all(x is y for x, y in zip(a.items, b.items, strict=True)):
            return a
        return Seq([join(x, y) for x, y in zip(a.items, b.items, strict=True)], a.kind, a.gap)
    return Seq(*_merge(a.cell["v"], b.cell["v"], a.kind))


def join_cells(a: tuple[tuple[Any, ...], int | None], b: tuple[tuple[Any, ...], int | None]) -> Any:
    """Join the contents of one list after two branches."""
    if a == b:
        return a
    if len(a[0]) == len(b[0]) and a[1] == b[1]:
        return tuple(join(x, y) for x, y in zip(a[0], b[0], strict=True)), a[1]
    items, _, gap = _merge(a, b, "list")
    return tuple(items), gap


def _merge(a: Any, b: Any, kind: str) -> tuple[list[Any], str, int | None]:
    """Common prefix, a gap, common suffix."""
    left, right = a[0], b[0]
    prefix_limit = min(len(left) if a[1] is None else a[1], len(right) if b[1] is None else b[1])
    prefix: list[Any] = []
    for x, y in zip(left[:prefix_limit], right[:prefix_limit], strict=True):
        if not _alike(x, y):
            break
        prefix.append(join(x, y))
    room = min(len(left), len(right)) - len(prefix)
    room = min(room, len(left) - (a[1] or 0), len(right) - (b[1] or 0))
    suffix: list[Any] = []
    while len(suffix) < room and _alike(left[-1 - len(suffix)], right[-1 - len(suffix)]):
        suffix.append(join(left[-1 - len(suffix)], right[-1 - len(suffix)]))
    return prefix + suffix[::-1], kind, len(prefix)


def _alike(a: Any, b: Any) -> bool:
    """The same thing made at the same place (in another pass of a loop)."""
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    return not isinstance(join(a, b), (Union, Unknown))


def _join_mappings(a: Mapping, b: Mapping) -> Mapping:
    items = {key: join(a.items.get(key, MISSING), b.items.get(key, MISSING)) for key in {**a.items, **b.items}}
    open_ = a.cell["open"] or b.cell["open"] or a.items.keys() != b.items.keys()
    return Mapping(items, open_, a.factory if a.factory is b.factory else None)


def _join_operations(a: Operation | None, b: Operation | None) -> Operation | None:
    if a is b or a is None or b is None:
        return a if a is b else None
    if a.name != b.name:
        return None
    return a


def join_tensors(a: TensorFacts, b: TensorFacts) -> TensorFacts:
    """The facts that hold for both."""
    form = a.form if a.form is b.form else None
    made_by = _join_operations(a.made_by, b.made_by)
    if form is not None and made_by is None and (a.made_by or b.made_by) is not None:
        form = None
    return TensorFacts(
        form=form,
        made_by=made_by,
        shape=join_shapes(a.shape, b.shape),
        dtype=a.dtype if a.dtype is b.dtype else None,
        device=a.device if a.device == b.device else None,
        attached=a.attached if a.attached == b.attached else None,
        cut_by=_join_operations(a.cut_by, b.cut_by),
        zeroed_by=_join_operations(a.zeroed_by, b.zeroed_by),
        roots=a.roots | b.roots if a.roots and b.roots else frozenset(),
        classes=a.classes if a.classes == b.classes else None,
        reduction=a.reduction if a.reduction == b.reduction else None,
        trailing=_join_operations(a.trailing, b.trailing),
        model=a.model if a.model is b.model else None,
        layer=_join_operations(a.layer, b.layer),
        out_features=a.out_features if a.out_features == b.out_features else None,
        identity=a.identity if a.identity == b.identity else None,
        uses=a.uses if a.uses is b.uses else None,
        origin=a.origin,
        why_unknown=a.why_unknown or b.why_unknown or ("different in two branches" if form is None else ""),
        last=None,
        squeezed=_join_operations(a.squeezed, b.squeezed),
        scalar=a.scalar if a.scalar == b.scalar else None,
    )


def join_shapes(a: Any, b: Any) -> Any:
    if a == b:
        return a
    if a is None or b is None or len(a) != len(b):
        return None
    return tuple(x if x == y else None for x, y in zip(a, b, strict=True))
