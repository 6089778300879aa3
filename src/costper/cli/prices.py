"""What do models cost, on which day, by which source, and what would a new price list change?

`list` and `show` give prices for a million tokens (or a thousand searches) in USD. `update`
compares the accepted list with the one that came with this costper, or with a file, and writes
nothing until --accept: its prices then hold from today (or --from), and days before keep theirs.
`export` writes the accepted list. `gaps` compares what providers reported with what prices make.
Own prices stand in the files of `llm.prices`.

Examples:
  costper prices list --provider anthropic
  costper prices show openai gpt-5 --day 2026-03-01
  costper prices update --diff
  costper prices update --list data.json --accept
  costper prices gaps --since 2026-11-01
"""

from __future__ import annotations

import argparse
from datetime import date, timedelta
from typing import TYPE_CHECKING

from costper.cli.books import opened
from costper.cli.context import Context
from costper.cli.options import day, form_of, reading_arguments
from costper.model.plural import plural

if TYPE_CHECKING:  # the engines are slow to import, and --help must be quick
    from costper.pipeline.calls.price_book import Renewal
    from costper.store.books import Books

LISTED = (
    "provider",
    "model",
    "input_per_mtok",
    "output_per_mtok",
    "cache_read_per_mtok",
    "cache_write_per_mtok",
    "since",
)
SHOWN = ("tier", "kind", "usd", "per", "context_above", "hours", "since", "source")
GAPS = ("provider", "model", "tier", "calls", "reported", "rated", "gap", "gap_percent")
CHANGED = ("provider", "model", "change", "tier", "kind", "before", "after", "since")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept list, show, update, export and gaps."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listed = actions.add_parser("list", help="list models and what they cost")
    listed.add_argument("like", nargs="?", default="", help="part of a name, or a glob: gpt-5*")
    listed.add_argument("--provider", default="", help="only this provider's")
    shown = actions.add_parser("show", help="every rate of one model, with its source")
    shown.add_argument("provider", help="openai, anthropic, aws …")
    shown.add_argument("model", help="the model as calls name it")
    shown.add_argument("--tier", default="", help="standard, batch, flex, priority or fast")
    for one in (listed, shown):
        one.add_argument("--day", type=day, metavar="DAY", help="prices of that day; today's")
        reading_arguments(one)
    update = actions.add_parser("update", help="compare with a new list, and accept it")
    update.add_argument("--list", metavar="FILE", help="a list; else that of this costper")
    update.add_argument("--from", dest="since", type=day, metavar="DAY", help="hold from; today")
    update.add_argument("--backdated", action="store_true", help="let it correct the past too")
    how = update.add_mutually_exclusive_group()
    how.add_argument("--diff", action="store_true", help="show what changes (the default)")
    how.add_argument("--accept", action="store_true", help="put it in force")
    reading_arguments(update)
    export = actions.add_parser("export", help="write the accepted list to a file")
    export.add_argument("file", help="the file, new")
    gaps = actions.add_parser("gaps", help="providers' own costs against the prices")
    gaps.add_argument("--since", type=day, metavar="DAY", help="the first day; 30 days ago")
    gaps.add_argument("--all", action="store_true", dest="everything", help="small gaps too")
    reading_arguments(gaps)


def run(args: argparse.Namespace, context: Context) -> int:
    """Do it."""
    actions = {"list": _list, "show": _show, "update": _update, "export": _export, "gaps": _gaps}
    with opened(context) as books:
        return actions[args.action](args, context, books)


def _day(args: argparse.Namespace, context: Context) -> date:
    said: date | None = args.day
    return said or context.now.date()


def _list(args: argparse.Namespace, context: Context, books: Books) -> int:
    from costper.cli.render import show
    from costper.pipeline.calls.price_answers import listed_prices
    from costper.pipeline.calls.price_book import catalogue_of

    found = listed_prices(
        catalogue_of(books), _day(args, context), provider=args.provider, like=args.like
    )
    show(found, form_of(args), context, columns=LISTED)
    return 0


def _show(args: argparse.Namespace, context: Context, books: Books) -> int:
    from costper.cli.render import show
    from costper.pipeline.calls.price_answers import shown_price
    from costper.pipeline.calls.price_book import catalogue_of

    found = shown_price(
        catalogue_of(books), args.provider, args.model, _day(args, context), args.tier
    )
    show(found, form_of(args), context, columns=SHOWN)
    return 0


def _update(args: argparse.Namespace, context: Context, books: Books) -> int:
    from costper.cli.render import show
    from costper.pipeline.calls.price_answers import renewal_answer
    from costper.pipeline.calls.price_book import accept_renewal, offered_list, plan_renewal

    new = offered_list(context.cwd / args.list if args.list else None)
    since: date = args.since or context.now.date()
    planned = plan_renewal(books, new, since, backdated=args.backdated)
    accepted = bool(args.accept)
    if not planned.changes and form_of(args) == "table":
        context.say("no price changes")
    else:
        show(renewal_answer(planned, accepted=accepted), form_of(args), context, columns=CHANGED)
    if accepted:
        accept_renewal(books, planned, now=context.now)
        _hold_from_now(books, context, planned)
    elif planned.changes:
        context.tell("nothing is written; --accept puts it in force")
    return 0


def _hold_from_now(books: Books, context: Context, planned: Renewal) -> None:
    from costper.pipeline.calls.price_book import catalogue_of
    from costper.pipeline.calls.pricing import pricing_of

    catalogue = catalogue_of(books)
    if context.calls is not None:
        context.calls.intake.price_with(pricing_of(catalogue))
    models = len({(it.provider, it.model) for it in planned.changes if it.change != "gone"})
    context.tell(f"accepted: {plural(models, 'model')}, in force from {planned.day}")
    context.tell(f"calls since then follow with `costper reprice --since {planned.day}`")


def _export(args: argparse.Namespace, context: Context, books: Books) -> int:
    from costper.pipeline.calls.price_book import export_list

    path = context.cwd / args.file
    version = export_list(books, path)
    context.say(f"{args.file}: {version}")
    return 0


def _gaps(args: argparse.Namespace, context: Context, books: Books) -> int:
    from costper.cli.render import show
    from costper.pipeline.calls.price_gaps import WARNED_DAYS, price_gaps

    since: date = args.since or context.now.date() - timedelta(days=WARNED_DAYS)
    found = price_gaps(books, since=since, everything=bool(args.everything))
    if not found.rows and form_of(args) == "table":
        context.say("no provider reports another cost than its price makes")
        return 0
    show(found, form_of(args), context, columns=GAPS)
    return 0
