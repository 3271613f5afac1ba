"""`lrcheck corpus`: check a corpus of source code."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence


def corpus_command(arguments: Sequence[str]) -> int:
    """Carry out `lrcheck corpus`; returns the exit status."""
    options = _parser().parse_args(list(arguments))
    try:
        from lrcheck import corpus
    except ModuleNotFoundError as error:
        if error.name != "pyarrow":
            raise
        print('lrcheck: error: `lrcheck corpus` needs pyarrow: pip install "lrcheck[corpus]"', file=sys.stderr)
        return 2
    from lrcheck import pool
    from lrcheck.config import ConfigError, Configs
    from lrcheck.runner import processors
    from lrcheck.work import Order, checker

    try:
        configs = Configs(options.config, select=tuple(options.select or ()), ignore=tuple(options.ignore or ()))
        order = Order(configs.of_folder(os.getcwd()), alone=True)
        checker(order)  # says what is wrong with the configuration
        workers = pool.named(options.executor, options.jobs or processors())
        columns = corpus.Columns(options.path_column, options.content_column)
        tally = corpus.check_corpus(options.inputs, options.output, order, workers, columns)
    except (ConfigError, OSError, ValueError) as error:
        print(f"lrcheck: error: {error}", file=sys.stderr)
        return 2
    print(
        f"{tally.rows} rows, {tally.checked} with torch, {tally.findings} findings, "
        f"{tally.failed} could not be checked: {options.output}"
    )
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lrcheck corpus",
        description="Checks rows of (path, content) in Parquet or JSONL files; writes one row for each finding.",
        allow_abbrev=False,
    )
    parser.add_argument("inputs", nargs="+", metavar="INPUT", help="`.parquet`, or anything else as JSON lines")
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help="findings, as Parquet")
    parser.add_argument("--path-column", default="path", metavar="NAME", help="default: path")
    parser.add_argument("--content-column", default="content", metavar="NAME", help="default: content")
    parser.add_argument("--select", action="append", metavar="RULES", help="only these: codes, prefixes or names")
    parser.add_argument("--ignore", action="append", metavar="RULES", help="all but these")
    parser.add_argument("--config", metavar="FILE", help="this file instead of the nearest one")
    parser.add_argument("-j", "--jobs", type=int, default=0, metavar="N", help="processes; default: one a processor")
    parser.add_argument("--executor", metavar="URL", help="`dask://host:port`: the workers of a Dask cluster")
    return parser
