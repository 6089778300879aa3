"""What a verb may know of the world: the time, the environment, where to write."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from costper.cli.printable import clean

if TYPE_CHECKING:  # the engines are slow to import, and --help must be quick
    from costper.pipeline.calls.road import Calls
    from costper.store.books import Books


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The world a verb runs in; tests make their own.

    `config` is what --config named. `plain` asks for text without colour and drawing, and is
    also true when standard output is not a terminal. `books` are those a running server lends
    to the verb, and `calls` what takes LLM calls there; a verb opens its own where there are none.
    """

    now: datetime
    environment: Mapping[str, str]
    stdout: TextIO
    stderr: TextIO
    cwd: Path
    plain: bool = True
    config: Path | None = None
    books: Books | None = None
    calls: Calls | None = None

    def say(self, text: str = "") -> None:
        """Write one line of the answer."""
        self.stdout.write(f"{text}\n")

    def tell(self, text: str) -> None:
        """Write one line about the work: progress, and what went wrong.

        It may quote names from bills: what a terminal would obey is shown as plain letters.
        """
        self.stderr.write("\n".join(map(clean, text.split("\n"))) + "\n")
        self.stderr.flush()


def real_context(*, plain: bool = False, config: str | None = None) -> Context:
    """Give the context of this process; what its output cannot spell is printed as `?`."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    return Context(
        now=datetime.now(UTC),
        environment=os.environ,
        stdout=sys.stdout,
        stderr=sys.stderr,
        cwd=Path.cwd(),
        plain=plain or not sys.stdout.isatty(),
        config=Path(config) if config else None,
    )


def wants_colour(context: Context) -> bool:
    """Say whether colour is welcome: a terminal, and no NO_COLOR."""
    return not context.plain and not context.environment.get("NO_COLOR")
