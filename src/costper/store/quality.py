"""Doubts about deliveries that landed: what is legal in a bill, and probably not meant."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from costper.model.money import plain
from costper.model.outcome import Issue
from costper.store.engine import Ask
from costper.store.measure import chosen

HOLE_DAYS = 35
"""A gap longer than a billing period is told; shorter ones are quiet days."""

EFFECTIVE = ("effective_cost_rounded", "effective_cost_differs")
"""Codes of doubts that `cost_of_record: billed_cost` answers."""

COMMITTED = (
    "(commitment_discount_id IS NOT NULL OR COALESCE(commitment_discount_status, '') <> '' "
    "OR COALESCE(pricing_category, '') = 'Committed')"
)
"""A commitment pays for it: some reports say so of a row without naming the commitment."""

USAGE = f"charge_category = 'Usage' AND NOT {COMMITTED} AND billed_cost <> 0"


def doubts(ask: Ask, numbers: Collection[int], where: str) -> tuple[Issue, ...]:
    """Look at the charges of deliveries just landed; `where` is the source's name."""
    if not numbers:
        return ()
    seen = ask(_sql(chosen(numbers)), None).to_pylist()[0]
    return (*_rounded(seen, where), *_mismatch(seen, where), *_disorder(seen, where))


def unsettled(issues: Iterable[Issue], cost_of_record: str) -> tuple[Issue, ...]:
    """Leave out doubts about the effective cost where the books go by the billed one."""
    settled = EFFECTIVE if cost_of_record == "billed_cost" else ()
    return tuple(issue for issue in issues if issue.code not in settled)


def _sql(which: str) -> str:
    differs = f"{USAGE} AND effective_cost <> billed_cost"
    counts = {
        "usage": USAGE,
        "differing": differs,
        "commitments": f"{COMMITTED} OR charge_category = 'Purchase'",
        "disordered": f"{USAGE} AND billed_cost > 0 AND "
        "(list_cost < contracted_cost OR contracted_cost < effective_cost)",
    }
    columns = ", ".join(
        f"CAST(SUM(CASE WHEN {condition} THEN 1 ELSE 0 END) AS BIGINT) AS {name}"
        for name, condition in counts.items()
    )
    # ROUND is slow on wide decimals, so only rows that differ are asked.
    whole = "CASE WHEN effective_cost = ROUND(billed_cost, 0) THEN 1 ELSE 0 END"
    return (
        f"SELECT {columns}, "
        f"CAST(SUM(CASE WHEN {differs} THEN {whole} ELSE 0 END) AS BIGINT) AS rounded, "
        "SUM(effective_cost) AS effective, SUM(billed_cost) AS billed "
        f"FROM charges WHERE {which}"
    )


def _rounded(seen: Mapping[str, Any], where: str) -> Iterable[Issue]:
    """The FOCUS 1.0 sample rounds every AWS row to whole dollars; see docs/manual/bills.md."""
    if seen["rounded"] * 2 > (seen["usage"] or 0):
        yield Issue(
            code="effective_cost_rounded",
            message=(
                f"EffectiveCost is BilledCost rounded to whole units on {seen['rounded']} of "
                f"{seen['usage']} usage rows without a commitment "
                f"({plain(seen['effective'])} against {plain(seen['billed'])} billed)"
            ),
            where=where,
            severity="warning",
            hint=f"set `cost_of_record: billed_cost` for the source {where} in costper.yaml",
        )


def _mismatch(seen: Mapping[str, Any], where: str) -> Iterable[Issue]:
    few = seen["rounded"] * 2 <= (seen["usage"] or 0)
    if few and seen["differing"] and not seen["commitments"]:
        yield Issue(
            code="effective_cost_differs",
            message=(
                f"EffectiveCost differs from BilledCost on {seen['differing']} usage rows "
                "though the bill has no commitments"
            ),
            where=where,
            severity="warning",
            hint="ask the vendor which one is right, or set `cost_of_record: billed_cost`",
            count=seen["differing"],
        )


def _disorder(seen: Mapping[str, Any], where: str) -> Iterable[Issue]:
    if seen["disordered"]:
        yield Issue(
            code="cost_order",
            message="list cost below contracted cost, or contracted below effective cost",
            where=where,
            severity="info",
            hint="usual with markups and taxes; discounts shown from such rows are negative",
            count=seen["disordered"],
        )


def holes(days: Collection[date], where: str) -> Iterable[Issue]:
    """Tell of long gaps between the first and the last day of a bill."""
    for before, after in pairwise(sorted(days)):
        if (after - before).days > HOLE_DAYS:
            first, last = before + timedelta(days=1), after - timedelta(days=1)
            yield Issue(
                code="days_missing",
                message=f"no charge covers {first} to {last} ({(after - before).days - 1} days)",
                where=where,
                severity="warning",
                hint="fetch the missing files if there should be charges",
            )


def currencies(scope: str, found: Collection[str]) -> Iterable[Issue]:
    """Tell of one billing account's period billed in several currencies."""
    if len(found) > 1:
        yield Issue(
            code="two_currencies",
            message=f"one bill in {' and '.join(sorted(found))}",
            where=scope,
            severity="warning",
            hint="amounts are kept apart by currency; answers need rates for all but one",
        )
