"""A Lightning callback: `Trainer(callbacks=[WatchCallback()])`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lrcheck.runtime.watching import watch

if TYPE_CHECKING:
    Callback: Any = object
else:
    try:
        from lightning.pytorch.callbacks import Callback
    except ModuleNotFoundError:
        from pytorch_lightning.callbacks import Callback


class WatchCallback(Callback):  # type: ignore[misc]  # unknown where Lightning is not installed
    """Watches a `fit`, from its first batch on; the options are those of `lrcheck.watch`."""

    def __init__(self, **options: Any) -> None:
        super().__init__()
        self.watch = watch(**options)

    def on_fit_start(self, trainer: Any, pl_module: Any) -> None:
        del trainer, pl_module
        self.watch.start()

    def on_fit_end(self, trainer: Any, pl_module: Any) -> None:
        del trainer, pl_module
        self.watch.stop()

    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        del trainer, pl_module, exception
        self.watch.stop()
