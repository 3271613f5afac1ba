"""`torch.compile`: the compiler must not see the tracer, so what it compiles, and what it has compiled, runs without.

A function that is compiled during the watch is wrapped; one that was compiled before is met where dynamo switches itself on, a
module-level function of `torch._dynamo.eval_frame` that every compiled function asks.
"""

from __future__ import annotations

import functools
import sys
from threading import get_ident
from typing import TYPE_CHECKING, Any

from torch import nn

if TYPE_CHECKING:
    from lrcheck.runtime.engine import Engine

_SWITCH = "_maybe_set_eval_frame"


class untraced:  # noqa: N801  # a context manager, used like a function
    """The tracer is off inside, and on again behind it where it was on before."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.was_on = False

    def __enter__(self) -> None:
        self.was_on = self.engine.tracer.on and self.engine.attentive
        if self.was_on:
            self.engine.regions.says()
            self.engine.listen(False)

    def __exit__(self, *_: object) -> None:
        if self.was_on:
            self.engine.listen(True)


def compiling(engine: Engine, original: Any) -> Any:
    """`torch.compile`, whose functions run without the tracer."""

    def compile_(model: Any = None, *args: Any, **kwargs: Any) -> Any:
        made = original(model, *args, **kwargs)
        if model is None or isinstance(made, nn.Module) or not callable(made):
            return made

        @functools.wraps(made)
        def call(*inner: Any, **keywords: Any) -> Any:
            with untraced(engine):
                return made(*inner, **keywords)

        return call

    return compile_


class Regions:
    """Calls of functions that were compiled before the watch began; looked for while the tracer is on."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._said = False
        self._inside: untraced | None = None
        self._original: Any = None

    def listen(self, *, on: bool) -> None:
        dynamo = sys.modules.get("torch._dynamo.eval_frame")
        if on and self._original is None and hasattr(dynamo, _SWITCH):
            self._original = getattr(dynamo, _SWITCH)
            setattr(dynamo, _SWITCH, self._switch)
        elif not on and self._original is not None and self._inside is None:
            setattr(dynamo, _SWITCH, self._original)
            self._original = None

    def says(self) -> None:
        """Once: what happens inside is not seen."""
        if not self._said:
            self._said = True
            print("lrcheck: inside `torch.compile` only inputs and outputs are seen", file=sys.stderr)

    def stop(self) -> None:
        self._inside = None
        self.listen(on=False)

    def _switch(self, callback: Any) -> Any:
        original = self._original
        if get_ident() == self.engine.thread:
            if callable(callback) and self._inside is None and self.engine.tracer.on:
                self._inside = untraced(self.engine)
                self._inside.__enter__()
            elif not callable(callback) and self._inside is not None:
                inside, self._inside = self._inside, None
                inside.__exit__()
        return original(callback)
