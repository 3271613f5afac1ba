"""JUnit XML: one test case for each file, one failure for each finding."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

from lrcheck.engine import UNREADABLE
from lrcheck.report import Outcome
from lrcheck.report.text import frame, place

_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(outcome: Outcome) -> str:
    cases = []
    failures = errors = 0
    for path in sorted({result.path for result in outcome.results} | {found.path for found in outcome.diagnostics}):
        body = []
        for error in outcome.errors:
            if error.path == path:
                errors += 1
                message = f"{error.path}:{error.line or 1}: {error.message}"
                body.append(f'      <error type="{UNREADABLE.code}" message={_attribute(message)}/>')
        for found in outcome.diagnostics:
            if found.path == path:
                failures += 1
                message = f"{place(found.path, found.span)}: {found.code} {found.message}"
                text = escape(_legal(frame(found, outcome.sources)))
                body.append(f'      <failure type="{found.code}" message={_attribute(message)}>{text}</failure>')
        head = f'    <testcase classname="lrcheck" name={_attribute(path)}'
        cases.append("\n".join([f"{head}>", *body, "    </testcase>"]) if body else f"{head}/>")
    totals = f'tests="{len(cases)}" failures="{failures}" errors="{errors}"'
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f"<testsuites {totals}>",
        f'  <testsuite name="lrcheck" {totals}>',
    ]
    return "\n".join([*lines, *cases, "  </testsuite>", "</testsuites>"]) + "\n"


def _attribute(text: str) -> str:
    return quoteattr(_legal(text))


def _legal(text: str) -> str:
    return _ILLEGAL.sub("\ufffd", text)
