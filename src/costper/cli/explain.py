"""Prove a number: from what something costs back to the rows of the bills, or the other way.

The lines add up to the number to the last digit. Each names the bill row it comes from as
file:row, and how it was divided: weight, weight total, rule and version. The largest are listed
and the rest is summed up, unless `--rows all` asks for each. The column `charge` is a bill row's
id: give it to --charge to see every leg the row became a part of.

Examples:
  costper explain customer acme --from 2026-08-01 --to 2026-09-01
  costper explain team search --days 7 --rows all --csv > search.csv
  costper explain --charge bill/3/0:1842
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from costper.cli.books import opened
from costper.cli.context import Context
from costper.cli.options import asked, form_of, reading_arguments, window_arguments
from costper.errors import UnknownNameError, UserError
from costper.model.answer import Row

FIRST = ("day", "bill_row", "cost")
LAST = ("row_cost", "how", "reason", "charge")
ROWS_SHOWN = 20


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept a dimension and its value, or a bill row; the days, how many rows, and the form."""
    parser.add_argument("noun", nargs="?", help="a dimension: customer, team, service …")
    parser.add_argument("value", nargs="?", help="one of its values")
    parser.add_argument("--charge", metavar="ID", help="a bill row: SOURCE/DELIVERY/FILE:ROW")
    parser.add_argument(
        "--rows", type=_rows, default=ROWS_SHOWN, metavar="N", help="how many bill rows, or all"
    )
    window_arguments(parser)
    reading_arguments(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    """Explain."""
    from costper.cli.render import show
    from costper.pipeline.answer.frame import Asked, frame_of
    from costper.pipeline.answer.standing import standing
    from costper.pipeline.explain_answers import charge_answer, explain_answer

    if bool(args.charge) == bool(args.noun) or bool(args.noun) != bool(args.value):
        raise UserError("say what to explain", hint="costper explain customer acme, or --charge ID")
    window = asked(args)
    with opened(context) as books:
        if args.charge:
            answer = charge_answer(books, args.charge)
        else:
            names = books.settings.dimension_names
            if args.noun not in names:
                raise UnknownNameError("dimension", args.noun, names)
            days = Asked(days=window.days, since=window.start, until=window.end)
            frame = frame_of(books, days, context.now, standing(books))
            answer = explain_answer(books, frame, args.noun, args.value, rows=args.rows)
        shown = columns_shown(answer.rows, books.settings.dimension_names)
    show(answer, form_of(args), context, columns=shown)
    return 0


def columns_shown(rows: Sequence[Row], dimensions: Sequence[str]) -> tuple[str, ...]:
    """Choose what a table needs: the dimensions that tell its lines apart, and no empty column.

    The service is always shown; what is the same on every line is left to --json and --csv.
    """
    some = tuple(
        name
        for name in dimensions
        if name == "service" or len(rows) == 1 or len({row.get(name) for row in rows}) > 1
    )
    return tuple(
        name
        for name in (*FIRST, *some, *LAST)
        if any(row.get(name) not in (None, "") for row in rows)
    )


def _rows(text: str) -> int | None:
    if text == "all":
        return None
    if text.isdecimal():
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is neither a number of rows nor all")
