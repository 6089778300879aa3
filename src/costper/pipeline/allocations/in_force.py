"""The allocation as it is: its rules with what they took, what nobody took, whether it balances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from costper.allocation.reasons import hint
from costper.economics.currency import converted, size, sum_of
from costper.economics.trend import share_of
from costper.model.allocation import Rule
from costper.model.answer import Absent, Answer, Cell, Row
from costper.model.instant import instant
from costper.model.outcome import Issue
from costper.model.plural import plural
from costper.pipeline.allocations.balance import Balance, balances
from costper.pipeline.allocations.taken import Sum, taken, unallocated
from costper.pipeline.allocations.words import driver_words, match_words
from costper.pipeline.answer.frame import NO_DATA, Frame
from costper.pipeline.defined import definition_of
from costper.pipeline.months import Due, due_months
from costper.store.books import Books
from costper.store.runs import current_runs

ZERO = Decimal(0)
LARGEST = 5
NOTE = (
    "a cost that a chain carries on counts in each of its stages: add up the rules of one stage, "
    "not all of them"
)
TO_DO: Mapping[str, str] = {
    "new": "never allocated: run `costper allocate apply`",
    "changed": "its rules or inputs changed since: see the plan, then run `costper allocate apply`",
    "closed": "all its bills are closed, so it keeps the run it has",
    "unchanged": "",
}
Amount = Decimal | Absent


def allocation_answer(books: Books, frame: Frame) -> Answer:
    """Tell of the rules, of what has no owner, and day by day of what came in and went out."""
    took, nobodys = taken(frame), unallocated(frame)
    at_work = books.activity.running
    days = balances(books, frame.period)
    at_work = at_work or books.activity.running
    definition = definition_of(books.settings)
    charged = _charged(frame, days) if days else NO_DATA
    missing = sum_of(one.cost for one in nobodys.values()) if days else NO_DATA
    row: Row = {
        "rules": _rules(books, definition.rules, took, charged),
        "cost_note": NOTE,
        "unallocated": _unallocated(nobodys, charged),
        "balanced": all(one.balanced for one in days) or (None if at_work else False),
        "checked": instant(frame.now.isoformat()),
        "conservation": tuple(map(_balance, days)),
        "months": tuple(map(_month, due_months(books, definition))),
    }
    total: Row = {
        "cost": charged,
        "unallocated_cost": missing,
        "unallocated_percent": share_of(missing, charged),
        "coverage_percent": None if frame.coverage is None else frame.coverage * 100,
        "days_unbalanced": len({one.day for one in days if not one.balanced}),
    }
    return frame.answer({"noun": "allocation"}, (row,), total, _unbalanced(days, at_work=at_work))


def _rules(
    books: Books, rules: Sequence[Rule], took: Mapping[str, Sum], charged: Amount
) -> tuple[Row, ...]:
    """List the rules in the order they are tried; after them those only the books still know."""
    applied = {version for run in current_runs(books.control).values() for _, version in run.rules}
    known = {rule.name for rule in rules}
    found = [
        _rule(rule, took.get(rule.name), charged, applied=rule.version in applied)
        for rule in sorted(rules, key=lambda rule: rule.stage)
    ]
    gone = (Rule(name=name, driver="") for name in sorted(set(took) - known))
    return (
        *found,
        *(
            {**_rule(rule, took[rule.name], charged, applied=True), "match": "", "how": ""}
            for rule in gone
        ),
    )


def _rule(rule: Rule, sum_: Sum | None, charged: Amount, *, applied: bool) -> dict[str, Cell]:
    cost = sum_.cost if sum_ else NO_DATA if charged == NO_DATA else ZERO
    return {
        "rule": rule.name,
        "stage": rule.stage,
        "match": match_words(rule),
        "driver": rule.driver,
        "how": driver_words(rule),
        "to": rule.to,
        "fallback": rule.fallback,
        "cost": cost,
        "share_percent": share_of(cost, charged),
        "version": rule.version,
        "applied": applied,
        "where": rule.where,
    }


def _unallocated(nobodys: Mapping[tuple[str, ...], Sum], charged: Amount) -> tuple[Row, ...]:
    """List reasons and rules, the dearest first, with the services most of it is of."""
    grouped: dict[tuple[str, str], list[tuple[str, Sum]]] = {}
    for (reason, rule, service), one in nobodys.items():
        grouped.setdefault((reason, rule), []).append((service, one))
    rows = [
        (
            sum_of(one.cost for _, one in parts),
            reason,
            rule,
            sorted(parts, key=lambda part: (-size(part[1].cost), part[0])),
        )
        for (reason, rule), parts in grouped.items()
    ]
    return tuple(
        {
            "reason": reason,
            "rule": rule,
            "cost": cost,
            "share_percent": share_of(cost, charged),
            "first_day": min(one.first for _, one in parts),
            "last_day": max(one.last for _, one in parts),
            "services": tuple({"service": name, "cost": one.cost} for name, one in parts[:LARGEST]),
            "more_services": max(0, len(parts) - LARGEST),
            "hint": hint(reason),
        }
        for cost, reason, rule, parts in sorted(rows, key=lambda row: (-size(row[0]), row[1:3]))
    )


def _balance(one: Balance) -> Row:
    return {
        "day": one.day,
        "currency": one.currency,
        "charged_cost": one.charged,
        "allocated_cost": one.allocated,
        "unallocated_cost": one.unallocated,
        "difference": one.difference,
        "balanced": one.balanced,
    }


def _month(due: Due) -> Row:
    return {
        "month": f"{due.month:%Y-%m}",
        "state": due.state,
        "run": due.current.run_id if due.current else None,
        "hint": TO_DO[due.state],
    }


def _unbalanced(days: Sequence[Balance], *, at_work: bool) -> tuple[Issue, ...]:
    """Say that days do not add up; while a sync is at work some are only not yet divided."""
    wrong = [one for one in days if not one.balanced]
    if not wrong:
        return ()
    if at_work:
        many = plural(len({one.day for one in wrong}), "day")
        return (
            Issue(
                code="allocating",
                message=f"a sync is at work: bills of {many} came in and are not all divided yet",
                severity="warning",
                where="allocation",
                hint="ask again once it is done; `GET /api/v1/sync` says how far it is",
            ),
        )
    return (
        Issue(
            code="conservation",
            message=f"{len({one.day for one in wrong})} days do not add up to the bills, "
            f"the newest is {wrong[0].day}",
            where="allocation",
            hint="run `costper allocate apply`; if it stays, please report it",
        ),
    )


def _charged(frame: Frame, days: Sequence[Balance]) -> Amount:
    return sum_of(converted(one.charged, one.currency, one.day, frame.rates) for one in days)
