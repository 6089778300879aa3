"""What every answering verb does: open the books, ask one question, print the answer."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from costper.cli.books import opened
from costper.cli.context import Context
from costper.cli.options import asked, form_of, reading_arguments, window_arguments
from costper.model.answer import Answer

if TYPE_CHECKING:  # the engines are slow to import, and --help must be quick
    from costper.pipeline.answer.frame import Frame
    from costper.store.books import Books

NOUN_COLUMNS = (
    "cost",
    "previous_cost",
    "trend_percent",
    "share_percent",
    "daily_average",
    "cost_per_request",
    "daily",
)


def answer_arguments(parser: argparse.ArgumentParser) -> None:
    """Accept the days and the form."""
    window_arguments(parser)
    reading_arguments(parser)


def answer(
    args: argparse.Namespace,
    context: Context,
    question: Callable[[Frame], Answer],
    *,
    columns: Sequence[str] | None = None,
    summary: Callable[[Answer], Iterable[str]] | None = None,
) -> int:
    """Ask the books' roll-ups and print; the answer's issues go to standard error.

    `summary` gives lines that people read under the tables.
    """
    return answer_books(
        args, context, lambda _books, frame: question(frame), columns=columns, summary=summary
    )


def answer_books(
    args: argparse.Namespace,
    context: Context,
    question: Callable[[Books, Frame], Answer],
    *,
    columns: Sequence[str] | None = None,
    summary: Callable[[Answer], Iterable[str]] | None = None,
) -> int:
    """Ask the books, control store and all, and print."""
    from costper.cli.render import show
    from costper.pipeline.answer.frame import Asked, frame_of
    from costper.pipeline.answer.standing import standing

    window = asked(args)
    months: int | None = getattr(args, "months", None)
    days = Asked(days=window.days, since=window.start, until=window.end, months=months)
    with opened(context) as books:
        found = question(books, frame_of(books, days, context.now, standing(books)))
    show(found, form_of(args), context, columns=columns)
    if summary is not None and form_of(args) == "table":
        for line in summary(found):
            context.say(line)
    return 0
