"""Running programs: a worker is a process that has imported torch and forks for every program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from lrcheck.proof import metrics

LIMIT = 300.0
_NEEDED = "torch, torchvision and scikit-learn: python -m pip install 'lrcheck[torch]'"


class CannotRunError(Exception):
    """Programs cannot be run here."""


@dataclass(frozen=True)
class Outcome:
    """What one program did with one seed."""

    output: str = ""
    error: dict[str, Any] | None = None
    warnings: tuple[dict[str, Any], ...] = ()
    losses: tuple[float | None, ...] = ()
    backwards: int = 0
    steps: int = 0
    seconds: float = 0.0
    graph: int = 0
    metrics: dict[str, float] = field(default_factory=dict)


class Worker:
    """Runs one program after the other. Where processes cannot fork safely, each in a worker process of its own."""

    def __init__(self, data: Path, limit: float = LIMIT, *, gpus: bool = True) -> None:
        """`gpus`: whether programs that look for a GPU find those of this machine."""
        self.data = data
        self.limit = limit
        self.gpus = gpus
        self._process: subprocess.Popen[str] | None = None

    def run(self, program: Path, seed: int, arguments: tuple[str, ...] = (), *, graph: bool = False) -> Outcome:
        """Run a program; whatever it does is an outcome. `graph`: also measure what is kept for backward passes."""
        job = {
            "graph": graph,
            "program": str(program),
            "arguments": arguments,
            "seed": seed,
            "limit": self.limit,
            "data": str(self.data),
        }
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(job) + "\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        if not answer:
            self.close()
            raise CannotRunError(f"the process that runs {program.parent.name}/{program.name} has ended")
        if sys.platform != "linux":
            self.close()
        return _outcome(json.loads(answer))

    def close(self) -> None:
        """End the process, with what it runs."""
        if self._process is None:
            return
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.terminate()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None

    def _started(self) -> subprocess.Popen[str]:
        if self._process is not None:
            return self._process
        command = [sys.executable, "-m", "lrcheck.fixtures.recording"]
        single = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        hidden = {} if self.gpus else {"CUDA_VISIBLE_DEVICES": ""}
        environment = {**os.environ, **single, **hidden, "PYTHONHASHSEED": "0", "PYTHONUNBUFFERED": "1"}
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(  # noqa: S603  # the interpreter that runs this
            command, stdin=pipe, stdout=pipe, encoding="utf-8", env=environment, start_new_session=True
        )
        assert self._process.stdout is not None
        if self._process.stdout.readline().strip() != "ready":
            self.close()
            raise CannotRunError(f"the programs need {_NEEDED}")
        return self._process


@contextmanager
def embedded_data() -> Iterator[Path]:
    """A folder with the embedded digits as the files of MNIST and Fashion-MNIST."""
    with tempfile.TemporaryDirectory(prefix="lrcheck-data") as folder:
        code = "import sys; from pathlib import Path; from lrcheck.fixtures.recording import digits_as_idx"
        command = [sys.executable, "-c", f"{code}; digits_as_idx(Path(sys.argv[1]))", folder]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # this interpreter
        if done.returncode:
            reason = done.stderr.strip().splitlines()[-1:] or [""]
            raise CannotRunError(f"the programs need {_NEEDED} ({reason[0]})")
        yield Path(folder)


@cache
def devices() -> dict[str, str]:
    """The devices of this machine by their names for `--device`, and torch's release under `torch`."""
    code = (
        "import json, platform, torch\n"
        "found = {'torch': torch.__version__, 'cpu': platform.machine()}\n"
        "if torch.cuda.is_available(): found['cuda'] = torch.cuda.get_device_name()\n"
        "if torch.backends.mps.is_available(): found['mps'] = platform.machine()\n"
        "print(json.dumps(found))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise CannotRunError(f"the programs need {_NEEDED}")
    found: dict[str, str] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def _outcome(answer: dict[str, Any]) -> Outcome:
    return Outcome(
        output=answer["output"],
        error=answer["error"],
        warnings=tuple(answer["warnings"]),
        losses=tuple(answer.get("losses", ())),
        backwards=answer.get("backwards", 0),
        steps=answer.get("steps", 0),
        seconds=answer.get("seconds", 0.0),
        graph=answer.get("graph", 0),
        metrics=metrics.read(answer["output"]),
    )
