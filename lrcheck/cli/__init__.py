"""The command line. This module answers `--version` alone; everything else is imported when it is needed."""

from __future__ import annotations

import sys


def run() -> None:
    """Entry point: exit with the status of `main`."""
    raise SystemExit(main(sys.argv[1:]))


def main(arguments: list[str]) -> int:
    """Run one command; returns the exit status: 0 clean, 1 findings, 2 usage or internal error."""
    if arguments in (["--version"], ["-V"]):
        from lrcheck import __version__

        print(f"lrcheck {__version__}")
        return 0
    import gc

    gc.disable()  # syntax trees hold no cycles; looking for some costs a third of the time of a parse
    from lrcheck.cli.commands import dispatch

    try:
        return dispatch(arguments)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return _quiet_pipe()


def _quiet_pipe() -> int:
    """The reader of the output has gone: say nothing more, not even at exit."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 141
