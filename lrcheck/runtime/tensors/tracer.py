"""The tracer: while it is on, every torch function call of this thread passes by and leaves facts and events.

It is on for sampled steps only (see `schedule`). It lies at the bottom of torch's stack of function modes, so that modes
which the program enters and leaves meanwhile are not disturbed.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn, overrides
from torch.nn.modules.loss import _Loss
from torch.overrides import TorchFunctionMode

from lrcheck.events import DeviceMeeting, Event, LayerCall, LossCall, Synchronisation
from lrcheck.facts import Form, LossFacts, Operation, TensorFacts, Uses
from lrcheck.runtime.models.initial import PASSING, SETTERS
from lrcheck.runtime.places.sites import NOWHERE, FrameSite, called_by_user, here, is_direct, outside_forward
from lrcheck.runtime.steps.carried import ADDITIONS
from lrcheck.runtime.tensors import losses
from lrcheck.runtime.tensors.flow import HANDLERS, Call, transfer
from lrcheck.runtime.tensors.meetings import ARITHMETIC, PICKING, Meetings
from lrcheck.runtime.tensors.memory import Memory, is_one_hot, module_facts, readable
from lrcheck.runtime.tensors.uses import PURE

if TYPE_CHECKING:
    from lrcheck.runtime.engine import Engine

_SILENT = frozenset(
    {"__get__", "__set__", "dim", "size", "numel", "is_floating_point", "_set_grad_enabled", "__repr__",
     "__len__", "stride", "data_ptr", "get_device", "_record_function_enter_new", "is_contiguous", "storage_offset", "type"}
)  # fmt: skip
_PROPERTIES = frozenset({"data", "T", "mT"})
FIRST = frozenset({"linear", "conv1d", "conv2d", "conv3d"})
_stack: Any = overrides._get_current_function_mode_stack
_push: Any = overrides._push_mode
_pop: Any = overrides._pop_mode
COMPARED = frozenset({"__eq__", "__ne__", "eq", "ne"})
_WAITING = frozenset({"item", "__float__", "__int__", "__bool__", "tolist", "cpu", "numpy", "__format__"})
_is_tracing: Any = torch._C._get_tracing_state
_HOST = ("cpu", "meta")
_REDUCING = frozenset({"sum", "mean"})
_NUMBERS = frozenset({"item", "__float__", "tolist"})


class Tracer(TorchFunctionMode):
    """Follows tensors through one thread of one process."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self.engine = engine
        self.memory = Memory()
        self.modules: list[nn.Module] = []  # the modules that are being called now, outermost first
        self.batch: int | None = None
        self.rows = losses.TargetRows()
        self.numbers: dict[float, Operation] = {}  # numbers that were read from attached tensors in this step
        self.meetings = Meetings(self)
        self.calls = 0
        self.on = False
        self.lingering = False  # off, and still on torch's stack

    # -- on and off -----------------------------------------------------------------------------------------------------
    def start(self) -> None:
        if not self.on:
            self.on = True
            if not self.lingering:
                _restack([self, *_stack()])
            self.lingering = False

    def stop(self) -> None:
        if self.on:
            self.on = False
            self.lingering = self not in _stack()
            if self.lingering:
                self.engine.evaluation.usual = -1  # the next call of a model is a chance to leave
            self._leave()
            self.modules.clear()
            self.numbers.clear()
            self.meetings.clear()

    def _leave(self) -> None:
        _restack([mode for mode in _stack() if mode is not self])

    def move(self) -> None:
        """Go on in this thread: the stack of the other one is out of reach, and what it calls is passed through."""
        if self.on and self not in _stack():
            _restack([self, *_stack()])

    def tidy(self) -> None:
        """Leave the stack where that was not possible: inside a torch function, torch puts a mode back at its end."""
        if self in _stack():
            self.lingering = False
            self._leave()

    # -- what transfer functions ask (`flow.Scene`) -----------------------------------------------------------------------
    def here(self) -> FrameSite:
        return here() or NOWHERE

    def leaf(self) -> nn.Module | None:
        """The innermost module being called, where it is one of torch's own layers."""
        if self.modules and type(self.modules[-1]).__module__.startswith("torch.nn."):
            return self.modules[-1]
        return None

    def inside(self) -> bool:
        """Is a module with weights being called? Losses have none."""
        return any(next(each.parameters(), None) is not None for each in self.modules)

    def removable(self) -> bool:
        return len(self.modules) > 1 and isinstance(self.modules[-2], nn.Sequential)

    def facts(self, tensor: Tensor) -> TensorFacts:
        return self.memory.of(tensor)

    def remember(self, tensor: Tensor, facts: TensorFacts) -> None:
        self.memory.put(tensor, facts)

    def product(self, made: Operation, before: Operation | None, weight: Tensor, inputs: int) -> None:
        self.engine.initial.product(made, before, weight, inputs)

    def drops(self) -> None:
        """Units are dropped, perhaps by a function: the model around the call depends on its mode."""
        if self.modules:
            module_facts(self.modules[0]).has_dropout = True

    def squeezes(self, made: Operation, result: Any) -> None:
        if self.engine.alone.active and isinstance(result, Tensor):
            self.engine.alone.squeezes(made, result)

    def logarithm(self, given: TensorFacts) -> None:
        """The logarithm of scores that were cut to [0, 1]: a binary cross entropy by hand."""
        loss = LossFacts(contract=losses.FUNCTIONS["binary_cross_entropy"], name="a logarithm", reduction="none")
        self.emit(losses.loss_call(self.here(), loss, given, TensorFacts(), direct=False, training=True))

    def emit(self, event: Event) -> None:
        self.engine.observe(event)

    # -- every call -------------------------------------------------------------------------------------------------------
    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name = getattr(func, "__name__", "")
        if name == "__set__":
            name = getattr(getattr(func, "__self__", None), "__name__", "")
            if name == "grad" and self.listens() and called_by_user():
                self.engine.protocol.gradient_access()
            name = "requires_grad_" if name == "requires_grad" else "__set__"
        if name == "__get__":
            name = getattr(getattr(func, "__self__", None), "__name__", "")
            if name == "grad" and self.listens() and called_by_user():
                self.engine.protocol.gradient_access()
            name = name if name in _PROPERTIES else "__get__"
        if (name in _SILENT and not (name == "type" and len(args) > 1)) or not self.listens():
            return func(*args, **kwargs)
        self.calls += 1
        if name in losses.FUNCTIONS:
            return self._loss(func, name, args, kwargs)
        if name in PURE:
            self.engine.uses.function(func, name, kwargs)
        elif name == "scaled_dot_product_attention":
            self.engine.uses.attention(func, args, kwargs)
        tensors = _tensors(args, kwargs)
        if not tensors and name not in HANDLERS and name not in SETTERS:
            return func(*args, **kwargs)
        call = Call(name, args, kwargs, tensors, [self.memory.of(each) for each in tensors], self)
        if name in COMPARED:
            call.facts = [_labels(each, facts) for each, facts in zip(tensors, call.facts, strict=True)]
        try:
            call.result = func(*args, **kwargs)
        except Exception:
            if name in COMPARED:  # the shapes do not fit: say why first
                self._safely(call)
                self.engine.flush()
            elif tensors:
                self._raised(call)
            raise
        self._safely(call)
        return call.result

    def listens(self) -> bool:
        """Not in a forked worker or another thread, not inside backward, an optimizer, our own measurements or `torch.jit.trace`."""
        return self.on and self.engine.mine and self.engine.listens() and not _is_tracing()

    def _safely(self, call: Call) -> None:
        try:
            if call.name in _WAITING and call.tensors and self._waits(call.tensors[0]):
                self.engine.observe(Synchronisation(self.here(), call.tensors[0].device.type))
            if self.engine.evaluation.forwards and call.facts:
                self.engine.evaluation.uses(call.name, call.facts)
            if call.name in _NUMBERS:
                self._number(call)
            elif call.name == "tensor":
                self._rewrapped(call)
                self.engine.initial.set_by(call)
            elif call.name == "requires_grad_":
                self._awakened(call)
            else:
                transfer(call)
                if self.engine.alone.active:
                    self.engine.alone.widens(call)
                if call.name in _REDUCING and call.x.form is Form.MATCHES and self.engine.totals.current is not None:
                    self.engine.quietly(self.engine.totals.reduced, call)
                if call.name in SETTERS:
                    self.engine.initial.set_by(call)
                elif call.name in PASSING and self.engine.step == 0:
                    self.engine.initial.passes(call)
                if call.name in ADDITIONS:
                    self.engine.carried.added(call)
                self._measure(call)
                if call.name in ARITHMETIC:
                    self.meetings.met(call)
                elif call.name in PICKING and len(call.facts) > 1:
                    self.meetings.picks(call)
        except Exception as error:  # noqa: BLE001  # observing must never break a training run
            self.engine.failed("the observer", error)

    def _waits(self, x: Tensor) -> bool:
        """A number is asked for that a device has yet to compute; a scaler's own question in its step is no doing of the program."""
        return x.device.type not in _HOST and not self.engine.protocol.within

    def _raised(self, call: Call) -> None:
        """An operation raised: are its tensors on one device, do the features fit the layer?"""
        try:
            if not self._apart(call.tensors) and call.name in FIRST:
                self._misfit(call)
        except Exception as error:  # noqa: BLE001  # the program's own exception is the one to be seen
            self.engine.failed("the observer", error)

    def _apart(self, tensors: list[Tensor]) -> bool:
        """Two tensors on two devices; numbers in tensors of no dimension may meet any device."""
        kinds = {each.device.type for each in tensors if each.dim()}
        if len(kinds) < 2:
            return False
        weights = next((each for each in tensors if isinstance(each, nn.Parameter)), tensors[0])
        first = weights.device.type
        second = next(kind for kind in sorted(kinds) if kind != first)
        site = outside_forward() or self.here()
        argument = site.argument_site(0, "input") or site
        self.engine.judge(DeviceMeeting(site, argument, first, second, self.engine.moved.get(first)))
        return True

    def _misfit(self, call: Call) -> None:
        """Do the features that arrive fit the layer?"""
        layer, weight = self.leaf(), call.tensors[1] if len(call.tensors) > 1 else None
        x = call.tensors[0]
        if layer is None or weight is None or x.dim() < 1 or weight.dim() < 2:
            return
        linear = call.name == "linear"
        batched = linear or x.dim() == weight.dim()
        groups = 1 if linear else getattr(layer, "groups", 1)
        axis = -1 if linear else 1 if batched else 0
        expected, actual = weight.size(1) * groups, x.size(axis)
        self.engine.judge(LayerCall(self.here(), module_facts(layer), call.x, expected, actual, axis))

    def _measure(self, call: Call) -> None:
        """Numbers that only a run can tell: dead units, values that reach the first layer."""
        if call.tensors:
            self.engine.statistics.behind(call.name, call.tensors[0])
        if not isinstance(call.result, Tensor) or not self.modules or not readable(call.result):
            return
        if call.name in ("relu", "relu_") and call.made is not None:
            self.engine.statistics.units(call.made.layer or call.made.site, call.result)
        elif call.made is not None and call.name in FIRST and call.x.roots == {"input"} and call.x.form is Form.DATA:
            channels = call.name != "linear"  # features of a table can differ in their scales
            self.engine.statistics.first_layer(call.made.site, call.tensors[0], call.result, channels=channels)

    def lost(self, *, wrapped: bool = False) -> list[LossCall]:
        """What met in arithmetic, where the backward pass that begins now goes through it."""
        return self.meetings.lost(wrapped=wrapped)

    def _number(self, call: Call) -> None:
        x = call.x
        if (x.attached or x.cut_by is not None) and isinstance(call.result, float):
            self.numbers[call.result] = x.cut_by if x.cut_by is not None else call.operation("item")

    def _rewrapped(self, call: Call) -> None:
        """`torch.tensor(loss.item(), requires_grad=True)`: the number is known, so is where it left the graph."""
        if not isinstance(call.result, Tensor):
            return
        data = call.args[0] if call.args else call.kwargs.get("data")
        source = self.memory.of(data).cut_by if isinstance(data, Tensor) else None
        if isinstance(data, float) and data in self.numbers and data not in (0.0, 1.0):
            source = self.numbers[data]
        operand = self.memory.of(data) if isinstance(data, Tensor) else TensorFacts(cut_by=source)
        facts = TensorFacts(roots=frozenset({"constant"}))
        if call.result.requires_grad and call.result.numel() == 1:
            facts = facts.but(last=call.operation("tensor"))  # a weight, unless it is what goes backward
        if len(call.result.shape) and not isinstance(data, Tensor):
            facts = facts.but(uses=Uses({"numbers": self.here()}))  # the program's own, and no grid
        if source is not None or (isinstance(data, Tensor) and data.requires_grad):
            facts = TensorFacts(cut_by=dataclasses.replace(call.operation("tensor"), operand=operand), form=Form.LOSS)
        self.memory.put(call.result, facts)

    def _awakened(self, call: Call) -> None:
        """`loss.requires_grad_()`, `loss.requires_grad = True`: a value that has lost its graph becomes a leaf."""
        before, wanted = call.x, call.get(1, "requires_grad", default=True)
        came = before.form is Form.LOSS or before.model is not None or before.cut_by is not None
        if wanted is True and before.attached is False and came and call.tensors[0].numel() == 1:
            site = self.here()
            cut = Operation("requires_grad_", site, operand=before, argument=site)
            self.memory.put(call.tensors[0], before.but(cut_by=cut))

    # -- losses -----------------------------------------------------------------------------------------------------------
    def _loss(self, func: Any, name: str, args: Any, kwargs: Any) -> Any:
        event = None
        try:
            event = self._loss_event(name, args, kwargs)
        except Exception as error:  # noqa: BLE001  # observing must never break a training run
            self.engine.failed("the observer", error)
        try:
            result = func(*args, **kwargs)
        except Exception:
            if event is not None:
                self.engine.loss_raised(event)
            raise
        if event is not None and isinstance(result, Tensor):
            self.engine.loss_computed(event, losses.arguments(name, args, kwargs)[0], result)
            if event.output is not None:
                facts = [
                    self.memory.of(each) for each in (args[:2] if len(args) > 1 else ()) if isinstance(each, Tensor)
                ]
                attached = [each for each in facts if each.attached]
                zeroed = attached[0].zeroed_by if attached else None
                cut = next((each.cut_by for each in facts if each.cut_by is not None), None)
                self.memory.put(result, event.output.but(zeroed_by=zeroed, cut_by=cut, origin=event.site))
        return result

    def _loss_event(self, name: str, args: Any, kwargs: Any) -> LossCall | None:
        given, target = losses.arguments(name, args, kwargs)
        if not isinstance(given, Tensor) or not isinstance(target, Tensor):
            return None
        owner = self.modules[-1] if self.modules and isinstance(self.modules[-1], _Loss) else None
        self.engine.batches.scored(given, target)
        site = self.here()
        facts = losses.loss_facts(name, args, kwargs, owner)
        wanted = self.memory.of(target)
        given_facts = self.memory.of(given)
        if name.startswith("binary_cross") or losses.is_distance(name, given_facts, wanted):
            wanted = self.rows.known(site.key(), target, wanted)
        if name.startswith("binary_cross") and not given_facts.roots and wanted.attached and losses.is_binary(given):
            given_facts = given_facts.but(roots=frozenset({"target"}))  # labels, by their values
        if "model" not in given_facts.roots and losses.is_swapped(name, given, target):
            given_facts = given_facts.but(roots=frozenset({"target"}), attached=False)
        event = losses.loss_call(site, facts, given_facts, wanted, direct=is_direct(), training=torch.is_grad_enabled())
        return self.engine.values_of_loss(event, given, target)


def _tensors(args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Tensor]:
    """The tensor operands of a call, also those in a list or tuple (`torch.cat`, an index)."""
    found: list[Tensor] = []
    for each in (*args, *kwargs.values()):
        if isinstance(each, Tensor):
            found.append(each)
        elif isinstance(each, list | tuple) and len(each) <= 64:
            found.extend(part for part in each if isinstance(part, Tensor))
    return found


def _labels(tensor: Tensor, facts: TensorFacts) -> TensorFacts:
    """One-hot labels that were made before anybody traced are known by their values."""
    if facts.form is None and not tensor.requires_grad and tensor.dim() == 2 and is_one_hot(tensor):
        return facts.but(form=Form.ONE_HOT, classes=tensor.size(1))
    return facts


def _restack(modes: list[Any]) -> None:
    """Make these the stack of function modes of this thread, bottom first."""
    while _stack():
        _pop()
    for mode in modes:
        _push(mode)
