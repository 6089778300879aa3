"""Which LLM calls has nobody a price for, since when, and what may be meant?

They are in no amount, never $0. A row says why: an unknown model, no price at its tier, or a kind
of token without a rate, which listed model may be meant, and the line that gives it a price. Put
amounts for CHOOSE and add it to a file of `llm.prices`, or accept a newer list; then reprice.

Examples:
  costper unpriced
  costper unpriced --json | jq '.rows[].suggested'
"""

from __future__ import annotations

import argparse

from costper.cli.books import opened
from costper.cli.context import Context
from costper.cli.options import form_of, reading_arguments

COLUMNS = (
    "provider",
    "model",
    "tier",
    "calls",
    "tokens",
    "first_seen",
    "last_seen",
    "why",
    "suggested",
    "line",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept the form of the answer."""
    reading_arguments(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    """Answer."""
    from costper.cli.render import show
    from costper.pipeline.answer.standing import standing
    from costper.pipeline.calls.price_book import catalogue_of
    from costper.pipeline.calls.unpriced import unpriced

    with opened(context) as books:
        found = unpriced(books, catalogue_of(books), standing(books), now=context.now)
    if not found.rows and form_of(args) == "table":
        context.say("every call has a price")
        return 0
    show(found, form_of(args), context, columns=COLUMNS)
    return 0
