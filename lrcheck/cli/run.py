"""`lrcheck run train.py --its-args`: run a script as `python` would, and report what goes wrong while it trains."""

from __future__ import annotations

import argparse
import gc
import os
import runpy
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from types import CodeType, ModuleType, TracebackType
from typing import Any

from lrcheck.findings import Diagnostic, Level, Result
from lrcheck.report import FORMATS, Outcome, renderer
from lrcheck.report.lines import SourceLines
from lrcheck.report.text import place

_PACKAGE = os.path.join(os.path.dirname(os.path.dirname(__file__)), "")
LEVELS = {"error": Level.ERROR, "warning": Level.WARNING, "info": Level.INFO}


def run(arguments: Sequence[str]) -> int:
    """Carry out `lrcheck run`; returns the exit status of the program, or 1 where `--fail-on` says so."""
    options = _parser().parse_args(list(arguments))
    if not options.program:
        _parser().error("which program? try `lrcheck run train.py` or `lrcheck run -m package.module`")
    if options.output and options.format == "text":
        options.format = "json"
    program = _program(options)
    if program is None:
        print(f"lrcheck: error: cannot read {ascii(options.program[0])[1:-1]}", file=sys.stderr)
        return 2
    try:
        from lrcheck.runtime import watch
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        print("lrcheck: error: `lrcheck run` needs torch: pip install torch", file=sys.stderr)
        return 2
    gc.enable()  # the command line works without it, a training run does not
    watched = watch(ignore=_names(options.ignore), on_finding=_shown)
    watched.limit = options.steps
    status = _watched(program, watched)
    return _finish(options, watched, status)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lrcheck run",
        usage="lrcheck run [options] SCRIPT [ARGUMENT ...] | -m MODULE [ARGUMENT ...]",
        description="Runs a training script as `python` would and reports, on stderr, what goes wrong while it trains.",
        allow_abbrev=False,
    )
    parser.add_argument("-m", dest="module", action="store_true", help="the program is a module, as in `python -m`")
    parser.add_argument("--steps", type=int, metavar="N", help="stop the program after N optimizer steps")
    parser.add_argument("--ignore", action="append", metavar="RULES", help="codes, prefixes or names, comma-separated")
    parser.add_argument("--fail-on", choices=tuple(LEVELS), help="exit with 1 where a finding is at least this bad")
    parser.add_argument("--format", choices=FORMATS, default="text", metavar="FORMAT", help=", ".join(FORMATS))
    parser.add_argument("--output", metavar="FILE", help="write the findings there when the program has ended")
    parser.add_argument("-q", "--quiet", action="store_true", help="no summary")
    parser.add_argument("program", nargs=argparse.REMAINDER, metavar="PROGRAM", help="the script and its arguments")
    return parser


def _names(options: Sequence[str] | None) -> tuple[str, ...]:
    return tuple(name.strip() for option in options or () for name in option.split(",") if name.strip())


# -- running the program ------------------------------------------------------------------------------------------------
def _program(options: argparse.Namespace) -> Callable[[], object] | None:
    """A function that runs the program, with `sys.argv` and `sys.path` as it expects them."""
    name, sys_argv = options.program[0], list(options.program)
    if options.module:
        sys.path.insert(0, os.getcwd())
        sys.argv = sys_argv
        return lambda: runpy.run_module(name, run_name="__main__", alter_sys=True)
    path = os.path.join(name, "__main__.py") if os.path.isdir(name) else name
    code = _compiled(path)
    if code is None:
        return None
    sys.argv = sys_argv
    sys.path.insert(0, name if os.path.isdir(name) else os.path.dirname(os.path.realpath(path)))
    return lambda: _execute(path, code)


def _compiled(path: str) -> CodeType | None:
    try:
        with open(path, "rb") as file:
            source = file.read()
    except OSError:
        return None
    try:
        return compile(source, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        traceback.print_exc(limit=0)
        raise SystemExit(1) from None


def _execute(path: str, code: CodeType) -> None:
    """Run the code as the module `__main__`; it stays there, for workers that are started by name."""
    module = ModuleType("__main__")
    module.__dict__.update({"__file__": path, "__builtins__": __builtins__, "__cached__": None})
    sys.modules["__main__"] = module
    exec(code, module.__dict__)  # noqa: S102  # the user asked to run it


def _watched(program: Callable[[], object], watched: Any) -> int:
    """Run to the end, and say how it ended, as `python` does."""
    try:
        with watched:
            program()
    except SystemExit as ended:
        return _exit_status(ended)
    except KeyboardInterrupt:
        return -signal.SIGINT
    except BaseException as error:  # noqa: BLE001  # whatever ends the program is shown as python shows it
        sys.stdout.flush()
        _keep_own(error)
        traceback.print_exception(error)
        return 1
    return 0


def _exit_status(ended: SystemExit) -> int:
    if ended.code is None:
        return 0
    if isinstance(ended.code, int):
        return ended.code
    print(ended.code, file=sys.stderr)
    return 1


def _keep_own(error: BaseException) -> None:
    """Leave in the tracebacks what they would hold without a watch: from the program's first line on, none of our frames."""
    pending, seen = [error], set[int]()
    while pending:
        one = pending.pop()
        if id(one) not in seen:
            seen.add(id(one))
            one.__traceback__ = _own(one.__traceback__) or one.__traceback__
            pending.extend(each for each in (one.__cause__, one.__context__) if each is not None)


def _own(trace: TracebackType | None) -> TracebackType | None:
    """The traceback without frames of ours, or of what starts the program."""
    entries, kept = [], None
    while trace is not None:
        entries.append(trace)
        trace = trace.tb_next
    for each in reversed(entries):
        if not each.tb_frame.f_code.co_filename.startswith((_PACKAGE, runpy.__file__, "<frozen runpy")):
            kept = TracebackType(kept, each.tb_frame, each.tb_lasti, each.tb_lineno)
    return kept


# -- saying what was found ------------------------------------------------------------------------------------------------
def _shown(report: Any) -> None:
    """A new finding: on stderr, while the program goes on."""
    sys.stdout.flush()
    print(f"\n{report.text()}\n", file=sys.stderr, flush=True)


def _finish(options: argparse.Namespace, watched: Any, status: int) -> int:
    found: list[Diagnostic] = watched.diagnostics
    sys.stdout.flush()
    if _speaks():
        _report(options, watched, found)
    if status == -signal.SIGINT:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    worst = LEVELS.get(options.fail_on or "")
    order = list(Level)
    if status == 0 and worst is not None and any(order.index(each.level) <= order.index(worst) for each in found):
        return 1
    return status


def _speaks() -> bool:
    from lrcheck.runtime.health.distributed import speaks

    return speaks()


def _report(options: argparse.Namespace, watched: Any, found: list[Diagnostic]) -> None:
    if options.output or options.format != "text":
        by_path: dict[str, list[Diagnostic]] = {}
        for each in found:
            by_path.setdefault(each.path, []).append(each)
        results = [Result(path, tuple(each)) for path, each in by_path.items()]
        _write(options.output, renderer(options.format)(Outcome(results, SourceLines(), quiet=True)))
    if not options.quiet:
        print(_summary(watched), file=sys.stderr, flush=True)


def _write(path: str | None, text: str) -> None:
    if path is None:
        sys.stderr.write(text)
        return
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def _summary(watched: Any) -> str:
    """One line for each finding that was seen again, and one for the run."""
    lines = [
        f"{place(each.diagnostic.path, each.diagnostic.span)}: {each.diagnostic.code} {each.diagnostic.name}, "
        f"first in step {each.step}, seen {each.count} times"
        for each in watched.reports
        if each.count > 1
    ]
    counts = ", ".join(
        f"{number} {level.value}{'s' if number > 1 and level is not Level.INFO else ''}"
        for level in Level
        if (number := sum(each.level is level for each in watched.diagnostics))
    )
    steps = f"{watched.steps} step{'' if watched.steps == 1 else 's'}"
    return "\n".join([*lines, f"lrcheck: {steps} watched, {counts or 'nothing found'}"])
