"""How did cost move, day by day, in all or by one dimension?

A day without charges in the bill is a gap, not a zero.

Examples:
  costper trend
  costper trend --by team --days 90 --csv
"""

from __future__ import annotations

import argparse

from costper.cli.answering import answer, answer_arguments
from costper.cli.context import Context


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept a dimension and the days."""
    parser.add_argument("--by", metavar="DIM", default="", help="one line a day and value")
    answer_arguments(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    """Answer."""
    from costper.pipeline.answer.trend import trend

    by: str = args.by
    return answer(args, context, lambda frame: trend(frame, by))
