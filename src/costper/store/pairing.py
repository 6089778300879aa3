"""Makes sure that the books and the control store belong together, before anything is changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

import pyarrow as pa
import sqlalchemy as sa

from costper.errors import BooksError
from costper.store.audit import log
from costper.store.control import Control
from costper.store.engine import Engine, Write
from costper.store.schema import deliveries, measurement_deliveries, runs

KEY = "books.identity"
LOST = "the books no longer hold it"
"""The reason of a delivery that control remembers and the books lost."""

TABLES: Mapping[str, sa.Table] = {
    "delivery": deliveries,
    "measurements": measurement_deliveries,
    "run": runs,
}
NUMBERS: Mapping[str, sa.Column[int]] = {
    "delivery": deliveries.c.delivery_id,
    "measurements": measurement_deliveries.c.delivery_id,
    "run": runs.c.run_id,
}
RESTORE = (
    "restore books.duckdb and control.sqlite from one backup, or delete the folder and run "
    "`costper sync`; nothing was changed"
)


@dataclass(frozen=True, slots=True)
class _Side:
    """What both stores say of one kind: `held` by the books, and each number's status."""

    kind: str
    held: Counter[int]
    status: Mapping[int, str]

    @property
    def strange(self) -> list[int]:
        """What the books hold and control does not vouch for, or only for another of its number."""
        known = {"current", "superseded", "pending"}
        if self.kind != "delivery":  # a run or a measurement that is no longer wanted harms nobody
            known |= {"failed", "abandoned"}
        return sorted(
            number
            for number, times in self.held.items()
            if times > 1 or self.status.get(number) not in known
        )

    @property
    def lost(self) -> list[int]:
        """What control counts as current and the books do not hold."""
        current = (number for number, status in self.status.items() if status == "current")
        return sorted(number for number in current if number not in self.held)


def pair(engine: Engine, marts: Engine, control: Control, *, now: datetime) -> None:
    """Refuse books of another control store; forget deliveries whose books are gone.

    What the books lost becomes `failed` in control, and the log says so: the next sync lands it
    again. Raises BooksError when the books hold what this control store knows nothing of.
    """
    stores = (engine,) if engine is marts else (engine, marts)
    ours = control.remembered(KEY)
    sides = [_side(marts if kind == "run" else engine, control, kind) for kind in TABLES]
    empty = not any(side.held for side in sides)
    for store in stores:
        theirs = _identity(store)
        if theirs not in {None, ours} and not empty:
            raise BooksError(
                "the control store is not the one of these books"
                if ours
                else "the books hold deliveries, and the control store that knows them is gone",
                where="control.sqlite",
                hint=RESTORE,
            )
    for side in sides:
        _check_known(side)
    _forget_lost(engine, control, sides, now)
    _marry(stores, control, ours)


def _side(store: Engine, control: Control, kind: str) -> _Side:
    rows = store.query("SELECT id FROM landed WHERE kind = $kind", {"kind": kind}).to_pylist()
    query = sa.select(NUMBERS[kind], TABLES[kind].c.status)
    with control.begin() as connection:
        status = {row[0]: row[1] for row in connection.execute(query)}
    return _Side(kind, Counter(row["id"] for row in rows), status)


def _check_known(side: _Side) -> None:
    strange = side.strange
    if strange:
        shown = ", ".join(str(number) for number in strange[:5])
        raise BooksError(
            f"the books hold {side.kind} {shown}, which the control store does not know",
            where="books.duckdb",
            hint=RESTORE,
        )


def _forget_lost(engine: Engine, control: Control, sides: Collection[_Side], now: datetime) -> None:
    """Mark as failed what is gone; the charges that stay must be those of what is not."""
    gone = {side.kind: side.lost for side in sides}
    if not any(gone.values()):
        return
    status = next(side.status for side in sides if side.kind == "delivery")
    rows = engine.query("SELECT DISTINCT delivery_id AS id FROM charge_daily").to_pylist()
    older = sorted(row["id"] for row in rows if status.get(row["id"]) == "superseded")
    if older and gone["delivery"]:
        raise BooksError(
            f"the books hold delivery {older[0]}, which was replaced: they are older than the "
            "control store",
            where="books.duckdb",
            hint="restore both from one backup, or delete books.duckdb alone and run "
            "`costper sync`; nothing was changed",
        )
    with control.begin() as connection:
        for kind, numbers in gone.items():
            values = {"status": "abandoned" if kind == "run" else "failed"}
            if kind == "delivery":
                values["reason"] = LOST
            for number in numbers:
                row = NUMBERS[kind] == number
                connection.execute(TABLES[kind].update().where(row).values(**values))
        log(connection, "books lost", "books.duckdb", now=now, detail=gone, actor="recovery")


def _identity(store: Engine) -> str | None:
    found = store.query("SELECT id FROM books_identity").to_pylist()
    return str(found[0]["id"]) if found else None


def _marry(stores: Collection[Engine], control: Control, ours: str | None) -> None:
    """Give both the same name; control first, so that a crash between leaves nothing to refuse."""
    name = ours or uuid4().hex
    if ours is None:
        control.remember(KEY, name)
    for store in stores:
        if _identity(store) != name:
            store.offer("new_identity", pa.table({"id": [name]}))
            select = "SELECT id FROM new_identity"
            store.replace([Write(table="books_identity", where="TRUE", select=select)])
