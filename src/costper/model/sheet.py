"""Rows kept as columns: for lists too long to make one value of every cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeGuard, cast, overload

from costper.model.answer import Absent, Cell, Row, Scalar
from costper.model.money import amount

SAMPLE = 100
"""So many cells tell whether a column says the same again and again."""

Whole = int | Absent
"""A whole number of units, or why there is none."""


@dataclass(frozen=True, slots=True)
class Amounts:
    """A column of amounts in whole units of 10^-places."""

    units: Sequence[Whole]
    places: int

    def __len__(self) -> int:
        """Count the cells."""
        return len(self.units)

    def cell(self, place: int) -> Cell:
        """Give one cell as any row has it."""
        units = self.units[place]
        return units if isinstance(units, Absent) else amount(units, self.places)

    def texts(self, least: int) -> list[str | Absent]:
        """Write them as plain decimal strings: all their digits, at least `least` of them.

        >>> Amounts([123400, -5, Absent("why")], 4).texts(2)
        ['12.34', '-0.0005', Absent(reason='why')]
        """
        if complete(self.units):
            return [*_texts(self.units, self.places, least)]
        known = [0 if isinstance(one, Absent) else one for one in self.units]
        written = _texts(known, self.places, least)
        return [
            one if isinstance(one, Absent) else text
            for one, text in zip(self.units, written, strict=True)
        ]


def complete(units: Sequence[Whole]) -> TypeGuard[Sequence[int]]:
    """Say whether there is an amount in every cell, without looking at each in Python."""
    return Absent not in set(map(type, units))


def _texts(units: Sequence[int], places: int, least: int) -> Sequence[str]:
    """Write each value once where a column says the same ones again and again."""
    first = units[:SAMPLE]
    if 2 * len(set(first)) > len(first):
        return _each_text(units, places, least)
    values = [*set(units)]
    known = dict(zip(values, _each_text(values, places, least), strict=True))
    return [*map(known.__getitem__, units)]


def _each_text(units: Sequence[int], places: int, least: int) -> Sequence[str]:
    """Cut whole and fraction out of the digits: every cell of a long list passes here."""
    if places < max(least, 1):
        more = max(least, 1) - places
        return _each_text([one * 10**more for one in units], places + more, least)
    cut = least - places or None
    negative = min(units, default=0) < 0
    sizes = [*map(abs, units)] if negative else units
    digits = [*map(str, sizes)]
    if min(sizes, default=0) < 10**places:
        digits = [text.zfill(places + 1) for text in digits]
    if least and cut:
        plain = [f"{d[:-places]}.{d[-places:cut]}{d[cut:].rstrip('0')}" for d in digits]
    else:
        plain = [f"{d[:-places]}.{d[-places:]}" for d in digits]
    if not least:
        plain = [text.rstrip("0").rstrip(".") for text in plain]
    if negative:
        return [f"-{text}" if one < 0 else text for one, text in zip(units, plain, strict=True)]
    return plain


Column = Amounts | Sequence[Scalar]


@dataclass(frozen=True, slots=True)
class Sheet(Sequence[Row]):
    """Rows of an answer, by column; all columns are of one length."""

    columns: Mapping[str, Column]

    def __len__(self) -> int:
        """Count the rows."""
        return len(next(iter(self.columns.values()), ()))

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> Sheet: ...
    def __getitem__(self, place: int | slice) -> Row | Sheet:
        """Give one row, or a sheet of some."""
        if isinstance(place, slice):
            return self._cut(place)
        if not -len(self) <= place < len(self):
            raise IndexError(place)
        return {
            name: column.cell(place) if isinstance(column, Amounts) else column[place]
            for name, column in self.columns.items()
        }

    def _cut(self, place: slice) -> Sheet:
        """Give some of the rows; columns of the same cells stay so, and are written once."""
        if place.indices(len(self)) == (0, len(self), 1):
            return self
        known: dict[int, Sequence[Whole]] = {}
        cut: dict[str, Column] = {}
        for name, column in self.columns.items():
            if not isinstance(column, Amounts):
                cut[name] = column[place]
                continue
            units = known.setdefault(id(column.units), column.units[place])
            cut[name] = Amounts(units, column.places)
        return Sheet(cut)

    def count_below_zero(self, name: str) -> int:
        """Count the amounts of a column that are negative."""
        column = self.columns[name]
        known: Sequence[Whole] = column.units if isinstance(column, Amounts) else ()
        if complete(known):
            return sum(map((0).__gt__, known))
        return sum(not isinstance(one, Absent) and one < 0 for one in known)

    def count_zero(self, *names: str) -> int:
        """Count the rows whose amounts in all these columns are zero."""
        places: Sequence[int] = range(len(self))
        for name in names:
            column = self.columns[name]
            known = column.units if isinstance(column, Amounts) else column
            places = [place for place in places if not known[place]]
        return len(places)

    def __iter__(self) -> Iterator[Row]:
        """Give every row."""
        return (self[place] for place in range(len(self)))

    def __eq__(self, other: object) -> bool:
        """Say whether other rows are the same, however they are kept."""
        return isinstance(other, Sequence) and list(self) == list(cast("Sequence[Row]", other))

    __hash__ = None  # type: ignore[assignment]
