"""Lists the deliveries in the books, shows what one changed, closes and reopens periods.

A delivery is a snapshot of one account's billing period in one source. A newer one replaces it
and the old one stays comparable. A closed period changes only after a reopening that says why.
What a source brought that costper.yaml no longer names can be withdrawn: its charges go, and the
months they were in are allocated again.

Examples:
  costper deliveries
  costper deliveries --source bill --json
  costper deliveries --diff
  costper deliveries --diff 12 --csv
  costper deliveries close 2026-09
  costper deliveries reopen 2026-09 --reason 'AWS corrected its invoice'
  costper deliveries withdraw --source old_bill --reason 'renamed to aws'
"""

from __future__ import annotations

import argparse
from datetime import date
from typing import TYPE_CHECKING

from costper.cli.books import opened
from costper.cli.context import Context
from costper.cli.options import form_of, month, reading_arguments
from costper.errors import UnknownNameError, UserError

if TYPE_CHECKING:  # the engines are slow to import, and --help must be quick
    from costper.store.books import Books

LIST_COLUMNS: tuple[str, ...] = (
    "delivery",
    "source",
    "account",
    "billing_period",
    "status",
    "rows",
    "bad_rows",
    "days",
    "currency",
    "billed_cost",
    "effective_cost",
    "reason",
)
DIFF_COLUMNS: tuple[str, ...] = (
    "day",
    "service",
    "sub_account",
    "currency",
    "billed_before",
    "billed_after",
    "billed_change",
    "effective_before",
    "effective_after",
    "effective_change",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept what to do, a period, and the form of a list."""
    parser.add_argument(
        "action",
        nargs="?",
        choices=("close", "reopen", "withdraw"),
        help="close or reopen a billing period, or take out what a source brought",
    )
    parser.add_argument("period", nargs="?", type=month, metavar="PERIOD", help="such as 2026-09")
    parser.add_argument("--source", metavar="NAME", help="only this source; all when left out")
    parser.add_argument("--reason", metavar="TEXT", default="", help="why")
    parser.add_argument(
        "--diff",
        nargs="?",
        type=int,
        const=0,
        metavar="DELIVERY",
        help="what a delivery changed; the newest replacement when left out",
    )
    reading_arguments(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    """List, compare, close, reopen or withdraw."""
    from costper.cli.render import show
    from costper.pipeline.deliveries import changes, deliveries

    if args.action == "withdraw":
        return _withdraw(args, context)
    if args.action:
        return _decide(args, context)
    with opened(context) as books:
        if args.source is not None:
            _check_source(books, args.source)
        if args.diff is None:
            answer, columns = deliveries(books, source=args.source), LIST_COLUMNS
        else:
            answer, columns = changes(books, args.diff or None), DIFF_COLUMNS
    show(answer, form_of(args), context, columns=columns)
    return 0


def _check_source(books: Books, source: str) -> None:
    """Refuse a source that is neither declared nor was, when the books were filled."""
    from costper.store.deliveries import listed

    known = {declared.name for declared in books.settings.sources}
    known |= {delivery.scope.source for delivery in listed(books.control)}
    if source not in known:
        raise UnknownNameError("source", source, known)


def _decide(args: argparse.Namespace, context: Context) -> int:
    from costper.store.closing import close_period, reopen_period

    period: date | None = args.period
    if period is None:
        raise UserError(
            "say which billing period", hint=f"costper deliveries {args.action} 2026-09"
        )
    source: str = args.source or ""
    with opened(context) as books:
        if source:
            _check_source(books, source)
        if args.action == "close":
            close_period(books.control, period, source=source, now=context.now)
        else:
            reopen_period(books.control, period, source=source, reason=args.reason, now=context.now)
    done = "closed" if args.action == "close" else "open again"
    context.say(f"{period.isoformat()[:7]} is {done} for {source or 'all sources'}")
    return 0


def _withdraw(args: argparse.Namespace, context: Context) -> int:
    """Take a source out, and allocate the months it was in, as a sync does."""
    from costper.pipeline.withdraw import withdraw_source

    if args.source is None or args.period is not None:
        raise UserError(
            "say which source is withdrawn, and no period: all it brought goes",
            hint="costper deliveries withdraw --source NAME --reason 'why'",
        )
    with opened(context) as books:
        _check_source(books, args.source)
        found = withdraw_source(books, args.source, reason=args.reason, now=context.now)
    rows = sum(each.rows for each in found.withdrawn)
    many = len(found.withdrawn)
    brought = "1 delivery" if many == 1 else f"{many:,} deliveries"
    context.say(f"{args.source}: {rows:,} charges of {brought} withdrawn")
    refused = [month.issue for month in found.months if month.issue]
    for issue in refused:
        context.tell(f"{issue.severity}: {issue.text()}")
    return 1 if refused else 0
