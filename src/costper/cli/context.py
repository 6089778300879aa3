"""What a verb may know of the world: the time, the environment, where to write."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The world a verb runs in; tests make their own.

    `config` is what --config named. `plain` asks for text without colour and drawing, and is
    also true when standard output is not a terminal.
    """

    now: datetime
    environment: Mapping[str, str]
    stdout: TextIO
    stderr: TextIO
    cwd: Path
    plain: bool = True
    config: Path | None = None

    def say(self, text: str = "") -> None:
        """Write one line of the answer."""
        self.stdout.write(f"{text}\n")

    def tell(self, text: str) -> None:
        """Write one line about the work: progress, and what went wrong."""
        self.stderr.write(f"{text}\n")
        self.stderr.flush()


def real_context(*, plain: bool = False, config: str | None = None) -> Context:
    """Give the context of this process."""
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
