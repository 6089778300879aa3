"""What does each tenant cost in LLM calls, or one of them in depth?

A tenant is an isolated instance of the product; the customer it maps to stands beside it. Without
a name all are ranked, dearest first, with how few of them cost how much.

Examples:
  costper tenant
  costper tenant acme-eu --days 7
  costper tenant --feature summariser --csv
"""

from __future__ import annotations

import argparse

from costper.cli.context import Context
from costper.cli.llm_options import USAGE, answer_calls, calls_arguments, concentrated

NOUN = "tenant"
COLUMNS = ("rank", "tenant", "customer", *USAGE)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept a name, which calls, and the days."""
    parser.add_argument("name", nargs="?", help="a tenant; all of them when left out")
    calls_arguments(parser, without=NOUN)


def run(args: argparse.Namespace, context: Context) -> int:
    """Answer."""
    from costper.pipeline.llm.page import page
    from costper.pipeline.llm.ranked import ranked

    name: str | None = args.name
    if name is not None:
        return answer_calls(args, context, lambda frame, calls: page(frame, calls, NOUN, name))
    return answer_calls(
        args, context, lambda frame, calls: ranked(frame, calls, NOUN), COLUMNS, concentrated
    )
