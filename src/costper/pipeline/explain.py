"""Walks from a number back to the rows of the bills it is made of, adding up to the last digit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, localcontext

from costper.allocation.explain import BillRow, Line, Step, portions, ratio_of
from costper.allocation.stored import read
from costper.errors import UserError
from costper.model.money import EXACT
from costper.model.names import quoted
from costper.model.outcome import Issue
from costper.model.period import Period, month_of
from costper.pipeline.bill_rows import BillRows, Key, Shape
from costper.pipeline.chain import Chain, Row
from costper.pipeline.defined import definition_of
from costper.pipeline.months import due_months
from costper.store.books import Books
from costper.store.runs import current_runs
from costper.store.runs import definition_of as kept_definition

SOURCE = "source"
"""Is explained like a dimension: every charge and leg has one."""

ROWS_SHOWN = 20
KEYS_KEPT = 256
"""Keys whose bill rows stay in memory while legs of the same pools are walked."""

Group = tuple[str, str, str, str, str]
"""Rule, method, reason, service, currency: what legs have in common when rows are summed up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What a number is made of. `lines` add up to `totals` (by currency), exactly.

    `days` are the totals of each currency and day, which a dated rate converts.
    `rows` counts the different bill rows behind the number, `parts` the lines all of them make: a
    row that lasts several days, or is divided several times, has a part in it for each.
    """

    dimension: str
    value: str
    period: Period
    lines: tuple[Line, ...]
    totals: Mapping[str, Decimal]
    days: Mapping[tuple[str, date], Decimal]
    rows: int
    parts: int
    issues: tuple[Issue, ...] = ()


def explain(
    books: Books,
    dimension: str,
    value: str,
    period: Period,
    *,
    rows: int | None = ROWS_SHOWN,
    after: int | None = None,
) -> Explanation:
    """Explain what a value of a dimension costs in a period; `rows` None lists every bill row.

    Otherwise the `rows` largest parts are listed and the rest is summed up by rule and service,
    so that the lines always add up. With `after` all parts are put in order, largest first, and
    those after so many are listed: pages neither repeat nor miss a part.
    """
    if dimension not in (*books.settings.dimension_names, SOURCE):
        raise UserError(f"unknown dimension {dimension!r}")
    months = [_Month(books, month, dimension, value) for month in period.months()]
    days = _days(line for month in months for line in month.plain())
    read = rows if after is None else None
    lines = [line for month in months for line in month.lines(read)]
    crossing = {charge for month in months for charge in month.crossing}
    if rows is not None:
        lines = _shortened(lines, rows, after or 0)
    return Explanation(
        dimension=dimension,
        value=value,
        period=period,
        lines=tuple(lines),
        totals=_totals(days),
        days=days,
        rows=len(crossing) + sum(month.inside for month in months),
        parts=sum(month.parts(leg) for month in months for leg in month.legs),
        issues=_stale(books, [month.start for month in months if month.legs]),
    )


class _Month:
    """The legs of one value in one month, and the way back from them."""

    def __init__(self, books: Books, period: Period, dimension: str, value: str) -> None:
        self._books = books
        self.start = month_of(period.start).start
        self.shape = shape_of(books, self.start)
        self.chain = Chain(books, self.shape)
        self.inside, self.crossing = 0, set[str]()
        self._counts: dict[Key, int] = {}
        self._parts: dict[int, int] = {}
        column = SOURCE if dimension == SOURCE else f"dim_{dimension}"
        self.legs: list[Row] = books.marts.query(
            f"SELECT * FROM legs WHERE month = $month AND day >= $since AND day < $until "
            f"AND {quoted(column)} = $value "
            "ORDER BY day, currency, source, rule, pool_no, charge_category",
            {
                "month": self.start,
                "since": period.start,
                "until": period.end,
                "value": value,
            },
        ).to_pylist()

    def plain(self) -> Iterator[Line]:
        """Give the legs without their bill rows."""
        return (self._line(leg, self.chain.cost(leg), ()) for leg in self.legs)

    def parts(self, leg: Row) -> int:
        """Count the lines a leg makes when every bill row is listed; after `lines`."""
        number = leg["pool_no"]
        if not number:
            return self._counts.get(self.shape.key_of(leg), 0)
        if number not in self._parts:
            inputs = self.chain.inputs.get(number)
            self._parts[number] = (
                self._counts.get(self.shape.key_of(self.chain.pools[number]), 0)
                if inputs is None
                else sum(self.parts(one) for one in inputs)
            )
        return self._parts[number]

    def lines(self, rows: int | None) -> Iterator[Line]:
        """Give the bill rows of all legs, or of the largest `rows` legs and the others summed."""
        legs = self.legs
        chosen = legs
        self.chain.read(leg["pool_no"] for leg in legs)
        bills = BillRows(self._books, self.shape, self._keys(legs))
        self._counts = bills.counts()
        self.inside, self.crossing = bills.distinct(month_of(self.start))
        if rows is not None:
            largest = sorted(
                range(len(legs)), key=lambda place: (-abs(self.chain.cost(legs[place])), place)
            )[:rows]
            chosen = [legs[place] for place in sorted(largest)]
            rest = set(range(len(legs))) - set(largest)
            for one in (legs[place] for place in sorted(rest)):
                yield self._line(one, self.chain.cost(one), (), rows=self.parts(one))
        known: dict[Key, list[BillRow]] = {}

        def of(key: Key) -> list[BillRow]:
            if key not in known:
                if len(known) > KEYS_KEPT:
                    known.clear()
                known[key] = bills.of(key)
            return known[key]

        for leg in chosen:
            yield from self._traced(leg, leg, self.chain.cost(leg), (), of)

    def _keys(self, legs: Iterable[Row]) -> Iterator[Key]:
        """Give the keys of every charge behind some legs."""
        pools = set[int]()
        waiting = list(legs)
        while waiting:
            leg = waiting.pop()
            number = leg["pool_no"]
            if not number:
                yield self.shape.key_of(leg)
            elif number not in pools:
                pools.add(number)
                waiting += self.chain.inputs.get(number, [])
                if number not in self.chain.inputs:
                    yield self.shape.key_of(self.chain.pools[number])

    def _traced(
        self,
        final: Row,
        leg: Row,
        amount: Decimal,
        steps: tuple[Step, ...],
        of: Callable[[Key], list[BillRow]],
    ) -> Iterator[Line]:
        """Follow an amount back through its pools to bill rows."""
        number = leg["pool_no"]
        if not number:
            yield from self._rows(final, amount, of(self.shape.key_of(leg)), leg, steps)
            return
        pool, so_far = self.chain.pools[number], (*steps, self.chain.step(leg))
        inputs = self.chain.inputs.get(number)
        if inputs is None:
            yield from self._rows(final, amount, of(self.shape.key_of(pool)), leg, so_far)
            return
        costs = [self.chain.cost(one) for one in inputs]
        ratio = ratio_of(leg["weight"], leg["weight_total"])
        parts = portions(amount, costs, self.chain.cost(pool), ratio)
        for one, part in zip(inputs, parts, strict=True):
            yield from self._traced(final, one, part, so_far, of)

    def _rows(
        self,
        final: Row,
        amount: Decimal,
        bills: Sequence[BillRow],
        leg: Row,
        steps: tuple[Step, ...],
    ) -> Iterator[Line]:
        """Divide an amount over the bill rows of one key."""
        with localcontext(EXACT):
            whole = sum((bill.cost for bill in bills), Decimal(0))
        ratio = ratio_of(leg["weight"], leg["weight_total"])
        if not bills or (whole == 0 and amount != 0):
            yield self._line(final, amount, steps, rows=0)
            return
        for bill, part in zip(
            bills, portions(amount, [bill.cost for bill in bills], whole, ratio), strict=True
        ):
            yield replace(self._line(final, part, steps), bill=bill)

    def _line(self, leg: Row, amount: Decimal, steps: tuple[Step, ...], *, rows: int = 1) -> Line:
        return Line(
            day=leg["day"],
            currency=leg["currency"],
            source=leg["source"],
            dims={name: leg[f"dim_{name}"] for name in self.shape.definition.names},
            steps=steps,
            rule=leg["rule"],
            version=self.chain.version(leg["rule"]),
            stage=leg["stage"],
            to=self.chain.to(leg["rule"]),
            method=leg["method"],
            reason=leg["reason"],
            cost=amount,
            rows=rows,
        )


def shape_of(books: Books, month: date) -> Shape:
    """Say how a month was allocated: by the definition its current run kept."""
    run = current_runs(books.control).get(month)
    kept = (
        read(kept_definition(books.control, run.run_id)) if run else definition_of(books.settings)
    )
    return Shape(definition=kept, month=month)


def _days(lines: Iterable[Line]) -> dict[tuple[str, date], Decimal]:
    sums: dict[tuple[str, date], Decimal] = defaultdict(Decimal)
    with localcontext(EXACT):
        for line in lines:
            sums[line.currency, line.day] += line.cost
    return dict(sorted(sums.items()))


def _totals(days: Mapping[tuple[str, date], Decimal]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    with localcontext(EXACT):
        for (currency, _), cost in days.items():
            sums[currency] += cost
    return dict(sorted(sums.items()))


def _shortened(lines: Sequence[Line], rows: int, after: int) -> list[Line]:
    """Keep the largest lines with a bill row; sum the others up by what they have in common.

    Those before `after` are summed up too.
    """
    order = sorted(
        (place for place, line in enumerate(lines) if line.bill),
        key=lambda place: (-abs(lines[place].cost), place),
    )
    listed = order[after : after + rows]
    kept = set(listed)
    shown = [lines[place] for place in listed]
    groups: dict[Group, list[Line]] = defaultdict(list)
    for place, line in enumerate(lines):
        if place not in kept:
            key = (line.rule, line.method, line.reason, line.service, line.currency)
            groups[key].append(line)
    summed = [_summed(group) for group in groups.values()]
    return [*shown, *sorted(summed, key=lambda line: (-abs(line.cost), line.rule, line.service))]


def _summed(group: Sequence[Line]) -> Line:
    with localcontext(EXACT):
        cost = sum((line.cost for line in group), Decimal(0))
    first = min(group, key=lambda line: line.day)
    dims = {
        name: value if all(line.dims[name] == value for line in group) else ""
        for name, value in first.dims.items()
    }
    rows = sum(line.rows for line in group)
    return replace(first, dims=dims, cost=cost, bill=None, steps=(), rows=rows)


def _stale(books: Books, months: Sequence[date]) -> tuple[Issue, ...]:
    """Warn where bills or rules changed since a month was allocated: its rows may be gone."""
    if not months:
        return ()
    due = due_months(books, definition_of(books.settings), months)
    return tuple(
        Issue(
            "stale_allocation",
            f"{one.month:%Y-%m} was allocated before the bills or rules changed",
            severity="warning",
            hint="run `costper allocate apply`",
        )
        for one in due
        if one.state == "changed"
    )
