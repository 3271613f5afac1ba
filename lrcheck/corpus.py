"""Corpora of source code: rows of (path, content) in Parquet or JSONL, checked in bounded memory, findings as Parquet.

Rows are read, checked and written in a stream; what is in memory is the work that is under way. The output appears under its
name when it is complete, so that a run that was killed leaves nothing that looks like a result.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from lrcheck import pool
from lrcheck.config import ConfigError
from lrcheck.findings import Result
from lrcheck.sources import mentions_torch
from lrcheck.static.memory import collect
from lrcheck.work import Order, check_text

ROWS = 128  # read at once
BATCH = 200_000  # bytes that a worker gets at once
WRITTEN = 2_000  # findings in a row group
SCHEMA = pa.schema([
    ("path", pa.string()), ("row", pa.int64()), ("code", pa.string()), ("name", pa.string()), ("level", pa.string()),
    ("message", pa.string()), ("line", pa.int32()), ("column", pa.int32()), ("end_line", pa.int32()),
    ("end_column", pa.int32()), ("note", pa.string()), ("help", pa.string()), ("fix", pa.string()),
])  # fmt: skip

Row = tuple[int, str, bytes]  # number in the corpus, path, content
Task = tuple[Order, Row]


@dataclass(slots=True)
class Tally:
    """What a run went through."""

    rows: int = 0
    checked: int = 0
    findings: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Columns:
    path: str = "path"
    content: str = "content"


def check_corpus(inputs: Sequence[str], output: str, order: Order, workers: pool.Pool, columns: Columns) -> Tally:
    """Check every row of the inputs; each one exactly once. Raises `ConfigError`."""
    tally = Tally()
    mapping: pool.Mapping[Task, Result] = pool.Mapping(workers, check_rows)
    temporary = f"{output}.{os.getpid()}.part"
    try:
        with pq.ParquetWriter(temporary, SCHEMA) as writer:
            waiting: list[dict[str, Any]] = []
            for (_, row), answer in mapping.over(_batches(order, _counted(inputs, columns, tally))):
                waiting += _records(row, answer, tally)
                if len(waiting) >= WRITTEN:
                    writer.write_table(pa.Table.from_pylist(waiting, SCHEMA))
                    waiting = []
            writer.write_table(pa.Table.from_pylist(waiting, SCHEMA))
        os.replace(temporary, output)
    finally:
        if os.path.exists(temporary):
            os.unlink(temporary)
    return tally


def check_rows(tasks: Sequence[Task]) -> list[Result]:
    """In a worker: check some rows."""
    results = []
    for order, (_, path, content) in tasks:
        results.append(check_text(order, path, content).result)
        collect()
    return results


def rows(inputs: Iterable[str], columns: Columns) -> Iterator[Row]:
    """All rows of all inputs, numbered through."""
    number = 0
    for path in inputs:
        for name, content in _parquet(path, columns) if path.endswith(".parquet") else _jsonl(path, columns):
            data = content if isinstance(content, bytes) else str(content or "").encode("utf-8", "surrogatepass")
            yield number, str(name), data
            number += 1


def _parquet(path: str, columns: Columns) -> Iterator[tuple[Any, Any]]:
    try:
        file = pq.ParquetFile(path)
        for batch in file.iter_batches(ROWS, columns=[columns.path, columns.content]):
            yield from zip(*(batch.column(name).to_pylist() for name in (columns.path, columns.content)), strict=True)
    except (OSError, KeyError, pa.ArrowException) as error:
        raise ConfigError(
            f"{path} cannot be read as Parquet with columns {columns.path}, {columns.content}: {error}"
        ) from None


def _jsonl(path: str, columns: Columns) -> Iterator[tuple[Any, Any]]:
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                yield row[columns.path], row[columns.content]
            except (ValueError, LookupError, TypeError):
                wanted = f"an object with {columns.path} and {columns.content}"
                raise ConfigError(f"{path}:{number} is not {wanted}") from None


def _counted(inputs: Iterable[str], columns: Columns, tally: Tally) -> Iterator[Row]:
    for row in rows(inputs, columns):
        tally.rows += 1
        if mentions_torch(row[2]):
            tally.checked += 1
            yield row


def _batches(order: Order, found: Iterable[Row]) -> Iterator[list[Task]]:
    batch: list[Task] = []
    size = 0
    for row in found:
        batch.append((order, row))
        size += len(row[2])
        if size >= BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _records(row: Row, answer: Result | pool.Lost, tally: Tally) -> list[dict[str, Any]]:
    number, path, _ = row
    if isinstance(answer, pool.Lost):
        tally.failed += 1
        return [_failure(number, path, f"internal error: {answer.reason}", None)]
    records = [_failure(number, path, error.message, error.line) for error in answer.errors]
    tally.failed += bool(records)
    tally.findings += len(answer.diagnostics)
    for found in answer.diagnostics:
        fix = None if found.fix is None else f"{found.fix.message} ({found.fix.safety.value})"
        records.append({
            "path": path, "row": number, "code": found.code, "name": found.name, "level": found.level.value,
            "message": found.message, "line": found.span.line, "column": found.span.column,
            "end_line": found.span.end_line, "end_column": found.span.end_column, "note": found.note,
            "help": found.help, "fix": fix,
        })  # fmt: skip
    return records


def _failure(number: int, path: str, message: str, line: int | None) -> dict[str, Any]:
    return {
        "path": path, "row": number, "code": "LR001", "name": "unreadable", "level": "error", "message": message,
        "line": line,
    }  # fmt: skip
