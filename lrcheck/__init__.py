"""lrcheck finds the mistakes that make PyTorch training wrong without making it crash."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lrcheck.runtime import (
        LrcheckError as LrcheckError,
    )
    from lrcheck.runtime import (
        LrcheckWarning as LrcheckWarning,
    )
    from lrcheck.runtime import (
        check_accuracy as check_accuracy,
    )
    from lrcheck.runtime import (
        check_batch_independence as check_batch_independence,
    )
    from lrcheck.runtime import (
        check_eval as check_eval,
    )
    from lrcheck.runtime import (
        check_loss_inputs as check_loss_inputs,
    )
    from lrcheck.runtime import (
        check_predictions as check_predictions,
    )
    from lrcheck.runtime import (
        check_step as check_step,
    )
    from lrcheck.runtime import (
        overfit_one_batch as overfit_one_batch,
    )
    from lrcheck.runtime import (
        watch as watch,
    )

__version__ = "0.1.0"

_RUNTIME = {
    "LrcheckError",
    "LrcheckWarning",
    "overfit_one_batch",
    "watch",
}  # and every `check_*`: resolved on first use, because they import torch


def __getattr__(name: str) -> object:
    if name not in _RUNTIME and not name.startswith("check_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    try:
        return getattr(import_module("lrcheck.runtime"), name)
    except ModuleNotFoundError as error:
        if error.name not in {"torch", "lrcheck.runtime"}:
            raise
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from error
