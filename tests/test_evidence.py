"""The committed evidence: complete, up to date, and what the documentation says.

When a pair is new or has changed: `lrcheck prove all --output lrcheck/knowledge/evidence.json --readme README.md`.
"""

from __future__ import annotations

import ast
import math
import re
from pathlib import Path
from typing import Any

import pytest
from fakes import rules

from lrcheck.cli.explaining import page
from lrcheck.proof import claims, evidence, metrics, table
from lrcheck.proof.blame import explains
from lrcheck.proof.pairs import every_pair
from lrcheck.rule import discover

ROOT = Path(__file__).resolve().parent.parent
PAIRS = {pair.name: pair for pair in every_pair()}
EVIDENCE: dict[str, dict[str, Any]] = evidence.committed()["pairs"]
RULES = rules()
RENEW = "lrcheck prove all --output lrcheck/knowledge/evidence.json --readme README.md"

RAISES_ELSEWHERE = {
    "seeds/binary_toy": "a model without parameters: noticed by the optimizer, which gets nothing from the marked line",
}
"""Pairs whose error has nothing to do with a marked line at first sight, and why it does."""


def test_every_pair_has_current_evidence() -> None:
    stale = [name for name, pair in PAIRS.items() if EVIDENCE.get(name, {}).get("digest") != pair.digest]
    assert stale == [], f"run {RENEW}"
    assert EVIDENCE.keys() - PAIRS.keys() == set()


def test_every_rule_has_a_row() -> None:
    assert {name for name in RULES if not evidence.of_rule(name, EVIDENCE)} == set()


@pytest.mark.parametrize("name", sorted(EVIDENCE))
def test_claim_holds(name: str) -> None:
    entry = EVIDENCE[name]
    assert entry["kind"] in claims.HOLDING, entry.get("why")
    if entry["kind"] == "worse":
        sign = metrics.better(entry["metric"])
        gaps = [sign * (fixed - bad) for bad, fixed in zip(entry["bad"], entry["fixed"], strict=True)]
        assert sign == 0 or claims.beyond_noise([math.inf if math.isnan(gap) else gap for gap in gaps])
    if entry["kind"] == "reported":
        assert claims.beyond_noise([abs(bad - true) for bad, true in zip(entry["bad"], entry["true"], strict=True)])
    if entry["kind"] == "costs":
        assert all(bad > good for bad, good in zip(entry["bad"], entry["fixed"], strict=True))


@pytest.mark.parametrize("name", [name for name, entry in sorted(EVIDENCE.items()) if entry["kind"] == "raises"])
def test_errors_come_from_marked_lines(name: str) -> None:
    marked = {line for _, _, line in PAIRS[name].marks}
    text = PAIRS[name].bad.read_text(encoding="utf-8")
    assert explains(text, marked, EVIDENCE[name]["error"]["line"]) or name in RAISES_ELSEWHERE


def test_blame_follows_names() -> None:
    text = "a = 1\nb = 2\nclass C:\n    def f(self):\n        self.x = a\n    def g(self):\n        return self.x\nb + 1\nC()\n"
    assert [line for line in range(1, 10) if explains(text, {1}, line)] == [1, 5, 7]
    assert explains(text, {3}, 9)
    assert not explains(text, {2}, 7)


# -- the documentation
_PERCENT = re.compile(r"(-?\d+\.\d+) % instead of (-?\d+\.\d+) %")
_SAID = re.compile(r"\b(accuracy|loss|error) (-?\d+\.\d+(?:e-\d+)?)(?!\d| ?%)(?: instead of (-?\d+\.\d+))?")


def docstring(name: str, file: str) -> str:
    return ast.get_docstring(ast.parse((PAIRS[name].folder / file).read_text(encoding="utf-8"))) or ""


def close(said: str, measured: float | None) -> bool:
    """Whether a number in a text is a measured one, rounded."""
    digits = len(said.partition("e")[0].partition(".")[2])
    unit = 10.0 ** (int(said.partition("e")[2] or 0) - digits)
    return measured is not None and abs(float(said) - measured) <= unit * 0.51


@pytest.mark.parametrize("name", [name for name in sorted(EVIDENCE) if not name.startswith("seeds/") and name in PAIRS])
def test_docstring_of_a_pair_says_what_seed_0_gives(name: str) -> None:
    measured = EVIDENCE[name]["seed 0"]
    for metric, first, second in _SAID.findall(docstring(name, "bad.py")):
        values = [both for key, both in measured.items() if key.split()[-1] == metric]
        if second:
            assert any(close(first, bad) and close(second, fixed) for bad, fixed in values), (
                metric,
                first,
                second,
                measured,
            )
        else:
            assert any(close(first, value) for both in values for value in both), (metric, first, measured)


@pytest.mark.parametrize("name", [name for name in sorted(EVIDENCE) if not name.startswith("seeds/") and name in PAIRS])
def test_percentages_of_a_pair_are_what_seed_0_gives(name: str) -> None:
    measured = [[100 * value for value in both if value] for both in EVIDENCE[name]["seed 0"].values()]
    for said in _PERCENT.findall(docstring(name, "bad.py")):
        assert any(all(map(close, said, both)) for both in measured if len(both) == 2), (said, measured)


def test_docstrings_of_references_say_what_seed_0_gives() -> None:
    wrong = {}
    for name, entry in EVIDENCE.items():
        if "reference" not in entry:
            continue
        said = re.search(r"accuracy (\d\.\d+)", docstring(name, "fixed.py"))
        reached = next((values[0] for key, values in entry["reference"].items() if key.endswith("accuracy")), None)
        if said and not close(said.group(1), reached):
            wrong[name] = (said.group(1), reached)
    assert wrong == {}


@pytest.mark.parametrize("name", RULES)
def test_explain_quotes_the_evidence(name: str) -> None:
    text = page(RULES[name])
    for line in evidence.sentences(name, EVIDENCE):
        assert f"    {line}" in text


def test_readme_quotes_the_evidence() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    renewed = table.renewed(text, "evidence", table.readme_rules(discover(), EVIDENCE))
    renewed = table.renewed(renewed, "references", table.readme_references(EVIDENCE))
    assert text == renewed, f"run {RENEW}"


# -- what the references reach
def reached(name: str, metric: str = "accuracy") -> list[float]:
    values: list[float] = EVIDENCE[f"seeds/{name}"]["reference"][metric]
    return values


@pytest.mark.parametrize(
    "name", ["mnist_softmax_regression", "fashion_softmax_net", "softmax_by_hand", "sigmoid_bce_mnist"]
)
def test_softmax_regressions_learn(name: str) -> None:
    assert min(reached(name)) >= 0.93


@pytest.mark.parametrize("name", ["low_level_mlp", "high_level_mlp", "device_mlp", "visdom_mlp"])
def test_networks_learn(name: str) -> None:
    assert sum(reached(name)) / len(reached(name)) >= 0.96


def test_binary_toy_is_learnt_completely() -> None:
    assert set(reached("binary_toy", "training accuracy")) == {1.0}
    listing = EVIDENCE["seeds/binary_toy_listing"]
    assert (set(listing["bad"]), set(listing["fixed"])) == ({0.5}, {1.0})


def test_silent_comparison_reports_95_for_75() -> None:
    silent = EVIDENCE["seeds/sigmoid_bce_mnist_silent"]
    assert silent["kind"] == "reported"
    assert silent["bad"][0] > 0.95
    assert silent["true"][0] < 0.8


def test_pages_of_the_seeds_name_pairs_that_exist() -> None:
    text = (ROOT / "fixtures" / "seeds" / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"`(\w+/(?:\w+|\*))`", text)
    assert [name for name in named if not list((ROOT / "fixtures").glob(name))] == []
    assert len(named) > 15
