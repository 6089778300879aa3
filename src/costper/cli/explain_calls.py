"""The part of `explain` that walks back to LLM calls: which nouns and options it takes."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from costper.cli.llm_options import CHOICES, choice_arguments, chosen
from costper.errors import UserError
from costper.model.answer import Answer

if TYPE_CHECKING:  # the engines are slow to import, and --help must be quick
    from costper.pipeline.answer.frame import Frame
    from costper.store.books import Books

NOUNS = ("user", "feature", "tenant", "model", "prompt-version", "provider", "customer", "team")
COLUMNS: tuple[str, ...] = ("at", "call", "model", "how", "price", "since", "cost")
ORDERS = ("dearest", "latest")


def call_arguments(parser: argparse.ArgumentParser) -> None:
    """Accept --calls, which lines are listed, and which calls are meant."""
    group = parser.add_argument_group("LLM calls")
    group.add_argument("--calls", action="store_true", help="of LLM calls, not of all cost")
    group.add_argument("--order", choices=ORDERS, default=ORDERS[0], help="which lines come first")
    group.add_argument(
        "--after", metavar="N", type=int, default=0, help="leave out so many lines before"
    )
    choice_arguments(parser)


def of_calls(args: argparse.Namespace, dimensions: tuple[str, ...]) -> bool:
    """Say whether calls are meant: by --calls, or by a noun that only calls have."""
    return args.noun is not None and (
        args.calls or (args.noun in NOUNS and args.noun not in dimensions)
    )


def refuse_call_options(args: argparse.Namespace) -> None:
    """Refuse what only calls can be asked by, where something else is explained.

    Raises:
        UserError: such an option is given.
    """
    names = ("calls", "after", *(name.replace("-", "_") for name, _ in CHOICES))
    given = [name for name in names if getattr(args, name)]
    if given:
        option = f"--{given[0].replace('_', '-')}"
        raise UserError(f"{option} is for LLM calls", hint="costper explain customer acme --calls")


def calls_explained(args: argparse.Namespace, books: Books, frame: Frame) -> Answer:
    """Answer of calls."""
    from costper.pipeline.llm.explain import MOST, Listed, explain_calls

    if args.noun not in NOUNS:
        raise UserError(
            f"LLM calls have no {args.noun}", hint=f"one of {', '.join(NOUNS)}, or leave --calls"
        )
    own, user = args.noun.replace("-", "_"), ""
    if own == "user":
        user = args.value
    else:
        setattr(args, own, args.value)
    listed = Listed(order=args.order, rows=args.rows or MOST, after=args.after)
    return explain_calls(books, frame, chosen(args), user=user, listed=listed)
