"""What does each feature cost in LLM calls, or one of them in depth?

A feature is the endpoint tag of its calls. Without a name all are ranked, dearest first; a name
gives its models, prompt versions, tenants and dearest users. Only real calls of production count
unless asked otherwise.

Examples:
  costper feature
  costper feature summariser --days 7
  costper feature --tenant acme-eu --json
"""

from __future__ import annotations

import argparse

from costper.cli.context import Context
from costper.cli.llm_options import USAGE, answer_calls, calls_arguments, concentrated

NOUN = "feature"
COLUMNS = ("rank", "feature", *USAGE)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept a name, which calls, and the days."""
    parser.add_argument("name", nargs="?", help="a feature; all of them when left out")
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
