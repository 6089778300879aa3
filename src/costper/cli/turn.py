"""One turn of a server: from reading costper.yaml until it stops or begins again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from costper.cli.context import Context
from costper.cli.sample import Sample
from costper.cli.settings import config_path, settings_or_issues
from costper.errors import CostperError
from costper.web.hosting import Hosting

PAUSE_SECONDS = 0.02
PATIENCE_SECONDS = 5


class Turn:
    """Knows how the server is stopped, and which costper.yaml is served `next`, if any."""

    def __init__(self, context: Context) -> None:
        """Begin with the settings the context names."""
        self.next: Path | None = None
        self._context = context
        self._stop: Callable[[], None] = _nothing
        self._takes: Callable[[], bool] = _never
        self._lock = threading.Lock()
        sample = Sample(context.cwd, self._begin)
        self.hosting = Hosting(
            begin_again=self._begin_again_and_wait, make_sample=sample.begin, making=sample.making
        )

    def stops(self, stop: Callable[[], None], takes: Callable[[], bool]) -> None:
        """Take what stops the server, and what says whether it still takes callers."""
        self._stop, self._takes = stop, takes

    def stop(self) -> None:
        """Stop for good."""
        with self._lock:
            self.next = None
            self._stop()

    def _begin(self, config: Path) -> None:
        with self._lock:
            self.next = config
            self._stop()

    def _begin_again_and_wait(self) -> str:
        """Begin again, and wait until whoever calls next is answered by what is then served."""
        wrong = self.begin_again()
        until = time.monotonic() + PATIENCE_SECONDS
        while not wrong and self._takes() and time.monotonic() < until:
            time.sleep(PAUSE_SECONDS)
        return wrong

    def begin_again(self) -> str:
        """Read costper.yaml, and begin again unless something is wrong in it."""
        config = config_path(self._context)
        try:
            found = settings_or_issues(replace(self._context, config=config))
        except CostperError as error:
            return error.text()
        wrong = [issue.text() for issue in found.issues if issue.severity == "error"]
        if wrong or not found.items:
            return "\n".join(wrong)
        self._begin(config)
        return ""


def _nothing() -> None:
    """Do nothing: no server runs yet, or any more."""


def _never() -> bool:
    """Say no: no server runs yet."""
    return False
