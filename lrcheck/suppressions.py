"""`# lrcheck: ignore[rule]` behind a line, `# lrcheck: ignore-file[rule]` on a line of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

MARK = "lrcheck:"
_COMMENT = re.compile(r"#\s*lrcheck:\s*(ignore-file|ignore)\b\s*(?:\[([^\]]*)\])?")
_NAME = re.compile(r"[^\s,]+")
_CODE = re.compile(r"[A-Z]+\d*")
_LOOK_ALIKE = str.maketrans("ol", "01")


@dataclass(slots=True)
class Suppression:
    """One name in one comment. `start` and `end` are offsets of the name in the program."""

    name: str
    line: int
    whole_file: bool
    start: int
    end: int
    used: bool = False

    def matches(self, code: str, rule: str) -> bool:
        return self.name == rule or (_CODE.fullmatch(self.name) is not None and code.startswith(self.name))


@dataclass(slots=True)
class Suppressions:
    """All suppressions of a program, and the comments that name nothing."""

    entries: list[Suppression] = field(default_factory=list)
    nameless: list[tuple[int, int]] = field(default_factory=list)

    def silence(self, code: str, rule: str, lines: Iterable[int]) -> bool:
        """Is a finding of the rule on one of these lines suppressed? Whatever does so counts as used."""
        silenced = False
        wanted = frozenset(lines)
        for entry in self.entries:
            if (entry.whole_file or entry.line in wanted) and entry.matches(code, rule):
                entry.used = silenced = True
        return silenced


def collect(comments: Sequence[tuple[int, int, str]]) -> Suppressions:
    """Read the comments of a program, given as offset, line and text."""
    found = Suppressions()
    for offset, line, comment in comments:
        for match in _COMMENT.finditer(comment):
            names = match.group(2)
            whole_file = match.group(1) == "ignore-file"
            if names is None or not names.strip():
                found.nameless.append((offset + match.start(), offset + match.end()))
                continue
            base = offset + match.start(2)
            found.entries.extend(
                Suppression(name.group(), line, whole_file, base + name.start(), base + name.end())
                for name in _NAME.finditer(names)
            )
    return found


def closest(name: str, known: Iterable[str]) -> str | None:
    """The known name that a misspelt one most probably means."""
    from difflib import SequenceMatcher, get_close_matches

    wanted = name.lower()
    by_lower = {other.lower(): other for other in known}
    found = get_close_matches(wanted, by_lower, n=20, cutoff=0.6)
    if not found:
        return None

    def nearness(other: str) -> tuple[float, int]:  # between equally near names, the letters in their places decide
        pairs = zip(wanted.translate(_LOOK_ALIKE), other.translate(_LOOK_ALIKE), strict=False)
        same = sum(a == b for a, b in pairs)
        return SequenceMatcher(None, other, wanted).ratio(), same

    return by_lower[max(found, key=nearness)]
