"""The runtime observer: a live run becomes events; the only folder that imports torch."""

from __future__ import annotations

from lrcheck.runtime.report import LrcheckError, LrcheckWarning, Report
from lrcheck.runtime.watching import watch

__all__ = ["LrcheckError", "LrcheckWarning", "Report", "watch"]
