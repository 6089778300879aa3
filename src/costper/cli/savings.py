"""What could be saved a month, dearest first, and what on the bill says so?

Unused commitments, addresses nothing uses, resources without traffic, disks whose machines are
gone, old snapshots, and non-production at night and at weekends. No cost is counted twice.
Everything but what the vendor itself calls unused is a candidate: look before you delete.

Examples:
  costper savings
  costper savings --months 1
  costper savings --json | jq '.rows[0].evidence'
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from costper.cli.answering import answer, answer_arguments
from costper.cli.context import Context
from costper.cli.figures import cell_text
from costper.cli.options import months
from costper.model.answer import Answer

COLUMNS = (
    "what",
    "resource",
    "environment",
    "service",
    "monthly_cost",
    "monthly_saving",
    "left",
    "share_percent",
    "confidence",
    "why",
    "next_step",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept the days."""
    parser.add_argument("--months", metavar="N", type=months, help="the last whole settled months")
    answer_arguments(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    """Answer."""
    from costper.pipeline.savings.answer import savings

    return answer(args, context, savings, columns=COLUMNS, summary=summary)


def summary(found: Answer) -> Iterator[str]:
    """Say what it comes to, of what, and what would stay."""
    total, currency = found.total, found.currency
    told = {name: cell_text(name, total[name], currency) for name in total if name != "kinds"}
    yield (
        f"{told['monthly_saving']} of {told['monthly_cost']} a month could be saved "
        f"({told['share_percent']}), {told['left']} would stay; "
        f"measured {told['measured_saving']}, estimated {told['estimated_saving']}"
    )
