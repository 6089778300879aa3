"""Withdraws a source: takes its charges out, and allocates the months they were in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from costper.model.delivery import Delivery
from costper.pipeline.allocate import MonthDone, apply
from costper.store.books import Books
from costper.store.withdraw import withdraw


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What was taken out, and what came of the months."""

    withdrawn: tuple[Delivery, ...]
    months: tuple[MonthDone, ...]


def withdraw_source(books: Books, source: str, *, reason: str, now: datetime) -> Withdrawn:
    """Withdraw what a source brought that costper.yaml no longer names; logged, with the reason.

    Raises UserError as `withdraw` does, BusyError while a sync is at work.
    """
    with books.activity.alone():
        gone = withdraw(books, source, reason=reason, now=now)
    return Withdrawn(gone, apply(books, now=now))
