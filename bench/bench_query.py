"""How quick is a question in letters over HTTP, with a formula, groups and a comparison?

The books are those of bench_answers with 40 metrics in 50 segments for three years beside the
bill. Every question asks of other days, other metrics or another condition than those before it,
so no reply comes from a cache. The cold one is the first that a server answers after its start.

    python -m bench.bench_query [LINES]     100 million unless told; the first run takes minutes
"""

from __future__ import annotations

import itertools
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import httpx2 as httpx

from bench.bench_answers import LINES, NOW, served
from bench.bill import write_bill, write_customers, write_usage
from bench.books import bench_settings
from bench.measure import MILLISECONDS, Figure, median_ms, peak_gib, report, seconds
from bench.measurements import METRICS, numbers_config, write_numbers
from costper.config.settings import Settings
from costper.economics.calendar import months_on
from costper.pipeline.allocate import apply
from costper.pipeline.sync import sync
from costper.store.books import open_books

Question = dict[str, object]
WARM_MS = 50.0
COLD_MS = 500.0
STARTS = 5
LAST = date(2026, 10, 30)


def main(lines: int) -> int:
    """Build the books once, then ask them."""
    work = _kept(Path(tempfile.gettempdir()) / "costper-bench", lines)
    numbers = itertools.count()
    asked = {
        "30 days by team, compared": lambda: _by_team(numbers, 30),
        "30 days by team of one environment, compared": lambda: _conditioned(numbers),
        "three months by month and team, compared": lambda: _by_month(numbers, 3),
        "six months by month and team, compared": lambda: _by_month(numbers, 6),
        "12 weeks by week and team, compared": lambda: _by_week(numbers),
        "90 days by day, moving mean, compared": lambda: _by_day(numbers),
    }
    cold = [_cold(work, asked["30 days by team, compared"]()) for _ in range(STARTS)]
    print(f"cold: {', '.join(f'{one:.0f}' for one in cold)} ms")
    with served(work) as client:
        warm = {name: median_ms(_post(client, ask), times=15) for name, ask in asked.items()}
    figures = [
        Figure(name=f"{name}, median", value=value, bound=WARM_MS, unit="ms")
        for name, value in warm.items()
    ]
    first = Figure(
        name="the first question of a server, median",
        value=statistics.median(cold),
        bound=COLD_MS,
        unit="ms",
    )
    return report(*figures, first)


def _kept(folder: Path, lines: int) -> Path:
    """Land and allocate; what bench_answers landed is copied and not read again."""
    work, answers = folder / f"query-{lines}", folder / f"answers-{lines}"
    if answers.exists() and not work.exists():
        shutil.copytree(answers, work, ignore=shutil.ignore_patterns("*.sock"))
    settings = bench_settings(
        work,
        bills=write_bill(folder / f"bills-{lines}", lines)[0].parent,
        usage=write_usage(folder / "usage")[0].parent,
        customers=write_customers(folder),
        numbers=numbers_config(write_numbers(folder / "numbers")[0].parent),
    )
    _landed(settings)
    return work


def _landed(settings: Settings) -> None:
    books = open_books(settings, now=NOW)
    landed = seconds(lambda: sync(books, now=NOW))
    allocated = seconds(lambda: apply(books, now=NOW))
    books.close()
    print(f"landed in {landed:.0f} s, allocated in {allocated:.0f} s, peak {peak_gib():.1f} GiB")


def _cold(work: Path, question: Question) -> float:
    """Time the first question of a server, from the moment it says that it listens."""
    with served(work) as client:
        return seconds(_post(client, lambda: question)) * MILLISECONDS


def _post(client: httpx.Client, ask: Callable[[], Question]) -> Callable[[], object]:
    return lambda: client.post("/api/v1/query", json=ask()).raise_for_status()


def _letters(number: int, cost: str = "cost") -> Question:
    return {
        "letters": {"a": f"metric m{2 * number % METRICS:02}", "b": cost},
        "formula": "b / (a / 1000)",
        "compare": "previous",
    }


def _ending(number: int) -> date:
    """Give another last day for each number; every metric is asked once before any again."""
    return LAST - timedelta(days=number % 97)


def _by_team(numbers: Iterator[int], days: int) -> Question:
    number = next(numbers)
    since = _ending(number) - timedelta(days=days)
    return {**_letters(number), "by": ["team"], "from": str(since), "to": str(_ending(number))}


def _conditioned(numbers: Iterator[int]) -> Question:
    number = next(numbers)
    named = _letters(number, f"cost where environment = {('production', 'staging')[number % 2]}")
    return {**_by_team(iter([number]), 30), **named}


def _by_month(numbers: Iterator[int], months: int) -> Question:
    number = next(numbers)
    until = months_on(date(2026, 11, 1), -(number % (12 - 2 * months + 1)))
    since = months_on(until, -months)
    days = {"from": str(since), "to": str(until)}
    return {**_letters(number), **days, "by": ["team"], "grain": "month", "unit": f"user {number}"}


def _by_week(numbers: Iterator[int]) -> Question:
    return {**_by_team(numbers, 84), "grain": "week"}


def _by_day(numbers: Iterator[int]) -> Question:
    found = {**_by_team(numbers, 90), "grain": "day", "formula": "movingAvg(b / a, 7)"}
    del found["by"]
    return found


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else LINES))
