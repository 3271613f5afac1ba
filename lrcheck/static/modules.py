"""Modules of torch: calling them, and what they hold."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from lrcheck.events import Activation, LossCall
from lrcheck.facts import DType, Form, LossFacts, ModuleFacts, TensorFacts, Uses
from lrcheck.knowledge.datasets import head_of
from lrcheck.knowledge.operations import (
    ACTIVATION_LAYERS,
    BATCHNORM_LAYERS,
    CONV_LAYERS,
    DROPOUT_LAYERS,
    IDENTITY_LAYERS,
    LINEAR_LAYERS,
    OTHER_NORM_LAYERS,
    RECURRENT_LAYERS,
    WRAPPER_LAYERS,
)
from lrcheck.static import (
    activations,
    axes,
    calls,
    devices,
    initialisation,
    layers,
    operators,
    products,
    recurrent,
    shapes,
    tensor_ops,
    tensors,
    units,
)
from lrcheck.static.arguments import Args, of
from lrcheck.static.run import Run
from lrcheck.static.values import (
    MISSING,
    UNKNOWN,
    Const,
    Instance,
    Layer,
    Seq,
    Union,
    Unknown,
    as_dim,
    const,
    new_identity,
    number,
)

CONTAINERS = frozenset({"torch.nn.Sequential", "torch.nn.ModuleList", "torch.nn.ModuleDict", "torch.nn.ParameterList"})

_CONV = ("in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "bias")
_NORM = ("num_features", "eps", "momentum")
_POOL = ("kernel_size", "stride", "padding")
SIGNATURES: dict[str, tuple[str, ...]] = {
    "torch.nn.Linear": ("in_features", "out_features", "bias"),
    "torch.nn.LazyLinear": ("out_features", "bias"),
    "torch.nn.Bilinear": ("in1_features", "in2_features", "out_features", "bias"),
    **{name: _CONV for name in CONV_LAYERS if "Lazy" not in name},
    **{name: _CONV[1:] for name in CONV_LAYERS if "Lazy" in name},
    **dict.fromkeys(BATCHNORM_LAYERS, _NORM),
    **dict.fromkeys(DROPOUT_LAYERS, ("p", "inplace")),
    "torch.nn.Softmax": ("dim",),
    "torch.nn.LogSoftmax": ("dim",),
    "torch.nn.Softmin": ("dim",),
    "torch.nn.Flatten": ("start_dim", "end_dim"),
    "torch.nn.Unflatten": ("dim", "unflattened_size"),
    "torch.nn.Embedding": ("num_embeddings", "embedding_dim"),
    **{f"torch.nn.{kind}Pool{rank}d": _POOL for kind in ("Max", "Avg") for rank in (1, 2, 3)},
    **{f"torch.nn.Adaptive{kind}Pool{rank}d": ("output_size",) for kind in ("Max", "Avg") for rank in (1, 2, 3)},
    "torch.nn.LSTM": ("input_size", "hidden_size", "num_layers"),
    "torch.nn.GRU": ("input_size", "hidden_size", "num_layers"),
    "torch.nn.RNN": ("input_size", "hidden_size", "num_layers"),
}


# -- calls ------------------------------------------------------------------------------------------------------------
def call(run: Run, layer: Layer, args: Args, node: Any) -> Any:
    """The output of a layer."""
    x = args.get(0, "input")
    if x is MISSING:
        return TensorFacts() if args.open else UNKNOWN
    if layer.children is None:
        run.moded += layer.facts.has_dropout is not False or layer.facts.has_batchnorm is not False
    argument = args.node(0, "input")
    if type(x) is Unknown and x.part:
        run.ledger.tensors.add(x)
    if isinstance(x, Union):
        x = tensors.as_tensor(x)
    if layer.name == "torch.nn.Sequential":
        return _sequential(run, layer, x, node, argument)
    if layer.name in WRAPPER_LAYERS and layer.children is not None:
        return calls.call(run, layer.children.items[0], args, node)
    if layer.name.startswith("torchvision.models."):
        return _classifier(run, layer, tensors.as_tensor(x), node)
    if layer.name in RECURRENT_LAYERS:
        recurrent.called(run, args, node)
    handler = _LAYERS.get(layer.name)
    if handler is not None:
        return handler(run, layer, tensors.as_tensor(x), node, argument)
    facts = tensors.as_tensor(x)
    return TensorFacts(
        roots=(facts.roots or frozenset({"input"})) | {"model"},
        attached=True if run.grad is not False else None,
        identity=new_identity(),
        why_unknown=f"`{layer.facts.name}` is not modelled",
    )


def _sequential(run: Run, layer: Layer, x: Any, node: Any, argument: Any) -> Any:

    if layer.children is None:
        return TensorFacts(why_unknown="the layers of the `nn.Sequential` are not known")
    items, gap = layer.children.cell["v"]
    if gap is not None:
        run.moded += 1
        for child in items[:gap]:
            x = calls.call(run, child, of([x], argument), node)
        x = TensorFacts(roots=frozenset({"input", "model"}), attached=True, identity=new_identity(),
                        why_unknown="some layers of the `nn.Sequential` are not known")  # fmt: skip
        items = items[gap:]
    for child in items:
        x = calls.call(run, child, of([x], argument), node)
        argument = None
    return x


def _classifier(run: Run, layer: Layer, x: TensorFacts, node: Any) -> Any:
    """A classification model of torchvision: its own last layer gives logits, unless the program put another one there."""
    head = layer.attrs.get(head_of(layer.name))
    ends = [head] if isinstance(head, (Layer, Instance)) else _ends(head)
    features = TensorFacts(
        shape=(x.shape[0], None) if x.shape else None,
        dtype=DType.FLOAT,
        attached=run.grad is not False or None,
        roots=(x.roots or frozenset({"input"})) | {"model"},
        identity=new_identity(),
    )
    if isinstance(head, Unknown) and head.attrs and "*added*" in head.attrs:
        return features
    if ends:
        result: Any = features
        for part in ends:
            result = calls.call(run, part, of([result]), node)
        return result
    classes = as_dim(layer.options.get("num_classes", Const(1000)))
    shape = (x.shape[0], classes) if x.shape else None
    return products.affine(run, "linear", features, node, shape, classes if isinstance(classes, int) else None, layer)


def _ends(head: Any) -> list[Any]:
    """The last layers of a head that is not modelled: `head[6] = nn.Linear(...)`, `head._modules["7"] = nn.LogSoftmax(1)`."""
    own = head.attrs if isinstance(head, Unknown) and head.attrs else {}
    named = own.get("_modules")
    found = {**own, **(named.attrs or {})} if isinstance(named, Unknown) else own
    parts = [found[key] for key in sorted(found, key=_number) if isinstance(found[key], (Layer, Instance))]
    start = next((n for n in reversed(range(len(parts))) if _has_weights(parts[n])), len(parts) - 1)
    return parts[max(start, 0) :]


def _number(key: Any) -> tuple[int, str]:
    plain = str(key).strip("[]'")
    return int(plain) if plain.isdecimal() else -1, plain


def _has_weights(part: Any) -> bool:
    return not isinstance(part, Layer) or part.children is not None or part.name in LINEAR_LAYERS | CONV_LAYERS


def _activation(run: Run, layer: Layer, x: TensorFacts, node: Any, argument: Any) -> Any:
    return activations.activation(run, ACTIVATION_LAYERS[layer.name], x, of([]), node, argument, layer)


def _linear(run: Run, layer: Layer, x: TensorFacts, node: Any, argument: Any) -> Any:
    layers.called(run, layer, x, node)
    out = as_dim(layer.options.get("out_features", UNKNOWN))
    shape = (*x.shape[:-1], out) if x.shape else None
    result = products.affine(run, "linear", x, node, shape, out if isinstance(out, int) else None, layer)
    axes.keeps(run, x, result)
    if run.ledger.weights:
        initialisation.layer_used(run, layer, x, result)
    return result


def _conv(run: Run, layer: Layer, x: TensorFacts, node: Any, argument: Any) -> Any:
    layers.called(run, layer, x, node)
    out = as_dim(layer.options.get("out_channels", UNKNOWN))
    shape = None
    if x.shape is not None and len(x.shape) >= 3 and "Transpose" not in layer.name:
        rank = int(layer.name[-2])
        images = x.shape[-rank:]
        kernel, stride = _per_axis(layer, "kernel_size", None, rank), _per_axis(layer, "stride", 1, rank)
        padding, dilation = _per_axis(layer, "padding", 0, rank), _per_axis(layer, "dilation", 1, rank)
        sizes = [shapes.convolve(*values) for values in zip(images, kernel, stride, padding, dilation, strict=True)]
        shape = (*x.shape[: -rank - 1], out, *sizes)
    elif x.shape is not None and len(x.shape) >= 3:
        shape = (*x.shape[:-3], out, None, None) if layer.name.endswith("2d") else None
    result = products.affine(run, "conv", x, node, shape, out if isinstance(out, int) else None, layer)
    if run.ledger.weights:
        initialisation.layer_used(run, layer, x, result)
    return result


def _per_axis(layer: Layer, option: str, default: int | None, rank: int) -> list[Any]:
    value = layer.options.get(option, MISSING)
    if value is MISSING:
        return [default] * rank
    if isinstance(value, Seq) and value.gap is None and len(value.items) == rank:
        return [as_dim(item) for item in value.items]
    if option == "padding" and const(value) == "valid":
        return [0] * rank
    return [as_dim(value)] * rank


def _pool(run: Run, layer: Layer, x: TensorFacts, node: Any, argument: Any) -> Any:
    shape = None
    rank = int(layer.name[-2])
    if x.shape is not None and len(x.shape) > rank:
        if "Adaptive" in layer.name:
            sizes = _per_axis(layer, "output_size", None, rank)
        else:
            kernel = _per_axis(layer, "kernel_size", None, rank)
            stride = _per_axis(layer, "stride", None, rank)
            stride = kernel if stride == [None] * rank and "stride" not in layer.options else stride
            padding = _per_axis(layer, "padding", 0, rank)
            sizes = [shapes.convolve(*v) for v in zip(x.shape[-rank:], kernel, stride, padding, strict=True)]
            if const(layer.options.get("ceil_mode", Const(False))) is not False:
                sizes = [None] * rank
        shape = (*x.shape[:-rank], *sizes)
    result = tensor_ops.pooled(x, shape)
    if const(layer.options.get("return_indices", Const(False))) is False:
        return result
    return Seq([result, TensorFacts(shape=shape, dtype=DType.INT, attached=False, identity=new_identity())], "tuple")


def _dropout(run: Run, layer: Layer, x: TensorFacts, node: Any, argument: Any) -> Any:
    if number(layer.options.get("p")) == 0:
        return x
    return tensor_ops.trailing(run, "dropout", x, node, argument, layer)


def _batchnorm(run: Run, layer: Layer, x: TensorFacts, node: Any, argument: Any) -> Any:
    layers.called(run, layer, x, node)
    if x.shape is not None:
        layer.facts.needs_batch = shapes.product(x.shape[2:]) == 1 and len(x.shape) > 1
    elif x.layer is not None and x.layer.name == "linear" and layer.name.endswith("BatchNorm1d"):
        layer.facts.needs_batch = True
    run.ledger.batchwise = run.ledger.batchwise or layer.facts.needs_batch
    if const(layer.options.get("affine", Const(True))) is False:  # it standardises, as the other norms do
        return tensor_ops.pooled(x, x.shape)
    return tensor_ops.trailing(run, "batch_norm", x, node, argument, layer)


def _norm(run: Run, layer: Layer, x: TensorFacts, node: Any, argument: Any) -> Any:
    return tensor_ops.pooled(x, x.shape)


def _flatten(run: Run, layer: Layer, x: TensorFacts, node: Any, argument: Any) -> Any:
    start, end = number(layer.options.get("start_dim", Const(1))), number(layer.options.get("end_dim", Const(-1)))
    shape = shapes.flatten(x.shape, start, end) if isinstance(start, int) and isinstance(end, int) else None
    return x.but(shape=shape, out_features=x.out_features if shape == x.shape and shape is not None else None)


def _identity(run: Run, layer: Layer, x: TensorFacts, node: Any, argument: Any) -> Any:
    return x


def _upsample(run: Run, layer: Layer, x: TensorFacts, node: Any, argument: Any) -> Any:
    shape = (*x.shape[:2], *[None] * (len(x.shape) - 2)) if x.shape is not None else None
    return x.but(shape=shape, identity=new_identity())


def _embedding(run: Run, layer: Layer, x: TensorFacts, node: Any, argument: Any) -> Any:
    dim = as_dim(layer.options.get("embedding_dim", UNKNOWN))
    shape = (*x.shape, dim) if x.shape is not None else None
    return TensorFacts(shape=shape, dtype=DType.FLOAT, attached=True, roots=(x.roots or frozenset({"input"})) | {"model"},
                       identity=new_identity(), why_unknown="an embedding")  # fmt: skip


def _recurrent(run: Run, layer: Layer, x: TensorFacts, node: Any, argument: Any) -> Any:
    cell = layer.name.endswith("Cell")
    output, state = (None, None) if cell else _recurrent_shapes(layer, x)
    made = TensorFacts(
        shape=output,
        dtype=DType.FLOAT,
        attached=True,
        roots=(x.roots or frozenset({"input"})) | {"model"},
        identity=new_identity(),
        why_unknown=f"the hidden states of `{layer.facts.name}`",
    )
    hidden = made.but(identity=new_identity(), state=run.site(node), shape=state)
    if cell:
        return (
            Seq([hidden, hidden.but(identity=new_identity())], "tuple") if layer.name == "torch.nn.LSTMCell" else hidden
        )
    final = Seq([hidden, hidden.but(identity=new_identity())], "tuple") if layer.name == "torch.nn.LSTM" else hidden
    return Seq([made, final], "tuple")


def _recurrent_shapes(layer: Layer, x: TensorFacts) -> tuple[Any, Any]:
    """The shapes of all hidden states and of the last ones, for a batch of sequences."""
    known = x.shape is not None and len(x.shape) == 3
    batched = (
        x.shape is None and const(layer.options.get("batch_first", MISSING)) is True
    )  # somebody thought of the batch
    if not (known or batched) or "proj_size" in layer.options:
        return None, None
    before = x.shape[:2] if x.shape is not None else (None, None)
    size, depth = as_dim(layer.options.get("hidden_size")), as_dim(layer.options.get("num_layers", Const(1)))
    both = const(layer.options.get("bidirectional", Const(False)))
    first = const(layer.options.get("batch_first", Const(False)))
    ways = 2 if both is True else 1 if both is False else None
    width = size * ways if isinstance(size, int) and ways else None
    number_of_states = depth * ways if isinstance(depth, int) and ways else None
    batch = before[0] if first is True else before[1] if first is False else None
    return (*before, width), (number_of_states, batch, size) if known else None


_LAYERS: dict[str, Callable[[Run, Layer, TensorFacts, Any, Any], Any]] = {
    **dict.fromkeys(ACTIVATION_LAYERS, _activation),
    **dict.fromkeys(LINEAR_LAYERS, _linear),
    **dict.fromkeys(CONV_LAYERS, _conv),
    **dict.fromkeys(DROPOUT_LAYERS, _dropout),
    **dict.fromkeys(BATCHNORM_LAYERS, _batchnorm),
    **dict.fromkeys(OTHER_NORM_LAYERS, _norm),
    **dict.fromkeys(RECURRENT_LAYERS, _recurrent),
    **dict.fromkeys(IDENTITY_LAYERS, _identity),
    **{f"torch.nn.{adaptive}{kind}Pool{rank}d": _pool for adaptive in ("", "Adaptive") for kind in ("Max", "Avg")
       for rank in (1, 2, 3)},
    "torch.nn.Flatten": _flatten,
    "torch.nn.Embedding": _embedding,
    **dict.fromkeys(("torch.nn.Upsample", "torch.nn.UpsamplingBilinear2d", "torch.nn.UpsamplingNearest2d",
                     "torch.nn.ZeroPad2d", "torch.nn.ReflectionPad2d"), _upsample),
}  # fmt: skip


# -- losses -----------------------------------------------------------------------------------------------------------
def call_loss(run: Run, facts: LossFacts, args: Args, node: Any, alternatives: int | None = None) -> Any:
    """A loss function is called: one `LossCall` event, and the loss as a value."""
    given_input, given_target = args.get(0, "input"), args.get(1, "target")
    if given_input is MISSING:
        return TensorFacts(form=Form.LOSS)
    site = run.site(node)
    run.ledger.tensors.update(given for given in (given_input, given_target) if type(given) is Unknown and given.part)
    x = tensors.as_tensor(_single(given_input))
    target = tensors.as_tensor(_single(given_target)) if given_target is not MISSING else TensorFacts()
    x = _of_batch(facts, given_input, x, target)
    if run.ledger.leaves and x.attached is not True and "model" not in x.roots:
        x = x.but(roots=frozenset(), attached=None)  # it may come from tensors that need gradients
    input_node, target_node = args.node(0, "input"), args.node(1, "target")
    operators.mark_used(x, "loss", site)
    if x.model is not None and facts.contract is not None:
        x.model.outputs.kinds.setdefault(f"loss:{facts.contract.family}", site)
    devices.loss(run, x, target, node, target_node)
    _other_dimension(run, facts, x, site)
    output = _loss_value(run, facts, x, target, site)
    if given_target is not MISSING and not args.open:
        run.emit(
            LossCall(
                site, facts, x, target,
                run.site(input_node) if input_node is not None else None,
                run.site(target_node) if target_node is not None else None,
                alternatives,
                run.grad is not False,
                output,
            )
        )  # fmt: skip
        if x.identity in run.ledger.outputs and alternatives is None and not run.ledger.branches:
            _each_model(run, run.events[-1], run.ledger.outputs[x.identity])
        if x.form is None and facts.contract is not None and facts.contract.input is not None:
            run.undecided.append(
                (site, f"the input of `{facts.name}` is not known" + (f": {x.why_unknown}" if x.why_unknown else ""))
            )
    return output


_LABELLED = {
    "cross_entropy": (Form.LOGITS, Form.LOG_PROBABILITIES),
    "nll": (Form.LOGITS, Form.LOG_PROBABILITIES),
    "bce": (Form.LOGITS, Form.PROBABILITIES),
    "bce_with_logits": (Form.LOGITS, Form.PROBABILITIES),
}


def _of_batch(facts: LossFacts, given: Any, x: TensorFacts, target: TensorFacts) -> TensorFacts:
    """A part of a batch from a loader that is not known: data, where the scores of a model stand for the target."""
    if type(given) is not Unknown or not given.part or given.whole is None or facts.contract is None:
        return x
    scores = target.attached is True and "model" in target.roots
    if not scores or target.form not in _LABELLED.get(facts.contract.family, ()):
        return x
    return x.but(roots=frozenset({"target"}), attached=False)


def _each_model(run: Run, call: Any, outputs: list[Any]) -> None:
    """A model chosen by an option, and one loss for all of them: each output must be what the loss expects.

    What belongs to other options, the sizes of a data set, is left out.
    """
    for output in outputs:
        if isinstance(output, TensorFacts) and output.form is not None:
            x = output.but(shape=None, out_features=None, classes=None)
            run.events.append(dataclasses.replace(call, input=x))


def _other_dimension(run: Run, facts: LossFacts, x: TensorFacts, site: Any) -> None:
    """Scores of each position, normalised over the positions, and then taken as rows: `log_softmax(linear(x), dim=1)`."""
    made_by = x.made_by
    if facts.contract is None or facts.contract.family != "nll" or x.form is not Form.LOG_PROBABILITIES:
        return
    before = made_by.operand if made_by is not None and made_by.name == "log_softmax" else None
    if made_by is None or before is None or before.shape is None or x.shape is None or before.layer is None:
        return
    moved = before.last is not None and before.last.name == "moved"
    positions = len(before.shape) == 3 and made_by.dim in (1, -2) and not moved
    if positions and len(x.shape) == 2 and before.layer.name == "linear":
        run.emit(Activation(made_by.site, made_by, before, x, scored=site))


def _loss_value(run: Run, facts: LossFacts, x: TensorFacts, target: TensorFacts, site: Any) -> TensorFacts:
    return TensorFacts(
        form=Form.LOSS,
        uses=Uses(),
        shape=() if facts.reduction in ("mean", "sum", "batchmean") else _each(facts, x, target),
        dtype=DType.FLOAT,
        attached=_attached(run, x, target),
        cut_by=x.cut_by if not target.attached and not tensor_ops.is_leaf_on_purpose(x) else None,
        zeroed_by=x.zeroed_by if target.attached is not True else None,
        roots=x.roots | target.roots if x.roots and target.roots else frozenset(),
        reduction=facts.reduction,
        identity=new_identity(),
        model=x.model,
        origin=site,
        scalar=None if x.shape and x.shape[0] == 1 else units.of_loss(run, facts, site),  # of one sample: no batch
    )


def _each(facts: LossFacts, x: TensorFacts, target: TensorFacts) -> Any:
    """The shape of the single losses: of the target where the loss chooses from scores, else of the input."""
    if facts.reduction != "none" or facts.contract is None:
        return None
    return x.shape if facts.contract.elementwise else target.shape


def _single(value: Any) -> Any:
    return value.items[0] if isinstance(value, Seq) and value.kind == "max" and value.items else value


def _attached(run: Run, x: TensorFacts, target: TensorFacts) -> bool | None:
    if run.grad is False:
        return False
    if x.attached or target.attached:
        return True
    chosen = target.attached is None and operators.cuts_a_model(x) and tensor_ops.is_discrete(x)
    return False if x.attached is False and (target.attached is False or chosen) else None


def parts_of(value: Any) -> list[Any]:
    """The modules inside a module: submodules of an instance, elements of a container."""
    if isinstance(value, Layer):
        inside = (*(value.children.items if value.children is not None else ()), *value.attrs.values())
    elif isinstance(value, Instance):
        inside = tuple(value.attrs.values())
    else:
        return []
    found: list[Any] = []
    for part in inside:
        if isinstance(part, (Layer, Instance)) and part is not value:
            found.append(part)
        elif isinstance(part, Union):
            found.extend(a for a in part.alternatives if isinstance(a, (Layer, Instance)))
    return found


def walk(value: Any, limit: int = 200) -> list[Any]:
    """A module and everything inside it."""
    seen: dict[int, Any] = {}
    stack = [value]
    while stack and len(seen) < limit:
        current = stack.pop()
        if id(current) not in seen:
            seen[id(current)] = current
            stack.extend(parts_of(current))
    return list(seen.values())


def describe(value: Any, facts: ModuleFacts) -> None:
    """Fill in whether a module holds Dropout or BatchNorm: known only where every part of it is known."""
    complete = True
    dropout = batchnorm = False
    for part in walk(value):
        if isinstance(part, Layer):
            dropout = dropout or bool(part.facts.has_dropout)
            batchnorm = batchnorm or bool(part.facts.has_batchnorm)
            if part.children is None:
                complete = complete and None not in (part.facts.has_dropout, part.facts.has_batchnorm)
            else:
                known = all(isinstance(child, (Layer, Instance)) for child in part.children.items)
                complete = complete and known and part.children.gap is None
        elif isinstance(part, Instance):
            complete = (
                complete and not any(isinstance(a, Unknown) for a in part.attrs.values()) and not part.cls.opaque_base
            )
        else:
            complete = False
    facts.has_dropout = True if dropout else False if complete else None
    facts.has_batchnorm = True if batchnorm else False if complete else None


def needs_batch(value: Any) -> bool:
    """Does a batch norm inside compute its statistics over the samples alone?"""
    return any(isinstance(part, Layer) and part.facts.needs_batch for part in walk(value))


def mode_of(run: Run, module: Any) -> bool | None:
    """The training mode of a module; unknown where only some of the parts that depend on it were switched."""
    mode = run.modes.get(module.facts)
    if mode is not True or not run.switched:
        return mode
    for part in walk(module):
        if not isinstance(part, Layer):
            continue
        facts = part.facts
        if (facts.has_dropout or facts.has_batchnorm) and run.modes.get(facts) is not True:
            return None
    return mode
