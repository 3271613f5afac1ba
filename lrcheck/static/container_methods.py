"""Methods of lists, dicts, constants, and of a value that is one of several."""

from __future__ import annotations

from typing import Any

from lrcheck.static import (
    accumulators,
    attributes,
    calls,
    definitions,
    operators,
    reports,
    subscripts,
    units,
)
from lrcheck.static.arguments import Args
from lrcheck.static.joining import join_all
from lrcheck.static.run import Run
from lrcheck.static.values import (
    MISSING,
    NONE,
    UNKNOWN,
    Const,
    Mapping,
    Method,
    Seq,
    Stream,
    Tool,
    Unknown,
    const,
)

_RESIZING = frozenset({"extend", "insert", "pop", "clear", "remove", "appendleft", "popleft"})


def seq(run: Run, method: Method, args: Args, node: Any, statement: bool) -> Any:
    return sequence_method(run, method.receiver, method.name, args)


def sequence_method(run: Run, seq: Seq, name: str, args: Args) -> Any:
    items, gap = seq.cell["v"]
    first = args.get(0, "object")
    if name in ("append", "add") and first is not MISSING:
        run.put(seq.cell, "v", ((*items, Unknown() if first is UNKNOWN else first), gap))
        if "n" in seq.cell:
            run.put(seq.cell, "n", units.counted_up(run, seq.cell["n"]))
        return NONE
    if "n" in seq.cell and name in _RESIZING:
        run.put(seq.cell, "n", Const(0) if name == "clear" else UNKNOWN)
    if name == "extend" and first is not MISSING:
        operators.extend(run, seq, first if not isinstance(first, Stream) or first.exact is None else Seq(first.exact))
        return NONE
    if name == "insert" and gap is None and isinstance(first, Const) and isinstance(first.value, int):
        changed = list(items)
        changed.insert(first.value, args.get(1, "object"))
        run.put(seq.cell, "v", (tuple(changed), None))
        return NONE
    if name == "pop":
        index = const(first) if first is not MISSING else -1
        if gap is None and items and isinstance(index, int) and -len(items) <= index < len(items):
            run.put(seq.cell, "v", (items[:index] + (items[index + 1 :] if index != -1 else ()), None))
            return items[index]
        return join_all(items) if items else Unknown()
    if name == "copy":
        return Seq(items, seq.kind, gap)
    if name in ("clear", "reverse", "sort", "remove", "insert"):
        run.put(seq.cell, "v", ((), None if name == "clear" else 0))
        return NONE
    if name in ("mean", "sum", "std", "item", "argmax"):
        return Unknown()
    return Unknown()


def mapping(run: Run, method: Method, args: Args, node: Any, statement: bool) -> Any:
    return mapping_method(run, method.receiver, method.name, args, node)


def mapping_method(run: Run, mapping: Mapping, name: str, args: Args, node: Any = None) -> Any:
    open_ = mapping.cell["open"]
    if name in ("get", "pop", "setdefault"):
        key = const(args.get(0, "key"))
        default = args.get(1, "default")
        if key is not MISSING:
            if _has(mapping, key):
                return mapping.items[key]
            if default is MISSING or open_:
                return Unknown()
            if name == "setdefault":
                return subscripts.made_by_default(run, mapping, key, node, default)
            accumulators.defaulted(run, mapping.items, key)
            return default
        if not mapping.items or open_ or default is not MISSING:
            return Unknown()
        absent = (NONE,) if name == "get" else ()  # the key may be another one
        return join_all((*mapping.items.values(), *absent))
    if name in ("values", "items", "keys"):
        pairs: list[Any] = []
        for key, value in mapping.items.items():
            plain: Any = Const(key)
            pairs.append({"values": value, "keys": plain, "items": Seq([plain, value], "tuple")}[name])
        return Stream(join_all(pairs), None if open_ else tuple(pairs))
    if name == "update":
        other = args.get(0, "other")
        if isinstance(other, Mapping):
            for key, value in other.items.items():
                run.put(mapping.items, key, value)
        else:
            run.put(mapping.cell, "open", True)
        for key, value in args.keywords.items():
            run.put(mapping.items, key, value)
        return NONE
    if name == "copy":
        return Mapping(dict(mapping.items), open_, mapping.factory)
    return Unknown()


def _has(mapping: Mapping, key: Any) -> bool:
    try:
        return key in mapping.items
    except TypeError:
        return False


def constant(run: Run, method: Method, args: Args, node: Any, statement: bool) -> Any:
    value = method.receiver.value
    if isinstance(value, str):
        if method.name == "format":
            reports.by_format(run, value, args)
            for given in args.values():
                operators.mark_used(given, "report", run.site(node))
            named = operators.formatted_text(value, args)
            if named is not None:
                return Const(named)
        plain = [const(given) for given in args.positional]
        if method.name in ("lower", "upper", "strip") and not plain:
            return Const(getattr(value, method.name)())
        if method.name in ("startswith", "endswith") and len(plain) == 1 and isinstance(plain[0], str):
            return Const(getattr(value, method.name)(plain[0]))
    return Unknown()


def union(run: Run, method: Method, args: Args, node: Any, statement: bool) -> Any:
    results: list[Any] = []
    live = [a for a in method.receiver.alternatives if not (isinstance(a, Const) and a.value is None)]

    called = node.func if hasattr(node, "func") else node
    among = definitions.Among(run, called)

    def arm(alternative: Any) -> Any:
        def act() -> None:
            callee = attributes.get(run, alternative, method.name, called, calling=True)
            among.asked()
            results.append(calls.call(run, callee, args, node, statement))

        return act

    chosen = all(isinstance(alternative, Tool) for alternative in live)
    run.ledger.choices += chosen
    run.fork([arm(alternative) for alternative in live], exhaustive=True)
    run.ledger.choices -= chosen
    among.done()
    return join_all(results)
