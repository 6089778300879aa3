"""What every answering verb does: open the books, ask one question, print the answer."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from costper.cli.books import opened
from costper.cli.context import Context
from costper.cli.options import asked, form_of, reading_arguments, window_arguments
from costper.model.answer import Answer

if TYPE_CHECKING:  # the engines are slow to import, and --help must be quick
    from costper.pipeline.answer.frame import Frame

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
) -> int:
    """Ask the books and print; the answer's issues go to standard error."""
    from costper.cli.render import show
    from costper.pipeline.answer.frame import Asked, frame_of
    from costper.pipeline.answer.standing import standing

    window = asked(args)
    days = Asked(days=window.days, since=window.start, until=window.end)
    with opened(context) as books:
        found = question(frame_of(books, days, context.now, standing(books)))
    show(found, form_of(args), context, columns=columns)
    return 0
