"""Calls: of functions and classes of the program, and of everything else."""

from __future__ import annotations

import itertools
from contextlib import ExitStack
from typing import Any

import libcst as cst

from lrcheck.events import ForwardCall
from lrcheck.facts import ModuleFacts, TensorFacts
from lrcheck.knowledge.operations import ACTIVATION_LAYERS, LINEAR_LAYERS
from lrcheck.static import (
    api_uses,
    attributes,
    data,
    definition_reports,
    definitions,
    devices,
    freezing,
    hooks,
    layers,
    meters,
    methods,
    modules,
    statements,
    tensors,
    torch_api,
    training_kit,
    units,
)
from lrcheck.static.arguments import Args, evaluate_arguments, of
from lrcheck.static.evaluation import EVALUATORS, evaluate
from lrcheck.static.joining import join_all
from lrcheck.static.run import MAX_DEPTH, Call, Run
from lrcheck.static.values import (
    MISSING,
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
    Loss,
    Mapping,
    Method,
    Partial,
    Scope,
    Seq,
    Stream,
    Tool,
    Union,
    Unknown,
    new_identity,
)

MODULE_BASES = frozenset(
    {
        "torch.nn.Module",
        "lightning.LightningModule",
        "lightning.pytorch.LightningModule",
        "torch.nn.Sequential",
        "torch.jit.ScriptModule",
        "transformers.PreTrainedModel",
        "torch.nn._Loss",
        "torch.nn._WeightedLoss",
        "torch.nn.ModuleList",
        "torch.nn.ModuleDict",
    }
)
LIGHTNING = frozenset({"lightning.LightningModule", "lightning.pytorch.LightningModule"})
DATASET_BASES = frozenset(
    {"torch.utils.data.Dataset", "torchvision.datasets.VisionDataset", "torch.utils.data.IterableDataset"}
)
_NAMED_TUPLE = frozenset({"typing.NamedTuple"})
_groups = itertools.count(1)


def call_expression(run: Run, node: cst.Call, statement: bool = False) -> Any:
    """A call in the program."""
    func = node.func
    if type(func) is cst.Attribute:
        base = evaluate(run, func.value)
        callee = attributes.get(run, base, func.attr.value, func, calling=True)
    else:
        callee = evaluate(run, func)
        if type(callee) is Api and callee.name == "builtins.super":
            return _super(run, node)
    args = evaluate_arguments(run, node.args)
    return call(run, callee, args, node, statement)


def call(run: Run, callee: Any, args: Args, node: Any, statement: bool = False) -> Any:
    """The result of calling a value."""
    handler = _CALL.get(type(callee))
    if handler is None:
        definitions.not_callable(run, callee, node)
        return UNKNOWN
    return handler(run, callee, args, node, statement)


# -- functions --------------------------------------------------------------------------------------------------------
def defaults(run: Run, params: cst.Parameters) -> dict[str, Any]:
    """The values of default arguments, evaluated where the function is defined: what they ask for, a caller may change."""
    found: dict[str, Any] = {}
    run.ledger.branches += 1
    for part in (params.posonly_params, params.params, params.kwonly_params):
        for param in part:
            if param.default is not None:
                found[param.name.value] = evaluate(run, param.default)
    run.ledger.branches -= 1
    return found


def _function(run: Run, function: Function, args: Args, node: Any, statement: bool) -> Any:
    return invoke(run, function, args, node)


def invoke(run: Run, function: Function, args: Args, node: Any, self_value: Any = MISSING) -> Any:
    """Interpret the body of a function of the program with these arguments."""
    spent = run.fuel <= 0 and bool(run.active)
    if spent and run.ledger.script and not run.cut_short:
        run.cut_short = True
        run.undecided.append((run.site(node), "the program is too long: calls are not followed from here on"))
    if len(run.active) >= MAX_DEPTH or spent or function.node in run.active:
        hooks.opaque(run, args, node, self_value, lost=run.forward_depth == 0)  # a model steps and clears nothing
        return Unknown("recursion" if function.node in run.active else "the program is too deep to follow")
    run.executed.add(id(function.node))
    scope = Scope(function.document, function.scope)
    _bind(run, function, args, scope, self_value)
    if function.owner is not None:
        definitions.watch(run, function, scope, self_value)
    run.active.append(function.node)
    outer = run.trace
    inner: list[Any] = []
    run.trace = inner
    try:
        with run.inside(scope):
            if not function.contexts:
                return _body(run, function, scope)
            with ExitStack() as stack:
                for context in function.contexts:
                    stack.enter_context(run.flag(context.kind, context.value))
                return _body(run, function, scope)
    finally:
        run.active.pop()
        run.trace = outer
        if inner:
            outer.append(Call(inner))


def _body(run: Run, function: Function, scope: Scope) -> Any:

    node = function.node
    if isinstance(node, cst.Lambda):
        return evaluate(run, node.body)
    body = node.body
    status = statements.execute(run, body.body) if isinstance(body, cst.IndentedBlock) else statements._suite(run, body)
    ended = scope.pending
    if ended:
        run.apply([*ended, {}] if status in (None, "return") else ended)
    if scope.yields:
        over = list(scope.yielded.values())
        whole = len(over) == 1 and over[0] is not None and not over[0].broken and not scope.returns
        return Stream(join_all(scope.yields), of=over[0].of if whole else None)
    returns = scope.returns
    if not returns:
        return NONE if status is None else Unknown("the function does not return")
    if status is None:
        returns = [value for value in returns if value is not NONE] or returns
    return returns[0] if len(returns) == 1 else _joined_returns(run, returns)


def _joined_returns(run: Run, returns: list[Any]) -> Any:
    useful = [value for value in returns if not (isinstance(value, Const) and value.value is None)]
    return join_all(units.measured(run, useful or returns))


class Signature:
    """The parameters of a function, read off its node once."""

    __slots__ = ("keyword_only", "names", "star", "star_star")

    def __init__(self, params: cst.Parameters) -> None:
        self.names = tuple(param.name.value for param in (*params.posonly_params, *params.params))
        self.keyword_only = tuple(param.name.value for param in params.kwonly_params)
        self.star = params.star_arg.name.value if isinstance(params.star_arg, cst.Param) else None
        self.star_star = params.star_kwarg.name.value if params.star_kwarg is not None else None


def _bind(run: Run, function: Function, args: Args, scope: Scope, self_value: Any) -> None:
    """Bind arguments to parameters."""
    signature = run.signatures.get(function.node)
    if signature is None:
        signature = run.signatures[function.node] = Signature(function.node.params)
    names = signature.names
    positional = args.positional if self_value is MISSING else [self_value, *args.positional]
    values = scope.vars
    for name, value in zip(names, positional, strict=False):
        values[name] = Unknown() if value is UNKNOWN else value
    keywords = args.keywords
    for name in (*names[len(positional) :], *signature.keyword_only):
        if name in keywords:
            values[name] = keywords[name]
        elif args.open or name not in function.defaults:
            values[name] = Unknown(f"the argument `{name}` of `{function.name}` is not known")
        else:
            values[name] = function.defaults[name]
    if signature.star is not None:
        extra = positional[len(names) :]
        values[signature.star] = Seq(extra, "tuple", len(extra) if args.open else None)
    if signature.star_star is not None:
        rest = {key: value for key, value in keywords.items() if key not in values}
        values[signature.star_star] = Mapping(rest, args.open)


def call_unknown(run: Run, function: Function, self_value: Any = MISSING) -> Any:
    """Run a function that nobody calls: its arguments are unknown."""
    args = Args([], [], {}, {}, True)
    return invoke(run, function, args, function.node, self_value)


def _bound(run: Run, bound: Bound, args: Args, node: Any, statement: bool) -> Any:
    function = bound.function
    if isinstance(function, Function):
        if isinstance(bound.self_value, Instance) and bound.self_value.facts is not None and function.name == "forward":
            layers.forward_called(run, bound.self_value, node)
            return forward(run, bound.self_value, args, node, function, direct=True)
        return invoke(run, function, args, node, bound.self_value)
    if isinstance(function, Partial):
        return _partial(run, function, args, node, statement)
    return call(run, function, args, node, statement)


def _partial(run: Run, partial: Partial, args: Args, node: Any, statement: bool) -> Any:
    given: Args = partial.arguments
    merged = Args(
        [*given.positional, *args.positional],
        [*given.nodes, *args.nodes],
        {**given.keywords, **args.keywords},
        {**given.keyword_nodes, **args.keyword_nodes},
        given.open or args.open,
    )
    return call(run, partial.function, merged, node, statement)


def decorate(run: Run, function: Function, value: Any, decorator: Any) -> Any:
    """What a decorator makes of a function. Unknown decorators are taken to keep it."""
    if isinstance(decorator, Context):
        function.contexts = (*function.contexts, decorator)
        return value
    if isinstance(decorator, Api):
        short = decorator.name.rpartition(".")[2]
        if decorator.name in ("torch.no_grad", "torch.inference_mode"):
            function.contexts = (*function.contexts, Context("grad", False))
        elif decorator.name == "torch.enable_grad":
            function.contexts = (*function.contexts, Context("grad", True))
        elif decorator.name in ("builtins.property", "functools.cached_property"):
            function.kind = "property"
        elif decorator.name == "builtins.staticmethod":
            function.kind = "static"
        elif decorator.name == "builtins.classmethod":
            function.kind = "class"
        elif short == "contextmanager":
            function.contexts = (*function.contexts, Context("contextmanager", True))
        return value
    if isinstance(decorator, Instance):
        decorator = bound(decorator, "__call__")
    if isinstance(decorator, (Function, Bound)) and isinstance(value, Function):
        made = call(run, decorator, of([value]), function.node)  # it may register the function
        if isinstance(made, Function):
            return made
    return value


def bound(instance: Instance, name: str) -> Any:
    """A method of an object of the program, or None."""
    found = instance.cls.find(name)
    return Bound(found, instance) if isinstance(found, Function) else None


def _context(run: Run, context: Context, args: Args, node: Any, statement: bool) -> Any:
    """A context manager as a decorator: `torch.no_grad()(function)`."""
    function = args.get(0, "func")
    if not isinstance(function, Function):
        return Unknown()
    function.contexts = (*function.contexts, context)
    return function


def _super(run: Run, node: cst.Call) -> Any:
    """`super()` and `super(Net, self)`."""
    from lrcheck.static.values import Super

    if len(node.args) >= 2:
        owner, self_value = evaluate(run, node.args[0].value), evaluate(run, node.args[1].value)
        return Super(owner if isinstance(owner, Class) else None, self_value)
    scope: Scope | None = run.scope
    while scope is not None and not scope.vars:
        scope = scope.parent
    first = next(iter(scope.vars.values())) if scope is not None and scope.vars else UNKNOWN
    return Super(_owner_of(run, first), first)


def _owner_of(run: Run, self_value: Any) -> Class | None:
    """The class whose method is running."""
    if not run.active or not isinstance(self_value, (Instance, Class)):
        return None
    cls = self_value.cls if isinstance(self_value, Instance) else self_value
    running = run.active[-1]
    for base in cls.mro:
        if isinstance(base, Class):
            for value in base.attrs.values():
                if isinstance(value, Function) and value.node is running:
                    return base
    return None


# -- classes ----------------------------------------------------------------------------------------------------------
def _class(run: Run, cls: Class, args: Args, node: Any, statement: bool) -> Any:
    return instantiate(run, cls, args, node)


def instantiate(run: Run, cls: Class, args: Args, node: Any) -> Any:
    """An instance of a class of the program: its `__init__` is interpreted."""
    site = run.site(node)
    is_module = cls.derives_from(MODULE_BASES)
    facts = ModuleFacts(cls.name, None, site, depth=run.loop_depth) if is_module else None
    instance = Instance(cls, site, facts)
    if facts is not None:
        run.new_in_training(facts)
    init = cls.find("__init__")
    if isinstance(init, Function):
        if not definitions.constructor_called(run, cls, init, args, node):
            args = Args(args.positional, args.nodes, args.keywords, args.keyword_nodes, True)
        invoke(run, init, args, node, instance)
    elif "__dataclass__" in cls.attrs or cls.derives_from(_NAMED_TUPLE):
        _dataclass(run, instance, args)
    elif cls.derives_from(frozenset({"torch.nn.Sequential"})):
        _sequential_base(run, instance, args)
    if facts is not None:
        modules.describe(instance, facts)
        if cls.derives_from(LIGHTNING):  # its trainer moves it, with all its parts
            devices.unplaced(run, instance)
        elif definition_reports.has_parameters(instance):
            devices.module_made(run, instance)
        definitions.layer_made(run, instance, args, node)
    else:
        devices.given_away(run, instance, args)
    run.instances[cls.node] = instance
    if cls.derives_from(DATASET_BASES):
        return data.local_dataset(run, instance)
    if isinstance(init, Function) and training_kit.is_plain_optimizer(cls):
        return training_kit.own_optimizer(run, cls, args, node)
    return instance


def _dataclass(run: Run, instance: Instance, args: Args) -> None:
    names = [name for base in reversed(instance.cls.mro) if isinstance(base, Class) for name in _fields(base)]
    run.fuel -= len(names)  # as many statements as its constructor has
    for index, name in enumerate(names):
        value = args.get(index, name)
        if value is MISSING:
            value = instance.cls.find(name) or Unknown()
        if isinstance(value, Tool) and value.kind == "field":
            value = _default_of(run, value.of)
        run.put(instance.attrs, name, value)


def _default_of(run: Run, described: Args) -> Any:
    """What `field(default=...)` or `field(default_factory=...)` puts into a new instance."""
    factory = described.keywords.get("default_factory", MISSING)
    if factory is MISSING:
        return described.keywords.get("default", Unknown())
    return call(run, factory, of([]), described.keyword_nodes["default_factory"])


def _fields(cls: Class) -> list[str]:
    declared = cls.attrs.get("__annotations__")
    named = [item.value for item in declared.items] if isinstance(declared, Seq) else []
    known = [name for name, value in cls.attrs.items() if not isinstance(value, (Function, Class))]
    return named + [name for name in known if not name.startswith("__") and name not in named]


def _sequential_base(run: Run, instance: Instance, args: Args) -> None:
    for index, value in enumerate(args.positional):
        run.put(instance.attrs, str(index), value)


def _instance(run: Run, instance: Instance, args: Args, node: Any, statement: bool) -> Any:
    """Calling an instance: `__call__`, or the module's `forward`."""
    custom = instance.cls.find("__call__")
    if isinstance(custom, Function):
        return invoke(run, custom, args, node, instance)
    method = instance.cls.find("forward")
    if isinstance(method, Function):
        return forward(run, instance, args, node, method)
    if instance.cls.derives_from(frozenset({"torch.nn.Sequential"})):
        return _run_parts(run, instance, args, node)

    hooks.opaque(run, args, node, instance)
    return TensorFacts(why_unknown=f"`{instance.cls.name}` has no forward") if instance.facts is not None else Unknown()


def _run_parts(run: Run, instance: Instance, args: Args, node: Any) -> Any:
    """A class derived from `nn.Sequential` runs its parts in order."""
    x = args.get(0, "input")
    for part in instance.attrs.values():
        if isinstance(part, (Layer, Instance)):
            x = call(run, part, of([x], args.node(0, "input")), node)
    if "*added*" not in instance.attrs:
        return x
    run.moded += 1
    return TensorFacts(roots=frozenset({"input", "model"}), attached=True, identity=new_identity(),
                       why_unknown=f"some parts of `{instance.cls.name}` have names that are not known")  # fmt: skip


def forward(run: Run, instance: Instance, args: Args, node: Any, method: Function, direct: bool = False) -> Any:
    """A module's `forward`; the outermost one is the model, and its output is the model's output."""
    outermost = run.forward_depth == 0
    run.forward_depth += 1
    before = (run.moded, run.passed_by)
    if instance.facts is not None:
        run.forwards.append(instance.facts)
    try:
        result = invoke(run, method, args, node, instance)
    finally:
        run.forward_depth -= 1
        if instance.facts is not None:
            run.forwards.pop()
    if result is NONE:
        run.ledger.no_result[id(method.node)] = method
    if outermost and instance.facts is not None and not _is_loss(instance):
        moded = run.moded != before[0] or run.passed_by == before[1]
        result = of_model(run, instance, args, node, result, direct, moded)
    return result


def _is_loss(instance: Instance) -> bool:
    return instance.cls.derives_from(frozenset({"torch.nn._Loss", "torch.nn._WeightedLoss"}))


def of_model(run: Run, model: Any, args: Args, node: Any, result: Any, direct: bool = False, moded: bool = True) -> Any:
    """Mark a value as the output of a model, and say that the model was called.

    `moded` is false where this call passed by all layers that depend on the mode: `if is_training: x = self.drop(x)`.
    """
    facts: ModuleFacts = model.facts
    run.models[facts] = model
    owned = _owned(result, facts)
    given = args.get(0, "input")
    x = tensors.as_tensor(given) if given is not MISSING else TensorFacts()
    if isinstance(owned, TensorFacts) and owned.device is None:
        owned = owned.but(device=devices.output(run, facts, x))
    output = owned if isinstance(owned, TensorFacts) else TensorFacts()
    if type(result) is Unknown and result is not UNKNOWN and result.whole is None and result.facts is None:
        result.model = facts
    if not (isinstance(owned, TensorFacts) and owned.form is not None and owned.form.name == "LOSS"):
        current = ModuleFacts(facts.name, facts.canonical, facts.site, modules.mode_of(run, model) if moded else None, run.mode_sites.get(facts),
                              facts.has_dropout, facts.has_batchnorm, facts.decisions, facts.outputs,
                              needs_batch=run.ledger.batchwise and modules.needs_batch(model))  # fmt: skip
        callee = run.site(node.func) if hasattr(node, "func") else None
        run.emit(ForwardCall(run.site(node), current, x, output, run.grad, direct, facts, callee))
        devices.forward(run, facts, x, node, args.node(0, "input"))
        if type(given) is Unknown and run.scope.document is run.document:
            devices.unknown_given(run, facts, given, node, args.node(0, "input"))
        if run.frozen:
            freezing.called(run, model, facts, getattr(node, "func", None), node)
    return owned


def _owned(result: Any, facts: ModuleFacts) -> Any:
    if isinstance(result, TensorFacts):
        roots = (result.roots or frozenset({"input"})) | {"model"}
        return result.but(model=facts, roots=roots if result.roots else result.roots)
    if isinstance(result, Seq) and result.kind != "max":
        return Seq([_owned(item, facts) for item in result.items], result.kind, result.gap)
    return result


# -- other values -----------------------------------------------------------------------------------------------------
def _layer(run: Run, layer: Layer, args: Args, node: Any, statement: bool) -> Any:

    outermost = run.forward_depth == 0 and layer.name not in ACTIVATION_LAYERS
    if statement:
        layers.called_as_statement(run, layer, node)
    if run.ledger.born and id(layer) in run.ledger.born:
        run.ledger.born[id(layer)][2] = True
    if layer.name in definitions.NO_FORWARD:
        definitions.not_callable(run, layer, node)
    run.forward_depth += 1
    try:
        result = modules.call(run, layer, args, node)
    finally:
        run.forward_depth -= 1
    is_model = layer.children is not None or layer.name in LINEAR_LAYERS or layer.name.startswith("torchvision.models.")
    if outermost and is_model:
        if layer.facts.has_dropout is None:
            modules.describe(layer, layer.facts)
        return of_model(run, layer, args, node, result)
    return result


def _loss(run: Run, loss: Loss, args: Args, node: Any, statement: bool) -> Any:

    return modules.call_loss(run, loss.facts, args, node)


def _union(run: Run, union: Union, args: Args, node: Any, statement: bool) -> Any:
    """One of several values is called. A loss chosen by an option gives one event per choice, grouped."""
    live = [a for a in union.alternatives if not (isinstance(a, Const) and a.value is None)]
    if len(live) == 1:
        return call(run, live[0], args, node, statement)
    group = next(_groups)
    results: list[Any] = []

    def arm(alternative: Any) -> Any:
        def act() -> None:
            if isinstance(alternative, Loss):
                results.append(modules.call_loss(run, alternative.facts, args, node, group))
            elif isinstance(alternative, Api) and _is_loss_function(alternative.name):
                results.append(torch_api.call_loss_function(run, alternative.name, args, node, group))
            else:
                results.append(call(run, alternative, args, node, statement))

        return act

    run.ledger.choices += 1
    run.fork([arm(alternative) for alternative in live], exhaustive=True)
    run.ledger.choices -= 1
    joined = join_all(results)
    chosen = not union.element and run.forward_depth == 0 and all(isinstance(a, Instance) for a in live)
    if chosen and isinstance(joined, TensorFacts) and joined.form is None:
        joined = joined.but(identity=new_identity())
        run.ledger.outputs[joined.identity] = results
    return joined


def _is_loss_function(name: str) -> bool:
    from lrcheck.knowledge.losses import BY_FUNCTION

    return name in BY_FUNCTION


def _method(run: Run, method: Method, args: Args, node: Any, statement: bool) -> Any:

    return methods.call(run, method, args, node, statement)


def _api(run: Run, api: Api, args: Args, node: Any, statement: bool) -> Any:

    if api.full != api.name:
        api_uses.called(run, api.full, args, node, statement)
    return torch_api.call(run, api.name, args, node, statement)


def _unknown(run: Run, unknown: Unknown, args: Args, node: Any, statement: bool) -> Any:

    hooks.opaque(run, args, node, unknown)
    hooks.unknown_called(run, unknown, args, node)
    return Unknown(unknown.why)


def _dataset(run: Run, dataset: Dataset, args: Args, node: Any, statement: bool) -> Any:
    return Unknown()


def _tool(run: Run, tool: Tool, args: Args, node: Any, statement: bool) -> Any:
    """A metric called on a batch; a named tuple."""
    if tool.kind == "metric":
        return meters.updated(run, tool, args, node)
    if tool.kind == "record":
        return data.record(run, tool, args, node)
    return UNKNOWN


def enter(run: Run, instance: Instance) -> Any:
    """`with instance as value`."""
    found = instance.cls.find("__enter__")
    if isinstance(found, Function):
        return invoke(run, found, of([]), found.node, instance)
    return Unknown()


def iterate(run: Run, instance: Instance) -> Any:
    """One element of an iterable of the program."""
    found = instance.cls.find("__iter__")
    if isinstance(found, Function):
        iterator = invoke(run, found, of([]), found.node, instance)
        if isinstance(iterator, Stream):
            return iterator.element
        if iterator is not instance:
            return statements.element_of(run, iterator)
    found = instance.cls.find("__next__")
    if isinstance(found, Function):
        return invoke(run, found, of([]), found.node, instance)
    item = instance.cls.find("__getitem__")
    if isinstance(item, Function):
        return invoke(run, item, of([Unknown()]), item.node, instance)
    return Unknown()


def get_item(run: Run, instance: Instance, key: Any, node: Any) -> Any:
    """`instance[key]`."""
    found = instance.cls.find("__getitem__")
    if isinstance(found, Function):
        return invoke(run, found, of([key]), node, instance)
    return Unknown()


_CALL: dict[type, Any] = {
    Function: _function,
    Bound: _bound,
    Partial: _partial,
    Class: _class,
    Instance: _instance,
    Layer: _layer,
    Loss: _loss,
    Union: _union,
    Method: _method,
    Api: _api,
    Unknown: _unknown,
    Dataset: _dataset,
    Tool: _tool,
    Context: _context,
}

EVALUATORS[cst.Call] = call_expression
