"""What other prices and limits would have done, were everybody to have behaved the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from costper.economics.changes import Change, Limit, Price
from costper.economics.currency import plus
from costper.economics.revenue import COUNTED
from costper.economics.verdict import exact_decimal
from costper.model.answer import Absent
from costper.model.dimension import normal
from costper.model.money import EXACT, POSTING_UNIT

Amount = Decimal | Absent
ZERO = Decimal(0)
NO_SEATS = Absent("no_seats")


class Terms(NamedTuple):
    """What a customer pays on: its plan, status, seats and MRR in `currency` (None: unknown)."""

    plan: str
    status: str
    seats: Decimal | None
    mrr: Decimal | None
    currency: str


class Use(NamedTuple):
    """A customer's use of one metric in one calendar month, or the part of it that is asked for.

    `driven` is the cost that was divided by this use, `part` the days asked for ÷ the month's.
    """

    plan: str
    used: Decimal
    driven: Amount
    part: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What limits do to one customer: cost that is not caused, and what is paid for more."""

    saved: Amount = ZERO
    overage: Decimal = ZERO


def is_counted(status: str) -> bool:
    """Say whether somebody of that status pays."""
    return status.replace(" ", "_").replace("-", "_") in COUNTED


def repriced(terms: Terms, changes: Iterable[Change], home: str) -> tuple[Amount | None, str]:
    """Give the MRR after every change of price, in order, and its currency.

    A change in percent leaves free what was free; an amount replaces what is paid. Who does not
    pay by status does not start to. Null ("no_seats") where a price is per seat and nobody
    knows how many there are.

    >>> pro = Terms("pro", "active", Decimal(3), Decimal(50), "EUR")
    >>> repriced(pro, [Price(plan="Pro", amount=Decimal(99), per_seat=True)], "USD")
    (Decimal('297'), 'USD')
    """
    mrr: Amount | None = terms.mrr
    currency = terms.currency
    if not is_counted(terms.status):
        return mrr, currency
    for change in changes:
        if not isinstance(change, Price) or not _is_on(change.plan, terms.plan):
            continue
        if change.amount is not None:
            mrr, currency = _priced(change, change.amount, terms.seats), home
        elif isinstance(mrr, Decimal) and change.percent is not None:
            grown = EXACT.add(Decimal(1), EXACT.scaleb(change.percent, -2))
            mrr = EXACT.multiply(mrr, grown)
    return mrr, currency


def _priced(change: Price, amount: Decimal, seats: Decimal | None) -> Amount:
    if not change.per_seat:
        return amount
    return NO_SEATS if seats is None else EXACT.multiply(amount, seats)


def limited(limit: Limit, uses: Sequence[Use]) -> Effect:
    """Apply a limit to each month by itself: what is left over in one is not used in another.

    Without a price the use above the limit does not happen, and the cost divided by it shrinks
    to the allowed share. With one it happens, costs the same, and is paid for.

    >>> march = Use("free", Decimal(400), Decimal(100), Fraction(1))
    >>> limited(Limit(metric="requests", allowed=Decimal(100)), [march]).saved
    Decimal('75.000000000000')
    """
    saved: Amount = ZERO
    overage = ZERO
    for use in uses:
        excess = Fraction(use.used) - Fraction(limit.allowed) * use.part
        if excess <= 0 or not _is_on(limit.plan, use.plan):
            continue
        if limit.price is not None:
            paid = exact_decimal(excess * Fraction(limit.price), POSTING_UNIT)
            overage = EXACT.add(overage, paid)
        elif isinstance(use.driven, Absent):
            saved = plus(saved, use.driven)
        else:
            share = excess / Fraction(use.used)
            part = exact_decimal(Fraction(use.driven) * share, POSTING_UNIT)
            saved = plus(saved, part)
    return Effect(saved=saved, overage=overage)


def _is_on(asked: str, plan: str) -> bool:
    return not asked or normal(asked) == normal(plan)
