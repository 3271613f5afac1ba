"""Python's builtins and the standard library, as far as training scripts need them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from lrcheck.facts import TensorFacts
from lrcheck.static import (
    accumulators,
    attributes,
    calls,
    data,
    expressions,
    operators,
    reports,
    snapshots,
    statements,
    tensor_ops,
    units,
)
from lrcheck.static.arguments import Args, of
from lrcheck.static.evaluation import api
from lrcheck.static.joining import join_all
from lrcheck.static.run import Run
from lrcheck.static.values import (
    MISSING,
    NONE,
    UNKNOWN,
    Api,
    Class,
    Const,
    Dataset,
    Function,
    Instance,
    Layer,
    Length,
    Loader,
    Loss,
    Mapping,
    Namespace,
    Parameters,
    Partial,
    Scalar,
    Seq,
    Size,
    Stream,
    Tool,
    Union,
    Unknown,
    const,
    from_dim,
    number,
)

# Classes of torch that other public classes of torch extend.
EXTENDED_CLASSES = frozenset({"Module", "Container", "RNNBase", "RNNCellBase", "Hardtanh", "Upsample", "LRScheduler", "_LRScheduler",
                              "ConstantPad1d", "ConstantPad2d", "ConstantPad3d"})  # fmt: skip
MAX_RANGE = 64


def _len(run: Run, args: Args, node: Any) -> Any:
    value = args.get(0, "obj")
    if isinstance(value, Seq):
        return Const(len(value.items)) if value.gap is None else Size(None, value)
    if isinstance(value, Const) and isinstance(value.value, str):
        return Const(len(value.value))
    if isinstance(value, TensorFacts):
        return from_dim(value.shape[0], value) if value.shape else Size(None, value)
    if isinstance(value, Mapping) and not value.cell["open"]:
        return Const(len(value.items))
    if isinstance(value, Dataset) and value.facts.samples is not None:
        return Length(value.facts.samples, value)
    if isinstance(value, Dataset) and isinstance(value.source, Instance):
        return Size(None, value)
    if isinstance(value, (Loader, Dataset)) or accumulators.is_one_of_loaders(value):
        return Size(None, value)
    if isinstance(value, Unknown):
        return Size(None, value)
    if isinstance(value, Instance):
        found = value.cls.find("__len__")
        if isinstance(found, Function):
            return calls.invoke(run, found, of([]), node, value)
    if isinstance(value, Layer) and value.children is not None and value.children.gap is None:
        return Const(len(value.children.items))
    return Unknown()


def _range(run: Run, args: Args, node: Any) -> Any:
    bounds = [number(value) for value in args.positional]
    if not args.open and bounds and all(isinstance(bound, int) for bound in bounds):
        numbers = range(*[bound for bound in bounds if isinstance(bound, int)]) if 0 not in bounds[2:] else range(0)
        if len(numbers) <= MAX_RANGE:
            return Stream(
                join_all(Const(i) for i in numbers) if len(numbers) < 5 else UNKNOWN, tuple(Const(i) for i in numbers)
            )
    return Stream(Size(None))


def _enumerate(run: Run, args: Args, node: Any) -> Any:

    start = number(args.get(1, "start")) if args.get(1, "start") is not MISSING else 0
    elements, exact = statements.elements_of(run, args.get(0, "iterable"))
    if exact and isinstance(start, int):
        pairs = tuple(Seq([Const(i), element], "tuple") for i, element in enumerate(elements, start))
        return Stream(join_all(pairs), pairs)
    index = Size(None, ("index", start)) if isinstance(start, int) else Size(None)
    return Stream(Seq([index, join_all(elements)], "tuple"), of=args.get(0, "iterable"))


def _zip(run: Run, args: Args, node: Any) -> Any:

    columns = [statements.elements_of(run, value) for value in args.positional]
    if columns and not args.open and all(exact for _, exact in columns):
        rows = tuple(Seq(list(row), "tuple") for row in zip(*[elements for elements, _ in columns], strict=False))
        return Stream(join_all(rows), rows)
    of = args.positional[0] if args.positional else None
    return Stream(Seq([join_all(elements) for elements, _ in columns], "tuple", 0 if args.open else None), of=of)


def _as_list(kind: str) -> Callable[[Run, Args, Any], Any]:
    def make(run: Run, args: Args, node: Any) -> Any:

        value = args.get(0, "iterable")
        if value is MISSING:
            return expressions.empty_list() if kind == "list" else Seq([], kind)
        if isinstance(value, TensorFacts):
            return value
        elements, exact = statements.elements_of(run, value)
        return Seq(elements, kind, None if exact else 0)

    return make


def _dict(run: Run, args: Args, node: Any) -> Any:
    first = args.get(0, "mapping")
    if isinstance(first, Tool) and first.kind == "state" and not args.keywords:
        return first  # the values are the parameters themselves
    items = dict(first.items) if isinstance(first, Mapping) else {}
    open_ = (
        args.open
        or (first is not MISSING and not isinstance(first, Mapping))
        or (isinstance(first, Mapping) and first.cell["open"])
    )
    if (
        isinstance(first, Seq)
        and first.gap is None
        and all(isinstance(i, Seq) and len(i.items) == 2 for i in first.items)
    ):
        open_ = False
        for item in first.items:
            if isinstance(item.items[0], Const):
                items[item.items[0].value] = item.items[1]
    items.update(args.keywords)
    return Mapping(items, open_)


def _default_dict(run: Run, args: Args, node: Any) -> Any:
    """`defaultdict(float)`."""
    made = _dict(run, args.shifted(), node)
    factory = args.get(0, "default_factory")
    made.factory = None if factory is MISSING or factory is NONE else factory
    return made


def _counter(run: Run, args: Args, node: Any) -> Any:
    """`Counter()`: what is not in it counts as 0."""
    if args.positional or args.keywords or args.open:
        return Unknown()
    made = Mapping({}, False)
    made.factory = api("builtins.int")
    return made


def _print(run: Run, args: Args, node: Any) -> Any:
    reports.printed(run, args)
    for value in args.values():
        operators.mark_used(value, "report", run.site(node))
    return NONE


def _cast(run: Run, args: Args, node: Any) -> Any:
    value = args.get(0, "x")
    if value is MISSING:
        return Const(0)
    if isinstance(value, Scalar):
        return value
    if isinstance(value, (Const, Size)):
        plain = number(value)
        return Const(int(plain)) if plain is not None else value if isinstance(value, Size) else UNKNOWN
    if isinstance(value, TensorFacts):
        return value.but(attached=False)
    return Unknown()


def _int(run: Run, args: Args, node: Any) -> Any:
    made = _cast(run, args, node)
    return made.but(shape=()) if isinstance(made, TensorFacts) else made


def _float(run: Run, args: Args, node: Any) -> Any:
    value = args.get(0, "x")
    if value is MISSING:
        return Const(0.0)
    plain = number(value)
    if plain is not None:
        return Const(float(plain))
    if isinstance(value, (Scalar, Size)):
        return value
    if isinstance(value, TensorFacts):
        return tensor_ops.apply(run, "item", value, of([]), node, None)
    return Unknown()


def _isinstance(run: Run, args: Args, node: Any) -> Any:
    value, wanted = args.get(0, "obj"), args.get(1, "cls")
    if isinstance(value, Union) and all(isinstance(each, (Tool, Const, Loss)) for each in value.alternatives):
        answers = {const(is_instance(each, wanted)) for each in value.alternatives}
        return Const(answers.pop()) if len(answers) == 1 and MISSING not in answers else Unknown()
    return is_instance(value, wanted)


def is_instance(value: Any, wanted: Any) -> Any:
    if isinstance(value, Instance) and isinstance(wanted, Class):
        return Const(wanted in value.cls.mro) if not value.cls.opaque_base or wanted in value.cls.mro else Unknown()
    if isinstance(value, Instance) and not value.cls.opaque_base:
        kinds = wanted.items if isinstance(wanted, Seq) and wanted.gap is None else (wanted,)
        if all(isinstance(kind, Api) for kind in kinds):
            return Const(
                any(isinstance(base, Api) and base.name == kind.name for base in value.cls.mro for kind in kinds)
            )
    if isinstance(value, Const) and value.value is None:
        return Const(False) if isinstance(wanted, Api) and wanted.name.startswith("torch.") else Unknown()
    if isinstance(value, Loss) and value.facts.contract is not None:
        name = f"torch.nn.{value.facts.contract.module}"
    else:
        name = value.name if isinstance(value, (Layer, Tool)) else ""
    if name:
        kinds = wanted.items if isinstance(wanted, Seq) and wanted.gap is None else (wanted,)
        answers = [_is_kind(name, kind.name) if isinstance(kind, Api) else None for kind in kinds]
        return Const(True) if True in answers else Const(False) if answers and None not in answers else Unknown()
    return Unknown()


def _is_kind(name: str, wanted: str) -> bool | None:
    """Whether an object of one class of torch is an object of another one."""
    if wanted in {name, "torch.nn.Module"}:
        return True
    package, _, short = wanted.rpartition(".")
    apart = package == name.rpartition(".")[0] and package in {"torch.nn", "torch.optim.lr_scheduler"}
    return False if apart and short not in EXTENDED_CLASSES and not name.startswith("torch.nn.Lazy") else None


def _getattr(run: Run, args: Args, node: Any) -> Any:

    name = const(args.get(1, "name"))
    if isinstance(name, str):
        return attributes.get(run, args.get(0, "object"), name, node, calling=False)
    return Unknown("an attribute that is chosen at run time")


def _setattr(run: Run, args: Args, node: Any) -> Any:

    name, base = const(args.get(1, "name")), args.get(0, "object")
    if isinstance(name, str):
        attributes.put(run, base, name, args.get(2, "value"), node, None)
    elif isinstance(base, Instance):
        run.put(base.attrs, "*dynamic*", Unknown())
    return NONE


def _map(run: Run, args: Args, node: Any) -> Any:

    elements = [statements.element_of(run, value) for value in args.positional[1:]]
    return Stream(calls.call(run, args.get(0, "func"), of(elements), node))


def _next(run: Run, args: Args, node: Any) -> Any:

    return statements.element_of(run, args.get(0, "iterator"))


def _first(run: Run, args: Args, node: Any) -> Any:
    value = args.get(0, "iterable")
    return UNKNOWN if value is MISSING else value


def _reversed(run: Run, args: Args, node: Any) -> Any:
    value = args.get(0, "sequence")
    if isinstance(value, Seq) and value.gap is None:
        return Stream(join_all(value.items), tuple(reversed(value.items)))
    if isinstance(value, Stream) and value.exact is not None:
        return Stream(value.element, tuple(reversed(value.exact)))
    return Stream(Unknown())


def _sum(run: Run, args: Args, node: Any) -> Any:
    value = args.get(0, "iterable")
    total = units.total(run, value)
    if total is not None:
        return total
    items = value.items if isinstance(value, Seq) else [value.element] if isinstance(value, Stream) else []
    if items and all(isinstance(item, TensorFacts) for item in items):
        result = items[0]
        for item in items[1:]:
            result = operators.arithmetic(run, node, "Add", result, item, node, node)
        return result
    numbers = [number(item) for item in items]
    if isinstance(value, Seq) and value.gap is None and all(n is not None for n in numbers):
        return Const(sum(n for n in numbers if n is not None))
    return Unknown()


def _extremum(run: Run, args: Args, node: Any) -> Any:
    numbers = [number(value) for value in args.positional]
    if len(numbers) > 1 and all(n is not None for n in numbers):
        known = [n for n in numbers if n is not None]
        return (
            Const(max(known) if node.func.value == "max" else min(known)) if hasattr(node.func, "value") else Unknown()
        )
    largest = units.largest(run, args.positional) if args.positional and not args.open else None
    return largest if largest is not None else Unknown()


def _partial(run: Run, args: Args, node: Any) -> Any:
    if not args.positional:
        return Unknown()
    rest = Args(args.positional[1:], args.nodes[1:], args.keywords, args.keyword_nodes, args.open)
    return Partial(args.positional[0], rest)


def _deepcopy(run: Run, args: Args, node: Any) -> Any:
    if args.positional and isinstance(args.positional[0], Tool) and args.positional[0].kind == "state":
        return Unknown("a copy of a state")
    if args.positional:
        snapshots.model_copied(run, args.positional[0])
        run.ledger.deep.add(id(node))
    return _first(run, args, node) if args.positional else Unknown()


def _copy(run: Run, args: Args, node: Any) -> Any:
    """A shallow copy of a module is another object around the same parameters."""
    if not args.positional:
        return Unknown()
    value = args.positional[0]
    if isinstance(value, Layer) or (isinstance(value, Instance) and value.cls.find("__copy__") is None):
        run.ledger.shallow.add(id(node))
    return _first(run, args, node)


def _chain(run: Run, args: Args, node: Any) -> Any:

    if args.positional and all(isinstance(value, Parameters) and not value.named for value in args.positional):
        return Parameters(tuple(module for value in args.positional for module in value.modules))
    return Stream(join_all(statements.element_of(run, value) for value in args.positional))


def _progress(run: Run, args: Args, node: Any) -> Any:
    """`tqdm(loader)` is the loader."""
    value = args.get(0, "iterable")
    if value is MISSING:
        value = args.get(0, "sequence")
    return Unknown() if value is MISSING else value


def _ordered_dict(run: Run, args: Args, node: Any) -> Any:
    return _dict(run, args, node)


def _field(run: Run, args: Args, node: Any) -> Any:
    """`field(default_factory=...)` of a dataclass: each instance gets its own."""
    return Tool("field", "dataclasses.field", run.site(node), args)


def _exec(run: Run, args: Args, node: Any) -> Any:
    """Other code runs in this scope, as with `%run` in a notebook: its variables may be other ones now."""
    code = const(args.get(0, "source"))
    words = frozenset(re.findall(r"\w+", code)) if isinstance(code, str) else None
    for name, value in list(run.scope.vars.items()):
        if not isinstance(value, (Api, Class, Function, Namespace)) and (words is None or name in words):
            run.put(run.scope.vars, name, Unknown())
    return NONE


def _unknown(run: Run, args: Args, node: Any) -> Any:
    return Unknown()


HANDLERS: dict[str, Callable[[Run, Args, Any], Any]] = {
    "builtins.len": _len,
    "builtins.range": _range,
    "builtins.enumerate": _enumerate,
    "builtins.zip": _zip,
    "builtins.list": _as_list("list"),
    "builtins.tuple": _as_list("tuple"),
    "builtins.set": _as_list("set"),
    "builtins.sorted": lambda run, args, node: Seq([_next(run, args, node)], "list", 0),
    "builtins.dict": _dict,
    "collections.OrderedDict": _ordered_dict,
    "collections.defaultdict": _default_dict,
    "collections.Counter": _counter,
    "dataclasses.field": _field,
    "collections.namedtuple": data.named_tuple,
    "builtins.print": _print,
    "builtins.exec": _exec,
    "builtins.int": _int,
    "builtins.round": _cast,
    "builtins.float": _float,
    "builtins.isinstance": _isinstance,
    "builtins.getattr": _getattr,
    "builtins.setattr": _setattr,
    "builtins.map": _map,
    "builtins.next": _next,
    "builtins.iter": _first,
    "builtins.filter": lambda run, args, node: args.positional[1] if len(args.positional) > 1 else Unknown(),
    "builtins.reversed": _reversed,
    "builtins.sum": _sum,
    "builtins.max": _extremum,
    "builtins.min": _extremum,
    "functools.partial": _partial,
    "copy.deepcopy": _deepcopy,
    "copy.copy": _copy,
    "itertools.chain": _chain,
    "itertools.cycle": _first,
    "itertools.islice": _first,
    **dict.fromkeys(
        ("tqdm.tqdm", "tqdm.auto.tqdm", "tqdm.notebook.tqdm", "tqdm.tqdm_notebook", "tqdm.autonotebook.tqdm", "rich.progress.track",
         "tqdm.std.tqdm", "tqdm.rich.tqdm", "fastprogress.progress_bar", "progressbar.progressbar"),
        _progress,
    ),
    **dict.fromkeys(
        ("builtins.str", "builtins.repr", "builtins.format", "builtins.hasattr", "builtins.type", "builtins.id", "builtins.open",
         "builtins.abs", "builtins.bool", "builtins.any", "builtins.all", "builtins.input", "builtins.vars", "builtins.hash"),
        _unknown,
    ),
}  # fmt: skip
