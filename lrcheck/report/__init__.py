"""Renderers: the only place that turns diagnostics into text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lrcheck.findings import Diagnostic, FileError, Result, Undecided

if TYPE_CHECKING:
    from lrcheck.report.lines import SourceLines

FORMATS = ("text", "concise", "json", "github", "gitlab", "junit", "sarif")


@dataclass(slots=True)
class Outcome:
    """Everything that a run has to say."""

    results: Sequence[Result]
    sources: SourceLines
    color: bool = False
    quiet: bool = False
    unsafe: bool = False  # unsafe fixes may be applied
    fixed: int = 0
    known: int = 0  # findings that a baseline holds
    diagnostics: list[Diagnostic] = field(init=False)
    errors: list[FileError] = field(init=False)
    undecided: list[Undecided] = field(init=False)

    def __post_init__(self) -> None:
        self.diagnostics = _once(found for result in self.results for found in result.diagnostics)
        self.errors = [error for result in self.results for error in result.errors]
        self.undecided = [question for result in self.results for question in result.undecided]


def _once(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """A finding in a file that several programs import is said once."""
    unique: dict[object, Diagnostic] = {}
    for found in diagnostics:
        unique.setdefault((found.path, found.span, found.code), found)
    return list(unique.values())


def renderer(name: str) -> Callable[[Outcome], str]:
    """The function that renders a format; only the module that is needed is imported."""
    from importlib import import_module

    render: Callable[[Outcome], str] = import_module(f"lrcheck.report.{_MODULES.get(name, name)}").render
    return render


_MODULES = {"json": "as_json"}  # not to be confused with the module of the standard library
