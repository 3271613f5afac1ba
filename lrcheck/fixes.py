"""Applying fixes: in rounds, on text in memory, and written only if the result is a program."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass

from lrcheck.check import Checker
from lrcheck.findings import Diagnostic, LocatedFix, Result, Safety, TextEdit
from lrcheck.sources import SourceText, UnreadableError, decode, read_bytes
from lrcheck.static.memory import collect
from lrcheck.work import Order, checker

MAX_ROUNDS = 10


@dataclass(frozen=True, slots=True)
class Fixed:
    """What fixing one file gave: bytes before and after, and what is still wrong."""

    path: str
    before: bytes
    after: bytes
    count: int
    result: Result

    @property
    def changed(self) -> bool:
        return self.before != self.after


def fix_file(path: str, checker: Checker, *, unsafe: bool = False) -> Fixed:
    """Apply fixes until nothing is left to apply. Nothing is written; see `write`."""
    try:
        data = read_bytes(path)
    except UnreadableError:
        return Fixed(path, b"", b"", 0, checker.check_path(path))
    return fix_bytes(path, data, checker, unsafe=unsafe)


Repair = tuple[Order, str, bool]  # a file, and whether unsafe fixes may be applied


def fix_batch(repairs: Sequence[Repair]) -> list[Fixed]:
    """In a worker: fix several files, one after the other."""
    done = []
    for order, path, unsafe in repairs:
        done.append(fix_file(path, checker(order), unsafe=unsafe))
        collect()
    return done


def has_fixes(result: Result, *, unsafe: bool) -> bool:
    """Is there anything to apply to the file?"""
    return any(_may_apply(found, result.path, unsafe=unsafe) for found in result.diagnostics)


def fix_bytes(path: str, data: bytes, checker: Checker, *, unsafe: bool = False) -> Fixed:
    """The same for bytes."""
    result = checker.check_bytes(path, data)
    current, count = data, 0
    seen = {data}
    for _ in range(MAX_ROUNDS):
        fixes = [found.fix for found in result.diagnostics if _may_apply(found, path, unsafe=unsafe)]
        step = _round(path, current, [fix for fix in fixes if fix is not None])
        if step is None or step[0] in seen:
            break
        current = step[0]
        count += step[1]
        seen.add(current)
        result = checker.check_bytes(path, current)
    return Fixed(path, data, current, count, result)


def _may_apply(found: Diagnostic, path: str, *, unsafe: bool) -> bool:
    return found.fix is not None and found.path == path and (unsafe or found.fix.safety is Safety.SAFE)


def _round(path: str, data: bytes, fixes: Sequence[LocatedFix]) -> tuple[bytes, int] | None:
    """Apply as many of the fixes as do not touch each other; None where none can be applied."""
    if not fixes:
        return None
    source = decode(data)
    chosen = _compatible(fixes)
    together = _applied(path, source, chosen)
    if together is not None:
        return together, len(chosen)
    kept: list[LocatedFix] = []
    result = None
    for fix in chosen:  # one of them breaks the program: find the others
        attempt = _applied(path, source, [*kept, fix])
        if attempt is not None:
            kept.append(fix)
            result = attempt
    return None if result is None else (result, len(kept))


def _compatible(fixes: Sequence[LocatedFix]) -> list[LocatedFix]:
    chosen: list[LocatedFix] = []
    taken: list[TextEdit] = []
    for fix in fixes:
        if not any(_touch(edit, other) for edit in fix.edits for other in taken):
            chosen.append(fix)
            taken.extend(fix.edits)
    return chosen


def _touch(one: TextEdit, other: TextEdit) -> bool:
    return one.start <= other.end and other.start <= one.end


def _applied(path: str, source: SourceText, fixes: Sequence[LocatedFix]) -> bytes | None:
    """The file with the fixes, or None where it would not be a program any more."""
    text = apply_edits(source.text, [edit for fix in fixes for edit in fix.edits])
    if text == source.text:
        return None
    try:
        data = source.encode(text)
        if decode(data).text != text:
            return None
        _require_program(path, data)
    except (UnreadableError, UnicodeError):
        return None
    return data


def _require_program(path: str, data: bytes) -> None:
    from lrcheck.static.document import read_document

    document = read_document(path, data=data)
    _ = document.module
    if document.pieces is None:  # libcst accepts a few programs that Python refuses
        try:
            compile(data, path, "exec", _ONLY_PARSE, dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise UnreadableError(str(error)) from None


_ONLY_PARSE = 0x400  # ast.PyCF_ONLY_AST: nothing is compiled, nothing runs


def apply_edits(text: str, edits: Sequence[TextEdit]) -> str:
    """The text with the edits, which do not overlap."""
    parts: list[str] = []
    at = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        parts += (text[at : edit.start], edit.text)
        at = edit.end
    parts.append(text[at:])
    return "".join(parts)


def write(path: str, data: bytes) -> None:
    """Replace a file in one step, with its permissions; a symbolic link stays one."""
    target = os.path.realpath(path)
    _replace(target, data, stat.S_IMODE(os.stat(target).st_mode))


def write_new(path: str, data: bytes) -> None:
    """The same for a file that does not have to exist."""
    if os.path.exists(path):
        write(path, data)
    else:
        _replace(os.path.realpath(path), data, 0o644)


def _replace(target: str, data: bytes, mode: int) -> None:
    folder = os.path.dirname(target)
    handle, temporary = tempfile.mkstemp(prefix=".lrcheck-", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, mode)
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise


def diff(fixed: Fixed) -> str:
    """What would change, as a unified diff."""
    import difflib

    before, after = (decode(data).text.splitlines(keepends=True) for data in (fixed.before, fixed.after))
    lines = difflib.unified_diff(before, after, fixed.path, fixed.path)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
