"""What `lrcheck bad.py` prints for each pair, reviewed like code: `pytest --bless` writes it anew."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest

from lrcheck.cli import main

FIXTURES = Path(__file__).parent.parent / "fixtures"
PAIRS = sorted(path.parent for path in FIXTURES.rglob("bad.py"))


def printed(folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    before = Path.cwd()
    os.chdir(folder)
    try:
        main(["--no-cache", "bad.py"])
    finally:
        os.chdir(before)
        gc.enable()  # a process of its own would end here
    return capsys.readouterr().out


@pytest.mark.parametrize("folder", PAIRS, ids=lambda folder: str(folder.relative_to(FIXTURES)))
def test_text_is_the_reviewed_one(
    folder: Path, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    text = printed(folder, capsys)
    snapshot = folder / "report.txt"
    if request.config.getoption("--bless"):
        snapshot.write_text(text, encoding="utf-8")
    assert snapshot.read_text(encoding="utf-8") == text
