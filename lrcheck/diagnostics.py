"""Findings become located diagnostics: the only step that asks sites where they are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from lrcheck.findings import Diagnostic, Finding, Fix, Label, LocatedFix, Related, TextEdit

if TYPE_CHECKING:
    from lrcheck.rule import Rule


def locate(rule: Rule, finding: Finding) -> Diagnostic:
    """Plain data for one finding. A fix that cannot be placed exactly is dropped; its advice stays as help."""
    fix = None if finding.fix is None else _locate_fix(finding.fix, finding.at.site.path)
    advice = finding.help
    if finding.fix is not None and fix is None and not advice:
        advice = finding.fix.message
    return Diagnostic(
        code=rule.code,
        name=rule.name,
        level=finding.level or rule.level,
        message=finding.title,
        path=finding.at.site.path,
        span=finding.at.site.span(),
        label=finding.at.text,
        related=tuple(_related(finding.because)),
        note=finding.note,
        help=advice,
        fix=fix,
    )


def _related(labels: Iterable[Label]) -> Iterable[Related]:
    seen = set()
    for label in labels:
        related = Related(label.text, label.site.path, label.site.span())
        if related not in seen:
            seen.add(related)
            yield related


def _locate_fix(fix: Fix, path: str) -> LocatedFix | None:
    """The edits in the file of the finding; a repair that needs another file as well is left to the user."""
    edits: list[TextEdit] = []
    for edit in fix.edits:
        locator = getattr(edit.site, "edits", None)  # a frame of a running program cannot be edited
        located = locator(edit) if locator is not None and edit.site.path == path else None
        if located is None:
            return None
        edits.extend(located)
    merged = merge(edits)
    return LocatedFix(fix.message, fix.safety, merged) if merged else None


def merge(edits: Iterable[TextEdit]) -> tuple[TextEdit, ...] | None:
    """The edits in order without repetitions; deletions that overlap become one, anything else that does is refused."""
    result: list[TextEdit] = []
    for edit in sorted(dict.fromkeys(edits), key=lambda edit: (edit.start, edit.end)):
        last = result[-1] if result else None
        if last is None or edit.start >= last.end:
            result.append(edit)
        elif edit.text == last.text == "":
            result[-1] = TextEdit(last.start, max(last.end, edit.end), "")
        else:
            return None
    return tuple(result)
