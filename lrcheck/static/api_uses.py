"""Uses of torch's API that a rule may ask for: one `ApiUse` per use, under the name that the knowledge has for it.

Uses behind a test for the installed version (`except ImportError`, `hasattr(torch, ...)`, `torch.__version__`) are meant
for another torch and are left out.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import libcst as cst

from lrcheck.events import ApiUse, Argument
from lrcheck.facts import TensorFacts
from lrcheck.knowledge.deprecated import INTERESTING_MODULES, NEW_KEYWORDS, about
from lrcheck.knowledge.interest import ATTRIBUTES, METHODS, NAMES
from lrcheck.static.arguments import Args, described
from lrcheck.static.evaluation import evaluate
from lrcheck.static.run import Run
from lrcheck.static.values import Api, Const, Dataset, Instance, Layer, Loader, Tool

_SCHEDULER = "torch.optim.lr_scheduler."
_TAKE_AN_ARGUMENT = frozenset({"ReduceLROnPlateau", "CosineAnnealingWarmRestarts"})


def emit(run: Run, use: ApiUse) -> None:
    """Report a use, unless it is meant for another version of torch."""
    if run.flags.get("fallback"):
        run.ledger.spared.add(use.name)
    elif use.name not in run.ledger.spared or not _has_own_name(use):
        run.events.append(replace(use, imports=_imports(run)))


def _has_own_name(use: ApiUse) -> bool:
    """Is it called by a plain name, which a test for the version may have bound?"""
    return type(getattr(use.callee, "node", None)) is cst.Name


def _imports(run: Run) -> tuple[tuple[str, str], ...]:
    """The names that modules of torch, and what is in them, go by where the program is."""
    scope = run.scope
    top = scope.top
    known = run.ledger.names.get(id(top))
    if known is None or known[0] != len(top.vars):
        apis = ((name, value) for name, value in top.vars.items() if type(value) is Api)
        found = tuple((name, value.full) for name, value in apis if value.full.startswith(("torch", "functorch")))
        known = run.ledger.names[id(top)] = (len(top.vars), found)
    names: tuple[tuple[str, str], ...] = known[1]
    while scope is not top and scope.parent is not None:
        if not scope.vars.keys().isdisjoint(name for name, _ in names):
            names = tuple(pair for pair in names if pair[0] not in scope.vars)
        scope = scope.parent
    return names


def name_read(run: Run, name: str, node: Any) -> None:
    """A name of torch is read without a call."""
    if name in NAMES:
        site = run.site(node)
        emit(run, ApiUse(site, name, called=False, callee=site))


def module_imported(run: Run, name: str, node: Any) -> None:
    """`import torch._six`, `from torch._six import string_classes`."""
    if name in INTERESTING_MODULES:
        site = run.site(node)
        emit(run, ApiUse(site, name, called=False, callee=site))


def name_imported(run: Run, value: Api, node: Any) -> None:
    """`from torch import symeig`: reported where it is used, or here where it is not used."""
    for name in {value.name, value.full}:
        if name not in NAMES:
            continue
        if run.flags.get("fallback"):
            run.ledger.spared.add(name)
        elif about(name) and run.scope.document is run.document:
            run.ledger.imported.setdefault(name, node)


def finish(run: Run) -> None:
    """Old names that are imported, and that nothing seen here uses."""
    if run.ledger.imported:
        used = {event.name for event in run.events if type(event) is ApiUse}
        for name, node in run.ledger.imported.items():
            if name not in used and name not in run.ledger.spared:
                site = run.document.site(node.name)
                run.events.append(ApiUse(site, name, called=False, callee=site))


def called(run: Run, name: str, args: Args, node: Any, statement: bool) -> None:
    """A function or class of torch is called."""
    if name in NAMES and isinstance(node, cst.Call):
        site = run.site(node)
        emit(run, ApiUse(site, name, True, described(run, node, args), run.site(node.func), statement=statement))


def data_read(run: Run, tensor: TensorFacts, node: Any) -> None:
    """`tensor.data` is read."""
    _attribute(run, "torch.Tensor.data", tensor, node)


def data_assigned(run: Run, tensor: TensorFacts, node: Any) -> None:
    """`tensor.data = value`."""
    _attribute(run, "torch.Tensor.data", tensor, node, assigned=True)


def _attribute(run: Run, name: str, receiver: Any, node: Any, assigned: bool = False) -> None:
    if name in ATTRIBUTES and isinstance(node, cst.Attribute):
        site = run.site(node)
        facts = receiver if isinstance(receiver, TensorFacts) else None
        emit(run, ApiUse(site, name, False, (), site, facts, run.site(node.value), assigned=assigned))


def data_item(run: Run, tensor: TensorFacts, node: cst.Subscript) -> None:
    """`tensor.data[index]` is read: one use."""
    index = node.slice[0].slice if len(node.slice) == 1 else None
    arguments: tuple[Argument, ...] = ()
    if isinstance(index, cst.Index):
        value = evaluate(run, index.value)
        plain = value.value if isinstance(value, Const) else None
        arguments = (Argument(None, run.site(index.value), plain, isinstance(value, Const)),)
    if isinstance(node.value, cst.Attribute):
        receiver = run.site(node.value.value)
        name = "torch.Tensor.data.__getitem__"
        emit(run, ApiUse(run.site(node), name, False, arguments, run.site(node.value), tensor, receiver))


def method(run: Run, receiver: Any, name: str, args: Args, node: Any, receiver_node: Any, statement: bool) -> None:
    """A method of a tensor, module, scheduler, loader or dataset is called."""
    owner = _owner(receiver)
    full = f"{owner}.{name}"
    if not owner or full not in METHODS or not isinstance(node, cst.Call):
        return
    facts = receiver if isinstance(receiver, TensorFacts) else getattr(receiver, "facts", None)
    at = run.site(receiver_node) if receiver_node is not None else None
    arguments = described(run, node, args)
    emit(run, ApiUse(run.site(node), full, True, arguments, run.site(node.func), facts, at, statement=statement))


def attribute(run: Run, receiver: Any, name: str, node: Any) -> None:
    """An attribute of a dataset is read."""
    if isinstance(receiver, Dataset) and receiver.source is not None and not isinstance(receiver.source, Instance):
        _attribute(run, f"{_stands_for(receiver.facts.name)}.{name}", receiver, node)


def _stands_for(dataset: str) -> str:
    """The class whose attributes a dataset of torchvision has."""
    short = dataset.rpartition(".")[2]
    if short.endswith("MNIST"):
        return "torchvision.datasets.MNIST"
    return "torchvision.datasets.CIFAR10" if short.startswith("CIFAR") else dataset


def _owner(receiver: Any) -> str:
    if isinstance(receiver, TensorFacts):
        return "torch.Tensor"
    if isinstance(receiver, Layer) or (isinstance(receiver, Instance) and receiver.facts is not None):
        return "torch.nn.Module"
    if isinstance(receiver, Loader):
        return "torch.utils.data.DataLoaderIter"
    if isinstance(receiver, Tool) and receiver.kind == "scheduler":
        short = receiver.name.rpartition(".")[2]
        return _SCHEDULER + (short if short in _TAKE_AN_ARGUMENT else "LRScheduler")
    return ""


def tests_version(test: Any) -> bool:
    """A condition on what the installed torch has: `hasattr(torch, ...)`, `torch.__version__ >= ...`, `is_torch_version(...)`."""
    pending = [test]
    while pending:
        node = pending.pop()
        kind = type(node)
        if kind is cst.Attribute:
            if "version" in node.attr.value.lower():
                return True
        elif kind is cst.Name:
            if "version" in node.value.lower():
                return True
        elif kind is cst.Comparison:
            pending += (node.left, node.comparisons[0].comparator)
        elif kind is cst.UnaryOperation:
            pending.append(node.expression)
        elif kind is cst.BooleanOperation:
            pending += (node.left, node.right)
        elif kind is cst.Subscript:
            pending.append(node.value)
        elif kind is cst.Call:
            if type(node.func) is cst.Name and (node.func.value == "hasattr" or "version" in node.func.value.lower()):
                return True
            if type(node.func) is cst.Attribute and "version" in node.func.attr.value.lower():
                return True
            pending.append(
                node.func.value if type(node.func) is cst.Attribute else node.args[0].value if node.args else None
            )
    return False


def are_variants(one: Any, other: Any) -> bool:
    """One call in two arms, one with a keyword of new versions: `meshgrid(y, x, indexing="ij") if new else meshgrid(y, x)`."""
    other = _value(other)
    if type(other) is not cst.Call:
        return False
    one = _value(one)
    if type(one) is not cst.Call or not one.func.deep_equals(other.func):
        return False
    return not NEW_KEYWORDS.isdisjoint(_keywords(one) ^ _keywords(other))


_AROUND = frozenset({cst.Else, cst.IndentedBlock, cst.SimpleStatementLine})


def _value(node: Any) -> Any:
    """What the only statement of an arm assigns or returns."""
    kind = type(node)
    while kind in _AROUND:
        body: Any = node.body
        node = body if kind is cst.Else else body[0] if len(body) == 1 else None
        kind = type(node)
    return node.value if kind is cst.Assign or kind is cst.Return else node


def _keywords(call: cst.Call) -> set[str]:
    return {argument.keyword.value for argument in call.args if argument.keyword is not None}


def only_imports(body: Any) -> bool:
    """A block that only imports: where that fails, `except ImportError` has another way."""
    return all(
        type(line) is cst.SimpleStatementLine and all(type(part) in (cst.Import, cst.ImportFrom) for part in line.body)
        for line in body.body
    )


def is_fallback(handler: Any) -> bool:
    """`except ImportError:` and its kin: what follows is for another version."""
    kind = handler.type
    names = [element.value for element in kind.elements] if isinstance(kind, cst.Tuple) else [kind]
    wanted = {"ImportError", "ModuleNotFoundError", "AttributeError", "TypeError"}
    return any(isinstance(name, cst.Name) and name.value in wanted for name in names)
