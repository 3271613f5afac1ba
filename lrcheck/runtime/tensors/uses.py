"""Calls that the program's own expressions make: results that are dropped, dropout without a mode, `forward` by hand.

Which function it is, the run tells; how it is written, the source. Each place is looked at once.
"""

from __future__ import annotations

import ast
import sys
from types import FrameType
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from lrcheck.events import ApiUse, Argument
from lrcheck.knowledge.operations import ACTIVATION_LAYERS, DROPOUT_LAYERS
from lrcheck.knowledge.pure import ATTENTION, DROPOUTS, FUNCTIONS, METHODS, MOVES
from lrcheck.runtime.places.sites import FrameSite, is_user, site_of
from lrcheck.runtime.places.source import SourceSite, node_of, parent_of

if TYPE_CHECKING:
    from lrcheck.runtime.engine import Engine

PURE = METHODS | MOVES | {name.rpartition(".")[2] for name in FUNCTIONS | DROPOUTS}
_LAYERS = ACTIVATION_LAYERS.keys() | DROPOUT_LAYERS
_OVERRIDES = torch.overrides.__file__
_FUNCTIONAL = ("torch.nn.functional", "torch._C._nn")


class Uses:
    """Asked for calls in traced steps."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.seen: set[object] = set()
        self.frames: set[object] = set()

    def function(self, func: Any, name: str, kwargs: Any) -> None:
        """A torch function is called, by the frame of the program that is `direct`."""
        frame = _direct(func)
        if frame is not None and kwargs.get("out") is None:
            self._use(site_of(frame), _canonical(func, name), frame, inplace=bool(kwargs.get("inplace")))

    def attention(self, func: Any, args: tuple[Any, ...], kwargs: Any) -> None:
        """`F.scaled_dot_product_attention`: does it drop weights whatever the mode of the model is?"""
        share = args[4] if len(args) > 4 else kwargs.get("dropout_p")
        frame = _direct(func) if share else None
        if frame is None or not frame.f_code.co_argcount or (site := site_of(frame)).key() in self.seen:
            return
        call, owner = node_of(site.code, site.instruction), frame.f_code.co_varnames[0]
        own = frame.f_locals.get(owner)
        if not isinstance(call, ast.Call) or not isinstance(own, nn.Module):
            return
        given = [each.value for each in call.keywords if each.arg == "dropout_p"] or call.args[4:5]
        if given and (not own.training or _is_constant(own, owner, given[0])):
            self.seen.add(site.key())
            callee = SourceSite.of(site.filename, given[0])
            self.engine.judge(ApiUse(site, ATTENTION, callee=callee, owner=owner))

    def layer(self, module: nn.Module) -> None:
        """A layer is called by an expression of the program."""
        name = f"torch.nn.{type(module).__name__}"
        caller = sys._getframe(2)
        if name in _LAYERS and not getattr(module, "inplace", False) and is_user(caller.f_code.co_filename):
            self._use(site_of(caller), name, caller)

    def _use(self, site: FrameSite, name: str, frame: FrameType, *, inplace: bool = False) -> None:
        if site.key() in self.seen:
            return
        self.seen.add(site.key())
        call = node_of(site.code, site.instruction)
        if not isinstance(call, ast.Call):
            return
        statement = isinstance(parent_of(site.filename, call), ast.Expr)
        if not statement and name not in DROPOUTS:
            return
        callee = call.func
        given = callee.value if name.startswith("torch.Tensor.") and isinstance(callee, ast.Attribute) else None
        receiver = SourceSite.of(site.filename, given) if given is not None else None
        kept = given is None or _is_kept(given)
        code = frame.f_code
        owner = code.co_varnames[0] if code.co_argcount and code.co_name == "forward" else ""
        self.engine.judge(
            ApiUse(
                site,
                name,
                arguments=tuple(_arguments(site.filename, call)),
                callee=SourceSite.of(site.filename, callee),
                receiver_site=receiver,
                statement=statement,
                discarded=statement and kept and not inplace and not _is_shown(site.filename, call),
                owner=owner,
            )
        )

    # -- forward ----------------------------------------------------------------------------------------------------------
    def inside(self, frame: FrameType | None) -> None:
        """Something happens in a frame: is it the `forward` of a module that was not called itself?"""
        if frame is None or frame.f_code.co_name != "forward" or frame.f_back is None:
            return
        caller = frame.f_back
        key = (id(frame.f_code), id(caller.f_code), caller.f_lasti)
        if key in self.frames or not frame.f_code.co_argcount or not is_user(caller.f_code.co_filename):
            return
        self.frames.add(key)
        module = frame.f_locals.get(frame.f_code.co_varnames[0])
        own = caller.f_locals.get(caller.f_code.co_varnames[0]) if caller.f_code.co_argcount else None
        site = site_of(caller)
        call = node_of(site.code, site.instruction)
        callee = call.func if isinstance(call, ast.Call) else None
        if own is module or not isinstance(module, nn.Module) or not isinstance(callee, ast.Attribute):
            return
        if callee.attr == "forward" and not isinstance(callee.value, ast.Call):
            receiver = SourceSite.of(site.filename, callee.value)
            self.engine.judge(
                ApiUse(
                    site,
                    "torch.nn.Module.forward",
                    callee=SourceSite.of(site.filename, callee),
                    receiver_site=receiver,
                )
            )


def _is_kept(node: ast.expr) -> bool:
    """Whether a receiver has a name that the result could have gone to: `rows.fill_(1).float()` has filled the rows."""
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr not in METHODS and node.func.attr not in MOVES:
                return False
            node = node.func.value
        elif isinstance(node, (ast.Attribute, ast.Subscript)):
            node = node.value
        else:
            return False
    return True


def _is_constant(own: nn.Module, owner: str, written: ast.expr) -> bool:
    """A number, or an attribute of a module that does not notice how its mode changes."""
    if isinstance(written, ast.Constant):
        return True
    plain = type(own).train is nn.Module.train and type(own).eval is nn.Module.eval
    return (
        isinstance(written, ast.Attribute)
        and ast.unparse(written) == f"{owner}.{written.attr}"
        and (plain and written.attr in vars(own))
    )


def _direct(func: Any) -> FrameType | None:
    """The frame that calls a torch function, where it is the user's own."""
    code = getattr(func, "__code__", None)
    frame: FrameType | None = sys._getframe(3)
    while frame is not None and (frame.f_code is code or frame.f_code.co_filename == _OVERRIDES):
        frame = frame.f_back
    return frame if frame is not None and is_user(frame.f_code.co_filename) else None


def _canonical(func: Any, name: str) -> str:
    if getattr(func, "__module__", "") in _FUNCTIONAL:
        return f"torch.nn.functional.{name}"
    if type(func).__name__ in ("method_descriptor", "wrapper_descriptor") or "Tensor." in getattr(
        func, "__qualname__", ""
    ):
        return f"torch.Tensor.{name}"
    return f"torch.{name}"


def _arguments(filename: str, call: ast.Call) -> list[Argument]:
    found = []
    for each in call.args:
        star = isinstance(each, ast.Starred)
        found.append(Argument(None, SourceSite.of(filename, each), star="*" if star else ""))
    for keyword in call.keywords:
        stars = "**" if keyword.arg is None else ""
        found.append(Argument(keyword.arg, SourceSite.of(filename, keyword.value), star=stars))
    return found


def _is_shown(filename: str, call: ast.Call) -> bool:
    """The last expression of a notebook's cell: its value is shown."""
    if "ipython-input" not in filename and "ipykernel" not in filename:
        return False
    statement = parent_of(filename, call)
    module = parent_of(filename, statement) if statement is not None else None
    return isinstance(module, ast.Module) and module.body[-1] is statement
