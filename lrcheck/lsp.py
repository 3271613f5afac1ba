"""A language server: diagnostics while typing, the page of a rule on hover, fixes as code actions."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path

from lrcheck import __version__
from lrcheck.config import ConfigError, Configs
from lrcheck.findings import Diagnostic, FileError, Level, LocatedFix, Span
from lrcheck.report.text import advice
from lrcheck.sources import SUFFIXES
from lrcheck.static.document import Lines
from lrcheck.work import Order, check_text, checker

PAUSE = 0.2  # seconds without a key stroke before the text is checked
_SEVERITY = {
    Level.ERROR: lsp.DiagnosticSeverity.Error,
    Level.WARNING: lsp.DiagnosticSeverity.Warning,
    Level.INFO: lsp.DiagnosticSeverity.Information,
}


@dataclass(slots=True)
class Checks:
    """What was found in the open documents, and the checks that wait."""

    found: dict[str, tuple[Diagnostic, ...]] = field(default_factory=dict)
    waiting: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    configs: Configs = field(default_factory=Configs)


def server() -> LanguageServer:
    """The server with its features."""
    made = LanguageServer("lrcheck", __version__)
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
        checker.cache_clear()  # other files import this one, or it is the configuration
        checks.configs = Configs()
        for uri in list(checks.found):
            _publish(made, checks, uri)

    @made.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: lsp.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        checks.found.pop(uri, None)
        made.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, []))

    @made.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hovered(params: lsp.HoverParams) -> lsp.Hover | None:
        return _hover(made, checks, params)

    options = lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix])

    @made.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, options)
    def actions(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        return list(_actions(made, checks, params))

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


def _publish(made: LanguageServer, checks: Checks, uri: str) -> None:
    path = to_fs_path(uri) or uri
    if not path.endswith(SUFFIXES):
        return
    document = made.workspace.get_text_document(uri)
    try:
        order = Order(checks.configs.of(path))
        result = check_text(order, path, document.source.encode("utf-8", "surrogatepass")).result
    except ConfigError as error:
        made.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Error, f"lrcheck: {error}"))
        return
    own = tuple(found for found in result.diagnostics if found.path == path)
    checks.found[uri] = own
    shown = [_diagnostic(made, uri, found) for found in own]
    shown += [_unreadable(error) for error in result.errors]
    made.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, shown, document.version))


def _diagnostic(made: LanguageServer, uri: str, found: Diagnostic) -> lsp.Diagnostic:
    related = [
        lsp.DiagnosticRelatedInformation(
            lsp.Location(from_fs_path(other.path) or uri, _range(made, uri, other.span)), other.message or "here"
        )
        for other in found.related
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


def _at(made: LanguageServer, checks: Checks, uri: str, place: lsp.Range) -> Iterator[tuple[Diagnostic, lsp.Range]]:
    for found in checks.found.get(uri, ()):
        own = _range(made, uri, found.span)
        if own.start <= place.end and place.start <= own.end:
            yield found, own


def _hover(made: LanguageServer, checks: Checks, params: lsp.HoverParams) -> lsp.Hover | None:
    from lrcheck.cli.explaining import markdown_page
    from lrcheck.selection import every_rule

    uri = params.text_document.uri
    here = lsp.Range(params.position, params.position)
    for found, own in _at(made, checks, uri, here):
        path = to_fs_path(uri) or uri
        for rule in every_rule(checks.configs.of(path)):
            if rule.code == found.code:
                return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, markdown_page(rule)), own)
    return None


def _actions(made: LanguageServer, checks: Checks, params: lsp.CodeActionParams) -> Iterator[lsp.CodeAction]:
    uri = params.text_document.uri
    for found, own in _at(made, checks, uri, params.range):
        reported = [other for other in params.context.diagnostics if other.range == own] or None
        if found.fix is not None:
            safety = "" if found.fix.safety.value == "safe" else " (changes training results)"
            title = f"lrcheck: {found.fix.message}{safety}"
            yield _action(uri, title, _edits(made, uri, found.fix), reported)
        if uri.endswith((".py", ".pyw")):
            yield _action(uri, f"lrcheck: ignore {found.name} here", [_suppression(made, uri, found)], reported)


def _action(uri: str, title: str, edits: list[lsp.TextEdit], reported: list[lsp.Diagnostic] | None) -> lsp.CodeAction:
    change = lsp.WorkspaceEdit(changes={uri: edits})
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
