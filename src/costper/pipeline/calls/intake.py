"""The road of a call from the door to the books: offered, durable, folded."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

from costper.errors import BooksError, CostperError
from costper.events.event import Event
from costper.pipeline.calls.committer import Bell, Committer, Offer
from costper.pipeline.calls.fold import MOST_EVENTS, Fold, Pricing, folded_seq
from costper.pipeline.calls.packing import Packing
from costper.pipeline.calls.rekey import rekey
from costper.pipeline.calls.told import Written
from costper.store.books import Books
from costper.store.spool import Batch, NoRoomError, Spool

SPOOL = "spool.sqlite"
HAS_SPOOL = "calls.spool"
"""What the control store remembers once there is a spool."""

GONE = "the spool is gone; what was acknowledged and is not in the books is lost with it"
MIB = 1 << 20
PAUSE_SECONDS = 1.0
"""How long calls gather before they are folded, where few come."""

REST = 6
"""After a fold this many times as long as it took, so that looking through huge books for known
ids takes no more than a seventh of one core; not where many wait."""

MOST_SECONDS = 3.0
"""But no call waits for longer to be seen."""

TROUBLE_SECONDS = 10.0
"""How long a fold that failed waits before it is tried again."""

QUEUE_RETRY_S = 1
SPOOL_RETRY_S = 5


class FullError(BooksError):
    """No more is taken for now; `retry_after_s` says when to come again."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__("too many calls wait for the books", hint=f"again in {retry_after_s} s")
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is on the road: events not durable yet, events not in the books yet, and trouble.

    `spool_size` is in bytes. `folded` counts events folded since the start, `aside` those of
    batches that the books could not take. `trouble` says why nothing is folded, if so.
    """

    queued: int
    spooled: int
    spool_size: int
    folded: int
    aside: int
    trouble: str


class Intake:
    """Takes events, makes them durable, and folds them into the books in a thread of its own."""

    def __init__(self, fold: Fold, spool: Spool, *, queue_max: int, spool_max: int) -> None:
        """Keep at most `queue_max` events in memory and `spool_max` bytes in the spool."""
        self._fold, self._spool, self._packing = fold, spool, Packing(fold.books)
        self._queue_max, self.spool_max = queue_max, spool_max
        self._queued, self._spooled, self._size = 0, 0, 0
        self._aside, self._folded, self._trouble = 0, 0, ""
        self._counted = False
        self._counting = threading.Lock()
        self._folding = threading.Lock()
        self._wake = threading.Event()
        self._closing = self._ended = False
        self._committer = Committer(spool, self._written)
        self._thread = threading.Thread(target=self._work, name="fold", daemon=True)
        try:
            self._count()
        except NoRoomError as error:  # reads are served; calls are refused until there is room
            self._trouble = error.text()

    def start(self) -> None:
        """Begin to write and to fold, at first what an earlier process left."""
        self.start_committing()
        self._wake.set()
        self._thread.start()

    def start_committing(self) -> None:
        """Begin to write only: `fold_now` folds, when asked."""
        self._committer.start()

    def offer(self, events: Sequence[Event], received_at_us: int) -> Future[None]:
        """Give a future that is done once the events are durable.

        Raises FullError when too much waits; nothing of it was taken then.
        """
        future: Future[None] = Future()
        self.pass_on(events, received_at_us, _settle, future)
        return future

    def pass_on(
        self, events: Sequence[Event] | Written, received_at_us: int, bell: Bell, token: object
    ) -> None:
        """Do as `offer`, but ring a bell: once for all tokens of a transaction, not for each.

        The bell rings in another thread, so a door with an event loop makes one call into it.
        Raises FullError when too much waits.
        """
        if self._size > self.spool_max:
            raise FullError(SPOOL_RETRY_S)
        number = len(events)
        with self._counting:
            if self._closing or self._queued + number > max(self._queue_max, number):
                raise FullError(QUEUE_RETRY_S)
            self._queued += number
        self._committer.put(Offer(events, received_at_us, bell, token))

    def fold_now(self) -> int:
        """Bring everything that is durable into the books, and give how many events that were."""
        total = 0
        while done := self._fold_some():
            total += done
        return total

    def standing(self) -> Standing:
        """Say what is on the road."""
        return Standing(
            queued=self._queued,
            spooled=self._spooled,
            spool_size=self._size,
            folded=self._folded,
            aside=self._aside,
            trouble=self._trouble,
        )

    def close(self) -> None:
        """Take no more, make durable and fold what was taken, and let go of the spool."""
        with self._counting:
            self._closing = True
        self._committer.close()
        self._ended = True  # not before: what is still being written is folded as well
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()
        try:
            with suppress(NoRoomError):  # the books say what may be forgotten, next time
                self._spool.write((), folded=self._fold.seq)
        finally:
            self._spool.close()

    def _count(self) -> None:
        """Add, once, what waited when the spool was opened."""
        if self._counted:
            return
        found, aside = self._spool.found, _aside(self._spool)
        with self._counting:
            self._spooled += found.events
            self._size += found.size
            self._aside = aside
        self._counted = True

    def _written(self, batches: Sequence[Batch], taken: int) -> None:
        with self._counting:
            self._queued -= taken
            self._spooled += sum(batch.events for batch in batches)
            self._size += sum(len(batch.body) for batch in batches)
        if batches:
            self._wake.set()

    def _work(self) -> None:
        try:
            while not self._ended:
                self._wake.wait()
                self._wake.clear()
                self._round()
            self._tried()
        except BaseException as error:  # told by `standing`; what was acknowledged is kept
            self._trouble = f"folding has stopped: {error}"
            raise

    def _round(self) -> None:
        """Fold what waits, then let calls gather."""
        began = monotonic()
        failed = not self._tried()
        took = min(REST * (monotonic() - began), MOST_SECONDS)
        rest = TROUBLE_SECONDS if failed else max(PAUSE_SECONDS, took)
        self._gather(rest, trouble=failed)

    def _gather(self, seconds: float, *, trouble: bool) -> None:
        """Wait for more calls, until many wait."""
        until = monotonic() + seconds
        while not self._closing and (left := until - monotonic()) > 0:
            if self._spooled >= MOST_EVENTS and not trouble:
                return
            self._wake.wait(left)
            self._wake.clear()
        if self._spooled or trouble:
            self._wake.set()

    def _tried(self) -> bool:
        """Fold what waits; false where it failed, and the reason is told by `standing`."""
        try:
            while self._fold_some() and (self._spooled >= MOST_EVENTS or self._closing):
                pass  # no more than what waited: a fold of a few calls costs as much as of hundreds
        except CostperError as error:
            self._trouble = error.text()
            return False
        self._trouble = ""
        return True

    def _fold_some(self) -> int:
        with self._folding:
            self._count()
            batches = self._spool.after(self._fold.seq, most_events=MOST_EVENTS)
            if not batches:
                return 0
            if self._fold.take(batches):
                self._aside = _aside(self._spool)
            self._forget(batches)
            self._packing.folded(self._fold.days)
            return sum(batch.events for batch in batches)

    def price_with(self, pricing: Pricing) -> None:
        """Price what is folded from now on with other rates."""
        with self._folding:
            self._fold.price_with(pricing)

    def _forget(self, batches: Sequence[Batch]) -> None:
        with self._counting:
            self._spooled -= sum(batch.events for batch in batches)
            self._size -= sum(len(batch.body) for batch in batches)
            self._folded += sum(batch.events for batch in batches)
        self._committer.forget(batches[-1].seq)
        self._spool.tidy()


def open_intake(books: Books, pricing: Pricing) -> Intake:
    """Open the spool beside the books; what a crash left in it is folded once it starts.

    A spool that is gone is told in the log. Raises BooksError when the spool cannot be read.
    """
    limits = books.settings.llm.ingest
    rekey(books)
    folded = folded_seq(books)
    path = books.settings.store_path / SPOOL
    if is_gone(books):
        logging.getLogger(__name__).warning("%s: %s; beginning with an empty one", path, GONE)
    spool = Spool(path, folded=folded)
    if books.control.remembered(HAS_SPOOL) is None:
        with suppress(BooksError):  # a full disk; next time then
            books.control.remember(HAS_SPOOL, SPOOL)
    fold = Fold(books=books, pricing=pricing, aside=spool.set_aside, seq=folded)
    return Intake(
        fold, spool, queue_max=limits.queue_events_max, spool_max=limits.spool_mib_max * MIB
    )


def is_gone(books: Books) -> bool:
    """Say whether there is no spool, though these books had one."""
    missing = not (books.settings.store_path / SPOOL).exists()
    return missing and books.control.remembered(HAS_SPOOL) is not None


def _aside(spool: Spool) -> int:
    return sum(events for _, events, _ in spool.aside())


def _settle(tokens: Sequence[object], failed: CostperError | None) -> None:
    """Settle the futures of one transaction."""
    for token in tokens:
        if not isinstance(token, Future):
            continue
        if failed is None:
            token.set_result(None)
        else:
            token.set_exception(failed)
