"""A callback for the Trainer of transformers: `Trainer(..., callbacks=[WatchCallback()])`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lrcheck.runtime.watching import watch

if TYPE_CHECKING:
    TrainerCallback: Any = object
else:
    from transformers import TrainerCallback


class WatchCallback(TrainerCallback):  # type: ignore[misc]  # unknown where transformers is not installed
    """Watches a `train()`; the options are those of `lrcheck.watch`."""

    def __init__(self, **options: Any) -> None:
        super().__init__()
        self.watch = watch(**options)

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        del args, state, control
        self.watch.start()

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        del args, state, control
        self.watch.stop()
