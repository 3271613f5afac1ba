"""The pairs of programs on disk: what they are about, which are asked for, and when one has changed."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import re
import tokenize
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lrcheck.rule import Rule
from lrcheck.suppressions import closest

_MARK = re.compile(r"# (bug|because): ([\w-]+(?:, [\w-]+)*)")
_SHARED = ("data", "reference")
SEEDS = "seeds"


class UnknownPairError(Exception):
    """Nothing is proven under that name."""


@dataclass(frozen=True)
class Pair:
    """One program with a mistake and without it."""

    name: str
    folder: Path

    @property
    def bad(self) -> Path:
        return self.folder / "bad.py"

    @property
    def fixed(self) -> Path:
        return self.folder / "fixed.py"

    @property
    def is_seed(self) -> bool:
        return self.name.startswith(SEEDS + "/")

    @property
    def is_reference(self) -> bool:
        """Whether `fixed.py` is a reference implementation, with options."""
        return self.is_seed and "reference.start(" in self.fixed.read_text(encoding="utf-8")

    @cached_property
    def chooses_device(self) -> bool:
        """Whether a program of the pair looks for a GPU by itself."""
        return any("cuda" in path.read_text(encoding="utf-8") for path in (self.bad, self.fixed))

    @cached_property
    def rules(self) -> tuple[str, ...]:
        """The names of the rules whose mistakes are made here; a pair of a rule has that rule first."""
        marked = {name for kind, name, _ in self.marks if kind == "bug"}
        own = self.name.partition("/")[0].replace("_", "-")
        return tuple(sorted(marked, key=lambda name: (name != own, name)))

    @cached_property
    def marks(self) -> tuple[tuple[str, str, int], ...]:
        """What `bad.py` says about itself: the kind of mark, the rule, the line."""
        lines = self.bad.read_text(encoding="utf-8").splitlines()
        return tuple(
            (match.group(1), name, number)
            for number, line in enumerate(lines, 1)
            for match in _MARK.finditer(line)
            for name in match.group(2).split(", ")
        )

    @cached_property
    def digest(self) -> str:
        """Changes when a program may run differently or a line moves; not with marks, comments and the docstring."""
        texts = [self.bad.read_text(encoding="utf-8"), self.fixed.read_text(encoding="utf-8")]
        shared = [name for name in _SHARED if any(f"lrcheck.fixtures.{name}" in text for text in texts)]
        shared = ["data", "reference"] if self.is_reference else shared
        texts += [(fixtures() / f"{name}.py").read_text(encoding="utf-8") for name in shared]
        return hashlib.sha256("\0".join(map(_code, texts)).encode()).hexdigest()[:16]


def fixtures() -> Path:
    """The folder of all pairs."""
    spec = importlib.util.find_spec("lrcheck.fixtures")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("the pairs (lrcheck.fixtures) are not installed")
    return Path(next(iter(spec.submodule_search_locations)))


def every_pair() -> list[Pair]:
    """All pairs, in the order of their names."""
    root = fixtures()
    found = (path.parent for path in root.rglob("bad.py") if (path.parent / "fixed.py").is_file())
    return sorted((Pair(folder.relative_to(root).as_posix(), folder) for folder in found), key=lambda pair: pair.name)


def selected(wanted: list[str], rules: list[Rule]) -> list[Pair]:
    """The pairs that are named: `all`, `references`, a code, a rule, a seed, a folder or one pair."""
    pairs = every_pair()
    chosen: dict[str, Pair] = {}
    for name in wanted or ["all"]:
        found = [pair for pair in pairs if _is(pair, name.strip().rstrip("/"), rules)]
        if not found:
            raise UnknownPairError(_unknown(name, pairs, rules))
        chosen.update((pair.name, pair) for pair in found)
    return list(chosen.values())


def _is(pair: Pair, name: str, rules: list[Rule]) -> bool:
    if name.lower() == "all":
        return True
    if name.lower() == "references":
        return pair.is_reference
    if re.fullmatch(r"(?i)LR\d+", name):
        of_code = {rule.name for rule in rules if rule.code.startswith(name.upper())}
        return pair.name.partition("/")[0].replace("_", "-") in of_code
    spelt = name.replace("-", "_")
    return pair.name == spelt or pair.name.startswith(spelt + "/") or pair.name == f"{SEEDS}/{spelt}"


def _unknown(name: str, pairs: list[Pair], rules: list[Rule]) -> str:
    known = [rule.code for rule in rules] + [rule.name for rule in rules]
    known += [pair.name for pair in pairs] + [pair.folder.name for pair in pairs if pair.is_seed]
    if name.replace("_", "-") in known or name.upper() in known:
        return f"`{name}` has no pair of programs"
    near = closest(name, known)
    hint = f"; did you mean `{near}`?" if near else "; try a rule, `seeds`, `references` or `all`"
    return f"nothing is proven under the name `{name}`{hint}"


def _code(text: str) -> str:
    """A program without its comments and its docstring, every line where it was."""
    lines = text.splitlines()
    first = True
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            lines[token.start[0] - 1] = lines[token.start[0] - 1][: token.start[1]].rstrip()
        elif token.type == tokenize.STRING and first:
            for number in range(token.start[0], token.end[0] + 1):
                lines[number - 1] = ""
        first = first and token.type in {tokenize.COMMENT, tokenize.NL, tokenize.ENCODING}
    return "\n".join(lines)
