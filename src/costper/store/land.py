"""Land a bill: survey it, decide scope by scope, and change the books in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import chain

from costper.errors import ConservationError, SourceError
from costper.model.delivery import Decision, RawBill, shortfall
from costper.model.money import plain
from costper.model.outcome import Issue
from costper.store.bills import recall, remember_bill
from costper.store.books import Books
from costper.store.calendar import offer_calendar
from costper.store.closing import closed
from costper.store.deliveries import (
    announce,
    current,
    give_up,
    held_elsewhere,
    refuse,
    settle,
    spoken,
)
from costper.store.engine import Ask
from costper.store.land_sql import REQUIRED, writes
from costper.store.landing import Landing
from costper.store.measure import Measured, as_measured, measure
from costper.store.plan import Ground, Plan, decided, fingerprint, owner_of, places
from costper.store.quality import unsettled
from costper.store.record import cost_of_record
from costper.store.superseded import pruned
from costper.store.survey import Survey, scope_params, survey
from costper.store.tell import told

Checkpoint = Callable[[str], object]
"""Told each step of a landing as it is reached: pending, landed, settled."""


class ShortError(Exception):
    """Seen inside the transaction: these deliveries must not land, and why."""

    def __init__(self, reasons: Mapping[int, str]) -> None:
        self.reasons = reasons
        super().__init__(", ".join(reasons.values()))


def land_bill(
    books: Books,
    source: str,
    bill: RawBill,
    *,
    now: datetime,
    forced: bool = False,
    checkpoint: Checkpoint = str,
) -> Landing:
    """Land one bill and say what became of each scope and each row.

    The books hold it whole or not at all, also after a crash. Raises SourceError when the files
    change while being read or do not add up to their control totals, BooksError when the books
    cannot be written.
    """
    bill, copies = _without_copies(bill)
    whole = fingerprint(bill, bill.parts)
    known = recall(books.control, source, whole)
    if known is not None:
        return _with(known, copies, books)
    seen = survey(books.engine, bill)
    _check_rows(source, bill, seen)
    _check_control_totals(books, source, bill)
    held = current(books.control, source)
    ground = Ground(
        source=source,
        held=held,
        closed=closed(books.control),
        forced=forced,
        elsewhere=held_elsewhere(books.control, source, [part.sha256 for part in bill.parts]),
    )
    plans = _announced(books, bill, decided(bill, seen, ground), now)
    plans = _landed(books, bill, seen, plans, (now, forced, checkpoint))
    landing = told(books, source, bill, seen, plans)
    if not landing.refused:
        remember_bill(books.control, whole, landing, now=now)
    return _with(landing, copies, books)


def _with(landing: Landing, more: Sequence[Issue], books: Books) -> Landing:
    issues = unsettled(landing.issues, cost_of_record(books.settings, landing.source))
    return replace(landing, issues=(*more, *issues))


def _without_copies(bill: RawBill) -> tuple[RawBill, tuple[Issue, ...]]:
    """Drop files with the same bytes as another: the same charges are never paid twice."""
    first: dict[str, str] = {}
    parts = [p for p in bill.parts if first.setdefault(p.sha256, p.path) == p.path or not p.rows]
    kept = {part.path for part in parts}
    issues = tuple(
        Issue(
            code="duplicate_file",
            message="the same bytes as another file of this bill; it was not read again",
            where=part.origin,
            severity="warning",
        )
        for part in bill.parts
        if part.path not in kept
    )
    return replace(bill, parts=tuple(parts)), issues


def _check_rows(source: str, bill: RawBill, seen: Survey) -> None:
    promised = sum(part.rows for part in bill.parts)
    if promised != seen.rows:
        raise SourceError(
            f"{promised} rows were announced and {seen.rows} are there",
            where=source,
            hint="the files changed while they were read; sync again",
        )


def _check_control_totals(books: Books, source: str, bill: RawBill) -> None:
    """Compare with the vendor's own total before anything is written."""
    if not bill.control_totals:
        return
    columns = ", ".join(
        f"CAST({bill.projection.get(c.name, 'NULL')} AS {c.sql_type}) AS {c.name}" for c in REQUIRED
    )
    sums = ", ".join(f"SUM({cost}) AS {cost}" for cost in sorted(bill.control_totals))
    good = " AND ".join(f"{column.name} IS NOT NULL" for column in REQUIRED)
    rows = f"SELECT {columns} FROM {books.engine.raw(bill.parts)} AS raw WHERE {bill.keep}"
    found = books.engine.query(f"SELECT {sums} FROM ({rows}) AS charge WHERE {good}").to_pylist()
    for cost, promised in sorted(bill.control_totals.items()):
        total = found[0][cost] or Decimal(0)
        if total != promised:
            raise SourceError(
                f"{cost} of all rows is {plain(total)}, the control total is {plain(promised)} "
                f"(difference {plain(total - promised)})",
                where=source,
                hint="sync again; if it stays, the vendor's report is incomplete",
            )


def _announced(books: Books, bill: RawBill, plans: Sequence[Plan], now: datetime) -> list[Plan]:
    """Write down what is about to land, and what was refused."""
    known: list[Plan] = []
    for plan in plans:
        parts = [bill.parts[file] for file in plan.files]
        delivery = replace(plan.delivery, landed_at=now.isoformat(), reason=plan.decision.reason)
        if plan.lands:
            replaces = plan.old[-1] if plan.old else None
            delivery = announce(books.control, delivery, parts, replaces)
        elif plan.decision.action == "refuse":
            refuse(books.control, delivery, parts)
        known.append(replace(plan, delivery=delivery))
    return known


def _landed(
    books: Books,
    bill: RawBill,
    seen: Survey,
    plans: list[Plan],
    how: tuple[datetime, bool, Checkpoint],
) -> list[Plan]:
    """Land what may land; what turns out short inside the transaction is left out, and again."""
    now, forced, checkpoint = how
    while any(plan.lands for plan in plans):
        checkpoint("pending")
        try:
            found = _written(books, bill, seen, plans, forced=forced)
        except ShortError as short:
            plans = [_short(books, plan, short) for plan in plans]
            continue
        except BaseException as error:
            numbers = [plan.delivery.delivery_id for plan in plans if plan.lands]
            give_up(books.control, numbers, status="failed", reason=str(error).split("\n")[0])
            raise
        checkpoint("landed")
        plans = [_measured(plan, found) for plan in plans]
        settle(books.control, [p.delivery for p in plans if p.lands], forced=forced, now=now)
        checkpoint("settled")
        break
    return plans


def _written(
    books: Books, bill: RawBill, seen: Survey, plans: Sequence[Plan], *, forced: bool
) -> dict[int, Measured]:
    """Do the one transaction; give what it put in the books."""
    landing = [plan for plan in plans if plan.lands]
    longer = [
        group for plan in landing for group in plan.groups if group.first_day != group.last_day
    ]
    offer_calendar(books.engine, chain.from_iterable(group.days for group in longer))
    steps = writes(
        books.engine,
        bill,
        places(seen, plans),
        sorted({number for plan in landing for number in plan.old}),
        books.extra,
        several_days=bool(longer),
    )
    steps += pruned(books.control, [(plan.delivery.scope, plan.old) for plan in landing])
    found: dict[int, Measured] = {}

    def check(ask: Ask) -> None:
        found.update(measure(ask, [plan.delivery.delivery_id for plan in landing]))
        reasons = dict(_shorts(plans, seen, found, forced=forced))
        if reasons:
            raise ShortError(reasons)

    source = landing[0].delivery.scope.source
    books.engine.replace(steps, {"source": source, **scope_params(bill)}, check)
    return found


def _shorts(
    plans: Sequence[Plan], seen: Survey, found: Mapping[int, Measured], *, forced: bool
) -> Iterator[tuple[int, str]]:
    """Compare what is about to be kept with what was surveyed and with what is held."""
    lost = [group for group in seen.groups if group.kept and group.key is None]
    for plan in (plan for plan in plans if plan.lands):
        number = plan.delivery.delivery_id
        got = found[number]
        own = plan.rows + sum(g.rows for g in lost if owner_of(g, plans) is plan)
        if got.rows + got.bad_rows != own:
            raise ConservationError(
                f"{spoken(plan.delivery.scope)}: {own} rows were read, {got.rows} charges and "
                f"{got.bad_rows} bad rows would be kept",
                hint="this is a fault in costper; the books are unchanged",
            )
        if got.rows == 0:
            yield number, "none of its rows can be read"
        elif plan.held and not forced:
            reason = shortfall(got.covered_days, got.last_day, plan.held)
            if reason:
                yield number, f"what can be read of it {reason}"


def _short(books: Books, plan: Plan, short: ShortError) -> Plan:
    reason = short.reasons.get(plan.delivery.delivery_id)
    if reason is None:
        return plan
    give_up(books.control, [plan.delivery.delivery_id], status="refused", reason=reason)
    return replace(plan, decision=Decision("refuse", reason))


def _measured(plan: Plan, found: Mapping[int, Measured]) -> Plan:
    if not plan.lands:
        return plan
    delivery = as_measured(plan.delivery, found[plan.delivery.delivery_id])
    return replace(plan, delivery=replace(delivery, status="current"))
