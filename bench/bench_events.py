"""How quickly LLM calls become durable and visible, how small they lie, and in what memory.

python -m bench.bench_events [EVENTS]   3 million unless told; 10 million is the memory run

The road itself runs in one process: offers of 1,000 made before, 64 of them waiting at a time. Over
HTTP the client has a process of its own, on the same cores. `bench_ingest` posts for longer, and
`bench_users` asks what came of it.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.calls import NOW, events, settings_of
from bench.calls_http import load, served, settled
from bench.calls_server import mib
from bench.measure import Figure, cpu_seconds, report
from costper.errors import CostperError
from costper.events.event import Event
from costper.pipeline.calls.fold import MOST_EVENTS, Fold
from costper.pipeline.calls.intake import Intake, open_intake
from costper.pipeline.calls.pricing import pricing_of
from costper.pipeline.calls.told import batches_of
from costper.rating.prices import bundled
from costper.store.books import Books, open_books

EVENTS = 3_000_000
EACH, WAITING = 1_000, 64
MADE = 200
"""Offers that are made before; each time they are sent they get other ids."""

BEGAN_US = int(NOW.timestamp()) * 1_000_000
SPAN_US = 60_000_000
FOLDS = 4


def main(most: int) -> int:
    """Measure the road, then the road over HTTP."""
    folder = Path(tempfile.gettempdir()) / "costper-bench"
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as work:
        figures = [_fold_alone(Path(work) / "fold")]
        figures += _road(Path(work) / "road", most)
        figures += _over_http(Path(work))
    return report(*figures)


def _fold_alone(work: Path) -> Figure:
    """Fold full batches with nothing beside, by processor time."""
    with _books(work) as books:
        fold = Fold(books=books, pricing=pricing_of(bundled()), aside=lambda _seq, _why: None)
        used: list[float] = []
        first = 1
        for number in range(FOLDS + 1):
            told = events(number, MOST_EVENTS, BEGAN_US + number * SPAN_US, SPAN_US)
            batches = tuple(batches_of(told, first, BEGAN_US))
            first = batches[-1].seq + 1
            used.append(cpu_seconds(lambda: fold.take(batches)))  # noqa: B023 - called at once
    rate = FOLDS * MOST_EVENTS / sum(used[1:])
    return Figure(
        name="folded events a second of one core", value=rate, bound=250_000, unit="/s",
        at_most=False,
    )  # fmt: skip


def _road(work: Path, most: int) -> list[Figure]:
    offers = [events(seed, EACH, BEGAN_US, SPAN_US) for seed in range(MADE)]
    with _books(work) as books:
        intake = open_intake(books, pricing_of(bundled()))
        intake.start()
        sender = _Sender(intake, offers)
        began = time.perf_counter()
        sender.send(most // 2)
        early = _beside_cache(books)
        sender.send(most - most // 2)
        acknowledged = time.perf_counter() - began
        late = _beside_cache(books)
        intake.close()
        visible = time.perf_counter() - began
        (row,) = books.marts.query("SELECT SUM(calls) AS n FROM call_hourly").to_pylist()
        if row["n"] != sender.sent:
            raise SystemExit(f"{sender.sent} calls were sent, the books hold {row['n']}")
    size = (work / ".costper" / "books.duckdb").stat().st_size
    return [
        Figure(
            name="acknowledged events a second, offers of 1,000", value=most / acknowledged,
            bound=250_000, unit="/s", at_most=False,
        ),
        Figure(
            name="visible events a second", value=most / visible, bound=150_000, unit="/s",
            at_most=False,
        ),
        Figure(name="bytes of an event in the books", value=size / most, bound=100, unit="B"),
        Figure(
            name=f"memory after {most:,} / after half of them", value=late / early, bound=1.2,
            unit="x",
        ),
    ]  # fmt: skip


def _beside_cache(books: Books) -> float:
    """Give the memory of this process without the pages of the books, in MiB.

    The engine keeps those as long as there is room: store.memory_limit_gib says how much.
    """
    (row,) = books.marts.query(
        "SELECT SUM(memory_usage_bytes) AS n FROM duckdb_memory() WHERE tag = 'BASE_TABLE'"
    ).to_pylist()
    return mib() - int(row["n"]) / 2**20


class _Sender:
    """Offers what was made, as often as wanted, never more than some at a time."""

    def __init__(self, intake: Intake, offers: Sequence[list[Event]]) -> None:
        self.sent = 0
        self._intake, self._offers = intake, offers
        self._numbers = itertools.count()
        self._free = threading.Semaphore(WAITING)

    def send(self, most: int) -> None:
        """Offer so many events, and wait until they are durable."""
        until = self.sent + most // EACH * EACH
        while self.sent < until:
            self._free.acquire()
            self._intake.pass_on(self._next(), BEGAN_US, self._bell, None)
            self.sent += EACH
        for _ in range(WAITING):
            self._free.acquire()
        for _ in range(WAITING):
            self._free.release()

    def _next(self) -> list[Event]:
        number = next(self._numbers)
        offer = self._offers[number % MADE]
        run = f"{number:08d}"
        for event in offer:
            event.external_request_id = f"chatcmpl-{run}{event.external_request_id[-20:]}"
        return offer

    def _bell(self, tokens: Sequence[object], failed: CostperError | None) -> None:
        if failed is not None:
            raise failed
        for _ in tokens:
            self._free.release()


def _over_http(work: Path) -> list[Figure]:
    """Post single calls to a server that keeps them and to one that does not; then batches."""
    kept: list[dict[str, Any]] = []
    nothing: list[dict[str, Any]] = []
    acknowledged = visible = 0.0
    for number in range(2):
        with served(work / f"nothing-{number}", "nothing") as (port, _):
            nothing.append(load(port, 1, first=1))
        with served(work / f"kept-{number}", "kept") as (port, server):
            kept.append(load(port, 1, first=1))
            began = time.perf_counter()
            batches = load(port, EACH, first=50_000_000)
            settled(server)
            acknowledged = batches["rate"] * EACH
            visible = batches["taken"] * EACH / (time.perf_counter() - began)
    ratio = max(run["rate"] for run in kept) / max(run["rate"] for run in nothing)
    print(
        f"single calls a second: {max(run['rate'] for run in kept):,.0f} durable, "
        f"{max(run['rate'] for run in nothing):,.0f} kept nowhere"
    )
    return [
        Figure(
            name="durable single calls / kept nowhere", value=ratio, bound=0.5, unit="x",
            at_most=False,
        ),
        Figure(
            name="p99 of an acknowledgement over 64 connections",
            value=min(run["p99"] for run in kept), bound=50, unit="ms",
        ),
        Figure(
            name="acknowledged over HTTP, posts of 1,000", value=acknowledged,
            bound=250_000, unit="/s", at_most=False,
        ),
        Figure(
            name="visible over HTTP, posts of 1,000", value=visible, bound=150_000, unit="/s",
            at_most=False,
        ),
    ]  # fmt: skip


@contextmanager
def _books(work: Path) -> Generator[Books]:
    books = open_books(settings_of(work), now=NOW)
    try:
        yield books
    finally:
        books.close()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS))
