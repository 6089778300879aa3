"""What do LLM calls not say, and what of them did nobody declare?

The clean-up queue over all days of the books: calls without a user, tenant, customer or feature,
tenants without a customer, service accounts and models nobody declared, and what the door refused
because it looked like an e-mail address. Each row says how long it has been so, what it cost
and what to do about it. Only real calls of production are looked at, unless asked otherwise.

Examples:
  costper unknown
  costper unknown --environment all --json
"""

from __future__ import annotations

import argparse

from costper.cli.books import opened
from costper.cli.context import Context
from costper.cli.options import form_of, reading_arguments

COLUMNS = ("kind", "name", "calls", "cost", "first_seen", "last_seen", "age_days", "fix")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept which calls to look at, and the form of the answer."""
    parser.add_argument(
        "--environment", default="production", metavar="NAME", help="or all; else production"
    )
    parser.add_argument(
        "--data-mode", default="real", metavar="MODE", help="test, demo or all; else real"
    )
    reading_arguments(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    """Answer."""
    from costper.cli.render import show
    from costper.pipeline.answer.standing import standing
    from costper.pipeline.llm.unknown import Queue, unknown

    with opened(context) as books:
        queue = Queue(
            books=books,
            now=context.now,
            environment=args.environment,
            data_mode=args.data_mode,
        )
        answer = unknown(queue, standing(books))
    if not answer.rows and form_of(args) == "table":
        context.say("nothing is unknown")
        return 0
    show(answer, form_of(args), context, columns=COLUMNS)
    return 0
