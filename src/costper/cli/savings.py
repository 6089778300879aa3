"""What could be saved a month, dearest first, and what on the bill says so?

Unused commitments, addresses nothing uses, resources without traffic, disks whose machines are
gone, old snapshots, and non-production at night and at weekends. No cost is counted twice.
Everything but what the vendor itself calls unused is a candidate: look before you delete.
What is dismissed stays at the end of the list, and is not counted.

Examples:
  costper savings
  costper savings --months 1
  costper savings --dismiss 4f1c2a9b7e "kept for the audit until March"
  costper savings --restore 4f1c2a9b7e
  costper savings --json | jq '.rows[0].evidence'
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from costper.cli.answering import answer_arguments, answer_books
from costper.cli.context import Context
from costper.cli.figures import cell_text
from costper.cli.incidents import actor
from costper.cli.options import months
from costper.model.answer import Answer

if TYPE_CHECKING:  # the engines are slow to import, and --help must be quick
    from costper.pipeline.answer.frame import Frame
    from costper.store.books import Books

COLUMNS = (
    "finding",
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
    "dismissed",
    "dismissed_note",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept the days, and what is not to be told again."""
    said = parser.add_mutually_exclusive_group()
    said.add_argument(
        "--dismiss", metavar=("ID", "NOTE"), nargs="+", help="do not count a finding; and why"
    )
    said.add_argument("--restore", metavar="ID", help="count a dismissed finding again")
    parser.add_argument("--months", metavar="N", type=months, help="the last whole settled months")
    answer_arguments(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    """Say what was said, if anything, and answer."""
    return answer_books(
        args,
        context,
        lambda books, frame: _found(args, context, books, frame),
        columns=COLUMNS,
        summary=summary,
    )


def _found(args: argparse.Namespace, context: Context, books: Books, frame: Frame) -> Answer:
    from costper.pipeline.savings.answer import savings
    from costper.pipeline.savings.dismiss import Word, dismiss_saving, restore_saving
    from costper.store.dismissals import all_dismissals

    if args.dismiss:
        word = Word(note=" ".join(args.dismiss[1:]), actor=actor(context))
        dismiss_saving(books, frame, args.dismiss[0], word, now=context.now)
        context.tell(f"dismissed; `costper savings --restore {args.dismiss[0]}` takes it back")
    if args.restore:
        restore_saving(books, args.restore, actor=actor(context), now=context.now)
    return savings(frame, all_dismissals(books.control))


def summary(found: Answer) -> Iterator[str]:
    """Say what it comes to, of what, and what would stay."""
    total, currency = found.total, found.currency
    told = {name: cell_text(name, total[name], currency) for name in total if name != "kinds"}
    yield (
        f"{told['monthly_saving']} of {told['monthly_cost']} a month could be saved "
        f"({told['share_percent']}), {told['left']} would stay; "
        f"measured {told['measured_saving']}, estimated {told['estimated_saving']}"
    )
    if total["dismissed_findings"]:
        yield f"dismissed and not counted: {told['dismissed_findings']}, {told['dismissed_saving']}"
