"""What happened: unusual days in a row, as one incident each, with what it cost?

With an ID, its days one by one. --expected or --real says what it was: an expected one is left
out of the list from then on, except with --all, and nothing is learnt from the days of either.

Examples:
  costper incidents
  costper incidents 20261110-151fd6da53
  costper incidents 20261110-151fd6da53 --expected "load test, announced"
  costper incidents --all --days 90
"""

from __future__ import annotations

import argparse
import getpass
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from costper.cli.anomalies import watch_arguments, watch_of
from costper.cli.answering import answer_arguments, answer_books
from costper.cli.context import Context
from costper.cli.options import form_of
from costper.errors import UserError
from costper.model.answer import Answer, Cell

if TYPE_CHECKING:  # the engines are slow to import, and --help must be quick
    from costper.pipeline.answer.frame import Frame
    from costper.store.books import Books
    from costper.store.feedback import Verdict

COLUMNS = (
    "incident",
    "scope",
    "name",
    "severity",
    "kind",
    "start",
    "end",
    "impact",
    "top_contributor",
    "echoes",
    "verdict",
    "note",
)
ECHOES_SHOWN = 2
DAY_COLUMNS = (
    "day",
    "severity",
    "kind",
    "score",
    "cost",
    "judged",
    "expected",
    "expected_low",
    "expected_high",
    "deviation",
    "top_contributor",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept an incident, what is said of it, what to watch, and the days."""
    parser.add_argument("incident", metavar="ID", nargs="?", default="", help="one incident's days")
    said = parser.add_mutually_exclusive_group()
    said.add_argument("--expected", metavar="NOTE", help="it was to be expected; why")
    said.add_argument("--real", metavar="NOTE", help="it was an incident; what happened")
    watch_arguments(parser)
    answer_arguments(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    """Say what was said, if anything, and answer."""
    if args.incident:
        return answer_books(
            args,
            context,
            lambda books, frame: _one(args, context, books, frame),
            columns=DAY_COLUMNS,
            summary=_said,
        )
    if args.expected is not None or args.real is not None:
        raise UserError("say which incident it was", hint="costper incidents ID --expected NOTE")
    return answer_books(
        args, context, lambda books, frame: _many(args, books, frame), columns=COLUMNS
    )


def _many(args: argparse.Namespace, books: Books, frame: Frame) -> Answer:
    from costper.pipeline.answer.incidents import incident_list

    everything: bool = args.everything
    found = incident_list(frame, watch_of(args, books), everything=everything)
    if form_of(args) != "table":
        return found
    return replace(found, rows=tuple({**row, "echoes": _few(row["echoes"])} for row in found.rows))


def _few(echoes: Cell) -> str:
    """Name the first echoes and count the others: a table has no room for forty."""
    names = [str(one) for one in echoes] if isinstance(echoes, tuple) else []
    more = len(names) - ECHOES_SHOWN
    return ", ".join(names[:ECHOES_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _said(found: Answer) -> Iterator[str]:
    """Tell what people said of an incident, or of an earlier one like it."""
    total = {name: str(cell) for name, cell in found.total.items()}
    if total["verdict"]:
        yield f"called {total['verdict']}: {total['note']} ({total['by']}, {total['said_at'][:10]})"
    if total["said_before"]:
        yield f"said of an earlier one: {total['said_before']}"


def _one(args: argparse.Namespace, context: Context, books: Books, frame: Frame) -> Answer:
    from costper.pipeline.answer.incident import incident, judge_incident
    from costper.store.feedback import Remark

    name: str = args.incident
    note: str | None = args.real if args.expected is None else args.expected
    if note is not None:
        verdict: Verdict = "real" if args.expected is None else "expected"
        remark = Remark(verdict=verdict, note=note, actor=actor(context))
        judge_incident(books, frame, name, remark, now=context.now)
        context.tell(f"remembered; nothing is learnt from the days of {name}")
    return incident(frame, name, watch_of(args, books))


def actor(context: Context) -> str:
    """Name who said it: the user of this machine, as far as it says."""
    try:
        return context.environment.get("USER") or getpass.getuser()
    except OSError:  # nobody in particular, as in a container
        return "cli"
