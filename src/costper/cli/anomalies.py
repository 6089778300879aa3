"""Which settled days cost far more or less than the days before promise?

Day totals of every service, team and customer are scored against the 30 days and the same
weekdays before: 3.5 is critical, 2.5 a warning, in both directions.

Examples:
  costper anomalies
  costper anomalies --scope service --days 90 --min 200
"""

from __future__ import annotations

import argparse
from decimal import Decimal, InvalidOperation

from costper.cli.answering import answer, answer_arguments
from costper.cli.context import Context

COLUMNS = (
    "day",
    "scope",
    "name",
    "severity",
    "kind",
    "score",
    "cost",
    "expected",
    "deviation",
    "top_contributor",
)
SCOPES = ("service", "team", "customer")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept scopes, the least deviation and the days."""
    parser.add_argument(
        "--scope", action="append", choices=SCOPES, help="what to watch; may be given again"
    )
    parser.add_argument(
        "--min", metavar="AMOUNT", dest="least", type=_amount, help="the least deviation, else 50"
    )
    answer_arguments(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    """Answer."""
    from costper.pipeline.answer.anomalies import anomalies
    from costper.watch.anomaly import MINIMUM

    scopes = tuple(dict.fromkeys(args.scope or SCOPES))
    least: Decimal = MINIMUM if args.least is None else args.least
    return answer(args, context, lambda frame: anomalies(frame, scopes, least), columns=COLUMNS)


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or amount < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not an amount; write 50 or 50.00")
    return amount
