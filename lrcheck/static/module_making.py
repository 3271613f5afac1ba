"""Modules as they are constructed: layers of torch, containers, and what a constructor's options say."""

from __future__ import annotations

from typing import Any

import libcst as cst

from lrcheck.facts import LossFacts, ModuleFacts
from lrcheck.knowledge.deprecated import LEGACY_REDUCTION
from lrcheck.knowledge.losses import BY_CLASS
from lrcheck.knowledge.operations import (
    BATCHNORM_LAYERS,
    DROPOUT_LAYERS,
    HOLDING_DROPOUT,
    RECURRENT_LAYERS,
    STACKS_OF_LAYERS,
    WRAPPER_LAYERS,
)
from lrcheck.static import (
    definitions,
    expressions,
    layers,
    modules,
)
from lrcheck.static.arguments import Args
from lrcheck.static.run import Run
from lrcheck.static.values import (
    MISSING,
    UNKNOWN,
    Const,
    Layer,
    Loss,
    Mapping,
    Seq,
    Stream,
    const,
    number,
)


def construct(run: Run, name: str, args: Args, node: Any) -> Any:
    """An instance of a class of `torch.nn`."""
    site = run.site(node)
    contract = BY_CLASS.get(name)
    if contract is not None:
        return Loss(_loss_facts(run, name, args, node))
    short = f"nn.{name.rpartition('.')[2]}"
    holds = name in modules.CONTAINERS or name in WRAPPER_LAYERS  # what is inside tells
    facts = ModuleFacts(
        short,
        name,
        site,
        has_dropout=None if holds else _drops(name, args),
        has_batchnorm=None if holds else name in BATCHNORM_LAYERS,
        depth=run.loop_depth,
    )
    run.new_in_training(facts)
    options: dict[str, Any] = {}
    for index, option in enumerate(modules.SIGNATURES.get(name, ())):
        value = args.get(index, option)
        if value is not MISSING:
            options[option] = value
        elif args.open:
            options[option] = UNKNOWN  # `**kwargs` may hold it
    options.update({key: value for key, value in args.keywords.items() if key not in options})
    layer = Layer(name, site, node, facts, options)
    if run.loop_depth:
        layer.attrs["__looped__"] = True
    if name in modules.CONTAINERS:
        _fill_container(run, layer, args)
    elif name in WRAPPER_LAYERS:
        inner = args.get(0, "module")
        layer.children = Seq([inner if inner is not MISSING else UNKNOWN])
    definitions.layer_made(run, layer, args, node)
    layers.made(run, layer, args, node)
    return layer


def _drops(name: str, args: Args) -> bool | None:
    """Whether a layer drops units: not where the probability is known to be 0."""
    if name in DROPOUT_LAYERS:
        return number(args.get(0, "p")) != 0
    if name in HOLDING_DROPOUT:
        index, default = HOLDING_DROPOUT[name]
        given = (
            Const(default) if args.get(index, "dropout") is MISSING and not args.open else args.get(index, "dropout")
        )
        known = number(given)
        return known != 0 if known is not None else None
    if name in STACKS_OF_LAYERS:
        layer = args.get(0, "encoder_layer" if "encoder_layer" in args.keywords else "decoder_layer")
        return layer.facts.has_dropout if isinstance(layer, Layer) else None
    if name not in RECURRENT_LAYERS or "dropout" not in args.keywords:
        return False
    layers = args.get(2, "num_layers")  # dropout acts between layers
    return number(args.keywords["dropout"]) != 0 and layers is not MISSING and number(layers) != 1


def container(run: Run, name: str, node: Any, children: Seq) -> Layer:
    """A container made by slicing another one."""
    facts = ModuleFacts(f"nn.{name.rpartition('.')[2]}", name, run.site(node))
    run.new_in_training(facts)
    layer = Layer(name, run.site(node), node, facts, {})
    layer.children = children
    return layer


def _fill_container(run: Run, layer: Layer, args: Args) -> None:
    first = args.get(0, "modules" if layer.name.endswith("List") else "arg")
    if layer.name == "torch.nn.ModuleDict" or (isinstance(first, Mapping) and len(args.positional) == 1):
        mapping = first if isinstance(first, Mapping) else Mapping({}, first is not MISSING)
        layer.keys = mapping
        layer.children = Seq(list(mapping.items.values()), "list", 0 if mapping.cell["open"] else None)
        return
    if layer.name == "torch.nn.Sequential":
        if args.open:
            layer.children = open_children(run, layer.node, args)
        else:
            layer.children = Seq(
                [_element(run, value, argument) for value, argument in zip(args.positional, args.nodes, strict=True)]
            )
        _mark_repeated(layer.children)
        return
    if isinstance(first, Seq):
        layer.children = Seq(first.items, "list", first.gap)
    elif isinstance(first, Stream):
        layer.children = Seq(first.exact, "list") if first.exact is not None else Seq([first.element], "list", 0)
    else:
        layer.children = Seq([], "list", 0 if first is not MISSING else None)


def open_children(run: Run, node: Any, args: Args) -> Seq:
    """`nn.Sequential(*layers)` with a list that is only partly known."""
    elements = [
        cst.StarredElement(a.value) if a.star == "*" else cst.Element(a.value) for a in node.args if a.keyword is None
    ]
    return expressions.sequence(run, elements, "list")


def _mark_repeated(children: Seq) -> None:
    """Layers that a loop appended again and again: the same construction stands behind several of them."""
    nodes = [child.node for child in children.items if isinstance(child, Layer)]
    for child in children.items:
        if isinstance(child, Layer) and (
            nodes.count(child.node) > 1 or (children.gap is not None and child.attrs.get("__looped__"))
        ):
            child.attrs["__repeated__"] = True


def _element(run: Run, value: Any, argument: Any) -> Any:
    """An element that is constructed right inside `nn.Sequential(...)` can be taken out by a fix."""
    if isinstance(value, Layer) and value.node is argument:
        value.attrs["__removable__"] = True
    return value


def _loss_facts(run: Run, name: str, args: Args, node: Any) -> LossFacts:
    contract = BY_CLASS[name]
    ignore = args.keywords.get("ignore_index", MISSING)
    return LossFacts(
        contract,
        name="nn." + name.rpartition(".")[2],
        site=run.site(node),
        reduction=reduction(name, args),
        ignore_index=int(ignore.value) if isinstance(ignore, Const) and isinstance(ignore.value, int) else None,
        weighted=bool(args.positional) or "weight" in args.keywords or "pos_weight" in args.keywords,
        argument=run.site(node.func) if hasattr(node, "func") else None,
        reduction_site=run.site(args.keyword_nodes["reduction"]) if "reduction" in args.keyword_nodes else None,
    )


def reduction(name: str, args: Args) -> str | None:
    """How a loss reduces, by the arguments of its constructor or function; None where that is not known.

    `size_average=` and `reduce=` override `reduction=`.
    """
    if args.open:
        return None
    positions = LEGACY_REDUCTION.get(name, (-1, -1, -1))
    average, reduce = (
        _flag(args.get(at, word)) for at, word in zip(positions, ("size_average", "reduce"), strict=False)
    )
    if average == "unknown" or reduce == "unknown":
        return None
    if average is None and reduce is None:
        given = args.get(positions[2], "reduction")
        value = "mean" if given is MISSING else const(given)
        return value if isinstance(value, str) else None
    if reduce is False:
        return "none"
    return "sum" if average is False else "mean"


def _flag(value: Any) -> Any:
    return None if value is MISSING else value.value if isinstance(value, Const) else "unknown"
