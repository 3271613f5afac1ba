"""A plugin for flake8: the same findings under their codes, for those who have flake8 already."""

from __future__ import annotations

import ast
import codecs
from collections.abc import Iterator, Sequence

from lrcheck import __version__
from lrcheck.config import Configs
from lrcheck.work import Order, check_text

_configs: list[Configs] = []


class Plugin:
    """What flake8 makes for each file."""

    name = "lrcheck"
    version = __version__

    def __init__(self, tree: ast.AST, filename: str, lines: Sequence[str]) -> None:
        del tree  # flake8 recognises a plugin for whole files by this parameter
        self.path = "-" if filename in {"stdin", "-"} else filename
        self.lines = lines

    def run(self) -> Iterator[tuple[int, int, str, type]]:
        """Line, column from 0, text, and the plugin."""
        if not _configs:
            _configs.append(Configs())
        order = Order(_configs[0].of(self.path))
        data = codecs.BOM_UTF8 + "".join(self.lines).encode()  # flake8 decoded it already
        result = check_text(order, self.path, data).result
        for found in result.diagnostics:
            if found.path == self.path:
                text = f"{found.code} {found.name}: {found.message}"
                yield found.span.line, found.span.column - 1, text, type(self)
        for error in result.errors:
            yield error.line or 1, 0, f"LR001 unreadable: {error.message}", type(self)
