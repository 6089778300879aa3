"""Plan, apply or show the allocation: which rule carries which cost to whom.

`plan` says what would move, by customer and by rule, and writes nothing. `apply` makes one run
for each month whose rules or inputs changed; a run is never changed afterwards, and is kept only
if it adds up to the bills exactly. `show` lists the rules with the cost each one took, what is
unallocated and why, and the runs. Closed months keep the run they have.

Examples:
  costper allocate plan
  costper allocate plan --month 2026-08 --json
  costper allocate apply
  costper allocate show
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from costper.cli.books import opened
from costper.cli.context import Context
from costper.cli.options import day, form_of, reading_arguments

ACTIONS = ("plan", "apply", "show")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept what to do, which months, and the form of the answer."""
    parser.add_argument("action", choices=ACTIONS, help="plan writes nothing; apply does")
    parser.add_argument(
        "--month",
        dest="months",
        action="append",
        type=day,
        metavar="MONTH",
        help="only this month, such as 2026-08; may be given several times",
    )
    reading_arguments(parser, csv=False)


def run(args: argparse.Namespace, context: Context) -> int:
    """Do it."""
    if args.action == "apply":
        return _apply(args, context)
    from costper.cli.render import show
    from costper.pipeline.allocate import plan
    from costper.pipeline.allocation_answers import plan_answer, show_answer

    with opened(context) as books:
        if args.action == "plan":
            found = plan(books, months=args.months, progress=context.tell)
            answer = plan_answer(books, found)
        else:
            answer = show_answer(books)
    show(answer, form_of(args), context)
    return 0


def _apply(args: argparse.Namespace, context: Context) -> int:
    import json

    from costper.pipeline.allocate import Hand, apply

    now, hand = context.now, Hand(clock=lambda: datetime.now(UTC))
    with opened(context) as books:
        done = apply(books, now=now, months=args.months, progress=context.tell, hand=hand)
    refused = [it.issue for it in done if it.issue]
    for issue in refused:
        context.tell(f"{issue.severity}: {issue.text()}")
    if args.json:
        rows = [
            {"month": f"{it.month:%Y-%m}", "state": it.state, "run": it.run_id, "legs": it.legs}
            for it in done
        ]
        context.say(json.dumps(rows, indent=2))
        return int(bool(refused))
    for it in done:
        number = "" if it.run_id is None else f"run {it.run_id}, "
        context.say(f"{it.month:%Y-%m}  {it.state}: {number}{it.legs} legs")
    if not done:
        context.say("the books hold no charges yet; `costper sync` reads them")
    return int(bool(refused))
