"""`lrcheck lsp`: start the language server."""

from __future__ import annotations

import argparse
import sys


def serve(_options: argparse.Namespace) -> int:
    """Serve an editor on standard input and output until it says goodbye."""
    try:
        from lrcheck.lsp import server
    except ModuleNotFoundError as error:
        if error.name not in {"pygls", "lsprotocol"}:
            raise
        print('lrcheck: error: `lrcheck lsp` needs pygls: pip install "lrcheck[lsp]"', file=sys.stderr)
        return 2
    server().start_io()
    return 0
