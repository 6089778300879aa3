"""Print the settings of a source with a comment on each, or put them into costper.yaml.

Without a type it lists what there is. `--write` adds the source under `sources:` and leaves
the rest of the file as it is.

Examples:
  costper connect
  costper connect focus_file
  costper connect csv --kind customers
  costper connect aws_cost_explorer --name aws --write
"""

from __future__ import annotations

import argparse

from costper.cli.context import Context
from costper.cli.settings import config_path
from costper.config.blocks import block_of, insert_block
from costper.config.declared import NAME, NAME_HINT
from costper.errors import UserError
from costper.sources import SOURCES, about, named_source


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept the type, a name for the source, and --write."""
    parser.add_argument("type", nargs="?", help="what to connect to; all types if left out")
    parser.add_argument(
        "--kind",
        choices=tuple(dict.fromkeys(one.kind for one in SOURCES)),
        help="which, where several share the type: csv has measurements, customers and rates",
    )
    parser.add_argument("--name", help="the source's name in costper.yaml")
    parser.add_argument("--write", action="store_true", help="put it into costper.yaml")


def run(args: argparse.Namespace, context: Context) -> int:
    """Print or write the block."""
    if args.type is None:
        for one in SOURCES:
            context.say(f"{one.name:<20} {one.kind:<13} {about(one)}")
        return 0
    source = named_source(args.type, args.kind or "")
    name = args.name or source.name
    if not NAME.fullmatch(name):
        raise UserError(f"{name!r} cannot name a source", hint=NAME_HINT)
    block = block_of(source, name, about(source))
    if not args.write:
        context.say("\n".join(block))
        return 0
    path = config_path(context)
    insert_block(path, source, name, block)
    context.say(f"wrote {name} into {path.name}; next: fill it in, then `costper check`")
    return 0
