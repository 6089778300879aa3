"""Finds the calls that are not where settings say now: of another customer, team, user or account.

Only what a mapping once put there is moved: a call that named its customer itself keeps it,
but for another name of the same one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from costper.identity import Account, Identities, Owner
from costper.model.call import CALLS
from costper.model.period import Period
from costper.pipeline.calls.people import customers_ever, day_us
from costper.pipeline.words import handed_over, text_schema
from costper.store.books import Books
from costper.store.closing import EVERY_SOURCE, closed

RENAMED = "call_renamed"
"""Scratch: the hashes of users that aliases or accounts' ids lead elsewhere."""

NAMED = "call_named"
"""Scratch: the other names of customers."""

ACCOUNT = "CASE WHEN c.user_kind = 'service_account' THEN c.user_id ELSE '' END"
USER = (
    f"CASE WHEN c.user_kind = 'user' AND c.user_id IN (SELECT user_id FROM {RENAMED}) "
    "THEN c.user_id ELSE '' END"
)
PLACES = (
    f"SELECT tenant, {ACCOUNT} AS account, {USER} AS user_id, customer, "
    f"CASE WHEN {ACCOUNT} <> '' OR {USER} <> '' THEN team ELSE '' END AS team, "
    "MIN(day) AS first, MAX(day) AS last FROM calls AS c "
    "GROUP BY 1, 2, 3, 4, 5 HAVING tenant <> '' OR account <> '' OR user_id <> '' "
    f"OR customer IN (SELECT customer FROM {NAMED}) ORDER BY 1, 2, 3, 4, 5"
)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What calls carry: a tenant, an account or a renamed user, a customer and a team.

    Without either they are anybody's, whose `team` is '' here as it is what their calls said.
    """

    tenant: str
    account: str = ""
    user_id: str = ""
    customer: str = ""
    team: str = ""

    @property
    def anybodys(self) -> bool:
        """Say whether it is of a tenant alone, whoever called."""
        return not self.account and not self.user_id


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
    ever, renamed = customers_ever(books), known.renamed()
    shut = {month for source, month in closed(books.control) if source in {EVERY_SOURCE, CALLS}}
    found: list[Move] = []
    hand_over_renamed(books, renamed)
    names = text_schema(("customer",))
    handed_over(books.marts, NAMED, {"customer": [*known.customers]}, names)
    for row in books.marts.query(PLACES).to_pylist():
        held = Period(row.pop("first"), row.pop("last") + ONE_DAY)
        was = Place(**row)
        for days in _pieces(held, known, was.tenant):
            becomes = belongs(was, known, ever, renamed, days.start)
            if becomes != was:
                found += [
                    Move(was=was, becomes=becomes, days=month, closed=_month(month) in shut)
                    for month in days.months()
                ]
    books.marts.forget(RENAMED, NAMED)
    return tuple(sorted(found, key=lambda it: (it.days.start, it.was.tenant, it.was.account)))


def hand_over_renamed(books: Books, renamed: Mapping[str, Owner]) -> None:
    """Put the hashes aside that lead elsewhere, for ACCOUNT and USER to look them up."""
    handed_over(books.marts, RENAMED, {"user_id": [*renamed]}, text_schema(("user_id",)))


def belongs(
    was: Place,
    known: Identities,
    ever: Mapping[str, frozenset[str]],
    renamed: Mapping[str, Owner],
    day: date,
) -> Place:
    """Say where calls of a place belong on a day.

    >>> from costper.identity import ALWAYS, identities
    >>> known = identities(pepper=b"", tenants={"t": [(ALWAYS, "acme")]})
    >>> belongs(Place(tenant="t"), known, {}, {}, date(2026, 1, 1)).customer
    'acme'
    """
    owner, account = _owner(was, known, renamed)
    customer, team = was.customer, was.team
    if not customer or customer in _ever(ever, f"tenant:{was.tenant}", f"account:{was.account}"):
        customer = known.customer_of(was.tenant, day_us(day)) if was.tenant else ""
        if account is not None:
            customer = customer or account.customer
    customer = known.customer_named(customer)
    if owner.account and (not team or team in _ever(ever, f"team:{was.account}")):
        team = "" if account is None else account.team
    return Place(
        tenant=was.tenant,
        account=owner.account,
        user_id=owner.user_id,
        customer=customer,
        team=team,
    )


def _owner(
    was: Place, known: Identities, renamed: Mapping[str, Owner]
) -> tuple[Owner, Account | None]:
    """Say who caused the calls of a place, and what is declared of the account if it is one."""
    owner = renamed.get(was.user_id) or Owner(user_id=was.user_id, account=was.account)
    if not owner.account:
        return owner, None
    account = known.accounts.get(owner.account) or known.account_of(owner.account)
    return (owner if account is None else Owner(account=account.name)), account


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
