"""A language server: diagnostics while typing, the page of a rule on hover, fixes as code actions."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path

from lrcheck import __version__
from lrcheck.check import Checker
from lrcheck.config import ConfigError, Configs
from lrcheck.findings import Diagnostic, FileError, Level, LocatedFix, Related, Result, Span
from lrcheck.report.text import advice
from lrcheck.sources import SUFFIXES
from lrcheck.static.document import Lines
from lrcheck.static.notebook import of_cells
from lrcheck.work import Order, check_text, checker

PAUSE = 0.2  # seconds without a key stroke before the text is checked
_SEVERITY = {
    Level.ERROR: lsp.DiagnosticSeverity.Error,
    Level.WARNING: lsp.DiagnosticSeverity.Warning,
    Level.INFO: lsp.DiagnosticSeverity.Information,
}


@dataclass(frozen=True, slots=True)
class Found:
    """A diagnostic as editors take it: `edits` by document, of its fix; `ignore` silences it where it stands."""

    diagnostic: Diagnostic
    shown: lsp.Diagnostic
    edits: dict[str, list[lsp.TextEdit]] = field(default_factory=dict)
    ignore: lsp.TextEdit | None = None


@dataclass(slots=True)
class Checks:
    """What was found in the open documents and cells, and the checks that wait."""

    found: dict[str, tuple[Found, ...]] = field(default_factory=dict)
    waiting: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    cells: dict[str, list[str]] = field(default_factory=dict)  # notebook -> the cells that diagnostics were sent for
    configs: Configs = field(default_factory=Configs)


_CELLS = lsp.NotebookDocumentSyncOptions(
    notebook_selector=[
        lsp.NotebookDocumentFilterWithCells(cells=[lsp.NotebookCellLanguage(language="python")], notebook="*")
    ],
    save=True,
)


def server() -> LanguageServer:
    """The server with its features."""
    made = LanguageServer("lrcheck", __version__, notebook_document_sync=_CELLS)
    checks = Checks()

    @made.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: lsp.DidOpenTextDocumentParams) -> None:
        _publish(made, checks, params.text_document.uri)

    @made.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    async def changed(params: lsp.DidChangeTextDocumentParams) -> None:
        await asyncio.sleep(0)
        _later(made, checks, params.text_document.uri)

    @made.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: lsp.DidSaveTextDocumentParams) -> None:
        del params
        _everything(made, checks)

    @made.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: lsp.DidCloseTextDocumentParams) -> None:
        _forget(made, checks, params.text_document.uri)

    @made.feature(lsp.NOTEBOOK_DOCUMENT_DID_OPEN)
    def notebook_opened(params: lsp.DidOpenNotebookDocumentParams) -> None:
        _publish(made, checks, params.notebook_document.uri)

    @made.feature(lsp.NOTEBOOK_DOCUMENT_DID_CHANGE)
    async def notebook_changed(params: lsp.DidChangeNotebookDocumentParams) -> None:
        await asyncio.sleep(0)
        _later(made, checks, params.notebook_document.uri)

    @made.feature(lsp.NOTEBOOK_DOCUMENT_DID_SAVE)
    def notebook_saved(params: lsp.DidSaveNotebookDocumentParams) -> None:
        del params
        _everything(made, checks)

    @made.feature(lsp.NOTEBOOK_DOCUMENT_DID_CLOSE)
    def notebook_closed(params: lsp.DidCloseNotebookDocumentParams) -> None:
        uri = params.notebook_document.uri
        for cell in checks.cells.pop(uri, []):
            _forget(made, checks, cell)

    @made.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hovered(params: lsp.HoverParams) -> lsp.Hover | None:
        return _hover(checks, params)

    options = lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix])

    @made.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, options)
    def actions(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        return list(_actions(checks, params))

    return made


def _later(made: LanguageServer, checks: Checks, uri: str) -> None:
    """Check when the user pauses."""
    waiting = checks.waiting.pop(uri, None)
    if waiting is not None:
        waiting.cancel()

    async def check() -> None:
        await asyncio.sleep(PAUSE)
        checks.waiting.pop(uri, None)
        _publish(made, checks, uri)

    checks.waiting[uri] = asyncio.get_running_loop().create_task(check())


def _everything(made: LanguageServer, checks: Checks) -> None:
    """Check all open documents anew: they may import the one that was saved, or it is the configuration."""
    checker.cache_clear()
    checks.configs = Configs()
    inside = {cell for cells in checks.cells.values() for cell in cells}
    for uri in [*(uri for uri in checks.found if uri not in inside), *checks.cells]:
        _publish(made, checks, uri)


def _forget(made: LanguageServer, checks: Checks, uri: str) -> None:
    checks.found.pop(uri, None)
    made.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, []))


def _publish(made: LanguageServer, checks: Checks, uri: str) -> None:
    """Check a document or a notebook, and tell the editor."""
    path = to_fs_path(uri) or uri
    notebook = made.workspace.get_notebook_document(notebook_uri=uri)
    try:
        order = Order(checks.configs.of(path))
        if notebook is not None:
            _publish_cells(made, checks, uri, checker(order), Cells(made, path, notebook))
        elif path.endswith(SUFFIXES):
            _publish_text(made, checks, uri, order)
    except ConfigError as error:
        made.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Error, f"lrcheck: {error}"))


def _publish_text(made: LanguageServer, checks: Checks, uri: str, order: Order) -> None:
    path = to_fs_path(uri) or uri
    document = made.workspace.get_text_document(uri)
    result = check_text(order, path, document.source.encode("utf-8", "surrogatepass")).result
    own = []
    for found in result.diagnostics:
        if found.path == path:
            edits = {uri: _edits(made, uri, found.fix)} if found.fix is not None else {}
            ignore = _suppression(made, uri, found) if uri.endswith((".py", ".pyw")) else None
            own.append(Found(found, _diagnostic(made, uri, found), edits, ignore))
    checks.found[uri] = tuple(own)
    shown = [found.shown for found in own] + [_unreadable(error) for error in result.errors]
    made.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, shown, document.version))


# -- notebooks --------------------------------------------------------------------------------------------------------
class Cells:
    """The Python cells of an open notebook as one program, and the way from its places to the cells."""

    def __init__(self, made: LanguageServer, path: str, notebook: lsp.NotebookDocument) -> None:
        self.made = made
        self.path = path
        self.uris: dict[int, str] = {}
        texts: list[tuple[int, str]] = []
        for number, cell in enumerate(notebook.cells, 1):
            document = made.workspace.get_text_document(cell.document)
            if cell.kind is lsp.NotebookCellKind.Code and document.language_id in {None, "python"}:
                self.uris[number] = cell.document
                texts.append((number, document.source))
        self.document, self.starts = of_cells(path, texts)

    def edits(self, fix: LocatedFix) -> dict[str, list[lsp.TextEdit]]:
        """The edits of a fix, by cell."""
        found: dict[str, list[lsp.TextEdit]] = {}
        numbers = list(self.uris)
        for edit in fix.edits:
            at = bisect_right(self.starts, edit.start) - 1
            uri = self.uris[numbers[at]]
            lines = Lines(self.made.workspace.get_text_document(uri).source)
            start, end = (
                _position(self.made, uri, *lines.position(offset - self.starts[at]))
                for offset in (edit.start, edit.end)
            )
            found.setdefault(uri, []).append(lsp.TextEdit(lsp.Range(start, end), edit.text))
        return found

    def place(self, other: Related) -> tuple[str, Related]:
        """Where a label stands: a cell, or another file."""
        if other.path == self.path and other.span.cell in self.uris:
            return self.uris[other.span.cell], replace(other, span=_in_cell(other.span))
        return from_fs_path(other.path) or other.path, other


def _publish_cells(made: LanguageServer, checks: Checks, uri: str, check: Checker, cells: Cells) -> None:
    by_cell: dict[str, list[Found]] = {cell: [] for cell in cells.uris.values()}
    result = check.check(cells.document) if "torch" in cells.document.text else Result(cells.path)
    for found in result.diagnostics:
        if found.path == cells.path and found.span.cell in cells.uris:
            cell = cells.uris[found.span.cell]
            own = replace(found, span=_in_cell(found.span))
            shown = _diagnostic(made, cell, own, [cells.place(other) for other in found.related])
            edits = cells.edits(found.fix) if found.fix is not None else {}
            by_cell[cell].append(Found(own, shown, edits, _suppression(made, cell, own)))
    for gone in checks.cells.get(uri, []):
        if gone not in by_cell:
            _forget(made, checks, gone)
    checks.cells[uri] = list(by_cell)
    for cell, everything in by_cell.items():
        checks.found[cell] = tuple(everything)
        version = made.workspace.get_text_document(cell).version
        shown_here = [found.shown for found in everything]
        made.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(cell, shown_here, version))


def _in_cell(span: Span) -> Span:
    """The same range with lines that count from the start of the cell."""
    if span.cell_line is None:
        return span
    return replace(span, line=span.cell_line, end_line=span.cell_line + span.end_line - span.line)


# -- what editors are told ---------------------------------------------------------------------------------------------
def _diagnostic(
    made: LanguageServer, uri: str, found: Diagnostic, places: Sequence[tuple[str, Related]] | None = None
) -> lsp.Diagnostic:
    if places is None:
        places = [(from_fs_path(other.path) or uri, other) for other in found.related]
    related = [
        lsp.DiagnosticRelatedInformation(lsp.Location(at, _range(made, at, other.span)), other.message or "here")
        for at, other in places
    ]
    return lsp.Diagnostic(
        range=_range(made, uri, found.span),
        message="\n".join(filter(None, (found.message, found.note, advice(found)))),
        severity=_SEVERITY[found.level],
        code=f"{found.code} {found.name}",
        source="lrcheck",
        tags=[lsp.DiagnosticTag.Deprecated] if found.code.startswith("LR6") else None,
        related_information=related or None,
    )


def _unreadable(error: FileError) -> lsp.Diagnostic:
    line = max((error.line or 1) - 1, 0)
    place = lsp.Range(lsp.Position(line, 0), lsp.Position(line, 1))
    return lsp.Diagnostic(place, error.message, lsp.DiagnosticSeverity.Error, "LR001 unreadable", source="lrcheck")


def _range(made: LanguageServer, uri: str, span: Span) -> lsp.Range:
    return lsp.Range(_position(made, uri, span.line, span.column), _position(made, uri, span.end_line, span.end_column))


def _position(made: LanguageServer, uri: str, line: int, column: int) -> lsp.Position:
    """Editors count in their own units (UTF-16 unless they say otherwise), from 0."""
    document = made.workspace.get_text_document(uri)
    here = lsp.Position(max(line - 1, 0), max(column - 1, 0))
    return document.position_codec.position_to_client_units(document.lines, here)


def _at(checks: Checks, uri: str, place: lsp.Range) -> Iterator[Found]:
    for found in checks.found.get(uri, ()):
        own = found.shown.range
        if own.start <= place.end and place.start <= own.end:
            yield found


def _hover(checks: Checks, params: lsp.HoverParams) -> lsp.Hover | None:
    from lrcheck.cli.explaining import markdown_page
    from lrcheck.selection import every_rule

    here = lsp.Range(params.position, params.position)
    for found in _at(checks, params.text_document.uri, here):
        for rule in every_rule(checks.configs.of(found.diagnostic.path)):
            if rule.code == found.diagnostic.code:
                page = lsp.MarkupContent(lsp.MarkupKind.Markdown, markdown_page(rule))
                return lsp.Hover(page, found.shown.range)
    return None


def _actions(checks: Checks, params: lsp.CodeActionParams) -> Iterator[lsp.CodeAction]:
    uri = params.text_document.uri
    for found in _at(checks, uri, params.range):
        reported = [other for other in params.context.diagnostics if other.range == found.shown.range] or None
        fix = found.diagnostic.fix
        if fix is not None:
            safety = "" if fix.safety.value == "safe" else " (changes training results)"
            yield _action(f"lrcheck: {fix.message}{safety}", found.edits, reported)
        if found.ignore is not None:
            yield _action(f"lrcheck: ignore {found.diagnostic.name} here", {uri: [found.ignore]}, reported)


def _action(title: str, edits: dict[str, list[lsp.TextEdit]], reported: list[lsp.Diagnostic] | None) -> lsp.CodeAction:
    change = lsp.WorkspaceEdit(changes=edits)
    return lsp.CodeAction(title, lsp.CodeActionKind.QuickFix, diagnostics=reported, edit=change)


def _edits(made: LanguageServer, uri: str, fix: LocatedFix) -> list[lsp.TextEdit]:
    lines = Lines(made.workspace.get_text_document(uri).source)
    edits = []
    for edit in fix.edits:
        start = _position(made, uri, *lines.position(edit.start))
        end = _position(made, uri, *lines.position(edit.end))
        edits.append(lsp.TextEdit(lsp.Range(start, end), edit.text))
    return edits


def _suppression(made: LanguageServer, uri: str, found: Diagnostic) -> lsp.TextEdit:
    line = Lines(made.workspace.get_text_document(uri).source).line(found.span.line).rstrip()
    end = _position(made, uri, found.span.line, len(line) + 1)
    return lsp.TextEdit(lsp.Range(end, end), f"  # lrcheck: ignore[{found.name}]")
