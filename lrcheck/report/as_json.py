"""The format for programs. Version 1 only grows: no key changes its meaning or goes."""

from __future__ import annotations

import json
from typing import Any

from lrcheck.findings import Diagnostic, FileError, LocatedFix, Undecided
from lrcheck.report import Outcome


def render(outcome: Outcome) -> str:
    document = {
        "version": 1,
        "findings": [_finding(found) for found in outcome.diagnostics],
        "errors": [_error(error) for error in outcome.errors],
    }
    if outcome.undecided:
        document["undecided"] = [_undecided(question) for question in outcome.undecided]
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def _finding(found: Diagnostic) -> dict[str, Any]:
    span = found.span
    return {
        "code": found.code,
        "name": found.name,
        "severity": found.level.value,
        "message": found.message,
        "path": found.path,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "cell": span.cell,
        "cell_line": span.cell_line,
        "label": found.label,
        "note": found.note,
        "help": found.help,
        "related": [
            {
                "message": related.message,
                "path": related.path,
                "line": related.span.line,
                "column": related.span.column,
                "end_line": related.span.end_line,
                "end_column": related.span.end_column,
                "cell": related.span.cell,
                "cell_line": related.span.cell_line,
            }
            for related in found.related
        ],
        "fix": None if found.fix is None else _fix(found.fix),
    }


def _fix(fix: LocatedFix) -> dict[str, Any]:
    """`start` and `end` count characters of the file's text (without a byte order mark), `end` is exclusive."""
    return {
        "safety": fix.safety.value,
        "message": fix.message,
        "edits": [{"start": edit.start, "end": edit.end, "text": edit.text} for edit in fix.edits],
    }


def _error(error: FileError) -> dict[str, Any]:
    return {"path": error.path, "line": error.line, "message": error.message, "internal": error.internal}


def _undecided(question: Undecided) -> dict[str, Any]:
    span = question.span
    return {"path": question.path, "line": span.line, "column": span.column, "message": question.message}
