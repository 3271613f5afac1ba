"""Threads that train: one of them is observed, and the tensors of the others are left alone.

Autograd writes gradients without Python's lock: who reads the gradient of a model that another thread takes backward may find
a pointer half written, and the process crashes.
"""

from __future__ import annotations

from threading import Lock, get_ident
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lrcheck.runtime.engine import Engine


class Threads:
    """Follows the one thread that trains first."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.moved = False  # the observed thread is not the one in which the watch began
        self.several = False  # threads train beside the observed one
        self.reading = Lock()  # held while gradients are read that may belong to another thread

    def hears(self) -> bool:
        """Is what is made now, in this thread, of interest? Until somebody trains, any thread may prepare the training."""
        engine = self.engine
        return engine.mine and (get_ident() == engine.thread or not (engine.backwards or engine.step))

    def adopted(self) -> bool:
        """Another thread trains: it is followed where nobody has trained yet, and left alone everywhere else."""
        engine = self.engine
        with self.reading:
            if engine.backwards or engine.step or self.moved:
                return False
            engine.thread, self.moved = get_ident(), True
        engine.tracer.move()
        return True

    def passes(self) -> None:
        """A backward pass that is not observed begins: in another thread, nobody may read gradients from now on."""
        if not self.several and get_ident() != self.engine.thread:
            with self.reading:
                self.several = True
