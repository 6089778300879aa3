"""The options of every question about LLM calls: which of them are meant."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from costper.cli.answering import answer, answer_arguments
from costper.cli.context import Context
from costper.cli.figures import money, number, percent
from costper.model.answer import Answer
from costper.model.plural import plural

if TYPE_CHECKING:  # the engines are slow to import, and --help must be quick
    from costper.pipeline.answer.frame import Frame
    from costper.pipeline.llm.chosen import Chosen

CHOICES = (
    ("customer", "of one customer"),
    ("tenant", "of one tenant"),
    ("feature", "of one feature (endpoint tag)"),
    ("prompt-version", "of one prompt version"),
    ("team", "of one team"),
    ("provider", "of one provider"),
    ("model", "of one model"),
)
USAGE = (
    "calls",
    "cost",
    "share_percent",
    "trend_percent",
    "cost_per_call",
    "tokens_per_call",
    "error_percent",
    "unpriced_calls",
)
TOPS = (1, 5, 10)


def calls_arguments(parser: argparse.ArgumentParser, *, without: str = "") -> None:
    """Accept which calls, the days and the form."""
    choice_arguments(parser, without=without)
    answer_arguments(parser)


def choice_arguments(parser: argparse.ArgumentParser, *, without: str = "") -> None:
    """Accept which calls."""
    group = parser.add_argument_group(
        "calls", "real calls of production unless said otherwise; 'all' is every one"
    )
    group.add_argument(
        "--environment", metavar="NAME", default="production", help="staging, …, or all"
    )
    group.add_argument("--data-mode", metavar="MODE", default="real", help="test, demo or all")
    for name, summary in CHOICES:
        if name != without:
            group.add_argument(f"--{name}", metavar="NAME", default="", help=summary)


def chosen(args: argparse.Namespace) -> Chosen:
    """Give which calls are meant."""
    from costper.pipeline.llm.chosen import CHOOSABLE, Chosen

    return Chosen(**{name: str(getattr(args, name, "")) for name in CHOOSABLE})


def answer_calls(
    args: argparse.Namespace,
    context: Context,
    question: Callable[[Frame, Chosen], Answer],
    columns: Sequence[str] | None = None,
    summary: Callable[[Answer], Iterator[str]] | None = None,
) -> int:
    """Ask the roll-ups of calls and print; what the columns mean comes last."""

    def closing(found: Answer) -> Iterator[str]:
        yield from summary(found) if summary is not None else ()
        yield from noted(found)

    own = chosen(args)
    return answer(
        args, context, lambda frame: question(frame, own), columns=columns, summary=closing
    )


def noted(found: Answer) -> Iterator[str]:
    """Say what the columns mean."""
    notes = found.total.get("notes")
    for note in notes if isinstance(notes, tuple) else ():
        yield f"* {note}"


def concentrated(found: Answer) -> Iterator[str]:
    """Say how few carry how much, and who stands apart."""
    total, noun = found.total, str(found.question["noun"])
    for top in TOPS:
        share, members = total[f"top_{top}_percent"], total[f"top_{top}_members"]
        if isinstance(share, Decimal) and isinstance(members, int):
            carry = "carries" if members == 1 else "carry"
            yield f"the dearest {top} % ({plural(members, noun)}) {carry} {percent(share)}"
    gini = total["gini_index"]
    if isinstance(gini, Decimal):
        yield f"Gini {number(gini)}"
    apart = total.get("apart")
    for one in apart if isinstance(apart, tuple) else ():
        if isinstance(one, dict) and isinstance(cost := one["cost"], Decimal):
            kind = str(one["kind"]).replace("_", " ")
            calls = plural(_count(one["calls"]), "call")
            yield f"apart: {kind} {money(cost, found.currency)} in {calls}"


def _count(cell: object) -> int:
    return cell if isinstance(cell, int) else 0
