"""Prices past LLM calls again by the prices known now, and says what that changes.

After an own price, a correction or an accepted list: only calls whose price differs change, month
by month, each with its roll-ups in one transaction. --diff shows the difference and writes
nothing. What a provider reported stays the cost; closed months stay as they are.

Examples:
  costper reprice --since 2026-10-01 --diff
  costper reprice --since 2026-10-01
"""

from __future__ import annotations

import argparse

from costper.cli.books import opened
from costper.cli.context import Context
from costper.cli.options import day, form_of, reading_arguments

COLUMNS = (
    "month",
    "provider",
    "model",
    "tier",
    "calls",
    "unpriced_before",
    "unpriced_after",
    "before",
    "after",
    "difference",
    "closed",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept from when on, and whether to write."""
    parser.add_argument("--since", type=day, required=True, metavar="DAY", help="the first day")
    parser.add_argument("--until", type=day, metavar="DAY", help="the first day left as it is")
    parser.add_argument(
        "--diff", "--dry-run", action="store_true", dest="diff", help="write nothing"
    )
    reading_arguments(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    """Do it."""
    from costper.cli.render import show
    from costper.pipeline.calls.price_book import catalogue_of
    from costper.pipeline.calls.pricing import pricing_of
    from costper.pipeline.calls.reprice import apply_reprice, plan_reprice, reprice_answer

    with opened(context) as books, books.activity.alone(context.tell):
        catalogue = catalogue_of(books)
        planned = plan_reprice(books, catalogue, since=args.since, until=args.until)
        applied = not args.diff
        if applied:
            if context.calls is not None:
                context.calls.intake.price_with(pricing_of(catalogue))
            apply_reprice(books, planned, now=context.now)
    if not planned.found and form_of(args) == "table":
        context.say("every call costs what it did")
        return 0
    show(reprice_answer(planned, applied=applied), form_of(args), context, columns=COLUMNS)
    if applied:
        context.tell("the charges of these calls follow with the next `costper sync`")
    else:
        context.tell("nothing is written; without --diff it is")
    return 0
