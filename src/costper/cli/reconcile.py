"""How far is what LLM calls cost by price from what the provider billed?

Over days that an invoice covers (llm.calls.invoices), the gap is estimate - bill. A bill without
calls, calls without a bill and calls without a price are shown as what they are. The bill counts:
users and customers add up to it.

Examples:
  costper reconcile
  costper reconcile --by day --from 2026-10 --to 2026-11
  costper reconcile --by provider --json
"""

from __future__ import annotations

import argparse

from costper.cli.answering import answer_arguments, answer_books
from costper.cli.context import Context

BYS = ("model", "provider", "day")
COLUMNS = (
    "day",
    "provider",
    "model",
    "estimate",
    "billed",
    "gap",
    "gap_percent",
    "unbilled_estimate",
    "calls",
    "unpriced_calls",
    "state",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept what a line is of, and the days."""
    parser.add_argument("--by", choices=BYS, default=BYS[0], help="a line for each; else model")
    answer_arguments(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    """Answer."""
    from costper.pipeline.llm.reconcile import reconcile

    columns = COLUMNS[{"day": 0, "model": 1, "provider": 1}[args.by] :]
    if args.by == "provider":
        columns = tuple(name for name in columns if name != "model")
    return answer_books(
        args, context, lambda books, frame: reconcile(books, frame, args.by), columns=columns
    )
