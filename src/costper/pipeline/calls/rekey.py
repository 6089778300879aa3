"""Reckons the hashes in the call tables again, should a new DuckDB hash otherwise."""

from __future__ import annotations

from collections.abc import Mapping

from costper.store.books import Books
from costper.store.engine import Write

HASHED: Mapping[str, str] = {
    "calls": "hash(call_id) AS call_key",
    "user_daily": "hash(user_id) AS user_key",
    "user_hourly": "hash(user_id) AS user_key",
}
REMEMBERED = "calls_hashed"
PROBE = "SELECT CAST(hash('costper') AS VARCHAR) AS hashed"
SCRATCH = "rekeyed"


def rekey(books: Books) -> bool:
    """Make the hashes this DuckDB makes, where another one wrote them; say if that was needed.

    By day and table, each in one transaction: a crash in between leaves the rest for next time.
    """
    hashed: str = books.marts.query(PROBE).to_pylist()[0]["hashed"]
    before = books.control.remembered(REMEMBERED)
    if before == hashed:
        return False
    if before is not None:
        for table, again in HASHED.items():
            _again(books, table, again)
    books.control.remember(REMEMBERED, hashed)
    return before is not None


def _again(books: Books, table: str, again: str) -> None:
    marts = books.marts
    for row in marts.query(f"SELECT DISTINCT day FROM {table}").to_pylist():
        params = {"day": row["day"]}
        marts.keep(SCRATCH, f"SELECT * REPLACE ({again}) FROM {table} WHERE day = $day", params)
        write = Write(table=table, where="day = $day", select=f"SELECT * FROM {SCRATCH}")
        marts.replace([write], params)
    marts.forget(SCRATCH)
