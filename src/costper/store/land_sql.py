"""The writes that land deliveries: out with the old, in with the new, all in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date

import pyarrow as pa

from costper.model.charge import CHARGE_COLUMNS
from costper.model.delivery import RawBill
from costper.store.engine import Engine, Write
from costper.store.measure import chosen
from costper.store.rollup import daily
from costper.store.survey import LONGEST_DAYS, account_sql, period_sql
from costper.store.tables import charge_daily

PLACES = "landing_places"
"""Offered rows: which delivery and file number a (file, account, billing period) lands as."""

REQUIRED = tuple(column for column in CHARGE_COLUMNS if column.required)
NO_ACCOUNT, NO_PERIOD = "''", "CAST('0001-01-01' AS DATE)"
TOO_LONG = f"date_diff('day', charge_period_start, charge_period_end) > {LONGEST_DAYS}"

NOWHERE = (-1, 0)
Places = Mapping[tuple[int, str | None, date | None], tuple[int, int]]
"""(file, account, billing period) → (delivery, file number inside it), or NOWHERE."""


def writes(
    engine: Engine,
    bill: RawBill,
    places: Places,
    old: Collection[int],
    extra: Sequence[str],
    *,
    several_days: bool,
) -> list[Write]:
    """Give every write of a landing, in order. `old` are the deliveries that are replaced.

    A row whose scope is not told lands with its file and is then moved out as a bad row.
    """
    new = sorted({delivery for delivery, _ in places.values()} - {NOWHERE[0]})
    return [
        *_taken_out(old, extra),
        *_charges(engine, bill, places),
        Write(table="bad_charges", select=_bad(chosen(new))),
        Write(table="charges", where=f"{chosen(new)} AND ({_is_bad()})"),
        Write(table="charge_daily", select=daily(extra, chosen(new), several_days=several_days)),
        Write(table="landed", select=_marked("delivery", new)),
    ]


def emptied(old: Collection[int], new: Collection[int], extra: Sequence[str]) -> list[Write]:
    """Give the writes that put deliveries without charges in the place of others."""
    return [
        *_taken_out(old, extra),
        Write(table="landed", select=_marked("delivery", sorted(new))),
    ]


def _taken_out(old: Collection[int], extra: Sequence[str]) -> Iterator[Write]:
    if not old:
        return
    columns = ", ".join(charge_daily(extra).names)
    kept = f"SELECT {columns} FROM charge_daily WHERE {chosen(old)}"
    yield Write(table="charge_daily_superseded", select=kept)
    for table in ("charge_daily", "charges", "bad_charges"):
        yield Write(table=table, where=chosen(old))


def _charges(engine: Engine, bill: RawBill, places: Places) -> Iterator[Write]:
    """Insert delivery by delivery where files are whole; else place every row by its scope."""
    whole = _whole_files(places)
    if whole is None:
        engine.offer(PLACES, _placed(places))
        yield Write(table="charges", select=_by_row(engine, bill))
        return
    for delivery, files in whole.items():
        parts = [bill.parts[file] for file in files]
        own = _select(bill, f"CAST({delivery} AS BIGINT)", "CAST(_file AS BIGINT)")
        select = f"{own} FROM {engine.raw(parts)} AS raw WHERE {bill.keep}"
        yield Write(table="charges", select=select)


def _whole_files(places: Places) -> dict[int, list[int]] | None:
    """Give the files of each delivery in order of file number; None if a file is shared.

    A file is shared when it holds several scopes, or one that lands beside one that does not.
    """
    by_file: dict[int, set[tuple[int, int]]] = {}
    for (file, _, _), place in places.items():
        by_file.setdefault(file, set()).add(place)
    if any(len(found) != 1 for found in by_file.values()):
        return None
    files: dict[int, list[int]] = {}
    for (delivery, number), file in sorted((found.pop(), file) for file, found in by_file.items()):
        if delivery == NOWHERE[0]:
            continue
        if number != len(files.setdefault(delivery, [])):
            return None
        files[delivery].append(file)
    return files


def _placed(places: Places) -> pa.Table:
    rows = [
        {
            "file": file,
            "account": account or "",
            "billing_period": billing_period or date.min,
            "delivery_id": delivery,
            "file_no": number,
        }
        for (file, account, billing_period), (delivery, number) in places.items()
        if (delivery, number) != NOWHERE
    ]
    kinds: dict[str, pa.DataType] = {
        "file": pa.int64(),
        "account": pa.string(),
        "billing_period": pa.date32(),
        "delivery_id": pa.int64(),
        "file_no": pa.int64(),
    }
    return pa.Table.from_pylist(rows, pa.schema(kinds))


def _by_row(engine: Engine, bill: RawBill) -> str:
    """Join each row to its place; what has no place belongs to a scope that does not land."""
    own = _select(bill, "place.delivery_id", "place.file_no")
    account = f"COALESCE({account_sql(bill)}, {NO_ACCOUNT})"
    period = f"COALESCE({period_sql(bill)}, {NO_PERIOD})"
    return (
        f"{own} FROM {engine.raw(bill.parts)} AS raw JOIN {PLACES} AS place "
        f"ON place.file = raw._file AND place.account = {account} "
        f"AND place.billing_period = {period} WHERE {bill.keep}"
    )


def _select(bill: RawBill, delivery: str, file_no: str) -> str:
    columns = ", ".join(
        f"CAST({bill.projection.get(column.name, 'NULL')} AS {column.sql_type}) AS {column.name}"
        for column in CHARGE_COLUMNS
    )
    return (
        f"SELECT $source AS source, {delivery} AS delivery_id, {file_no} AS file_no, "
        f"_row AS row_no, {columns}"
    )


def _is_bad() -> str:
    return " OR ".join([*(f"{column.name} IS NULL" for column in REQUIRED), TOO_LONG])


def _bad(which: str) -> str:
    faults = " ".join(f"WHEN {c.name} IS NULL THEN '{c.name}'" for c in REQUIRED)
    return (
        f"SELECT delivery_id, file_no, row_no, CASE {faults} ELSE 'charge_period_end' END AS fault "
        f"FROM charges WHERE {which} AND ({_is_bad()})"
    )


def _marked(kind: str, numbers: Sequence[int]) -> str:
    return " UNION ALL ".join(
        f"SELECT '{kind}' AS kind, CAST({int(number)} AS BIGINT) AS id" for number in numbers
    )
