"""Prove a number: from what something costs back to bill rows or LLM calls, or the other way.

The lines add up to the number to the last digit. Each names the bill row it comes from as
file:row, and how it was divided: weight, weight total, rule and version. The largest are listed
and the rest is summed up, unless `--rows all` asks for each. The column `charge` is a bill row's
id: give it to --charge to see every leg the row became a part of.

user, feature, tenant, model, prompt-version and provider are walked back to their LLM calls: tokens
times price, and the row of the price list. So are customer and team with --calls. `--rows` and
`--after` turn the pages; each adds up, as the lines of the others are summed up in one row.

Examples:
  costper explain customer acme --from 2026-08-01 --to 2026-09-01
  costper explain team search --days 7 --rows all --csv > search.csv
  costper explain --charge bill/3/0:1842
  costper explain user 5f2b0c9d4e1a47c8b3d6a9e0f1c2d3b4 --days 7 --order latest
  costper explain feature summariser --rows 100 --after 100
  costper explain customer acme --calls
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from costper.cli.books import opened
from costper.cli.context import Context
from costper.cli.explain_calls import (
    COLUMNS,
    NOUNS,
    call_arguments,
    calls_explained,
    of_calls,
    refuse_call_options,
)
from costper.cli.llm_options import noted
from costper.cli.options import asked, form_of, reading_arguments, window_arguments
from costper.errors import UnknownNameError, UserError
from costper.model.answer import Answer, Row
from costper.model.envelope import cell_json

if TYPE_CHECKING:  # the engines are slow to import, and --help must be quick
    from costper.pipeline.answer.frame import Frame
    from costper.store.books import Books

FIRST = ("day", "bill_row", "cost")
LAST = ("row_cost", "how", "reason", "charge")
ROWS_SHOWN = 20


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept a dimension and its value, or a bill row; the days, how many rows, and the form."""
    parser.add_argument("noun", nargs="?", help="customer, team, service …; user, feature …")
    parser.add_argument("value", nargs="?", help="one of its values")
    parser.add_argument("--charge", metavar="ID", help="a bill row: SOURCE/DELIVERY/FILE:ROW")
    parser.add_argument(
        "--rows", type=_rows, default=ROWS_SHOWN, metavar="N", help="how many rows, or all"
    )
    call_arguments(parser)
    window_arguments(parser)
    reading_arguments(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    """Explain."""
    from costper.cli.render import show
    from costper.pipeline.answer.frame import Asked, frame_of
    from costper.pipeline.answer.standing import standing

    if bool(args.charge) == bool(args.noun) or bool(args.noun) != bool(args.value):
        raise UserError("say what to explain", hint="costper explain customer acme, or --charge ID")
    window = asked(args)
    with opened(context) as books:
        names = books.settings.dimension_names
        days = Asked(days=window.days, since=window.start, until=window.end)
        frame = frame_of(books, days, context.now, standing(books))
        if of_calls(args, names):
            answer, columns = calls_explained(args, books, frame), COLUMNS
        else:
            answer = _cost_explained(args, books, frame)
            columns = columns_shown(answer.rows, names)
    show(answer, form_of(args), context, columns=columns)
    if form_of(args) == "table":
        for line in (*noted(answer), *_converted(answer)):
            context.say(line)
    return 0


def _cost_explained(args: argparse.Namespace, books: Books, frame: Frame) -> Answer:
    from costper.pipeline.explain_answers import charge_answer, explain_answer

    refuse_call_options(args)
    if args.charge:
        return charge_answer(books, args.charge)
    names = books.settings.dimension_names
    if args.noun not in (*names, "source"):
        raise UnknownNameError("dimension", args.noun, (*names, "source", *NOUNS))
    return explain_answer(books, frame, args.noun, args.value, rows=args.rows)


def _converted(answer: Answer) -> Iterator[str]:
    """Say what was billed in each currency, at which rate it counts, and what that makes."""
    lines = answer.total.get("converted")
    for line in lines if isinstance(lines, tuple) else ():
        if isinstance(line, Mapping):
            amount, rate, cost = (line[name] for name in ("amount", "rate", "cost"))
            days = f"{line['first_day']} to {line['last_day']}"
            told = f"{cell_json(amount)} {line['currency']} of {days}"
            if isinstance(rate, Decimal):
                yield f"{told} x {cell_json(rate)} = {cell_json(cost)} {answer.currency}"
            else:
                yield f"{told}: no rate says what it is in {answer.currency}"


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
