"""The question of `costper llm savings`: its options, and the lines under its table."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping

from costper.cli.answering import answer_books
from costper.cli.context import Context
from costper.cli.figures import ABSENT, cell_text
from costper.cli.llm_options import calls_arguments, chosen, noted
from costper.cli.options import amount
from costper.model.answer import Answer

TOP = 5
SHARED = 50
COLUMNS = (
    "lever",
    "of",
    "model",
    "to",
    "calls",
    "now",
    "would_low",
    "would_likely",
    "would_high",
    "saved_percent",
    "monthly_saving",
    "monthly_saving_low",
    "monthly_saving_high",
)


def savings_arguments(parser: argparse.ArgumentParser) -> None:
    """Accept what is compared, then which calls and the days."""
    group = parser.add_argument_group("levers", "what the same calls are reckoned with instead")
    group.add_argument(
        "--with-model",
        metavar="PROVIDER/MODEL",
        action="append",
        default=[],
        help="another model; google/* chooses among them; cheaper ones alike when left out",
    )
    group.add_argument(
        "--batch",
        metavar="FEATURE",
        action="append",
        default=[],
        help="a feature whose answers can wait, beside all service accounts",
    )
    group.add_argument(
        "--route",
        metavar="KEY=VALUE[:PROVIDER/MODEL]",
        action="append",
        default=[],
        help="send some calls elsewhere: plan=starter:openai/gpt-5-mini; first match wins",
    )
    group.add_argument(
        "--top", metavar="N", type=int, default=TOP, help="how many models of each feature"
    )
    group.add_argument(
        "--tokens-differ",
        metavar="PERCENT",
        type=amount,
        help="how far another model's tokens may differ; 5 of one provider, 20 of another",
    )
    group.add_argument(
        "--shared",
        metavar="PERCENT",
        type=int,
        default=SHARED,
        help="how much of the longest possible prefix is likely shared",
    )
    calls_arguments(parser)


def run_savings(args: argparse.Namespace, context: Context) -> int:
    """Answer."""
    from costper.pipeline.calls.price_book import catalogue_of
    from costper.pipeline.llm.savings.answer import Levers, call_savings

    levers = Levers(
        models=tuple(args.with_model),
        batch=tuple(args.batch),
        routes=tuple(args.route),
        top=args.top,
        percent=args.tokens_differ,
        shared=args.shared,
    )
    own = chosen(args)
    return answer_books(
        args,
        context,
        lambda books, frame: call_savings(frame, own, catalogue_of(books), levers),
        columns=COLUMNS,
        summary=summary,
    )


def summary(found: Answer) -> Iterator[str]:
    """Say what each row assumes, what could not be compared, and what the columns mean."""
    yield from _levers(found)
    yield from _assumed(found)
    skipped = found.total.get("skipped")
    for one in skipped if isinstance(skipped, tuple) else ():
        if isinstance(one, Mapping):
            yield f"not compared: {one['of']} with {one['to']}: {one['reason']}"
    yield from noted(found)


def _levers(found: Answer) -> Iterator[str]:
    levers = found.total.get("levers")
    for one in levers if isinstance(levers, tuple) else ():
        if not isinstance(one, Mapping):
            continue
        told = {name: cell_text(name, cell, found.currency) for name, cell in one.items()}
        if told["rows"] != "0" and told["monthly_saving"] != ABSENT:
            yield (
                f"{told['lever']}: {told['monthly_saving']} a month likely, "
                f"{told['monthly_saving_low']} to {told['monthly_saving_high']}"
            )


def _assumed(found: Answer) -> Iterator[str]:
    """Give the assumptions of each lever, each of them once."""
    lines: dict[str, None] = {}
    for row in found.rows:
        assumes = row["assumes"]
        for line in assumes if isinstance(assumes, tuple) else ():
            lines[f"{row['lever']} assumes: {line}"] = None
    yield from sorted(lines)
