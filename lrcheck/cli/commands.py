"""The commands, their options, and who carries them out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from lrcheck import __version__
from lrcheck.cli.names import OTHERS, unknown_options
from lrcheck.report import FORMATS

_EPILOG = """commands:
  lrcheck [check] PATH...      check files, folders, notebooks, Markdown; `-` is standard input
  lrcheck run SCRIPT ARGS...   run a training script and report what goes wrong while it trains
  lrcheck explain RULE         what a rule reports, why, and what to do
  lrcheck rules                every rule
  lrcheck config [PATH]        the configuration in force, and where it comes from
  lrcheck corpus INPUT -o OUT  check a corpus of source code in Parquet or JSONL
  lrcheck lsp                  diagnostics and fixes for editors
  lrcheck events FILE          a program as the rules see it
  lrcheck prove [RULE]         train pairs of programs, with and without a mistake, and measure what it costs

exit status: 0 nothing found, 1 findings, 2 wrong usage or an internal error
"""


def dispatch(arguments: Sequence[str]) -> int:
    """Run the command that the first argument names, `check` without one."""
    if arguments and arguments[0] == "run":
        from lrcheck.cli.run import run

        return run(arguments[1:])
    if arguments and arguments[0] == "prove":
        from lrcheck.cli.proving import prove_command

        return prove_command(arguments[1:])
    if arguments and arguments[0] == "corpus":
        from lrcheck.cli.corpus import corpus_command

        return corpus_command(arguments[1:])
    if arguments and arguments[0] in OTHERS:
        return _other(arguments[0], arguments[1:])
    if arguments and arguments[0] == "check":
        arguments = arguments[1:]
    parser = _check_parser()
    options, unknown = parser.parse_known_args(arguments)
    if unknown:
        parser.error(unknown_options(unknown, [name for action in parser._actions for name in action.option_strings]))
    if not options.paths:
        parser.print_usage(sys.stderr)
        print("lrcheck: error: which files? try `lrcheck train.py` or `lrcheck .`", file=sys.stderr)
        return 2
    from lrcheck.cli.checking import check

    return check(options)


def _check_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lrcheck",
        description="Finds the mistakes that make PyTorch training wrong without making it crash.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files and folders; `-` is standard input")
    parser.add_argument("--version", "-V", action="version", version=f"lrcheck {__version__}")
    rules = parser.add_argument_group("rules")
    rules.add_argument("--select", action="append", metavar="RULES", help="only these: codes, prefixes or names")
    rules.add_argument("--ignore", action="append", metavar="RULES", help="all but these")
    _add_configuration(parser)
    fixing = parser.add_argument_group("fixing")
    fixing.add_argument("--fix", action="store_true", help="apply the safe fixes")
    fixing.add_argument("--unsafe-fixes", action="store_true", help="also those that change training results")
    fixing.add_argument("--diff", action="store_true", help="show what would be fixed, write nothing")
    output = parser.add_argument_group("output")
    output.add_argument("--format", choices=FORMATS, default="text", metavar="FORMAT", help=", ".join(FORMATS))
    output.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="default: auto")
    output.add_argument(
        "-v", "--verbose", action="store_true", help="also say what was skipped or not decided, and why"
    )
    output.add_argument("-q", "--quiet", action="store_true", help="no summary")
    output.add_argument("--statistics", action="store_true", help="only how often each rule found something")
    output.add_argument("--watch", action="store_true", help="check again whenever a file changes")
    _add_speed(parser)
    status = parser.add_argument_group("exit status")
    status.add_argument("--strict", action="store_true", help="findings of level info count, too")
    status.add_argument("--exit-zero", action="store_true", help="0 whatever is found")
    return parser


def _add_configuration(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("configuration")
    group.add_argument("--config", metavar="FILE", help="this file instead of the nearest one")
    group.add_argument("--isolated", action="store_true", help="no configuration file at all")
    group.add_argument("--target-torch", metavar="VERSION", help="the release of torch that the programs run on")
    group.add_argument("--exclude", action="append", metavar="PATTERN", help="files and folders to leave out")
    group.add_argument("--force-exclude", action="store_true", help="leave them out even where they are named")
    group.add_argument("--baseline", metavar="FILE", help="report only what is not in this baseline")
    group.add_argument("--write-baseline", metavar="FILE", help="make all findings of this run a baseline")


def _add_speed(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("speed")
    group.add_argument("-j", "--jobs", type=_count, default=0, metavar="N", help="processes; default: one a processor")
    group.add_argument("--no-cache", action="store_true", help="check everything again")
    group.add_argument("--cache-dir", metavar="FOLDER", help="default: in the user's cache folder")
    group.add_argument("--executor", metavar="URL", help="`dask://host:port`: workers of a cluster that sees the files")


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError(text)
    return number


_count.__name__ = "number"  # argparse says so


def _other(command: str, arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog=f"lrcheck {command}", allow_abbrev=False)
    run: Any
    if command == "explain":
        from lrcheck.cli.explaining import explain as run

        parser.description = "What a rule reports, why, and what to do."
        parser.add_argument("rule", nargs="+", metavar="RULE", help="code or name")
    elif command == "rules":
        from lrcheck.cli.explaining import list_rules as run

        parser.description = "Every rule: code, level, name, title."
    elif command == "config":
        from lrcheck.cli.configuring import show_config as run

        parser.description = "The configuration in force for a file or folder, and where it comes from."
        parser.add_argument("path", nargs="?", default=".", metavar="PATH")
    elif command == "lsp":
        from lrcheck.cli.serving import serve as run

        parser.description = "A language server on standard input and output, for editors."
        parser.add_argument("--stdio", action="store_true", help="the only way; accepted because editors pass it")
    else:
        from lrcheck.cli.events import show_events as run

        parser.description = "A program as the rules see it: every event with its facts, and what was not decided."
        parser.add_argument("path", metavar="FILE")
    status: int = run(parser.parse_args(arguments))
    return status
