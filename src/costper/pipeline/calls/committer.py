"""Group commit: one thread writes whatever came while it was writing, then says so."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from costper.errors import BooksError, CostperError, UserError
from costper.events.event import Event
from costper.pipeline.calls.told import Written, batches_of_offers
from costper.store.spool import Batch, Spool

MOST_EVENTS = 16_384
"""Events of one transaction, so that no sender waits for much more than its own."""

Bell = Callable[[Sequence[object], CostperError | None], None]
"""Told once for each transaction: the tokens it was given, and why they failed, if they did."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Events that wait to be written; the bell rings with the token once they are durable."""

    events: Sequence[Event] | Written
    received_us: int
    bell: Bell
    token: object


class Committer:
    """Writes offers to the spool, several in one transaction."""

    def __init__(self, spool: Spool, written: Callable[[Sequence[Batch], int], None]) -> None:
        """Begin with nothing; `written` hears of batches and of how many offers' events."""
        self._spool = spool
        self._written = written
        self._queue: SimpleQueue[Offer | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="spool", daemon=True)
        self.folded = 0
        """Up to here batches may be forgotten, which the next transaction does."""

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def put(self, offer: Offer) -> None:
        """Let an offer wait for the next transaction."""
        self._queue.put(offer)

    def forget(self, seq: int) -> None:
        """Forget the batches up to a number, soon."""
        self.folded = seq
        self._queue.put(Offer((), 0, _unheard, None))

    def close(self) -> None:
        """Write what waits, then stop."""
        self._queue.put(None)
        if self._thread.is_alive():
            self._thread.join()

    def _work(self) -> None:
        going = True
        while going:
            offers, going = self._gathered()
            self._commit(offers)

    def _gathered(self) -> tuple[list[Offer], bool]:
        """Wait for one offer and take those behind it; false with the last ones ever."""
        offers: list[Offer] = []
        events = 0
        found = self._queue.get()
        while found is not None:
            offers.append(found)
            events += len(found.events)
            if events >= MOST_EVENTS:
                return offers, True
            try:
                found = self._queue.get_nowait()
            except Empty:
                return offers, True
        return offers, False

    def _commit(self, offers: list[Offer]) -> None:
        taken = sum(len(offer.events) for offer in offers)
        failed: CostperError | None = BooksError("the calls could not be written down")
        batches: tuple[Batch, ...] = ()
        folded, self.folded = self.folded, 0
        try:
            batches, offers = self._batches(offers)
            self._spool.write(batches, folded=folded)
            failed = None
        except BooksError as error:
            failed = error
        finally:  # nobody is left waiting, whatever went wrong
            self._written(() if failed else batches, taken)
            _ring(offers, failed)

    def _batches(self, offers: list[Offer]) -> tuple[tuple[Batch, ...], list[Offer]]:
        """Write offers down; those that cannot be written are told, and left out."""
        try:
            return self._told(offers), offers
        except (ValueError, TypeError, OverflowError):
            good = [offer for offer in offers if not _refused(offer)]
            return self._told(good), good

    def _told(self, offers: Sequence[Offer]) -> tuple[Batch, ...]:
        received = min((offer.received_us for offer in offers if offer.events), default=0)
        told = (offer.events for offer in offers)
        return tuple(batches_of_offers(told, self._spool.next, received))


def _refused(offer: Offer) -> bool:
    """Tell an offer that cannot be written why."""
    try:
        for _ in batches_of_offers([offer.events], 1, 0):
            pass
    except (ValueError, TypeError, OverflowError) as error:
        refusal = UserError(f"an event cannot be written down: {error}")
        offer.bell((offer.token,), refusal)
        return True
    return False


def _ring(offers: Sequence[Offer], failed: CostperError | None) -> None:
    """Tell every bell once."""
    tokens: dict[int, tuple[Bell, list[object]]] = {}
    for offer in offers:
        bell, heard = tokens.setdefault(id(offer.bell), (offer.bell, []))
        heard.append(offer.token)
    for bell, heard in tokens.values():
        bell(heard, failed)


def _unheard(_tokens: Sequence[object], _failed: CostperError | None) -> None:
    """Nobody waits."""
