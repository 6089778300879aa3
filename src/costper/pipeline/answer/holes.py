"""Says which days of a question hold no charges, and when none is settled yet."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from costper.model.outcome import Issue
from costper.model.period import Period


def hole_issues(
    known: Collection[date], period: Period, first: date | None, last: date | None
) -> tuple[Issue, ...]:
    """Say which days between the first and the last with charges hold none."""
    if first is None or last is None:
        return (
            Issue(
                code="no_charges",
                message="the books hold no allocated charges",
                severity="warning",
                hint="run `costper sync`, then `costper allocate apply`",
            ),
        )
    inside = [day for day in period.each_day() if first <= day <= last]
    holes = [day for day in inside if day not in known]
    if not holes:
        return ()
    return (
        Issue(
            code="days_without_data",
            message=f"{len(holes)} of {period.days} days hold no charges, from {holes[0]} on",
            severity="warning",
            hint="they are gaps, not zeros; sync that period again if it should have charges",
        ),
    )


def young_issues(period: Period) -> tuple[Issue, ...]:
    """Say which days a first look shows: nothing is settled, so there is no usual window."""
    return (
        Issue(
            code="nothing_settled",
            message=f"the books begin on {period.start} and nothing in them is settled yet: shown "
            f"are the days to {period.end - timedelta(days=1)}, which may still change",
            severity="warning",
            hint="`settle_days` in costper.yaml says how long days may change",
        ),
    )
