"""Writes an answer to a Parquet or Arrow file, whole or not at all."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Literal
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from costper.errors import UserError
from costper.model.answer import Answer
from costper.pipeline.export.columns import arrow_of

FileKind = Literal["parquet", "arrow"]


def write_answer(answer: Answer, path: Path, kind: FileKind) -> int:
    """Write the rows beside `path` first, then give the file its name; say how many they are.

    Arrow is the file format (Feather 2), Parquet is compressed with zstd. A file of that name is
    replaced in one step.

    Raises:
        UserError: the folder is not there or cannot be written to.
    """
    table = arrow_of(answer)
    part = path.with_name(f".{path.name[:80]}.{uuid4().hex}.part")
    try:
        _write(table, part, kind)
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise UserError(
            f"cannot write {path}: {error.strerror or error}",
            hint="name a file in a folder that is there and can be written to",
        ) from error
    return table.num_rows


def _write(table: pa.Table, path: Path, kind: FileKind) -> None:
    if kind == "parquet":
        pq.write_table(table, path, compression="zstd")
        return
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
