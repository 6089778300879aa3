"""How do the prompt versions of each feature compare, or what does one version cost?

Versions stand in the order they were first called, each against the one before: cost and tokens a
call, latency, errors before and after its first call, and whether the difference is more than
chance.

Examples:
  costper prompt-version --feature summariser
  costper prompt-version v12 --feature summariser
  costper prompt-version --days 60 --json
"""

from __future__ import annotations

import argparse

from costper.cli.context import Context
from costper.cli.llm_options import answer_calls, calls_arguments

NOUN = "prompt_version"
COLUMNS = (
    "feature",
    NOUN,
    "first_day",
    "calls",
    "cost",
    "cost_per_call",
    "call_cost_per_call",
    "cost_change_percent",
    "p_value",
    "verdict",
    "tokens_per_call",
    "tokens_change_percent",
    "latency_median_ms",
    "latency_p95_ms",
    "error_percent",
    "errors_before_percent",
    "errors_after_percent",
    "unpriced_calls",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept a version, which calls, and the days."""
    parser.add_argument("name", nargs="?", help="a version; all of them when left out")
    calls_arguments(parser, without="prompt-version")


def run(args: argparse.Namespace, context: Context) -> int:
    """Answer."""
    from costper.pipeline.llm.page import page
    from costper.pipeline.llm.versions import prompt_versions

    name: str | None = args.name
    if name is not None:
        return answer_calls(args, context, lambda frame, calls: page(frame, calls, NOUN, name))
    return answer_calls(args, context, prompt_versions, COLUMNS)
