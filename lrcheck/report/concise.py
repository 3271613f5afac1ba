"""One line for each finding: `path:line:col: CODE name: title`."""

from __future__ import annotations

from lrcheck.engine import UNREADABLE
from lrcheck.report import Outcome
from lrcheck.report.lines import printable
from lrcheck.report.summary import summary
from lrcheck.report.text import one_line, place


def render(outcome: Outcome) -> str:
    lines = []
    for error in outcome.errors:
        name = "" if error.internal else f"{UNREADABLE.code} {UNREADABLE.name}: "
        lines.append(f"{printable(error.path)}:{error.line or 1}:1: {name}{one_line(error.message)}")
    lines += [
        f"{place(found.path, found.span)}: {found.code} {found.name}: {one_line(found.message)}"
        for found in outcome.diagnostics
    ]
    lines += [
        f"{place(question.path, question.span)}: undecided: {one_line(question.message)}"
        for question in outcome.undecided
    ]
    if not outcome.quiet:
        lines.append(summary(outcome))
    return "\n".join(lines) + "\n" if lines else ""
