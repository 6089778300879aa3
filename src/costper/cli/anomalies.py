"""Which settled days cost far more or less than the days before promise?

Day totals of every service, team, customer and other declared dimension are scored against the
30 days and the same weekdays before: 3.5 is critical, 2.5 a warning, in both directions. A week
far from the four before it is a drift. `costper incidents` joins days to what happened.

Examples:
  costper anomalies
  costper anomalies --scope service --days 90 --min 200
  costper anomalies --method z
"""

from __future__ import annotations

import argparse
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from costper.cli.answering import answer_arguments, answer_books
from costper.cli.context import Context

if TYPE_CHECKING:  # the engines are slow to import, and --help must be quick
    from costper.pipeline.answer.watched import Watch
    from costper.store.books import Books

COLUMNS = (
    "day",
    "scope",
    "name",
    "severity",
    "kind",
    "score",
    "cost",
    "judged",
    "expected",
    "deviation",
    "top_contributor",
)
METHODS = ("mean", "z")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept what to watch and how, and the days."""
    watch_arguments(parser)
    answer_arguments(parser)


def watch_arguments(parser: argparse.ArgumentParser) -> None:
    """Accept scopes, the least deviation, the method, and whether all is listed."""
    parser.add_argument(
        "--scope", action="append", metavar="DIM", help="what to watch; may be given again"
    )
    parser.add_argument(
        "--min", metavar="AMOUNT", dest="least", type=amount, help="the least deviation, else 50"
    )
    parser.add_argument(
        "--method", choices=METHODS, default="mean", help="z is the plain z alone: above 2, above 3"
    )
    parser.add_argument(
        "--all", dest="everything", action="store_true", help="those called expected as well"
    )


def run(args: argparse.Namespace, context: Context) -> int:
    """Answer."""
    from costper.pipeline.answer.anomalies import anomalies

    everything: bool = args.everything
    return answer_books(
        args,
        context,
        lambda books, frame: anomalies(frame, watch_of(args, books), everything=everything),
        columns=COLUMNS,
    )


def watch_of(args: argparse.Namespace, books: Books) -> Watch:
    """Say what to watch and how, with what people said of incidents."""
    from costper.pipeline.answer.watched import Watch
    from costper.store.feedback import all_feedback
    from costper.watch.limits import MINIMUM

    return Watch(
        scopes=tuple(args.scope or ()),
        minimum=MINIMUM if args.least is None else args.least,
        method=args.method,
        feedback=all_feedback(books.control),
    )


def amount(text: str) -> Decimal:
    """Read an amount of money, not negative.

    >>> amount("50.00")
    Decimal('50.00')
    """
    try:
        found = Decimal(text)
    except InvalidOperation:
        found = Decimal(-1)
    if not found.is_finite() or found < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not an amount; write 50 or 50.00")
    return found
