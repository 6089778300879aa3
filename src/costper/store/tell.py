"""Tell what came of a bill: every row accounted for, every doubt as an issue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from costper.errors import ConservationError
from costper.model.delivery import RawBill
from costper.model.outcome import Issue
from costper.store.bad_rows import bad_row_issues, lost_row_issues
from costper.store.books import Books
from costper.store.deliveries import spoken
from costper.store.landing import Fate, Landing, ScopeLanding
from costper.store.plan import SAME_BYTES, Plan, owner_of
from costper.store.quality import currencies, doubts, holes
from costper.store.survey import Survey


def told(books: Books, source: str, bill: RawBill, seen: Survey, plans: Sequence[Plan]) -> Landing:
    """Account for every row of the bill; ConservationError when one is missing."""
    held = [plan.held for plan in plans if plan.decision.action == "unchanged" and plan.held]
    landed = [plan.delivery for plan in plans if plan.lands]
    refused = [plan for plan in plans if plan.decision.action == "refuse"]
    landing = Landing(
        source=source,
        files=len({part.origin for part in bill.parts}),
        again=sum(part.again for part in bill.parts),
        rows=seen.rows,
        landed=sum(each.rows for each in landed),
        unchanged=sum(each.rows for each in held),
        refused=sum(plan.rows for plan in refused),
        bad=sum(each.bad_rows for each in (*landed, *held)) + _unowned(seen, plans),
        set_aside=seen.set_aside,
        scopes=tuple(_scope(plan) for plan in plans),
        issues=tuple(_issues(books, source, bill, seen, plans)),
    )
    counted = landing.landed + landing.unchanged + landing.refused + landing.bad
    if counted + landing.set_aside != landing.rows:
        raise ConservationError(
            f"{landing.rows} rows in the files, {counted + landing.set_aside} accounted for",
            where=source,
            hint="this is a fault in costper; run costper check",
        )
    return landing


def _unowned(seen: Survey, plans: Sequence[Plan]) -> int:
    """Count rows without a scope that went with no delivery."""
    lost = [group for group in seen.groups if group.kept and group.key is None]
    owners = [(group, owner_of(group, plans)) for group in lost]
    return sum(
        group.rows for group, plan in owners if plan is None or plan.decision.action == "refuse"
    )


def _scope(plan: Plan) -> ScopeLanding:
    reason = plan.decision.reason
    if plan.lands:
        fate: Fate = "replaced" if plan.old else "landed"
        return ScopeLanding(delivery=plan.delivery, fate=fate, reason=reason)
    fate = "refused" if plan.decision.action == "refuse" else "unchanged"
    kept = plan.held if plan.held and fate == "unchanged" else plan.delivery
    return ScopeLanding(delivery=kept, fate=fate, reason=reason)


def _issues(
    books: Books, source: str, bill: RawBill, seen: Survey, plans: Sequence[Plan]
) -> Iterator[Issue]:
    ask = books.engine.query
    held = [_scope(plan).delivery for plan in plans if plan.decision.action != "refuse"]
    numbers = [delivery.delivery_id for delivery in held]
    files = {
        (delivery.delivery_id, number): origin
        for delivery in held
        for number, origin in enumerate(delivery.files)
    }
    yield from bad_row_issues(ask, numbers, files)
    read = set(chain.from_iterable(plan.files for plan in plans))
    orphans = {g.file for g in seen.groups if g.kept and g.key is None} - read
    yield from lost_row_issues(books.engine, bill, sorted(orphans))
    yield from (_refused(plan) for plan in plans if plan.decision.action == "refuse")
    yield from (_thinner(plan) for plan in plans if plan.lands and plan.decision.reason)
    yield from doubts(ask, numbers, source)
    yield from holes(frozenset(chain.from_iterable(g.days for g in seen.groups if g.kept)), source)
    for delivery in held:
        yield from currencies(spoken(delivery.scope), delivery.totals)


def _thinner(plan: Plan) -> Issue:
    return Issue(
        code="rows_vanished",
        message=f"{plan.decision.reason}: less than half",
        where=spoken(plan.delivery.scope),
        severity="warning",
        hint="see costper deliveries --diff; fetch the bill again if that was not meant",
    )


def _refused(plan: Plan) -> Issue:
    """Whatever the reason, the books are behind the bill, and a cron job must notice."""
    shut = "closed" in plan.decision.reason
    hint = "fetch the whole delivery, or accept fewer days with costper sync --force"
    if shut:
        period = f"{plan.delivery.scope.billing_period:%Y-%m}"
        hint = f"costper deliveries reopen {period} --reason '...'"
    elif plan.decision.reason.startswith(SAME_BYTES):
        hint = (
            "read a file by one source; if that one was renamed, give it its name back, or take "
            "what it brought out: costper deliveries withdraw --source NAME --reason '...'"
        )
    return Issue(
        code="period_closed" if shut else "delivery_refused",
        message=f"not landed: {plan.decision.reason}",
        where=spoken(plan.delivery.scope),
        hint=hint,
    )
