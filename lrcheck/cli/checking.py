"""`lrcheck check`: find the files, check or fix them, report, and choose the exit status."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Iterable, Iterator

from lrcheck.check import Checker, Settings, names_of, unique
from lrcheck.cli.selecting import UnknownRuleError, every_rule, selected
from lrcheck.findings import Diagnostic, FileError, Level, Result
from lrcheck.report import Outcome, renderer
from lrcheck.report.lines import SourceLines
from lrcheck.rule import Rule
from lrcheck.sources import find_files, read_bytes


def check(options: argparse.Namespace) -> int:
    """Carry out `lrcheck check`; returns the exit status."""
    try:
        checker = _checker(options)
    except UnknownRuleError as error:
        print(f"lrcheck: error: {error}", file=sys.stderr)
        return 2
    missing = [path for path in options.paths if path != "-" and not os.path.lexists(path)]
    for path in missing:
        print(f"lrcheck: error: no such file or folder: {ascii(path)[1:-1]}", file=sys.stderr)
    paths = list(files(path for path in options.paths if path not in missing))
    sources = SourceLines()
    if options.diff:
        return _show_diff(options, checker, paths) or (2 if missing else 0)
    results, fixed = _results(options, checker, paths, sources)
    if not results and missing:
        return 2
    outcome = Outcome(results, sources, _color(options.color), options.quiet, options.unsafe_fixes, fixed)
    _write(renderer(options.format)(outcome))
    return max(_status(outcome, options), 2 if missing else 0)


def files(paths: Iterable[str]) -> Iterator[str]:
    """Each file once, folders opened, in the order given."""
    seen: set[str] = set()
    for path in paths:
        for found in find_files(path) if os.path.isdir(path) else (path,):
            key = os.path.realpath(found) if found != "-" else found
            if key not in seen:
                seen.add(key)
                yield found


def _checker(options: argparse.Namespace) -> Checker:
    rules = every_rule()
    codes = selected(rules, options.select, options.ignore)
    settings = Settings(codes, names_of(rule for rule in rules), options.verbose)
    return Checker([rule for rule in rules if isinstance(rule, Rule)], settings)


def _results(
    options: argparse.Namespace, checker: Checker, paths: list[str], sources: SourceLines
) -> tuple[list[Result], int]:
    if options.fix:
        return _fix(options, checker, paths)
    results = []
    for number, path in enumerate(paths, 1):
        if path == "-":
            data = read_bytes(path)
            sources.remember("-", data)
            results.append(checker.check_bytes("-", data))
        else:
            results.append(checker.check_path(path))
        if number % 200 == 0:
            gc.collect()
    return unique(results), 0


def _fix(options: argparse.Namespace, checker: Checker, paths: list[str]) -> tuple[list[Result], int]:
    from lrcheck.fixes import fix_file, write

    results = []
    count = 0
    for path in paths:
        fixed = fix_file(path, checker, unsafe=options.unsafe_fixes)
        result = fixed.result
        if path == "-":
            sys.stdout.buffer.write(fixed.after)
        elif fixed.changed:
            try:
                write(path, fixed.after)
                count += fixed.count
            except OSError as error:
                message = f"cannot be written: {error.strerror or error}"
                result = Result(path, errors=(FileError(path, message, internal=True),))
        results.append(result)
    return results, count


def _show_diff(options: argparse.Namespace, checker: Checker, paths: list[str]) -> int:
    from lrcheck.fixes import diff, fix_file

    changed = 0
    for path in paths:
        fixed = fix_file(path, checker, unsafe=options.unsafe_fixes)
        if fixed.changed:
            changed += 1
            _write(diff(fixed))
    return 1 if changed and not options.exit_zero else 0


def _status(outcome: Outcome, options: argparse.Namespace) -> int:
    if any(error.internal for error in outcome.errors):
        return 2
    if options.exit_zero:
        return 0
    failing = any(_fails(found, strict=options.strict) for found in outcome.diagnostics)
    return 1 if failing or outcome.errors else 0


def _fails(found: Diagnostic, *, strict: bool) -> bool:
    return strict or found.level is not Level.INFO


def _color(choice: str) -> bool:
    """Colours on a terminal only; NO_COLOR and FORCE_COLOR as everywhere."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def _write(text: str) -> None:
    """Write text whatever the terminal can show: what it cannot is escaped."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode(encoding, "backslashreplace"))
    sys.stdout.buffer.flush()
