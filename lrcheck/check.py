"""Checking one program: observe it, ask the rules, silence what the user suppressed."""

from __future__ import annotations

import os
import re
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from lrcheck import suppressions
from lrcheck.diagnostics import locate
from lrcheck.engine import ENGINE_RULES, PAGE_RESIDUE, UNKNOWN_RULE, UNREADABLE, UNUSED_SUPPRESSION, EngineRule
from lrcheck.findings import Diagnostic, FileError, Finding, Level, LocatedFix, Result, Safety, Site, Undecided
from lrcheck.knowledge import target
from lrcheck.sources import TooDeepError, UnreadableError, mentions_torch, read_bytes

if TYPE_CHECKING:
    from lrcheck.events import Event
    from lrcheck.rule import Rule
    from lrcheck.static.document import Document, Note
    from lrcheck.static.project import Project

_PREFIX = re.compile(r"[A-Z]+\d*")

TOO_LARGE = 1_000_000  # characters of one program: its tree would take a gigabyte
TABLE = 15_000  # commas: a generated table of data; twice as much memory a character as a program
ASYNC_ARGUMENT = "LR609"
Dispatch = dict[type, list["Rule"]]


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user chose. `known` are the names and codes of all rules, selected or not."""

    codes: frozenset[str] | None = None  # None: every rule that is on by default
    known: frozenset[str] = frozenset()
    undecided: bool = False  # also say what could not be decided
    levels: Mapping[str, Level] = field(default_factory=dict)  # code: level, where it is not the rule's own
    per_file_ignores: tuple[tuple[str, frozenset[str]], ...] = ()  # pattern: codes
    root: str = ""  # the folder that the patterns start from
    target: str | None = None  # release of torch

    def wants(self, code: str) -> bool:
        return self.codes is None or code in self.codes

    def ignored(self, path: str) -> frozenset[str]:
        """The codes that are not reported in a file."""
        if not self.per_file_ignores:
            return frozenset()
        from lrcheck.config import matches

        relative = os.path.relpath(os.path.abspath(path), self.root or ".").replace(os.sep, "/")
        codes = (codes for pattern, codes in self.per_file_ignores if matches(pattern, relative))
        return frozenset().union(*codes)


@dataclass(slots=True)
class _Report:
    """What is collected while one program is checked."""

    document: Document
    diagnostics: list[Diagnostic] = field(default_factory=list)
    errors: list[FileError] = field(default_factory=list)
    suppressed: int = 0
    suppressions: dict[str, suppressions.Suppressions] = field(default_factory=dict)


class Checker:
    """Checks programs with one set of rules; what imports share between programs is parsed once."""

    def __init__(self, rules: Sequence[Rule], settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        chosen = self.settings.codes is not None
        self.rules = [rule for rule in rules if self.settings.wants(rule.code) and (chosen or rule.default)]
        self.known = self.settings.known or names_of(rules)
        self.dispatch: Dispatch = {}
        for rule in self.rules:
            self.dispatch.setdefault(rule.event, []).append(rule)
        self.project: Project | None = None

    def check_path(self, path: str, *, display: str | None = None) -> Result:
        """Check a file; `-` is standard input. Files that do not mention torch are not parsed."""
        shown = path if display is None else display
        if self.project is not None:
            self.project.begin()
        parsed = self.project.known(path) if self.project is not None else None
        if parsed is not None and parsed.path == shown:
            return self.check(parsed)
        try:
            data = read_bytes(path)
        except UnreadableError as error:
            return Result(shown, errors=(FileError(shown, error.message, error.line),))
        return self.check_bytes(shown, data)

    def check_bytes(self, path: str, data: bytes) -> Result:
        """The same for bytes under a name."""
        if self.project is not None:
            self.project.begin()
        if not mentions_torch(data):
            return Result(path)
        from lrcheck.static.document import read_document
        from lrcheck.static.guard import check_depth

        try:
            document = read_document(path, data=data)
            large = len(document.text) > TOO_LARGE or document.text.count(",") > TABLE
            if large:
                check_depth(document.text)
        except UnreadableError as error:
            return Result(path, errors=(FileError(path, error.message, error.line),))
        if large:
            message = f"more than {TOO_LARGE:,} characters or {TABLE:,} commas: not checked"
            note = Undecided(path, document.span_of(0, 0), message)
            return Result(path, undecided=(note,))  # said without `-v` too: silence would read as approval
        return self.check(document)

    def check(self, document: Document) -> Result:
        report = _Report(document)
        undecided: tuple[Undecided, ...] = ()
        try:
            with target.using(self.settings.target) if self.settings.target else nullcontext():
                undecided = self._check(report)
        except UnreadableError as error:
            report.errors.append(FileError(document.path, error.message, error.line))
        except RecursionError:
            report.errors.append(FileError(document.path, "is nested too deeply to be checked"))
        except Exception as error:  # noqa: BLE001  # no file may end the run
            report.errors.append(_internal(document.path, "the observer", error))
        return Result(
            document.path,
            tuple(sorted(self._final(report.diagnostics), key=Diagnostic.sort_key)),
            tuple(report.errors),
            undecided,
            report.suppressed,
        )

    def _final(self, diagnostics: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
        """What the configuration says about single files and levels."""
        settings = self.settings
        for found in diagnostics:
            if found.code not in settings.ignored(found.path):
                level = settings.levels.get(found.code)
                yield found if level is None else replace(found, level=level)

    def _check(self, report: _Report) -> tuple[Undecided, ...]:
        from lrcheck.static.observer import observe
        from lrcheck.static.project import Project

        if self.project is None:
            self.project = Project()
        self.project.begin()
        report.document = _readable(report.document)
        observation = observe(report.document, self.project)
        self.project.keep(report.document)
        for rule, finding in self._judge(report, observation.events):
            self._add(report, rule, finding)
        self._notes(report)
        if suppressions.MARK in report.document.text:
            self._unused(report)
        if not self.settings.undecided:
            return ()
        document = report.document
        skipped = [
            Undecided(document.path, document.span_of(note.start, note.end), note.message)
            for note in document.notes
            if not note.code
        ]
        questions = [Undecided(site.path, site.span(), reason) for site, reason in observation.undecided]
        return tuple(sorted([*skipped, *questions], key=lambda each: (each.path, each.span.line, each.span.column)))

    def _judge(self, report: _Report, events: Iterable[Event]) -> list[tuple[Rule, Finding]]:
        """Ask each rule about each event that it wants; one failing rule does not silence the others."""
        by_event: list[tuple[Event, list[tuple[Rule, Finding]]]] = []
        broken: set[str] = set()
        for event in events:
            found: list[tuple[Rule, Finding]] = []
            for rule in self.dispatch.get(type(event), ()):
                try:
                    found.extend((rule, finding) for finding in rule.check(event) or ())
                except Exception as error:  # noqa: BLE001  # other rules go on
                    if rule.name not in broken:
                        broken.add(rule.name)
                        report.errors.append(_internal(report.document.path, f"rule {rule.name}", error))
            by_event.append((event, found))
        return _distinct(_standing(by_event))

    def _add(self, report: _Report, rule: Rule, finding: Finding) -> None:
        site = finding.at.site
        if self._suppressions(report, site).silence(rule.code, rule.name, _lines(site)):
            report.suppressed += 1
            return
        try:
            report.diagnostics.append(locate(rule, finding))
        except Exception as error:  # noqa: BLE001  # the other findings stand
            report.errors.append(_internal(report.document.path, f"rule {rule.name}", error))

    def _suppressions(self, report: _Report, site: Site) -> suppressions.Suppressions:
        """The suppressions of the file that holds the site: a finding may stand in an imported file."""
        document: Document = getattr(site, "document", report.document)
        if document.path not in report.suppressions:
            report.suppressions[document.path] = _suppressions_of(document)
        return report.suppressions[document.path]

    def _notes(self, report: _Report) -> None:
        for note in report.document.notes:
            if note.code == PAGE_RESIDUE.code and self.settings.wants(note.code):
                report.diagnostics.append(_own(report.document, PAGE_RESIDUE, note.message, note.start, note.end))
            elif note.code == UNREADABLE.code and self.settings.wants(note.code):
                self._old_python(report, note)

    def _old_python(self, report: _Report, note: Note) -> None:
        """What only an older Python reads, unless a rule has said so of the same line."""
        place = report.document.span_of(note.start, note.end)
        said = (found.span for found in report.diagnostics if found.code == ASYNC_ARGUMENT)
        if all(span.line != place.line for span in said):
            advice = "translate the program to Python 3; it was checked as the Python 3 program that it means"
            self._own(report, UNREADABLE, note.message, note.start, note.end, advice)

    def _unused(self, report: _Report) -> None:
        document = report.document
        found = report.suppressions.get(document.path) or _suppressions_of(document)
        for start, end in found.nameless:
            self._own(report, UNKNOWN_RULE, "suppression names no rule", start, end, "write `ignore[RULE-NAME]`")
        for entry in found.entries:
            if not _is_known(entry.name, self.known):
                near = suppressions.closest(entry.name, self.known)
                advice = f"write `{near}`" if near else "`lrcheck rules` lists the names"
                self._own(report, UNKNOWN_RULE, f"`{entry.name}` is no rule", entry.start, entry.end, advice)
            elif not entry.used and self.settings.codes is None and not report.errors:
                title = f"suppression of `{entry.name}` matches no finding"
                self._own(report, UNUSED_SUPPRESSION, title, entry.start, entry.end, fix=_removal(document, entry))

    def _own(
        self,
        report: _Report,
        rule: EngineRule,
        title: str,
        start: int,
        end: int,
        advice: str = "",
        fix: LocatedFix | None = None,
    ) -> None:
        if self.settings.wants(rule.code):
            report.diagnostics.append(_own(report.document, rule, title, start, end, advice, fix))


def unique(results: Iterable[Result]) -> list[Result]:
    """The results of several files without what was said twice: a finding in a module that several of them import."""
    seen: set[tuple[str, str, int, int]] = set()
    kept = []
    for result in results:
        own = []
        for diagnostic in result.diagnostics:
            place = (diagnostic.code, diagnostic.path, diagnostic.span.line, diagnostic.span.column)
            if place not in seen:
                seen.add(place)
                own.append(diagnostic)
        kept.append(result if len(own) == len(result.diagnostics) else replace(result, diagnostics=tuple(own)))
    return kept


def check_document(document: Document, rules: Sequence[Rule], settings: Settings | None = None) -> Result:
    """Check one program with the given rules."""
    return Checker(rules, settings).check(document)


def names_of(rules: Iterable[Rule | EngineRule]) -> frozenset[str]:
    """Every code and name that a suppression or an option may use."""
    every = [*rules, *ENGINE_RULES]
    return frozenset([rule.code for rule in every] + [rule.name for rule in every])


def _readable(document: Document) -> Document:
    """The document itself, or where it came broken from a web page, the repaired one; else `UnreadableError`."""
    try:
        _ = document.module
    except TooDeepError:
        raise
    except UnreadableError as error:
        from lrcheck.static import old_python
        from lrcheck.static.residue import lost_indentation, repaired

        other = old_python.repaired(document) or repaired(document)
        if other is not None:
            return other
        line = lost_indentation(document.text, error.line) if error.line else None
        if line is not None:
            raise UnreadableError("lost its indentation: which lines belong to this block is ambiguous", line) from None
        raise
    return document


def _standing(by_event: list[tuple[Event, list[tuple[Rule, Finding]]]]) -> list[tuple[Rule, Finding]]:
    """Without the findings about alternatives of which one is in order: the program may mean that one."""
    sound = {
        group for event, found in by_event if (group := getattr(event, "alternatives", None)) is not None and not found
    }
    return [pair for event, found in by_event if getattr(event, "alternatives", None) not in sound for pair in found]


def _distinct(found: list[tuple[Rule, Finding]]) -> list[tuple[Rule, Finding]]:
    seen: set[tuple[str, tuple[str, object]]] = set()
    result = []
    for rule, finding in found:
        key = (rule.code, finding.at.site.key())
        if key not in seen:
            seen.add(key)
            result.append((rule, finding))
    return result


def _lines(site: Site) -> Iterable[int]:
    lines = getattr(site, "statement_lines", None)
    return lines() if lines is not None else (site.span().line,)


def _suppressions_of(document: Document) -> suppressions.Suppressions:
    if suppressions.MARK not in document.text:
        return suppressions.Suppressions()
    lines = document.lines
    return suppressions.collect(
        [
            (offset, lines.position(offset)[0], text)
            for offset, text in document.layout.comments
            if suppressions.MARK in text
        ]
    )


def _is_known(name: str, known: frozenset[str]) -> bool:
    return name in known or (_PREFIX.fullmatch(name) is not None and any(other.startswith(name) for other in known))


def _own(
    document: Document,
    rule: EngineRule,
    title: str,
    start: int,
    end: int,
    advice: str = "",
    fix: LocatedFix | None = None,
) -> Diagnostic:
    span = document.span_of(start, end)
    return Diagnostic(rule.code, rule.name, rule.level, title, document.path, span, help=advice, fix=fix)


def _removal(document: Document, entry: suppressions.Suppression) -> LocatedFix | None:
    """Remove the name, or the whole comment where it names nothing else."""
    start, end = entry.start, entry.end
    line_start, line_end = document.lines.bounds(start)
    text = document.text
    before, behind = text[line_start:start], text[end:line_end]
    if before.rstrip().endswith("[") and behind.lstrip().startswith("]") and not behind.strip()[1:].strip():
        start = line_start + len(before[: before.rindex("#")].rstrip())
        end = line_end
        if start == line_start:  # nothing else on the line
            end += 1 if text[end : end + 1] == "\n" else 0
    elif behind.lstrip().startswith(","):
        end += behind.index(",") + 1
        end += len(text[end:line_end]) - len(text[end:line_end].lstrip())
    elif before.rstrip().endswith(","):
        start = line_start + before.rindex(",")
    else:
        return None
    edits = document.edits(start, end, "")
    return LocatedFix("remove the suppression", Safety.SAFE, tuple(edits)) if edits else None


def _internal(path: str, where: str, error: Exception) -> FileError:
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({frames[-1].filename}:{frames[-1].lineno})" if frames else ""
    text = str(error).partition("\n")[0]
    return FileError(path, f"internal error in {where}: {type(error).__name__}: {text}{place}", internal=True)
