"""A sync in a thread of its own, beside those who ask; allocates what changed, as the verb does."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import contextmanager
from datetime import datetime

from costper.errors import BusyError, CostperError, StoppedError
from costper.model.outcome import Issue
from costper.pipeline.allocate import apply
from costper.pipeline.data_sources.upload import forget_uploads
from costper.pipeline.stand_back import stand_back
from costper.pipeline.sync import SyncReport, chosen, heard, sync
from costper.store.activity import Work, WorkState
from costper.store.audit import log
from costper.store.books import Books
from costper.store.duckdb import DuckEngine

TRIES = 240
PAUSE_SECONDS = 0.25

Came = tuple[WorkState, Sequence[Issue]]


def start_sync(books: Books, names: Collection[str], *, actor: str, now: datetime) -> Work:
    """Begin to sync all sources, or those named, and give what has begun.

    Raises:
        UnknownNameError: nobody declared a source of this name.
        BusyError: another sync is running.
        StoppedError: the process is about to end.
    """
    sources = [one.name for one in chosen(books, names)]
    wanted = sources if names else ()
    work = books.activity.start(sources, lambda: _run(books, wanted, now), actor=actor, now=now)
    with books.control.begin() as connection:
        subject = ", ".join(wanted) or "every source"
        log(connection, "sync started", subject, now=now, actor=actor)
    return work


@contextmanager
def stopped_with(books: Books) -> Generator[None]:
    """Clear away what a crash left half sent; end a sync that is at work when the block is left."""
    forget_uploads(books)
    try:
        yield
    finally:
        books.activity.stop(interrupting(books))


def interrupting(books: Books) -> Callable[[threading.Thread], object]:
    """Give what cuts the statement short that a thread runs on these books."""

    def interrupt(thread: threading.Thread) -> None:
        for engine in (books.engine, books.marts):
            if isinstance(engine, DuckEngine):
                engine.interrupt(thread)

    return interrupt


def _run(books: Books, names: Collection[str], now: datetime) -> Came:
    """Do it; whatever goes wrong is told, for nobody waits for this thread's errors."""
    stand_back()
    try:
        return _synced(books, names, now)
    except StoppedError as error:
        return "stopped", (_issue("sync_stopped", error),)
    except CostperError as error:
        return "failed", (_issue("sync_failed", error),)
    except Exception as error:
        if books.activity.stopping:  # a statement was cut short
            return "stopped", (_issue("sync_stopped", StoppedError("the sync was stopped")),)
        logging.getLogger(__name__).exception("the sync failed")
        told = f"a fault in costper; its log says more: {type(error).__name__}"
        return "failed", (Issue("sync_failed", told, "sync"),)


def _synced(books: Books, names: Collection[str], now: datetime) -> Came:
    words = heard(books, str.strip)
    report = _patient(books, names, now, words)
    months = apply(books, now=now, progress=words)
    refused = [month.issue for month in months if month.issue]
    issues = (*report.calls.issues, *report.metrics.issues, *refused)
    return ("failed" if report.failed or refused else "ok"), issues


def _patient(
    books: Books, names: Collection[str], now: datetime, words: Callable[[str], object]
) -> SyncReport:
    """Sync once calls have been charged: the server does that every hour, in the same folder."""
    for _ in range(TRIES):
        try:
            return sync(books, now=now, names=names, progress=words)
        except BusyError:
            words("waiting: calls are being charged")
            time.sleep(PAUSE_SECONDS)
    return sync(books, now=now, names=names, progress=words)


def _issue(code: str, error: CostperError) -> Issue:
    return Issue(code, error.message, error.where or "sync", hint=error.hint)
