"""Statements: how a program changes its state, and how control flows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import libcst as cst

from lrcheck.events import Snapshot
from lrcheck.facts import TensorFacts
from lrcheck.static import (
    accumulators,
    api_uses,
    arguments,
    attributes,
    calls,
    devices,
    gradients,
    hooks,
    imports,
    initialisation,
    operators,
    pipelines,
    recurrent,
    snapshots,
    subscripts,
)
from lrcheck.static.evaluation import evaluate
from lrcheck.static.joining import join_all
from lrcheck.static.run import Ends, Loop, Run, Status
from lrcheck.static.values import (
    NONE,
    UNKNOWN,
    Api,
    Bound,
    Class,
    Const,
    Context,
    Dataset,
    Function,
    Instance,
    Layer,
    Loader,
    Mapping,
    Parameters,
    Scope,
    Seq,
    Size,
    Stream,
    Tool,
    Union,
    Unknown,
)

UNROLL_ITEMS = 8
UNROLL_STATEMENTS = 10
UNROLL_LAYERS = 32


def execute(run: Run, body: Sequence[Any]) -> Status:
    """Run statements in order until one of them ends the block."""
    for statement in body:
        kind = type(statement)
        if kind is cst.SimpleStatementLine:
            for small in statement.body:
                run.fuel -= 1
                handler = _SMALL.get(type(small))
                if handler is not None:
                    status = handler(run, small)
                    if status is not None:
                        return status
            continue
        run.fuel -= 1
        compound = _COMPOUND.get(kind)
        if compound is not None:
            status = compound(run, statement)
            if status is not None:
                return status
    return None


def _suite(run: Run, node: Any) -> Status:
    """The body of a compound statement: an indented block or statements on the same line."""
    if isinstance(node, cst.SimpleStatementSuite):
        for small in node.body:
            handler = _SMALL.get(type(small))
            if handler is not None:
                status = handler(run, small)
                if status is not None:
                    return status
        return None
    return execute(run, node.body)


# -- simple statements ------------------------------------------------------------------------------------------------
def _expression(run: Run, node: cst.Expr) -> Status:
    value = node.value
    if type(value) is cst.SimpleString:
        return None  # a docstring
    if type(value) is cst.Call:
        called = calls.call_expression(run, value, statement=True)
        if type(called) is Context and called.lasting:
            run.put(run.flags, called.kind, called.value)
    else:
        result = evaluate(run, value)
        attributes.bare_expression(run, value, result)
    return None


def _assign(run: Run, node: cst.Assign) -> Status:
    value = evaluate(run, node.value)
    if type(value) is Tool and value.kind == "keys":
        hooks.keys_assigned(run, node, value)
    elif type(value) is Tool and value.kind == "state":
        run.trace.append(Snapshot(run.site(node.value), value, False, value.site))
    elif (
        type(node.value) is cst.Name and run.loop_depth and run.ledger.branches and isinstance(value, (Instance, Layer))
    ):
        snapshots.renamed(run, node, value)
    for target in node.targets:
        assign(run, target.target, value, node.value)
    return None


def _annotated(run: Run, node: cst.AnnAssign) -> Status:
    if node.value is not None:
        assign(run, node.target, evaluate(run, node.value), node.value)
    elif run.scope.is_class and isinstance(node.target, cst.Name):
        declared = run.scope.vars.get("__annotations__")
        names = declared.items if isinstance(declared, Seq) else ()
        run.scope.vars["__annotations__"] = Seq([*names, Const(node.target.value)])
    return None


def _augmented(run: Run, node: cst.AugAssign) -> Status:
    left = evaluate(run, node.target)
    right = evaluate(run, node.value)
    operator = type(node.operator).__name__.removesuffix("Assign")
    snapshots.parameter_changed(run, left, node)
    if operator == "Subtract" and run.ledger.gradients:
        gradients.subtracted(run, node, node.target, node.value)
    result = operators.augmented(run, node, operator, left, right)
    assign(run, node.target, result, node.value)
    return None


def _return(run: Run, node: cst.Return) -> Status:
    value = evaluate(run, node.value) if node.value is not None else NONE
    operators.mark_used(value, "returned", run.site(node))
    run.scope.returns.append(value)
    return "return"


def _raise(run: Run, node: cst.Raise) -> Status:
    if node.exc is not None:
        evaluate(run, node.exc)
    return "raise"


def _assert(run: Run, node: cst.Assert) -> Status:
    evaluate(run, node.test)
    return None


def _delete(run: Run, node: cst.Del) -> Status:
    if isinstance(node.target, cst.Name):
        run.put(run.scope.vars, node.target.value, UNKNOWN)
    elif isinstance(node.target, cst.Attribute) and node.target.attr.value == "grad":
        gradients.written(run, node.target)
    return None


def _global(run: Run, node: cst.Global) -> Status:
    names = run.scope.global_names = run.scope.global_names or set()
    names.update(item.name.value for item in node.names)
    return None


def _nonlocal(run: Run, node: cst.Nonlocal) -> Status:
    for item in node.names:
        run.scope.vars.setdefault("__nonlocal__", Mapping({})).items[item.name.value] = True
    return None


# -- assignment -------------------------------------------------------------------------------------------------------
def assign(run: Run, target: Any, value: Any, source: Any = None) -> None:
    """Bind a value to a target: a name, an attribute, an element, or several of them."""
    kind = type(target)
    if kind is cst.Name:
        _assign_name(run, target.value, value)
    elif kind in (cst.Tuple, cst.List):
        _unpack(run, target.elements, value)
    elif kind is cst.Attribute:
        attributes.put(run, evaluate(run, target.value), target.attr.value, value, target, source)
    elif kind is cst.Subscript:
        if run.ledger.gradients and gradients.is_gradient(run, evaluate(run, target.value)):
            gradients.written(run, target)
        subscripts.put(run, target, value)
    elif kind is cst.StarredElement:
        assign(run, target.value, value, source)


def _assign_name(run: Run, name: str, value: Any) -> None:
    scope = run.scope
    if scope.global_names is not None and name in scope.global_names:
        scope = scope.top
    elif "__nonlocal__" in scope.vars and name in scope.vars["__nonlocal__"].items:
        outer = scope.parent
        while outer is not None and name not in outer.vars and outer.parent is not None:
            outer = outer.parent
        scope = outer or scope
    if value is UNKNOWN:
        value = Unknown()
    run.put(scope.vars, name, value)


def _unpack(run: Run, elements: Sequence[Any], value: Any) -> None:
    targets = [element.value for element in elements]
    starred = next((i for i, element in enumerate(elements) if isinstance(element, cst.StarredElement)), None)
    parts = _parts(run, value, len(targets), starred)
    for target, part in zip(targets, parts, strict=True):
        assign(run, target, part)


def _parts(run: Run, value: Any, count: int, starred: int | None) -> list[Any]:
    if isinstance(value, Union):
        parts = [_parts(run, alternative, count, starred) for alternative in value.alternatives]
        return [join_all(column) for column in zip(*parts, strict=True)]
    if isinstance(value, Seq) and value.gap is None:
        items = value.items
        if starred is None and len(items) == count:
            return list(items)
        if starred is not None and len(items) >= count - 1:
            behind = count - starred - 1
            end = len(items) - behind
            return [*items[:starred], Seq(items[starred:end]), *items[end:]]
    if (
        type(value) is Tool
        and value.kind == "bunch"
        and type(value.of) is tuple
        and len(value.of) == count
        and starred is None
    ):
        return [value.attrs[name] for name in value.of]
    if isinstance(value, Stream) and value.exact is not None and len(value.exact) == count and starred is None:
        return list(value.exact)
    if isinstance(value, TensorFacts):
        return [subscripts.row(value) for _ in range(count)]
    if isinstance(value, (Loader, Dataset, Stream)):
        element = element_of(run, value)
        return [element] * count
    if isinstance(value, Unknown):
        return [attributes.part_of(value, index) for index in range(count)]
    return [Unknown() for _ in range(count)]


# -- compound statements ----------------------------------------------------------------------------------------------
def _if(run: Run, node: cst.If) -> Status:
    truth = operators.truth(operators.condition(run, node.test))
    if truth is not None:
        return _decided(run, node, truth)

    kind = initialisation.test_of_kind(run, node.test)

    if run.loops and accumulators.is_smoke_test(run, node):
        return run.fork([_leaves, lambda: _else(run, node.orelse)], exhaustive=True, test=node.test)

    def then() -> Status:
        operators.narrow(run, node.test, outcome=True)
        if kind is not None:
            run.put(run.scope.vars, *kind)
        return _suite(run, node.body)

    def otherwise() -> Status:
        operators.narrow(run, node.test, outcome=False)
        return _else(run, node.orelse)

    arms = [then, otherwise]
    if kind is not None:  # no choice of the program: each part goes one way
        status: Status = initialisation.of_kinds(run, arms, node.test)
        return status
    if api_uses.tests_version(node.test) or api_uses.are_variants(node.body, node.orelse):
        with run.flag("fallback", True):
            return run.fork(arms, exhaustive=True, test=node.test)
    return run.fork(arms, exhaustive=True, test=node.test, ways=node.orelse is not None or _returns(node.body))


def _returns(body: Any) -> bool:
    """Whether a block ends with `return`: what follows the block is the other way."""
    last = body.body[-1] if body.body else None
    return isinstance(last, cst.SimpleStatementLine) and isinstance(last.body[-1], cst.Return)


def _leaves() -> Status:
    return "break"


def _decided(run: Run, node: cst.If, truth: bool) -> Status:
    """The arm of a test whose outcome is known: a switch that the user may turn, unless it is the main guard."""
    is_switch = not (
        isinstance(node.test, cst.Comparison)
        and isinstance(node.test.left, cst.Name)
        and node.test.left.value == "__name__"
    )
    run.passed_by += run.forward_depth > 0
    run.ledger.branches += is_switch
    try:
        return _suite(run, node.body) if truth else _else(run, node.orelse)
    finally:
        run.ledger.branches -= is_switch


def _else(run: Run, node: Any) -> Status:
    if node is None:
        return None
    if isinstance(node, cst.If):
        return _if(run, node)
    return _suite(run, node.body)


def _for(run: Run, node: cst.For) -> Status:
    iterable = evaluate(run, node.iter)
    if type(iterable) is Parameters:
        hooks.parameters_used(run, iterable, "the loop", node.iter)
        elements, exact = [hooks.parameter_of(run, iterable)], False
    else:
        elements, exact = elements_of(run, iterable)

    def bind(element: Any) -> Callable[[], None]:
        return lambda: assign(run, node.target, accumulators.element(run, element), node.iter)

    if exact and not elements:
        return None if node.orelse is None else _suite(run, node.orelse.body)
    if exact and len(elements) <= UNROLL_ITEMS and (_is_small(node.body) or _are_phases(elements)):
        passes = [bind(element) for element in elements]
        return _loop(run, node, passes, steady=False, source=iterable)
    element = any_of(elements)
    if exact and _are_layers_in_a_row(elements, element, node.body):
        return _loop(run, node, [bind(element) for element in elements], steady=False, source=iterable)
    return _loop(run, node, [bind(element)], steady=True, source=iterable)


def _while(run: Run, node: cst.While) -> Status:
    truth = operators.truth(evaluate(run, node.test))
    if truth is False:
        return None if node.orelse is None else _suite(run, node.orelse.body)
    return _loop(run, node, [lambda: None], steady=True)


def _are_phases(elements: list[Any]) -> bool:
    """`for phase in ["train", "val"]`: what the body does depends on the name."""
    return len(elements) <= 3 and all(isinstance(e, Const) and isinstance(e.value, str) for e in elements)


def _are_layers_in_a_row(elements: list[Any], joined: Any, body: Any) -> bool:
    """`for layer in self.layers: x = layer(x)` through layers of several kinds: the last one is what comes out."""
    if len(elements) > UNROLL_LAYERS or not isinstance(joined, (Unknown, Union)):
        return False
    short = len(body.body) <= 2 and all(isinstance(statement, cst.SimpleStatementLine) for statement in body.body)
    return short and all(isinstance(element, (Layer, Instance)) for element in elements)


def _is_small(body: Any) -> bool:
    """A body that may be run once per known element: few statements and no loop inside."""
    statements = body.body
    if len(statements) > UNROLL_STATEMENTS:
        return False
    for statement in statements:
        if isinstance(statement, (cst.For, cst.While, cst.FunctionDef, cst.ClassDef, cst.Try, cst.With)):
            return False
        if isinstance(statement, cst.If) and not _is_small(statement.body):
            return False
    return True


def _loop(run: Run, node: Any, passes: list[Callable[[], None]], steady: bool, source: Any = None) -> Status:
    """Run a loop body: once per known element, or twice (the first iteration, then the steady state)."""
    outer_trace, outer_quick = run.trace, run.quick
    frame = accumulators.enter(run, node, source)
    entry: list[Any] = []
    if steady and not outer_quick:
        run.trace = entry
        run.quick += 1
        (status, ends) = _one_pass(run, node, passes[0])
        run.quick -= 1
        deltas = ends.deltas
        if deltas:
            sums = accumulators.sums(run, frame, ends)
            again = [delta for delta in deltas if all(delta is not broken for broken in ends.broken)]
            run.apply([{}, *again])
            accumulators.restore(run, sums)
            recurrent.carry(run, again)
        worthwhile = bool(deltas) or bool(entry)
    else:
        worthwhile = True
        status = None
    traces: list[list[Any]] = [entry]
    if worthwhile:
        traces.clear()
        for bind in passes:
            run.trace = []
            traces.append(run.trace)
            status, ends = _one_pass(run, node, bind)
            sums = accumulators.sums(run, frame, ends)
            run.apply(ends.deltas)
            accumulators.restore(run, sums)
    accumulators.leave(run, frame)
    run.trace = outer_trace
    if any(traces):
        run.trace.append(Loop(node, run.site(node), traces[-1], traces, run.loop_depth, source, run.forward_depth > 0))
    if node.orelse is not None:
        return _suite(run, node.orelse.body)
    return status if status in ("return", "raise") and isinstance(node, cst.While) and _endless(node) else None


def _endless(node: cst.While) -> bool:
    return isinstance(node.test, cst.Name) and node.test.value == "True"


def _one_pass(run: Run, node: Any, bind: Callable[[], None]) -> tuple[Status, Ends]:
    """One pass through the body; returns the states in which it may end."""
    run.loop_pending.append(Ends(len(run.captures)))
    run.loop_depth += 1

    def act() -> Status:
        bind()
        return _suite(run, node.body)

    status, delta = run.capture(act)
    run.loop_depth -= 1
    ends = run.loop_pending.pop()
    if status in (None, "continue", "break"):
        ends.deltas.append(delta)
        if status == "break":
            ends.broken.append(delta)
        status = None
    elif status == "return":
        run.scope.pending.append(delta)
    return status, ends


def _with(run: Run, node: cst.With) -> Status:
    flags: list[tuple[str, Any]] = []
    for item in node.items:
        value = evaluate(run, item.item)
        if isinstance(value, Union):
            value = join_all(value.alternatives)
        entered = value
        place = devices.entered(run, value, item.item)
        if place is not None:
            flags.append(("device", place))
        if isinstance(value, Context):
            flags.append((value.kind, value.value))
            entered = UNKNOWN
        elif isinstance(value, Api) and value.name in ("torch.no_grad", "torch.inference_mode"):
            flags.append(("grad", False))
        elif isinstance(value, Instance):
            entered = calls.enter(run, value)
        elif not isinstance(value, (Stream, Tool)):
            entered = Unknown()
            if _takes_a_model(run, item.item):
                flags.append(("grad", None))  # `with eval_mode(net):` may switch off more than the mode
        if item.asname is not None:
            assign(run, item.asname.name, entered)
    return _with_flags(run, flags, node.body)


def _takes_a_model(run: Run, node: Any) -> bool:
    """Whether a context manager that cannot be seen into is handed a model, by its name."""
    if not isinstance(node, cst.Call):
        return False
    given = [evaluate(run, argument.value) for argument in node.args if isinstance(argument.value, cst.Name)]
    return any(isinstance(value, (Instance, Layer)) and value.facts is not None for value in given)


def _with_flags(run: Run, flags: list[tuple[str, Any]], body: Any) -> Status:
    if not flags:
        return _suite(run, body)
    (name, value), rest = flags[0], flags[1:]
    with run.flag(name, value):
        return _with_flags(run, rest, body)


def _try(run: Run, node: Any) -> Status:
    arms: list[Callable[[], Status]] = []

    guarded = any(api_uses.is_fallback(handler) for handler in node.handlers) and api_uses.only_imports(node.body)

    def main() -> Status:
        with run.flag("fallback", guarded or run.flags.get("fallback")):
            status = _suite(run, node.body)
        if status is None and node.orelse is not None:
            return _suite(run, node.orelse.body)
        return status

    arms.append(main)
    for handler in node.handlers:

        def handle(handler: Any = handler) -> Status:
            if handler.name is not None:
                assign(run, handler.name.name, UNKNOWN)
            if api_uses.is_fallback(handler):
                with run.flag("fallback", True):
                    return _suite(run, handler.body)
            return _suite(run, handler.body)

        arms.append(handle)
    status = run.fork(arms, exhaustive=True) if node.handlers else main()
    if node.finalbody is not None:
        ended = _suite(run, node.finalbody.body)
        status = ended or status
    return status


def _match(run: Run, node: cst.Match) -> Status:
    subject = evaluate(run, node.subject)
    arms: list[Callable[[], Status]] = []
    exhaustive = False
    for case in node.cases:
        verdict = _matches(run, case.pattern, subject)
        if verdict is False:
            continue
        if case.guard is not None and verdict is True:
            verdict = None

        def arm(case: Any = case) -> Status:
            _bind_pattern(run, case.pattern, subject)
            return _suite(run, case.body)

        if verdict is True and not arms:
            return arm()
        arms.append(arm)
        if verdict is True or (case.guard is None and _irrefutable(case.pattern)):
            exhaustive = True
            break
    return run.fork(arms, exhaustive) if arms else None


def _matches(run: Run, pattern: Any, subject: Any) -> bool | None:
    if _irrefutable(pattern):
        return True
    if isinstance(pattern, cst.MatchValue):
        value = evaluate(run, pattern.value)
        if isinstance(value, Const) and isinstance(subject, Const):
            return bool(value.value == subject.value)
    if isinstance(pattern, cst.MatchOr):
        verdicts = [_matches(run, element.pattern, subject) for element in pattern.patterns]
        return True if True in verdicts else False if all(v is False for v in verdicts) else None
    return None


def _irrefutable(pattern: Any) -> bool:
    return isinstance(pattern, cst.MatchAs) and pattern.pattern is None


def _bind_pattern(run: Run, pattern: Any, subject: Any) -> None:
    if isinstance(pattern, cst.MatchAs) and pattern.name is not None:
        run.put(run.scope.vars, pattern.name.value, subject)


def _function(run: Run, node: cst.FunctionDef) -> Status:
    name = node.name.value
    function = Function(node, run.scope, name, calls.defaults(run, node.params))
    value: Any = function
    for decorator in reversed(node.decorators):
        value = calls.decorate(run, function, value, evaluate(run, decorator.decorator))
    run.functions.append(function)
    if run.scope.is_class and not isinstance(value, Function) and not function.kind:
        value = function
    _assign_name(run, name, value)
    return None


def _class(run: Run, node: cst.ClassDef) -> Status:
    bases = tuple(evaluate(run, argument.value) for argument in node.bases)
    scope = Scope(run.scope.document, run.scope, is_class=True)
    with run.inside(scope):
        _suite(run, node.body)
    cls = Class(node, run.scope, node.name.value, bases, scope.vars)
    for value in scope.vars.values():
        if isinstance(value, Function) and value.owner is None:
            value.owner = cls
    run.classes.append(cls)
    _assign_name(run, node.name.value, cls)
    for decorator in node.decorators:
        found = evaluate(run, decorator.decorator)
        if isinstance(found, Api) and found.name == "dataclasses.dataclass":
            cls.attrs["__dataclass__"] = Const(True)
        elif isinstance(found, (Function, Bound)):
            calls.call(run, found, arguments.of([cls]), decorator.decorator)
    return None


def _import(run: Run, node: Any) -> Status:
    imports.execute(run, node)
    return None


# -- iteration --------------------------------------------------------------------------------------------------------
def elements_of(run: Run, value: Any) -> tuple[list[Any], bool]:
    """What a loop over a value sees: its elements, and whether these are all of them, each exactly once."""
    if isinstance(value, Seq):
        if value.gap is None and value.kind != "set":
            return list(value.items), True
        return [attributes.another(item) for item in value.items], False
    if isinstance(value, Stream):
        if value.exact is not None:
            return list(value.exact), True
        return [attributes.another(value.element)], False
    if isinstance(value, Mapping):
        return [Const(key) for key in value.items], not value.cell["open"]
    if isinstance(value, Layer) and value.children is not None and value.keys is None:
        return list(value.children.items), value.children.gap is None
    return [element_of(run, value)], False


def any_of(elements: list[Any]) -> Any:
    """What stands for each of the elements in turn."""
    return attributes.another(join_all(elements)) if elements else UNKNOWN


def element_of(run: Run, value: Any) -> Any:
    """One element of a value, whichever."""
    if isinstance(value, (Loader, Dataset)):
        if type(value) is Loader:
            pipelines.started(run, value)
        return attributes.fresh(value.element)
    if isinstance(value, Stream):
        return value.element
    if isinstance(value, Seq):
        return attributes.another(join_all(value.items))
    if isinstance(value, TensorFacts):
        return subscripts.row(value)
    if isinstance(value, Union):
        return join_all(element_of(run, alternative) for alternative in value.alternatives)
    if isinstance(value, Layer) and value.children is not None:
        return attributes.another(join_all(value.children.items))
    if isinstance(value, Parameters):
        hooks.parameters_used(run, value, "the loop")
        return hooks.parameter_of(run, value)
    if isinstance(value, Instance):
        return calls.iterate(run, value)
    if isinstance(value, Unknown):
        return Unknown(value.why)
    if isinstance(value, Size):
        return UNKNOWN
    return UNKNOWN


_SMALL: dict[type, Callable[[Run, Any], Status]] = {
    cst.Expr: _expression,
    cst.Assign: _assign,
    cst.AnnAssign: _annotated,
    cst.AugAssign: _augmented,
    cst.Return: _return,
    cst.Raise: _raise,
    cst.Assert: _assert,
    cst.Del: _delete,
    cst.Global: _global,
    cst.Nonlocal: _nonlocal,
    cst.Import: _import,
    cst.ImportFrom: _import,
    cst.Break: accumulators.broken,
    cst.Continue: lambda run, node: "continue",
}
_COMPOUND: dict[type, Callable[[Run, Any], Status]] = {
    cst.If: _if,
    cst.For: _for,
    cst.While: _while,
    cst.With: _with,
    cst.Try: _try,
    cst.TryStar: _try,
    cst.Match: _match,
    cst.FunctionDef: _function,
    cst.ClassDef: _class,
}
