"""Says when the roll-ups of a day have grown by so many small rows that they are to be packed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from costper.pipeline.calls.rollup import ROLLUPS, pack
from costper.store.books import Books

LOOK_AFTER = 20
"""Folds between two looks at how many rows there are."""

FOLDS = 200
"""After so many folds a day is packed, however few rows they brought."""

ROWS = 300_000
"""A day is packed when it has twice the rows it had packed, and so many more."""

ONE_DAY = timedelta(days=1)


@dataclass(slots=True)
class Packing:
    """Remembers what was folded into each day since it was packed.

    When a day is over, its month is packed as a whole: a user's days then stand together, and a
    page about one user is read from a few blocks.
    """

    books: Books
    _folds: dict[date, int] = field(default_factory=dict[date, int])
    _packed: dict[date, int] = field(default_factory=dict[date, int])
    _since: int = 0
    _newest: date | None = None

    def folded(self, days: Iterable[date]) -> None:
        """Hear of a fold that brought calls of these days, and pack what has grown."""
        for day in days:
            self._folds[day] = self._folds.get(day, 0) + 1
        self._since += 1
        if self._since >= LOOK_AFTER:
            self._since = 0
            self._look()

    def _look(self) -> None:
        if not self._folds or not self._month_packed():
            return
        rows = self._rows()
        due = [
            day
            for day, folds in self._folds.items()
            if folds >= FOLDS or rows.get(day, 0) > 2 * self._packed.get(day, 0) + ROWS
        ]
        if not due or not pack(self.books, due):
            return
        rows = self._rows()
        for day in due:
            self._packed[day] = rows.get(day, 0)
            del self._folds[day]

    def _month_packed(self) -> bool:
        """Pack the month of the day before the newest, once that day is over."""
        newest = max(self._folds)
        if self._newest is not None and newest <= self._newest:
            return True
        params = {"first": (newest - ONE_DAY).replace(day=1), "newest": newest}
        found = self.books.marts.query(
            "SELECT DISTINCT day FROM user_daily WHERE day >= $first AND day < $newest", params
        ).to_pylist()
        days = [row["day"] for row in found]
        if not pack(self.books, days):
            return False
        self._newest = newest
        for day in days:
            self._folds.pop(day, None)
            self._packed.pop(day, None)
        return True

    def _rows(self) -> dict[date, int]:
        days = {f"day_{number}": day for number, day in enumerate(self._folds)}
        named = ", ".join(f"${name}" for name in days)
        counted = " UNION ALL ".join(
            f"SELECT day FROM {make().name} WHERE day IN ({named})" for make in ROLLUPS
        )
        found = self.books.marts.query(
            f"SELECT day, COUNT(*) AS n FROM ({counted}) GROUP BY day", days
        ).to_pylist()
        return {row["day"]: row["n"] for row in found}
