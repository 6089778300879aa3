"""What does each model cost in LLM calls, or one of them in depth?

Models are named as the responses name them. Without a name all are ranked, dearest first; calls of
a model nobody has a price for are counted as unpriced, never as $0.

Examples:
  costper model
  costper model gpt-5-mini --days 7
  costper model --feature search --json
"""

from __future__ import annotations

import argparse

from costper.cli.context import Context
from costper.cli.llm_options import USAGE, answer_calls, calls_arguments, concentrated

NOUN = "model"
COLUMNS = ("rank", "model", "provider", *USAGE)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept a name, which calls, and the days."""
    parser.add_argument("name", nargs="?", help="a model; all of them when left out")
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
