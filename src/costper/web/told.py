"""Reads decoded answers of the API: rows, cells, and why something is not known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import cast

Row = Mapping[str, object]
NO_ROW: Row = {}


@dataclass(frozen=True, slots=True)
class Told:
    """What the API said: its status, and the body it sent."""

    status: int
    body: Row = field(default_factory=dict[str, object])

    @property
    def ok(self) -> bool:
        """Say whether this is an answer; else `body` is a problem document."""
        return self.status < 400  # noqa: PLR2004 - from there on HTTP means a refusal

    @property
    def rows(self) -> tuple[Row, ...]:
        """Give the rows of the answer."""
        return rows(self.body, "rows")

    @property
    def first(self) -> Row:
        """Give the first row; an empty one where there is none."""
        return next(iter(self.rows), NO_ROW)

    @property
    def total(self) -> Row:
        """Give the totals."""
        return inner(self.body, "total")

    @property
    def question(self) -> Row:
        """Give the question as it was understood."""
        return inner(self.body, "question")

    @property
    def currency(self) -> str:
        """Give the currency of its amounts."""
        return text(self.body, "currency")

    @property
    def next_cursor(self) -> str:
        """Give where the next page of rows starts; '' on the last."""
        return text(self.body, "next_cursor")

    @property
    def problem(self) -> Row:
        """Give the problem document; an empty one where all is well."""
        return NO_ROW if self.ok else self.body


Priced = Told | Row | str
"""What says the currency of an amount: the answer it stands in, a row of its own, or a code."""


def currency_of(of: Priced) -> str:
    """Give the currency of the amounts of an answer, or of a row that says its own.

    >>> currency_of(Told(200, {"currency": "EUR"})), currency_of({"currency": "GBP"})
    ('EUR', 'GBP')
    """
    if isinstance(of, Told):
        return of.currency
    return of if isinstance(of, str) else text(of, "currency")


def others(also: Iterable[Told | Row], of: Told) -> tuple[str, ...]:
    """Give the other currencies of answers with rows, or of rows, beside an answer.

    >>> others(({"currency": "GBP"}, Told(200, {"currency": "EUR", "rows": [{}]})), Told(200))
    ('EUR', 'GBP')
    """
    told = (it for it in also if not isinstance(it, Told) or (it.ok and it.rows))
    return tuple(sorted({currency_of(it) for it in told} - {of.currency, ""}))


def inner(row: Row, name: str) -> Row:
    """Give a member that is a row itself; an empty one where it is not."""
    value = row.get(name)
    return cast("Row", value) if isinstance(value, Mapping) else NO_ROW


def rows(row: Row, name: str) -> tuple[Row, ...]:
    """Give a member that is a list of rows."""
    return tuple(cast("Row", it) for it in items(row, name) if isinstance(it, Mapping))


def items(row: Row, name: str) -> Sequence[object]:
    """Give a member that is a list; an empty one where it is not."""
    value = row.get(name)
    return cast("Sequence[object]", value) if isinstance(value, list | tuple) else ()


def text(row: Row, name: str) -> str:
    """Give a cell as text; '' where there is none."""
    value = row.get(name)
    return "" if value is None or isinstance(value, Mapping) else str(value)


def amount(row: Row, name: str) -> Decimal | None:
    """Give a cell as a number; None where it is not known."""
    return number(row.get(name))


def day(row: Row, name: str) -> date | None:
    """Give a cell as a day; None where it is not known."""
    try:
        return date.fromisoformat(text(row, name)[:10])
    except ValueError:
        return None


def number(cell: object) -> Decimal | None:
    """Read a number as the API writes it: text with all its digits, or a whole number.

    >>> number("12.50"), number(3), number({"value": None, "reason": "no_revenue"}), number("")
    (Decimal('12.50'), Decimal('3'), None, None)
    """
    if isinstance(cell, bool) or not isinstance(cell, str | int):
        return None
    try:
        found = Decimal(cell)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def reason(cell: object) -> str:
    """Say why a cell holds no number; '' where nobody said.

    >>> reason({"value": None, "reason": "zero_denominator"})
    'zero denominator'
    """
    if not isinstance(cell, Mapping):
        return ""
    return text(cast("Row", cell), "reason").replace("_", " ")
