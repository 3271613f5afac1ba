"""What the command line says about names that it does not know: which one was meant, probably."""

from __future__ import annotations

import os
from collections.abc import Sequence

from lrcheck.sources import SUFFIXES
from lrcheck.suppressions import closest

OTHERS = frozenset({"explain", "rules", "events", "config", "lsp"})  # commands that are read off their first word only
COMMANDS = OTHERS | {"check", "corpus", "prove", "run"}


def missing(path: str) -> str:
    """A path that is not there: a file beside it, or a command, may have been meant."""
    text = f"no such file or folder: {ascii(path)[1:-1]}"
    folder, name = os.path.split(path)
    near = None if folder or "." in name else closest(name, COMMANDS)
    if near is not None:
        return f"{text}; did you mean the command `lrcheck {near}`?"
    beside = {os.path.splitext(other)[0]: other for other in _beside(folder)}
    stem = closest(os.path.splitext(name)[0], beside)
    return f"{text}; did you mean `{os.path.join(folder, beside[stem])}`?" if stem else text


def _beside(folder: str) -> list[str]:
    try:
        with os.scandir(folder or ".") as entries:
            return [entry.name for entry in entries if entry.name.endswith(SUFFIXES) or entry.is_dir()]
    except OSError:
        return []


def nothing(paths: Sequence[str]) -> str:
    """Nothing to check in these places."""
    kinds = ", ".join(f"*{suffix}" for suffix in SUFFIXES)
    where = ", ".join(ascii(path)[1:-1] for path in paths)
    return f"nothing to check in {where}: no {kinds} that is not ignored or excluded"


def unknown_options(unknown: Sequence[str], known: Sequence[str]) -> str:
    """Options that the command does not have."""
    said = []
    for option in unknown:
        near = closest(option.partition("=")[0], known) if option.startswith("--") else None
        said.append(f"{option} (did you mean {near}?)" if near else option)
    return f"unknown option{'s' if len(said) > 1 else ''}: {', '.join(said)}"
