"""Pulls every declared source into the books, then allocates what changed.

Bills replace the account and billing period they cover, measurements their days, customers and
rates as a whole. The same bytes again change nothing. A bad row is told with its file and row,
and the rest go on; a bad file changes nothing. Exit code 1 when there was any error.

Examples:
  costper sync
  costper sync bill --from 2026-09-01
  costper sync --force          accept a delivery that covers fewer days than the one before
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from costper.cli.books import opened
from costper.cli.context import Context
from costper.cli.options import day
from costper.errors import UserError
from costper.model.money import plain
from costper.model.outcome import Issue
from costper.model.period import Period

if TYPE_CHECKING:  # the engines are slow to import, and --help must be quick
    from costper.pipeline.calls.charges import CallsLanded
    from costper.pipeline.sync import SourceReport, SyncReport
    from costper.store.landing import Landing
    from costper.store.measured import SeriesLanding

CHANGED = ("new", "changed")
COSTS = ("billed_cost", "effective_cost")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept which sources, which days, and whether fewer days are welcome."""
    parser.add_argument("sources", nargs="*", metavar="SOURCE", help="all when left out")
    parser.add_argument("--from", dest="start", type=day, metavar="DAY", help="the first day")
    parser.add_argument("--to", dest="end", type=day, metavar="DAY", help="the day after the last")
    parser.add_argument(
        "--force", action="store_true", help="accept fewer days than the books hold; it is logged"
    )
    parser.add_argument(
        "--no-allocate", action="store_true", help="land only; `costper allocate apply` later"
    )


def run(args: argparse.Namespace, context: Context) -> int:
    """Sync, allocate, and say what came of it."""
    from costper.pipeline.allocate import apply
    from costper.pipeline.check_calls import spooled
    from costper.pipeline.check_sources import undeclared
    from costper.pipeline.sync import sync

    window = _window(args, context)
    refused: list[Issue] = []
    with opened(context) as books:
        report = sync(
            books,
            now=context.now,
            names=tuple(args.sources),
            window=window,
            progress=context.tell,
            force=args.force,
        )
        _say(report, context)
        _tell((*undeclared(books.settings), *spooled(books)), context)
        if not args.no_allocate:
            months = apply(books, now=context.now, progress=context.tell)
            done = [f"{month.month:%Y-%m}" for month in months if month.state in CHANGED]
            refused = [month.issue for month in months if month.issue]
            if done or not refused:
                told = f"allocated {', '.join(done)}" if done else "allocation: nothing changed"
                context.say(told)
            _tell(refused, context)
    return 1 if report.failed or refused else 0


def _say(report: SyncReport, context: Context) -> None:
    """Say what came of each source, then of calls; issues go to standard error."""
    for source in report.sources:
        for line in _told(source):
            context.say(line)
        _tell(source.every_issue, context)
    for line in _calls(report.calls):
        context.say(line)
    _tell((*report.calls.issues, *report.metrics.issues), context)


def _tell(issues: Iterable[Issue], context: Context) -> None:
    for issue in issues:
        context.tell(f"{issue.severity}: {issue.text()}")


def _window(args: argparse.Namespace, context: Context) -> Period | None:
    if args.start is None and args.end is None:
        return None
    if args.start is None:
        raise UserError("--to needs --from", hint="costper sync --from 2026-09-01 --to 2026-10-01")
    end = args.end or context.now.date()
    if end <= args.start:
        raise UserError(f"--to {end} is not after --from {args.start}", hint="--to is not included")
    return Period(args.start, end)


def _told(source: SourceReport) -> Iterator[str]:
    for bill in source.bills:
        yield from _bill(bill)
    for series in source.series:
        yield _series(series)
    if source.kind in {"customers", "rates"} and source.facts:
        fate = "landed" if source.changed else "unchanged"
        yield f"{source.name}: {source.facts:,} facts, {fate}"
    unread = sum(issue.count for issue in source.issues if issue.code == "bad_row")
    if unread and source.kind == "bill":
        rows = "1 more row" if unread == 1 else f"{unread:,} more rows"
        yield f"{source.name}: {rows} that cannot be read"
    if not (source.bills or source.series or source.facts):
        yield f"{source.name}: nothing landed"


def _bill(bill: Landing) -> Iterator[str]:
    """Every row of the files is in exactly one of these counts."""
    counts = {
        "landed": bill.landed,
        "unchanged": bill.unchanged,
        "refused": bill.refused,
        "bad": bill.bad,
        "set aside": bill.set_aside,
    }
    told = ", ".join(f"{count:,} {word}" for word, count in counts.items() if count) or "none"
    files = "1 file" if bill.files == 1 else f"{bill.files} files"
    again = f" (+ {bill.again:,} that are two charges)" if bill.again else ""
    yield f"{bill.source}: {bill.rows - bill.again:,} rows in {files}{again} = {told}"
    for currency, costs in bill.totals.items():
        sums = ", ".join(f"{cost} {plain(costs[cost])}" for cost in COSTS)
        yield f"  {currency} {sums}"
    for scope in bill.scopes:
        if scope.fate in {"replaced", "refused"}:
            one = scope.delivery.scope
            period = f"{one.billing_period:%Y-%m}"
            yield f"  {one.account} {period} {scope.fate}"


def _calls(calls: CallsLanded) -> Iterator[str]:
    for bill in calls.bills:
        yield from _bill(bill)
    if calls.series:
        yield f"calls: measured {', '.join(dict.fromkeys(one.metric for one in calls.series))}"
    if calls.trued_up:
        days = sorted({one.day for one in calls.trued_up})
        yield f"calls: trued up {len(days)} days to their invoices ({days[0]} to {days[-1]})"


def _series(series: SeriesLanding) -> str:
    if series.unchanged:
        fate = "unchanged"
    else:
        fate = f"{series.landed:,} landed" + (
            f", {series.bad:,} without value" if series.bad else ""
        )
    days = f" ({series.first_day} to {series.last_day})" if series.first_day else ""
    return f"{series.source}: {series.metric}: {series.rows:,} rows = {fate}{days}"
