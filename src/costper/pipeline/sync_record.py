"""What a sync leaves behind for later questions: a source's counts, totals and issues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from costper.model.money import COST_COLUMNS, total
from costper.model.outcome import Issue
from costper.store.activity import Step
from costper.store.landing import Landing
from costper.store.measured import SeriesLanding
from costper.store.syncs import SourceSync


def step_of(
    source: str,
    bills: Sequence[Landing],
    series: Sequence[SeriesLanding],
    facts: int,
    issues: Sequence[Issue],
) -> Step:
    """Say what came of a source: its rows, and how many of them are wrong or doubtful.

    Metrics of one source are columns of the same rows, which count once.
    """
    errors, warnings = (_count(issues, severity) for severity in ("error", "warning"))
    measured = max((one.rows for one in series), default=0)
    return Step(
        source=source,
        state="failed" if errors else "ok",
        rows=sum(bill.rows - bill.again for bill in bills) + measured + facts,
        errors=errors,
        warnings=warnings,
    )


def sync_of(step: Step, bills: Sequence[Landing], issues: Sequence[Issue]) -> SourceSync:
    """Give what is remembered of a step; when and by whom is the sync's to say."""
    return SourceSync(
        source=step.source,
        at="",
        actor="",
        outcome="failed" if step.state == "failed" else "ok",
        changed=step.changed,
        rows=step.rows,
        errors=step.errors,
        warnings=step.warnings,
        totals=_totals(bills),
        issues=tuple(issues),
    )


def _totals(bills: Sequence[Landing]) -> Mapping[str, Mapping[str, Decimal]]:
    found = [bill.totals for bill in bills]
    currencies = sorted({currency for totals in found for currency in totals})
    return {
        currency: {
            cost: total([one[currency][cost] for one in found if currency in one])
            for cost in COST_COLUMNS
        }
        for currency in currencies
    }


def _count(issues: Sequence[Issue], severity: str) -> int:
    return sum(issue.count for issue in issues if issue.severity == severity)
