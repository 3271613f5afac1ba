"""What one interpretation remembers for questions that only the whole program can answer."""

from __future__ import annotations

from typing import Any


class Watched(dict[str, Any]):
    """The variables of a constructor or of a `forward`: remembers which of them were read."""

    __slots__ = ("read",)

    def __init__(self, values: dict[str, Any]) -> None:
        super().__init__(values)
        self.read: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.read.add(key)
        return super().get(key, default)


class Places(dict[Any, Any]):
    """Where modules are: not known until the program says it, so that a branch that says nothing leaves it unknown."""

    def get(self, key: Any, default: Any = None) -> Any:  # noqa: ARG002  # the default is always None
        return super().get(key)


class Ledger:
    """Notes about classes, loaders and devices; nothing here is undone when a branch ends."""

    __slots__ = (
        "aliases",
        "alive",
        "asked",
        "assigned_classes",
        "availability",
        "axes",
        "backpropagated",
        "batchwise",
        "born",
        "branches",
        "carried",
        "cells",
        "choices",
        "clocks",
        "containers",
        "copied",
        "counted",
        "datasets",
        "deep",
        "depths",
        "devices",
        "distributed",
        "dropped",
        "early",
        "foreign",
        "freezing",
        "gradients",
        "guards",
        "hidden",
        "idle",
        "imported",
        "initialised",
        "judged",
        "kinds",
        "last_loader",
        "layers",
        "leaves",
        "loaders",
        "made",
        "meetings",
        "members",
        "missing",
        "names",
        "no_result",
        "outputs",
        "parts",
        "products",
        "script",
        "shallow",
        "spared",
        "splits",
        "started",
        "tensors",
        "thawed",
        "touched",
        "unguarded",
        "watched",
        "weights",
        "words",
    )  # fmt: skip

    def __init__(self) -> None:
        self.missing: dict[int, tuple[Any, str, Any, bool]] = {}  # attributes that an instance lacks, by node
        self.assigned_classes: dict[
            tuple[int, str], Any
        ] = {}  # (class, attribute) -> site of a class kept as attribute
        self.watched: dict[int, tuple[Any, Any, list[Watched]]] = {}  # function -> (function, object, its variables)
        self.initialised: set[int] = set()  # instances whose `super().__init__()` ran
        self.early: dict[int, list[tuple[str, Any]]] = {}  # class -> submodules set before that
        self.touched: set[int] = set()  # instances that were handed to a call that nothing is known about
        self.alive: list[Any] = []  # keeps the objects behind identities
        self.made: dict[int, list[tuple[Any, Any, Any]]] = {}  # constructor -> (layer, arguments, node) that it makes
        self.born: dict[int, list[Any]] = {}  # layers that a `forward` makes: [layer, node, called]
        self.layers: dict[int, Any] = {}  # affine layers, by the node of their construction
        self.depths: dict[int, int] = {}  # open arms where a layer was made or called last, by node
        self.containers: dict[tuple[int, str], Any] = {}  # (class, attribute) -> target node of a list, dict or tensor
        self.asked: set[int] = set()  # modules whose parameters() somebody asked for
        self.no_result: dict[int, Any] = {}  # `forward` methods that returned None
        # open arms of undecided branches; inside a call of one of several values; tests for an accelerator; devices
        # chosen with a fallback
        self.branches = self.choices = self.availability = self.guards = 0
        self.cells: bool | None = None  # whether the program is run cell by cell, once somebody asked
        self.clocks: set[int] = set()  # calls that read a clock or start one
        self.axes: dict[int, tuple[Any, Any, Any]] = {}  # tensor -> the one that it has dimensions from, and which
        self.unguarded: list[tuple[str, Any]] = []  # (device, node) asked for on every path
        self.devices = Places()  # module facts -> where the module is
        self.words: dict[Any, str] = {}  # device -> what a module was moved to, as written
        self.distributed = False
        self.weights: dict[int, Any] = {}  # layer or tensor -> what set its weights last (see `initialisation`)
        self.aliases: dict[int, int] = {}  # tensor -> the layer whose weight it is
        self.products: dict[Any, Any] = {}  # tensor -> the product with weights that it is
        self.hidden: list[Any] = []  # weights of hidden layers, as they were when they were used first
        self.judged: set[int] = set()  # the same by key
        self.kinds: dict[Any, set[str]] = {}  # a member of a module -> the classes that it is one of
        self.imported: dict[str, Any] = {}  # old names of torch -> where they are imported
        self.names: dict[int, tuple[int, tuple[tuple[str, str], ...]]] = {}  # module -> names that torch goes by in it
        self.spared: set[str] = set()  # old names of torch that a test for its version binds
        self.tensors: set[Any] = set()  # parts of unknown batches that layers and losses take: tensors
        self.carried: dict[Any, str | None] = {}  # parts of unknown batches -> the device that they are moved to
        self.dropped: list[tuple[Any, str, Any]] = []  # (part, method, node): moved, and the result is dropped
        self.meetings: list[
            tuple[Any, ...]
        ] = []  # (part, device of the model, call, argument, the model's construction)
        self.outputs: dict[Any, list[Any]] = {}  # the output of a model that is one of several -> the outputs of each
        # what went backward, by identity: None; values that are not known, until they do: the totals they were added to
        self.backpropagated: dict[int | None, list[Any] | None] = {}
        # a batch norm of single vectors was called; a function of a package that nothing is known about was called;
        # tensors that are not known one by one were made to need gradients
        self.batchwise = self.foreign = self.leaves = False
        self.loaders, self.datasets = list[Any](), list[Any]()
        self.idle: dict[int, Any] = {}  # loaders of the script that nothing has gone through so far
        self.splits: list[tuple[Any, Any, Any]] = []  # (dataset, parts, site) of random_split
        self.started: dict[int, Any] = {}  # loaders that are iterated at module level
        self.parts: list[tuple[Any, Any]] = []  # (dataset, subset)
        self.members: dict[Any, Any] = {}  # unknown value -> the module of which it is some part
        self.freezing: dict[Any, Any] = {}  # module facts -> where its parameters were frozen
        self.gradients: set[int] = set()  # the identities of values that are `p.grad`
        self.thawed: set[Any] = set()  # modules whose parameters are trained at some time
        # modules of which a deep copy was made; the calls that made deep and shallow copies of modules; loops over numbers
        # of layers
        self.copied, self.deep, self.shallow, self.counted = set[int](), set[int](), set[int](), set[int]()
        self.last_loader: Any = None  # the loader that is being iterated
        self.script = True  # the module level runs; later, functions that nobody calls
