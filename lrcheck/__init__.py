"""lrcheck finds the mistakes that make PyTorch training wrong without making it crash."""

from __future__ import annotations

__version__ = "0.1.0"

_RUNTIME = {"LrcheckError", "LrcheckWarning", "overfit_one_batch", "watch"}  # and every `check_*`: resolved on first use, because they import torch


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
