"""What does anything cost: by dimensions, under a condition, at a grain of time?

A condition joins tests with and, or, not and parentheses: = != in (…), not in (…),
is present, is absent. Keys are the dimensions, charge_category and source.

Examples:
  costper cost --by team
  costper cost --by service --where 'environment = production and service != marketplace'
  costper cost --by customer --where 'charge_category in (Credit, Tax)' --grain month --days 90
"""

from __future__ import annotations

import argparse

from costper.cli.answering import answer, answer_arguments
from costper.cli.context import Context


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept dimensions, a condition, a grain and the days."""
    parser.add_argument("--by", metavar="DIM[,DIM]", default="", help="dimensions, in order")
    parser.add_argument("--where", metavar="CONDITION", default="", help="which cost counts")
    parser.add_argument(
        "--grain", default="", choices=("day", "week", "month"), help="one line a day, week, month"
    )
    answer_arguments(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    """Answer."""
    from costper.pipeline.answer.cost import CostQuestion, cost

    by = tuple(name.strip() for name in str(args.by).split(",") if name.strip())
    question = CostQuestion(by=by, where=args.where, grain=args.grain)
    return answer(args, context, lambda frame: cost(frame, question))
