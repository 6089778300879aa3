"""Tell of rows that could not be measurements, by file and row and by what is written there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from costper.model.delivery import Part
from costper.model.outcome import Issue
from costper.store.bad_rows import LISTED
from costper.store.engine import Ask

SHOWN = 40
"""So many characters of an unreadable cell are quoted."""

HOW = {
    "day": "write 2026-08-01, 2026-08-01T13:00:00Z or 8/31/26; the other rows went on",
    "value": "write 1234.5 or 1,234.5; a missing number is not zero",
}


def unread_issues(ask: Ask, metric: str, rows: str, parts: Sequence[Part]) -> Iterator[Issue]:
    """Name the rows without a day or a value; those beyond the first LISTED of a fault as one.

    `rows` is FROM-able SQL with file_no, row_no, day, value, written_day and written_value.
    """
    fault = "CASE WHEN day IS NULL THEN 'day' ELSE 'value' END"
    written = "CASE WHEN day IS NULL THEN written_day ELSE written_value END"
    ranked = (
        f"SELECT file_no, row_no, {fault} AS fault, {written} AS written, "
        f"row_number() OVER (PARTITION BY {fault} ORDER BY file_no, row_no) AS n, "
        f"COUNT(*) OVER (PARTITION BY {fault}) AS alike "
        f"FROM {rows} WHERE day IS NULL OR value IS NULL"
    )
    sql = f"SELECT * FROM ({ranked}) AS ranked WHERE n <= {LISTED} ORDER BY file_no, row_no"
    for row in ask(sql, None).to_pylist():
        origin = parts[int(row["file_no"])].origin
        yield _issue(row, _words(row, metric), f"{origin}:{row['row_no']}", 1)
        if row["n"] == LISTED and row["alike"] > LISTED:
            further = f"no readable {row['fault']} of {metric}, in further rows"
            yield _issue(row, further, origin, row["alike"] - LISTED)


def _words(row: Mapping[str, Any], metric: str) -> str:
    kind = "day or time" if row["fault"] == "day" else "number"
    if row["written"] is None:
        return f"there is no {kind} of {metric}"
    return f"{row['written'][:SHOWN]!r} is no {kind} of {metric}"


def _issue(row: Mapping[str, Any], message: str, where: str, count: int) -> Issue:
    return Issue(
        code="bad_row" if row["fault"] == "day" else "no_value",
        message=message,
        where=where,
        severity="error" if row["fault"] == "day" else "warning",
        hint=HOW[row["fault"]],
        count=count,
    )
