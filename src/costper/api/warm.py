"""Asks before anybody does, so that the first one to ask waits less."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

from costper.api.callers import Caller
from costper.api.endpoints import ENDPOINTS
from costper.api.replies import Question, Replies
from costper.errors import CostperError

LOOK_SECONDS = 30.0
WARMED = (
    "customers",
    "services",
    "teams",
    "environments",
    "metric_list",
    "verdict",
    "incidents",
    "allocation",
    "sources",
)
"""The endpoints a morning starts with, asked with nothing said of days or pages."""

WARMED_WITH_CALLS = ("llm_features", "llm_prompt_versions", "llm_daily", "llm_spikes")
"""Those of the first page about LLM calls and of the overview, where any call was told of."""


@dataclass(slots=True)
class Warmer:
    """Keeps the first replies of a morning warm.

    Books that are still changing are left alone: a sync goes first.
    """

    replies: Replies
    clock: Callable[[], datetime]
    _seen: str = ""
    _warm: str = ""

    def look(self) -> bool:
        """Ask when the books stand still since the last look and this day's reply is not kept.

        Gives whether it asked; the first look always does.
        """
        now = self.clock()
        books = self.replies.version(now)
        still, self._seen = self._seen in {"", books}, books
        if not still or books == self._warm:
            return False
        self.replies.facts_now()
        wanted = (*WARMED, *WARMED_WITH_CALLS) if self._has_calls() else WARMED
        for endpoint in (one for one in ENDPOINTS if one.name in wanted):
            with suppress(CostperError):  # such as books without a metric: no verdict to keep
                self.replies.reply(Question(endpoint, {}, Caller(), now), "")
        self._warm = books
        return True

    def _has_calls(self) -> bool:
        books = self.replies.states.books
        return books.folded.seq(books.marts) > 0


@contextmanager
def kept_warm(
    replies: Replies, clock: Callable[[], datetime], seconds: float = LOOK_SECONDS
) -> Generator[None]:
    """Look at the books again and again beside the block, in a thread that ends with it."""
    warmer, done = Warmer(replies, clock), threading.Event()

    def work() -> None:
        while True:
            try:
                warmer.look()
            except Exception:  # whoever asks next is told what is wrong; here it only is slow
                logging.getLogger(__name__).debug("cannot warm", exc_info=True)
            if done.wait(seconds):
                return

    thread = threading.Thread(target=work, name="warm", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
