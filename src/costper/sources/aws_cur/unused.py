"""Give every unused commitment a row of its own, beside the fee that tells of it.

A fee line of an AWS report says two things: what was invoiced for the commitment, and how much
of the commitment nothing used. They are two charges (FOCUS: a Purchase, and Usage that is
Unused), so the fee rows with an unused rest are staged once more, with the row number they have
in their file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from costper.model.delivery import Part
from costper.model.names import literal, quoted
from costper.sources.aws_cur.columns import ReportColumns
from costper.sources.aws_cur.costs import HALF, Report, unused_cost
from costper.sources.probe import ask
from costper.sources.tabular import Sheet

ROW = "_row"


def line_types(sheet: Sheet, columns: ReportColumns) -> frozenset[str]:
    """Give the line item types that occur in a file."""
    column = columns.get("line_item_line_item_type")
    if column is None or column.name not in {each.name for each in sheet.columns}:
        return frozenset()
    rows = ask([sheet.part], f"SELECT DISTINCT trim({quoted(column.name)}) FROM raw")  # noqa: S608 - a quoted name
    return frozenset(str(row[0]) for row in rows)


def unused_part(sheet: Sheet, report: Report, fees: Sequence[str], target: Path) -> Part | None:
    """Stage the fee rows of a file whose commitment went unused in part; None without any."""
    unused = " OR ".join(
        f"({report.line_type} = {literal(fee)} AND {unused_cost(report, fee)} <> 0)" for fee in fees
    )
    select = f"SELECT * EXCLUDE (_file), 'unused' AS {quoted(HALF)} FROM raw WHERE {unused}"  # noqa: S608 - quoted names only
    copied = ask([sheet.part], f"COPY ({select}) TO {literal(str(target))} (FORMAT parquet)")
    if not copied[0][0]:
        return None
    return Part(
        path=str(target),
        origin=sheet.part.origin,
        sha256=hashlib.sha256(f"unused of {sheet.part.sha256}".encode()).hexdigest(),
        rows=int(copied[0][0]),
        row_column=ROW,
        again=int(copied[0][0]),
    )
