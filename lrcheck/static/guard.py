"""Programs that are nested so deeply that libcst's native parser would overflow the stack, or run for minutes.

The parser is recursive and quadratic in the depth of an expression, and a stack overflow in native code cannot be caught.
So the depth is bounded before the parse. The first look costs about one percent of the parse; only programs with a very
long expression pay for the exact one.
"""

from __future__ import annotations

import re

from lrcheck.sources import TooDeepError

MAX_BRACKETS = 200  # Python itself refuses more
MAX_CHAIN = 1000
MAX_BRANCHES = 3000
LONG = 2000  # characters of a line or bracket; shorter ones cannot hold MAX_CHAIN operators
_BRACKET = re.compile(r"[(\[{}\])]")
_OPEN = frozenset("([{")
_TOKEN = re.compile(
    r"""(?P<string>\b[A-Za-z]{0,2}(?:'''(?:[^\\]|\\.)*?'''|\"\"\"(?:[^\\]|\\.)*?\"\"\"|'(?:[^\\\n']|\\.)*'|"(?:[^\\\n"]|\\.)*")
    |'''(?:[^\\]|\\.)*?'''|\"\"\"(?:[^\\]|\\.)*?\"\"\"|'(?:[^\\\n']|\\.)*'|"(?:[^\\\n"]|\\.)*")
    |(?P<comment>\#[^\r\n]*)
    |(?P<open>[(\[{])
    |(?P<close>[)\]}])
    |(?P<reset>[,;])
    |(?P<joined>\\\r?\n)
    |(?P<newline>\r?\n|\r)
    |(?P<keyword>\b(?:not|and|or|if|else|lambda|await|in|is|for)\b|:=)
    |(?P<operator>[-+~*/%@&|^.<>=!]+)
    |(?P<word>\w+)
    """,
    re.VERBOSE | re.DOTALL,
)


def check_depth(text: str) -> None:
    """Raise `TooDeepError` for a program that is nested too deeply to be parsed."""
    if text.count("elif") > MAX_BRANCHES:
        raise TooDeepError(f"has more than {MAX_BRANCHES} `elif` branches")
    if len(text) > MAX_BRACKETS and _suspicious(text):
        _check_exactly(text)


def _suspicious(text: str) -> bool:
    """Is there a line or a bracket long enough? Brackets in strings and comments only make this answer yes too often."""
    if text.count("\\\n") + text.count("\\\r") > MAX_BRACKETS or max(map(len, text.splitlines()), default=0) > LONG:
        return True
    depth = start = 0
    for found in _BRACKET.finditer(text):
        if found.group() in _OPEN:
            if not depth:
                start = found.start()
            depth += 1
            if depth > MAX_BRACKETS:
                return True
        else:
            depth -= 1
            if depth < 0 or (not depth and found.start() - start > LONG):
                return True
    return depth > 0


def _check_exactly(text: str) -> None:
    chains = [0]  # operators since the last comma, for each open bracket
    total = 0
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup
        if kind in {"operator", "keyword"}:
            links = len(found.group()) if kind == "operator" else 1
            chains[-1] += links
            total += links
        elif kind == "open":
            chains[-1] += 1
            chains.append(0)
            total += 1
        elif kind == "close" and len(chains) > 1:
            total -= chains.pop()
        elif kind == "reset" or (kind == "newline" and len(chains) == 1):
            total -= chains[-1]
            chains[-1] = 0
        elif kind == "string" and len(found.group()) > LONG:
            _check_formatted(text, found)
        if len(chains) > MAX_BRACKETS or total > MAX_CHAIN:
            _refuse(text, found.start(), brackets=len(chains) > MAX_BRACKETS)


def _check_formatted(text: str, string: re.Match[str]) -> None:
    """The expressions in a formatted string are parsed, too."""
    depth = 0
    for found in _BRACKET.finditer(string.group()):
        depth = depth + 1 if found.group() in _OPEN else max(depth - 1, 0)
        if depth > MAX_BRACKETS:
            _refuse(text, string.start(), brackets=True)


def _refuse(text: str, at: int, *, brackets: bool) -> None:
    line = text.count("\n", 0, at) + 1
    what = f"{MAX_BRACKETS} open brackets" if brackets else f"{MAX_CHAIN} operators in one expression"
    raise TooDeepError(f"is nested too deeply: more than {what}", line)
