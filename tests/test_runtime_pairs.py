"""Every pair, observed while it runs: the bad program is reported where it is marked, the fixed one not at all."""

from __future__ import annotations

import contextlib
import io
import os
import runpy
import sys
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fakes import rules

from lrcheck.runtime.observed import OBSERVED

torch = pytest.importorskip("torch")

from test_fixture_pairs import FIXTURES, PAIRS, marks, read  # noqa: E402

from lrcheck.runtime import LrcheckError, watch  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lrcheck.findings import Diagnostic

RULES = rules()
STEPS = 600  # enough for the first evaluation of every program
OBSERVED_NAMES = {name for name, rule in RULES.items() if rule.code in OBSERVED}
COLLAPSING = {  # programs whose training collapses on purpose, after what they show
    "inputs_not_normalised/pixels_to_255": {"best-loss-equals-prior", "collapsed-outputs", "dead-units"},
    "state_dict_alias/best_epoch": {"collapsed-outputs", "dead-units"},
    "scheduler_misuse/never_stepped": {"collapsed-outputs", "dead-units"},
}
NOT_HERE = {  # marked for what only another machine or process shows; tested by test_runtime_run and test_runtime_watch
    "ranks_diverge/around_the_wrapper": "in the processes of two ranks",
    "transfer_bound/images_decoded_one_by_one": "on a GPU",
    "augmented_test_data/rotated_digits": "one pass over the test data: see test_runtime_health",
    "split_shares_transform/random_crops": "no training between two passes: same",
    **dict.fromkeys(
        (f"accuracy_not_scaled/{each}" for each in ("percent_format", "percent_sign", "you_must_mul_100")),
        "not returned by a function that evaluates: see test_runtime_totals",
    ),
}
ON_ACCELERATORS = {"device-mismatch", "synchronisation-every-step"}  # what only a second device shows
SEEDS = [pair for pair in PAIRS if pair.startswith("seeds/")]


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def observed(path: Path, steps: int | None = STEPS) -> list[Diagnostic]:
    """What a watched run of a program reports; a program that raises is judged by what was said before."""
    watched = watch(on_finding=lambda _: None)
    watched.limit = steps
    raised: list[Diagnostic] = []
    argv, folder = sys.argv, os.getcwd()
    sys.argv = [str(path)]
    scratch = tempfile.TemporaryDirectory()  # some programs write checkpoints
    os.chdir(scratch.name)
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.suppress(Exception, SystemExit),
        ):
            warnings.simplefilter("ignore")
            try:
                with watched:
                    runpy.run_path(str(path), run_name="__main__")
            except LrcheckError as error:  # an assertion of the program itself
                raised = [error.diagnostic] if error.diagnostic is not None else []
    finally:
        sys.argv = argv
        os.chdir(folder)
        scratch.cleanup()
    return watched.diagnostics + raised


def marked(pair: str) -> set[tuple[str, int]]:
    """The marks that a run on this machine can meet: a program that asks for a GPU shows some only where there is one."""
    text = read(pair, "bad.py")[0]
    unseen = ON_ACCELERATORS if "cuda" in text and not torch.accelerator.is_available() else set()
    return {(name, line) for name, line in marks(text, "bug") if name in OBSERVED_NAMES - unseen}


@pytest.mark.parametrize(
    "pair", [pair for pair in PAIRS if not pair.startswith("seeds/") and marked(pair) and pair not in NOT_HERE]
)
def test_bad_is_reported_where_marked(pair: str) -> None:
    found = {(each.name, each.span.line) for each in observed(FIXTURES / pair / "bad.py")}
    assert found >= marked(pair)
    assert {name for name, _ in found} - COLLAPSING.get(pair, set()) == {name for name, _ in marked(pair)}


@pytest.mark.parametrize("pair", [pair for pair in PAIRS if not pair.startswith("seeds/")])
def test_fixed_is_quiet(pair: str) -> None:
    found = observed(FIXTURES / pair / "fixed.py")
    assert [(each.name, each.span.line) for each in found if each.name not in COLLAPSING.get(pair, ())] == []


@pytest.mark.slow
@pytest.mark.parametrize("pair", SEEDS)
def test_reference_implementation_is_quiet_to_its_end(pair: str) -> None:
    assert [(each.name, each.span.line) for each in observed(FIXTURES / pair / "fixed.py", None)] == []


def test_silent_seed_is_observed() -> None:
    pair = "seeds/sigmoid_bce_mnist_silent"
    found = {(each.name, each.span.line) for each in observed(FIXTURES / pair / "bad.py", None)}
    assert marked(pair) & {("bce-on-multiclass", 30)} <= found
