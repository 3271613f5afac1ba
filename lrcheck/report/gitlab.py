"""GitLab code quality: a list of issues with stable fingerprints."""

from __future__ import annotations

import json
from typing import Any

from lrcheck.engine import UNREADABLE
from lrcheck.findings import Diagnostic, Level
from lrcheck.report import Outcome
from lrcheck.report.places import Fingerprints, cell, portable

_SEVERITIES = {Level.ERROR: "major", Level.WARNING: "minor", Level.INFO: "info"}


def render(outcome: Outcome) -> str:
    fingerprints = Fingerprints(outcome.sources)
    issues = [
        _issue("internal-error" if error.internal else UNREADABLE.name, error.message, error.path, error.line or 1)
        | {"severity": "critical", "fingerprint": fingerprints.of(portable(error.path), UNREADABLE.code, error.message)}
        for error in outcome.errors
    ]
    issues += [
        _issue(found.name, _description(found), found.path, found.span.line)
        | {
            "severity": _SEVERITIES[found.level],
            "fingerprint": fingerprints.of_line(found.path, found.code, found.span),
        }
        for found in outcome.diagnostics
    ]
    return json.dumps(issues, indent=2) + "\n"


def _description(found: Diagnostic) -> str:
    return f"{found.code}: {': '.join(filter(None, (cell(found.path, found.span), found.message)))}"


def _issue(name: str, description: str, path: str, line: int) -> dict[str, Any]:
    return {
        "type": "issue",
        "check_name": name,
        "description": description,
        "categories": ["Bug Risk"],
        "location": {"path": portable(path), "lines": {"begin": line}},
    }
