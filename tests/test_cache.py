"""The cache, and workers."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import BAD, CLEAN, Command

from lrcheck import pool
from lrcheck.cache import DAY, KEPT, Cache, digest
from lrcheck.config import Configs
from lrcheck.findings import Result
from lrcheck.plain import from_plain, to_plain
from lrcheck.runner import Runner, batches
from lrcheck.work import Order, check_text

NET = "import torch\nfrom torch import nn\ndef net(x):\n    return nn.functional.softmax(x, dim=1)\n"
USER = "import torch\nimport torch.nn.functional as F\nfrom net import net\nloss = F.cross_entropy(net(torch.randn(8, 3)), torch.tensor([0] * 8))\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text("")
    return tmp_path


def run(folder: Path, *paths: str) -> list[Result]:
    return Runner(Configs(), cache=Cache(str(folder / "cache"))).results(paths)


def entries(folder: Path) -> list[Path]:
    return [path for path in (folder / "cache").glob("*/*/*") if not path.name.startswith("tmp-")]


def test_an_unchanged_file_is_not_checked_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "bad.py").write_text(BAD)
    first = run(folder, "bad.py")
    assert [found.code for found in first[0].diagnostics] == ["LR102"]
    assert len(entries(folder)) == 1
    monkeypatch.setattr("lrcheck.runner.check_batch", None)
    assert run(folder, "bad.py") == first


def test_what_a_file_imports_counts(folder: Path) -> None:
    (folder / "net.py").write_text(NET)
    (folder / "user.py").write_text(USER)
    assert [found.code for found in run(folder, "user.py")[0].diagnostics] == ["LR102"]
    (folder / "net.py").write_text(NET.replace("nn.functional.softmax(x, dim=1)", "x"))
    assert run(folder, "user.py")[0].diagnostics == ()
    (folder / "net.py").unlink()
    assert run(folder, "user.py")[0].diagnostics == ()
    (folder / "net.py").write_text(NET)
    assert [found.code for found in run(folder, "user.py")[0].diagnostics] == ["LR102"]


def test_the_configuration_counts(folder: Path) -> None:
    (folder / "bad.py").write_text(BAD)
    assert run(folder, "bad.py")[0].diagnostics
    (folder / "lrcheck.toml").write_text('ignore = ["LR102"]')
    assert run(folder, "bad.py")[0].diagnostics == ()


@pytest.mark.parametrize("damage", [b"", b"{", b"[1, 2]", b"[[], [], [1]]", b"\xff"])
def test_damaged_entries_count_as_absent(folder: Path, damage: bytes) -> None:
    (folder / "bad.py").write_text(BAD)
    first = run(folder, "bad.py")
    (entry,) = entries(folder)
    entry.write_bytes(damage)
    assert run(folder, "bad.py") == first


def test_a_cache_that_cannot_be_written_is_no_cache(folder: Path) -> None:
    (folder / "bad.py").write_text(BAD)
    (folder / "cache").write_text("a file")
    assert run(folder, "bad.py")[0].diagnostics


def test_old_entries_are_removed_once_a_day(folder: Path) -> None:
    (folder / "bad.py").write_text(BAD)
    run(folder, "bad.py")
    (entry,) = entries(folder)
    cache = Cache(str(folder / "cache"))
    cache.tidy()
    assert entry.exists()
    old = time.time() - KEPT - DAY
    os.utime(entry, (old, old))
    cache.tidy()
    assert entry.exists()
    os.utime(folder / "cache" / "tidied", (old, old))
    cache.tidy()
    assert not entry.exists()


def test_entries_in_use_stay(folder: Path) -> None:
    (folder / "bad.py").write_text(BAD)
    run(folder, "bad.py")
    (entry,) = entries(folder)
    old = time.time() - 2 * DAY
    os.utime(entry, (old, old))
    run(folder, "bad.py")
    assert entry.stat().st_mtime > old + DAY


def test_results_survive_the_way_to_plain_data_and_back(folder: Path) -> None:
    result = check_text(Order(Configs().of("bad.py"), undecided=True), "bad.py", BAD.encode()).result
    broken = check_text(Order(Configs().of("bad.py")), "bad.py", b"import torch\nx = = 1").result
    for each in (result, broken):
        assert from_plain(to_plain(each)) == each


def test_digests_separate_their_parts() -> None:
    assert digest(b"ab", b"c") != digest(b"a", b"bc")


def test_workers_give_the_same_as_one_process(folder: Path) -> None:
    for number in range(12):
        text = (BAD if number % 2 else CLEAN) + f"# {number}\n" + "# padding\n" * 2000
        (folder / f"f{number}.py").write_text(text)
    paths = [f"f{number}.py" for number in range(12)]
    alone = Runner(Configs(), jobs=1).results(paths)
    assert Runner(Configs(), jobs=2).results(paths) == alone
    assert sum(len(result.diagnostics) for result in alone) == 6


def test_batches_hold_neighbours() -> None:
    order = Order(Configs().of("a.py"))
    jobs = [(order, name, 40_000) for name in "abc"]
    assert [[path for _, path, _ in batch] for batch in batches(jobs)] == [["a"], ["b"], ["c"]]


def work(items: Sequence[int]) -> list[int]:
    for item in items:
        if item == 5:
            os.kill(os.getpid(), signal.SIGKILL)
        if item == 7:
            raise ValueError("seven")
    return [item * item for item in items]


def test_a_worker_that_dies_costs_one_item() -> None:
    mapping: pool.Mapping[int, int] = pool.Mapping(pool.local(2), work)
    answers = list(mapping.over([range(start, start + 3) for start in range(0, 30, 3)]))
    assert [item for item, _ in answers] == list(range(30))
    lost = {item: answer.reason for item, answer in answers if isinstance(answer, pool.Lost)}
    assert lost == {5: "the process that checked it ended unexpectedly", 7: "ValueError: seven"}
    assert all(answer == item * item for item, answer in answers if item not in lost)


def threads() -> Executor:
    return ThreadPoolExecutor(2)


def test_any_executor_will_do() -> None:
    mapping: pool.Mapping[int, int] = pool.Mapping(pool.Pool(threads, 2, threads), work)
    assert [answer for _, answer in mapping.over([[1, 2], [3], [7]])] == [1, 4, 9, pool.Lost("ValueError: seven")]


def test_unknown_executors_are_named() -> None:
    with pytest.raises(ValueError, match="no executor `spark://x`"):
        pool.named("spark://x", 2)


def test_options(lrcheck: Command, tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text(BAD)
    for arguments in (["--no-cache"], ["--cache-dir", "here"], ["--cache-dir", "here"], ["-j", "3"]):
        assert lrcheck("bad.py", *arguments, LRCHECK_CACHE_DIR=str(tmp_path / "other")).returncode == 1
    assert (tmp_path / "here" / "CACHEDIR.TAG").is_file()
    assert lrcheck("bad.py", "--executor", "spark://x", "--no-cache").returncode == 2


def test_huge_programs_are_said_to_be_left_out(lrcheck: Command, tmp_path: Path) -> None:
    (tmp_path / "table.py").write_text("import torch\ntable = [" + "1, " * 60_000 + "]\n" + BAD)
    assert "not checked" in lrcheck("table.py").stdout
