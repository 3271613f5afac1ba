"""Annotations of GitHub Actions: `::error file=...,line=...::message`."""

from __future__ import annotations

from lrcheck.engine import UNREADABLE
from lrcheck.findings import Level
from lrcheck.report import Outcome
from lrcheck.report.places import cell, portable
from lrcheck.report.text import advice

_COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "notice"}


def render(outcome: Outcome) -> str:
    lines = []
    for error in outcome.errors:
        title = "lrcheck" if error.internal else f"{UNREADABLE.code} {UNREADABLE.name}"
        place = f"file={_property(portable(error.path))},line={error.line or 1},title={_property(title)}"
        lines.append(f"::error {place}::{_data(error.message)}")
    for found in outcome.diagnostics:
        span = found.span
        place = f"file={_property(portable(found.path))},line={span.line},endLine={span.end_line}"
        in_cell = cell(found.path, span)
        if span.line == span.end_line and not in_cell:
            place += f",col={span.column},endColumn={span.end_column}"
        title = _property(f"{found.code} {found.name}{f' ({in_cell})' if in_cell else ''}")
        text = "\n".join(filter(None, (found.message, found.note, advice(found))))
        lines.append(f"::{_COMMANDS[found.level]} {place},title={title}::{_data(text)}")
    return "\n".join(lines) + "\n" if lines else ""


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
