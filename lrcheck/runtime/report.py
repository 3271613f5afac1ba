"""From findings of a live run to diagnostics: suppressed ones go, each place is reported once and counted."""

from __future__ import annotations

import dataclasses
import functools
import linecache
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lrcheck import suppressions
from lrcheck.diagnostics import locate
from lrcheck.events import Event, LossCall
from lrcheck.findings import Diagnostic, Finding, Level
from lrcheck.report.lines import SourceLines
from lrcheck.report.text import frame
from lrcheck.rule import Rule
from lrcheck.runtime.places.sites import FrameSite
from lrcheck.runtime.places.source import SourceSite
from lrcheck.runtime.tensors.memory import compact


class LrcheckError(AssertionError):
    """A training step that is wrong: the text is the linter's, `diagnostic` the same as data."""

    def __init__(self, message: str, diagnostic: Diagnostic | None = None) -> None:
        super().__init__(message)
        self.diagnostic = diagnostic

    @property
    def code(self) -> str:
        """The code of the rule, or an empty string."""
        return self.diagnostic.code if self.diagnostic is not None else ""


class LrcheckWarning(UserWarning):
    """A finding, as a warning."""


@dataclass(slots=True)
class Report:
    """One finding and how often it was seen; `step` counts optimizer steps from 1."""

    diagnostic: Diagnostic
    step: int
    count: int = 1

    def text(self) -> str:
        """The finding as the linter writes it."""
        return frame(self.diagnostic, SourceLines())


SYMPTOMS = frozenset({"LR701", "LR702", "LR703", "LR704", "LR705", "LR706", "LR707", "LR708", "LR709", "LR711"})
"""Rules that see effects: silent where the cause is known."""

_CAUSES = (
    "LR708",
    "LR712",
)  # seen by their numbers, and causes of others: gradients that nobody clears, inputs of any size

_WHY = frozenset({"LR701", "LR702", "LR703", "LR704", "LR705", "LR706", "LR707", "LR708", "LR709"})
"""Effects that say more than a loss that stands still."""

Listener = Callable[[Report], None]


class Reporter:
    """Keeps what was found, and hands each new finding to a listener."""

    def __init__(self, listener: Listener, ignore: Iterable[str]) -> None:
        self.listener = listener
        self.ignore = frozenset(ignore)
        self.reports: dict[object, Report] = {}
        self.raised: BaseException | None = None  # by the listener: none of our errors

    def add(self, rule: Rule, finding: Finding, event: Event, step: int) -> None:
        if any(rule.code.startswith(name) or rule.name == name for name in self.ignore):
            return
        key = (rule.code, finding.at.site.key())
        if rule.code in SYMPTOMS and self._explained(rule.code):
            return
        known = self.reports.get(key)
        if known is not None:
            known.count += 1
            return
        if isinstance(finding.at.site, FrameSite | SourceSite) and _suppressed(finding.at.site, rule):
            return
        finding = dataclasses.replace(finding, note=_with_values(finding.note, event, step))
        report = self.reports[key] = Report(locate(rule, finding), step)
        try:
            self.listener(report)
        except Exception as error:
            self.raised = error
            raise

    def _explained(self, symptom: str) -> bool:
        """A mistake in the loss or the loop was reported: what the numbers show is its consequence."""
        harmless: tuple[str, ...] = (
            "LR203",
            "LR204",
            "LR224",
            "LR305",
            "LR308",
            "LR318",
            "LR406",
        )  # no number that is learned changes
        if symptom == "LR711":
            harmless = (*harmless, "LR106")  # it saturates, but what could be learned is learned
        causes = ("LR1", "LR2", "LR3", "LR4", "LR5", *(code for code in _CAUSES if code != symptom))
        found = [each.diagnostic for each in self.reports.values()]
        if symptom == "LR711" and any(each.code in _WHY for each in found):
            return True
        if symptom == "LR709":
            return any(each.code in ("LR115", "LR514") for each in found)
        return any(
            each.code.startswith(causes) and each.code not in harmless and each.level is not Level.INFO
            for each in found
        )

    def knows(self, code: str) -> bool:
        return any(report.diagnostic.code == code for report in self.reports.values())

    @property
    def diagnostics(self) -> list[Diagnostic]:
        return sorted((report.diagnostic for report in self.reports.values()), key=Diagnostic.sort_key)

    def fails(self, level: Level) -> bool:
        order = [Level.ERROR, Level.WARNING, Level.INFO]
        return any(order.index(each.level) <= order.index(level) for each in self.diagnostics)


def _with_values(note: str, event: Event, step: int) -> str:
    """The note with the step and what was seen there: `step 1: input float[64, 10] on cpu, target int[64] on cpu`."""
    if not isinstance(event, LossCall) or event.input.shape is None:
        return note
    target = f"; target {compact(event.target)}" if event.target.shape is not None else ""
    return f"{note}; step {step}: input {compact(event.input)}{target}"


def _suppressed(site: FrameSite | SourceSite, rule: Rule) -> bool:
    return _suppressions(site.filename).silence(rule.code, rule.name, site.statement_lines())


@functools.lru_cache(maxsize=64)
def _suppressions(filename: str) -> suppressions.Suppressions:
    lines = linecache.getlines(filename)
    return suppressions.collect(
        [(0, number, text) for number, text in enumerate(lines, 1) if suppressions.MARK in text]
    )
