"""Read Cost Explorer: one snapshot for each calendar month of the window."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from costper.model.delivery import RawBill
from costper.model.money import total
from costper.model.outcome import Issue, Outcome
from costper.model.period import Period
from costper.sources.aws_cost_explorer.axis import ACCOUNT, RECORD_TYPE, SERVICE, Axis
from costper.sources.aws_cost_explorer.client import (
    Explorer,
    account_of,
    operation,
    session_of,
)
from costper.sources.aws_cost_explorer.cut import Bill, Piece, cut_bill
from costper.sources.aws_cost_explorer.rows import COLUMNS, PROJECTION, rows_of
from costper.sources.aws_cost_explorer.settings import CostExplorerSettings
from costper.sources.aws_cost_explorer.window import months_to_read
from costper.sources.base import ReadContext
from costper.sources.staging import RowWriter


def read(settings: CostExplorerSettings, context: ReadContext) -> Outcome[RawBill]:
    """Ask for the window and give each of its months as a snapshot that replaces the last one.

    Raises SourceError when AWS cannot be asked or refuses, UserError when it would take more
    requests than `requests_max` or days older than Cost Explorer keeps.
    """
    today = context.now.date()
    window = months_to_read(today, settings.months, context.window, context.where)
    if not window.days:
        return Outcome((), (nothing_yet(window, context),))
    session = session_of(settings, context.where)
    explorer = Explorer(
        get_cost_and_usage=operation(session, "ce", "get_cost_and_usage", settings),
        window=window,
        metrics=(settings.billed_metric, settings.effective_metric),
        requests_max=settings.requests_max,
        where=context.where,
        progress=context.progress,
    )
    payer = account_of(session, settings, context.where)
    bill = cut_bill(explorer.ask, axes_of(settings), explorer.afford)
    months = [stage(bill, month, payer, context) for month in window.months()]
    issues = (*findings(bill, context.source), spent(explorer, context.source))
    return Outcome(tuple(raw for raw in months if raw.parts[0].rows), issues)


def axes_of(settings: CostExplorerSettings) -> tuple[Axis, ...]:
    """Give all that the bill is cut by, pairs that make small surveys beside each other."""
    tags = [Axis("TAG", key) for key in dict.fromkeys(settings.tags)]
    name = settings.cost_category
    category = [Axis("COST_CATEGORY", name)] if name else []
    return (ACCOUNT, SERVICE, RECORD_TYPE, *tags, *category)


def stage(bill: Bill, month: Period, payer: str, context: ReadContext) -> RawBill:
    """Write one month's rows and say what they must add up to."""
    first = month.start.replace(day=1)
    origin = f"{context.source}:{first:%Y-%m}"
    path = context.workdir / f"cost-explorer-{first:%Y-%m}.parquet"
    with RowWriter(path, COLUMNS, origin) as rows:
        for row in rows_of(bill, first, payer):
            rows.add(row)
    return RawBill(
        parts=(rows.part,),
        projection=PROJECTION,
        account=payer,
        billing_period=first,
        control_totals=control_totals(bill, month),
    )


def control_totals(bill: Bill, month: Period) -> dict[str, Decimal]:
    """Give what the ungrouped question said the month costs."""
    days = [amounts for day, amounts in bill.control.items() if month.holds(day)]
    return {
        "billed_cost": total([amounts.billed for amounts in days]),
        "effective_cost": total([amounts.effective for amounts in days]),
    }


def findings(bill: Bill, source: str) -> Iterator[Issue]:
    """Say what did not add up, by cut, and which tags carry no cost at all."""
    lacking: dict[tuple[str, bool], list[Piece]] = {}
    for piece in bill.pieces:
        if piece.cut:
            lacking.setdefault((piece.cut, piece.rounding), []).append(piece)
    for (cut, rounding), pieces in sorted(lacking.items(), key=lambda item: item[0]):
        yield lacking_issue(cut, pieces, source, rounding=rounding)
    for axis in bill.unseen:
        yield Issue(
            code="tag_without_cost",
            message=f"no cost in the window carries {axis.key!r}",
            where=source,
            severity="warning",
            hint="check its spelling, and that it is activated as a cost allocation tag in the "
            "billing console; a tag counts from its activation on",
        )


def lacking_issue(cut: str, pieces: list[Piece], source: str, *, rounding: bool) -> Issue:
    """Say how much the parts of one cut lacked, and that it was kept as rows."""
    billed = total([piece.amounts.billed for piece in pieces])
    effective = total([piece.amounts.effective for piece in pieces])
    days = len({piece.day for piece in pieces})
    return Issue(
        code="rounding" if rounding else "remainder",
        message=f"the cut by {cut} lacks {billed:f} billed and {effective:f} effective over "
        f"{days} days of what it divides; kept as rows of service (remainder)",
        where=source,
        severity="info" if rounding else "warning",
        hint=""
        if rounding
        else "Cost Explorer refreshed during the sync, or hides values: sync again",
        count=len(pieces),
    )


def spent(explorer: Explorer, source: str) -> Issue:
    """Say how many requests were paid for."""
    return Issue(
        code="requests_paid",
        message=f"Cost Explorer answered {explorer.bill}",
        where=source,
        severity="info",
    )


def nothing_yet(window: Period, context: ReadContext) -> Issue:
    """Say that the window has no whole day yet: the first of a month, and only this month."""
    day: date = window.start
    return Issue(
        code="no_days_yet",
        message=f"{day:%Y-%m} has no finished day yet",
        where=context.source,
        severity="info",
        hint="set months: 2 to keep reading the month before",
    )
