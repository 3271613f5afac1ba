"""Corpora of source code, on this machine and on a cluster."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import BAD, CLEAN, Command

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")


def corpus(path: Path, count: int, *, size: int = 1) -> None:
    """Every third row is bad, every third one has nothing to do with torch."""
    texts = [(BAD, CLEAN, "print(1)\n")[number % 3] + f"# {number}\n" * size for number in range(count)]
    rows = {"path": [f"repository{number}/train.py" for number in range(count)], "content": texts}
    pq.write_table(pa.table(rows), path)


def found(path: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return rows


def test_parquet_in_parquet_out(lrcheck: Command, tmp_path: Path) -> None:
    corpus(tmp_path / "in.parquet", 30)
    done = lrcheck("corpus", "in.parquet", "-o", "out.parquet", "-j", "2")
    assert done.stdout == "30 rows, 20 with torch, 10 findings, 0 could not be checked: out.parquet\n"
    rows = found(tmp_path / "out.parquet")
    assert [row["row"] for row in rows] == list(range(0, 30, 3))
    assert {(row["code"], row["line"], row["path"][:10]) for row in rows} == {("LR102", 8, "repository")}


def test_json_lines_and_broken_rows(lrcheck: Command, tmp_path: Path) -> None:
    texts = [BAD, "import torch\nx = = 1\n"]
    (tmp_path / "in.jsonl").write_text("\n".join(json.dumps({"file": "a.py", "text": text}) for text in texts) + "\n\n")
    columns = ("--path-column", "file", "--content-column", "text")
    done = lrcheck("corpus", "in.jsonl", "-o", "out.parquet", "-j", "1", *columns)
    assert done.stdout.startswith("2 rows, 2 with torch, 1 findings, 1 could not be checked")
    assert [row["code"] for row in found(tmp_path / "out.parquet")] == ["LR102", "LR001"]
    done = lrcheck("corpus", "in.jsonl", "-o", "other.parquet")
    assert done.returncode == 2
    assert "in.jsonl:1 is not an object with path and content" in done.stderr
    assert sorted(path.name for path in tmp_path.glob("other*")) == []


def test_rows_do_not_see_the_disk(lrcheck: Command, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("import torch\ndef net(x):\n    return torch.softmax(x, dim=1)\n")
    text = "import torch\nfrom net import net\nloss = torch.nn.functional.cross_entropy(net(x), y)\n"
    (tmp_path / "in.jsonl").write_text(json.dumps({"path": "a.py", "content": text}))
    assert "0 findings" in lrcheck("corpus", "in.jsonl", "-o", "out.parquet").stdout


def test_wrong_usage(lrcheck: Command, tmp_path: Path) -> None:
    pq.write_table(pa.table({"other": [1]}), tmp_path / "in.parquet")
    assert lrcheck("corpus", "in.parquet", "-o", "out.parquet").returncode == 2
    assert lrcheck("corpus", "none.jsonl", "-o", "out.parquet").returncode == 2
    assert lrcheck("corpus", "in.parquet", "-o", "out.parquet", "--select", "LR1023").returncode == 2
    assert lrcheck("corpus", "in.parquet", "-o", "out.parquet", "--executor", "spark://x").returncode == 2


@pytest.mark.slow
def test_a_cluster_loses_a_worker_and_nothing_else(tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    corpus(tmp_path / "in.parquet", 900, size=20)
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as cluster:
        address = cluster.scheduler_address.replace("tcp://", "dask://")
        arguments = [
            sys.executable,
            "-m",
            "lrcheck",
            "corpus",
            "in.parquet",
            "-o",
            "out.parquet",
            "--executor",
            address,
        ]
        with subprocess.Popen(arguments, cwd=tmp_path, stdout=subprocess.DEVNULL) as run:
            while not list(tmp_path.glob("out.parquet.*.part")):
                time.sleep(0.05)
            time.sleep(1)
            assert run.poll() is None, "it was done before a worker could be killed"
            os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)
            assert run.wait(300) == 0
    assert [row["row"] for row in found(tmp_path / "out.parquet")] == list(range(0, 900, 3))
