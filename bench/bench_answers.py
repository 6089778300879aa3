"""How quick are answers over a year of a large bill, in the engine and over HTTP?

Every question is asked of other days or another customer, so no reply comes from a cache. The
books stay in the temporary folder: a second run only asks.

    python -m bench.bench_answers [LINES]     100 million unless told; the first run takes minutes
"""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx2 as httpx

from bench.bill import CUSTOMERS, restate, write_bill, write_customers, write_usage
from bench.books import bench_settings
from bench.measure import Figure, median_ms, peak_gib, report, seconds
from costper.config.settings import Settings
from costper.pipeline.allocate import apply
from costper.pipeline.sync import sync
from costper.store.books import open_books

NOW = datetime(2026, 11, 5, tzinfo=UTC)
LINES = 100_000_000
ONE_CUSTOMER = """
SELECT dim_service, SUM(effective_cost) AS cost FROM legs
WHERE dim_customer = $customer AND day >= $start AND day < $end GROUP BY dim_service
"""
COSTPER = Path(sys.executable).with_name("costper")


def main(lines: int) -> int:
    """Build the books once, then ask them."""
    folder = Path(tempfile.gettempdir()) / "costper-bench"
    work = folder / f"answers-{lines}"
    bills = write_bill(folder / f"bills-{lines}", lines)
    settings = bench_settings(
        work,
        bills=bills[0].parent,
        usage=write_usage(folder / "usage")[0].parent,
        customers=write_customers(folder),
    )
    _kept(settings)
    _in_engine(settings)  # the file is read into memory; a book nobody asked lies on the disk
    figures = [_in_engine(settings)]
    numbers, days = itertools.count(23, 89), itertools.count()
    with served(work) as client:
        first = _over_http(client, numbers, days)
        quiet = _over_http(client, numbers, days)
        with _busy(work, bills[-1], lines):
            busy = _over_http(client, numbers, days)
    figures += [
        Figure(name=name, value=value, bound=BOUNDS_MS[name], unit="ms")
        for name, value in quiet.items()
    ]
    figures += [
        Figure(
            name=f"{name}, while syncing / quiet",
            value=busy[name] / quiet[name],
            bound=1.5,
            unit="x",
        )
        for name in quiet
    ]
    told = ", ".join(f"{name.split(' over')[0]} {value:.0f} ms" for name, value in first.items())
    print(f"the first questions of a server just started, medians without a limit: {told}")
    return report(*figures)


BOUNDS_MS = {
    "one customer over HTTP, median": 15.0,
    "all customers' margins over HTTP, median": 50.0,
    "365 days by team over HTTP, median": 30.0,
}


def _kept(settings: Settings) -> None:
    """Land and allocate; nothing happens where that was done before."""
    books = open_books(settings, now=NOW)
    landed = seconds(lambda: sync(books, now=NOW))
    allocated = seconds(lambda: apply(books, now=NOW))
    books.close()
    print(f"landed in {landed:.0f} s, allocated in {allocated:.0f} s, peak {peak_gib():.1f} GiB")


def _in_engine(settings: Settings) -> Figure:
    """Ask what one customer cost by service over 30 days, of another customer each time."""
    books = open_books(settings, now=NOW)
    numbers = itertools.count(17, 97)

    def ask() -> None:
        customer = f"c{next(numbers) % CUSTOMERS:05d}"
        days = {"start": date(2026, 10, 1), "end": date(2026, 10, 31)}
        books.marts.query(ONE_CUSTOMER, {"customer": customer, **days})

    median = median_ms(ask, times=50)
    books.close()
    return Figure(name="one customer in the engine, median", value=median, bound=5, unit="ms")


def _over_http(
    client: httpx.Client, numbers: Iterator[int], days: Iterator[int]
) -> dict[str, float]:

    def get(path: Callable[[], str]) -> Callable[[], object]:
        return lambda: client.get(path()).raise_for_status()

    def window(length: int) -> str:
        until = date(2026, 10, 30) - timedelta(days=next(days) % 120)
        return f"from={until - timedelta(days=length)}&to={until}"

    asked: dict[str, Callable[[], str]] = {
        "one customer over HTTP, median": lambda: (
            f"/api/v1/costs/customers/c{next(numbers) % CUSTOMERS:05d}?{window(30)}"
        ),
        "all customers' margins over HTTP, median": lambda: (
            f"/api/v1/costs/customers?limit={CUSTOMERS}&{window(30)}"
        ),
        "365 days by team over HTTP, median": lambda: f"/api/v1/costs/trend?by=team&{window(300)}",
    }
    return {name: median_ms(get(path), times=60) for name, path in asked.items()}


@contextmanager
def served(work: Path) -> Generator[httpx.Client]:
    """Serve books and give a client of that server."""
    server = subprocess.Popen(
        [COSTPER, "serve", "--port", "0"], cwd=work, stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        address = re.search(r"http://\S+", server.stdout.readline())
        assert address is not None
        with httpx.Client(base_url=address[0], timeout=60) as client:
            yield client
    finally:
        server.terminate()
        server.wait()


@contextmanager
def _busy(work: Path, bill: Path, lines: int) -> Generator[None]:
    """Restate a month through the running server, all the while; put it back afterwards."""
    kept = bill.rename(bill.with_suffix(".kept"))
    restate(bill, lines)
    syncing = subprocess.Popen([COSTPER, "sync", "bill"], cwd=work, stdout=subprocess.DEVNULL)
    try:
        yield
        print("the sync was", "still running" if syncing.poll() is None else "over before the end")
    finally:
        syncing.wait()
        kept.rename(bill)
        subprocess.run([COSTPER, "sync", "bill"], cwd=work, stdout=subprocess.DEVNULL, check=False)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else LINES))
