"""Opens the road of calls beside the books: the desk that checks them, the intake that keeps them.

with open_calls(books) as calls:
    batch = accept(read_payload(body), calls.desk, now_us=now)
    calls.intake.offer(batch.events, now).result()
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

from costper.model.call import CALLS
from costper.pipeline.calls.accept import Desk
from costper.pipeline.calls.intake import Intake, open_intake
from costper.pipeline.calls.people import doorkeeper
from costper.pipeline.calls.price_book import catalogue_of, keep_first_list
from costper.pipeline.calls.pricing import pricing_of
from costper.pipeline.calls.refusals import Refusals
from costper.pipeline.calls.usage import Readers
from costper.rating.prices import canonical
from costper.rating.usage import WIRES, read_chunks, read_response, wire_for
from costper.store.books import Books
from costper.store.closing import EVERY_SOURCE, closed
from costper.store.control import Control

READERS = Readers(wires=WIRES, wire_for=wire_for, read=read_response, read_chunks=read_chunks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """What takes calls: `desk` checks them, `intake` makes them durable and folds them."""

    desk: Desk
    intake: Intake


@contextmanager
def open_calls(books: Books) -> Generator[Calls]:
    """Take calls until the block is left; what was acknowledged is in the books then.

    Raises:
        BooksError: the spool cannot be read, or the pepper is not that of these books.
        UserError: what costper.yaml says of people cannot be read, or a file of own prices.
    """
    refusals = Refusals(doorkeeper(books), books.settings.store_path)
    keep_first_list(books)
    intake = open_intake(books, pricing_of(catalogue_of(books)))
    months = _Closed(books.control)
    desk = Desk(
        admit=refusals.admit,
        admit_known=refusals.admit_known,
        admit_columns=refusals.admit_columns,
        canonical=canonical,
        readers=READERS,
        closed_months=months.now,
    )
    intake.start()
    try:
        yield Calls(desk=desk, intake=intake)
    finally:
        intake.close()
        refusals.keep()


@dataclass(slots=True)
class _Closed:
    """The months whose books are closed for calls, read again when anything changed."""

    control: Control
    _months: frozenset[date] = field(default_factory=frozenset[date])
    _at: int = -1

    def now(self) -> frozenset[date]:
        if self._at != self.control.changes:
            self._at = self.control.changes
            self._months = frozenset(
                month for source, month in closed(self.control) if source in {EVERY_SOURCE, CALLS}
            )
        return self._months
