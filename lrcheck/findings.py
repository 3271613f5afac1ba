"""Findings: what a rule says about a program, as values.

A rule yields `Finding`s whose labels point at `Site`s. A site is opaque to rules: only the observer that made it knows
whether it is a syntax node or a stack frame. `lrcheck.diagnostics` turns findings into located `Diagnostic`s, and only
the renderers in `lrcheck.report` write text.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Protocol


class Level(enum.Enum):
    """How bad a finding is: `ERROR` wrong result or crash, `WARNING` fragile or misleading, `INFO` style."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Safety(enum.Enum):
    """Who may apply a fix: `SAFE` keeps what the program means, `UNSAFE` changes training results."""

    SAFE = "safe"
    UNSAFE = "unsafe"


@dataclass(frozen=True, slots=True)
class Span:
    """A range of source text: lines and columns count from 1, the end is exclusive.

    `cell` is the number of the notebook cell or Markdown block (from 1) that holds the range; lines then count from the
    start of the file all the same, and `cell_line` from the start of the cell.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    cell: int | None = None
    cell_line: int | None = None


class Site(Protocol):
    """A place in the user's program. Rules pass sites on and never look inside."""

    @property
    def path(self) -> str: ...

    @property
    def text(self) -> str:
        """The source text of the place, or an empty string where no source is known."""

    def span(self) -> Span: ...

    def key(self) -> tuple[str, object]:
        """Equal for equal places, cheap (no positions are computed)."""


@dataclass(frozen=True, slots=True)
class Label:
    """A place and what is to be said about it. An empty text only points."""

    site: Site
    text: str = ""


class EditKind(enum.Enum):
    """What an edit does to the source text of its site."""

    REPLACE = "replace"  # the expression at the site becomes `text`
    REMOVE_ARGUMENT = "remove-argument"  # the argument or element at the site goes, with its comma
    REMOVE_STATEMENT = "remove-statement"  # the statement that holds the site goes, with its line
    INSERT_BEFORE = "insert-before"  # `text` as a statement of its own before the statement that holds the site
    INSERT_AFTER = "insert-after"  # the same, after it
    ADD_ARGUMENT = "add-argument"  # `text` as a further argument of the call at the site
    APPEND = "append"  # `text` right behind the expression at the site
    RENAME_KEYWORD = "rename-keyword"  # the keyword of the argument at the site becomes `text`
    WRAP_STATEMENT = "wrap-statement"  # the statement that holds the site moves under the line `text` (a `with ...:`)
    MOVE_BEFORE = "move-before"  # the statement that holds the site moves before the statement that holds `other`
    MOVE_AFTER = "move-after"  # the same, after it


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of source text, named by what it does; offsets are computed by the observer that owns the site."""

    kind: EditKind
    site: Site
    text: str = ""
    other: Site | None = None


@dataclass(frozen=True, slots=True)
class Fix:
    """A repair: a phrase that starts with a verb and holds code to paste, the edits, and who may apply them."""

    message: str
    edits: tuple[Edit, ...]
    safety: Safety


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake. `title` states the fact; `note` the effect on training; `help` what to do where there is no fix."""

    title: str
    at: Label
    because: tuple[Label, ...] = ()
    note: str = ""
    help: str = ""
    fix: Fix | None = None
    level: Level | None = None  # None: the rule's own level


@dataclass(frozen=True, slots=True)
class TextEdit:
    """A located edit: character offsets into the file's text, end exclusive."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class LocatedFix:
    """A fix whose edits are known down to the character."""

    message: str
    safety: Safety
    edits: tuple[TextEdit, ...]


@dataclass(frozen=True, slots=True)
class Related:
    """A secondary label, located."""

    message: str
    path: str
    span: Span


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A located finding: plain data that can be pickled, cached, sorted and rendered."""

    code: str
    name: str
    level: Level
    message: str
    path: str
    span: Span
    label: str = ""
    related: tuple[Related, ...] = ()
    note: str = ""
    help: str = ""
    fix: LocatedFix | None = None

    def sort_key(self) -> tuple[str, int, int, str]:
        return (self.path, self.span.line, self.span.column, self.code)


@dataclass(frozen=True, slots=True)
class FileError:
    """A file that could not be checked, or an internal error while checking it (`internal`)."""

    path: str
    message: str
    line: int | None = None
    internal: bool = False


@dataclass(frozen=True, slots=True)
class Undecided:
    """A question that the observer could not answer, and why: silence must not read as approval."""

    path: str
    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class Result:
    """What checking one file gave."""

    path: str
    diagnostics: tuple[Diagnostic, ...] = ()
    errors: tuple[FileError, ...] = ()
    undecided: tuple[Undecided, ...] = ()
    suppressed: int = 0
