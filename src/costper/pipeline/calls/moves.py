"""Finds the calls whose customer or team is not what settings say of their tenant or account now.

Only what a mapping once put there is moved: a call that named its customer itself keeps it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from costper.identity import Identities
from costper.model.call import CALLS
from costper.model.period import Period
from costper.pipeline.calls.people import customers_ever, day_us
from costper.store.books import Books
from costper.store.closing import EVERY_SOURCE, closed

ACCOUNT = "CASE WHEN user_kind = 'service_account' THEN user_id ELSE '' END"
PLACES = (
    f"SELECT tenant, {ACCOUNT} AS account, customer, "
    "CASE WHEN user_kind = 'service_account' THEN team ELSE '' END AS team, "
    "MIN(day) AS first, MAX(day) AS last FROM calls "
    "WHERE tenant <> '' OR user_kind = 'service_account' GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What calls carry: a tenant, a service account ('' for people), a customer and a team.

    `team` is only looked at for accounts, as people's is what their calls said.
    """

    tenant: str
    account: str
    customer: str
    team: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """The calls of a place on some days of one month, and where they belong.

    `closed` says that the month's books are closed, so that they stay.
    """

    was: Place
    becomes: Place
    days: Period
    closed: bool = False


def moves(books: Books, known: Identities) -> tuple[Move, ...]:
    """Give what would have to move, by month, tenant and account."""
    ever = customers_ever(books)
    shut = {month for source, month in closed(books.control) if source in {EVERY_SOURCE, CALLS}}
    found: list[Move] = []
    for row in books.marts.query(PLACES).to_pylist():
        was = Place(
            tenant=row["tenant"],
            account=row["account"],
            customer=row["customer"],
            team=row["team"],
        )
        held = Period(row["first"], row["last"] + ONE_DAY)
        for days in _pieces(held, known, was.tenant):
            becomes = belongs(was, known, ever, days.start)
            if becomes != was:
                found += [
                    Move(was=was, becomes=becomes, days=month, closed=_month(month) in shut)
                    for month in days.months()
                ]
    return tuple(sorted(found, key=lambda it: (it.days.start, it.was.tenant, it.was.account)))


def belongs(was: Place, known: Identities, ever: Mapping[str, frozenset[str]], day: date) -> Place:
    """Say where calls of a place belong on a day.

    >>> from costper.identity import ALWAYS, identities
    >>> known = identities(pepper=b"", tenants={"t": [(ALWAYS, "acme")]})
    >>> place = Place(tenant="t", account="", customer="", team="")
    >>> belongs(place, known, {}, date(2026, 1, 1)).customer
    'acme'
    """
    account = known.accounts.get(was.account) if was.account else None
    customer, team = was.customer, was.team
    if not customer or customer in _ever(ever, f"tenant:{was.tenant}", f"account:{was.account}"):
        customer = known.customer_of(was.tenant, day_us(day)) if was.tenant else ""
        if account is not None:
            customer = customer or account.customer
    if was.account and (not team or team in _ever(ever, f"team:{was.account}")):
        team = "" if account is None else account.team
    return replace(was, customer=customer, team=team)


def _ever(ever: Mapping[str, frozenset[str]], *names: str) -> frozenset[str]:
    return frozenset[str]().union(*(ever.get(name, ()) for name in names))


def _pieces(held: Period, known: Identities, tenant: str) -> Iterator[Period]:
    """Cut days where the tenant's customer changes."""
    cuts = {held.start, held.end}
    for since, _ in known.tenants.get(tenant, ()):
        if day_us(held.start) < since < day_us(held.end):
            cuts.add(held.start + timedelta(microseconds=since - day_us(held.start)))
    yield from _between(cuts)


def _between(cuts: Iterable[date]) -> Iterator[Period]:
    return (Period(start, end) for start, end in pairwise(sorted(cuts)))


def _month(days: Period) -> date:
    return days.start.replace(day=1)
