"""Quotients behind a loop over a loader: the statements that are about to run, with the variables as they are.

A unit of a name is known by its value (`totals.py`), that of `len(...)` by the object, that of any other number by its value.
What a statement behind the loop assigns is not known any more; what only some runs execute is not looked at.
"""

from __future__ import annotations

import ast
import dataclasses
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import CodeType, FrameType, FunctionType
from typing import Any

from torch import Tensor
from torch.utils import _contextlib
from torch.utils.data import Dataset

from lrcheck.events import Measure
from lrcheck.facts import Amount, LoaderFacts, Quantity, ScalarFacts
from lrcheck.runtime.figures.called import below, body, called
from lrcheck.runtime.figures.shown import shown
from lrcheck.runtime.places.frames import variables as variables_in
from lrcheck.runtime.places.sites import is_user
from lrcheck.runtime.places.source import LOOPS, SourceSite, ancestors, node_of, tree_of

Path = tuple[str, ...]
CALLERS = 2  # functions around the loop's that are read, where totals are returned to them
_UNKNOWN: Any = object()
_KEEPING = frozenset({"item", "cpu", "float", "double", "detach", "numpy", "tolist", "clone"})
_SHOWING = frozenset({"print", "info", "debug", "write", "append", "add_scalar", "log"})
_MEANS = frozenset({"mean", "average", "fmean"})
_COUNT = ScalarFacts(Quantity.COUNT)


@dataclass(frozen=True, slots=True)
class Pass:
    """A pass of a loader that has just ended."""

    iterator: Any
    batches: int
    samples: int
    loader: LoaderFacts
    units: dict[Path, ScalarFacts]

    @property
    def dataset(self) -> Any:
        return self.iterator._dataset


def length(value: Any) -> int | None:
    """Its `len`, where it has one."""
    try:
        return len(value)
    except Exception:  # noqa: BLE001  # the program's own `__len__`
        return None


def seen(iterator: Any, samples: int) -> Amount:
    """The samples of a pass: those of the data set, or fewer."""
    whole = length(iterator._dataset) == samples
    return Amount("samples", ("dataset", id(iterator._dataset)) if whole else ("loader", id(iterator)), samples)


def at(variables: Mapping[str, Any], path: Path) -> Any:
    """The object at a path; `_UNKNOWN` where code of the program would have to be asked."""
    holder = variables.get(path[0], _UNKNOWN)
    for step in path[1:]:
        holder = _step(holder, step)
    return holder


def measures(code: CodeType, line: int, frame: FrameType, variables: dict[str, Any], given: Pass) -> Iterator[Measure]:
    """The divisions and reports of totals behind the loop at a line of a function, and of those that it returns."""
    filename, outside = code.co_filename, frame.f_globals
    reader = Reader(filename, variables, outside, given, dict(given.units))
    loop = loop_at(code, line)
    if loop is not None:
        yield from reader.run(_behind(filename, loop))
        yield from _in_callers(reader, frame, given)
    for path in {each[:-1] for each in given.units if len(each) > 1 and each[-1].startswith(".")}:
        yield from _meter(path, variables, outside, given)


def loop_at(code: CodeType, line: int) -> ast.For | None:
    tree = tree_of(code.co_filename)
    for node in ast.walk(tree) if tree is not None else ():
        if not isinstance(node, ast.For) or node.orelse:
            continue
        if node.lineno <= line < max(node.body[0].lineno, node.lineno + 1):
            return node
    return None


def _in_callers(reader: Reader, frame: FrameType, given: Pass) -> Iterator[Measure]:
    """What the functions around do with totals that are returned to them."""
    for _ in range(CALLERS):
        caller = _around(frame)
        if reader.returned is None or caller is None or not is_user(caller.f_code.co_filename):
            return
        call = node_of(caller.f_code, caller.f_lasti)
        filename = caller.f_code.co_filename
        statement = (
            next((up for up, _ in ancestors(filename, call) if isinstance(up, ast.stmt)), None) if call else None
        )
        if statement is None or "locals" in caller.f_code.co_names:
            return
        units, whole = _received(statement, call, reader.returned)
        inner = Reader(
            filename, variables_in(caller), caller.f_globals, given, units, calls={call: whole} if whole else {}
        )
        inner.fresh = set(units)
        yield from inner.run([statement, *_behind(filename, statement)])
        reader, frame = inner, caller


def _around(frame: FrameType) -> FrameType | None:
    """The frame that called a function, also one that `torch.no_grad()` decorates."""
    caller = frame.f_back
    while caller is not None and caller.f_code.co_filename == _contextlib.__file__:
        caller = caller.f_back
    return caller


def _received(
    statement: ast.stmt, call: ast.AST | None, returned: list[ScalarFacts | None]
) -> tuple[dict[Path, ScalarFacts], ScalarFacts | None]:
    """The variables that take what a call returns; and the unit of the call itself, where it returns one number."""
    whole = returned[0] if len(returned) == 1 else None
    if not isinstance(statement, ast.Assign) or statement.value is not call or len(statement.targets) != 1:
        return {}, whole
    target = statement.targets[0]
    targets = target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]
    if len(targets) != len(returned):
        return {}, whole
    paths = [path_of(each) for each in targets]
    pairs = zip(paths, returned, strict=True)
    return {path: unit for path, unit in pairs if path is not None and unit is not None}, whole


def _behind(filename: str, loop: ast.stmt) -> list[ast.stmt]:
    """The statements that run behind one, up to the end of the loop or the function around it."""
    found: list[ast.stmt] = []
    for parent, child in ancestors(filename, loop):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(parent, name, None)
            if isinstance(block, list) and child in block:
                found.extend(block[block.index(child) + 1 :])
        if isinstance(parent, (*LOOPS, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            break
    return found


def _meter(path: Path, variables: dict[str, Any], outside: Mapping[str, Any], given: Pass) -> Iterator[Measure]:
    """`self.avg = self.sum / self.count` in the class of an object that holds totals, where it was executed."""
    holder = at(variables, path)
    for function in vars(type(holder)).values():
        if not isinstance(function, FunctionType) or not function.__code__.co_argcount:
            continue
        code = function.__code__
        own = code.co_varnames[0]
        units = {(own, *key[len(path) :]): unit for key, unit in given.units.items() if key[: len(path)] == path}
        reader = Reader(code.co_filename, {own: holder}, outside, given, units)
        for node in ast.walk(tree_of(code.co_filename) or ast.Module([], [])):
            inside = code.co_firstlineno <= getattr(node, "lineno", 0) and isinstance(node, ast.Assign)
            if not inside or not isinstance(node, ast.Assign) or node.lineno not in _lines(code):
                continue
            stored, value = reader.value(node.targets[0]), reader.value(node.value)
            numbers = isinstance(stored, int | float) and isinstance(value, int | float)
            if numbers and math.isclose(stored, value, rel_tol=1e-9):
                yield from (each for each in reader.divisions(node) if each.kind == "division")


def _lines(code: CodeType) -> set[int]:
    return {line for _, _, line in code.co_lines() if line is not None}


def _step(holder: Any, step: str) -> Any:
    """An attribute or item that no code of the program computes."""
    if step.startswith("."):
        fields = getattr(holder, "__dict__", None)
        return fields.get(step[1:], _UNKNOWN) if isinstance(fields, dict) else _UNKNOWN
    return holder.get(ast.literal_eval(step[1:-1]), _UNKNOWN) if isinstance(holder, dict) else _UNKNOWN


def path_of(node: ast.AST, key: Callable[[ast.expr], Any] | None = None) -> Path | None:
    """`self.meters["loss"].sum` as a path; `key` tells the value of `name` in `sums[name]`."""
    if isinstance(node, ast.Name):
        return (node.id,)
    if isinstance(node, ast.Attribute):
        before = path_of(node.value, key)
        return None if before is None else (*before, f".{node.attr}")
    if isinstance(node, ast.Subscript):
        index = node.slice.value if isinstance(node.slice, ast.Constant) else key(node.slice) if key else None
        before = path_of(node.value, key) if isinstance(index, str) else None
        return None if before is None else (*before, f"[{index!r}]")
    return None


@dataclass(slots=True)
class Reader:
    """Reads statements in the order in which they are about to run."""

    filename: str
    variables: dict[str, Any]
    outside: Mapping[str, Any]
    given: Pass
    units: dict[Path, ScalarFacts]
    stale: set[Path] = field(default_factory=set)  # assigned since the loop ended
    fresh: set[Path] = field(default_factory=set)  # assigned by the first statement, which is known
    calls: dict[Any, ScalarFacts] = field(default_factory=dict)  # what a call returns
    computed: dict[Path, ScalarFacts] = field(default_factory=dict)  # since the loop ended
    looking: bool = False  # at what was computed since, too: a mean of it is no average over the pass
    depth: int = 2  # of functions that are read, at most
    returned: list[ScalarFacts | None] | None = None

    UNKNOWN = _UNKNOWN

    # -- statements -------------------------------------------------------------------------------------------------------
    def run(self, statements: list[ast.stmt]) -> Iterator[Measure]:
        for index, statement in enumerate(statements):
            if isinstance(statement, ast.If):
                test = self.value(statement.test)
                if test is not _UNKNOWN and not isinstance(test, Tensor):
                    inside = self.run(statement.body if test else statement.orelse)
                    yield from (each for each in inside if not _of_passes(each))
            elif isinstance(statement, ast.With):
                yield from self.run(statement.body)
            elif isinstance(statement, ast.For):
                for inner in self._each(statement.target, statement.iter):
                    yield from inner.run(statement.body)
            elif isinstance(statement, (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Return)):
                found = list(self.divisions(statement))
                if not (found and self._made_up_for(statement, statements[index + 1 :])):
                    yield from found
                yield from self._shown(statement)
            if isinstance(statement, ast.Return) and statement.value is not None:
                parts = statement.value.elts if isinstance(statement.value, ast.Tuple) else [statement.value]
                self.returned = [self._later(each) for each in parts]
            computed = self._computes(statement)
            self._forget(statement)
            self.computed.update(computed)
            if isinstance(statement, (ast.Return, ast.Raise, ast.Break, ast.Continue)):
                return

    def _forget(self, statement: ast.stmt) -> None:
        """What a statement writes, or may write through a call."""
        if self.fresh:  # by the call whose results are known
            self.fresh = set()
            return
        for node in ast.walk(statement):
            if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
                self._write(self._path(node))
            elif isinstance(node, ast.Call) and not self._shows(node):
                item = self._item(node)
                if item is not None:  # `sums.pop("samples")`
                    self._write(item)
                    continue
                receiver = [node.func.value] if isinstance(node.func, ast.Attribute) else []
                for each in (*receiver, *node.args, *(keyword.value for keyword in node.keywords)):
                    path = self._path(each)
                    if path is not None and not self._is_number(path, self._plain(each)):
                        self._write(path)

    def _is_number(self, path: Path, value: Any) -> bool:
        """What no function changes that it is passed to: a number, as a quotient is."""
        unit = self.computed.get(path) or self.units.get(path)
        quotient = unit is not None and value is _UNKNOWN and all(power < 0 for _, power in unit.powers)
        return quotient or isinstance(value, int | float | str)

    def _item(self, call: ast.Call) -> Path | None:
        """The item that `pop` or `get` takes from a dictionary, by a key that is known."""
        function = call.func
        if not isinstance(function, ast.Attribute) or function.attr not in ("pop", "get") or not call.args:
            return None
        path, key = self._path(function.value), self.value(call.args[0])
        if path is None or not isinstance(key, str) or not isinstance(self._plain(function.value), dict):
            return None
        return (*path, f"[{key!r}]")

    def _write(self, path: Path | None) -> None:
        if path is not None:
            self.stale.add(path)
            self.computed = {key: unit for key, unit in self.computed.items() if key[: len(path)] != path}

    def _is_stale(self, path: Path) -> bool:
        return any(path[: len(each)] == each for each in self.stale)

    def _shows(self, call: ast.Call) -> bool:
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        return (
            name in _SHOWING or name in _KEEPING or name in ("len", "sum", "float", "int", "round", "str", "max", "min")
        )

    def _made_up_for(self, statement: ast.stmt, later: list[ast.stmt]) -> bool:
        """`average = total / n`, and `average * batch_size` later."""
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        paths = {self._path(each) for each in targets if each is not None} - {None}
        for node in (inner for each in later for inner in ast.walk(each)):
            if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.Div)):
                for side, other in ((node.left, node.right), (node.right, node.left)):
                    if self._path(side) in paths and not self._is_percent(other):
                        return True
            if (
                isinstance(node, ast.AugAssign)
                and isinstance(node.op, (ast.Mult, ast.Div))
                and self._path(node.target) in paths
                and not self._is_percent(node.value)
            ):
                return True
        return False

    # -- quotients --------------------------------------------------------------------------------------------------------
    def divisions(self, statement: ast.stmt) -> Iterator[Measure]:
        """Every division of a total by a number of things."""
        if isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Div):
            yield from self._division(statement, statement.target, statement.value)
        for node in ast.walk(statement):
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and self._is_final(node):
                yield from self._division(node, node.left, node.right)
            elif isinstance(node, (ast.Call, ast.Attribute)) and self.depth and node not in self.calls:
                yield from self._inside(node)
                yield from self._of_all_passes(node)
            elif isinstance(node, (ast.DictComp, ast.ListComp, ast.GeneratorExp)) and len(node.generators) == 1:
                element = node.value if isinstance(node, ast.DictComp) else node.elt
                for inner in self._each(node.generators[0].target, node.generators[0].iter):
                    yield from inner.divisions(ast.Expr(element))

    def _each(self, target: ast.expr, given: ast.expr) -> Iterator[Reader]:
        """`for name, total in sums.items()`: a reader for each total that a dictionary holds."""
        way = given.func.attr if isinstance(given, ast.Call) and isinstance(given.func, ast.Attribute) else ""
        held = given.func.value if isinstance(given, ast.Call) and isinstance(given.func, ast.Attribute) else given
        names = [each.id for each in ast.walk(target) if isinstance(each, ast.Name)]
        path = self._path(held) if way in ("items", "values", "keys", "") else None
        if path is None or len(names) != (2 if way == "items" else 1) or not isinstance(self._plain(held), dict):
            return
        for key, unit in list(self.units.items()):
            if key[:-1] != path or self._is_stale(key) or unit.quantity is Quantity.COUNT:
                continue
            variables, units = dict(self.variables), dict(self.units)
            for name in names:
                units.pop((name,), None)
            if way in ("items", "values"):
                units[names[-1],] = unit
            if way != "values":
                variables[names[0]] = ast.literal_eval(key[-1][1:-1])
            yield dataclasses.replace(
                self, variables=variables, units=units, stale=set(self.stale), fresh=set(), computed=dict(self.computed)
            )

    def _inside(self, node: ast.Call | ast.Attribute) -> Iterator[Measure]:
        """The divisions of a function of the program that is called with totals."""
        found = self._entered(node)
        if found is None:
            return
        reader, function = found
        for each in reader.run(body(function)):
            here = each.kind == "compute"  # reported where it is asked for
            yield dataclasses.replace(each, site=SourceSite.of(self.filename, node)) if here else each

    def _entered(self, node: ast.expr) -> tuple[Reader, FunctionType] | None:
        """A reader of the function of the program that is called with totals."""
        found = called(node, self.value)
        if found is None:
            return None
        function, arguments = found
        units: dict[Path, ScalarFacts] = {}
        for name, (given, _) in arguments.items():
            path = self._path(given) if given is not None else None
            units.update((key, unit) for key, unit in below(self.units, path, name) if not self._is_stale(path or ()))
            unit = self.unit(given) if given is not None and (name,) not in units else None
            if unit is not None:
                units[name,] = unit
        units.update(self._seen_by(function, units))
        if not any(each.quantity is not Quantity.COUNT for each in units.values()):
            return None
        values = {name: value for name, (_, value) in arguments.items() if value is not _UNKNOWN}
        file, outside = function.__code__.co_filename, function.__globals__
        return Reader(file, values, outside, self.given, units, depth=self.depth - 1), function

    def _returned_by(self, node: ast.expr) -> ScalarFacts | None:
        """The unit of what a function of the program returns: `meter.average`, `ratio(correct, total)`."""
        found = self._entered(node) if self.depth else None
        if found is None:
            return None
        reader, function = found
        for _ in reader.run(body(function)):
            pass
        return reader.returned[0] if reader.returned is not None and len(reader.returned) == 1 else None

    def _seen_by(self, function: FunctionType, known: dict[Path, ScalarFacts]) -> dict[Path, ScalarFacts]:
        """The totals that a function of this module knows as the module's own variables."""
        if function.__globals__ is not self.outside:
            return {}
        own, roots = function.__code__.co_varnames, {path[0] for path in known}
        return {
            path: unit
            for path, unit in self.units.items()
            if path[0] not in own and path[0] not in roots and not self._is_stale(path)
            if self.outside.get(path[0], _UNKNOWN) is self.variables.get(path[0])
        }

    def _of_all_passes(self, node: ast.Call | ast.Attribute) -> Iterator[Measure]:
        """`np.mean(losses)` of a list that goes on growing; `meter.avg`, where it is the mean of a meter never set back."""
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            unit = self.unit(node.args[0]) if name in _MEANS and len(node.args) == 1 else None
            if unit is None or not self._is_whole(node.args[0]):
                return
            if _is_carried(unit):
                yield self._computed(node, unit)
            elif unit.quantity is Quantity.SCORE:
                yield Measure(SourceSite.of(self.filename, node), unit.but(powers=()), "division", unit)
            return
        path, value = self._path(node), self._plain(node)
        if path is None or not isinstance(value, float) or not isinstance(node.ctx, ast.Load):
            return
        parts = {key: unit for key, unit in self.units.items() if key[:-1] == path[:-1] and _is_carried(unit)}
        counts = [at(self.variables, key) for key, unit in parts.items() if unit.quantity is Quantity.COUNT]
        for key, unit in parts.items():
            total = at(self.variables, key)
            if unit.quantity is not Quantity.COUNT and any(_is_quotient(value, total, each) for each in counts):
                yield self._computed(node, unit)
                return

    def _computed(self, node: ast.expr | ast.stmt, unit: ScalarFacts) -> Measure:
        """The mean of all passes so far."""
        return Measure(SourceSite.of(self.filename, node), unit.but(powers=()), "compute", epoch=True)

    def _division(self, node: ast.expr | ast.stmt, left_node: ast.expr, right_node: ast.expr) -> Iterator[Measure]:
        left, right = self.unit(left_node), self.unit(right_node)
        if left is None or right is None or left.quantity is Quantity.COUNT or right.quantity is not Quantity.COUNT:
            return
        if _is_carried(left) and _is_carried(right):
            yield self._computed(node, left)
            return
        yield Measure(
            SourceSite.of(self.filename, node),
            _times(left, right, -1),
            "division",
            left,
            right,
            SourceSite.of(self.filename, left_node),
            SourceSite.of(self.filename, right_node),
        )

    def _is_final(self, node: ast.BinOp) -> bool:
        """Nothing is multiplied or divided by it but a hundred, and no condition or function stands in between."""
        for parent, child in ancestors(self.filename, node):
            if isinstance(parent, ast.BinOp) and isinstance(parent.op, (ast.Mult, ast.Div, ast.Pow)):
                other = parent.right if parent.left is child else parent.left
                if not self._is_percent(other):
                    return False
            elif isinstance(parent, (ast.IfExp, ast.BoolOp, ast.Lambda, ast.comprehension, ast.FunctionDef)):
                return isinstance(parent, ast.FunctionDef)
            elif isinstance(parent, ast.stmt):
                return True
        return True

    def _is_percent(self, node: ast.expr) -> bool:
        return bool(self.value(node) == 100)

    # -- reports ----------------------------------------------------------------------------------------------------------
    def _shown(self, statement: ast.stmt) -> Iterator[Measure]:
        """`print(f"loss {total}")`, `print("loss", total)`, `logger.info("loss %.2f", total)`."""
        for each in shown(statement):
            unit = self._later(each.value)
            if unit is not None and unit.quantity is not Quantity.COUNT:
                site = SourceSite.of(self.filename, each.value)
                yield Measure(site, unit, "text", before=each.before, after=each.after, spec=each.spec)

    def _later(self, node: ast.expr) -> ScalarFacts | None:
        """The unit of a number that was perhaps computed since the loop ended."""
        self.looking = True
        try:
            return self.unit(node)
        finally:
            self.looking = False

    def _computes(self, statement: ast.stmt) -> list[tuple[Path, ScalarFacts]]:
        """`accuracy = correct / total`, `correct /= total`: what a statement computes of totals."""
        if isinstance(statement, ast.AugAssign) and isinstance(statement.op, (ast.Mult, ast.Div)):
            left, right = self._later(statement.target), self._later(statement.value)
            path = self._path(statement.target)
            if path is None or left is None or right is None or right.quantity is not Quantity.COUNT:
                return []
            return [(path, _times(left, right, 1 if isinstance(statement.op, ast.Mult) else -1))]
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            return []
        target, value = statement.targets[0], statement.value
        pairs = [(target, value)]
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
            pairs = list(zip(target.elts, value.elts, strict=True))
        known = [(self._path(name), self._later(each)) for name, each in pairs]
        return [(path, unit) for path, unit in known if path is not None and unit is not None]

    # -- units ------------------------------------------------------------------------------------------------------------
    def unit(self, node: ast.expr) -> ScalarFacts | None:
        """What a number counts or sums, where that is known."""
        path = self._path(node)
        known = self.computed.get(path) if path is not None else None
        if known is not None and (self.looking or known.quantity is Quantity.COUNT):
            return known
        if path is not None and path in self.units:
            return None if self._is_stale(path) else self.units[path]
        if node in self.calls:
            return self.calls[node]
        if isinstance(node, ast.Call):
            return self._called(node) or (self._returned_by(node) if self.looking else None)
        if isinstance(node, ast.Attribute) and self.looking and (found := self._returned_by(node)) is not None:
            return found
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.Div)):
            left, right = self.unit(node.left), self.unit(node.right)
            if left is None or right is None:
                return None
            if right.quantity is not Quantity.COUNT:
                left, right = right, left
                if isinstance(node.op, ast.Div) or right.quantity is not Quantity.COUNT:
                    return None
            return _times(left, right, 1 if isinstance(node.op, ast.Mult) else -1)
        return self._counted(self.value(node))

    def _called(self, node: ast.Call) -> ScalarFacts | None:
        name = getattr(node.func, "id", "")
        if name == "len" and len(node.args) == 1:
            path = self._path(node.args[0])
            if path in self.units and self._is_stale(path):
                return None
            if path in self.units and _is_carried(self.units[path]) and self._is_whole(node.args[0]):
                return self.units[path].but(quantity=Quantity.COUNT, made=None)
            return self._length(self._plain(node.args[0]))
        if name == "max" and len(node.args) == 2 and self.value(node.args[1]) == 1:
            return self.unit(node.args[0])
        if name in ("float", "int", "round", "sum") and node.args:
            return self.unit(node.args[0]) if name != "sum" or self._is_whole(node.args[0]) else None
        if isinstance(node.func, ast.Attribute) and node.func.attr in _KEEPING and not node.args:
            return self.unit(node.func.value)
        item = self._item(node)
        return None if item is None or self._is_stale(item) else self.units.get(item)

    def _is_whole(self, node: ast.expr) -> bool:
        """One value for each batch of the pass, and no more; of two passes, where it is carried over."""
        unit = self.unit(node)
        times = 2 if unit is not None and _is_carried(unit) else 1
        return length(self._plain(node)) == self.given.batches * times

    def _length(self, value: Any) -> ScalarFacts | None:
        """`len(value)`: of the loader, of its data set or sampler, of another data set."""
        given = self.given
        drawn = given.iterator._index_sampler
        if value is drawn or getattr(value, "batch_sampler", None) is drawn:
            return self._batches()
        if value is given.dataset:
            return _COUNT.but(powers=((Amount("samples", ("dataset", id(value)), length(value)), 1),))
        if value is drawn.sampler:
            return self._counted(given.samples)
        found = length(value) if value is not _UNKNOWN else None
        if isinstance(value, Dataset) and found not in (given.samples, given.batches):
            return _COUNT.but(powers=((Amount("samples", ("dataset", id(value)), found), 1),)) if found else None
        return self._counted(found)

    def _batches(self) -> ScalarFacts:
        return _COUNT.but(powers=((Amount("batches", "pass", self.given.batches), 1),))

    def _counted(self, value: Any) -> ScalarFacts | None:
        """A plain number is known by its value."""
        given = self.given
        if not isinstance(value, int | float) or isinstance(value, bool) or not value:
            return None
        if value == given.samples:
            return _COUNT.but(powers=((seen(given.iterator, given.samples), 1),))
        if value == given.batches:
            return self._batches()
        if value == length(given.dataset):
            return _COUNT.but(powers=((Amount("samples", ("dataset", id(given.dataset)), int(value)), 1),))
        return _COUNT.but(scale=float(value))

    def _path(self, node: ast.AST) -> Path | None:
        return path_of(node, self.value)

    # -- values -----------------------------------------------------------------------------------------------------------
    def _plain(self, node: ast.expr) -> Any:
        """The value of a name, attribute or item."""
        path = self._path(node)
        if path is None or self._is_stale(path):
            return _UNKNOWN
        holder = self.variables.get(path[0], self.outside.get(path[0], _UNKNOWN))
        for step in path[1:]:
            holder = _step(holder, step)
        return holder

    def value(self, node: ast.expr) -> Any:
        """The value of an expression that no code of the program computes; `_UNKNOWN` otherwise."""
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
            left, right = self.value(node.left), self.value(node.right)
            if not all(isinstance(each, int | float) for each in (left, right)):
                return _UNKNOWN
            try:
                return _ARITHMETIC[type(node.op)](left, right)
            except (ArithmeticError, ValueError):
                return _UNKNOWN
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _COMPARING:
            left, right = self.value(node.left), self.value(node.comparators[0])
            plain = all(each is None or isinstance(each, int | float | str) for each in (left, right))
            try:
                return _COMPARING[type(node.ops[0])](left, right) if plain else _UNKNOWN
            except TypeError:
                return _UNKNOWN
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            inner = self.value(node.operand)
            return not inner if isinstance(inner, bool | int | str) else _UNKNOWN
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "len" and len(node.args) == 1:
            inner = self._plain(node.args[0])
            found = length(inner) if inner is not _UNKNOWN and "len" not in self.variables else None
            return _UNKNOWN if found is None else found
        return self._plain(node)


_ARITHMETIC: dict[type, Any] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.FloorDiv: lambda a, b: a // b,
    ast.Mod: lambda a, b: a % b,
}
_COMPARING: dict[type, Any] = {
    ast.Eq: lambda a, b: a == b,
    ast.NotEq: lambda a, b: a != b,
    ast.Gt: lambda a, b: a > b,
    ast.GtE: lambda a, b: a >= b,
    ast.Lt: lambda a, b: a < b,
    ast.LtE: lambda a, b: a <= b,
    ast.Is: lambda a, b: a is b,
    ast.IsNot: lambda a, b: a is not b,
}


def _is_carried(unit: ScalarFacts) -> bool:
    """Was it not set back when the pass began?"""
    return unit.power("epochs") == 1


def _of_passes(measure: Measure) -> bool:
    """About a total that is not set back: under a condition it may be one of several epochs on purpose."""
    return measure.kind == "compute" or _is_carried(measure.value)


def _is_quotient(value: float, total: Any, count: Any) -> bool:
    if not isinstance(total, int | float) or not isinstance(count, int | float) or not count:
        return False
    return math.isclose(value, total / count, rel_tol=1e-6)


def _times(left: ScalarFacts, right: ScalarFacts, power: int) -> ScalarFacts:
    """The product (`power` 1) or quotient (-1): equal amounts cancel."""
    powers: dict[Amount, int] = {}
    for amount, each in (*left.powers, *((amount, each * power) for amount, each in right.powers)):
        powers[amount] = powers.get(amount, 0) + each
    kept = tuple((amount, each) for amount, each in powers.items() if each)
    return dataclasses.replace(left, powers=kept, scale=left.scale * right.scale**power)
