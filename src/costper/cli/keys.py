"""Makes, lists and revokes the keys programs call the API with.

A key is shown once and kept as a hash. Its scopes say what it may do: read answers, write (save
views, say what happened), ingest (tell of LLM calls), or all of it (admin). Each is for itself: a
key that ingests reads nothing. With --customer it reads only that customer's own answer.

Examples:
  costper keys add dashboard
  costper keys add api-server --scope ingest
  costper keys add acme-portal --customer acme
  costper keys list
  costper keys revoke dashboard
"""

from __future__ import annotations

import argparse
import json

from costper.cli.books import opened
from costper.cli.context import Context
from costper.errors import UserError

SCOPES = ("read", "write", "ingest", "admin")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept add, list and revoke."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    add = actions.add_parser("add", help="make a key, and show it once")
    add.add_argument("name", help="what the key is for")
    add.add_argument(
        "--scope", action="append", choices=SCOPES, help="read when left out; may be given again"
    )
    add.add_argument("--customer", metavar="ID", help="only this customer's own answer")
    shown = actions.add_parser("list", help="list the keys, never their secrets")
    shown.add_argument("--json", action="store_true", help="print them as JSON")
    revoke = actions.add_parser("revoke", help="put a key out of force, for good")
    revoke.add_argument("name", help="the key's name")


def run(args: argparse.Namespace, context: Context) -> int:
    """Do it."""
    actions = {"add": _add, "list": _list, "revoke": _revoke}
    return actions[args.action](args, context)


def _add(args: argparse.Namespace, context: Context) -> int:
    from costper.pipeline.answer.customer import known_customer
    from costper.store.keys import add_key

    scopes = tuple(args.scope or ("read",))
    if args.customer is not None:
        if args.scope:
            raise UserError("--customer and --scope exclude each other", hint="leave one out")
        scopes = (f"customer:{args.customer}",)
    with opened(context) as books:
        if args.customer is not None and not known_customer(books.marts, args.customer):
            context.tell(
                f"the books know no customer {args.customer!r} yet: the key will read nothing "
                "until they do; `costper customer` lists those they know"
            )
        secret = add_key(books.control, args.name, scopes, now=context.now)
    context.say(secret)
    context.tell("this is the only time the key is shown; send it as `Authorization: Bearer …`")
    return 0


def _list(args: argparse.Namespace, context: Context) -> int:
    from costper.store.keys import list_keys

    with opened(context) as books:
        keys = list_keys(books.control)
    if args.json:
        shown = [
            {
                "name": key.name,
                "scopes": key.scopes,
                "created_at": key.created_at,
                "revoked_at": key.revoked_at or None,
            }
            for key in keys
        ]
        json.dump(shown, context.stdout, indent=2, ensure_ascii=False)
        context.say()
        return 0
    for key in keys:
        state = f"revoked {key.revoked_at}" if key.revoked_at else "in force"
        context.say(f"{key.name}  {','.join(key.scopes)}  {key.created_at}  {state}")
    if not keys:
        context.say("no keys yet; make one with: costper keys add NAME")
    return 0


def _revoke(args: argparse.Namespace, context: Context) -> int:
    from costper.store.keys import revoke_key

    with opened(context) as books:
        revoke_key(books.control, args.name, now=context.now)
    context.say(f"{args.name} is revoked")
    return 0
