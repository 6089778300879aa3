"""Saved questions: save one under a name, list them, show one, ask it again, delete it.

A view is what `costper ask` asks, with a name, and perhaps a title, a description and an owner.
Days in words (--range 'last 3 months') are counted anew each time it is asked. Views declared in
costper.yaml are listed beside those that were saved; saving never hides one of them, and every
earlier version of a saved one is kept.

Examples:
  costper view save cost_per_user 'b / a' --a 'metric active_users' --b cost --range 'last month'
  costper view list
  costper view show cost_per_user --yaml
  costper view ask cost_per_user --from 2026-08 --to 2026-09 --json
  costper view delete cost_per_user
"""

from __future__ import annotations

import argparse

from costper.cli.ask import question_arguments, question_of, run_view
from costper.cli.books import opened
from costper.cli.context import Context
from costper.cli.options import (
    asked,
    form_of,
    range_argument,
    reading_arguments,
    window_arguments,
)
from costper.errors import UserError
from costper.model.question import Question
from costper.model.span import read_span
from costper.model.view import View

COLUMNS = ("view", "title", "owner", "declared", "version", "at", "actor", "fault")
ACTOR = "cli"
TEXTS = {
    "title": "what people see above it",
    "description": "what it is for",
    "owner": "who answers for it",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept list, show, save, ask and delete."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listed = actions.add_parser("list", help="list the views, declared and saved")
    shown = actions.add_parser("show", help="say what a view asks, and its earlier versions")
    saved = actions.add_parser("save", help="save a question under a name")
    asking = actions.add_parser("ask", help="ask a view")
    deleted = actions.add_parser("delete", help="delete a saved view; its versions are kept")
    for action in (shown, saved, asking, deleted):
        action.add_argument("name", help="the view's name")
    for action in (listed, shown, asking):
        reading_arguments(action)
    shown.add_argument("--yaml", action="store_true", help="print it as costper.yaml declares it")
    for name, told in TEXTS.items():
        saved.add_argument(f"--{name}", default="", help=told)
    question_arguments(saved)
    window_arguments(asking)
    range_argument(asking)


def run(args: argparse.Namespace, context: Context) -> int:
    """Do it."""
    actions = {"list": _list, "show": _show, "save": _save, "ask": _ask, "delete": _delete}
    return actions[args.action](args, context)


def _list(args: argparse.Namespace, context: Context) -> int:
    from costper.cli.render import show
    from costper.pipeline.answer.standing import standing
    from costper.pipeline.views.answers import views_answer

    with opened(context) as books:
        answer = views_answer(books, standing(books))
    if not answer.rows and form_of(args) == "table":
        context.say("no view yet; save one with: costper view save NAME FORMULA --a … --b …")
        return 0
    show(answer, form_of(args), context, columns=COLUMNS)
    return 0


def _show(args: argparse.Namespace, context: Context) -> int:
    from costper.cli.render import show
    from costper.pipeline.answer.standing import standing
    from costper.pipeline.views.answers import view_answer
    from costper.pipeline.views.saved import saved_view

    with opened(context) as books:
        found = saved_view(books, args.name)
        answer = view_answer(books, args.name, standing(books))
    if form_of(args) != "table":
        show(answer, form_of(args), context)
        return 0
    if found.view is None:
        raise UserError(found.fault, where=found.where, hint="save it again, or correct it there")
    context.stdout.write(_yaml(found.view))
    if not args.yaml:
        kept = f"declared at {found.where}" if found.where else f"version {found.version}"
        said = f" of {found.at} by {found.actor}" if found.at else ""
        context.say(f"# {kept}{said}")
    return 0


def _yaml(view: View) -> str:
    """Write a view as a section that can stand in costper.yaml."""
    import yaml

    from costper.pipeline.views.written import view_to_json

    tree = {"views": {view.name: view_to_json(view)}}
    return yaml.safe_dump(tree, sort_keys=False, allow_unicode=True, width=100)


def _save(args: argparse.Namespace, context: Context) -> int:
    from costper.pipeline.views.saved import save
    from costper.pipeline.views.written import view_from_json, view_to_json

    texts = {name: getattr(args, name) for name in TEXTS}
    said = view_to_json(View(name=args.name, question=question_of(args), **texts))
    with opened(context) as books:
        kept = save(books, view_from_json(args.name, said), actor=ACTOR, now=context.now)
    context.say(f"{kept.name} is saved, version {kept.version}; costper ask --view {kept.name}")
    return 0


def _ask(args: argparse.Namespace, context: Context) -> int:
    window = asked(args)
    span = read_span(args.range, where="--range") if args.range else None
    days = Question(letters=(), since=window.start, until=window.end, days=window.days, span=span)
    return run_view(args, args.name, days, context)


def _delete(args: argparse.Namespace, context: Context) -> int:
    from costper.pipeline.views.saved import delete

    with opened(context) as books:
        delete(books, args.name, actor=ACTOR, now=context.now)
    context.say(f"{args.name} is deleted; its versions are kept, and it can be saved again")
    return 0
