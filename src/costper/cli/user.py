"""Which users cost most in LLM calls, or what does one user cost, of what and when?

Without an id the dearest people are listed, with how few of them cost how much; programs and
anonymous callers stand apart. An id is the one in the list, or the application's own.

Examples:
  costper user
  costper user --top 20 --feature summariser
  costper user 5f2b0c9d4e1a47c8b3d6a9e0f1c2d3b4 --days 7
"""

from __future__ import annotations

import argparse

from costper.cli.answering import answer_books
from costper.cli.context import Context
from costper.cli.llm_options import (
    answer_calls,
    calls_arguments,
    chosen,
    concentrated,
    noted,
)
from costper.model.call import USER_KINDS

TOP = 25
COLUMNS = (
    "rank",
    "user",
    "tenant",
    "customer",
    "calls",
    "cost",
    "share_percent",
    "cumulative_percent",
    "cost_per_call",
    "tokens_per_call",
    "unpriced_calls",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept an id, how many, which kind, which calls, and the days."""
    parser.add_argument("name", nargs="?", help="a user; the dearest of them when left out")
    parser.add_argument("--top", metavar="N", type=int, default=TOP, help="how many are listed")
    parser.add_argument(
        "--kind", choices=USER_KINDS, default="user", help="people, or who stands apart from them"
    )
    calls_arguments(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    """Answer."""
    from costper.pipeline.llm.named import user_named
    from costper.pipeline.llm.users import users

    name: str | None = args.name
    if name is not None:
        calls = chosen(args)
        return answer_books(
            args,
            context,
            lambda books, frame: user_named(books, frame, calls, name),
            summary=noted,
        )
    kind, top = str(args.kind), int(args.top)
    return answer_calls(
        args,
        context,
        lambda frame, calls: users(frame, calls, kind=kind, top=top),
        COLUMNS,
        concentrated,
    )
