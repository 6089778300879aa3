"""What will the days to come cost, and where does the month land?

Each weekday's usual factor times the level of the last two weeks. The band is where eight of ten
past forecasts ended; it is empty (learning) where too few can be looked back on.

Examples:
  costper forecast
  costper forecast --by team --days 90
  costper forecast --budget 120000
"""

from __future__ import annotations

import argparse

from costper.cli.anomalies import amount
from costper.cli.answering import answer
from costper.cli.context import Context
from costper.cli.options import reading_arguments

DAYS = 30


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept a dimension, how many days, a budget and the form."""
    parser.add_argument("--by", metavar="DIM", default="", help="one line a value of a dimension")
    parser.add_argument(
        "--days", dest="ahead", metavar="N", type=int, default=DAYS, help=f"how many, else {DAYS}"
    )
    parser.add_argument(
        "--budget", metavar="AMOUNT", type=amount, help="of the month: when is it used up?"
    )
    reading_arguments(parser)
    parser.set_defaults(start=None, end=None, days=None)


def run(args: argparse.Namespace, context: Context) -> int:
    """Answer."""
    from costper.pipeline.answer.forecast import forecasts

    return answer(
        args,
        context,
        lambda frame: forecasts(frame, by=args.by, days=args.ahead, budget=args.budget),
    )
