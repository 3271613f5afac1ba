"""The evidence in a few words: for the pages of rules, where a docstring says `{measured: program}`, and for reports.

Numbers of trainings are never written down by hand: they change when a program, a seed or torch does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from textwrap import fill

from lrcheck.proof.evidence import COMMITTED, Entry, ends_of, is_number, of_rule, read_back, sentence

QUOTE = re.compile(r"\{measured: ([a-z0-9_]+)\}")
_WIDTH = 120
_PLAINEST = ("worse", "reported", "costs", "raises", "says", "warns", "elsewhere", "same", "unproven")


def filled(page: str, name: str, pairs: Mapping[str, Entry]) -> str:
    """The page of a rule with what its pairs have shown in place of every `{measured: program}`."""
    found = of_rule(name, pairs)

    def quoted(match: re.Match[str]) -> str:
        entry = found.get(f"{name.replace('-', '_')}/{match[1]}")
        return brief(entry) if entry else "not measured yet"

    paragraphs = page.split("\n\n")
    return "\n\n".join(
        fill(" ".join(QUOTE.sub(quoted, each).split()), _WIDTH, break_long_words=False, break_on_hyphens=False)
        if QUOTE.search(each)
        else each
        for each in paragraphs
    )


def brief(entry: Entry) -> str:
    """What a pair has shown, without seeds and intervals."""
    if not is_number(entry):
        return sentence(entry)
    bad, fixed = ends_of(entry)
    between = "where" if entry["kind"] == "reported" else "instead of"
    behind = " is true" if entry["kind"] == "reported" else ""
    return f"{entry['metric']} {bad} {between} {fixed}{behind}"


def plainest(found: Mapping[str, Entry]) -> Entry:
    """The pair that says most: training that silently goes wrong says more than an error."""

    def rank(name: str) -> tuple[int, float, str]:
        entry = found[name]
        by = abs(entry.get("difference", 0.0)) if entry.get("metric", "").endswith("accuracy") else 0.0
        return _PLAINEST.index(entry["kind"]), -by, name

    return found[min(found, key=rank)]


@cache
def cost(name: str) -> str:
    """What the mistake of a rule has cost where it was measured; nothing where there is no such number.

    Reports ask this in passing: only the lines of this rule's pairs are parsed.
    """
    start = f'    "{name.replace("-", "_")}/'
    lines = [line.rstrip(",") for line in _lines() if line.startswith(start)]
    found: dict[str, Entry] = read_back(json.loads("{" + ",".join(lines) + "}"))
    entry = plainest(found) if found else None
    return brief(entry) if entry is not None and is_number(entry) else ""


@cache
def _lines() -> list[str]:
    return COMMITTED.read_text(encoding="utf-8").splitlines() if COMMITTED.is_file() else []
