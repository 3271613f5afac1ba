"""`lrcheck check`: find the files, check or fix them, report, and choose the exit status."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from lrcheck.cache import Cache, default_folder
from lrcheck.cli.names import missing, nothing
from lrcheck.cli.progress import ProgressLine
from lrcheck.config import ConfigError, Configs
from lrcheck.discovery import Discovery
from lrcheck.findings import Diagnostic, FileError, Level, Result
from lrcheck.report import Outcome, renderer
from lrcheck.report.lines import SourceLines
from lrcheck.runner import Runner, processors
from lrcheck.sources import read_bytes

if TYPE_CHECKING:
    from typing import TextIO

    from lrcheck.fixes import Fixed

ROUNDS = 5  # of fixing; one does nearly always


def check(options: argparse.Namespace) -> int:
    """Carry out `lrcheck check`; returns the exit status."""
    absent = [path for path in options.paths if path != "-" and not os.path.lexists(path)]
    for path in absent:
        print(f"lrcheck: error: {missing(path)}", file=sys.stderr)
    present = [path for path in options.paths if path not in absent]
    try:
        if options.watch:
            from lrcheck.cli.repeating import repeat

            return repeat(lambda: once(options, present), lambda: _files(options, configs_of(options), present))
        status = once(options, present) if present else 0
    except (ConfigError, ValueError) as error:
        print(f"lrcheck: error: {error}", file=sys.stderr)
        return 2
    return max(status, 2 if absent else 0)


def once(options: argparse.Namespace, paths: Sequence[str]) -> int:
    """Check everything once and report; returns the exit status."""
    configs = configs_of(options)
    files = _files(options, configs, paths)
    if not files:
        print(f"lrcheck: warning: {nothing(paths)}", file=sys.stderr)
    sources = SourceLines()
    if options.diff:
        return _show_diff(options, configs, files, sources)
    results: Sequence[Result]
    fixed = 0
    if options.fix:
        results, fixed = _fix(options, configs, files, sources)
    else:
        results = _results(_runner(options, configs), files, sources)
    known = 0
    if options.write_baseline or options.baseline:
        results, known = _baseline(options, results, sources)
    outcome = Outcome(
        _unique(results), sources, _color(options.color), options.quiet, options.unsafe_fixes, fixed, known
    )
    report = renderer("statistics" if options.statistics else options.format)(outcome)
    _write(report, sys.stderr if options.fix and "-" in files else sys.stdout)  # the program itself is on stdout
    return _status(outcome, options)


def configs_of(options: argparse.Namespace) -> Configs:
    """Where the configuration comes from, with what the command line says instead."""
    return Configs(
        options.config,
        isolated=options.isolated,
        select=_words(options.select),
        ignore=_words(options.ignore),
        exclude=tuple(options.exclude or ()),
        target_torch=options.target_torch,
    )


def _words(given: list[str] | None) -> tuple[str, ...]:
    return tuple(word for text in given or () for word in text.replace(",", " ").split())


def _files(options: argparse.Namespace, configs: Configs, paths: Sequence[str]) -> list[str]:
    return list(Discovery(configs, force_exclude=options.force_exclude).files(paths))


def _runner(options: argparse.Namespace, configs: Configs) -> Runner:
    cache = None if options.no_cache else Cache(options.cache_dir or default_folder())
    return Runner(configs, options.verbose, options.jobs or processors(), cache, options.executor)


def _results(runner: Runner, files: list[str], sources: SourceLines) -> list[Result]:
    if "-" in files and "-" not in runner.inputs:
        runner.inputs["-"] = read_bytes("-")
        sources.remember("-", runner.inputs["-"])
    progress = runner.progress = ProgressLine()
    try:
        results = runner.results(files)
    finally:
        progress.close()
    if runner.cache is not None:
        runner.cache.tidy()
    return results


def _unique(results: Sequence[Result]) -> list[Result]:
    from lrcheck.check import unique

    return unique(results)


def _baseline(
    options: argparse.Namespace, results: Sequence[Result], sources: SourceLines
) -> tuple[Sequence[Result], int]:
    from lrcheck import baseline

    results = _unique(results)
    if options.write_baseline:
        count = baseline.keep(options.write_baseline, results, sources)
        return [replace(result, diagnostics=()) for result in results], count
    return baseline.without_known(options.baseline, results, sources)


def _fix(
    options: argparse.Namespace, configs: Configs, files: list[str], sources: SourceLines
) -> tuple[list[Result], int]:
    """Check, fix and write until nothing is left to fix: what one file gets may concern those that import it."""
    from lrcheck.fixes import has_fixes, write

    paths = [path for path in files if path != "-"]
    unwritten: dict[str, FileError] = {}
    count = 0
    for _ in range(ROUNDS):
        runner = _runner(options, configs)  # a new one: what it knows of the files is what they were
        results = _results(runner, paths, sources)
        wanted = [result.path for result in results if has_fixes(result, unsafe=options.unsafe_fixes)]
        changed = [
            fixed
            for fixed in runner.fixed([path for path in wanted if path not in unwritten], unsafe=options.unsafe_fixes)
            if fixed.changed
        ]
        for fixed in changed:
            try:
                write(fixed.path, fixed.after)
                count += fixed.count
            except OSError as error:
                message = f"cannot be written: {error.strerror or error}"
                unwritten[fixed.path] = FileError(fixed.path, message, internal=True)
        if not changed:
            break
    results += [Result(path, errors=(error,)) for path, error in unwritten.items()]
    if "-" in files:
        fixed = _fixed_input(options, configs)
        sys.stdout.buffer.write(fixed.after)
        sources.remember("-", fixed.after)
        results.append(fixed.result)
        count += fixed.count
    return results, count


def _fixed_input(options: argparse.Namespace, configs: Configs) -> Fixed:
    """Standard input with the fixes."""
    from lrcheck.fixes import fix_file
    from lrcheck.work import checker

    return fix_file("-", checker(_runner(options, configs).order("-")), unsafe=options.unsafe_fixes)


def _show_diff(options: argparse.Namespace, configs: Configs, files: list[str], sources: SourceLines) -> int:
    from lrcheck.fixes import diff, has_fixes

    runner = _runner(options, configs)
    results = _results(runner, [path for path in files if path != "-"], sources)
    wanted = [result.path for result in results if has_fixes(result, unsafe=options.unsafe_fixes)]
    everything = list(runner.fixed(wanted, unsafe=options.unsafe_fixes))
    if "-" in files:
        everything.append(_fixed_input(options, configs))
    changed = [fixed for fixed in everything if fixed.changed]
    for fixed in changed:
        _write(diff(fixed))
    errors = [error for result in results for error in result.errors]
    for error in errors:
        print(f"lrcheck: {ascii(error.path)[1:-1]}: {error.message}", file=sys.stderr)
    if any(error.internal for error in errors):
        return 2
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


def _write(text: str, stream: TextIO | None = None) -> None:
    """Write text whatever the terminal can show: what it cannot is escaped."""
    out = stream or sys.stdout
    encoding = out.encoding or "utf-8"
    out.flush()
    out.buffer.write(text.encode(encoding, "backslashreplace"))
    out.buffer.flush()
