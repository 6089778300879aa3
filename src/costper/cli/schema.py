"""Print the JSON schema of costper.yaml, which editors check and complete with.

Examples:
  costper schema > costper.schema.json
  # then, as the first line of costper.yaml:
  # yaml-language-server: $schema=costper.schema.json
"""

from __future__ import annotations

import argparse
import json

from costper.allocation.drivers import DRIVERS
from costper.cli.context import Context
from costper.config.schema import json_schema
from costper.sources import SOURCES


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept nothing of its own."""
    del parser


def run(args: argparse.Namespace, context: Context) -> int:
    """Print it."""
    del args
    context.stdout.write(text())
    return 0


def text() -> str:
    """Give the schema as it is committed in schema/costper.schema.json."""
    return f"{json.dumps(json_schema(SOURCES, tuple(DRIVERS)), indent=2, ensure_ascii=False)}\n"
