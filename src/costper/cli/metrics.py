"""Which numbers can cost be divided by, how far do they go, and what is wrong with one of them?

Without a NAME all metrics are listed: what they count, their zone, first and last day, the last
settled day, missing days, dimensions and how many past values have changed. With a NAME one is
shown in depth: its recent values, holes, changed values (old, new, when), and the labels it does
not share with cost, such as a group that was renamed. Zero, missing and not yet settled are three
different things.

Examples:
  costper metrics
  costper metrics daily_active_users
  costper metrics daily_active_users --from 2026-08 --to 2026-09 --json
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from costper.cli.answering import answer_arguments, answer_books
from costper.cli.context import Context
from costper.cli.options import form_of
from costper.errors import UserError
from costper.model.answer import Answer, Cell, Row

COLUMNS = (
    "metric",
    "unit",
    "kind",
    "aggregation",
    "grain",
    "timezone",
    "owner",
    "first_day",
    "last_day",
    "settled_through",
    "missing_days",
    "first_holes",
    "dimensions",
    "restatements",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept a name and the days of its values."""
    parser.add_argument("name", nargs="?", help="a metric; all of them when left out")
    answer_arguments(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    """Answer."""
    from costper.pipeline.answer.metric import metric
    from costper.pipeline.answer.metrics import metrics

    name: str | None = args.name
    if name is not None:
        return answer_books(args, context, lambda books, frame: metric(books, frame, name))
    if any(value is not None for value in (args.start, args.end, args.days)):
        raise UserError(
            "the list of metrics is of all days",
            hint="name a metric: costper metrics NAME --days 30",
        )
    table = form_of(args) == "table"
    return answer_books(
        args,
        context,
        lambda books, frame: _listed(metrics(books, frame)) if table else metrics(books, frame),
        columns=COLUMNS,
    )


def _listed(answer: Answer) -> Answer:
    """Write the lists inside the rows as text: a table has one line for each metric."""
    return replace(answer, rows=tuple(_in_words(row) for row in answer.rows))


def _in_words(row: Row) -> Row:
    holes = cast("Sequence[object]", row["first_holes"])
    dimensions = cast("Sequence[Mapping[str, Cell]]", row["dimensions"])
    said = ", ".join(f"{one['dimension']} ({one['values']})" for one in dimensions)
    return {**row, "first_holes": ", ".join(map(str, holes)), "dimensions": said}
