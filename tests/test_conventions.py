"""Conventions that a reviewer would otherwise have to watch: names, messages, sizes, import directions."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fakes import PRELUDE, at_run_time, check_text, rules, sections

from lrcheck import events
from lrcheck.rule import discover

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lrcheck.findings import Diagnostic

ROOT = Path(__file__).resolve().parent.parent
RULES = rules()
RULE_FILES = sorted(path for path in (ROOT / "rules").rglob("*.py") if path.name != "__init__.py")
ENGINE_FILES = sorted((ROOT / "lrcheck").rglob("*.py"))
VOCABULARY = ("facts", "events", "findings", "rule")
FOR_RULES = {"lrcheck.events", "lrcheck.facts", "lrcheck.findings", "lrcheck.rule", "lrcheck.fixing"}
FAMILIES = {
    "LR1": "loss",
    "LR2": "metrics",
    "LR3": "loop",
    "LR4": "modules",
    "LR5": "data",
    "LR6": "deprecated",
    "LR7": "dynamics",
}
BANNED = re.compile(r"\b(?:please|may|might|should|detected|illegal|invalid)\b|!", re.IGNORECASE)
INTERNAL = re.compile(r"TensorFacts|LossCall|Form\.|CLASS_INDEX|ONE_HOT|LOGITS|PROBABILITIES")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# -- rules
def test_codes_and_names_are_unique() -> None:
    found = discover()
    assert [code for code, times in Counter(rule.code for rule in found).items() if times > 1] == []
    assert [name for name, times in Counter(rule.name for rule in found).items() if times > 1] == []


@pytest.mark.parametrize("name", RULES)
def test_rule_is_where_its_code_says(name: str) -> None:
    rule = RULES[name]
    assert re.fullmatch(r"LR\d{3}", rule.code)
    assert FAMILIES[rule.code[:3]] == rule.family
    assert issubclass(rule.event, events.Event)


@pytest.mark.parametrize("path", RULE_FILES, ids=name_of)
def test_rule_file_is_small_and_is_a_rule(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert path.stem.startswith("_") or path.stem.replace("_", "-") in RULES
    assert len(text.splitlines()) <= 120
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 40, node.name


@pytest.mark.parametrize("name", RULES)
def test_rule_has_a_pair(name: str) -> None:
    folder = ROOT / "fixtures" / name.replace("-", "_")
    pairs = [path.parent for path in folder.glob("*/bad.py")]
    assert pairs
    assert all((pair / "fixed.py").is_file() for pair in pairs)


# -- messages
def observed() -> Iterator[Diagnostic]:
    """Every finding that the fixtures and the pages produce."""
    for path in sorted((ROOT / "fixtures").rglob("bad.py")):
        yield from check_text(path.read_text(encoding="utf-8"), str(path)).diagnostics
    for rule in RULES.values():
        for section in sections(rule.docs):
            if section.code:
                yield from check_text(PRELUDE + section.code).diagnostics


def complaints(diagnostic: Diagnostic) -> list[str]:
    """What is wrong with the form of a message."""
    title, label = diagnostic.message, diagnostic.label
    texts = [title, label, diagnostic.note, diagnostic.help, *(related.message for related in diagnostic.related)]
    found = []
    if not 0 < len(title) <= 60:
        found.append("the title has 1 to 60 characters")
    if title[:1].isupper() and not title.split()[0].isupper():
        found.append("the title starts in lower case")
    if BANNED.search(title):
        found.append("the title states a fact")
    if any(text.rstrip().endswith(".") and not text.endswith("...") for text in texts):
        found.append("no text ends with a period")
    if any("\n" in text for text in texts):
        found.append("every text is one line")
    if any(INTERNAL.search(re.sub(r"`[^`]*`", "", text)) for text in texts):
        found.append("texts use the user's names and torch's terms")
    if any(text.count("`") % 2 for text in texts):
        found.append("backticks come in pairs")
    if label and label == title:
        found.append("the label does not repeat the title")
    if not diagnostic.note:
        found.append("the note says what happens to the training")
    if diagnostic.fix is None and not diagnostic.help:
        found.append("a finding says what to do")
    if diagnostic.fix is not None and not re.fullmatch(r"[a-z][^`]*`[^`]+`.*", diagnostic.fix.message, re.DOTALL):
        found.append("a fix starts with a verb and contains code")
    return found


def test_messages_follow_the_convention() -> None:
    wrong = {(each.name, each.message): complaints(each) for each in observed()}
    assert {key: found for key, found in wrong.items() if found} == {}


def test_every_rule_is_observed() -> None:
    seen = {diagnostic.name for diagnostic in observed()}
    assert {name for name, rule in RULES.items() if not at_run_time(rule)} - seen == set()


# -- imports
def imported(path: Path) -> set[str]:
    """The modules that a file imports anywhere, also inside functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level + (node.module or ""))
    return found


def packages(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in imported(path)}


@pytest.mark.parametrize("path", RULE_FILES, ids=name_of)
def test_rules_import_only_the_vocabulary(path: Path) -> None:
    for name in imported(path):
        vocabulary = name in FOR_RULES or name.startswith("lrcheck.knowledge")
        neighbour = re.fullmatch(r"\.\w+", name) is not None
        assert vocabulary or neighbour or name.partition(".")[0] in sys.stdlib_module_names, name


@pytest.mark.parametrize("module", VOCABULARY)
def test_vocabulary_is_neutral(module: str) -> None:
    paths = [*(ROOT / "lrcheck").glob(f"{module}.py"), *(ROOT / "lrcheck" / module).glob("*.py")]
    assert paths
    for path in paths:
        assert not packages(path) & {"torch", "libcst"}
        assert not {name for name in imported(path) if name.startswith(("lrcheck.static", "lrcheck.runtime"))}


@pytest.mark.parametrize("path", ENGINE_FILES, ids=name_of)
def test_only_the_observers_import_their_libraries(path: Path) -> None:
    observer = path.relative_to(ROOT / "lrcheck").parts[0]
    if observer != "static":
        assert "libcst" not in packages(path)
    if observer != "runtime":
        assert not packages(path) & {"torch", "torchvision"}


def modules_after(program: str) -> set[str]:
    """The top-level modules that a fresh interpreter has loaded after running a program."""
    program += "\nimport sys\nprint(' '.join(sys.modules))"
    output = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT / "tests"
    ).stdout
    return {name.partition(".")[0] for name in output.split()}


def test_static_checking_never_imports_torch() -> None:
    program = "from fakes import check_text\nprint(check_text('import torch\\nx = torch.zeros(3)\\n'))"
    loaded = modules_after(program)
    assert "lrcheck" in loaded
    assert "torch" not in loaded


def test_an_import_of_torch_would_be_seen() -> None:
    assert "torch" in modules_after("import torch")
