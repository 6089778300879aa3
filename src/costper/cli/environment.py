"""What does each environment cost, or one of them in depth: trend, movers, customers, days?

Without a name all are ranked, dearest first, (untagged) among them. The default is the last
30 settled days; the trend compares with the 30 days before.

Examples:
  costper environment
  costper environment staging --days 7
"""

from __future__ import annotations

import argparse

from costper.cli.answering import NOUN_COLUMNS, answer, answer_arguments
from costper.cli.context import Context

NOUN = "environment"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept a name and the days."""
    parser.add_argument("name", nargs="?", help="an environment; all of them when left out")
    answer_arguments(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    """Answer."""
    from costper.pipeline.answer.value import value
    from costper.pipeline.answer.values import values

    name: str | None = args.name
    if name is not None:
        return answer(args, context, lambda frame: value(frame, NOUN, name))
    return answer(args, context, lambda frame: values(frame, NOUN), columns=(NOUN, *NOUN_COLUMNS))
