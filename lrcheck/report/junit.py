"""JUnit XML: a test suite for each file, a failed test case for each finding; a clean file is one test that passed.

One finding a test case, because readers of the format show the first failure of a test case alone. Attributes that the
schema of the format requires and a checker does not have (time, host) are constants, so that equal runs give equal text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from lrcheck.engine import UNREADABLE
from lrcheck.findings import Diagnostic, FileError
from lrcheck.report import Outcome
from lrcheck.report.text import frame, place

_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CONSTANT = 'hostname="localhost" timestamp="1970-01-01T00:00:00" time="0"'


def render(outcome: Outcome) -> str:
    paths = sorted(
        {result.path for result in outcome.results}
        | {found.path for found in outcome.diagnostics}
        | {error.path for error in outcome.errors}
    )
    errors: dict[str, list[FileError]] = {}
    for error in outcome.errors:
        errors.setdefault(error.path, []).append(error)
    findings: dict[str, list[Diagnostic]] = {}
    for found in outcome.diagnostics:
        findings.setdefault(found.path, []).append(found)
    lines = ['<?xml version="1.0" encoding="utf-8"?>', "<testsuites>"]
    for number, path in enumerate(paths):
        cases = [_error(error) for error in errors.get(path, ())]
        cases += [_failure(found, outcome) for found in findings.get(path, ())]
        counts = f'failures="{len(findings.get(path, ()))}" errors="{len(errors.get(path, ()))}"'
        lines += _suite(number, path, counts, cases or [f"{_case(path, 'nothing found')}/>"])
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _suite(number: int, path: str, counts: str, cases: list[str]) -> Iterator[str]:
    name = _attribute(path)
    yield f'  <testsuite id="{number}" package="lrcheck" name={name} tests="{len(cases)}" {counts} {_CONSTANT}>'
    yield "    <properties/>"
    yield from cases
    yield "    <system-out/>"
    yield "    <system-err/>"
    yield "  </testsuite>"


def _error(error: FileError) -> str:
    code = "internal error" if error.internal else UNREADABLE.code
    message = f"{error.path}:{error.line or 1}: {error.message}"
    start = _case(error.path, f"{code} {error.path}:{error.line or 1}")
    return f'{start}>\n      <error type="{code}" message={_attribute(message)}/>\n    </testcase>'


def _failure(found: Diagnostic, outcome: Outcome) -> str:
    where = place(found.path, found.span)
    start = _case(found.path, f"{found.code} {found.name} {where}")
    text = escape(_legal(frame(found, outcome.sources)))
    message = _attribute(f"{where}: {found.code} {found.message}")
    return f'{start}>\n      <failure type="{found.code}" message={message}>{text}</failure>\n    </testcase>'


def _case(path: str, name: str) -> str:
    return f'    <testcase classname={_attribute(path)} name={_attribute(name)} time="0"'


def _attribute(text: str) -> str:
    return quoteattr(_legal(text))


def _legal(text: str) -> str:
    return _ILLEGAL.sub("\ufffd", text)
