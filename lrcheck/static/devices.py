"""Devices: where modules and tensors are, and which places ask for a device that a machine may lack."""

from __future__ import annotations

from typing import Any

import libcst as cst

from lrcheck.events import ApiUse, DeviceChoice, DeviceMeeting
from lrcheck.facts import TensorFacts
from lrcheck.knowledge.accelerators import KINDS, PARALLEL, PLACING, TESTS
from lrcheck.static.values import MISSING, Choice, Const, Device, Instance, Layer, Unknown

UNPLACED = Const(None)
CPU = Const("cpu")


def kind_of(value: Any) -> str | None:
    """`cpu`, `cuda`, ..., or `auto` for one that is chosen with a fallback; None where it is not known."""
    if isinstance(value, Device):
        return value.facts.kind or ("auto" if value.facts.guarded and value.facts.site is not None else None)
    if isinstance(value, Const) and isinstance(value.value, str):
        kind = value.value.partition(":")[0]
        return kind if kind in KINDS or kind == "cpu" else None
    return None


def target(name: str, args: Any) -> str | None:
    """The device that `.to(...)`, `.cuda()`, `.cpu()` move to."""
    if name in ("cuda", "cpu"):
        return name if not args.open else None
    value = args.get(0, "device")
    return kind_of(value) if value is not MISSING else None


def noticed(run: Any, name: str) -> None:
    """A function is called: a test for an accelerator, a change of the default device, distributed training."""
    if name in TESTS:
        run.ledger.availability += 1
    elif name in PLACING or name.startswith("torch.distributed."):
        run.ledger.distributed = True


def named(text: str) -> Const:
    """A text that stands in one arm of a branch: an accelerator there is a choice."""
    return Choice(text) if text.partition(":")[0] in KINDS else Const(text)


def asked(run: Any, value: Any, node: Any) -> None:
    """A device is named in a program: `torch.device("cuda")`, `x.to("cuda")`."""
    if not isinstance(value, Const) or isinstance(value, Choice) or kind_of(value) not in KINDS:
        return
    _ask(run, str(value.value), node)


def moved(run: Any, name: str, args: Any, node: Any) -> None:
    """`x.cuda()` or `x.to(...)`, whatever `x` is."""
    if name == "cuda":
        if not args.positional and not args.keywords and not args.open and not _is_asked_to_move(run):
            _ask(run, "cuda", node)
    else:
        asked(run, args.get(0, "device"), node)


def _is_asked_to_move(run: Any) -> bool:
    """In an object's own `cuda()`: whoever calls it has chosen the device."""
    name = getattr(run.active[-1], "name", None) if run.active else None
    return name is not None and name.value == "cuda"


def _ask(run: Any, device: str, node: Any) -> None:
    if run.ledger.branches == 0 and run.scope.document is run.document:
        run.ledger.unguarded.append((device, node))


def module_moved(run: Any, module: Any, name: str, args: Any) -> None:
    """A module and its parts are on another device from now on."""
    from lrcheck.static.modules import walk

    if name not in ("to", "cuda", "cpu"):
        return
    first = args.get(0, "device")
    if name == "to" and (first is MISSING or kind_of(first) is None) and _is_dtype(first):
        return
    place = Const(target(name, args))
    if args.nodes:
        run.ledger.words[place.value] = run.scope.document.module.code_for_node(args.nodes[0])
    for part in walk(module):
        if isinstance(part, (Layer, Instance)) and part.facts is not None:
            run.put(run.ledger.devices, part.facts, place)


def module_made(run: Any, module: Instance) -> None:
    """A module is where its parts are made, unless the constructor moves it or some of them: `self.to(device)`."""
    from lrcheck.static.modules import parts_of

    places = run.ledger.devices
    if places.get(module.facts) is not None:
        return
    pending, moved = parts_of(module), _has_tensors_elsewhere(module)
    while pending and not moved:
        part = pending.pop()
        moved = (places.get(part.facts) or CPU) is not CPU
        if isinstance(part, Layer) and part.children is not None:
            pending.extend(parts_of(part))
    run.put(places, module.facts, UNPLACED if moved else default(run))


def _has_tensors_elsewhere(module: Instance) -> bool:
    for value in module.attrs.values():
        if isinstance(value, TensorFacts) and value.device not in (None, "cpu") and "parameter" in value.roots:
            return True
    return False


def unplaced(run: Any, module: Any) -> None:
    """A module and its parts may be anywhere."""
    from lrcheck.static.modules import walk

    for part in walk(module):
        if isinstance(part, (Layer, Instance)) and part.facts is not None:
            run.put(run.ledger.devices, part.facts, UNPLACED)


def may_be_moved(run: Any, module: Any) -> None:
    """A module that the program does not make itself: whoever makes it may move what stays where it was made."""
    from lrcheck.static.modules import walk

    for part in walk(module):
        if isinstance(part, (Layer, Instance)) and part.facts is not None and place_of(run, part.facts) == "cpu":
            run.put(run.ledger.devices, part.facts, UNPLACED)


def given_away(run: Any, owner: Any, args: Any) -> None:
    """Modules that a constructor was given and that its object does not visibly hold: what happens to them is not known."""
    for value in args.values():
        if (
            isinstance(value, (Layer, Instance))
            and value.facts is not None
            and all(value is not part for part in owner.attrs.values())
        ):
            run.put(run.ledger.devices, value.facts, UNPLACED)


def _is_dtype(value: Any) -> bool:
    return getattr(value, "name", "").startswith("torch.")


def made_on(run: Any, args: Any) -> str | None:
    """Where a new tensor is: on the CPU, unless the call or the program says otherwise."""
    if "device" in args.keywords:
        asked(run, args.keywords["device"], args.keyword_nodes.get("device"))
        return kind_of(args.keywords["device"])
    place = None if args.open else default(run).value
    return place if isinstance(place, str) else None


def default(run: Any) -> Const:
    """Where tensors and modules are made that name no device."""
    place = run.flags.get("device") or CPU
    return place if isinstance(place, Const) else UNPLACED


def entered(run: Any, value: Any, node: Any) -> Const | None:
    """`with device:`: what is made inside is made there. A name that is not known may be a device as well."""
    if isinstance(value, Device):
        return Const(kind_of(value))
    return UNPLACED if isinstance(value, Unknown) and isinstance(node, (cst.Name, cst.Attribute)) else None


def place_of(run: Any, facts: Any) -> str | None:
    """Where a module is, as far as that is known."""
    place = run.ledger.devices.get(facts)
    if not isinstance(place, Const) or run.ledger.distributed:
        return None
    return place.value if isinstance(place.value, str) else None


def forward(run: Any, facts: Any, x: TensorFacts, node: Any, argument: Any) -> None:
    """A module is called on data: both must be on one device."""
    if x.device is None or facts.canonical in PARALLEL:
        return
    place = place_of(run, facts)
    if place is not None and place != x.device:
        _meet(run, node, argument, place, x.device, facts.site)


def output(run: Any, facts: Any, x: TensorFacts) -> str | None:
    """Where the output of a model is: with the model, where that was moved. The call raises where its input is elsewhere."""
    place = place_of(run, facts)
    return None if place == "cpu" or (x.device is not None and x.device != place) else place


def loss(run: Any, x: TensorFacts, y: TensorFacts, node: Any, argument: Any) -> None:
    """A loss compares two tensors: both must be on one device."""
    if x.device is not None and y.device is not None and x.device != y.device and not run.ledger.distributed:
        _meet(run, node, argument, x.device, y.device, x.origin)


def fields_moved(run: Any, value: Any) -> None:
    """`data.to(device)` of an object that is not known: tensors that it was given may be anywhere now."""
    for name, field in list((value.attrs or {}).items()):
        if isinstance(field, TensorFacts) and field.device is not None:
            run.put(value.attrs, name, field.but(device=None))


def unknown_moved(run: Any, value: Any, name: str, args: Any, node: Any, statement: bool) -> None:
    """`x.to(device)` of a part of an unknown batch: as a statement it moves nothing, if that is a tensor."""
    if not value.part or not hasattr(node, "func"):
        return
    if statement:
        run.ledger.dropped.append((value, name, node))
    elif not args.open:
        run.ledger.carried[value] = target(name, args)


def unknown_given(run: Any, facts: Any, value: Any, node: Any, argument: Any) -> None:
    """A module gets a part of an unknown batch."""
    place = place_of(run, facts)
    if value.part and place in ("cuda", "auto") and facts.canonical not in PARALLEL and argument is not None:
        run.ledger.meetings.append((value, place, run.site(node), run.site(argument), facts.site))


def _batches(run: Any) -> None:
    """Parts of unknown batches that are tensors: those that are moved for nothing, and those left behind by the others."""
    ledger = run.ledger
    for value, name, node in ledger.dropped:
        if value in ledger.tensors and value not in ledger.carried:
            site, func = run.document.site(node), node.func
            receiver = run.document.site(func.value) if isinstance(func.value, cst.Name) else None
            callee = run.document.site(func)
            run.events.append(
                ApiUse(site, f"torch.Tensor.{name}", True, (), callee, None, receiver, statement=True, discarded=True)
            )
    left = {value for value, _, _ in ledger.dropped}
    for value, place, site, argument, because in ledger.meetings:
        if value not in ledger.tensors or value in ledger.carried or value in left or ledger.distributed:
            continue
        others = (value.whole.attrs or {}).values() if getattr(value, "whole", None) is not None else ()
        if any(ledger.carried.get(other) == place for other in others if other is not value):
            run.emit(DeviceMeeting(site, argument, place, "cpu", because, ledger.words.get(place, "")))


def _meet(run: Any, node: Any, argument: Any, first: str, second: str, because: Any) -> None:
    if {first, second} == {"auto", "cuda"} or argument is None:
        return
    run.emit(DeviceMeeting(run.site(node), run.site(argument), first, second, because, run.ledger.words.get(first, "")))


def finish(run: Any) -> None:
    """A program that asks for an accelerator on every path."""
    _batches(run)
    ledger = run.ledger
    if not ledger.unguarded or ledger.distributed or ledger.availability > ledger.guards:
        return
    nodes: dict[int, tuple[str, Any]] = {id(node): (device, node) for device, node in ledger.unguarded}
    found = list(nodes.values())
    found.sort(key=lambda pair: run.document.range(pair[1])[0])
    chosen = next((pair for pair in found if _is_choice(pair[1])), found[0])
    others = tuple(run.document.site(node) for _, node in found if node is not chosen[1])
    variable = _variable(run, chosen[1])
    run.emit(DeviceChoice(run.document.site(chosen[1]), chosen[0], ledger.guards > 0, others, variable))


def _is_choice(node: Any) -> bool:
    """Is it `torch.device("cuda")`?"""
    func = getattr(node, "func", None)
    name = func.attr.value if isinstance(func, cst.Attribute) else getattr(func, "value", "")
    return name == "device"


def _variable(run: Any, node: Any) -> str:
    """The name that the device is assigned to."""
    parent = run.document.parent(node)
    if isinstance(parent, cst.Assign) and len(parent.targets) == 1 and isinstance(parent.targets[0].target, cst.Name):
        return str(parent.targets[0].target.value)
    return ""
