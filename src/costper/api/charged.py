"""Carries LLM calls into the ledger every hour, beside a server that takes them in."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from datetime import datetime

from costper.errors import BusyError, CostperError
from costper.model.outcome import Issue
from costper.pipeline.allocate import apply
from costper.pipeline.calls.charges import land_calls
from costper.store.books import Books

EVERY_SECONDS = 3600.0


def charge(books: Books, now: datetime) -> bool:
    """Land the calls of days that are over, and allocate what changed; says whether anything did.

    A sync that runs meanwhile does the same, so there is nothing to wait for.
    """
    with books.activity.alone():
        try:
            landed = land_calls(books, now=now, today=False)
        except BusyError:
            return False
        _log(landed.issues)
        if not landed.months:
            return False
        _log(month.issue for month in apply(books, now=now) if month.issue)
        return True


def _log(issues: Iterable[Issue]) -> None:
    for issue in issues:
        logging.getLogger(__name__).warning("%s", issue.text())


@contextmanager
def charged(
    books: Books, clock: Callable[[], datetime], seconds: float = EVERY_SECONDS
) -> Generator[None]:
    """Charge calls again and again beside the block, in a thread that ends with it."""
    done = threading.Event()

    def work() -> None:
        while not done.wait(seconds):
            try:
                charge(books, clock())
            except CostperError as error:  # the next hour tries again
                logging.getLogger(__name__).warning("calls were not charged: %s", error.text())
            except Exception:  # the last guard of the thread
                logging.getLogger(__name__).exception("calls were not charged")

    thread = threading.Thread(target=work, name="charged", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
