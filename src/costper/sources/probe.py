"""Ask a few small questions of raw files before they land."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from costper.errors import SourceError
from costper.model.delivery import Part
from costper.model.names import quoted
from costper.model.outcome import Issue


def raw_types(path: str) -> list[str]:
    """Give the types of a Parquet file's columns in DuckDB's words, in the file's order."""
    with _session() as session:
        session.execute("DESCRIBE SELECT * FROM read_parquet($path)", {"path": path})
        return [str(row[1]) for row in session.fetchall()]


def ask(parts: Sequence[Part], select: str) -> list[tuple[Any, ...]]:
    """Run `SELECT … FROM raw …` where `raw` is all rows of the parts, plus `_file` and `_row`.

    `_file` is the part's position from 0; `_row` its row in the origin.
    """
    try:
        return _asked(parts, select)
    except duckdb.Error as error:
        raise SourceError(
            f"the rows cannot be read ({str(error).splitlines()[0]})",
            where=_culprit(parts, select),
            hint="fetch the file again; the books are unchanged",
        ) from error


def _asked(parts: Sequence[Part], select: str) -> list[tuple[Any, ...]]:
    with _session() as session:
        session.execute(f"CREATE VIEW raw AS {' UNION ALL BY NAME '.join(_readings(parts))}")
        return session.execute(select).fetchall()


def _culprit(parts: Sequence[Part], select: str) -> str:
    """Name the first file that alone cannot be read either; all of them if none is."""
    for part in parts:
        try:
            _asked([part], select)
        except duckdb.BinderException:
            continue  # It only lacks a column that another file has.
        except duckdb.Error:
            return part.origin
    return ", ".join(part.origin for part in parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A condition on raw rows worth a warning, and what to say of the rows that meet it."""

    code: str
    condition: str
    message: str
    hint: str = ""


def doubts(parts: Sequence[Part], asked: Sequence[Doubt]) -> list[Issue]:
    """Give one warning for each doubt some row meets: how many do, and where the first is."""
    if not asked:
        return []
    columns = ", ".join(
        f"count(*) FILTER (({one.condition})),"
        f" min({{'file': _file, 'row': _row}}) FILTER (({one.condition}))"
        for one in asked
    )
    [answer] = ask(parts, f"SELECT {columns} FROM raw")  # noqa: S608 - names are quoted
    issues: list[Issue] = []
    for number, one in enumerate(asked):
        count, first = answer[2 * number], answer[2 * number + 1]
        if count:
            where = f"{parts[first['file']].origin}:{first['row']}"
            issues.append(Issue(one.code, one.message, where, "warning", one.hint, count))
    return issues


def _readings(parts: Sequence[Part]) -> list[str]:
    return [
        f"SELECT {number} AS _file, {_row(part)} FROM {_file(part)}"  # noqa: S608 - names quoted
        for number, part in enumerate(parts)
    ]


def _row(part: Part) -> str:
    if not part.row_column:
        return "file_row_number + 1 AS _row, * EXCLUDE (file_row_number)"
    return f"{quoted(part.row_column)} AS _row, * EXCLUDE ({quoted(part.row_column)})"


def _file(part: Part) -> str:
    path = part.path.replace("'", "''")
    return f"read_parquet('{path}', file_row_number = {not part.row_column})"


def _session() -> duckdb.DuckDBPyConnection:
    session = duckdb.connect()
    # Nothing here may reach the network, whatever a file says.
    session.execute("SET autoinstall_known_extensions = false")
    session.execute("SET autoload_known_extensions = false")
    session.execute("SET TimeZone = 'UTC'")
    return session
