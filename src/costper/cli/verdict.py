"""Is the cost per unit scaling well, flat or drifting: in all, by segment, and why?

The formula is a cost ÷ something measured; letters are written as for `costper ask`. The
period is compared with as many days before unless --compare says otherwise. --by tells which
segment hides behind a healthy total, and whether prices or the mix moved the cost. Without a
formula the total cost is judged against every metric that counts something or somebody.

Examples:
  costper verdict
  costper verdict 'b / (a / 1000)' --a 'metric active_users' --b cost --by region
  costper verdict 'b / a' --a 'metric orders' --b 'cost where team = checkout' --compare year
  costper verdict --by plan --from 2026-10 --to 2026-11 --min 100
  costper verdict --view cost_per_order --by plan
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from costper.cli.ask import arguments as ask_arguments
from costper.cli.ask import question_of
from costper.cli.books import opened
from costper.cli.context import Context
from costper.cli.figures import header, money
from costper.cli.options import amount, form_of
from costper.errors import UserError
from costper.model.answer import Absent, Answer, Cell, Row
from costper.model.question import Question

if TYPE_CHECKING:  # the engines are slow to import, and --help must be quick
    from costper.store.books import Books

WHY = ("cost", "cost_growth_percent", "units", "units_growth_percent", "cost_per_unit")
COLUMNS = ("says", *WHY, "volume", "efficiency", "rate_per_unit", "mix_per_unit")
COMPARED = ("compared_from", "compared_to")
DAYS = ("from", "to", *COMPARED)
"""Columns of an overview whose metrics are not all judged on the same days."""

DIGITS = Decimal("0.01")
LONGEST = 20
PARTS = ("rate", "mix", "unmatched", "rest")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept a question in letters, and the least money."""
    ask_arguments(parser)
    parser.add_argument(
        "--min",
        metavar="AMOUNT",
        dest="least",
        type=amount,
        default=Decimal(0),
        help="the least money a drift must move to be told as hidden",
    )


def run(args: argparse.Namespace, context: Context) -> int:
    """Answer."""
    from costper.cli.render import show
    from costper.pipeline.answer.standing import standing
    from costper.pipeline.verdict.answer import overview_answer, verdict_answer

    question = question_of(args)
    with opened(context) as books:
        if args.view:
            question = _viewed(books, args.view, question)
        ask = verdict_answer if question.letters or question.formulas else overview_answer
        stands = standing(books)
        found = ask(books, question, now=context.now, standing=stands, least=args.least)
    form = form_of(args)
    if form != "table":
        show(found, form, context)
        return 0
    names = question.by or ("segment",)
    days: tuple[str, ...] = ()
    if ask is overview_answer:
        names = ("metric", *question.by)
        days = DAYS if len({_days(row) for row in found.rows}) > 1 else ()
    show(for_people(found), form, context, columns=(*names, *COLUMNS, *days))
    for line in summary(found):
        context.say(line)
    return 0


def _viewed(books: Books, name: str, days: Question) -> Question:
    """Give a saved question, on its own days or on those that are said."""
    from costper.pipeline.views.answers import on_days
    from costper.pipeline.views.saved import view_named

    if days.letters or days.formulas:
        hint = "only the days of a view can be others: --from, --to, --days, --range"
        raise UserError("--view says the question already", where="--view", hint=hint)
    saved = view_named(books, name).question
    wanted = replace(saved, by=days.by or saved.by, compare=days.compare or saved.compare)
    return on_days(wanted, days)


def for_people(found: Answer) -> Answer:
    """Leave out the columns in which no row has anything, and a total that is the only row."""
    empty = {
        name
        for name in COLUMNS
        if all(row.get(name) in (None, "") or _is_nothing(row.get(name)) for row in found.rows)
    }
    rows = tuple(
        {name: _short(name, cell) for name, cell in row.items() if name not in empty}
        for row in found.rows
    )
    question: dict[str, Cell] = {
        name: cell for name, cell in found.question.items() if name not in COMPARED
    }
    if all(name in found.question for name in COMPARED):
        start, end = (found.question[name] for name in COMPARED)
        question["compared with"] = f"{start} to {end}"
    total: Row = (
        {}
        if any("segment" in row for row in found.rows)
        else {name: _short(name, cell) for name, cell in found.total.items()}
    )
    return replace(found, question=question, rows=rows, total=total)


def _days(row: Row) -> tuple[Cell, ...]:
    return tuple(row.get(name) for name in DAYS)


def _short(name: str, cell: Cell) -> Cell:
    """Round units that are averages: nobody reads a third of a user to twelve places."""
    if name != "units" or not isinstance(cell, Decimal) or cell.adjusted() >= LONGEST:
        return cell
    return cell.quantize(DIGITS).normalize()


def _is_nothing(cell: Cell) -> bool:
    return isinstance(cell, Absent)


def summary(found: Answer) -> Iterator[str]:
    """Say what happened in sentences: of the whole, or of every metric."""
    for row in found.rows if "metrics" in found.total else (found.total,):
        name = f"{row['metric']}: " if "metric" in row else ""
        if row.get("sentence"):
            yield f"{name}{row['sentence']}"
    yield from _parts(found.total, found.currency)


def _parts(total: Row, currency: str) -> Iterator[str]:
    """Say what the change of cost is made of, in money, every part that is not zero."""
    change, volume = total.get("change"), total.get("volume")
    efficiency = total.get("efficiency")
    if not (
        isinstance(change, Decimal)
        and isinstance(volume, Decimal)
        and isinstance(efficiency, Decimal)
    ):
        return
    line = (
        f"cost changed by {money(change, currency)}: volume {money(volume, currency)}, "
        f"efficiency {money(efficiency, currency)}"
    )
    named = [(name, total.get(name)) for name in PARTS]
    told = [
        f"{header(name)} {money(part, currency)}"
        for name, part in named
        if isinstance(part, Decimal) and part
    ]
    yield f"{line} ({', '.join(told)})" if told else line
