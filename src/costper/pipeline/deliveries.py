"""Answers about deliveries: which the books hold, and what one of them changed."""

from __future__ import annotations

from decimal import Decimal

from costper.model.answer import Answer, Cell, Row
from costper.model.delivery import Delivery
from costper.model.instant import instant
from costper.model.money import COST_COLUMNS, total
from costper.store.books import Books
from costper.store.closing import closed, is_closed
from costper.store.deliveries import listed
from costper.store.diff import Change, difference


def deliveries(books: Books, *, source: str | None = None) -> Answer:
    """List every delivery, one row for each currency, with its totals as landed."""
    shut = closed(books.control)
    found = listed(books.control, source=source)
    rows = tuple(
        _listed(delivery, currency, is_closed(delivery.scope, shut))
        for delivery in found
        for currency in delivery.totals or ("",)
    )
    held = [delivery for delivery in found if delivery.status == "current"]
    return Answer(
        question={"noun": "deliveries", "source": source or ""},
        rows=rows,
        total={"deliveries": len(held), "rows": sum(delivery.rows for delivery in held)},
        currency=books.settings.currency,
        as_of=instant(max((delivery.landed_at for delivery in found), default="")),
        settled_through=None,
        estimated=False,
        coverage=None,
    )


def changes(books: Books, number: int | None) -> Answer:
    """List what a delivery changed, by day, service and sub-account; totals to the last digit.

    Raises UserError when there is no such delivery, or nothing was ever replaced.
    """
    found = difference(books, number)
    scope = found.delivery.scope
    currencies = sorted({change.currency for change in found.changes})
    return Answer(
        question={
            "noun": "what a delivery changed",
            "delivery": found.delivery.delivery_id,
            "before": found.before,
            "source": scope.source,
            "account": scope.account,
            "billing_period": f"{scope.billing_period:%Y-%m}",
        },
        rows=tuple(_changed(change) for change in found.changes),
        total={
            "changes": tuple(
                {"currency": currency, **_moved(found.changes, currency)} for currency in currencies
            )
        },
        currency=currencies[0] if len(currencies) == 1 else books.settings.currency,
        as_of=instant(found.delivery.landed_at),
        settled_through=None,
        estimated=False,
        coverage=None,
    )


def _listed(delivery: Delivery, currency: str, shut: bool) -> Row:  # noqa: FBT001 - one of many cells
    totals = delivery.totals.get(currency, {})
    return {
        "delivery": delivery.delivery_id,
        "source": delivery.scope.source,
        "account": delivery.scope.account,
        "billing_period": f"{delivery.scope.billing_period:%Y-%m}",
        "status": delivery.status,
        "closed": shut,
        "rows": delivery.rows,
        "bad_rows": delivery.bad_rows,
        "set_aside": delivery.set_aside,
        "first_day": delivery.first_day,
        "last_day": delivery.last_day,
        "days": delivery.covered_days,
        "currency": currency,
        **{cost: totals.get(cost) for cost in COST_COLUMNS},
        "landed_at": delivery.landed_at,
        "reason": delivery.reason,
        "fingerprint": delivery.fingerprint,
        "files": tuple(dict.fromkeys(delivery.files)),
    }


def _changed(change: Change) -> Row:
    cells: dict[str, Cell] = {
        "day": change.day,
        "service": change.service,
        "sub_account": change.account,
        "currency": change.currency,
    }
    for cost in COST_COLUMNS:
        name, before, after = cost.removesuffix("_cost"), change.before[cost], change.after[cost]
        cells[f"{name}_before"] = before
        cells[f"{name}_after"] = after
        cells[f"{name}_change"] = total([after, -before])
    return cells


def _moved(changes: tuple[Change, ...], currency: str) -> dict[str, Decimal]:
    """Sum what changed in one currency, cost by cost."""
    own = [change for change in changes if change.currency == currency]
    return {
        cost: total([c.after[cost] for c in own] + [-c.before[cost] for c in own])
        for cost in COST_COLUMNS
    }
