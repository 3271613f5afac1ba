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

    _open_streams()
    try:
        return dispatch(arguments)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        _let_go_of_output()  # its reader has gone
        return 141
    except Exception as error:
        if arguments[:1] in (["run"], ["prove"]):  # an exception of the user's program
            raise
        return _failed(error)


def _open_streams() -> None:
    """Streams that were closed before the start (`>&-`) lead nowhere."""
    import os

    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  # until the process ends
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115


def _let_go_of_output() -> None:
    """Say nothing more on standard output, not even at exit."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _failed(error: Exception) -> int:
    """One line for what nobody expected, such as a full disk under the output."""
    import os
    import traceback

    if isinstance(error, OSError):
        _let_go_of_output()
        where = f" {error.filename}" if error.filename else ""
        print(f"lrcheck: error: cannot read or write{where}: {error.strerror or error}", file=sys.stderr)
        return 2
    if os.environ.get("LRCHECK_TRACEBACK"):
        traceback.print_exception(error)
    place = traceback.extract_tb(error.__traceback__)[-1]
    text = f"{type(error).__name__}: {error} ({place.filename}:{place.lineno})"
    print(f"lrcheck: internal error: {text}; LRCHECK_TRACEBACK=1 shows more", file=sys.stderr)
    return 2
