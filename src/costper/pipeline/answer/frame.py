"""What every question shares: its days, the days before, and what may be believed of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Protocol

from costper.config.settings import Settings
from costper.economics.coverage import coverage
from costper.economics.currency import Rates, converted, plus
from costper.economics.trend import percent_change
from costper.errors import UserError
from costper.model.answer import Absent, Answer, Cell, Row
from costper.model.outcome import Issue
from costper.model.period import Period
from costper.pipeline.answer.ground import Ground, read_ground
from costper.pipeline.answer.holes import hole_issues, young_issues
from costper.pipeline.answer.reach import behind, bill_ends, reach
from costper.pipeline.answer.select import Bound
from costper.store.engine import Engine

DEFAULT_DAYS = 30
LONGEST_DAYS = 3660
MOST_MONTHS = 120
ONE_DAY = timedelta(days=1)
PREVIOUS_INCOMPLETE = Absent("previous_incomplete")
NO_DATA = Absent("no_data")
NOT_SETTLED = Absent("not_settled")


class Readable(Protocol):
    """The part of the books an answer needs: the marts, the settings, and what was billed."""

    @property
    def engine(self) -> Engine:
        """Where bills are asked, by day."""
        ...

    @property
    def marts(self) -> Engine:
        """Where the roll-ups and legs are asked."""
        ...

    @property
    def settings(self) -> Settings:
        """What costper.yaml says."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the books stand: `as_of` is when they last changed, `issues` what is wrong in them.

    `balanced` is false when the newest allocation of a month could not be kept.
    """

    as_of: str = ""
    issues: tuple[Issue, ...] = ()
    balanced: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which days are asked for: `since` until before `until`, or `days` from one of them.

    What is left out ends with the last settled day and is DEFAULT_DAYS long. `months` are the
    last whole settled calendar months instead.
    """

    days: int | None = None
    since: date | None = None
    until: date | None = None
    months: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One question's days, and what is known of the books in them.

    `asked` is what was said of the days, `now` when.
    `data_days` are the days of both periods that any bill covers, `days_with_data` how
    many of them lie in `period`. `previous_whole` is true when the books reach back to the
    start of the previous period and hold any day of it. `unallocated` is of `period`, in the
    home currency, null where a rate is missing.
    """

    books: Readable
    asked: Asked
    now: datetime
    period: Period
    previous: Period
    ground: Ground
    settled_through: date | None
    data_days: frozenset[date]
    days_with_data: int
    previous_whole: bool
    estimated: bool
    coverage: Decimal | None
    unallocated: Mapping[str, Decimal | Absent]
    standing: Standing
    issues: tuple[Issue, ...] = ()

    @property
    def rates(self) -> Rates:
        """Dated rates into the home currency."""
        return self.ground.rates

    @property
    def currencies(self) -> frozenset[str]:
        """The currencies that charges of both periods are in."""
        return frozenset(
            str(row["currency"]) for day in self.charged_days for row in self.ground.days[day]
        )

    @property
    def charged_days(self) -> tuple[date, ...]:
        """The days of both periods that any charge falls on, a fee spread over days ahead too.

        All of them are in totals; only `data_days` are counted as days with data.
        """
        return tuple(day for day in self.span.each_day() if day in self.ground.days)

    @property
    def ahead(self) -> date | None:
        """The first day of the period after all with data, where a charge is spread that far."""
        held = max((day for day in self.data_days if self.period.holds(day)), default=None)
        last = self.charged_days[-1] if self.charged_days else None
        if held is None or last is None or last <= held or not self.period.holds(last):
            return None
        return held + ONE_DAY

    @property
    def covered(self) -> Period:
        """The days of the period but those ahead, that nothing is scaled by."""
        return Period(self.period.start, self.ahead or self.period.end)

    @property
    def span(self) -> Period:
        """Both periods together."""
        return Period(self.previous.start, self.period.end)

    @property
    def counted(self) -> Period | None:
        """The days revenue counts in, so that it is of the days of the cost; None without data.

        They reach from the first day with data to the last of the period: a hole inside counts.
        """
        return self._counted(self.period)

    @property
    def counted_before(self) -> Period | None:
        """The days revenue counts in of the previous period."""
        return self._counted(self.previous)

    def _counted(self, period: Period) -> Period | None:
        held = [day for day in self.data_days if period.holds(day)]
        return Period(min(held), max(held) + ONE_DAY) if held else None

    @property
    def unheld(self) -> bool:
        """Say whether the books hold no charge of any day of the period, ahead or not."""
        if self.days_with_data:
            return False
        return not any(self.period.holds(day) for day in self.charged_days)

    def held(self, cost: Decimal | Absent) -> Decimal | Absent:
        """Give a cost of the period; null ("no_data") where the books hold none of its days."""
        return NO_DATA if self.unheld else cost

    def before(self, previous: Decimal | Absent) -> Decimal | Absent:
        """Give an amount of the previous period; null where the books do not hold all of it."""
        return previous if self.previous_whole else PREVIOUS_INCOMPLETE

    @property
    def unsettled(self) -> bool:
        """Say whether days of the period may still grow: it is of fewer than those before it."""
        return self.settled_through is not None and self.period.end > self.settled_through + ONE_DAY

    def compared(self, previous: Decimal | Absent) -> Decimal | Absent:
        """Give what the period is compared with; null unless both have as many settled days."""
        before = self.before(previous)
        return NOT_SETTLED if self.unsettled and isinstance(before, Decimal) else before

    def trend(self, current: Decimal | Absent, previous: Decimal | Absent) -> Cell:
        """Compare with the previous period, when it is one of as many settled days."""
        if isinstance(current, Absent):
            return current
        before = self.compared(previous)
        if isinstance(before, Absent):
            return before
        return percent_change(current, before)

    def answer(
        self,
        question: Mapping[str, Cell],
        rows: Sequence[Row],
        total: Row,
        issues: tuple[Issue, ...] = (),
    ) -> Answer:
        """Put rows in their envelope."""
        asked: dict[str, Cell] = {
            **question,
            "from": self.period.start,
            "to": self.period.end,
            "previous_from": self.previous.start,
            "days": self.period.days,
            "days_with_data": self.days_with_data,
        }
        return Answer(
            question=asked,
            rows=rows,
            total=total,
            currency=self.rates.home,
            as_of=self.standing.as_of,
            settled_through=self.settled_through,
            estimated=self.estimated,
            coverage=self.coverage,
            unallocated=self.unallocated,
            issues=(*self.standing.issues, *self.issues, *issues),
        )


@dataclass(slots=True)
class Sums:
    """What a mart says of some days, added up while it is read."""

    estimated: bool = False
    gross: Decimal | Absent = Decimal(0)
    gross_missing: Decimal | Absent = Decimal(0)
    unallocated: dict[str, Decimal | Absent] = field(default_factory=dict[str, Decimal | Absent])
    missing: dict[str, int] = field(default_factory=dict[str, int])
    days: set[date] = field(default_factory=set[date])

    @property
    def coverage(self) -> Decimal | None:
        """Give the share of gross cost that has an owner; None without a rate or any cost."""
        if isinstance(self.gross, Absent) or isinstance(self.gross_missing, Absent):
            return None
        return coverage(self.gross, self.gross_missing)

    def count(self, row: Row, rates: Rates) -> None:
        """Count one row of day, currency, reason, cost, gross and perhaps estimated."""
        day, currency, reason = row["day"], str(row["currency"]), str(row["reason"])
        cost, gross = row["cost"], row["gross"]
        if not (isinstance(day, date) and isinstance(cost, Decimal) and isinstance(gross, Decimal)):
            return
        self.estimated |= bool(row.get("estimated"))
        in_home = converted(gross, currency, day, rates)
        if isinstance(in_home, Absent):
            self.missing[currency] = self.missing.get(currency, 0) + 1
        self.gross = plus(self.gross, in_home)
        if reason and (gross or cost):
            self.gross_missing = plus(self.gross_missing, in_home)
            before = self.unallocated.get(reason, Decimal(0))
            self.unallocated[reason] = plus(before, converted(cost, currency, day, rates))


def frame_of(
    books: Readable,
    asked: Asked,
    now: datetime,
    standing: Standing,
    ground: Ground | None = None,
) -> Frame:
    """Settle which days a question is about, and what is known of them.

    `ground` is read from the books where nobody holds it already.
    """
    ground = ground or read_ground(books.marts, books.settings, bill_ends(books))
    first, far = ground.first, reach(ground.last, ground.ends)
    last, settled = far.held, None
    if far.settled is not None:
        settled = min(now.date() - timedelta(days=books.settings.settle_days), far.settled)
    young = settled is not None and first is not None and settled < first and asked == Asked()
    if young and first is not None and last is not None:
        period = Period(first, last + ONE_DAY)
    else:
        period = _period(asked, settled or now.date() - timedelta(days=books.settings.settle_days))
    found = _sums(ground, Period(period.previous().start, period.end), period, last)
    unsettled = settled is not None and period.end > settled + ONE_DAY
    return Frame(
        books=books,
        asked=asked,
        now=now,
        period=period,
        previous=period.previous(),
        ground=ground,
        settled_through=settled,
        data_days=frozenset(found.days),
        days_with_data=sum(period.holds(day) for day in found.days),
        previous_whole=first is not None
        and first <= period.previous().start
        and any(period.previous().holds(day) for day in found.days),
        estimated=found.estimated or unsettled,
        coverage=found.coverage,
        unallocated=found.unallocated,
        standing=standing,
        issues=(
            *_rate_issues(found),
            *hole_issues(found.days, period, first, last),
            *behind(ground.ends, period),
            *(young_issues(period) if young else ()),
        ),
    )


def _period(asked: Asked, settled: date) -> Period:
    if asked.months is not None:
        return _whole_months(asked, asked.months, settled)
    days = DEFAULT_DAYS if asked.days is None else asked.days
    if not 1 <= days <= LONGEST_DAYS:
        raise UserError(f"days must be 1 to {LONGEST_DAYS}, not {days}", where="days")
    start, end = asked.since, asked.until
    if end is None:
        end = settled + ONE_DAY
        if start is not None and asked.days is not None:
            end = start + timedelta(days=days)
    if start is None:
        start = end - timedelta(days=days)
    if not start < end or (end - start).days > LONGEST_DAYS:
        raise UserError(
            f"the period from {start} to before {end} holds no day, or more than {LONGEST_DAYS}",
            where="from",
            hint=f"'to' is the first day that does not count; the last settled day is {settled}",
        )
    return Period(start, end)


def _whole_months(asked: Asked, months: int, settled: date) -> Period:
    """Give the last calendar months that are settled to their last day."""
    if asked.days is not None or asked.since is not None or asked.until is not None:
        raise UserError("months and days say it twice", where="months", hint="leave one of them")
    if not 1 <= months <= MOST_MONTHS:
        raise UserError(f"months must be 1 to {MOST_MONTHS}, not {months}", where="months")
    end = (settled + ONE_DAY).replace(day=1)
    first = end.year * 12 + end.month - 1 - months
    return Period(date(first // 12, first % 12 + 1, 1), end)


def _sums(ground: Ground, span: Period, period: Period, last: date | None) -> Sums:
    """Add up the days; one after the last that bills cover may have cost, and is not all there."""
    found = Sums()
    for day in span.each_day():
        rows = ground.days.get(day)
        if rows is None:
            continue
        if last is not None and day <= last:
            found.days.add(day)
        for row in rows if period.holds(day) else ():
            found.count(row, ground.rates)
    return found


def _rate_issues(found: Sums) -> tuple[Issue, ...]:
    return tuple(missing_rate_issue(currency, days) for currency, days in found.missing.items())


def missing_rate_issue(currency: str, days: int = 1) -> Issue:
    """Say that a currency has no rate; what it touches is null, never taken as 1."""
    return Issue(
        code="missing_rate",
        message=f"no rate says what {currency} is worth",
        where="rates",
        hint=f"add a dated rate for {currency} to the rates file",
        count=days,
    )


def in_days(period: Period, bound: Bound) -> tuple[str, ...]:
    """Write the conditions for a period; on the month as well, so that whole months are skipped."""
    last = period.end - ONE_DAY if period.days else period.start
    return (
        f"month >= {bound.bind(period.start.replace(day=1))}",
        f"month <= {bound.bind(last.replace(day=1))}",
        f"day >= {bound.bind(period.start)}",
        f"day < {bound.bind(period.end)}",
    )
