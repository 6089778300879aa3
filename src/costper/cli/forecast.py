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
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from costper.cli.anomalies import amount
from costper.cli.answering import answer_books
from costper.cli.context import Context
from costper.cli.figures import ABSENT, header, money
from costper.cli.options import form_of, reading_arguments
from costper.model.answer import Absent, Answer, Cell

if TYPE_CHECKING:  # the engines are slow to import, and --help must be quick
    from costper.pipeline.answer.frame import Frame
    from costper.store.books import Books

DAYS = 30
LANDING = ("month_to_date", "landing", "landing_low", "landing_high")


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
    """Answer; a table is followed by where the month lands."""
    from costper.pipeline.answer.forecast import forecasts
    from costper.store.feedback import all_feedback

    made: list[Answer] = []

    def ask(books: Books, frame: Frame) -> Answer:
        said = all_feedback(books.control)
        made.append(
            forecasts(frame, by=args.by, days=args.ahead, budget=args.budget, feedback=said)
        )
        return made[0]

    code = answer_books(args, context, ask)
    if form_of(args) == "table":
        for line in landing(made[0]):
            context.say(line)
    return code


def landing(found: Answer) -> Iterator[str]:
    """Say where the month lands and when the budget is used up."""
    total, currency = found.total, found.currency
    month = total.get("month")
    if isinstance(month, date):
        amounts = {name: _amount(total[name], currency) for name in LANDING}
        yield (
            f"{month:%Y-%m}: {amounts['month_to_date']} so far, lands at {amounts['landing']} "
            f"({amounts['landing_low']} to {amounts['landing_high']})"
        )
    used = total.get("budget_used_on")
    if used is not None:
        told = _used(used, total["budget_earliest"], total["budget_latest"])
        yield f"budget of {_amount(total['budget'], currency)}: {told}"


def _used(used: Cell, earliest: Cell, latest: Cell) -> str:
    """Say when a budget is used up, by the estimate and by what the band holds possible."""
    if isinstance(used, Absent):
        told = header(used.reason)
        if not isinstance(earliest, date):
            return told
        return f"{told} by the estimate, but within the band on {earliest}"
    if used == earliest == latest or not isinstance(earliest, date):
        return f"used up on {used}"
    late = str(latest) if isinstance(latest, date) else "perhaps not this month"
    return f"used up on {used} by the estimate (within the band: {earliest} to {late})"


def _amount(cell: Cell, currency: str) -> str:
    return money(cell, currency) if isinstance(cell, Decimal) else ABSENT
