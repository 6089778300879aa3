"""Takes what a source brought out of the books, and keeps that it was there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from costper.errors import UserError
from costper.model.delivery import Delivery, Scope
from costper.store.audit import log
from costper.store.books import Books
from costper.store.closing import closed, is_closed
from costper.store.deliveries import announce, current, give_up, settle, spoken
from costper.store.land_sql import emptied
from costper.store.superseded import pruned

WITHDRAWN = "withdrawn"


def withdraw(books: Books, source: str, *, reason: str, now: datetime) -> tuple[Delivery, ...]:
    """Replace every delivery of a source that costper.yaml no longer names by one of no charges.

    All of them at once, or none; the months they were in are then due for allocation. Gives the
    deliveries that were taken out.

    Raises:
        UserError: no reason is given, the source is still declared, it brought nothing, or a
            billing period of it is closed.
    """
    held = tuple(each for each in current(books.control, source) if each.rows or each.bad_rows)
    _check(books, source, reason, held)
    by_scope = {each.scope: each for each in held}
    new = [
        announce(books.control, _emptied(each, reason, now), (), each.delivery_id)
        for each in by_scope.values()
    ]
    old = [each.delivery_id for each in held]
    steps = emptied(old, [each.delivery_id for each in new], books.extra)
    steps += pruned(books.control, [(scope, _of(scope, held)) for scope in by_scope])
    try:
        books.engine.replace(steps)
    except BaseException as error:
        numbers = [each.delivery_id for each in new]
        give_up(books.control, numbers, status="failed", reason=str(error).split("\n")[0])
        raise
    settle(books.control, new, forced=False, now=now)
    with books.control.begin() as connection:
        log(connection, WITHDRAWN, source, now=now, detail={"reason": reason, "deliveries": old})
    return held


def _of(scope: Scope, held: Sequence[Delivery]) -> list[int]:
    return [each.delivery_id for each in held if each.scope == scope]


def _check(books: Books, source: str, reason: str, held: Sequence[Delivery]) -> None:
    if not reason.strip():
        raise UserError("a withdrawal says why", hint="--reason 'renamed to aws'")
    if source in {declared.name for declared in books.settings.declared()}:
        raise UserError(
            f"{source} is named in costper.yaml, so the next sync would bring it back",
            hint="take it out of costper.yaml first",
        )
    if not held:
        raise UserError(
            f"the books hold no charges of {source}", hint="costper deliveries lists what they hold"
        )
    shut = closed(books.control)
    for each in held:
        if is_closed(each.scope, shut):
            period = f"{each.scope.billing_period:%Y-%m}"
            raise UserError(
                f"{spoken(each.scope)} is closed",
                hint=f"costper deliveries reopen {period} --reason '...'",
            )


def _emptied(old: Delivery, reason: str, now: datetime) -> Delivery:
    """Give the delivery that stands in another's place: it has no charges, and says why."""
    return replace(
        old,
        delivery_id=0,
        status="pending",
        mode="overwrite",
        fingerprint=WITHDRAWN,
        rows=0,
        bad_rows=0,
        set_aside=0,
        totals={},
        first_day=None,
        last_day=None,
        covered_days=0,
        files=(),
        landed_at=now.isoformat(),
        reason=f"{WITHDRAWN}: {reason.strip()}",
    )
