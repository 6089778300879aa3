"""Tell of rows that could not be measurements, by file and row and by what is written there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from costper.model.delivery import Part
from costper.model.money import QUANTITY_SCALE
from costper.model.outcome import Issue
from costper.store.bad_rows import LISTED
from costper.store.engine import Ask

TINY = "0.001"
"""A value below this keeps three digits or fewer, so that rounding it moves its share."""

SHOWN = 40
"""So many characters of an unreadable cell are quoted."""

LARGE = re.compile(r"[-+$( ]*([0-9][0-9,]*)(?:[.][0-9]*)?(?:[eE][+]?[0-9]+)?[)% ]*")
LARGE_DIGITS = 20
"""So many digits before the point, or an exponent, make a number that is none too large."""

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


def fine_sql() -> str:
    """Write the condition that a value has more decimals than are kept, so that it was rounded.

    It is of SQL rows with value and written_value, as `unread_issues` takes them.
    """
    digits = f"[.][0-9]{{{QUANTITY_SCALE}}}[0-9]*[1-9]"
    power = "CAST(TRY_CAST(written_value AS DECIMAL(38,30)) AS DECIMAL(38,30)) <> value"
    return (
        f"COALESCE(CASE WHEN written_value LIKE '%e-%' OR written_value LIKE '%E-%' THEN {power} "
        f"WHEN LENGTH(written_value) > {QUANTITY_SCALE + 1} "
        f"THEN regexp_matches(written_value, '{digits}') END, FALSE)"
    )


def rounded_issues(ask: Ask, metric: str, rows: str, parts: Sequence[Part]) -> Iterator[Issue]:
    """Say how many values lost decimals as they landed, and where the first of them stands.

    Where one of them is so small that it lost a part of itself that counts, it is a warning.
    `rows` is as for `unread_issues`.
    """
    small = f"SUM(CASE WHEN ABS(value) < {TINY} THEN 1 ELSE 0 END)"
    fine = f"day IS NOT NULL AND value IS NOT NULL AND {fine_sql()}"
    sums = f"SELECT COUNT(*) AS n, CAST({small} AS BIGINT) AS small FROM {rows} WHERE {fine}"
    (found,) = ask(sums, None).to_pylist()
    if not found["n"]:
        return
    tiny = f"AND ABS(value) < {TINY} " if found["small"] else ""
    one = f"SELECT file_no, row_no FROM {rows} WHERE {fine} {tiny}ORDER BY file_no, row_no LIMIT 1"
    (first,) = ask(one, None).to_pylist()
    n = found["n"]
    many, were = ("1 value has", "was") if n == 1 else (f"{n} values have", "were")
    yield Issue(
        code="rounded_values",
        message=f"{many} more than {QUANTITY_SCALE} decimals and {were} rounded: {metric}",
        where=f"{parts[int(first['file_no'])].origin}:{first['row_no']}",
        severity="warning" if found["small"] else "info",
        hint="measure in smaller units, such as thousandths, and no share is lost",
        count=found["n"],
    )


def _words(row: Mapping[str, Any], metric: str) -> str:
    kind = "day or time" if row["fault"] == "day" else "number"
    if row["written"] is None:
        return f"there is no {kind} of {metric}"
    told = f"{row['written'][:SHOWN]!r} is"
    if kind == "number" and _too_large(row["written"]):
        return f"{told} too large a number of {metric}"
    return f"{told} no {kind} of {metric}"


def _too_large(written: str) -> bool:
    """Say whether a text is a number, but one with more digits than the books hold."""
    found = LARGE.fullmatch(written.strip())
    if found is None:
        return False
    return "e" in written.lower() or len(found[1].replace(",", "")) >= LARGE_DIGITS


def _issue(row: Mapping[str, Any], message: str, where: str, count: int) -> Issue:
    return Issue(
        code="bad_row" if row["fault"] == "day" else "no_value",
        message=message,
        where=where,
        severity="error" if row["fault"] == "day" else "warning",
        hint=HOW[row["fault"]],
        count=count,
    )
