"""The runtime observer: a live run becomes events; the only folder that imports torch."""

from __future__ import annotations

from lrcheck.runtime.asserts import (
    check_accuracy,
    check_batch_independence,
    check_eval,
    check_loss_inputs,
    check_predictions,
    check_step,
    overfit_one_batch,
)
from lrcheck.runtime.report import LrcheckError, LrcheckWarning, Report
from lrcheck.runtime.watching import watch

__all__ = [
    "LrcheckError",
    "LrcheckWarning",
    "Report",
    "check_accuracy",
    "check_batch_independence",
    "check_eval",
    "check_loss_inputs",
    "check_predictions",
    "check_step",
    "overfit_one_batch",
    "watch",
]
