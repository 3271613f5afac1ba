"""GitLab code quality: a list of issues with stable fingerprints."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from lrcheck.engine import UNREADABLE
from lrcheck.findings import Level
from lrcheck.report import Outcome

_SEVERITIES = {Level.ERROR: "major", Level.WARNING: "minor", Level.INFO: "info"}


def render(outcome: Outcome) -> str:
    seen: dict[str, int] = {}
    issues = [
        _issue("internal-error" if error.internal else UNREADABLE.name, error.message, error.path, error.line or 1)
        | {"severity": "critical", "fingerprint": _fingerprint(seen, error.path, UNREADABLE.code, error.message)}
        for error in outcome.errors
    ]
    issues += [
        _issue(found.name, f"{found.code}: {found.message}", found.path, found.span.line)
        | {
            "severity": _SEVERITIES[found.level],
            "fingerprint": _fingerprint(
                seen, found.path, found.code, outcome.sources.line(found.path, found.span.line).strip()
            ),
        }
        for found in outcome.diagnostics
    ]
    return json.dumps(issues, indent=2) + "\n"


def _issue(name: str, description: str, path: str, line: int) -> dict[str, Any]:
    return {
        "type": "issue",
        "check_name": name,
        "description": description,
        "categories": ["Bug Risk"],
        "location": {"path": path, "lines": {"begin": line}},
    }


def _fingerprint(seen: dict[str, int], *parts: str) -> str:
    """Made of the text of the line, not of its number, so that it survives edits above it."""
    key = "\0".join(parts)
    seen[key] = seen.get(key, 0) + 1
    return hashlib.sha256(f"{key}\0{seen[key]}".encode("utf-8", "replace")).hexdigest()
