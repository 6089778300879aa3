"""What does anything cost: by dimensions, under a condition, at a grain of time?

A condition joins tests with and, or, not and parentheses: = != in (…), not in (…),
is present, is absent. Keys are the dimensions, charge_category and source; --by also takes the
plan and the status customers had on the day.

Examples:
  costper cost --by team
  costper cost --by plan,service
  costper cost --by service --where 'environment = production and service != marketplace'
  costper cost --focus allocated.csv --from 2026-08 --to 2026-09
  costper cost --by customer --where 'charge_category in (Credit, Tax)' --grain month --days 90
"""

from __future__ import annotations

import argparse
from pathlib import Path

from costper.cli.answering import answer, answer_arguments
from costper.cli.books import opened
from costper.cli.context import Context
from costper.cli.options import asked
from costper.errors import UserError
from costper.model.money import plain


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept dimensions, a condition, a grain and the days."""
    parser.add_argument("--by", metavar="DIM[,DIM]", default="", help="dimensions, in order")
    parser.add_argument("--where", metavar="CONDITION", default="", help="which cost counts")
    parser.add_argument(
        "--grain", default="", choices=("day", "week", "month"), help="one line a day, week, month"
    )
    parser.add_argument(
        "--focus",
        metavar="FILE",
        type=Path,
        help="write the allocated charges of the days to a .csv or .parquet file, as FOCUS",
    )
    answer_arguments(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    """Answer."""
    from costper.pipeline.answer.cost import CostQuestion, cost

    if args.focus is not None:
        return _export(args, context)
    by = tuple(name.strip() for name in str(args.by).split(",") if name.strip())
    question = CostQuestion(by=by, where=args.where, grain=args.grain)
    return answer(args, context, lambda frame: cost(frame, question))


def _export(args: argparse.Namespace, context: Context) -> int:
    """Write whole charges: what they are divided by cannot be asked for at the same time."""
    from costper.pipeline.answer.frame import Asked, frame_of
    from costper.pipeline.answer.standing import standing
    from costper.pipeline.focus_export import export

    if args.by or args.where or args.grain:
        raise UserError(
            "--focus writes every charge of the days", hint="leave out --by, --where and --grain"
        )
    window = asked(args)
    days = Asked(days=window.days, since=window.start, until=window.end)
    with opened(context) as books:
        period = frame_of(books, days, context.now, standing(books)).period
        try:
            done = export(books, period, context.cwd / args.focus, progress=context.tell)
        except OSError as error:
            raise UserError(
                f"cannot write {args.focus}: {error.strerror or error}",
                hint="name a file in a folder that is there and can be written to",
            ) from error
    costs = "; ".join(
        f"billed {plain(cost['billed_cost'])} {currency}, "
        f"effective {plain(cost['effective_cost'])} {currency}"
        for currency, cost in done.costs.items()
    )
    context.say(
        f"{args.focus}: {done.charges} charges as {done.rows} rows, {period.start} to before "
        f"{period.end}: {costs or 'no cost'}"
    )
    return 0
