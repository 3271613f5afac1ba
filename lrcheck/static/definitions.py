"""What the classes of a program define: constructors, submodules, `forward`, and attributes that nobody ever sets."""

from __future__ import annotations

import re
from typing import Any

import libcst as cst

from lrcheck.events import Construct, Instantiation, ModuleAsTensor, UnknownAttribute
from lrcheck.facts import TensorFacts
from lrcheck.knowledge.operations import (
    BATCHNORM_LAYERS,
    CONV_LAYERS,
    LINEAR_LAYERS,
    OTHER_PARAMETRISED,
    RECURRENT_LAYERS,
)
from lrcheck.static.arguments import described
from lrcheck.static.ledger import Watched
from lrcheck.static.values import (
    Api,
    Class,
    Const,
    Function,
    Instance,
    Layer,
    Mapping,
    Seq,
    Unknown,
)

PARAMETRISED = LINEAR_LAYERS | CONV_LAYERS | BATCHNORM_LAYERS | RECURRENT_LAYERS | OTHER_PARAMETRISED
COMPOUND = (cst.IndentedBlock, cst.BaseCompoundStatement, cst.Else, cst.ExceptHandler, cst.Finally)
PLAIN_BASES = frozenset({"torch.nn.Module", "builtins.object", "abc.ABC"})
_OWN_INIT = PLAIN_BASES | {"torch.utils.data.Dataset", "torch.nn.Sequential", "torch.nn.ModuleList"}
_ENTRY_POINTS = frozenset({"__init__", "forward"})
SIZES = frozenset({"in_features", "out_features", "in_channels", "out_channels", "num_features", "input_size", "hidden_size",
                    "num_layers", "num_embeddings", "embedding_dim", "kernel_size"})  # fmt: skip
MAX_RUNS = 16
READS_ALL = frozenset({"locals", "vars", "save_hyperparameters", "inspect", "eval", "exec"})


def watch(run: Any, function: Function, scope: Any, self_value: Any) -> None:
    """Remember which arguments of a constructor or of a `forward` are read."""
    if function.name not in _ENTRY_POINTS or not isinstance(self_value, Instance):
        return
    watched = scope.vars = Watched(scope.vars)
    entry = run.ledger.watched.get(id(function.node))
    if entry is None:
        entry = run.ledger.watched[id(function.node)] = (function, self_value, [])
    if len(entry[2]) < MAX_RUNS:
        entry[2].append(watched)


def attribute_missing(run: Any, instance: Any, name: str, node: Any, calling: bool) -> None:
    """An attribute that an instance does not have so far."""
    attr = getattr(node, "attr", None)
    if attr is None or id(attr) in run.ledger.missing or name.startswith("__"):
        return
    if run.scope.document is run.document:
        run.ledger.missing[id(attr)] = (instance, name, attr, calling)


class Among:
    """An attribute of one of several values: that some of them lack it says nothing, the program may know which one it has."""

    __slots__ = ("key", "known", "lacking", "missing", "some")

    def __init__(self, run: Any, node: Any) -> None:
        self.missing = run.ledger.missing
        self.key = id(getattr(node, "attr", None))
        self.lacking: Any = None
        self.known = self.key in self.missing
        self.some = False

    def asked(self) -> None:
        """One of the values was asked for the attribute."""
        found = None if self.known else self.missing.pop(self.key, None)
        self.lacking = found or self.lacking
        self.some = self.some or found is None

    def done(self) -> None:
        """All of them were asked."""
        if not self.some and self.lacking is not None:
            self.missing[self.key] = self.lacking


def attribute_assigned(run: Any, base: Any, name: str, value: Any, node: Any, source: Any) -> None:
    """`self.name = value` in a module."""
    if type(base) is not Instance or base.facts is None:
        return
    kind = type(value)
    if kind is Layer or (kind is Instance and value.facts is not None):
        if run.ledger.born:
            run.ledger.born.pop(id(value), None)
        if id(base) not in run.ledger.initialised and _is_being_made(run, base):
            run.ledger.alive.append(base)
            run.ledger.early.setdefault(id(base.cls.node), []).append((name, run.site(node)))
    elif kind is Api:
        if is_module_class(value):
            run.ledger.assigned_classes[(id(base.cls.node), name)] = run.site(source if source is not None else node)
    elif kind in (Seq, Mapping) or (kind is TensorFacts and value.attached and value.roots == {"parameter"}):
        run.ledger.containers[(id(base.cls.node), name)] = node


NO_FORWARD = frozenset(
    {"torch.nn.ModuleList", "torch.nn.ModuleDict", "torch.nn.ParameterList", "torch.nn.ParameterDict"}
)


def not_callable(run: Any, value: Any, node: Any) -> None:
    """Something that no program can call is called: a number, a text, a list, a container of modules."""
    func = getattr(node, "func", None)
    what = kind_of(value) if run.scope.document is run.document and _is_own_value(run, value, func) else ""
    if what and id(func) not in run.ledger.missing and not run.flags.get("fallback"):
        run.ledger.missing[id(func)] = (value, what, func, True)


def _is_own_value(run: Any, value: Any, func: Any) -> bool:
    """Is it certain what is called: a variable bound here, or an attribute that a module of the program set itself?"""
    if isinstance(func, cst.Name):
        return not isinstance(value, Const) and dict.get(run.scope.vars, func.value) is value
    if not isinstance(func, cst.Attribute) or not isinstance(func.value, cst.Name):
        return False
    base = dict.get(run.scope.vars, func.value.value)
    return isinstance(base, Instance) and base.facts is not None and base.attrs.get(func.attr.value) is value


def kind_of(value: Any) -> str:
    if isinstance(value, Const):
        plain = value.value
        return "a number" if type(plain) in (int, float) else "a text" if isinstance(plain, str) else ""
    if isinstance(value, Seq):
        return f"a {value.kind}" if value.kind in ("list", "tuple", "set") else ""
    if isinstance(value, Layer):
        return f"an `{value.facts.name}`"
    return "a dict" if isinstance(value, Mapping) else ""


def uncallable(run: Any, value: Any, what: str, func: Any) -> None:
    document = run.document
    name = func.attr.value if isinstance(func, cst.Attribute) else func.value
    word = re.escape(name)
    set_again = len(
        re.findall(
            rf"\b{word}\b\s*(?::[^=\n]+)?=(?!=)|\bdef {word}\b|\b(?:as|import|for|global|nonlocal) {word}\b",
            document.text,
        )
    )
    if set_again > 1 or re.search(rf"setattr|__dict__|[\"']{word}[\"']", document.text) or _is_tested_call(run, func):
        return
    made = document.site(value.node) if isinstance(value, Layer) else None
    run.emit(UnknownAttribute(document.site(func), name, what, called=True, definition=made, complete=True))


def _is_tested_call(run: Any, func: Any) -> bool:
    """Does a test of what it is, or a handler of errors, stand around the call?"""
    parent = run.document.parent(func)
    while parent is not None and not isinstance(parent, (cst.FunctionDef, cst.ClassDef)):
        if isinstance(parent, (cst.If, cst.IfExp, cst.BooleanOperation, cst.Try, cst.With)):
            return True
        parent = run.document.parent(parent)
    return False


def _is_being_made(run: Any, instance: Instance) -> bool:
    """Its constructor is running."""
    init = instance.cls.find("__init__")
    return isinstance(init, Function) and any(node is init.node for node in run.active)


def is_module_class(value: Any) -> bool:
    """Is it a class of `torch.nn`, or a module class of the program?"""
    if isinstance(value, Api):
        name = value.name
        short = name.rpartition(".")[2]
        return (
            name.startswith("torch.nn.")
            and name.count(".") == 2
            and short[:1].isupper()
            and not short.endswith("Parameter")
        )
    return isinstance(value, Class) and value.derives_from(PLAIN_BASES - {"builtins.object", "abc.ABC"})


def layer_made(run: Any, layer: Any, args: Any, node: Any) -> None:
    """A layer was constructed: the constructor that makes it is remembered."""
    if run.active:
        made = run.ledger.made.setdefault(id(run.active[-1]), [])
        if len(made) < 200:
            made.append((layer, args, node))


def called_on_tensor(run: Any, name: str, args: Any, node: Any) -> bool:
    """A class of `torch.nn` is called on data: `nn.ReLU(x)`, or `self.linear(x)` where `self.linear` is a class."""
    func = getattr(node, "func", None)
    if func is None or not args.positional:
        return False
    assigned = _assigned_class(run, func) if isinstance(func, cst.Attribute) else None
    data = any(map(is_data, args.positional))
    if assigned is None:
        if data and not run.ledger.choices:  # of a table of activations, whichever an option names
            run.emit(Construct(run.site(node), name, described(run, node, args), callee=run.site(func)))
        return False
    if not data and not (isinstance(args.positional[0], Unknown) and _input_name(run, node) is not None):
        return False
    short = f"nn.{name.rpartition('.')[2]}"
    run.emit(ModuleAsTensor(run.site(node), "", run.site(func), short, True, assigned, run.site(args.nodes[0])))
    return True


def is_data(value: Any) -> bool:
    """Is it surely a tensor with more than one number? `int(x)` and `x.item()` keep facts of their tensor."""
    return (
        isinstance(value, TensorFacts)
        and (value.attached is True or bool(value.shape))
        and value.roots != {"parameter"}
    )


def module_as_tensor(run: Any, operation: str, value: Any, argument: Any, node: Any) -> None:
    """A module where a function of torch needs a tensor."""
    if argument is None or (isinstance(value, Api) and not is_module_class(value)):
        return
    if isinstance(value, Instance) and (value.facts is None or value.cls.find("__torch_function__") is not None):
        return
    is_class = isinstance(value, Api)
    name = f"nn.{value.name.rpartition('.')[2]}" if is_class else value.facts.name
    assigned = _assigned_class(run, argument) if is_class and isinstance(argument, cst.Attribute) else None
    data = _input_name(run, argument)
    run.emit(ModuleAsTensor(run.site(node), operation, run.site(argument), name, is_class, assigned, data))


def _assigned_class(run: Any, func: cst.Attribute) -> Any:
    owner = run.scope.vars.get(func.value.value) if isinstance(func.value, cst.Name) else None
    if not isinstance(owner, Instance):
        return None
    for cls in owner.cls.mro:
        if isinstance(cls, Class) and (id(cls.node), func.attr.value) in run.ledger.assigned_classes:
            return run.ledger.assigned_classes[(id(cls.node), func.attr.value)]
    return None


def _input_name(run: Any, argument: Any) -> Any:
    """The only input of the `forward` that is running."""
    del argument
    entry = run.ledger.watched.get(id(run.active[-1])) if run.active else None
    if entry is None or entry[0].name != "forward":
        return None
    params = entry[0].node.params.params[1:]
    return run.site(params[0].name) if len(params) == 1 else None


def constructor_called(run: Any, cls: Class, init: Function, args: Any, node: Any) -> bool:
    """A class of the program is instantiated: do the arguments fit its constructor?"""
    if any(argument.star for argument in getattr(node, "args", ())) or _is_one_of_several(run, cls, node):
        return True
    if any(not isinstance(base, Class) and not (isinstance(base, Api) and base.name in _OWN_INIT) for base in cls.mro):
        return True  # a base may take the arguments in its `__new__`
    if (
        not isinstance(init.node, cst.FunctionDef)
        or args.open
        or init.node.decorators
        or cls.node.decorators
        or cls.node.keywords
        or cls.find("__new__") is not None
    ):
        return True
    params = init.node.params
    names = [param.name.value for param in (*params.posonly_params, *params.params)][1:]
    known = {*names, *(param.name.value for param in params.kwonly_params)}
    takes_any, takes_all = params.star_arg, params.star_kwarg
    given = set(names[: len(args.positional)]) | args.keywords.keys()
    missing = (
        ()
        if isinstance(takes_any, cst.Param) and args.open
        else tuple(
            name
            for name in (*names, *(p.name.value for p in params.kwonly_params))
            if name not in given and name not in init.defaults
        )
    )
    surplus = args.nodes[len(names) :] if not isinstance(takes_any, cst.Param) else []
    unexpected = [] if takes_all is not None else [name for name in args.keywords if name not in known]
    if not (missing or surplus or unexpected) or not hasattr(node, "func"):
        return True
    if init.document is run.scope.document and init.document.are_apart(node, init.node):
        return True  # a sketch of the class that another example has in mind
    signature = tuple(names)
    run.emit(
        Instantiation(
            run.site(node), cls.name, init.scope.document.site(init.node.name), signature, missing,
            tuple(run.site(value) for value in surplus),
            tuple((name, run.site(args.keyword_nodes[name])) for name in unexpected if name in args.keyword_nodes),
        )
    )  # fmt: skip
    return False


def _is_one_of_several(run: Any, cls: Class, node: Any) -> bool:
    """Is the class chosen while the program runs, so that others get these arguments in its stead?"""
    func = getattr(node, "func", None)
    if isinstance(func, cst.Name):
        scope = run.scope
        while scope is not None and func.value not in scope.vars:
            scope = scope.parent
        if scope is None or dict.get(scope.vars, func.value) is not cls:
            return True
        return not run.ledger.script and _is_parameter(run, func.value)  # `cls(...)`: a subclass may be meant
    return bool(run.ledger.branches)


def _is_parameter(run: Any, name: str) -> bool:
    """Is it a parameter of the function that is running?"""
    params = getattr(run.active[-1], "params", None) if run.active else None  # a module that is imported has none
    return params is not None and any(param.name.value == name for param in (*params.posonly_params, *params.params))
