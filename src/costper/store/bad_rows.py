"""Tell of rows that could not be charges, by file and row."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from costper.model.charge import CHARGE_COLUMNS
from costper.model.delivery import Part, RawBill
from costper.model.money import LARGEST_DIGITS
from costper.model.outcome import Issue
from costper.store.engine import Ask, Engine
from costper.store.measure import chosen
from costper.store.survey import LONGEST_DAYS, account_sql, period_sql, scope_params

LISTED = 50
"""So many rows are named for each file and fault; the rest are counted."""

SCOPE = "BillingAccountId and BillingPeriodStart"
FOCUS = {column.name: column.focus for column in CHARGE_COLUMNS}
KINDS = {column.name: column.kind for column in CHARGE_COLUMNS}
Files = Mapping[tuple[int, int], str]
"""(delivery, file number) → what people know the file by."""


def bad_row_issues(ask: Ask, numbers: Collection[int], files: Files) -> Iterator[Issue]:
    """Name the bad rows of deliveries in the books, column by column."""
    if not numbers:
        return
    ranked = (
        "SELECT delivery_id, file_no, row_no, fault, row_number() OVER (PARTITION BY delivery_id, "
        "file_no, fault ORDER BY row_no) AS n, COUNT(*) OVER (PARTITION BY delivery_id, file_no, "
        f"fault) AS alike FROM bad_charges WHERE {chosen(numbers)}"
    )
    order = "ORDER BY delivery_id, file_no, fault, row_no"
    sql = f"SELECT * FROM ({ranked}) AS ranked WHERE n <= {LISTED} {order}"
    for row in ask(sql, None).to_pylist():
        origin = files[row["delivery_id"], row["file_no"]]
        yield from _told(origin, row["row_no"], row["n"], row["alike"], row["fault"])


def lost_row_issues(engine: Engine, bill: RawBill, files: Sequence[int]) -> Iterator[Issue]:
    """Name the rows of files in which no row says which account and billing period it is of."""
    if not files:
        return
    parts: list[Part] = [bill.parts[file] for file in files]
    untold = f"({account_sql(bill)}) IS NULL OR ({period_sql(bill)}) IS NULL"
    ranked = (
        "SELECT _file AS file, _row AS row_no, row_number() OVER (PARTITION BY _file ORDER BY "
        "_row) AS n, COUNT(*) OVER (PARTITION BY _file) AS alike "
        f"FROM {engine.raw(parts)} AS raw WHERE ({bill.keep}) AND ({untold})"
    )
    sql = f"SELECT * FROM ({ranked}) AS ranked WHERE n <= {LISTED} ORDER BY file, row_no"
    for row in engine.query(sql, scope_params(bill)).to_pylist():
        origin = parts[int(row["file"])].origin
        yield from _told(origin, row["row_no"], row["n"], row["alike"], SCOPE)


def _words(fault: str) -> str:
    return f"no readable {FOCUS.get(fault) or fault}"


def _allowed(fault: str) -> str:
    """Say what could be read, where a value may be there and yet be none."""
    if KINDS.get(fault) == "money":
        return f"amounts are plain numbers below 10^{LARGEST_DIGITS}; "
    if fault == "charge_period_end":
        return f"a charge lasts {LONGEST_DAYS} days at most, between 1970 and 2199; "
    return "times are from 1970 to 2199; " if KINDS.get(fault) == "instant" else ""


def _told(origin: str, row: int, place: int, alike: int, fault: str) -> Iterator[Issue]:
    words = _words(fault)
    hint = f"{_allowed(fault)}correct the row and sync again; the other rows are in the books"
    yield Issue(code="bad_row", message=words, where=f"{origin}:{row}", hint=hint)
    if place == LISTED and alike > LISTED:
        yield Issue(
            code="bad_row", message=f"{words}, in further rows", where=origin, count=alike - LISTED
        )
