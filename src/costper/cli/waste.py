"""What does non-production cost while nobody works, and which schedule would save it?

Working hours are those of working_hours in costper.yaml. Charges that are not billed by the
hour are estimated at their share of a week, and marked so.

Examples:
  costper waste
  costper waste --from 2026-08 --to 2026-09 --json
"""

from __future__ import annotations

import argparse

from costper.cli.answering import answer, answer_arguments
from costper.cli.context import Context

COLUMNS = (
    "environment",
    "cost",
    "idle_cost",
    "idle_percent",
    "estimated_cost",
    "monthly_saving",
    "left",
    "schedule",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept the days."""
    answer_arguments(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    """Answer."""
    from costper.pipeline.answer.waste import waste

    return answer(args, context, waste, columns=COLUMNS)
