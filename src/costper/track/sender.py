"""Takes records from callers at once, and delivers them from a thread of its own."""

from __future__ import annotations

import secrets
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from costper.track import quiet
from costper.track.post import Reply, post
from costper.track.spool import Spool
from costper.track.tape import Tape
from costper.track.told import event_of

MOST_EVENTS = 500
MOST_BATCH_BYTES = 1024 * 1024
FIRST_WAIT_S, LONGEST_WAIT_S = 1, 60
FILES_A_ROUND = 16
PAUSE_S = 0.0002


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much is kept, and for how long anything may take; bytes and seconds."""

    records: int = 10_000
    record_bytes: int = 64 * 1024 * 1024
    spool_bytes: int = 64 * 1024 * 1024
    gather_s: float = 0.5
    post_s: int = 10
    exit_s: float = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """What became of the calls so far: `dropped` were lost, `refused` costper does not take."""

    recorded: int
    delivered: int
    dropped: int
    refused: int
    spooled: int


class Sender:
    """Delivers what clients of one server record.

    `put` is all a caller's thread ever does here. Nothing else of this class is called there but
    `flush`, which waits as long as it is told to.
    """

    def __init__(self, url: str, key: str, folder: Path, limits: Limits) -> None:
        self.url = url
        self._key = key
        self._limits = limits
        self._spool = Spool(folder, limits.spool_bytes)
        self.forked()

    def forked(self) -> None:
        """Begin anew: a forked process has the locks of its parent, and none of its threads."""
        # Reentrant, for a dropped stream may be ended by the collector in the middle of a put.
        self._lock = threading.RLock()
        self._records: deque[Tape] = deque()
        self._bytes = 0
        self._thread: threading.Thread | None = None
        self._wake = threading.Event()
        self._urgent = threading.Event()
        self._making: list[Tape] = []
        self._flying: Sequence[bytes] = ()
        self._waiters: list[threading.Event] = []
        self._not_before = 0.0
        self._wait_s = 0
        self._recorded = self._delivered = self._dropped = self._refused = self._spooled = 0

    def put(self, tape: Tape) -> None:
        """Take a record, or count it as dropped where too many wait already."""
        with self._lock:
            self._recorded += 1
            if (
                len(self._records) >= self._limits.records
                or self._bytes + tape.kept > self._limits.record_bytes
            ):
                self._dropped += 1
                return
            self._bytes += tape.kept
            self._records.append(tape)
        if not self._wake.is_set():
            self._start()
            self._wake.set()

    def flush(self, within_s: float) -> bool:
        """Wait until what was recorded so far is delivered, or on disk; tell whether all of it is.

        False says that the server is away, that events wait on disk or were dropped meanwhile, or
        that time was short.
        """
        dropped = self._dropped
        with self._lock:
            if self._thread is None and not self._records and self._spool.is_empty():
                return True
            done = threading.Event()
            self._waiters.append(done)
        if not self._start():
            return False
        self._urgent.set()
        self._wake.set()
        return done.wait(within_s) and self._spool.is_empty() and self._dropped == dropped

    def close(self) -> None:
        """Deliver what is left at exit, or write it down where that takes too long."""
        with self._lock:
            idle = not (self._records or self._making or self._flying)
        if idle or self.flush(self._limits.exit_s):
            return
        with self._lock:
            left = [*self._flying, *self._lines((*self._making, *self._records))]
            self._records.clear()
        if left and not self._spool.keep(left):
            quiet.once("exit", f"{len(left)} calls are lost: {self.url} and the disk are away")

    def stats(self) -> Stats:
        """Say what became of the calls so far."""
        return Stats(
            recorded=self._recorded,
            delivered=self._delivered,
            dropped=self._dropped,
            refused=self._refused,
            spooled=self._spooled,
        )

    def _start(self) -> bool:
        """Start the thread with the first record: a program that makes no call has none.

        False where none can be started, as at exit: what is left is written down then.
        """
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                return True
            thread = threading.Thread(target=self._run, name="costper-track", daemon=True)
            self._thread = thread
            try:
                thread.start()
            except RuntimeError:
                self._thread = None
        return self._thread is not None

    def _run(self) -> None:
        while True:
            try:
                self._round()
            except Exception as error:  # noqa: BLE001 - a thread that ends delivers nothing more
                quiet.failed("delivering", error)
                self._dropped += len(self._flying)
                self._flying = ()
                time.sleep(1)

    def _round(self) -> None:
        away = self._not_before - time.monotonic()
        waiting = (self._spooled or self._wait_s) and not self._spool.is_empty()
        self._wake.wait(max(away, 0.0) if waiting else None)
        self._urgent.wait(self._limits.gather_s)
        self._wake.clear()
        self._urgent.clear()
        with self._lock:
            waiters, self._waiters = self._waiters, []
        while self._making or self._drain():
            self._flying = self._lines(self._making)
            self._making = []
            for batch in batches_of(self._flying):
                self._give(batch)
        self._backlog()
        for waiter in waiters:
            waiter.set()

    def _drain(self) -> bool:
        """Take the next records from the queue; false where there is none."""
        with self._lock:
            while self._records and len(self._making) < MOST_EVENTS:
                self._bytes -= self._records[0].kept
                self._making.append(self._records.popleft())
        return bool(self._making)

    def _lines(self, records: Sequence[Tape]) -> list[bytes]:
        """Make events; one that cannot be made is dropped, and the others are kept."""
        found: list[bytes] = []
        for tape in records:
            # Who waits for the interpreter gets it between two records, not after all of them.
            time.sleep(PAUSE_S)
            try:
                event = event_of(tape)
                if event is not None:
                    found.append(msgspec.json.encode(event))
            except Exception as error:  # noqa: BLE001 - one odd response must not stop the others
                self._dropped += 1
                quiet.failed("reading a response", error)
        return found

    def _give(self, batch: Sequence[bytes]) -> None:
        """Deliver a batch, or write it down."""
        if self._is_away() or not self._deliver(batch):
            if self._spool.keep(batch):
                self._spooled += len(batch)
            else:
                self._dropped += len(batch)
        self._flying = self._flying[len(batch) :]

    def _is_away(self) -> bool:
        return time.monotonic() < self._not_before

    def _deliver(self, batch: Sequence[bytes]) -> bool:
        """Send a batch, in halves where something in it is broken; false where it must wait."""
        reply = post(self.url, self._key, batch, within_s=self._limits.post_s)
        if reply.kind == "away":
            self._back_off(reply)
            return False
        self._wait_s, self._not_before = 0, 0.0
        if reply.kind == "taken":
            self._delivered += len(batch) - reply.refused
            self._note_refused(reply.refused, reply.why)
            return True
        if len(batch) == 1:
            self._note_refused(1, reply.why)
            return True
        half = len(batch) // 2
        return self._deliver_all((batch[:half], batch[half:]))

    def _deliver_all(self, halves: Sequence[Sequence[bytes]]) -> bool:
        """Send halves; what must wait is written down with what was sent, and counted once."""
        return all(self._deliver(half) for half in halves)

    def _note_refused(self, count: int, why: str) -> None:
        if count:
            self._refused += count
            quiet.once(f"refused {why}", f"{self.url} does not take {count} calls: {why}")

    def _back_off(self, reply: Reply) -> None:
        """Wait twice as long as before, or as the server says; not all processes at once."""
        self._wait_s = min(self._wait_s * 2 or FIRST_WAIT_S, LONGEST_WAIT_S)
        wait = self._wait_s if reply.retry_after_s is None else reply.retry_after_s
        self._not_before = time.monotonic() + wait * (100 + secrets.randbelow(25)) / 100
        quiet.once("away", f"{self.url} is away ({reply.why}); calls wait on disk")

    def _backlog(self) -> None:
        """Send what waits on disk, of this process or an earlier one, while the server answers."""
        for _ in range(FILES_A_ROUND):
            if self._is_away():
                return
            found = self._spool.take()
            if found is None:
                return
            taken, lines = found
            if all(self._deliver(batch) for batch in batches_of(lines)):
                self._spool.sent(taken)
            else:
                self._spool.put_back(taken)
        self._wake.set()


def batches_of(lines: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """Cut events into bodies a server takes at once."""
    start = size = 0
    for at, line in enumerate(lines):
        if at > start and (at - start >= MOST_EVENTS or size + len(line) > MOST_BATCH_BYTES):
            yield lines[start:at]
            start, size = at, 0
        size += len(line)
    if start < len(lines):
        yield lines[start:]
