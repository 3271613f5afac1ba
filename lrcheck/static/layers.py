"""Layers in use: do sizes fit, is a result used, is one layer made several, is one made anew in every pass."""

from __future__ import annotations

import re
from typing import Any

import libcst as cst

from lrcheck.events import ApiUse, Construct, LayerCall, RepeatedModule
from lrcheck.facts import Form, TensorFacts
from lrcheck.knowledge.operations import ACTIVATION_LAYERS, BATCHNORM_LAYERS, CONV_LAYERS, DROPOUT_LAYERS, LINEAR_LAYERS
from lrcheck.knowledge.pure import ATTENTION, CLOCKS, DROPOUTS, FUNCTIONS, METHODS, MOVES
from lrcheck.static import devices
from lrcheck.static.arguments import described
from lrcheck.static.definition_reports import has_parameters
from lrcheck.static.values import MISSING, Const, Instance, Layer, Seq, as_dim, const

_ODD = BATCHNORM_LAYERS | DROPOUT_LAYERS | LINEAR_LAYERS | ACTIVATION_LAYERS.keys()


_CELL = re.compile(r"^# ?(?:%%|In ?\[)", re.MULTILINE)  # a script that an editor runs cell by cell


# -- construction -----------------------------------------------------------------------------------------------------
def made(run: Any, layer: Layer, args: Any, node: Any) -> None:
    """A layer of torch was constructed."""
    name = layer.name
    if name in LINEAR_LAYERS or name in CONV_LAYERS:
        run.ledger.layers[id(node)] = layer
        run.ledger.depths[id(node)] = run.ledger.branches
    elif name in BATCHNORM_LAYERS:
        run.ledger.depths[id(node)] = run.ledger.branches
    if run.forward_depth and run.active and (has_parameters(layer) or _always_drops(run, name, args, node)):
        entry = run.ledger.watched.get(id(run.active[-1]))
        if entry is not None and entry[0].name == "forward" and run.scope.document is run.document:
            run.ledger.born[id(layer)] = [layer, node, False]
    if name in _ODD and args.positional and hasattr(node, "func"):
        _odd(run, name, args, node)


def _always_drops(run: Any, name: str, args: Any, node: Any) -> bool:
    """Is it a dropout whose mode nothing sets? A new layer is in training mode."""
    return name in DROPOUT_LAYERS and const(args.get(0, "p")) != 0 and not _tests_mode(run, node)


def _odd(run: Any, name: str, args: Any, node: Any) -> None:
    """Constants at places that mean something else."""
    last = args.positional[-1]
    wrong_bool = name in ACTIVATION_LAYERS or name in DROPOUT_LAYERS
    plain = all(isinstance(value, Const) for value in args.positional[1:])
    if (wrong_bool and isinstance(last, Const)) or (len(args.positional) > 1 and plain):
        run.events.append(
            Construct(run.site(node), name, described(run, node, args), None, run.site(node.func), "arguments")
        )


def stored(run: Any, value: Any) -> None:
    """A layer that is kept is not made anew in every pass."""
    if run.ledger.born:
        run.ledger.born.pop(id(value), None)


def finish(run: Any) -> None:
    for layer, node, called in run.ledger.born.values():
        if called and layer.name in DROPOUT_LAYERS:
            site = run.document.site(node)
            run.emit(ApiUse(site, layer.name, True, (), run.document.site(node.func)))
        elif called:
            run.emit(
                Construct(run.document.site(node), layer.name, (), layer.facts, run.document.site(node.func), "forward")
            )


def repeated(run: Any, node: Any, items: Any, times: int | None, element: Any, comprehension: bool = False) -> None:
    """`[layer] * n`, `[layer for _ in range(n)]`."""
    for item in items:
        if has_parameters(item) and item.facts is not None and (times is None or times > 1):
            run.emit(RepeatedModule(run.site(node), item.facts, run.site(element), times, None, comprehension))
            return


def multiplied(run: Any, node: Any, left: Any, times: Any) -> None:
    """A list is multiplied by a number."""
    if (
        isinstance(node, cst.BinaryOperation)
        and isinstance(left, Seq)
        and left.items
        and isinstance(left.items[0], (Layer, Instance))
    ):
        element = node.left.elements[0].value if isinstance(node.left, cst.List) and node.left.elements else node.left
        repeated(run, node, left.items, times if isinstance(times, int) else None, element)


def comprehended(run: Any, node: Any, elements: Any, exact: bool) -> None:
    """A comprehension that gives the same layer for every element."""
    if (
        not elements
        or not isinstance(elements[0], (Layer, Instance))
        or not isinstance(_copied(run, node.elt), (cst.Name, cst.Attribute))
    ):
        return
    first = elements[0]
    if (
        any(element is not first for element in elements)
        or (exact and len(elements) < 2)
        or not _from_outside(run, node)
    ):
        return
    repeated(run, node, (first,), len(elements) if exact else None, node.elt, True)


def _copied(run: Any, node: Any) -> Any:
    """The module that `copy.copy(module)` copies nothing of, whatever is called on the copy: `copy.copy(module).to(device)`."""
    inner = node
    while isinstance(inner, cst.Call):
        if id(inner) in run.ledger.shallow:
            return inner.args[0].value if inner.args else node
        if not isinstance(inner.func, cst.Attribute):
            return node
        inner = inner.func.value
    return node


def _from_outside(run: Any, node: Any) -> bool:
    """Is the element no variable of the comprehension?"""
    name = _copied(run, node.elt)
    while isinstance(name, cst.Attribute):
        name = name.value
    clause = node.for_in
    while clause is not None:
        for target in [clause.target] if isinstance(clause.target, cst.Name) else clause.target.children:
            inner = getattr(target, "value", target)
            if inner == getattr(name, "value", None) or getattr(inner, "value", None) == getattr(name, "value", None):
                return False
        clause = clause.inner_for_in
    return isinstance(name, cst.Name)


# -- calls ------------------------------------------------------------------------------------------------------------
def called(run: Any, layer: Layer, x: TensorFacts, node: Any) -> None:
    """A linear, convolution or batch norm layer is called: sizes that are known, and what stands right before it."""
    name = layer.name
    if run.ledger.choices:  # one of several layers: which one gets this tensor is not known
        return
    if name in LINEAR_LAYERS:
        expected, axis = as_dim(layer.options.get("in_features")), -1
    elif name in CONV_LAYERS:
        expected, axis = as_dim(layer.options.get("in_channels")), -int(name[-2]) - 1
    else:
        expected, axis = as_dim(layer.options.get("num_features")), 1
    if name not in BATCHNORM_LAYERS:
        run.ledger.depths[id(node)] = run.ledger.branches
    actual = _size(x, axis, name)
    direct = (
        x.form is Form.LOGITS and x.layer is not None and x.origin is not None and x.origin.key() == x.layer.site.key()
    )
    differs = isinstance(expected, int) and actual is not None and expected != actual
    if differs or direct:
        before = run.ledger.layers.get(id(getattr(x.layer.layer, "node", None))) if x.layer is not None else None
        run.events.append(
            LayerCall(
                run.site(node), layer.facts, x, expected if isinstance(expected, int) else None, actual, axis,
                before.facts if before is not None and direct else None,
                const(before.options.get("bias", Const(True))) is True if before is not None else None,
                _inputs(before), _outputs(layer), _gives(before), before is not None and _is_optional(run, layer, x, before),
            )
        )  # fmt: skip


def _inputs(layer: Layer | None) -> int | None:
    size = as_dim(layer.options.get("in_features")) if layer is not None else None
    return size if isinstance(size, int) else None


def _outputs(layer: Layer) -> int | None:
    size = as_dim(layer.options.get("out_features"))
    return size if isinstance(size, int) else None


def _gives(layer: Layer | None) -> int | None:
    size = as_dim(layer.options.get("out_features", layer.options.get("out_channels"))) if layer is not None else None
    return size if isinstance(size, int) else None


def _is_optional(run: Any, layer: Layer, x: TensorFacts, before: Layer) -> bool:
    """Is the layer made or called in more arms of switches than the layer before it?"""
    depths, called_at = run.ledger.depths, getattr(x.layer.site, "node", None) if x.layer is not None else None
    made_deeper = depths.get(id(layer.node), 0) > depths.get(id(before.node), 0)
    return made_deeper or bool(run.ledger.branches > depths.get(id(called_at), run.ledger.branches))


def _size(x: TensorFacts, axis: int, name: str) -> int | None:
    """The size of a dimension: from the shape, or from the layer of the same kind that made the tensor."""
    if x.shape is not None:
        if (name in BATCHNORM_LAYERS and len(x.shape) < 2) or (name in CONV_LAYERS and len(x.shape) < -axis + 1):
            return None
        size = x.shape[axis] if -len(x.shape) <= axis < len(x.shape) else None
        return size if isinstance(size, int) else None
    if x.layer is None or x.out_features is None:
        return None
    made_by = x.layer.name
    if (made_by == "linear" and name in LINEAR_LAYERS) or (made_by == "conv" and name not in LINEAR_LAYERS):
        return x.out_features
    return None


def called_as_statement(run: Any, layer: Layer, node: Any) -> None:
    """`self.drop(x)` as a statement."""
    if (
        not run.forward_depth
        or not hasattr(node, "func")
        or layer.name not in ACTIVATION_LAYERS.keys() | DROPOUT_LAYERS
    ):
        return
    if const(layer.options.get("inplace", Const(False))) is False:
        _discard(run, layer.name, node, None, node.args[0].value if node.args else None)


def method_as_statement(run: Any, tensor: TensorFacts, name: str, args: Any, node: Any, receiver: Any) -> None:
    """`x.view(...)`, `x.to(device)` as a statement."""
    in_place = (
        isinstance(receiver, cst.Call)
        and isinstance(receiver.func, cst.Attribute)
        and receiver.func.attr.value.endswith("_")
    )
    changes = name in METHODS or name in MOVES
    if name.startswith("scatter") and type(const(args.get(0, "dim"))) is not int:
        return  # a plot
    if changes and "out" not in args.keywords and hasattr(node, "func") and not in_place and _is_kept(receiver):
        _discard(run, f"torch.Tensor.{name}", node, tensor, receiver)


def _is_kept(node: Any) -> bool:
    """Whether a receiver has a name that the result could have gone to: `net(x).reshape(-1)` only tries whether it can."""
    while True:
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
            if node.func.attr.value not in METHODS and node.func.attr.value not in MOVES:
                return False
            node = node.func.value
        elif isinstance(node, (cst.Attribute, cst.Subscript)):
            node = node.value
        else:
            return isinstance(node, cst.Name)


def api_called(run: Any, name: str, args: Any, node: Any, statement: bool) -> None:
    """A function of another package is called."""
    devices.noticed(run, name)
    if name in CLOCKS:
        run.ledger.clocks.add(id(node))
    if name.startswith("torch.distributed."):  # `fully_shard(model)` gives it methods
        run.ledger.touched.update(id(value) for value in args.positional if isinstance(value, Instance))
    if statement:
        function_as_statement(run, name, args, node)
    if name in DROPOUTS:
        dropout_called(run, name, args, node)
    elif name == ATTENTION and (args.positional or args.keywords):
        attention_called(run, name, args, node)
    if name.endswith(".__init__") and args.positional:
        run.ledger.initialised.add(id(args.positional[0]))


def function_as_statement(run: Any, name: str, args: Any, node: Any) -> None:
    """`F.relu(x)` as a statement."""
    inplace = args.keywords.get("inplace", MISSING)
    if (
        name in FUNCTIONS
        and "out" not in args.keywords
        and (inplace is MISSING or const(inplace) is False)
        and hasattr(node, "func")
    ):
        _discard(run, name, node, None, args.node(0, "input"))


def _discard(run: Any, name: str, node: Any, receiver: Any, argument: Any) -> None:
    if not run.active and _has_cells(run):
        return  # a cell shows its last value
    if _is_timed(run, node) or _is_shown(run, node):
        return
    target = run.site(argument) if isinstance(argument, cst.Name) else None
    run.events.append(
        ApiUse(run.site(node), name, True, (), run.site(node.func), receiver, target, statement=True, discarded=True)
    )


_VALUES = (cst.Name, cst.Attribute, cst.Subscript, cst.Comparison, cst.BinaryOperation)


def _is_shown(run: Any, node: Any) -> bool:
    """A line of a session, beside others that are mere values; or one that is tried, since it raises."""
    line = run.scope.document.parent(run.scope.document.parent(node))
    block = run.scope.document.parent(line) if type(line) is cst.SimpleStatementLine else None
    if type(block) is cst.IndentedBlock:
        around = run.scope.document.parent(block)
        return type(around) is cst.Try and bool(around.handlers) and block.body[-1] is line
    if type(block) is not cst.Module:
        return False
    at = next(number for number, other in enumerate(block.body) if other is line)
    return any(
        type(other) is cst.SimpleStatementLine
        and isinstance(getattr(other.body[0], "value", None), _VALUES)
        and type(other.body[0]) is cst.Expr
        for other in (*block.body[max(at - 1, 0) : at], *block.body[at + 1 : at + 2])
    )


def _has_cells(run: Any) -> bool:
    if run.ledger.cells is None:
        run.ledger.cells = run.document.path.endswith((".ipynb", ".md")) or _CELL.search(run.document.text) is not None
    return bool(run.ledger.cells)


def _is_timed(run: Any, node: Any) -> bool:
    """Does a clock stand right before it, or before a loop that does nothing else? A benchmark wants the work, not the result."""
    document = run.scope.document
    part, parent = node, document.parent(node) if run.ledger.clocks else None
    while parent is not None and not isinstance(parent, (cst.FunctionDef, cst.Lambda)):
        if isinstance(parent, (cst.IndentedBlock, cst.Module)):
            at = next((at for at, line in enumerate(parent.body) if line is part), 0)
            before = parent.body[at - 1] if at else None
            last = before.body[-1] if isinstance(before, cst.SimpleStatementLine) else None
            if id(getattr(last, "value", None)) in run.ledger.clocks:
                return True
            if len(parent.body) > 1:
                return False
        part, parent = parent, document.parent(parent)
    return False


def dropout_called(run: Any, name: str, args: Any, node: Any) -> None:
    """`F.dropout(x, p)`."""
    if args.open or len(args.positional) > 2 or "training" in args.keywords:  # the mode is given
        return
    if run.scope.document is not run.document or not hasattr(node, "func") or _tests_mode(run, node):
        return
    if _is_given(run, args.node(1, "p")) or _only_trains(run, node):
        return
    owner = ""
    for variable, value in run.scope.vars.items():
        if isinstance(value, Instance) and value.facts is not None:
            owner = variable
        break
    run.events.append(ApiUse(run.site(node), name, True, described(run, node, args), run.site(node.func), owner=owner))


def attention_called(run: Any, name: str, args: Any, node: Any) -> None:
    """`F.scaled_dot_product_attention(q, k, v, dropout_p=p)`, where `p` is a number, or what a module was made with."""
    share, written = const(args.get(4, "dropout_p")), args.node(4, "dropout_p")
    if not isinstance(share, (int, float)) or not share or args.open or _tests_mode(run, node):
        return
    if run.scope.document is not run.document or not hasattr(node, "func") or not run.forward_depth:
        return
    owner, own = next(iter(run.scope.vars.items()), ("", None))
    if not isinstance(own, Instance) or own.facts is None or not run.active:
        return
    if not isinstance(written, (cst.Integer, cst.Float)) and not _is_constant(own, owner, written):
        return
    run.events.append(ApiUse(run.site(node), name, True, described(run, node, args), run.site(written), owner=owner))


def _is_constant(own: Instance, owner: str, written: Any) -> bool:
    """Is it an attribute that only the constructor sets, of a module that does not notice how its mode changes?"""
    if not isinstance(written, cst.Attribute) or getattr(written.value, "value", None) != owner:
        return False
    name = written.attr.value
    if own.cls.opaque_base or name in own.cls.attrs or {"train", "eval"} & own.cls.attrs.keys():
        return False
    others = (value.node.body for key, value in own.cls.attrs.items() if key != "__init__" and hasattr(value, "node"))
    return not any(_assigns(body, name) for body in others)


def _assigns(body: Any, name: str) -> bool:
    stack = [body]
    while stack:
        node = stack.pop()
        target = getattr(node, "target", None)
        if isinstance(target, cst.Attribute) and target.attr.value == name:
            return True
        stack.extend(node.children)
    return False


def _only_trains(run: Any, node: Any) -> bool:
    """Is it no part of a model: in the script itself, in an object without a mode, or a framework's `training_step`?

    A denoising autoencoder drops pixels of its input on purpose.
    """
    if run.forward_depth:
        return False
    own = next(iter(run.scope.vars.values()), None)
    if not run.active or (isinstance(own, Instance) and own.facts is None and not own.cls.opaque_base):
        return True  # a script that looks at dropout, a sampler: they have no mode
    if any(getattr(getattr(active, "name", None), "value", "") == "training_step" for active in run.active):
        return True
    document = run.scope.document
    parent = document.parent(node)
    while parent is not None and not isinstance(parent, (cst.FunctionDef, cst.Lambda)):
        if isinstance(parent, (cst.For, cst.While)):
            return True
        parent = document.parent(parent)
    return False


def _is_given(run: Any, probability: Any) -> bool:
    """Is it a parameter of a function that nothing calls? Whoever does may pass 0 in evaluation."""
    if run.ledger.script or not run.active or not isinstance(probability, cst.Name):
        return False
    params = run.active[-1].params
    return any(
        param.name.value == probability.value
        for param in (*params.posonly_params, *params.params, *params.kwonly_params)
    )


def _tests_mode(run: Any, node: Any) -> bool:
    """Does the call stand under `if self.training`?"""
    document = run.scope.document
    parent = document.parent(node)
    while parent is not None and not isinstance(parent, cst.FunctionDef):
        if isinstance(parent, (cst.If, cst.IfExp)) and "training" in document.module.code_for_node(parent.test):
            return True
        parent = document.parent(parent)
    return False


def _is_own(run: Any, value: Any) -> bool:
    """Is it the object whose method is running?"""
    scope = run.scope
    while scope is not None and scope.parent is not None:
        if next(iter(scope.vars.values()), None) is value:
            return True
        scope = scope.parent
    return False


def forward_called(run: Any, value: Any, node: Any) -> None:
    """`model.forward(x)` from outside the model."""
    func = getattr(node, "func", None)
    if not isinstance(func, cst.Attribute) or func.attr.value != "forward":
        return
    if value.facts is None or _is_own(run, value):
        return
    run.events.append(
        ApiUse(run.site(node), "torch.nn.Module.forward", True, (), run.site(func), value.facts, run.site(func.value))
    )
