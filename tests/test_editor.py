"""The language server, asked by a real client over standard input and output."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import BAD

pytest.importorskip("pygls")

from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

BAD = BAD.replace("import torch\n", "import torch  # \U0001f525\n", 1)
WAIT = 60
NOTEBOOKS = lsp.NotebookDocumentClientCapabilities(synchronization=lsp.NotebookDocumentSyncClientCapabilities())


class Editor:
    """A client with one open document."""

    def __init__(self, path: Path, text: str) -> None:
        self.client = LanguageClient("test", "1")
        self.uri = path.as_uri()
        self.text = text
        self.published: asyncio.Queue[Any] = asyncio.Queue()

    async def start(self, capabilities: lsp.ClientCapabilities) -> None:
        @self.client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def published(params: lsp.PublishDiagnosticsParams) -> None:
            self.published.put_nowait(params)

        await self.client.start_io(sys.executable, "-m", "lrcheck", "lsp", "--stdio")
        await self.client.initialize_async(lsp.InitializeParams(capabilities=capabilities))
        self.client.initialized(lsp.InitializedParams())

    async def open(self) -> Any:
        await self.start(lsp.ClientCapabilities())
        item = lsp.TextDocumentItem(self.uri, "python", 1, self.text)
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))
        return await self.next()

    async def next(self) -> Any:
        return await asyncio.wait_for(self.published.get(), WAIT)

    def change(self, text: str, version: int) -> None:
        change = lsp.TextDocumentContentChangeWholeDocument(text)
        document = lsp.VersionedTextDocumentIdentifier(version, self.uri)
        self.client.text_document_did_change(lsp.DidChangeTextDocumentParams(document, [change]))

    async def close(self) -> None:
        await self.client.shutdown_async(None)
        self.client.exit(None)
        await self.client.stop()


def edit(tmp_path: Path, text: str, story: Callable[[Editor, Any], Awaitable[None]]) -> None:
    path = tmp_path / "train.py"
    path.write_text(text)

    async def run() -> None:
        editor = Editor(path, text)
        try:
            await story(editor, await editor.open())
        finally:
            await editor.close()

    asyncio.run(run())


def test_diagnostics_follow_the_text(tmp_path: Path) -> None:
    async def story(editor: Editor, opened: Any) -> None:
        (found,) = opened.diagnostics
        assert found.code == "LR102 softmax-before-cross-entropy"
        assert (found.range.start.line, found.range.start.character) == (7, 7)
        assert found.related_information[0].message == "already probabilities here"
        editor.change(BAD + "x = = 1\n", 2)
        assert [each.code for each in (await editor.next()).diagnostics] == ["LR001 unreadable"]
        editor.change(BAD.replace("torch.softmax(net(x), dim=1)", "net(x)"), 3)
        published = await editor.next()
        assert (published.version, published.diagnostics) == (3, ())

    edit(tmp_path, BAD, story)


def test_hover_shows_the_page_of_the_rule(tmp_path: Path) -> None:
    async def story(editor: Editor, opened: Any) -> None:
        del opened
        document = lsp.TextDocumentIdentifier(editor.uri)
        hover = await editor.client.text_document_hover_async(lsp.HoverParams(document, lsp.Position(7, 10)))
        assert hover is not None
        assert "`softmax-before-cross-entropy`" in str(hover.contents)
        nothing = await editor.client.text_document_hover_async(lsp.HoverParams(document, lsp.Position(0, 0)))
        assert nothing is None

    edit(tmp_path, BAD, story)


def test_fixes_and_suppressions_are_code_actions(tmp_path: Path) -> None:
    async def story(editor: Editor, opened: Any) -> None:
        (found,) = opened.diagnostics
        document = lsp.TextDocumentIdentifier(editor.uri)
        context = lsp.CodeActionContext(opened.diagnostics)
        actions = await editor.client.text_document_code_action_async(
            lsp.CodeActionParams(document, found.range, context)
        )
        assert actions is not None
        fix, ignore = (action for action in actions if isinstance(action, lsp.CodeAction))
        assert fix.title == "lrcheck: pass the logits: `net(x)` (changes training results)"
        assert fix.edit is not None
        assert fix.edit.changes is not None
        assert [change.new_text for change in fix.edit.changes[editor.uri]] == ["net(x)"]
        assert ignore.edit is not None
        assert ignore.edit.changes is not None
        (change,) = ignore.edit.changes[editor.uri]
        assert (change.range.start.line, change.new_text) == (7, "  # lrcheck: ignore[softmax-before-cross-entropy]")

    edit(tmp_path, BAD, story)


def test_the_cells_of_a_notebook_are_one_program(tmp_path: Path) -> None:
    texts = [
        "import torch  # \U0001f525\nfrom torch import nn\n\n%matplotlib inline\nnet = nn.Linear(4, 3)",
        "# A heading",
        "x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))\nout = torch.softmax(net(x), dim=1)",
        "loss = nn.functional.cross_entropy(out, y)\nloss.backward()\n",
    ]
    uris = [f"vscode-notebook-cell:{tmp_path}/n.ipynb#{number}" for number in range(len(texts))]
    kinds = [lsp.NotebookCellKind.Markup if text.startswith("#") else lsp.NotebookCellKind.Code for text in texts]
    uri = (tmp_path / "n.ipynb").as_uri()

    async def story() -> None:
        editor = Editor(tmp_path / "n.ipynb", "")
        client = editor.client
        await editor.start(lsp.ClientCapabilities(notebook_document=NOTEBOOKS))
        try:
            cells = [lsp.NotebookCell(kind, cell) for kind, cell in zip(kinds, uris, strict=True)]
            items = [
                lsp.TextDocumentItem(cell, "markdown" if kind is lsp.NotebookCellKind.Markup else "python", 1, text)
                for kind, cell, text in zip(kinds, uris, texts, strict=True)
            ]
            opened = lsp.NotebookDocument(uri, "jupyter-notebook", 1, cells)
            client.notebook_document_did_open(lsp.DidOpenNotebookDocumentParams(opened, items))
            published = {params.uri: params.diagnostics for params in [await editor.next() for _ in range(3)]}
            assert [len(published[cell]) for cell in (uris[0], uris[2], uris[3])] == [0, 0, 1]
            (found,) = published[uris[3]]
            assert found.code == "LR102 softmax-before-cross-entropy"
            assert (found.range.start.line, found.range.start.character) == (0, 7)
            (related,) = found.related_information
            assert (related.location.uri, related.location.range.start.line) == (uris[2], 1)

            document = lsp.TextDocumentIdentifier(uris[3])
            asked = lsp.CodeActionParams(document, found.range, lsp.CodeActionContext([found]))
            actions = await client.text_document_code_action_async(asked)
            assert actions is not None
            fix, ignore = (action for action in actions if isinstance(action, lsp.CodeAction))
            assert fix.edit is not None
            assert fix.edit.changes is not None
            ((cell, (change,)),) = fix.edit.changes.items()
            assert (cell, change.new_text, change.range.start.line, change.range.start.character) == (
                uris[2],
                "net(x)",
                1,
                6,
            )
            assert ignore.edit is not None
            assert list(ignore.edit.changes or ()) == [uris[3]]
            hover = await client.text_document_hover_async(lsp.HoverParams(document, lsp.Position(0, 10)))
            assert hover is not None

            whole = lsp.TextDocumentContentChangeWholeDocument(
                texts[2].replace("torch.softmax(net(x), dim=1)", "net(x)")
            )
            text = lsp.NotebookDocumentCellContentChanges(lsp.VersionedTextDocumentIdentifier(2, uris[2]), [whole])
            change_of_cells = lsp.NotebookDocumentCellChanges(text_content=[text])
            client.notebook_document_did_change(
                lsp.DidChangeNotebookDocumentParams(
                    lsp.VersionedNotebookDocumentIdentifier(2, uri),
                    lsp.NotebookDocumentChangeEvent(cells=change_of_cells),
                )
            )
            published = {params.uri: params.diagnostics for params in [await editor.next() for _ in range(3)]}
            assert not any(published.values())
            client.notebook_document_did_close(
                lsp.DidCloseNotebookDocumentParams(
                    lsp.NotebookDocumentIdentifier(uri), [lsp.TextDocumentIdentifier(cell) for cell in uris]
                )
            )
            assert {(await editor.next()).uri for _ in range(3)} == {uris[0], uris[2], uris[3]}
        finally:
            await editor.close()

    asyncio.run(story())


def test_saving_reads_the_configuration_again(tmp_path: Path) -> None:
    async def story(editor: Editor, opened: Any) -> None:
        assert opened.diagnostics
        (tmp_path / "lrcheck.toml").write_text('ignore = ["LR102"]\n')
        document = lsp.TextDocumentIdentifier(editor.uri)
        editor.client.text_document_did_save(lsp.DidSaveTextDocumentParams(document))
        assert (await editor.next()).diagnostics == ()
        editor.client.text_document_did_close(lsp.DidCloseTextDocumentParams(document))
        assert (await editor.next()).diagnostics == ()

    edit(tmp_path, BAD, story)
