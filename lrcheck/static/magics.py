"""IPython: magics (`%time`, `%%bash`), shell lines (`!pip ...`) and questions (`model?`) in a program."""

from __future__ import annotations

import re

from lrcheck.sources import UnreadableError
from lrcheck.static.parsing import parse

_PYTHON_MAGICS = frozenset({"time", "timeit", "capture", "prun", "memit", "mprun", "lprun", "python", "python3"})
_MAGIC = re.compile(r"^([ \t]*)([%!?].*)$")
_ASSIGNED = re.compile(r"^([ \t]*[\w., \t]+=[ \t]*)([%!].*)$")
_TIMED = re.compile(r"%(?:time|timeit|memit)[ \t]+(?:-\w+[ \t]*\d*[ \t]+)*(?=\S)")
_RUN = re.compile(r"%run[ \t]+\S")
_HELP = re.compile(r"^([ \t]*)([\w.*]+\?{1,2})[ \t]*$")


def without_magics(texts: list[str]) -> list[str]:
    """The cells with what only IPython understands replaced, character for character."""
    return [_without(text) if any(sign in text for sign in "%!?") else text for text in texts]


def _without(text: str) -> str:
    if _parses(text):  # a line that begins with `%` may continue an expression
        return text
    if text.lstrip().startswith("%%"):
        start = text.index("%%")
        name = re.match(r"\w*", text[start + 2 :])
        if name is None or name.group() not in _PYTHON_MAGICS:
            return re.sub(r"[^\r\n]", " ", text)
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        text = text[:start] + "#" * (end - start) + text[end:]
    return "".join(_plain(line) for line in text.splitlines(keepends=True))


def _plain(line: str) -> str:
    body = line.rstrip("\r\n")
    end = line[len(body) :]
    found = _MAGIC.match(body) or _ASSIGNED.match(body) or _HELP.match(body)
    if found is None:
        return line
    before, magic = found.group(1), found.group(2)
    timed = _TIMED.match(magic)
    if timed is not None and not before.strip():
        return f"{before}_;{' ' * (timed.end() - 2)}{magic[timed.end() :]}{end}"
    if _RUN.match(magic) and not before.strip():  # another file runs here, and leaves its variables
        return f"{before}exec(){' ' * (len(magic) - 6)}{end}"
    rest = body[len(before) :]
    return f"{before}_{' ' * (len(rest) - 1)}{end}"


def _parses(text: str) -> bool:
    try:
        parse(text)
    except UnreadableError:
        return False
    return True
