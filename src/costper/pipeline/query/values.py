"""The value of any letter at any place: a group, a bucket, now or in the period compared with."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from costper.economics.calendar import ONE_DAY, bucket_of
from costper.economics.formula.arithmetic import CONTEXT, ZERO, Amount
from costper.economics.formula.tree import SpanUnit
from costper.economics.revenue import WHOLE as MONTH_PARTS
from costper.economics.rollup import Piece, rolled
from costper.model.answer import Absent
from costper.model.period import Period
from costper.model.question import Grain
from costper.pipeline.answer.metric_info import combine_of
from costper.pipeline.query.read import TOTAL, Key, Series
from costper.pipeline.query.resolve import Resolved
from costper.pipeline.query.windows import Chain, Position, Windows

NO_DATA = Absent("no_data")
NOT_SETTLED = Absent("not_settled")
NOT_ADDITIVE = Absent("not_additive")
NO_BASE = Absent("no_base")
UNKNOWN_VALUE = Absent("unknown_value")
NO_RECORD = Absent("no_customer_record")
NOTHING_OF: Mapping[str, Absent] = {
    "metric": Absent("no_units"),
    "cost": Absent("no_cost"),
    "revenue": Absent("no_revenue"),
}
"""Why a group has no value that others have: never $0, never 0 users."""

NO_HOLES: frozenset[int] = frozenset()


class Where(NamedTuple):
    """A place a letter has a value at; `then` is in the period compared with."""

    key: Key
    at: Position
    then: bool = False
    shifts: Chain = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """What a bucket is to one letter, whatever the group.

    `places` are its pieces, `days` how many of its days have data, `known_days` how many there
    were until today. `then` is the period whose groups count, None where a formula reaches out
    of it. `nothing` is what a group without data has, `refusal` what every group has instead of
    a value, `total_refusal` what all of them together have.
    """

    places: tuple[int, ...] = ()
    then: bool | None = None
    days: int = 0
    known_days: int = 0
    by_day: bool = False
    nothing: Absent = NO_DATA
    refusal: Absent | None = None
    total_refusal: Absent | None = None


@dataclass(slots=True)
class Values:
    """Gives values, and remembers them. `until` is the first day nobody can know of.

    `known_from` is the first day anything is known of a customer: before it there is no revenue.
    """

    letters: Mapping[str, Resolved]
    series: Mapping[str, Series]
    windows: Windows
    by: tuple[str, ...]
    until: date
    known_from: date = date.min
    _found: dict[tuple[str, Where, frozenset[int]], Amount] = field(
        default_factory=dict[tuple[str, Where, frozenset[int]], Amount]
    )
    _spots: dict[tuple[str, Position, bool, Chain, frozenset[int]], Spot] = field(
        default_factory=dict[tuple[str, Position, bool, Chain, frozenset[int]], Spot]
    )
    _lacking: dict[int, bool] = field(default_factory=dict[int, bool])
    _present: dict[tuple[str, bool], frozenset[Key]] = field(
        default_factory=dict[tuple[str, bool], frozenset[Key]]
    )

    def value(self, name: str, where: Where, holes: frozenset[int] = NO_HOLES) -> Amount:
        """Give a letter's value, leaving out the pieces in `holes`, or the reason it has none."""
        key = (name, where, holes)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._value(self.letters[name], where, holes)
        return found

    def own_key(self, one: Resolved, key: Key) -> Key:
        """Give the part of a group's key a letter has; what it has not, it is the same in."""
        if not key or len(one.keys) == len(self.by):
            return key
        return tuple(word for name, word in zip(self.by, key, strict=True) if name in one.keys)

    def present(self, name: str, *, then: bool) -> frozenset[Key]:
        """Name the groups a letter has anything of in a whole period."""
        if (name, then) not in self._present:
            self._present[name, then] = frozenset(self._groups(name, then=then))
        return self._present[name, then]

    def _groups(self, name: str, *, then: bool) -> set[Key]:
        span = self.windows.span(None, then)
        if span is None:
            return set()
        series, places = self.series[name], self.windows.places(span)
        if self.letters[name].by_day:
            low, high = span.start.toordinal(), span.end.toordinal()
            return {
                key for key, days in series.days.items() if any(low <= day < high for day in days)
            }
        return {
            key for key, pieces in series.pieces.items() if any(place in places for place in pieces)
        }

    def filled(self, name: str, where: Where) -> int:
        """Count the days of a bucket that a gap rule made up."""
        one, span = self.letters[name], self.windows.span(where.at, where.then, where.shifts)
        days = self.series[name].filled.get(self.own_key(one, where.key))
        if not days or span is None:
            return 0
        return sum(span.start.toordinal() <= day < span.end.toordinal() for day in days)

    def lacks(self, at: int) -> bool:
        """Say whether a letter has no data on some day, week or month of a bucket."""
        if at not in self._lacking:
            letters = (one for one in self.letters.values() if one.kind != "revenue")
            self._lacking[at] = any(self._lacks(one, at) for one in letters)
        return self._lacking[at]

    def _lacks(self, one: Resolved, at: int) -> bool:
        span = self.windows.buckets[at]
        first = bucket_of(span.start, one.grain).start
        own = {bucket_of(day, one.grain).start for day in span.each_day()}
        held = _between(one.held.days, Period(first, span.end))
        return held + self.filled(one.name, Where(TOTAL, at)) < len(own)

    def _value(self, one: Resolved, where: Where, holes: frozenset[int]) -> Amount:
        spot = self._spot(one, where, holes)
        return spot.refusal or self._at(one, self.own_key(one, where.key), spot)

    def column(
        self, name: str, keys: Sequence[Key], where: Where, holes: frozenset[int] = NO_HOLES
    ) -> list[Amount]:
        """Give a letter's values of many groups at the bucket of `where`."""
        one = self.letters[name]
        spot = self._spot(one, where, holes)
        if spot.refusal is not None:
            return [spot.refusal] * len(keys)
        if len(one.keys) < len(self.by):
            keys = [self.own_key(one, key) for key in keys]
        return [self._at(one, key, spot) for key in keys]

    def _at(self, one: Resolved, key: Key, spot: Spot) -> Amount:
        if key == TOTAL:
            if spot.total_refusal is not None:
                return spot.total_refusal
        elif not self._is_known(one.name, key, spot):
            return NOTHING_OF[one.kind]
        if one.kind == "metric":
            return self._metric(one, key, spot)
        return self._cost(one, key, spot) if one.kind == "cost" else self._revenue(one, key, spot)

    def _spot(self, one: Resolved, where: Where, holes: frozenset[int]) -> Spot:
        """Settle once for all groups what a bucket is to a letter."""
        at = (one.name, where.at, where.then, where.shifts, holes)
        found = self._spots.get(at)
        if found is None:
            found = self._spots[at] = self._found_spot(one, where, holes)
        return found

    def _found_spot(self, one: Resolved, where: Where, holes: frozenset[int]) -> Spot:
        if one.unknown:
            return Spot(refusal=UNKNOWN_VALUE)
        span = self.windows.span(where.at, where.then, where.shifts)
        reaches = bool(where.shifts) or (where.at is not None and where.at < 0)
        first = one.held.first if one.kind != "revenue" else date.min
        if span is None or (reaches and (first is None or span.start < first)):
            return Spot(refusal=NO_BASE)
        if one.kind == "revenue" and span.end <= self.known_from:
            return Spot(refusal=NO_RECORD)
        places = tuple(at for at in self.windows.places(span) if at not in holes)
        unsettled = one.settled is None or span.start > one.settled
        grain: Grain = "" if where.at is None else self.windows.grain
        return Spot(
            places=places,
            then=None if reaches else where.then,
            days=self._held(one, span, holes),
            by_day=one.by_day,
            known_days=(min(span.end, self.until) - span.start).days,
            nothing=NOT_SETTLED if unsettled and one.held.first is not None else NO_DATA,
            refusal=self._refused(one, span, grain, one.keys),
            total_refusal=self._refused(one, span, grain, ()),
        )

    def _is_known(self, name: str, key: Key, spot: Spot) -> bool:
        if spot.then is not None:
            return key in self.present(name, then=spot.then)
        series = self.series[name]
        return key in series.pieces or key in series.days

    @staticmethod
    def _refused(one: Resolved, span: Period, grain: Grain, keys: Sequence[str]) -> Absent | None:
        """Say why a value cannot be made from its days: people seen twice are not two people."""
        if one.metric is None:
            return None
        distinct = one.how == "distinct"
        crowded = any(span.start.toordinal() <= day < span.end.toordinal() for day in one.crowded)
        if crowded or (not combine_of(one.metric) and set(one.held.said) - one.pinned - set(keys)):
            return NOT_ADDITIVE
        unit = bucket_of(span.start, one.grain)
        if one.metric.grain == "day":
            return NOT_ADDITIVE if distinct and span.days > 1 else None
        summed = one.how == "sum" and one.metric.kind != "active_users"
        if span == unit and (summed or bucket_of(span.start, grain).days <= unit.days):
            return None
        if span.start == unit.start and span.end < unit.end and _is_open(one, unit):
            return NOT_SETTLED
        last = bucket_of(span.end - ONE_DAY, one.metric.grain)
        whole = span.start == unit.start and span.end == last.end
        return None if summed and whole else NOT_ADDITIVE

    def _pieces(self, series: Series, key: Key, spot: Spot) -> list[Piece | Absent]:
        held = series.pieces.get(key)
        if held is None:
            return []
        return [held[at] for at in spot.places if at in held]

    def _metric(self, one: Resolved, key: Key, spot: Spot) -> Amount:
        series = self.series[one.name]
        found = (
            self._days(series.days.get(key, {}), spot)
            if spot.by_day
            else self._pieces(series, key, spot)
        )
        return _rolled(one, found) if found else spot.nothing

    def _cost(self, one: Resolved, key: Key, spot: Spot) -> Amount:
        """Give cost: nothing spent on a day the books hold is zero, a day they lack is none.

        What a fee is spread over days ahead is in their sum, as it is in that of all days.
        """
        if spot.by_day:
            return self._daily_cost(one, key, spot)
        found = self._pieces(self.series[one.name], key, spot)
        if not spot.days and (not found or one.how != "sum"):
            return spot.nothing
        whole = _rolled(one, found, "sum") if found else ZERO
        if one.how == "sum" or isinstance(whole, Absent):
            return whole
        return CONTEXT.divide(whole, Decimal(spot.days))

    def _daily_cost(self, one: Resolved, key: Key, spot: Spot) -> Amount:
        own = self.series[one.name].days.get(key, {})
        days: dict[int, Amount] = {}
        for place in spot.places:
            piece = self.windows.pieces[place]
            low = bisect_left(one.held.days, piece.start.toordinal())
            high = bisect_left(one.held.days, piece.end.toordinal())
            days.update((day, own.get(day, ZERO)) for day in one.held.days[low:high])
        found = self._days(days, spot)
        return _rolled(one, found) if found else spot.nothing

    def _revenue(self, one: Resolved, key: Key, spot: Spot) -> Amount:
        if spot.known_days <= 0:
            return NOT_SETTLED
        series = self.series[one.name]
        if not series.pieces:
            return NOTHING_OF["revenue"]
        found = self._pieces(series, key, spot)
        parts = _rolled(one, found, "sum") if found else ZERO
        if isinstance(parts, Absent):
            return parts
        whole = CONTEXT.divide(parts, Decimal(MONTH_PARTS))
        return whole if one.how == "sum" else CONTEXT.divide(whole, Decimal(spot.known_days))

    def _days(self, days: Mapping[int, Amount], spot: Spot) -> list[Piece | Absent]:
        found: list[Piece | Absent] = []
        for place in spot.places:
            piece = self.windows.pieces[place]
            for day in range(piece.start.toordinal(), piece.end.toordinal()):
                value = days.get(day)
                if value is not None:
                    found.append(value if isinstance(value, Absent) else Piece(value, 1))
        return found

    def _held(self, one: Resolved, span: Period, holes: frozenset[int]) -> int:
        """Count the days of a span the books hold."""
        whole = _between(one.held.days, span)
        if not holes:
            return whole
        left_out = (at for at in self.windows.places(span) if at in holes)
        return whole - sum(_between(one.held.days, self.windows.pieces[at]) for at in left_out)


@dataclass(frozen=True, slots=True)
class Operands:
    """Values as formulas ask for them; `holes` are the pieces a ratio leaves out."""

    values: Values
    holes: frozenset[int] = NO_HOLES

    def value(self, name: str, at: Where) -> Amount:
        """Give a letter's value."""
        return self.values.value(name, at, self.holes)

    def before(self, at: Where, count: int, unit: SpanUnit) -> Where | Absent:
        """Give the same bucket some calendar units before."""
        return at._replace(shifts=(*at.shifts, (count, unit)))

    def last(self, at: Where, count: int) -> Sequence[Where] | Absent:
        """Give the buckets that end with this one; the whole period of many is none of them."""
        if at.at is None:
            return NOT_ADDITIVE
        return [at._replace(at=at.at - step) for step in range(count - 1, -1, -1)]

    def first_to(self, at: Where) -> Sequence[Where] | Absent:
        """Give the buckets from the first of the period to this one."""
        if at.at is None:
            return [at]
        return [at._replace(at=place) for place in range(at.at + 1)]

    def whole(self, at: Where) -> Where:
        """Give the same bucket without groups."""
        return at._replace(key=TOTAL)


def _rolled(one: Resolved, found: Sequence[Piece | Absent], how: str = "") -> Amount:
    if len(found) == 1 and (how == "sum" or one.how != "average"):
        only = found[0]
        return only if isinstance(only, Absent) else only.value
    pieces = [piece for piece in found if not isinstance(piece, Absent)]
    if len(pieces) < len(found):
        return next(piece for piece in found if isinstance(piece, Absent))
    return rolled("sum" if how == "sum" else one.how, pieces)


def _between(days: Sequence[int], span: Period) -> int:
    return bisect_left(days, span.end.toordinal()) - bisect_left(days, span.start.toordinal())


def _is_open(one: Resolved, unit: Period) -> bool:
    return one.settled is None or one.settled < unit.end - ONE_DAY
