"""What does each customer cost and leave, or one of them in depth?

Without an ID all customers are ranked: loss makers first, by money, then the rest by margin.
The default is the last 30 settled days; a calendar month is --from 2026-08 --to 2026-09.

Examples:
  costper customer
  costper customer acme
  costper customer acme --from 2026-08 --to 2026-09 --json
"""

from __future__ import annotations

import argparse

from costper.cli.answering import answer, answer_arguments
from costper.cli.context import Context

COLUMNS = (
    "customer",
    "name",
    "plan",
    "cost",
    "previous_cost",
    "trend_percent",
    "revenue",
    "margin",
    "margin_percent",
    "cost_per_request",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept a customer and the days."""
    parser.add_argument("customer", nargs="?", metavar="ID", help="all of them when left out")
    answer_arguments(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    """Answer."""
    from costper.pipeline.answer.customer import customer
    from costper.pipeline.answer.customers import customers

    name: str | None = args.customer
    if name is not None:
        return answer(args, context, lambda frame: customer(frame, name))
    return answer(args, context, customers, columns=COLUMNS)
