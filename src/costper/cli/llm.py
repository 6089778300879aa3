"""What does AI cost per active user, and of which habits are those who call?

`active` divides the cost of calls by the active users of each month, week or day, and says which
share of ARPU that is. `cohorts` parts people by how many days they called on.

Examples:
  costper llm active
  costper llm active --grain week --feature search
  costper llm cohorts --days 28
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from costper.cli.context import Context
from costper.cli.llm_options import answer_calls, calls_arguments
from costper.model.answer import Answer

if TYPE_CHECKING:  # the engines are slow to import, and --help must be quick
    from costper.pipeline.answer.frame import Frame
    from costper.pipeline.llm.chosen import Chosen

GRAINS = ("month", "week", "day")
Asking = Callable[[argparse.Namespace], "Callable[[Frame, Chosen], Answer]"]


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept the question, then which calls and the days."""
    questions = parser.add_subparsers(metavar="QUESTION", dest="question", required=True)
    active = questions.add_parser("active", help="cost per active user, and its share of ARPU")
    active.add_argument("--grain", choices=GRAINS, default="month", help="one row of what")
    active.add_argument("--per", metavar="METRIC", default="", help="a metric of active users")
    cohorts = questions.add_parser("cohorts", help="cost of daily, weekly and occasional users")
    for one in (active, cohorts):
        calls_arguments(one)


def run(args: argparse.Namespace, context: Context) -> int:
    """Answer."""
    return answer_calls(args, context, QUESTIONS[args.question](args))


def _active(args: argparse.Namespace) -> Callable[[Frame, Chosen], Answer]:
    from costper.pipeline.llm.active import active

    return lambda frame, calls: active(frame, calls, grain=args.grain, per=args.per)


def _cohorts(_args: argparse.Namespace) -> Callable[[Frame, Chosen], Answer]:
    from costper.pipeline.llm.cohorts import cohorts

    return cohorts


QUESTIONS: Mapping[str, Asking] = {"active": _active, "cohorts": _cohorts}
