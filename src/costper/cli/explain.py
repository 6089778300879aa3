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

from costper.cli.books import opened
from costper.cli.context import Context
from costper.cli.options import asked, form_of, reading_arguments, window_arguments
from costper.errors import UnknownNameError, UserError

LINE_COLUMNS = ("day", "bill_row", "charge", "service", "row_cost", "how", "reason", "cost")
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
            answer, columns = charge_answer(books, args.charge), None
        else:
            names = books.settings.dimension_names
            if args.noun not in names:
                raise UnknownNameError("dimension", args.noun, names)
            days = Asked(days=window.days, since=window.start, until=window.end)
            frame = frame_of(books, days, context.now, standing(books))
            answer = explain_answer(books, frame, args.noun, args.value, rows=args.rows)
            columns = LINE_COLUMNS
    show(answer, form_of(args), context, columns=columns)
    return 0


def _rows(text: str) -> int | None:
    if text == "all":
        return None
    if text.isdecimal():
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is neither a number of rows nor all")
