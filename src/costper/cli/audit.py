"""Who did what to the books, the newest first; every entry holds the hash of the one before.

`--verify` reads the whole log, and says whether an entry was changed or taken away. `costper
check` does so too.

Examples:
  costper audit
  costper audit --rows 500 --json
  costper audit --verify
"""

from __future__ import annotations

import argparse

from costper.cli.books import opened
from costper.cli.context import Context
from costper.cli.options import form_of, reading_arguments

ROWS = 50
MOST = 10_000
COLUMNS = ("seq", "at", "actor", "action", "subject", "detail")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept how many entries, where to go on, and --verify."""
    parser.add_argument(
        "--rows", type=_count, default=ROWS, metavar="N", help=f"how many entries, else {ROWS}"
    )
    parser.add_argument("--before", type=_count, metavar="SEQ", help="only those before this one")
    parser.add_argument(
        "--verify", action="store_true", help="read the whole log for changes, and show none of it"
    )
    reading_arguments(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    """Show the log, or verify it."""
    from costper.cli.render import show
    from costper.pipeline.answer.standing import standing
    from costper.pipeline.keys import audit_answer
    from costper.store.audit import audit_mark, newest, verify

    with opened(context) as books:
        if args.verify:
            count = verify(books.control)
            context.say(f"{count} entries, none of them changed")
            return 0
        found = newest(books.control, limit=args.rows, before=args.before)
        more = found[-1].seq if found and found[-1].seq > 1 else None
        count = int(audit_mark(books.control))
        answer = audit_answer(books, standing(books), found, count, more)
    if not answer.rows and form_of(args) == "table":
        context.say("nothing was done yet")
        return 0
    show(answer, form_of(args), context, columns=COLUMNS)
    return 0


def _count(text: str) -> int:
    if text.isascii() and text.isdecimal() and 0 < int(text) <= MOST:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to {MOST}")
