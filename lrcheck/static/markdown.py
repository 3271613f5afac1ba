"""Markdown: the Python blocks of one page as one program."""

from __future__ import annotations

import re

from lrcheck.sources import decode
from lrcheck.static.document import Document
from lrcheck.static.pieces import Fragment, assemble

_FENCE = re.compile(r"^([ \t]*(?:>[ \t]?)*)(`{3,}|~{3,})[ \t]*(.*?)[ \t]*$")
_PYTHON = re.compile(
    r"(?i)^\{?(?:code-block|code-cell|code|sourcecode)?\}?[ \t]*\{?\.?(?:python3?|py3?|ipython3?|pycon|torch)\b"
)
_TAB = re.compile(r"\s*#\s*@tab[ \t]+([^\r\n]+)")  # of d2lbook: `#@tab mxnet, pytorch`
_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")
_PROMPT = re.compile(r"^(?:>>>|\.\.\.)(?: |(?=[\r\n])|$)")


def markdown(path: str, data: bytes) -> Document:
    """The blocks marked as Python, in order; blocks that are no programs of their own are skipped with a note."""
    source = decode(data)
    fragments: list[Fragment] = []
    fence: re.Match[str] | None = None
    block: list[tuple[str, int]] = []
    for found in _LINE.finditer(source.text):
        line = found.group()
        mark = _FENCE.match(line.rstrip("\r\n"))
        if fence is None:
            if mark is not None:
                fence, block = mark, []
        elif mark is not None and not mark.group(3) and mark.group(2).startswith(fence.group(2)):
            _close(fragments, fence, block)
            fence = None
        else:
            block.append((line, found.start()))
    if fence is not None:
        _close(fragments, fence, block)
    return assemble(path, source, _of_torch(fragments))


def _of_torch(fragments: list[Fragment]) -> list[Fragment]:
    """A page with one tab for each framework is several programs: the one whose tab is `pytorch`, with what all tabs share."""
    tabs = [_TAB.match(fragment.text) for fragment in fragments]
    names = [set(tab.group(1).replace(",", " ").split()) if tab is not None else set() for tab in tabs]
    if not any("pytorch" in each for each in names):
        return fragments
    return [fragment for fragment, each in zip(fragments, names, strict=True) if each & {"pytorch", "all"}]


def _close(fragments: list[Fragment], fence: re.Match[str], block: list[tuple[str, int]]) -> None:
    if not _PYTHON.match(fence.group(3)):
        return
    fragment = Fragment(len(fragments) + 1)
    lines = [_dedented(line, start, fence.group(1)) for line, start in block]
    if any(line.startswith(">>> ") for line, _ in lines):
        lines = [_without_prompt(line, start) for line, start in lines]
    for line, start in lines:
        fragment.add(line, start)
    fragments.append(fragment)


def _dedented(line: str, start: int, prefix: str) -> tuple[str, int]:
    """Without the indentation or quotation mark that the fence itself has."""
    common = 0
    while common < len(prefix) and common < len(line) and line[common] == prefix[common]:
        common += 1
    return line[common:], start + common


def _without_prompt(line: str, start: int) -> tuple[str, int]:
    """The code behind a prompt; what a session printed becomes an empty line."""
    prompt = _PROMPT.match(line)
    cut = prompt.end() if prompt is not None else len(line.rstrip("\r\n"))
    return line[cut:], start + cut
