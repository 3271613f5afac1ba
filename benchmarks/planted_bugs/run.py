"""Planted bugs: what each tool finds in complete little training programs that have one bug each, or none.

    python benchmarks/planted_bugs/run.py [--set a] [--only NAME] [--clean] [--tools lrcheck,torcheck,torch-audit] [-v]

`a/` was used to improve the observer; the other sets were written afterwards and run untouched before they were
used, too. `bugs/` holds programs with one bug; their header names the codes that count as its detection. `clean/` holds
programs without; whatever is reported there is a false alarm. No program knows of any tool: each runs in a process of its own
(forked, so that torch is imported once), as it is, and the tools are put around it from outside, with all their checks on:

* lrcheck: `lrcheck run PROGRAM`, and `lrcheck check PROGRAM` for the static side;
* torcheck 1.0.1: every optimizer and every module registered, parameters must change, neither NaN nor infinity anywhere, and
  where the header says `logits`, the check that the output is not confined to (0, 1);
* torch-audit 0.3.0: `autopatch` on every root module, audited in every step, rules of severity WARN and above but its hints
  about hardware.

A report of a peer counts as a detection if it is of a kind that fits the bug (`MEANS`): generous, since such a report does not
name the cause. The peers are optional: `pip install --no-deps torcheck torch-audit` and `pip install rich`. TrainCheck
infers invariants from several runs of the correct program first, and rewrites sources; it does not fit into this runner, and
TrainCheck 0.2.0 needs a GPU with a CUDA build of torch: elsewhere its instrumentation of `torch.cuda` ends the program.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import importlib.util
import json
import os
import re
import resource
import runpy
import statistics
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
TOOLS = ("lrcheck", "torcheck", "torch-audit")
LIMIT = 120  # seconds of processor time for one program
MEANS = {  # kind of a peer's report -> codes of the bugs that it fits
    "torcheck unchanged": "LR112 LR115 LR118 LR302 LR303 LR304 LR306 LR307 LR321 LR405 LR407 LR414 LR702 LR704 LR707",
    "torcheck unregistered": "LR307 LR405",
    "torcheck not finite": "LR127 LR301 LR701 LR703 LR708",
    "torcheck range": "LR102 LR103 LR104 LR105 LR106",
    "TA100": "LR127 LR301 LR701 LR703 LR708",
    "TA102": "LR127 LR301 LR701 LR703 LR708 LR712",
    "TA103": "LR105 LR414 LR702 LR704 LR706 LR707",
    "TA104": "LR112 LR115 LR118 LR302 LR303 LR304 LR306 LR307 LR321 LR405 LR704",
    "TA105": "LR105 LR414 LR706 LR707",
    "TA301": "LR712",
    "TA302": "LR711 LR712 LR716",
    "TA303": "LR514",
    "TA304": "LR522 LR523",
    "TA500": "LR307 LR405 LR407",
}
HINTS = ("TA200", "TA201", "TA202", "TA203")  # about the hardware, not about the training


@dataclass
class Outcome:
    """What one tool said of one program."""

    found: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    seconds: float = 0.0
    failed: str = ""


@dataclass(frozen=True)
class Program:
    path: Path
    bug: str
    codes: frozenset[str]
    logits: bool

    @property
    def name(self) -> str:
        return self.path.stem


def read(path: Path) -> Program:
    """A program and what its header says."""
    header = dict(re.findall(r"^# (\w+): (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE))
    codes = frozenset(header.get("codes", "").replace(",", " ").split())
    return Program(path, header.get("bug", ""), codes, bool(codes & {"LR102", "LR103", "LR105"}))


# -- one program under one tool -----------------------------------------------------------------------------------------
def forked(work: Callable[[], Outcome]) -> Outcome:
    """The outcome of a function in a process of its own, and the processor time that it took."""
    with tempfile.TemporaryFile("w+") as answer:
        child = os.fork()
        if child == 0:
            resource.setrlimit(resource.RLIMIT_CPU, (LIMIT, LIMIT))
            silence = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silence, 1)
            os.dup2(silence, 2)
            before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
            sys.argv = ["program.py"]  # the options of this runner are not the program's
            try:
                outcome = work()
            except BaseException:  # noqa: BLE001  # whatever ends a program is an outcome
                outcome = Outcome(failed=traceback.format_exc().strip().splitlines()[-1])
            outcome.seconds = resource.getrusage(resource.RUSAGE_SELF).ru_utime - before
            json.dump(outcome.__dict__, answer)
            answer.flush()
            os._exit(0)
        os.waitpid(child, 0)
        answer.seek(0)
        text = answer.read()
    return Outcome(**json.loads(text)) if text else Outcome(failed=f"no end within {LIMIT} s")


def bare(program: Program) -> Outcome:
    runpy.run_path(str(program.path), run_name="__main__")
    return Outcome()


def lrcheck(program: Program) -> Outcome:
    from lrcheck.cli.run import run

    with tempfile.NamedTemporaryFile("r", suffix=".json") as output:
        status = run(["--format", "json", "--output", output.name, "-q", str(program.path)])
        found = list(findings(json.load(output)))
    return Outcome([code for code, _ in found], [text for _, text in found], failed=f"exit {status}" if status else "")


def findings(report: Any) -> Iterator[tuple[str, str]]:
    for each in report["findings"]:
        yield each["code"], f"{each['severity']} {each['code']} line {each['line']}: {each['message']}"


def torcheck(program: Program) -> Outcome:
    import torcheck as tool

    def around(models: list[Any], optimizers: list[Any]) -> None:
        for optimizer in optimizers:
            tool.register(optimizer)
        for number, model in enumerate(models):
            tool.add_module(model, module_name=f"m{number}", changing=True, check_nan=True, check_inf=True)
            if program.logits:
                tool.add_module_output_range_check(model, output_range=(0, 1), negate_range=True)

    outcome = Outcome()
    try:
        with put_around(around):
            runpy.run_path(str(program.path), run_name="__main__")
    except RuntimeError as error:
        outcome.text = str(error).splitlines()
    kinds = {
        "should change": "unchanged",
        "belong to any": "unregistered",
        "contains": "not finite",
        "shouldn't all": "range",
    }
    outcome.found = sorted(
        {f"torcheck {kind}" for line in outcome.text for part, kind in kinds.items() if part in line}
    )
    return outcome


def torch_audit(program: Program) -> Outcome:
    from torch_audit import autopatch

    auditors: list[Any] = []

    def around(models: list[Any], optimizers: list[Any]) -> None:
        for model in models:
            own = {id(parameter) for parameter in model.parameters()}
            fitting = (each for each in optimizers if own & {id(p) for g in each.param_groups for p in g["params"]})
            auditors.append(autopatch(model, optimizer=next(fitting, None), every_n_steps=1))

    with put_around(around):
        runpy.run_path(str(program.path), run_name="__main__")
    outcome = Outcome()
    for auditor in auditors:
        for each in auditor.finish(report=False).findings:
            if each.severity.value != "INFO" and each.rule_id not in {*HINTS, *outcome.found}:
                outcome.found.append(each.rule_id)
                outcome.text.append(f"{each.severity.value} {each.rule_id} step {each.step}: {each.message[:120]}")
    return outcome


@contextlib.contextmanager
def put_around(around: Callable[[list[Any], list[Any]], None]) -> Iterator[None]:
    """Hand the root modules and the optimizers of a program to a tool before the first step that trains."""
    import torch
    from torch import nn

    optimizers: list[Any] = []
    original = torch.optim.Optimizer.__init__

    def created(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        if not any(each is self for each in optimizers):
            optimizers.append(self)

    def called(*_: Any) -> None:
        if not optimizers:
            return
        handle.remove()
        modules = [
            each
            for each in gc.get_objects()
            if isinstance(each, nn.Module) and not isinstance(each, nn.modules.loss._Loss)
        ]
        inner = {id(child) for each in modules for child in each.modules() if child is not each}
        around([each for each in modules if id(each) not in inner and any(True for _ in each.parameters())], optimizers)

    torch.optim.Optimizer.__init__ = created
    handle = torch.nn.modules.module.register_module_forward_pre_hook(called)
    try:
        yield
    finally:
        handle.remove()
        torch.optim.Optimizer.__init__ = original


RUNNERS = {"lrcheck": lrcheck, "torcheck": torcheck, "torch-audit": torch_audit}


# -- the static side ------------------------------------------------------------------------------------------------------
def static(programs: list[Program]) -> dict[str, Outcome]:
    """What `lrcheck check` says, by program."""
    command = [
        sys.executable,
        "-m",
        "lrcheck",
        "--isolated",
        "--no-cache",
        "--exit-zero",
        "--format",
        "json",
        "-j",
        "1",
    ]
    done = subprocess.run(
        [*command, *(str(each.path) for each in programs)], capture_output=True, text=True, check=True
    )
    outcomes = {each.name: Outcome() for each in programs}
    report = json.loads(done.stdout)
    for each, (code, text) in zip(report["findings"], findings(report), strict=True):
        outcome = outcomes[Path(each["path"]).stem]
        outcome.found.append(code)
        outcome.text.append(text)
    return outcomes


# -- the table --------------------------------------------------------------------------------------------------------------
def detected(program: Program, outcome: Outcome) -> bool:
    return any(code in program.codes or program.codes & set(MEANS.get(code, "").split()) for code in outcome.found)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", default="a", choices=("a", "b", "c", "d", "e", "f"))
    parser.add_argument("--only", help="programs whose name contains this")
    parser.add_argument("--clean", action="store_true", help="the programs without a bug only")
    parser.add_argument("--tools", default=",".join(TOOLS))
    parser.add_argument("-v", "--verbose", action="store_true", help="print what was said")
    options = parser.parse_args()
    tools = [each for each in options.tools.split(",") if available(each)]
    bugs, clean = (
        [read(path) for path in sorted((HERE / options.set / kind).glob("*.py")) if (options.only or "") in path.name]
        for kind in ("bugs", "clean")
    )
    bugs = [] if options.clean else bugs
    prepare(tools)
    static_outcomes = static([*bugs, *clean])
    columns = [*tools, "lrcheck check"]
    print(f"{'':<46}" + "".join(f"{each:>15}" for each in columns))
    outcomes: dict[tuple[str, str], Outcome] = {}
    for program in [*bugs, *clean]:
        base = Outcome() if program.codes else forked(lambda program=program: bare(program))
        if base.failed:
            print(f"{program.name}: the program itself fails: {base.failed}")
        cells = []
        for tool in columns:
            outcome = static_outcomes[program.name] if tool == "lrcheck check" else forked(lambda program=program, tool=tool: RUNNERS[tool](program))  # fmt: skip
            outcomes[program.name, tool] = outcome
            cells.append(cell(program, outcome))
            if program.codes == frozenset() and base.seconds:
                outcome.seconds /= base.seconds
        print(f"{program.name:<46}" + "".join(f"{each:>15}" for each in cells), flush=True)
        if options.verbose:
            for tool in columns:
                for line in [*outcomes[program.name, tool].text, outcomes[program.name, tool].failed]:
                    if line:
                        print(f"    {tool}: {line}")
    summary(bugs, clean, columns, outcomes)
    return 0


def available(tool: str) -> bool:
    module = {"torch-audit": "torch_audit"}.get(tool, tool)
    if importlib.util.find_spec(module) is None:
        print(f"{tool} is not installed and left out: pip install --no-deps {tool}")
        return False
    return True


def prepare(tools: list[str]) -> None:
    """Import once what every program and tool imports."""
    import sklearn.datasets
    import sklearn.model_selection
    import sklearn.preprocessing  # noqa: F401
    import torch

    for tool in tools:
        importlib.import_module({"lrcheck": "lrcheck.runtime", "torch-audit": "torch_audit"}.get(tool, tool))
    if "lrcheck" in tools:
        from lrcheck.rule import discover

        discover()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")


def cell(program: Program, outcome: Outcome) -> str:
    if not program.codes:
        return "failed" if outcome.failed else ", ".join(outcome.found) or "quiet"
    hit = sorted(code for code in set(outcome.found) if code in program.codes) or ["yes"]
    return ",".join(hit)[:14] if detected(program, outcome) else "failed" if outcome.failed else "-"


def summary(
    bugs: list[Program], clean: list[Program], columns: list[str], outcomes: dict[tuple[str, str], Outcome]
) -> None:
    print()
    for tool in columns:
        hits = sum(detected(each, outcomes[each.name, tool]) for each in bugs)
        alarms = sum(bool(outcomes[each.name, tool].found) for each in clean)
        line = f"{tool:<16} {hits} of {len(bugs)} bugs, {alarms} of {len(clean)} clean programs with a false alarm"
        failed = [each for each in clean if outcomes[each.name, tool].failed]
        if failed:
            line += f", {len(failed)} that the tool cannot run"
        silent = (outcomes[each.name, tool] for each in clean if each not in failed)
        ratios = [
            each.seconds for each in silent if tool != "torcheck" or not each.found
        ]  # its report ends the program
        if tool != "lrcheck check" and ratios:
            line += f", processor time of {len(ratios)} clean programs {statistics.median(ratios):.2f}x"
        print(line)
    if "lrcheck" in columns:
        both = [each for each in bugs if detected(each, outcomes[each.name, "lrcheck"]) or detected(each, outcomes[each.name, "lrcheck check"])]  # fmt: skip
        print(f"{'both of lrcheck':<16} {len(both)} of {len(bugs)} bugs")
        missed = [each.name for each in bugs if each not in both]
        if missed:
            print("missed by both:", ", ".join(missed))


if __name__ == "__main__":
    sys.exit(main())
