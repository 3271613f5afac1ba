"""Abstract values: what an expression of the checked program may be, as far as that is known.

Tensors are `TensorFacts`. Everything that a program can change (attributes, lists, module modes) lives in plain
dictionaries that only `State.put` writes to, so that a branch can be undone and joined with the other one.
"""

from __future__ import annotations

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
    OptimizerFacts,
    ScalarFacts,
    Shape,
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

    __slots__ = ("attrs", "axis", "facts", "identity", "model", "part", "roots", "shape", "whole", "why")

    def __init__(self, why: str = "", roots: frozenset[str] = frozenset()) -> None:
        self.why = why
        self.part = False  # of a batch
        self.shape: Shape | None = None  # of an array that is no tensor
        self.roots = roots
        self.attrs: dict[str, Any] | None = None
        self.identity = 0
        self.facts: TensorFacts | None = None
        self.whole: Unknown | None = None  # what it is an attribute or element of
        self.model: ModuleFacts | None = None  # the model that gave it
        self.axis: tuple[Any, Any] | None = None  # a dimension of that tensor, or two (None: its shape)

    def tensor(self) -> TensorFacts:
        """The facts of this value if it is a tensor: nothing but its identity."""
        if self is UNKNOWN:
            return TensorFacts(identity=new_identity())  # many values: no two of them are known to be the same
        if self.facts is None:
            self.identity = self.identity or new_identity()
            attached = False if self.roots else None
            self.facts = TensorFacts(
                shape=self.shape,
                identity=self.identity,
                why_unknown=self.why,
                roots=self.roots,
                attached=attached,
                model=self.given_by(),
            )
        return self.facts

    def given_by(self) -> ModuleFacts | None:
        """The model that gave it, or what it is a part of."""
        value: Unknown | None = self
        while value is not None and value.model is None:
            value = value.whole
        return value.model if value is not None else None


UNKNOWN = Unknown()
PREPARED_BY = "*prepares*"
"""The attribute of a framework's object that names the method which wraps models."""


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

    __slots__ = ("axis", "dim", "of")

    def __init__(self, dim: Dim, of: object = None, axis: int | None = None) -> None:
        self.dim = dim
        self.of = of
        self.axis = axis  # which dimension of the tensor `of`


class Columns(Size):
    """A dimension of scores whose shape is not known, as far as a test asks for it: one column, if they are a matrix."""

    __slots__ = ("number",)

    def __init__(self, number: int, of: object) -> None:
        super().__init__(None, of)
        self.number = number


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


_GONE: Any = None


class Scope:
    """The variables of a module or of one function call; `parent` is the enclosing function's or the module's."""

    __slots__ = (
        "document",
        "global_names",
        "is_class",
        "parent",
        "pending",
        "returns",
        "stars",
        "top",
        "vars",
        "yielded",
        "yields",
    )

    def __init__(self, document: Document, parent: Scope | None = None, is_class: bool = False) -> None:
        self.document = document
        self.vars: dict[str, Any] = own({})
        self.parent = parent
        self.is_class = is_class
        self.top: Scope = parent.top if parent is not None else self
        self.returns: list[Any] = []
        self.yields: list[Any] = []
        self.yielded: dict[int, Any] = {}  # each `yield`, and the loop over data that it stands in
        self.pending: list[dict[Any, Any]] = []
        self.global_names: set[str] | None = None
        self.stars: list[Any] | None = None

    def forget(self) -> None:
        """Let go of what holds the scope in turn: the functions that close over it, and itself."""
        for values in (self.vars, self.returns, self.yields, self.yielded, self.pending):
            values.clear()
        self.top = _GONE


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

    def __init__(
        self, node: cst.ClassDef, scope: Scope, name: str, bases: tuple[Any, ...], attrs: dict[str, Any]
    ) -> None:
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

    def forget(self) -> None:
        """Let go of what holds the class in turn: its methods and its place among its bases."""
        self.attrs.clear()
        self.mro_cache = None

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

    __slots__ = ("kind", "lasting", "value")

    def __init__(self, kind: str, value: Any = None, lasting: bool = False) -> None:
        self.kind = kind
        self.value = value
        self.lasting = lasting  # as a statement it holds from there on


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
    """One of a few values; each of them in turn where it is an `element` of a list."""

    __slots__ = ("alternatives", "element")

    def __init__(self, alternatives: tuple[Any, ...], element: bool = False) -> None:
        self.alternatives = alternatives
        self.element = element


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
