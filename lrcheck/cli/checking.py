"""`lrcheck check`: find the files, check or fix them, report, and choose the exit status."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace

from lrcheck.cache import Cache, default_folder
from lrcheck.cli.progress import ProgressLine
from lrcheck.config import ConfigError, Configs
from lrcheck.discovery import Discovery
from lrcheck.findings import Diagnostic, FileError, Level, Result
from lrcheck.report import Outcome, renderer
from lrcheck.report.lines import SourceLines
from lrcheck.runner import Runner, processors
from lrcheck.sources import read_bytes


def check(options: argparse.Namespace) -> int:
    """Carry out `lrcheck check`; returns the exit status."""
    missing = [path for path in options.paths if path != "-" and not os.path.lexists(path)]
    for path in missing:
        print(f"lrcheck: error: no such file or folder: {ascii(path)[1:-1]}", file=sys.stderr)
    present = [path for path in options.paths if path not in missing]
    try:
        if options.watch:
            from lrcheck.cli.repeating import repeat

            return repeat(lambda: once(options, present), lambda: _files(options, configs_of(options), present))
        status = once(options, present) if present else 0
    except (ConfigError, ValueError) as error:
        print(f"lrcheck: error: {error}", file=sys.stderr)
        return 2
    return max(status, 2 if missing else 0)


def once(options: argparse.Namespace, paths: Sequence[str]) -> int:
    """Check everything once and report; returns the exit status."""
    configs = configs_of(options)
    files = _files(options, configs, paths)
    sources = SourceLines()
    if options.diff:
        return _show_diff(options, _runner(options, configs), files)
    results: Sequence[Result]
    results, fixed = _fix(options, configs, files) if options.fix else (_results(options, configs, files, sources), 0)
    known = 0
    if options.write_baseline or options.baseline:
        results, known = _baseline(options, results, sources)
    outcome = Outcome(
        _unique(results), sources, _color(options.color), options.quiet, options.unsafe_fixes, fixed, known
    )
    _write(renderer("statistics" if options.statistics else options.format)(outcome))
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


def _results(options: argparse.Namespace, configs: Configs, files: list[str], sources: SourceLines) -> list[Result]:
    runner = _runner(options, configs)
    if "-" in files:
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


def _fix(options: argparse.Namespace, configs: Configs, paths: list[str]) -> tuple[list[Result], int]:
    from lrcheck.fixes import fix_file, write
    from lrcheck.work import checker

    runner = _runner(options, configs)
    results = []
    count = 0
    for path in paths:
        fixed = fix_file(path, checker(runner.order(path)), unsafe=options.unsafe_fixes)
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


def _show_diff(options: argparse.Namespace, runner: Runner, paths: list[str]) -> int:
    from lrcheck.fixes import diff, fix_file
    from lrcheck.work import checker

    changed = 0
    for path in paths:
        fixed = fix_file(path, checker(runner.order(path)), unsafe=options.unsafe_fixes)
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
