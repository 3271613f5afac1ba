"""Expressions: what a syntax node evaluates to."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

import libcst as cst

from lrcheck.events import ForwardCall, OpaqueCall
from lrcheck.knowledge.names import canonical
from lrcheck.static import (
    api_uses,
    attributes,
    calls,
    devices,
    imports,
    layers,
    operators,
    pipelines,
    reports,
    snapshots,
    statements,
    torch_api,
    units,
)
from lrcheck.static.evaluation import EVALUATORS, api, evaluate
from lrcheck.static.joining import join, join_all
from lrcheck.static.run import Branch, Call, Loop, Run
from lrcheck.static.values import (
    NONE,
    UNKNOWN,
    Api,
    Const,
    Function,
    Lazy,
    Mapping,
    Namespace,
    Scope,
    Seq,
    Stream,
    Unknown,
    goes_over_data,
)

_NOTHING = Const(0)
MAX_LITERAL = 200  # elements of a literal that are looked at
_BUILTIN_NAMES = frozenset(dir(builtins))
_BUILTINS: dict[str, Any] = {}  # as far as they were asked for


_CONSTANTS = {"True": Const(True), "False": Const(False), "None": NONE}


def _name(run: Run, node: cst.Name) -> Any:
    name = node.value
    scope = run.scope
    if scope.global_names is None:  # most names are variables of the function itself
        value = scope.vars.get(name)
        if value is not None and type(value) is not Lazy:
            return value
    return _CONSTANTS.get(name) or lookup(run, name)


def lookup(run: Run, name: str) -> Any:
    """A variable, along the scopes."""
    scope: Scope | None = run.scope
    if scope is not None and scope.global_names is not None and name in scope.global_names:
        scope = scope.top
    first = True
    while scope is not None:
        if first or not scope.is_class:
            value = scope.vars.get(name)
            if value is not None:
                return value if type(value) is not Lazy else imports.known(run, scope, name)
        first = False
        if scope.parent is None:
            break
        scope = scope.parent
    if scope is not None and scope.stars:
        found = from_stars(run, scope, name)
        if found is not None:
            return found
    if name in _BUILTIN_NAMES:
        return _BUILTINS.get(name) or _BUILTINS.setdefault(name, api("builtins." + name))
    found = run.undefined.get(name)
    if found is None:
        found = run.undefined[name] = Unknown(f"`{name}` is not defined in this program")
    return found


def from_stars(run: Run, scope: Scope, name: str) -> Any:
    """A name that a `from package import *` may have brought in."""
    for module in reversed(scope.stars or []):
        if isinstance(module, Namespace):
            inside = imports.scope_of(run, module)
            if inside is None:
                continue
            value = imports.known(run, inside, name)
            if value is None and inside.stars and inside is not scope:
                with run.inside(inside):
                    value = from_stars(run, inside, name)
            if value is not None:
                return value
        elif isinstance(module, Api) and name not in _BUILTIN_NAMES and _exports(module.name, name):
            return api(f"{module.name}.{name}")
    return None


def _exports(module: str, name: str) -> bool:

    return torch_api.is_known(canonical(f"{module}.{name}"))


def _attribute(run: Run, node: cst.Attribute) -> Any:
    base = evaluate(run, node.value)
    return attributes.get(run, base, node.attr.value, node)


def _integer(run: Run, node: cst.Integer) -> Any:
    try:
        return Const(int(node.value.replace("_", ""), 0))
    except ValueError:
        return UNKNOWN


def _float(run: Run, node: cst.Float) -> Any:
    try:
        return Const(float(node.value))
    except ValueError:
        return UNKNOWN


def _string(run: Run, node: cst.SimpleString) -> Any:
    text = node.value
    quote = text[-1]
    if text[0] == quote and text[1] != quote and "\\" not in text:
        body = text[1:-1]
        if body[1:2] == ":" or body[:1] == "/":
            pipelines.path_written(run, node, body)
        return devices.named(body) if run.ledger.branches else Const(body)
    prefix = text[: text.find(quote)].lower()
    body = text[len(prefix) :]
    width = 3 if body[:3] == quote * 3 and len(body) >= 6 else 1
    body = body[width:-width]
    if body[1:2] == ":" or body[:1] == "/":
        pipelines.path_written(run, node, body)
    if "\\" in body and "r" not in prefix:
        return Const(_unescape(body))
    return Const(body)


def _unescape(body: str) -> str:
    for escape, plain in (("\\n", "\n"), ("\\t", "\t"), ("\\\\", "\\"), ("\\'", "'"), ('\\"', '"')):
        body = body.replace(escape, plain)
    return body


def _concatenated(run: Run, node: cst.ConcatenatedString) -> Any:
    left, right = evaluate(run, node.left), evaluate(run, node.right)
    if isinstance(left, Const) and isinstance(right, Const):
        return Const(str(left.value) + str(right.value))
    return UNKNOWN


def _formatted(run: Run, node: Any) -> Any:
    values: list[tuple[Any, Any]] = []
    texts: list[str] | None = []
    for part in node.parts:
        expression = getattr(part, "expression", None)
        if expression is not None:
            values.append((expression, evaluate(run, expression)))
            operators.mark_used(values[-1][1], "report", run.site(expression))
        if texts is not None:
            text = part.value if expression is None else _as_text(part, values[-1][1])
            texts = [*texts, text] if text is not None else None
    reports.formatted(run, node, values)
    if texts is None:
        return UNKNOWN
    return devices.named("".join(texts)) if run.ledger.branches else Const("".join(texts))


def _as_text(part: Any, value: Any) -> str | None:
    """What `{value}` becomes: the names of layers that a loop makes."""
    if (
        part.format_spec is not None
        or part.conversion is not None
        or part.equal is not None
        or not isinstance(value, Const)
    ):
        return None
    return str(value.value) if type(value.value) in {str, int} else None


def _tuple(run: Run, node: cst.Tuple) -> Any:
    return sequence(run, node.elements, "tuple")


def _list(run: Run, node: cst.List) -> Any:
    if not node.elements:
        return empty_list()
    return sequence(run, node.elements, "list")


def empty_list() -> Seq:
    """`[]`: how long it becomes is counted."""
    made = Seq([], "list")
    made.cell["n"] = _NOTHING
    return made


def _set(run: Run, node: cst.Set) -> Any:
    return sequence(run, node.elements, "set")


def sequence(run: Run, elements: Any, kind: str) -> Seq:
    """A literal list or tuple, with `*parts` unpacked."""
    if len(elements) > MAX_LITERAL:
        return Seq([], kind, 0)
    items: list[Any] = []
    gap: int | None = None
    for element in elements:
        value = evaluate(run, element.value)
        if not isinstance(element, cst.StarredElement):
            items.append(value)
            continue
        if isinstance(value, Seq):
            if value.gap is not None and gap is None:
                gap = len(items) + value.gap
            elif value.gap is not None and gap is not None:
                del items[gap:]
            items.extend(value.items)
        elif gap is None:
            gap = len(items)
        else:
            del items[gap:]
    return Seq(items, kind, gap)


def _dict(run: Run, node: cst.Dict) -> Any:
    if len(node.elements) > MAX_LITERAL:
        return Mapping({}, open_=True)
    items: dict[Any, Any] = {}
    open_ = False
    for element in node.elements:
        value = evaluate(run, element.value)
        if not isinstance(element, cst.DictElement):
            if isinstance(value, Mapping):
                items.update(value.items)
                open_ = open_ or value.cell["open"]
            else:
                open_ = True
            continue
        key = evaluate(run, element.key)
        if isinstance(key, Const):
            items[key.value] = value
        else:
            open_ = True
            items[run.site(element.key).key()] = value
    return Mapping(items, open_)


def _conditional(run: Run, node: cst.IfExp) -> Any:
    truth = operators.truth(evaluate(run, node.test))
    if truth is not None:
        run.ledger.branches += 1  # a switch that the user may turn
        try:
            return evaluate(run, node.body if truth else node.orelse)
        finally:
            run.ledger.branches -= 1
    results: list[Any] = []

    def arm(part: Any) -> Callable[[], None]:
        def act() -> None:
            results.append(evaluate(run, part))

        return act

    arms: list[Any] = [arm(node.body), arm(node.orelse)]
    if api_uses.tests_version(node.test) or api_uses.are_variants(node.body, node.orelse):
        with run.flag("fallback", True):
            run.fork(arms, exhaustive=True, ways=True)
    else:
        run.fork(arms, exhaustive=True, ways=True)
    value = join_all(units.measured(run, results))
    return operators.guard_device(run, node, results, value)


def _boolean(run: Run, node: cst.BooleanOperation) -> Any:
    is_and = isinstance(node.operator, cst.And)
    left = evaluate(run, node.left)
    truth = operators.truth(left)
    if truth is not None and truth is not is_and:
        return left
    right = evaluate(run, node.right)
    if truth is not None or (isinstance(right, Const) and right.value is not is_and and type(right.value) is bool):
        return right
    return UNKNOWN if is_and else join(left, right)


def _lambda(run: Run, node: cst.Lambda) -> Any:
    function = Function(node, run.scope, "<lambda>", calls.defaults(run, node.params))
    run.functions.append(function)
    return function


def _comprehension(run: Run, node: Any) -> Any:
    """List, set and generator comprehensions: evaluated for each known element, else once."""
    scope = Scope(run.scope.document, run.scope)
    outer, run.trace = run.trace, []
    sources: list[Any] = []
    try:
        with run.inside(scope):
            elements, exact = _clauses(run, node.for_in, lambda: evaluate(run, node.elt), sources)
    finally:
        inner, run.trace = run.trace, outer
    if inner and goes_over_data(sources[0]) and _calls_a_model(inner):
        outer.append(Loop(node, run.site(node), inner, [inner], run.loop_depth, sources[0], run.forward_depth > 0))
    else:
        outer.extend(inner)
    layers.comprehended(run, node, elements, exact)
    kind = {"ListComp": "list", "SetComp": "set"}.get(type(node).__name__)
    if exact:
        return Seq(elements, kind or "tuple") if kind else Stream(join_all(elements), tuple(elements))
    element = join_all(elements)
    return (
        Seq([element], kind, 0) if kind == "never" else Stream(element) if kind is None else _open_list(element, kind)
    )


def _calls_a_model(entries: list[Any]) -> bool:
    """Whether a model is called: then the comprehension is a loop like any other."""
    for entry in entries:
        kind = type(entry)
        if kind is ForwardCall or (kind is OpaqueCall and entry.moded):
            return True
        if kind is Call and _calls_a_model(entry.body):
            return True
        if kind is Branch and any(_calls_a_model(arm) for arm, _ in entry.arms):
            return True
    return False


def _open_list(element: Any, kind: str) -> Seq:
    """A list of unknown length whose elements are alike: the last one is known as well."""
    return Seq([element], kind, 0)


def _dict_comprehension(run: Run, node: cst.DictComp) -> Any:
    scope = Scope(run.scope.document, run.scope)
    items: dict[Any, Any] = {}
    sources: list[Any] = []

    def one() -> Any:
        key, value = evaluate(run, node.key), evaluate(run, node.value)
        if isinstance(key, Const):
            items[key.value] = value
        return value

    with run.inside(scope):
        _, exact = _clauses(run, node.for_in, one, sources)
    return snapshots.relisted(node, sources[0]) or Mapping(items, not exact)


def _clauses(run: Run, clause: Any, body: Callable[[], Any], sources: list[Any]) -> tuple[list[Any], bool]:
    """The values of `body` for the elements of `for ... in ... if ...`, and whether they are all the values."""
    iterable = evaluate(run, clause.iter)
    sources.append(iterable)
    elements, exact = statements.elements_of(run, iterable)
    results: list[Any] = []
    for element in elements[:8] if exact and len(elements) <= 8 else [statements.any_of(elements)]:
        statements.assign(run, clause.target, element, clause.iter)
        for condition in clause.ifs:
            truth = operators.truth(evaluate(run, condition.test))
            exact = exact and truth is not None
            if truth is False:
                break
        else:
            if clause.inner_for_in is not None:
                inner, inner_exact = _clauses(run, clause.inner_for_in, body, sources)
                results.extend(inner)
                exact = exact and inner_exact
            else:
                results.append(body())
    return results, exact and len(elements) <= 8


def _named(run: Run, node: cst.NamedExpr) -> Any:
    value = evaluate(run, node.value)
    if isinstance(node.target, cst.Name):
        scope = run.scope
        run.put(scope.vars, node.target.value, value)
    return value


def _await(run: Run, node: cst.Await) -> Any:
    return evaluate(run, node.expression)


def _yield(run: Run, node: cst.Yield) -> Any:
    run.scope.yielded[id(node)] = _goes_over(run, node) if type(node.value) is not cst.From else None
    if node.value is None:
        run.scope.yields.append(NONE)
    elif isinstance(node.value, cst.From):
        run.scope.yields.append(statements.element_of(run, evaluate(run, node.value.item)))
    else:
        run.scope.yields.append(evaluate(run, node.value))
    return UNKNOWN


def _goes_over(run: Run, node: cst.Yield) -> Any:
    """The loop that yields once in each of its iterations: a generator that passes batches on."""
    frame = run.loops[-1] if run.loops else None
    if frame is None or not frame.data or not isinstance(frame.node, cst.For):
        return None
    document = run.scope.document
    line: Any = document.parent(node)
    line = document.parent(line) if line is not None else None
    if line is None or document.parent(line) is not frame.node.body:
        return None
    current = document.parent(frame.node)
    while current is not None and not isinstance(current, (cst.For, cst.While, cst.FunctionDef)):
        current = document.parent(current)
    return frame if isinstance(current, cst.FunctionDef) else None


EVALUATORS.update(
    {
        cst.Name: _name,
        cst.Attribute: _attribute,
        cst.Integer: _integer,
        cst.Float: _float,
        cst.SimpleString: _string,
        cst.ConcatenatedString: _concatenated,
        cst.FormattedString: _formatted,
        cst.Tuple: _tuple,
        cst.List: _list,
        cst.Set: _set,
        cst.Dict: _dict,
        cst.IfExp: _conditional,
        cst.BooleanOperation: _boolean,
        cst.Lambda: _lambda,
        cst.ListComp: _comprehension,
        cst.SetComp: _comprehension,
        cst.GeneratorExp: _comprehension,
        cst.DictComp: _dict_comprehension,
        cst.NamedExpr: _named,
        cst.Await: _await,
        cst.Yield: _yield,
    }
)
if hasattr(cst, "TemplatedString"):
    EVALUATORS[cst.TemplatedString] = _formatted
