"""The format for people: a code frame with every label, then note, help and where to read more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lrcheck.engine import UNREADABLE
from lrcheck.findings import Diagnostic, FileError, Level, Safety, Span, Undecided
from lrcheck.report import Outcome
from lrcheck.report.lines import SourceLines, displayed, printable
from lrcheck.report.summary import summary

WHOLE = 6  # a longer range is only marked on its first line
_STYLES = {Level.ERROR: "31", Level.WARNING: "33", Level.INFO: "36"}
_RUN = re.compile(r"\s*\n\s*")


@dataclass(frozen=True, slots=True)
class Mark:
    """One underlined stretch of one line, columns from 1, end exclusive (0: to the end of the line)."""

    line: int
    start: int
    end: int
    sign: str
    text: str


def render(outcome: Outcome) -> str:
    """Frames for all diagnostics, then what could not be checked, then what was not decided, then one line of summary."""
    paint = _paint if outcome.color else _plain
    blocks = [_error(error, paint) for error in outcome.errors]
    blocks += [frame(found, outcome.sources, paint) for found in outcome.diagnostics]
    blocks += [_undecided(question) for question in outcome.undecided]
    if not outcome.quiet:
        blocks.append(summary(outcome))
    return "\n\n".join(blocks) + "\n" if blocks else ""


def _plain(text: str, _style: str) -> str:
    return text


def _paint(text: str, style: str) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if text else text


def place(path: str, span: Span) -> str:
    """`train.py:17:12`, or `notes.ipynb:cell 3:2:12`."""
    shown = printable(path)
    if span.cell is not None and path.endswith(".ipynb"):
        return f"{shown}:cell {span.cell}:{span.cell_line}:{span.column}"
    return f"{shown}:{span.line}:{span.column}"


def one_line(text: str) -> str:
    """Code that spans lines, squeezed into one."""
    return printable(_RUN.sub(" ", text.strip()))


def advice(found: Diagnostic) -> str:
    """What to do, and how safe it is to let the tool do it."""
    if found.fix is None:
        return one_line(found.help)
    kind = "safe fix" if found.fix.safety is Safety.SAFE else "unsafe fix"
    return f"{one_line(found.fix.message)} ({kind})"


def frame(found: Diagnostic, sources: SourceLines, paint: object = _plain) -> str:
    """One diagnostic with its code frames."""
    style = paint if callable(paint) else _plain
    color = _STYLES[found.level]
    groups = _groups(found)
    width = max(len(str(mark.line)) for _, _, marks in groups for mark in marks)
    lines = [f"{style(f'{found.code} {found.name}', f'1;{color}')}: {style(one_line(found.message), '1')}"]
    for number, (path, span, marks) in enumerate(groups):
        arrow = "-->" if number == 0 else ":::"
        lines.append(f"{' ' * width}{style(arrow, '34')} {place(path, span)}")
        lines += [_colored(line, color, style) for line in _framed(path, span, marks, width, sources)]
    docs = f"lrcheck explain {found.name}{_cost(found)}"
    for name, text in (("note", one_line(found.note)), ("help", advice(found)), ("docs", docs)):
        if text:
            lines.append(f"{' ' * width} {style('=', '34')} {style(name, '1')}: {text}")
    return "\n".join(lines)


def _cost(found: Diagnostic) -> str:
    """What this mistake has cost where it was measured."""
    from lrcheck.proof.quotes import cost  # not needed by a run without findings

    text = cost(found.name) if found.level is not Level.INFO else ""
    return f" (measured: {text})" if text else ""


def _groups(found: Diagnostic) -> list[tuple[str, Span, list[Mark]]]:
    """The marks by file (and cell of a notebook), the primary one's first."""
    groups: dict[tuple[str, int | None], tuple[str, Span, list[Mark]]] = {}
    labels = [(found.path, found.span, found.label, "^")]
    labels += [(related.path, related.span, related.message, "-") for related in found.related]
    for path, span, text, sign in labels:
        cell = span.cell if path.endswith(".ipynb") else None
        group = groups.setdefault((path, cell), (path, span, []))
        group[2].extend(_marks(span, text, sign, in_cell=cell is not None))
    for _, _, marks in groups.values():
        marks.sort(key=lambda mark: (mark.line, mark.start, mark.sign == "^"))
    return list(groups.values())


def _marks(span: Span, text: str, sign: str, *, in_cell: bool) -> Iterator[Mark]:
    first = span.cell_line if in_cell and span.cell_line is not None else span.line
    count = span.end_line - span.line
    if in_cell and count == 0 and span.end_column <= span.column:
        yield Mark(first, span.column, 0, sign, text)  # the lines of a cell may share one line of the file
        return
    if count == 0:
        yield Mark(first, span.column, span.end_column, sign, text)
        return
    if count >= WHOLE:
        yield Mark(first, span.column, 0, sign, text)
        return
    yield Mark(first, span.column, 0, sign, "")
    for line in range(first + 1, first + count):
        yield Mark(line, 0, 0, sign, "")
    yield Mark(first + count, 0, span.end_column, sign, text)


def _framed(path: str, span: Span, marks: list[Mark], width: int, sources: SourceLines) -> Iterator[str]:
    cell = span.cell if path.endswith(".ipynb") else None
    previous = 0
    for mark in marks:
        source = sources.line(path, mark.line, cell)
        shown, columns = displayed(source)
        if mark.line != previous:
            if previous and mark.line > previous + 1:
                yield "..."
            yield f"{mark.line:>{width}} | {shown}".rstrip()
            previous = mark.line
        yield f"{' ' * width} | {_underline(mark, source, columns)}"


def _underline(mark: Mark, source: str, columns: list[int]) -> str:
    last = len(source)
    start = mark.start - 1 if mark.start else len(source) - len(source.lstrip())
    end = mark.end - 1 if mark.end else len(source.rstrip())
    start, end = min(max(start, 0), last), min(max(end, 0), last)
    begin = columns[start]
    length = max(columns[end] - begin, 1)
    text = one_line(mark.text)
    return f"{' ' * begin}{mark.sign * length}{' ' + text if text else ''}"


def _colored(line: str, color: str, style: object) -> str:
    if style is _plain or not callable(style):
        return line
    found = re.match(r"^( *\d* \|)(.*)$", line, re.DOTALL)
    if found is None:
        return str(style(line, "34"))
    gutter, rest = found.groups()
    marked = re.match(r"^( *)([\^]+|-+)( .*)?$", rest) if not gutter.strip()[:-1].strip() else None
    if marked is None:
        return f"{style(gutter, '34')}{rest}"
    blank, signs, text = marked.groups()
    shade = color if signs[0] == "^" else "34"
    return f"{style(gutter, '34')}{blank}{style(signs + (text or ''), shade)}"


def _error(error: FileError, paint: object) -> str:
    style = paint if callable(paint) else _plain
    where = printable(error.path) if error.line is None else f"{printable(error.path)}:{error.line}"
    if error.internal:
        return f"{style(one_line(error.message), '1;31')}\n --> {where}"
    title = f"{UNREADABLE.code} {UNREADABLE.name}"
    return f"{style(title, '1;31')}: {one_line(error.message)}\n --> {where}"


def _undecided(question: Undecided) -> str:
    return f"undecided: {one_line(question.message)}\n --> {place(question.path, question.span)}"
