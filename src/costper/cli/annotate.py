"""Events beside the numbers: deploys, launches, price changes and incidents, told and listed.

An event has an instant or a day (UTC), perhaps an end, a title, a category, an address to read
more at, and whom it concerns. Told twice under one --id it is kept once, so that a pipeline may
repeat itself. Everything is written to the audit log.

Examples:
  costper annotate add 'checkout 4.7.1' --category deploy --scope service=checkout --id run-4711
  costper annotate add 'new prices' --at 2026-11-01 --category price_change
  costper annotate list --from 2026-11 --to 2026-12
  costper annotate delete run-4711
"""

from __future__ import annotations

import argparse

from costper.cli.books import opened
from costper.cli.context import Context
from costper.cli.options import day, form_of, reading_arguments
from costper.errors import UserError
from costper.model.annotation import CATEGORIES, written

ACTOR = "cli"
COLUMNS = ("id", "at", "until", "category", "title", "url", "actor")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept add, list and delete."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    add = actions.add_parser("add", help="tell what happened")
    add.add_argument("title", help="what people see")
    add.add_argument("--at", metavar="WHEN", help="an instant or a day in UTC; now when left out")
    add.add_argument("--until", metavar="WHEN", default="", help="when it ended, if it lasted")
    add.add_argument("--category", choices=CATEGORIES, default="other", help="what kind it is")
    add.add_argument("--url", default="", help="where to read more: http or https")
    add.add_argument(
        "--scope",
        action="append",
        default=[],
        metavar="DIMENSION=VALUE",
        help="whom it concerns; may be given again",
    )
    add.add_argument("--id", default="", help="told again under it, the event is kept once")
    listed = actions.add_parser("list", help="list what happened, the newest first")
    listed.add_argument("--from", dest="start", metavar="DAY", type=day, help="the first day")
    listed.add_argument("--to", dest="end", metavar="DAY", type=day, help="the day after the last")
    listed.add_argument("--category", choices=CATEGORIES, default="", help="only of this kind")
    reading_arguments(listed)
    delete = actions.add_parser("delete", help="take an event back; the log keeps it")
    delete.add_argument("id", help="its id, as `annotate list` shows it")


def run(args: argparse.Namespace, context: Context) -> int:
    """Do it."""
    actions = {"add": _add, "list": _list, "delete": _delete}
    return actions[args.action](args, context)


def _add(args: argparse.Namespace, context: Context) -> int:
    from costper.pipeline.annotations import annotation_from_json
    from costper.store.annotations import annotate

    texts = {name: getattr(args, name) for name in ("id", "until", "title", "category", "url")}
    at = written(context.now) if args.at is None else args.at
    with opened(context) as books:
        said = annotation_from_json(
            {**texts, "at": at, "scope": dict(map(_pair, args.scope))}, books.settings
        )
        told = annotate(books.control, said, actor=ACTOR, now=context.now, any_time=args.at is None)
    one = told.annotation
    context.say(f"{one.id}  {one.at}  {one.category}: {one.title}")
    return 0


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        hint = "such as --scope service=checkout"
        raise UserError(f"{text!r} names no dimension and value", where="--scope", hint=hint)
    return name.strip(), value.strip()


def _list(args: argparse.Namespace, context: Context) -> int:
    from costper.cli.render import show
    from costper.pipeline.annotations import annotations_answer
    from costper.pipeline.answer.standing import standing

    with opened(context) as books:
        answer = annotations_answer(
            books, standing(books), since=args.start, until=args.end, category=args.category
        )
    if not answer.rows and form_of(args) == "table":
        context.say("nothing was told of; costper annotate add TITLE --category deploy")
        return 0
    show(answer, form_of(args), context, columns=COLUMNS)
    return 0


def _delete(args: argparse.Namespace, context: Context) -> int:
    from costper.store.annotations import take_back

    with opened(context) as books:
        told = take_back(books.control, args.id, actor=ACTOR, now=context.now)
    context.say(f"{told.annotation.id} is deleted: {told.annotation.title}")
    return 0
