"""A baseline: findings that are known and wait, so that only new ones are reported.

A finding is known by its file, its code and the text of its line, never by the number of the line: code that moves stays
known. Two equal lines count twice.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from lrcheck.config import ConfigError
from lrcheck.findings import Diagnostic, Result
from lrcheck.report.lines import SourceLines

Key = tuple[str, str, str]


def keep(path: str, results: Iterable[Result], sources: SourceLines) -> int:
    """Write the findings of a run to a baseline; returns how many there are."""
    from lrcheck.fixes import write_new

    counts = Counter(_key(found, path, sources) for result in results for found in result.diagnostics)
    entries = [
        {"path": key[0], "code": key[1], "line": key[2], "count": count} for key, count in sorted(counts.items())
    ]
    text = json.dumps({"version": 1, "findings": entries}, indent=1, ensure_ascii=True) + "\n"
    write_new(path, text.encode())
    return sum(counts.values())


def without_known(path: str, results: Sequence[Result], sources: SourceLines) -> tuple[list[Result], int]:
    """The results without the findings of a baseline, and how many those were; raises `ConfigError`."""
    left = _read(path)
    kept = []
    known = 0
    for result in results:
        new = []
        for found in result.diagnostics:
            key = _key(found, path, sources)
            if left[key] > 0:
                left[key] -= 1
                known += 1
            else:
                new.append(found)
        kept.append(replace(result, diagnostics=tuple(new)) if len(new) < len(result.diagnostics) else result)
    return kept, known


def _read(path: str) -> Counter[Key]:
    try:
        with open(path, encoding="utf-8") as file:
            entries = json.load(file)["findings"]
        return Counter({(entry["path"], entry["code"], entry["line"]): int(entry["count"]) for entry in entries})
    except OSError as error:
        why = f"baseline {path} cannot be read: {error.strerror or error}"
        raise ConfigError(f"{why}; `--write-baseline {path}` makes one") from None
    except (ValueError, LookupError, TypeError) as error:
        raise ConfigError(f"baseline {path} is damaged: {error}; write it again with `--write-baseline`") from None


def _key(found: Diagnostic, baseline: str, sources: SourceLines) -> Key:
    folder = os.path.dirname(os.path.abspath(baseline))
    relative = os.path.relpath(os.path.abspath(found.path), folder).replace(os.sep, "/")
    span = found.span
    in_cell = span.cell is not None and found.path.endswith(".ipynb")
    line = sources.line(found.path, span.cell_line or 1, span.cell) if in_cell else sources.line(found.path, span.line)
    return (relative, found.code, " ".join(line.split()))
