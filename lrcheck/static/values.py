"""Abstract values: what an expression of the checked program may be, as far as that is known.

Tensors are `TensorFacts`. Everything that a program can change (attributes, lists, module modes) lives in plain
dictionaries that only `State.put` writes to, so that a branch can be undone and joined with the other one.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from lrcheck.facts import (
    DatasetFacts,
    DeviceFacts,
    Dim,
    LoaderFacts,
    LossFacts,
    ModuleFacts,
    Operation,
    OptimizerFacts,
    ScalarFacts,
    TensorFacts,
)
from lrcheck.findings import Site

if TYPE_CHECKING:
    import libcst as cst

    from lrcheck.static.document import Document

_identities = itertools.count(1)


def new_identity() -> int:
    """A number that no other value has."""
    return next(_identities)


class Unknown:
    """A value that could not be resolved. It has an identity: its attributes are the same each time they are read."""

    __slots__ = ("attrs", "facts", "identity", "part", "roots", "whole", "why")

    def __init__(self, why: str = "", roots: frozenset[str] = frozenset()) -> None:
        self.why = why
        self.part = False  # of a batch
        self.roots = roots
        self.attrs: dict[str, Any] | None = None
        self.identity = 0
        self.facts: TensorFacts | None = None
        self.whole: Unknown | None = None  # what it is an attribute or element of

    def tensor(self) -> TensorFacts:
        """The facts of this value if it is a tensor: nothing but its identity."""
        if self is UNKNOWN:
            return TensorFacts(identity=new_identity())  # many values: no two of them are known to be the same
        if self.facts is None:
            self.identity = self.identity or new_identity()
            attached = False if self.roots else None
            self.facts = TensorFacts(identity=self.identity, why_unknown=self.why, roots=self.roots, attached=attached)
        return self.facts


UNKNOWN = Unknown()


class Created:
    """While a module of the project is interpreted: the stores that it made itself (`Scope`, `Seq`, `Mapping`, ...)."""

    __slots__ = ("stores",)

    def __init__(self) -> None:
        self.stores: set[int] | None = None


CREATED = Created()


def own(store: dict[Any, Any]) -> dict[Any, Any]:
    """A new store."""
    if CREATED.stores is not None:
        CREATED.stores.add(id(store))
    return store


class Const:
    """A Python constant."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value


class Count(Const):
    """A constant that was counted up from another one: `n += 1`."""

    __slots__ = ()


class Choice(Const):
    """The name of a device that stands in one arm of a switch: the other arm may name another."""

    __slots__ = ()


class Length(Const):
    """The known length of a data set."""

    __slots__ = ("of",)

    def __init__(self, value: int, of: Any) -> None:
        super().__init__(value)
        self.of = of


class Scalar:
    """A Python number with a unit."""

    __slots__ = ("facts",)

    def __init__(self, facts: ScalarFacts) -> None:
        self.facts = facts


NONE = Const(None)


class Size:
    """A number that is a dimension of a tensor or a length: `x.size(0)`, `len(loader)`."""

    __slots__ = ("dim", "of")

    def __init__(self, dim: Dim, of: object = None) -> None:
        self.dim = dim
        self.of = of


class Seq:
    """A list, tuple or set. `cell["v"]` holds (items, gap): items from `gap` on come after unknown ones (None: no gap).

    `cell["n"]` is the number of items of a list that was empty once, as a counter that `append` counts up.
    """

    __slots__ = ("cell", "kind")

    def __init__(self, items: Iterable[Any], kind: str = "list", gap: int | None = None) -> None:
        self.cell: dict[str, Any] = {"v": (tuple(items), gap)}
        if CREATED.stores is not None:
            own(self.cell)
        self.kind = kind

    @property
    def items(self) -> tuple[Any, ...]:
        return self.cell["v"][0]  # type: ignore[no-any-return]

    @property
    def gap(self) -> int | None:
        return self.cell["v"][1]  # type: ignore[no-any-return]


class Mapping:
    """A dict with constant keys; `cell["open"]` is true where further keys may exist; `factory` makes missing values."""

    __slots__ = ("cell", "factory", "items")

    def __init__(self, items: dict[Any, Any], open_: bool = False, factory: Any = None) -> None:
        self.items = items
        self.factory = factory
        self.cell = {"open": open_}
        if CREATED.stores is not None:
            own(self.cell)
            own(items)


class Api:
    """A dotted name of a package that is not the project's own: `torch.nn.functional.softmax`."""

    __slots__ = ("full", "name")

    def __init__(self, name: str, full: str = "") -> None:
        self.name = name  # canonical
        self.full = full or name  # as the program imports it


class Scope:
    """The variables of a module or of one function call; `parent` is the enclosing function's or the module's."""

    __slots__ = ("document", "global_names", "is_class", "parent", "pending", "returns", "stars", "top", "vars", "yields")

    def __init__(self, document: Document, parent: Scope | None = None, is_class: bool = False) -> None:
        self.document = document
        self.vars: dict[str, Any] = own({})
        self.parent = parent
        self.is_class = is_class
        self.top: Scope = parent.top if parent is not None else self
        self.returns: list[Any] = []
        self.yields: list[Any] = []
        self.pending: list[dict[Any, Any]] = []
        self.global_names: set[str] | None = None
        self.stars: list[Any] | None = None


class Function:
    """A function of the program, with the scope that it closes over."""

    __slots__ = ("contexts", "defaults", "document", "kind", "name", "node", "owner", "scope")

    def __init__(self, node: cst.FunctionDef | cst.Lambda, scope: Scope, name: str, defaults: dict[str, Any]) -> None:
        self.node = node
        self.scope = scope
        self.document = scope.document
        self.name = name
        self.defaults = defaults
        self.owner: Class | None = None
        self.kind = ""  # "static", "class", "property"
        self.contexts: tuple[Any, ...] = ()  # decorators such as torch.no_grad()


class Bound:
    """A method with its object."""

    __slots__ = ("function", "self_value")

    def __init__(self, function: Any, self_value: Any) -> None:
        self.function = function
        self.self_value = self_value


class Method:
    """A method of a value that is not an instance of a class of the program: `tensor.softmax`, `optimizer.step`."""

    __slots__ = ("name", "node", "receiver")

    def __init__(self, receiver: Any, name: str, node: cst.CSTNode | None = None) -> None:
        self.receiver = receiver
        self.name = name
        self.node = node  # the expression of the receiver


class Partial:
    """`functools.partial(function, ...)`."""

    __slots__ = ("arguments", "function")

    def __init__(self, function: Any, arguments: Any) -> None:
        self.function = function
        self.arguments = arguments


class Class:
    """A class of the program."""

    __slots__ = ("attrs", "bases", "document", "mro_cache", "name", "node", "scope")

    def __init__(self, node: cst.ClassDef, scope: Scope, name: str, bases: tuple[Any, ...], attrs: dict[str, Any]) -> None:
        self.node = node
        self.scope = scope
        self.document = scope.document
        self.name = name
        self.bases = bases
        self.attrs = attrs
        self.mro_cache: tuple[Any, ...] | None = None

    @property
    def mro(self) -> tuple[Any, ...]:
        """The class and its bases, depth first; ends with names of other packages and unknown bases."""
        if self.mro_cache is None:
            self.mro_cache = (self,)
            found: list[Any] = [self]
            for base in self.bases:
                found.extend(b for b in (base.mro if isinstance(base, Class) else (base,)) if b not in found)
            self.mro_cache = tuple(found)
        return self.mro_cache

    def find(self, name: str, after: Class | None = None) -> Any | None:
        """The attribute `name`, looked up along the bases (behind `after` for `super()`)."""
        mro = self.mro
        if after is not None and after in mro:
            mro = mro[mro.index(after) + 1 :]
        for base in mro:
            if isinstance(base, Class) and name in base.attrs:
                return base.attrs[name]
        return None

    def derives_from(self, names: frozenset[str]) -> bool:
        return any(isinstance(base, Api) and base.name in names for base in self.mro)

    @property
    def opaque_base(self) -> bool:
        """A base could not be resolved, so attributes and methods may come from there."""
        return any(not isinstance(base, (Class, Api)) for base in self.mro)


class Instance:
    """An instance of a class of the program. `facts` is set where the class is an `nn.Module`."""

    __slots__ = ("attrs", "cls", "facts", "site")

    def __init__(self, cls: Class, site: Site | None, facts: ModuleFacts | None = None) -> None:
        self.cls = cls
        self.attrs: dict[str, Any] = own({})
        self.facts = facts
        self.site = site


class Super:
    """`super()`: attribute lookup behind `owner` on `self_value`."""

    __slots__ = ("owner", "self_value")

    def __init__(self, owner: Class | None, self_value: Any) -> None:
        self.owner = owner
        self.self_value = self_value


class Layer:
    """A module of torch. `options` are its constructor's constants; `children` the parts of a container."""

    __slots__ = ("attrs", "children", "facts", "keys", "name", "node", "options", "site")

    def __init__(self, name: str, site: Site, node: cst.CSTNode, facts: ModuleFacts, options: dict[str, Any]) -> None:
        self.name = name
        self.site = site
        self.node = node
        self.facts = facts
        self.options = options
        self.children: Seq | None = None
        self.keys: Mapping | None = None
        self.attrs: dict[str, Any] = own({})


class Loss:
    """A loss module."""

    __slots__ = ("facts",)

    def __init__(self, facts: LossFacts) -> None:
        self.facts = facts


class Optimizer:
    """An optimizer; `params` is what it was given."""

    __slots__ = ("attrs", "facts", "params")

    def __init__(self, facts: OptimizerFacts, params: Any) -> None:
        self.facts = facts
        self.params = params
        self.attrs: dict[str, Any] = own({})


class Tool:
    """An object of torch's training kit: `kind` is "scheduler", "scaler", "writer", "device", ..."""

    __slots__ = ("attrs", "kind", "name", "of", "site")

    def __init__(self, kind: str, name: str, site: Site | None, of: Any = None) -> None:
        self.kind = kind
        self.name = name
        self.site = site
        self.of = of
        self.attrs: dict[str, Any] = own({})


class Device:
    """A device."""

    __slots__ = ("facts",)

    def __init__(self, facts: DeviceFacts) -> None:
        self.facts = facts


class Dataset:
    """A dataset; `element` is one sample (not batched)."""

    __slots__ = ("attrs", "element", "facts", "source")

    def __init__(self, facts: DatasetFacts, element: Any, source: Any = None) -> None:
        self.facts = facts
        self.element = element
        self.source = source
        self.attrs: dict[str, Any] = own({})


class Loader:
    """A data loader; `element` is one batch."""

    __slots__ = ("attrs", "dataset", "element", "facts")

    def __init__(self, facts: LoaderFacts, dataset: Any, element: Any) -> None:
        self.facts = facts
        self.dataset = dataset
        self.element = element
        self.attrs: dict[str, Any] = own({})


class Stream:
    """Anything that can only be iterated: `enumerate(...)`, a generator. `element` is what it yields.

    `of` is what it goes through, where that is one value: the loader of `enumerate(loader)`.
    """

    __slots__ = ("element", "exact", "of")

    def __init__(self, element: Any, exact: tuple[Any, ...] | None = None, of: Any = None) -> None:
        self.of = of
        self.element = element
        self.exact = exact  # all elements, where there are few and all are known


class Parameters:
    """`module.parameters()`: a generator over the parameters of `modules`; `cell["used"]` is true once it is used up."""

    __slots__ = ("cell", "first", "modules", "named", "site")

    def __init__(self, modules: tuple[Any, ...], named: bool = False, site: Any = None) -> None:
        self.cell: dict[str, bool | None] = {"used": False}
        self.first: Any = None
        self.site = site
        self.modules = modules
        self.named = named


class Context:
    """A context manager that changes how torch works: `kind` "grad" with `value` True/False/None, "autocast", ..."""

    __slots__ = ("kind", "value")

    def __init__(self, kind: str, value: Any = None) -> None:
        self.kind = kind
        self.value = value


class Namespace:
    """A module of the project, at `path`; it is only interpreted when one of its names is used."""

    __slots__ = ("importer", "name", "path")

    def __init__(self, name: str, path: str, importer: str) -> None:
        self.name = name
        self.path = path
        self.importer = importer


class Lazy:
    """`from module import name`, until the name is used."""

    __slots__ = ("name", "source")

    def __init__(self, source: Namespace, name: str) -> None:
        self.source = source
        self.name = name


class Union:
    """One of a few values."""

    __slots__ = ("alternatives",)

    def __init__(self, alternatives: tuple[Any, ...]) -> None:
        self.alternatives = alternatives


MISSING = object()
UNION_LIMIT = 4


def goes_over_data(source: Any) -> bool:
    """Whether an iterable may be a loader: itself, counted or zipped; `range(n)` is none."""
    while isinstance(source, Stream) and source.of is not None:
        source = source.of
    return isinstance(source, (Loader, Dataset, Unknown))


def const(value: Any) -> Any:
    """The Python constant that a value is, or MISSING."""
    return value.value if isinstance(value, Const) else MISSING


def number(value: Any) -> int | float | None:
    """The number that a value is, where it is known."""
    if isinstance(value, Const) and isinstance(value.value, (int, float)) and not isinstance(value.value, bool):
        return value.value
    if isinstance(value, Size) and isinstance(value.dim, int):
        return value.dim
    return None


def as_dim(value: Any) -> Dim:
    """A value as a dimension."""
    if isinstance(value, Size):
        return value.dim
    found = number(value)
    return found if isinstance(found, int) else None


def from_dim(dim: Dim, of: object = None) -> Any:
    return Const(dim) if isinstance(dim, int) else Size(dim, of) if dim is not None else UNKNOWN


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
        options = {name: _part(a.options.get(name, MISSING), b.options.get(name, MISSING)) for name in {**a.options, **b.options}}
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
        return join(a, b) if _same_site(a.site, b.site) else Union((a, b))
    if isinstance(a, (Loss, Optimizer, Loader)):
        return a if _same_site(a.facts.site, b.facts.site) else Union((a, b))
    if isinstance(a, (Function, Class)):
        return a if a.node is b.node else Union((a, b))
    return Union((a, b))


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


