"""`lrcheck prove`: what mistakes cost, measured by training the pairs of programs."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from lrcheck.proof import comparing, evidence, page, table
from lrcheck.proof.claims import HOLDING
from lrcheck.proof.pairs import Pair, UnknownPairError, selected
from lrcheck.proof.proving import Plan, is_current, prove
from lrcheck.proof.runs import LIMIT, CannotRunError, devices, embedded_data
from lrcheck.rule import discover

_BAR = 24
_DESCRIPTION = """Train pairs of programs, with and without a mistake, side by side; say what the mistake costs.

What is finished is kept in the output file and not done again until a program changes."""


def prove_command(arguments: Sequence[str]) -> int:
    """Exit status: 0 every claim holds, 1 one does not, 2 wrong usage or nothing can be run."""
    options = _parser().parse_args(arguments)
    try:
        return _proven(options)
    except (UnknownPairError, CannotRunError, evidence.EvidenceError, OSError, ValueError) as error:
        print(f"lrcheck: error: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="lrcheck prove", description=_DESCRIPTION, formatter_class=form, allow_abbrev=False
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="a code, rule, seed or folder, `references`, `all` (the default)"
    )
    parser.add_argument("--seeds", type=_at_least_one, default=5, metavar="N", help="default: %(default)s")
    parser.add_argument(
        "--jobs", type=_at_least_one, default=os.cpu_count() or 1, metavar="N", help="default: one a core"
    )
    parser.add_argument(
        "--device", default="cpu", help="for the references and what looks for a GPU: cpu, cuda, mps, auto"
    )
    parser.add_argument("--compare", metavar="DEVICE", help="run the references on both devices and compare")
    parser.add_argument(
        "--output", type=Path, default=Path("evidence.json"), metavar="FILE", help="default: %(default)s"
    )
    parser.add_argument("--html", type=Path, metavar="FILE", help="also write a page with learning curves")
    parser.add_argument("--readme", type=Path, metavar="FILE", help="renew the tables of a Markdown file")
    parser.add_argument("--force", action="store_true", help="also run what is finished")
    parser.add_argument(
        "--limit", type=float, default=LIMIT, metavar="SECONDS", help="for a program; default: %(default)s"
    )
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="read MNIST there; default: the embedded digits")
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress bar, only what does not hold")
    return parser


def _proven(options: argparse.Namespace) -> int:
    rules = list(discover())
    pairs = selected(options.names, rules)
    machine = devices()
    missing = [name for name in (options.device, options.compare) if name not in {None, "auto", *machine}]
    if missing and options.compare:
        print(f"skipped: --device {missing[0]}: this machine (or this build of torch) has none")
        return 0
    if missing:
        raise CannotRunError(f"--device {missing[0]}: this machine (or this build of torch) has none")
    device = (
        next(name for name in ("cuda", "mps", "cpu") if name in machine) if options.device == "auto" else options.device
    )
    kept = evidence.read(options.output)
    with embedded_data() as embedded:
        data = options.data_dir.resolve() if options.data_dir else embedded
        plan = Plan(options.seeds, options.jobs, device, machine, data, options.limit)
        if options.compare:
            return _compared(options, plan, pairs, kept)
        _run(options, plan, pairs, rules, kept)
    return _reported(options, pairs, rules, kept)


def _run(options: argparse.Namespace, plan: Plan, pairs: list[Pair], rules: list[Any], kept: dict[str, Any]) -> None:
    """Prove what is not finished; each pair is kept as soon as it is."""
    known = kept["pairs"]
    todo = [pair for pair in pairs if options.force or not is_current(pair, known.get(pair.name), plan)]
    kept["machine"] = _described(plan)
    for pair, entry in _watched(prove(todo, rules, plan), len(todo), quiet=options.quiet):
        known[pair.name] = entry
        evidence.write(options.output, kept)
    there = {pair.name for pair in selected(["all"], rules)}
    kept["pairs"] = {name: entry for name, entry in known.items() if name in there}
    evidence.write(options.output, kept)


def _reported(options: argparse.Namespace, pairs: list[Pair], rules: list[Any], kept: dict[str, Any]) -> int:
    """Print the table, write the pages, and say whether every claim holds."""
    entries = {pair.name: kept["pairs"][pair.name] for pair in pairs}
    failed = {name: entry for name, entry in entries.items() if entry["kind"] not in HOLDING}
    shown = failed if options.quiet else entries
    if shown:
        print(table.table(shown))
    print(("\n" if shown else "") + table.summary(entries))
    if options.html:
        options.html.write_text(page.page(entries, kept["machine"], rules), encoding="utf-8")
        print(f"Learning curves: {options.html}")
    if options.readme:
        text = options.readme.read_text(encoding="utf-8")
        text = table.renewed(text, "evidence", table.readme_rules(rules, kept["pairs"]))
        text = table.renewed(text, "references", table.readme_references(kept["pairs"]))
        options.readme.write_text(text, encoding="utf-8")
    return 1 if failed else 0


def _compared(options: argparse.Namespace, plan: Plan, pairs: list[Pair], kept: dict[str, Any]) -> int:
    """The reference implementations on two devices, number by number."""
    references = [pair for pair in pairs if pair.is_reference]
    rows = []
    for row in comparing.compare(references, plan, options.compare):
        rows.append(row)
        print(row.text, flush=True)
    kept["devices"][plan.machine[plan.device]] = {row.name: row.metrics for row in rows}
    kept["machine"] = kept["machine"] or _described(plan)
    evidence.write(options.output, kept)
    failed = sum(not row.agrees for row in rows)
    verdict = "all agree" if not failed else f"{failed} do not agree"
    print(f"{len(rows)} programs on {plan.machine[plan.device]} and {options.compare}: {verdict}.")
    return 1 if failed else 0


def _described(plan: Plan) -> dict[str, str]:
    """Where the figures come from."""
    about = {"python": platform.python_version(), "torch": plan.machine["torch"], "cpu": _processor()}
    if plan.device != "cpu":
        about[plan.device] = plan.machine[plan.device]
    return about


def _processor() -> str:
    """The name of the processor, as far as it has one."""
    with suppress(OSError), open("/proc/cpuinfo", encoding="utf-8") as lines:
        name = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
        if name:
            return name
    return platform.processor() or platform.machine()


def _watched(finished: Iterator[Any], total: int, *, quiet: bool) -> Iterator[Any]:
    """The same items, with a progress bar where someone is watching."""
    if quiet or not sys.stderr.isatty():
        yield from finished
        return
    start = time.monotonic()
    sys.stderr.write(f"\r[{'.' * _BAR}] 0/{total}")
    for done, item in enumerate(finished, 1):
        yield item
        filled = _BAR * done // total
        left = (time.monotonic() - start) / done * (total - done)
        bar = f"[{'#' * filled}{'.' * (_BAR - filled)}] {done}/{total}"
        sys.stderr.write(f"\r\x1b[K{bar}, about {left:.0f} s left: {item[0].name}")
        sys.stderr.flush()
    sys.stderr.write("\r\x1b[K")


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number
