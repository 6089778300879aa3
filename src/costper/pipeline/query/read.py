"""The rows of a statement as series: each letter's values by group and piece of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import pyarrow as pa

from costper.economics.currency import converted, plus
from costper.economics.formula.arithmetic import ZERO, Amount
from costper.economics.rollup import Piece, combined, filled
from costper.model.answer import Absent
from costper.model.money import EXACT
from costper.pipeline.answer.costs import decimals
from costper.pipeline.query.facts import Coverage, Facts
from costper.pipeline.query.resolve import Resolved
from costper.pipeline.query.statement import COVERAGE, Statement
from costper.pipeline.query.windows import Windows

Key = tuple[str, ...]
TOTAL: Key = ()
NO_MRR = Absent("no_mrr")
MISSING_RATE = Absent("missing_rate")
FIRST_ORDINAL = 1


class Line(NamedTuple):
    """One row of the statement; see costper.pipeline.query.statement for what fills what."""

    letter: int
    slot: int | None
    key: tuple[Any, ...]
    currency: str | None
    dated: date | None
    money: Decimal | None
    gross: Decimal | None
    number: Decimal | None
    parts: Decimal | None
    days: int | None
    flag: int | None


@dataclass(slots=True)
class Series:
    """One letter's values. `pieces` by group and place, `days` by group and day's ordinal.

    A value that is Absent spoils what it is part of. `filled` are the days a gap rule made.
    """

    pieces: dict[Key, dict[int, Piece | Absent]] = field(
        default_factory=dict[Key, dict[int, Piece | Absent]]
    )
    days: dict[Key, dict[int, Amount]] = field(default_factory=dict[Key, dict[int, Amount]])
    filled: dict[Key, frozenset[int]] = field(default_factory=dict[Key, frozenset[int]])


@dataclass(slots=True)
class Reader:
    """Sorts rows into series."""

    letters: Sequence[Resolved]
    statement: Statement
    windows: Windows
    facts: Facts
    series: list[Series] = field(default_factory=list[Series])
    daily: frozenset[int] = frozenset()
    paying: frozenset[int] = frozenset()
    coverage: Coverage = field(default_factory=Coverage)

    def read(self, rows: pa.Table) -> None:
        """Take in all rows."""
        self.series = [Series() for _ in self.letters]
        self.daily = frozenset(at for at, one in enumerate(self.letters) if one.by_day)
        self.paying = frozenset(at for at, one in enumerate(self.letters) if one.kind == "revenue")
        widths = [len(one.held.said if one.fills else one.keys) for one in self.letters]
        piece_of = self._pieces_by_day()
        for line in self._lines(rows):
            if line.letter == COVERAGE:
                self._covered(line)
            elif line.slot is not None:
                width = widths[line.letter]
                self._take(line, TOTAL if line.key[0] is None else line.key[:width], piece_of)
        for one, series in zip(self.letters, self.series, strict=True):
            if one.fills:
                _fill(one, series)

    def _take(self, line: Line, group: Key, piece_of: dict[int, int] | None) -> None:
        series, slot = self.series[line.letter], line.slot or 0
        if line.letter in self.paying:
            self._revenue(series, group, line)
        elif line.letter in self.daily:
            self._day(series, group, line)
        else:
            place = slot if piece_of is None else piece_of.get(slot)
            if place is not None:
                amount = self._amount(line)
                _add(series.pieces.setdefault(group, {}), place, amount, line.days or 0)

    def _lines(self, rows: pa.Table) -> Iterator[Line]:
        keys = [rows.column(f"k{place}").to_pylist() for place in range(self.statement.width)]
        amounts = {name: decimals(rows, name) for name in ("money", "gross", "number", "parts")}
        nothing = [None] * rows.num_rows
        plain = ("letter", "slot", "currency", "dated", "days", "flag")
        others = {
            name: rows.column(name).to_pylist() if name in rows.column_names else nothing
            for name in plain
        }
        columns = {**others, **amounts, "key": list(zip(*keys, strict=True))}
        return map(Line, *(columns[name] for name in Line._fields))

    def _pieces_by_day(self) -> dict[int, int] | None:
        """Map a day's number to its piece where slots are days, or the first days of months."""
        if not self.windows.by_day and not self.windows.by_month:
            return None
        starts = (piece.start for piece in self.windows.pieces)
        firsts = starts if self.windows.by_day else (start.replace(day=1) for start in starts)
        return {first.toordinal() - FIRST_ORDINAL: at for at, first in enumerate(firsts)}

    def _amount(self, line: Line) -> Amount:
        if line.money is None:
            return ZERO if line.number is None else line.number
        return self._home(line.money, line)

    def _home(self, amount: Decimal, line: Line) -> Amount:
        if not line.currency or line.dated is None:
            return amount
        return converted(amount, line.currency, line.dated, self.facts.rates)

    def _day(self, series: Series, group: Key, line: Line) -> None:
        found = series.days.setdefault(group, {})
        at, amount = (line.slot or 0) + FIRST_ORDINAL, self._amount(line)
        found[at] = amount if at not in found else plus(found[at], amount)

    def _revenue(self, series: Series, group: Key, line: Line) -> None:
        held = self.statement.slots[line.slot or 0]
        parts = line.parts or ZERO
        amount: Amount = NO_MRR if line.flag else MISSING_RATE
        if not line.flag and (held.rate is not None or not parts):
            amount = EXACT.multiply(parts, held.rate or ZERO)
        _add(series.pieces.setdefault(group, {}), held.piece, amount, 0)

    def _covered(self, line: Line) -> None:
        found, gross = self.coverage, line.gross or ZERO
        found.estimated |= bool(line.flag)
        in_home = self._home(gross, line)
        if isinstance(in_home, Absent) and line.currency:
            found.missing[line.currency] = found.missing.get(line.currency, 0) + 1
        found.gross = plus(found.gross, in_home)
        reason = line.key[0]
        if reason:
            found.gross_missing = plus(found.gross_missing, in_home)
            cost = self._home(line.money or ZERO, line)
            found.unallocated[reason] = plus(found.unallocated.get(reason, ZERO), cost)


def _add(found: dict[int, Piece | Absent], place: int, amount: Amount, days: int) -> None:
    """Add one row to its piece: rows of one piece differ in currency and rate alone."""
    known = found.get(place)
    if isinstance(amount, Absent):
        found[place] = amount
    elif known is None:
        found[place] = Piece(amount, days)
    elif not isinstance(known, Absent):
        found[place] = Piece(EXACT.add(known.value, amount), max(known.days, days))


def _fill(one: Resolved, series: Series) -> None:
    """Fill each series the metric has, then put them together by the keys that are asked."""
    metric = one.metric
    if metric is None or one.settled is None or one.held.first is None:
        return
    first = one.held.first.toordinal()
    until = (one.settled + timedelta(days=1)).toordinal()
    places = [one.held.said.index(key) for key in one.keys]
    values: dict[Key, dict[int, list[Decimal]]] = {}
    made: dict[Key, set[int]] = {}
    for words, days in series.days.items():
        known = {day: value for day, value in days.items() if isinstance(value, Decimal)}
        more = filled(known, metric.gaps, metric.gap_days_max, first, until)
        groups = {TOTAL, tuple(words[place] for place in places)}
        for group in groups:
            target = values.setdefault(group, {})
            for day, value in (*known.items(), *more.items()):
                target.setdefault(day, []).append(value)
            made.setdefault(group, set()).update(more)
    series.days = {
        group: {day: combined(one.space, parts) for day, parts in days.items()}
        for group, days in values.items()
    }
    series.filled = {group: frozenset(days) for group, days in made.items()}
