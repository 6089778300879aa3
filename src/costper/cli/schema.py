"""Print the JSON schema of costper.yaml, which editors check and complete with.

With --prices, that of a file of own prices (`llm.prices`).

Examples:
  costper schema > costper.schema.json
  costper schema --prices > prices.schema.json
  # then, as the first line of costper.yaml:
  # yaml-language-server: $schema=costper.schema.json
"""

from __future__ import annotations

import argparse
import json

from costper.allocation.drivers import DRIVERS
from costper.cli.context import Context
from costper.config.schema import Schema, json_schema, prices_schema
from costper.sources import SOURCES


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept --prices."""
    parser.add_argument("--prices", action="store_true", help="of a file of own prices")


def run(args: argparse.Namespace, context: Context) -> int:
    """Print it."""
    context.stdout.write(prices_text() if args.prices else text())
    return 0


def text() -> str:
    """Give the schema as it is committed in schema/costper.schema.json."""
    return _written(json_schema(SOURCES, tuple(DRIVERS)))


def prices_text() -> str:
    """Give the schema as it is committed in schema/prices.schema.json."""
    return _written(prices_schema())


def _written(schema: Schema) -> str:
    return f"{json.dumps(schema, indent=2, ensure_ascii=False)}\n"
