"""The first look at a bill: which scopes its rows belong to, and which days they cover."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

from costper.model.delivery import RawBill
from costper.store.engine import Engine, Parameter

LONGEST_DAYS = 1830
"""A charge that says it lasts longer than five years is a bad row: commitments last three."""

Key = tuple[str, date]
"""Account and billing period (the first of its month)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Rows alike: of one file, account, billing period, first and last day (inclusive).

    `brief` says that they last at most one day.
    """

    file: int
    account: str | None
    billing_period: date | None
    first_day: date | None
    last_day: date | None
    brief: bool
    kept: bool
    rows: int

    @property
    def place(self) -> tuple[int, str | None, date | None]:
        """What tells the group's rows apart from those of other scopes and files."""
        return self.file, self.account, self.billing_period

    @property
    def key(self) -> Key | None:
        """The scope the rows belong to, None where they do not say."""
        if self.account is None or self.billing_period is None:
            return None
        return self.account, self.billing_period

    @property
    def days(self) -> Iterable[date]:
        """The days the rows cover; none when that cannot be told or is no sane span."""
        if self.first_day is None or self.last_day is None:
            return ()
        span = (self.last_day - self.first_day).days
        if span > LONGEST_DAYS:
            return ()
        return (self.first_day + timedelta(days=each) for each in range(span + 1))


@dataclass(frozen=True, slots=True)
class Survey:
    """All groups of a bill."""

    groups: tuple[Group, ...]

    @property
    def rows(self) -> int:
        """How many rows the files hold."""
        return sum(group.rows for group in self.groups)

    @property
    def set_aside(self) -> int:
        """How many of them are not charges, by the source's own word."""
        return sum(group.rows for group in self.groups if not group.kept)

    @property
    def scopes(self) -> dict[Key, tuple[Group, ...]]:
        """The groups of charges by scope, in order of scope."""
        found: dict[Key, list[Group]] = {}
        for group in self.groups:
            if group.kept and group.key is not None:
                found.setdefault(group.key, []).append(group)
        return {key: tuple(found[key]) for key in sorted(found)}

    def lost(self) -> int:
        """How many charges do not say which scope they belong to."""
        return sum(group.rows for group in self.groups if group.kept and group.key is None)


def covered(groups: Iterable[Group]) -> frozenset[date]:
    """Give the days on which charges of at most one day start; without any, all charges' days."""
    sane = [(group, first) for group in groups for first in islice(group.days, 1)]
    brief = frozenset(first for group, first in sane if group.brief)
    return brief or frozenset(first for _, first in sane)


def survey(engine: Engine, bill: RawBill) -> Survey:
    """Read only the columns that place a row, all files in one pass."""
    columns = "file, account, billing_period, first_day, last_day, brief, kept"
    placed = (
        f"SELECT _file AS file, COALESCE({bill.keep}, FALSE) AS kept, "
        f"{account_sql(bill)} AS account, {period_sql(bill)} AS billing_period, "
        f"{_day(bill, 'charge_period_start')} AS first_day, "
        f"{_day(bill, 'charge_period_end')} AS end_day, "
        f"{_read(bill, 'charge_period_start')} AS starts, "
        f"{_read(bill, 'charge_period_end')} AS ends "
        f"FROM {engine.raw(bill.parts)} AS raw"
    )
    last = (
        "CASE WHEN ends <= starts THEN first_day "
        "WHEN ends = CAST(end_day AS TIMESTAMP) THEN end_day - 1 ELSE end_day END"
    )
    lasting = (
        f"SELECT file, account, billing_period, first_day, {last} AS last_day, "
        f"COALESCE({brief_sql('first_day', 'end_day')}, FALSE) AS brief, kept "
        f"FROM ({placed}) AS placed"
    )
    sql = (
        f"SELECT {columns}, COUNT(*) AS rows "
        f"FROM ({lasting}) AS lasting GROUP BY {columns} ORDER BY {columns}"
    )
    found = engine.query(sql, scope_params(bill)).to_pylist()
    return Survey(tuple(Group(**row) for row in found))


def brief_sql(first_day: str, end_day: str) -> str:
    """Give the condition that a charge lasts at most one day, of its first and its end day."""
    return f"date_diff('day', {first_day}, {end_day}) <= 1"


def scope_params(bill: RawBill) -> dict[str, Parameter]:
    """Give the parameters that `account_sql` and `period_sql` may name."""
    period = bill.billing_period
    return {"account": bill.account, "billing_period": period and period.replace(day=1)}


def account_sql(bill: RawBill) -> str:
    """Give the account a row's scope has: the source's word, else the row's own."""
    return "CAST($account AS VARCHAR)" if bill.account else _read(bill, "billing_account_id")


def period_sql(bill: RawBill) -> str:
    """Give the billing period a row's scope has, as the first day of its month."""
    if bill.billing_period is not None:
        return "CAST($billing_period AS DATE)"
    return f"CAST(date_trunc('month', {_read(bill, 'billing_period_start')}) AS DATE)"


def _read(bill: RawBill, column: str) -> str:
    kind = "VARCHAR" if column == "billing_account_id" else "TIMESTAMP"
    return f"CAST({bill.projection.get(column, 'NULL')} AS {kind})"


def _day(bill: RawBill, column: str) -> str:
    return f"CAST({_read(bill, column)} AS DATE)"
