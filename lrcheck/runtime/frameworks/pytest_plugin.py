"""A pytest fixture: a test that asks for `lrcheck_watch` fails where its training step has findings.

# conftest.py
pytest_plugins = ["lrcheck.runtime.frameworks.pytest_plugin"]

def test_training_step(lrcheck_watch):
train_one_step()
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lrcheck.findings import Level
from lrcheck.runtime.watching import watch


@pytest.fixture
def lrcheck_watch() -> Iterator[watch]:
    """Watches the test; warnings and errors make it fail with the linter's text, information does not."""
    watched = watch(on_finding=lambda _: None, every=1)
    with watched:
        yield watched
    failing = [report for report in watched.reports if report.diagnostic.level is not Level.INFO]
    if failing:
        pytest.fail("\n\n".join(report.text() for report in failing), pytrace=False)
