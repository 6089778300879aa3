"""The question of `costper llm limits`: its options, and what it says in a sentence."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from costper.cli.context import Context
from costper.cli.figures import cell_text
from costper.cli.llm_options import answer_calls, calls_arguments
from costper.cli.options import amount
from costper.model.answer import Answer

OF = ("user", "tenant", "customer")
GRAINS = ("month", "day")


def limits_arguments(parser: argparse.ArgumentParser) -> None:
    """Accept the limits, whose they are, then which calls and the days."""
    parser.add_argument(
        "--limit",
        metavar="AMOUNT",
        type=amount,
        action="append",
        default=[],
        help="a limit in USD, as often as wanted; round ones when left out",
    )
    parser.add_argument("--of", choices=OF, default="user", help="who is limited")
    parser.add_argument("--grain", choices=GRAINS, default="month", help="a limit a month, or day")
    calls_arguments(parser)


def run_limits(args: argparse.Namespace, context: Context) -> int:
    """Answer."""
    from costper.pipeline.llm.limits import limits

    return answer_calls(
        args,
        context,
        lambda frame, calls: limits(
            frame, calls, of=args.of, grain=args.grain, amounts=tuple(args.limit)
        ),
        summary=summary,
    )


def summary(found: Answer) -> Iterator[str]:
    """Say it as one would tell it."""
    of, grain = found.question["of"], str(found.question["noun"]).split()[-1]
    for row in found.rows:
        told = {name: cell_text(name, row[name], found.currency) for name in row}
        yield (
            f"a limit of {told['limit']} a {grain} would have touched {told['touched_percent']} "
            f"of {of}s and {told['touched_cost_percent']} of cost, and cut {told['above_percent']}"
        )
