"""A command line run in a folder of its own, with what it printed."""

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from costper.cli.context import Context
from costper.cli.main import main

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Ran:
    """What a command gave."""

    code: int
    out: str
    err: str


def context(folder: Path, *, plain: bool = True, **environment: str) -> Context:
    """Give a world whose output is kept."""
    return Context(
        now=NOW,
        environment=environment,
        stdout=io.StringIO(),
        stderr=io.StringIO(),
        cwd=folder,
        plain=plain,
    )


def run(folder: Path, *words: str) -> Ran:
    """Run `costper WORDS` in a folder."""
    world = context(folder)
    code = main(words, world)
    assert isinstance(world.stdout, io.StringIO)
    assert isinstance(world.stderr, io.StringIO)
    return Ran(code, world.stdout.getvalue(), world.stderr.getvalue())
