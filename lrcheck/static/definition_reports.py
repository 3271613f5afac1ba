"""Classes of modules once the program has ended: parts that were never registered, results never used."""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Iterator
from typing import Any

import libcst as cst

from lrcheck.events import ModuleDefinition, UnknownAttribute
from lrcheck.facts import DefinitionFacts, HiddenPart, TensorFacts, UnusedArgument
from lrcheck.knowledge.module_attributes import LAYER_ATTRIBUTES, MODULE_ATTRIBUTES
from lrcheck.static import definitions
from lrcheck.static.ledger import Watched
from lrcheck.static.places import names_in
from lrcheck.static.values import (
    MISSING,
    Api,
    Class,
    Const,
    Function,
    Instance,
    Layer,
    Mapping,
    Seq,
    Union,
    const,
)


def finish(run: Any) -> None:
    """What only the whole program tells."""
    for instance, name, attr, called in run.ledger.missing.values():
        _missing(run, instance, name, attr, called)
    for cls in run.classes:
        if cls.document is run.document and cls.derives_from(frozenset({"torch.nn.Module"})):
            facts = _definition(run, cls)
            if facts is not None:
                run.emit(ModuleDefinition(run.document.site(cls.node), cls.name, facts))


def _missing(run: Any, instance: Any, name: str, attr: Any, called: bool) -> None:
    if called and definitions.kind_of(instance) == name:
        definitions.uncallable(run, instance, name, attr)
        return
    if isinstance(instance, Layer):
        known = LAYER_ATTRIBUTES
        if name in known or instance.name.count(".") != 2 or id(instance) in run.ledger.touched:
            return
        run.emit(UnknownAttribute(run.document.site(attr), name, instance.facts.name, MODULE_ATTRIBUTES, (), called))
        return
    cls = instance.cls
    if name in instance.attrs and type(instance.attrs[name]).__name__ != "Unknown":
        return
    if name in MODULE_ATTRIBUTES or not _is_fully_known(instance) or cls.find(name) is not None:
        return
    used_here = id(instance) not in run.ledger.touched and isinstance(getattr(instance.site, "node", None), cst.Call)
    if not used_here and not difflib.get_close_matches(
        name, [*(instance.attrs.keys() - {name}), *MODULE_ATTRIBUTES], 1, 0.8
    ):
        return
    if _is_set_somewhere(cls, name, run):
        return
    if _is_tested(run, attr):
        return
    own = {
        key for key in instance.attrs if key != name and not key.startswith("*") and not _is_placeholder(instance, key)
    }
    for base in cls.mro:
        if isinstance(base, Class):
            own |= {key for key in base.attrs if not key.startswith("__")}
    parts = tuple(
        (key, value.facts.name) for key, value in instance.attrs.items()
        if isinstance(value, Layer) and name in ("weight", "bias") and value.name in definitions.PARAMETRISED
    )  # fmt: skip
    known = frozenset(own) | MODULE_ATTRIBUTES
    definition = cls.document.site(cls.node.name)
    run.emit(UnknownAttribute(run.document.site(attr), name, cls.name, known, parts, called, definition, used_here))


def _is_tested(run: Any, attr: Any) -> bool:
    """Does a test of the object's class, or a loop over objects, stand around the place?"""
    document = run.document
    receiver = document.parent(attr).value
    name = receiver.value if isinstance(receiver, cst.Name) else ""
    parent = document.parent(attr)
    while parent is not None and not isinstance(parent, (cst.FunctionDef, cst.ClassDef)):
        if isinstance(parent, (cst.If, cst.IfExp, cst.BooleanOperation)):
            test = getattr(parent, "test", parent)
            if names_in(test) & {"isinstance", "hasattr", "type", "issubclass", "callable"}:
                return True
        if isinstance(parent, (cst.For, cst.CompFor)) and name and name in names_in(parent.target):
            return True
        if isinstance(parent, (cst.Try, cst.GeneratorExp, cst.ListComp)):
            return True
        parent = document.parent(parent)
    return False


def _is_placeholder(instance: Instance, key: str) -> bool:
    """Was the attribute only read, never set?"""
    value = instance.attrs[key]
    return getattr(value, "why", "").endswith(f"is not set in `{instance.cls.name}`")


def _is_fully_known(instance: Instance) -> bool:
    cls = instance.cls
    if instance.facts is None or any(key.startswith("*") for key in instance.attrs):
        return False
    for base in cls.mro:
        if isinstance(base, Class):
            if base.node.keywords or base.node.decorators:
                return False
            if "__getattr__" in base.attrs or "__getattribute__" in base.attrs or "__slots__" in base.attrs:
                return False
        elif not isinstance(base, Api) or base.name not in definitions.PLAIN_BASES:
            return False
    return any(isinstance(base, Api) and base.name == "torch.nn.Module" for base in cls.mro)


def _is_set_somewhere(cls: Class, name: str, run: Any) -> bool:
    """Set by a class on itself, by anybody on anything else, or under a computed name: texts are searched, to be silent."""
    word = re.escape(name)
    assigned = rf"\.\s*{word}\b(?:\s*,[^=(\n]*)?\s*(?::[^=\n]+)?(?:[-+*/@]|//|\*\*)?=(?!=)|\bas\s+[\w.]+\.{word}\b|\bfor\s[^\n]*\.{word}\s+in\b"
    computed = rf"__dict__|\bvars\(|setattr|(?:attr|register_\w+|add_module)\([^\n]*[\"']{word}[\"']"
    own = re.compile(rf"{assigned}|{computed}|\b{word}\s*:")
    foreign = re.compile(rf"(?<!\bself)(?:{assigned})|setattr\((?!self)|{computed}")
    bases = [base for base in cls.mro if isinstance(base, Class)]
    documents = {id(document): document for document in (run.document, *(base.document for base in bases))}
    if any(foreign.search(document.text) for document in documents.values()):
        return True
    if not any(own.search(document.text) for document in documents.values()):
        return False
    return any(own.search(base.document.module.code_for_node(base.node)) for base in bases)


def _definition(run: Any, cls: Class) -> DefinitionFacts | None:
    ledger = run.ledger
    own_init = cls.attrs.get("__init__")
    init = ledger.watched.get(id(own_init.node)) if isinstance(own_init, Function) else None
    method = cls.attrs.get("forward")
    forward = ledger.watched.get(id(method.node)) if isinstance(method, Function) else None
    instance = run.instances.get(cls.node)
    early = ledger.early.get(id(cls.node), []) if init is not None and not cls.opaque_base else []
    facts = DefinitionFacts(
        unused=tuple(_unused(run, init)) if init is not None else (),
        hidden=tuple(_hidden(run, cls, instance, init)) if isinstance(instance, Instance) and init is not None else (),
        early=tuple(early) if isinstance(own_init, Function) and "__setattr__" not in cls.attrs else (),
        initialised=not early or (isinstance(own_init, Function) and _mentions(own_init.node.body, "__init__")),
        late=_late_call(run, own_init.node) if early and isinstance(own_init, Function) else None,
        init=run.document.site(init[0].node.name) if init is not None else None,
        ignored=_ignored(run, forward, cls) if forward is not None else None,
        no_result=_no_result(run, method) if isinstance(method, Function) else None,
        dropped=tuple(_dropped(run, forward)) if forward is not None else (),
    )
    return (
        facts if any((facts.unused, facts.hidden, facts.early, facts.ignored, facts.no_result, facts.dropped)) else None
    )


def _late_call(run: Any, node: Any) -> Any:
    """`super().__init__()` as a statement of its own in a constructor, the only one; it has to need nothing set before."""
    found = []
    for statement in node.body.body:
        value = (
            statement.body[0].value
            if isinstance(statement, cst.SimpleStatementLine) and isinstance(statement.body[0], cst.Expr)
            else None
        )
        if (
            isinstance(value, cst.Call)
            and isinstance(value.func, cst.Attribute)
            and value.func.attr.value == "__init__"
        ):
            found.append(value)
    names = {param.name.value for param in node.params.params}
    plain = len(found) == 1 and all(getattr(argument.value, "value", None) in names for argument in found[0].args)
    return run.document.site(found[0]) if plain else None


def _unread(entry: tuple[Any, Any, list[Watched]]) -> list[cst.Param]:
    """Parameters that no pass read, and that stand nowhere in the body."""
    function, _, runs = entry
    read = set().union(*(watched.read for watched in runs))
    params = [*function.node.params.posonly_params, *function.node.params.params][1:]
    candidates = [param for param in params if param.name.value not in read and not param.name.value.startswith("_")]
    if not candidates:
        return []
    names = names_in(function.node.body)
    if names & definitions.READS_ALL:
        return []
    return [param for param in candidates if param.name.value not in names]


def _unused(run: Any, entry: tuple[Any, Any, list[Watched]]) -> Iterator[UnusedArgument]:
    """Arguments of a constructor that a fixed size replaces."""
    function, _, runs = entry
    made = run.ledger.made.get(id(function.node), ())
    if not made or not (unread := _unread(entry)):
        return
    for param in unread:
        name = param.name.value
        values = {
            v.value for watched in runs if isinstance(v := dict.get(watched, name), Const) and type(v.value) is int
        }
        if isinstance(default := function.defaults.get(name), Const) and type(default.value) is int:
            values.add(default.value)
        found = _fixed_size(made, name, values)
        if found is not None:
            size, value, layer = found
            document = function.document
            yield UnusedArgument(name, document.site(param.name), document.site(size), value, layer)


def _fixed_size(made: Any, name: str, values: set[int]) -> tuple[Any, int, str] | None:
    """The number that stands where the argument belongs: under its name, or equal to what it is given."""
    from lrcheck.static.modules import SIGNATURES

    equal = []
    for layer, args, _ in made:
        if not isinstance(layer, Layer):
            continue
        for index, option in enumerate(SIGNATURES.get(layer.name, ())):
            node, value = args.node(index, option), args.get(index, option)
            if option not in definitions.SIZES or not isinstance(node, cst.Integer) or not isinstance(value, Const):
                continue
            if not isinstance(size := value.value, int):
                continue
            if option == name:
                return node, size, layer.facts.name
            if size in values and size > 1:
                equal.append((node, size, layer.facts.name))
    return equal[0] if len(equal) == 1 else None


def _hidden(run: Any, cls: Class, instance: Instance, init: tuple[Any, Any, list[Watched]]) -> Iterator[HiddenPart]:
    """Lists and dicts of modules that the constructor made, and that no container registers."""
    ledger = run.ledger
    if any(key.startswith("*") for key in instance.attrs) or cls.opaque_base:
        return
    made = {id(layer) for layer, _, _ in ledger.made.get(id(init[0].node), ())}
    registered = _registered(instance)
    for name, value in instance.attrs.items():
        target = ledger.containers.get((id(cls.node), name))
        if target is None:
            continue
        if isinstance(value, TensorFacts):
            if _is_hidden_tensor(run, instance, name, value):
                yield HiddenPart(name, "tensor", _assigned_value(run, target), "tensor", _name_of_nn(run))
            continue
        items = value.items.values() if isinstance(value, Mapping) else value.items if isinstance(value, Seq) else ()
        parts = [part for part in items if has_parameters(part)]
        if not parts or any(
            id(part) not in made or id(part) in registered or id(part) in ledger.asked for part in parts
        ):
            continue
        kind = "dict" if isinstance(value, Mapping) else "list"
        yield HiddenPart(name, kind, _assigned_value(run, target), parts[0].facts.name, _name_of_nn(run))


def _name_of_nn(run: Any) -> str:
    """The name that `torch.nn` goes by in the checked file."""
    names = {getattr(value, "name", ""): name for name, value in run.scope.top.vars.items() if isinstance(value, Api)}
    return names.get("torch.nn") or (f"{names['torch']}.nn" if "torch" in names else "")


def _is_hidden_tensor(run: Any, instance: Instance, name: str, value: TensorFacts) -> bool:
    if value.origin is None or "Parameter" in value.origin.text or "register" in value.origin.text:
        return False
    outside = re.search(rf"(?<!self)\.{re.escape(name)}\b|[\"']{re.escape(name)}[\"']", run.document.text)
    return "requires_grad" in value.origin.text and outside is None and id(instance) in run.ledger.asked


def _registered(instance: Instance) -> set[int]:
    found: set[int] = set()
    stack = [value for value in instance.attrs.values() if isinstance(value, (Layer, Instance, Union))]
    while stack and len(found) < 500:
        value = stack.pop()
        if isinstance(value, Union):
            stack.extend(value.alternatives)
            continue
        if id(value) in found:
            continue
        found.add(id(value))
        if isinstance(value, Layer) and value.children is not None:
            stack.extend(value.children.items)
    return found


def has_parameters(value: Any) -> bool:
    if isinstance(value, Layer):
        return (value.name in definitions.PARAMETRISED and not is_plain_norm(value)) or (
            value.children is not None and any(map(has_parameters, value.children.items))
        )
    return isinstance(value, Instance) and value.facts is not None and any(map(has_parameters, value.attrs.values()))


def is_plain_norm(layer: Layer) -> bool:
    """Is it a norm that learns nothing: `nn.LayerNorm(n, elementwise_affine=False)`?"""
    return any(const(layer.options.get(option, MISSING)) is False for option in ("affine", "elementwise_affine"))


def _assigned_value(run: Any, target: Any) -> Any:
    """The value of the assignment that holds a target."""
    node = target
    for _ in range(4):
        node = run.document.parent(node)
        if isinstance(node, (cst.Assign, cst.AnnAssign)) and node.value is not None:
            return run.document.site(node.value)
    return run.document.site(target)


def _ignored(run: Any, entry: tuple[Any, Any, list[Watched]], cls: Class) -> tuple[str, Any] | None:
    """The only input of a `forward` that calls submodules and never reads it."""
    function, instance, _ = entry
    params = function.node.params
    inputs = [*params.posonly_params, *params.params][1:]
    if (
        len([p for p in inputs if p.default is None]) != 1
        or isinstance(params.star_arg, cst.Param)
        or params.star_kwarg is not None
    ):
        return None
    unread = [param for param in _unread(entry) if param.default is None]
    if not unread or _mentions(function.node.body, "super") or not _returns_or_assigns(function.node):
        return None
    own = _own_name(function)
    attributes = {
        node.attr.value for node in walk(function.node.body)
        if isinstance(node, cst.Attribute) and isinstance(node.value, cst.Name) and node.value.value == own
    }  # fmt: skip
    if not any(_is_part(instance.attrs.get(name)) for name in attributes):
        return None
    return unread[0].name.value, run.document.site(unread[0].name)


def _is_part(value: Any) -> bool:
    return (
        isinstance(value, Layer)
        or definitions.is_module_class(value)
        or (isinstance(value, Instance) and value.facts is not None)
    )


def _returns_or_assigns(node: cst.FunctionDef) -> bool:
    return any(isinstance(inner, (cst.Return, cst.Assign)) for inner in walk(node.body))


def _no_result(run: Any, method: Function) -> Any:
    """A `forward` that computes a last value under a plain name and returns nothing."""
    if id(method.node) not in run.ledger.no_result or not isinstance(method.node, cst.FunctionDef):
        return None
    body = method.node.body.body
    last = body[-1] if body else None
    small = last.body[-1] if isinstance(last, cst.SimpleStatementLine) else None
    if not isinstance(small, cst.Assign) or not isinstance(small.targets[0].target, cst.Name):
        return None
    for node in walk(method.node.body):
        if isinstance(node, (cst.Return, cst.Raise, cst.Yield, cst.Global)):
            return None
        if isinstance(node, cst.AssignTarget) and not isinstance(node.target, cst.Name):
            return None
    return run.document.site(small)


def _dropped(run: Any, entry: tuple[Any, Any, list[Watched]]) -> Iterator[tuple[Any, Any]]:
    """`out = self.first(x)`, and right after it `out = self.second(x)`: what the first gave is never read."""
    function, instance, _ = entry
    own = _own_name(function)
    for block in _blocks(function.node.body):
        for line, following in itertools.pairwise(block.body):
            before = _part_called(instance, own, line)
            after = _part_called(instance, own, following) if before is not None else None
            if before is None or after is None or before[0] != after[0] or before[0].startswith("_"):
                continue
            if has_parameters(before[2]) and before[0] not in names_in(after[1]) and _alike(before[1], after[1]):
                yield run.document.site(before[1]), run.document.site(after[1])


def _blocks(body: Any) -> Iterator[cst.IndentedBlock]:
    """A body and the blocks in it."""
    pending = [body]
    while pending:
        node = pending.pop()
        if isinstance(node, cst.IndentedBlock):
            yield node
        pending.extend(child for child in node.children if isinstance(child, definitions.COMPOUND))


def _alike(one: cst.Call, other: cst.Call) -> bool:
    """Whether two calls get the same arguments; what a hook leaves somewhere is read by another one."""
    return len(one.args) == len(other.args) > 0 and all(
        mine.value.deep_equals(its.value) for mine, its in zip(one.args, other.args, strict=True)
    )


def _own_name(function: Any) -> str:
    """The parameter of a method that is the object itself."""
    params = (*function.node.params.posonly_params, *function.node.params.params)
    return str(params[0].name.value) if params else ""


def _part_called(instance: Any, own: str, line: Any) -> tuple[str, cst.Call, Any] | None:
    """The name, the call and the submodule of `name = self.part(...)`."""
    match line:
        case cst.SimpleStatementLine(
            body=[
                cst.Assign(
                    targets=[cst.AssignTarget(target=cst.Name(value=name))],
                    value=cst.Call(
                        func=cst.Attribute(value=cst.Name(value=holder), attr=cst.Name(value=attribute))
                    ) as call,
                )
            ]
        ) if holder == own:
            part = instance.attrs.get(attribute)
            return (name, call, part) if _is_part(part) else None
    return None


def _mentions(node: Any, name: str) -> bool:
    return any(isinstance(inner, cst.Name) and inner.value == name for inner in walk(node))


def walk(node: Any) -> Iterator[Any]:
    """A node and everything below it."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(current.children)
