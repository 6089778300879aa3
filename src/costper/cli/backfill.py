"""Gives past LLM calls the customer that costper.yaml says now: plan, then apply.

A tenant mapped later or sold to another customer, a service account or an alias declared later
moves the calls that came before. `plan` says which would move and what they cost; `apply` moves
them. Calls that named their customer themselves keep it, and months that are closed stay.
A running server knows a changed costper.yaml once it is started again.

Examples:
  costper backfill plan
  costper backfill plan --csv
  costper backfill apply
"""

from __future__ import annotations

import argparse

from costper.cli.books import opened
from costper.cli.context import Context
from costper.cli.options import form_of, reading_arguments

ACTIONS = ("plan", "apply")
COLUMNS = (
    "tenant",
    "service_account",
    "user",
    "from",
    "to",
    "customer",
    "new_customer",
    "new_user",
    "calls",
    "cost",
    "closed",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept what to do, and the form of the answer."""
    parser.add_argument("action", choices=ACTIONS, help="plan writes nothing; apply does")
    reading_arguments(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    """Do it."""
    from costper.cli.render import show
    from costper.pipeline.calls.backfill import apply_backfill, backfill_answer, plan_backfill
    from costper.pipeline.calls.people import known_people

    applied = args.action == "apply"
    with opened(context) as books, books.activity.alone(context.tell):
        known = known_people(books, environment=context.environment)
        found = plan_backfill(books, known)
        if applied:
            apply_backfill(books, found, known, now=context.now)
    if not found and form_of(args) == "table":
        context.say("every call is where costper.yaml says")
        return 0
    show(backfill_answer(found, applied=applied), form_of(args), context, columns=COLUMNS)
    if applied:
        context.tell("the charges of these calls follow with the next `costper sync`")
    return 0
