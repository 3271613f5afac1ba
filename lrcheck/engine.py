"""The findings that the engine itself makes (LR0): about the source, not about the training."""

from __future__ import annotations

from dataclasses import dataclass

from lrcheck.findings import Level


@dataclass(frozen=True, slots=True)
class EngineRule:
    """Looks like a `Rule` to whoever lists or explains rules, but has no check of its own."""

    code: str
    name: str
    level: Level
    docs: str
    family: str = "source"
    default: bool = True

    @property
    def title(self) -> str:
        return self.docs.strip().partition("\n")[0].rstrip(".")


UNREADABLE = EngineRule(
    "LR001",
    "unreadable",
    Level.ERROR,
    """A file that cannot be read as a program.

It is not text in its declared encoding, not valid Python, or nested more deeply than Python allows. Nothing in it was
checked; the other files are checked all the same.

A program that only Python 2 reads (`print x`, `except E, e`, `10L`) is checked as the Python 3 program that it means, and said to
be old. Nothing in it is fixed, unless the fixes make it a program of today.
""",
)
PAGE_RESIDUE = EngineRule(
    "LR002",
    "page-residue",
    Level.WARNING,
    """Code from a web page that cannot run as printed.

Typographic quotes, table bars and lost indentation come from the page, not from the author. Where the repair is
unambiguous, the repaired program is checked; the file itself stays as it is.
""",
)
UNUSED_SUPPRESSION = EngineRule(
    "LR003",
    "unused-suppression",
    Level.WARNING,
    """A suppression that matches no finding.

The mistake is gone, or the comment stands on another line than the finding. A suppression that nobody needs hides the next
mistake on its line. Only reported when every rule is selected.
""",
)
UNKNOWN_RULE = EngineRule(
    "LR004",
    "unknown-rule",
    Level.WARNING,
    """A suppression or an option that names no rule.

It has no effect. `lrcheck rules` lists the names.
""",
)

ENGINE_RULES = (UNREADABLE, PAGE_RESIDUE, UNUSED_SUPPRESSION, UNKNOWN_RULE)
