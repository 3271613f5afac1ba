"""Events and places made by hand, and the public pipeline, for tests."""

from __future__ import annotations

import functools
import itertools
import re
import textwrap
from dataclasses import dataclass, field
from typing import Any

from lrcheck.check import Checker, Settings
from lrcheck.engine import ENGINE_RULES
from lrcheck.events import LossCall, Measured
from lrcheck.facts import LossFacts, ModuleFacts, Operation, TensorFacts, Uses
from lrcheck.findings import LocatedFix, Result, Span
from lrcheck.knowledge.losses import BY_CLASS, BY_FUNCTION
from lrcheck.rule import Rule, discover

PRELUDE = """\
import torch
from torch import nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset
from torchvision import datasets, transforms
"""

KINDS = ("Example", "Use instead", "Not reported", "At run time")

_numbers = itertools.count(1)


@dataclass(frozen=True, eq=False)
class FakeSite:
    """A place that nobody observed: its text, and a line of its own."""

    text: str = "expression"
    path: str = "example.py"
    line: int = field(default_factory=lambda: next(_numbers))

    def span(self) -> Span:
        return Span(self.line, 1, self.line, 1 + len(self.text))

    def key(self) -> tuple[str, object]:
        return (self.path, self.line)


def operation(name: str, text: str = "", argument: str = "", **changes: Any) -> Operation:
    """`operation("softmax", "torch.softmax(out, dim=1)", "out")`."""
    site = FakeSite(text or f"torch.{name}({argument or 'out'})")
    return Operation(name, site, argument=FakeSite(argument or "out"), **changes)


def loss(name: str, **changes: Any) -> LossFacts:
    """`loss("nn.BCELoss")` is an object constructed with its defaults, `loss("F.cross_entropy")` a functional call."""
    last = name.rpartition(".")[2]
    functional = f"torch.nn.functional.{last}" in BY_FUNCTION
    contract = BY_FUNCTION[f"torch.nn.functional.{last}"] if functional else BY_CLASS[f"torch.nn.{last}"]
    site = None if functional else FakeSite(f"{name}()")
    known: dict[str, Any] = {"contract": contract, "name": name, "functional": functional, "site": site}
    return LossFacts(**(known | {"reduction": "mean", "argument": FakeSite(name)} | changes))


def loss_call(
    name: str, given: TensorFacts | None = None, target: TensorFacts | None = None, **changes: Any
) -> LossCall:
    """A call `criterion(out, y)` of the loss with this name."""
    site, out, y = FakeSite("criterion(out, y)"), FakeSite("out"), FakeSite("y")
    facts = changes.pop("loss", None) or loss(name)
    return LossCall(
        site,
        facts,
        given or TensorFacts(),
        target or TensorFacts(),
        **({"input_site": out, "target_site": y} | changes),
    )


def uses(*kinds: str) -> Uses:
    return Uses({kind: FakeSite(kind) for kind in kinds})


def model(*decisions: Any) -> ModuleFacts:
    return ModuleFacts("Net", decisions=list(decisions))


def rules() -> dict[str, Rule]:
    """Every rule, by name."""
    return {rule.name: rule for rule in discover()}


def at_run_time(rule: Rule) -> bool:
    """Can only a run feed this rule? Source code shows nothing of it."""
    return issubclass(rule.event, Measured)


@functools.cache
def check_text(text: str, path: str = "example.py") -> Result:
    """What the linter says about a program."""
    return _checker().check_bytes(path, text.encode())


@functools.cache
def _checker() -> Checker:
    """With the rules that are off by default, too."""
    codes = [rule.code for rule in discover()] + [rule.code for rule in ENGINE_RULES]
    return Checker(discover(), Settings(codes=frozenset(codes)))


def applied(text: str, fix: LocatedFix) -> str:
    """The text with the edits of a fix."""
    for edit in sorted(fix.edits, key=lambda edit: edit.start, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


@dataclass(frozen=True)
class Section:
    """A part of a rule's page: its kind, what stands behind the colon, and its program."""

    kind: str
    reason: str
    code: str


def sections(page: str) -> list[Section]:
    """`Example:`, `Use instead:`, `Not reported: reason`, `At run time: symptom`, each with the indented lines behind it."""
    found = []
    for part in re.split(rf"^(?=(?:{'|'.join(KINDS)}):)", page, flags=re.MULTILINE)[1:]:
        head, _, rest = part.partition("\n")
        kind, _, reason = head.partition(":")
        block = re.match(r"(?:[ ]{4}.*\n|[ ]*\n)*", rest + "\n")
        code = textwrap.dedent(block.group() if block else "").strip("\n")
        found.append(Section(kind, reason.strip(), code + "\n" if code else ""))
    return found
