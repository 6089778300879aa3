"""What a delivery changed against the one it replaced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from costper.errors import UserError
from costper.model.delivery import Delivery
from costper.model.money import COST_COLUMNS
from costper.store.books import Books
from costper.store.deliveries import listed, replaced_by
from costper.store.superseded import check_kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One service's day in one account, before and after; what is absent counts 0."""

    day: date
    service: str
    account: str
    currency: str
    before: Mapping[str, Decimal]
    after: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Every day, service and account whose cost changed; `before` is None for a first one."""

    delivery: Delivery
    before: int | None
    changes: tuple[Change, ...]


def difference(books: Books, number: int | None) -> Difference:
    """Compare a delivery with the one it replaced; without a number, the newest replacement.

    Raises UserError when there is no such delivery, its days or those of the one before are no
    longer kept, or nothing was ever replaced.
    """
    landed = {d.delivery_id: d for d in listed(books.control, statuses=("current", "superseded"))}
    if number is None:
        replacing = [one for one in landed if replaced_by(books.control, one) is not None]
        if not replacing:
            raise UserError("no delivery has replaced another yet", hint="costper deliveries")
        number = max(replacing)
    if number not in landed:
        raise UserError(f"there is no delivery {number}", hint="costper deliveries lists them")
    before = replaced_by(books.control, number)
    check_kept(books.engine, [each for each in (number, before) if each is not None])
    changes = _changes(books, before, number)
    return Difference(delivery=landed[number], before=before, changes=changes)


def _changes(books: Books, before: int | None, after: int) -> tuple[Change, ...]:
    keys = "day, service_name, sub_account_id, currency"
    sides = ", ".join(
        f"SUM(CASE WHEN delivery_id = {which} THEN {cost} ELSE CAST(0 AS DECIMAL(38,21)) END) "
        f"AS {side}_{cost}"
        for side, which in (("before", "$before"), ("after", "$after"))
        for cost in COST_COLUMNS
    )
    own = f"SELECT {keys}, delivery_id, {', '.join(COST_COLUMNS)} FROM"
    both = " UNION ALL ".join(
        f"{own} {table} WHERE delivery_id IN ($before, $after)"
        for table in ("charge_daily", "charge_daily_superseded")
    )
    changed = " OR ".join(f"before_{cost} <> after_{cost}" for cost in COST_COLUMNS)
    sql = (
        f"SELECT * FROM (SELECT {keys}, {sides} FROM ({both}) AS held GROUP BY {keys}) AS compared "
        f"WHERE {changed} ORDER BY {keys}"
    )
    rows = books.engine.query(sql, {"before": before or 0, "after": after}).to_pylist()
    return tuple(
        Change(
            day=row["day"],
            service=row["service_name"],
            account=row["sub_account_id"],
            currency=row["currency"],
            before={cost: row[f"before_{cost}"] for cost in COST_COLUMNS},
            after={cost: row[f"after_{cost}"] for cost in COST_COLUMNS},
        )
        for row in rows
    )
