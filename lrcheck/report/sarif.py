"""SARIF 2.1.0, the exchange format of static analysis tools."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from lrcheck import __version__
from lrcheck.cli.explaining import markdown_page
from lrcheck.engine import UNREADABLE, EngineRule
from lrcheck.findings import Diagnostic, FileError, Level, LocatedFix, Span
from lrcheck.report import Outcome
from lrcheck.report.lines import SourceLines
from lrcheck.report.places import Fingerprints, cell, portable
from lrcheck.report.text import advice
from lrcheck.rule import Rule
from lrcheck.selection import by_code, every_rule

_LEVELS = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "note"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(outcome: Outcome) -> str:
    fingerprints = Fingerprints(outcome.sources)
    driver = {"name": "lrcheck", "version": __version__, "rules": _rules(outcome)}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(outcome)],
        "results": [
            *map(_unreadable, _readable_errors(outcome)),
            *(_result(d, outcome.sources, fingerprints) for d in outcome.diagnostics),
        ],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _readable_errors(outcome: Outcome) -> list[FileError]:
    return [error for error in outcome.errors if not error.internal]


def _rules(outcome: Outcome) -> list[dict[str, Any]]:
    """The rules that found something, described once."""
    names = {found.code: found.name for found in outcome.diagnostics}
    if _readable_errors(outcome):
        names[UNREADABLE.code] = UNREADABLE.name
    known: dict[str, Rule | EngineRule] = {rule.code: rule for rule in by_code(every_rule())}
    return [_rule(code, name, known.get(code)) for code, name in sorted(names.items())]


def _rule(code: str, name: str, rule: Rule | EngineRule | None) -> dict[str, Any]:
    """One rule; that of a plugin of another project is only known by its name."""
    if rule is None:
        return {"id": code, "name": name, "shortDescription": {"text": name.replace("-", " ")}}
    return {
        "id": code,
        "name": name,
        "shortDescription": {"text": rule.title},
        "help": {"text": rule.docs.strip(), "markdown": markdown_page(rule)},
        "defaultConfiguration": {"level": _LEVELS[rule.level]},
        "properties": {"tags": [rule.family]},
    }


def _invocation(outcome: Outcome) -> dict[str, Any]:
    internal = [{"level": "error", "message": {"text": error.message}} for error in outcome.errors if error.internal]
    invocation: dict[str, Any] = {"executionSuccessful": not internal}
    if internal:
        invocation["toolExecutionNotifications"] = internal
    return invocation


def _unreadable(error: FileError) -> dict[str, Any]:
    return {
        "ruleId": UNREADABLE.code,
        "level": "error",
        "message": {"text": error.message},
        "locations": [_location(error.path, Span(error.line or 1, 1, error.line or 1, 1))],
    }


def _result(found: Diagnostic, sources: SourceLines, fingerprints: Fingerprints) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": found.code,
        "level": _LEVELS[found.level],
        "message": {"text": "\n".join(filter(None, (found.message, found.note, advice(found))))},
        "locations": [_location(found.path, found.span)],
        "partialFingerprints": {"lineText/v1": fingerprints.of_line(found.path, found.code, found.span)},
    }
    if found.related:
        result["relatedLocations"] = [
            _location(related.path, related.span) | {"id": number, "message": {"text": related.message or "here"}}
            for number, related in enumerate(found.related, 1)
        ]
    if found.fix is not None:
        result["fixes"] = [_fix(found.path, found.fix, sources)]
    return result


def _location(path: str, span: Span) -> dict[str, Any]:
    region = {"startLine": max(span.line, 1)}
    artifact = {"uri": _uri(path)}
    in_cell = cell(path, span)
    if in_cell:  # the columns are those of the cell, not of the file
        region["endLine"] = max(span.end_line, region["startLine"])
        logical = {"name": f"cell {span.cell}", "fullyQualifiedName": in_cell, "kind": "module"}
        return {"physicalLocation": {"artifactLocation": artifact, "region": region}, "logicalLocations": [logical]}
    region["startColumn"] = max(span.column, 1)
    if (span.end_line, span.end_column) >= (span.line, span.column):
        region |= {"endLine": max(span.end_line, 1), "endColumn": max(span.end_column, 1)}
    return {"physicalLocation": {"artifactLocation": artifact, "region": region}}


def _fix(path: str, fix: LocatedFix, sources: SourceLines) -> dict[str, Any]:
    text = sources.text(path)
    replacements = [
        {"deletedRegion": _region(text, edit.start, edit.end), "insertedContent": {"text": edit.text}}
        for edit in fix.edits
    ]
    change = {"artifactLocation": {"uri": _uri(path)}, "replacements": replacements}
    return {"description": {"text": f"{fix.message} ({fix.safety.value})"}, "artifactChanges": [change]}


def _region(text: str, start: int, end: int) -> dict[str, int]:
    """Line and column, because SARIF counts characters differently from Python beyond the basic plane."""
    return {
        "startLine": text.count("\n", 0, start) + 1,
        "startColumn": start - (text.rfind("\n", 0, start) + 1) + 1,
        "endLine": text.count("\n", 0, end) + 1,
        "endColumn": end - (text.rfind("\n", 0, end) + 1) + 1,
    }


def _uri(path: str) -> str:
    path = portable(path)
    if path == "-":
        return "stdin"
    return f"file://{quote(path)}" if path.startswith("/") else quote(path)
