"""Results as plain data and back: what the cache and other machines keep. Reading it never runs anything."""

from __future__ import annotations

from typing import Any

from lrcheck.findings import (
    Diagnostic,
    FileError,
    Level,
    LocatedFix,
    Related,
    Result,
    Safety,
    Span,
    TextEdit,
    Undecided,
)  # fmt: skip


def to_plain(result: Result) -> list[Any]:
    """Lists, strings and numbers."""
    return [
        result.path,
        [_diagnostic(found) for found in result.diagnostics],
        [[error.path, error.message, error.line, error.internal] for error in result.errors],
        [[question.path, _span(question.span), question.message] for question in result.undecided],
        result.suppressed,
    ]


def from_plain(data: list[Any]) -> Result:
    """The result again; raises `ValueError`, `TypeError` or `LookupError` where the data is something else."""
    path, diagnostics, errors, undecided, suppressed = data
    return Result(
        path,
        tuple(_to_diagnostic(*found) for found in diagnostics),
        tuple(FileError(*error) for error in errors),
        tuple(Undecided(where, Span(*span), message) for where, span, message in undecided),
        suppressed,
    )


def _span(span: Span) -> list[Any]:
    return [span.line, span.column, span.end_line, span.end_column, span.cell, span.cell_line]


def _diagnostic(found: Diagnostic) -> list[Any]:
    related = [[other.message, other.path, _span(other.span)] for other in found.related]
    fix = None
    if found.fix is not None:
        edits = [[edit.start, edit.end, edit.text] for edit in found.fix.edits]
        fix = [found.fix.message, found.fix.safety.value, edits]
    return [
        found.code, found.name, found.level.value, found.message, found.path, _span(found.span), found.label, related,
        found.note, found.help, fix,
    ]  # fmt: skip


def _to_diagnostic(
    code: str,
    name: str,
    level: str,
    message: str,
    path: str,
    span: list[Any],
    label: str,
    related: list[Any],
    note: str,
    advice: str,
    fix: list[Any] | None,
) -> Diagnostic:
    others = tuple(Related(text, where, Span(*place)) for text, where, place in related)
    located = None
    if fix is not None:
        located = LocatedFix(fix[0], Safety(fix[1]), tuple(TextEdit(*edit) for edit in fix[2]))
    return Diagnostic(code, name, Level(level), message, path, Span(*span), label, others, note, advice, located)
