"""How quickly are 10,000 series judged, from the books to the list, and one year forecast?

The series are services of generated books: a week each of its own, noise, and now and then a
spike. The sweep reads them, judges a month of days and names what contributed.

    python -m bench.bench_watch [SERIES]      10,000 unless told
"""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from bench.books import bench_settings
from bench.measure import Figure, cpu_seconds, report
from costper.demo.chance import Chance
from costper.pipeline.answer.anomalies import anomalies
from costper.pipeline.answer.frame import Asked, frame_of
from costper.pipeline.answer.incidents import incident_list
from costper.pipeline.answer.standing import standing
from costper.pipeline.answer.watched import Watch
from costper.store.books import Books, open_books
from costper.store.engine import Parameter, Write
from costper.watch.anomaly import unusual
from costper.watch.drift import drifts
from costper.watch.forecast import forecast

SERIES = 10_000
DAYS = 165
NOW = datetime(2026, 11, 5, tzinfo=UTC)
FIRST = date(2026, 5, 24)
FILL = """
SELECT date_trunc('month', day)::DATE AS month, day, 'USD' AS currency, 'bill' AS source,
  'Usage' AS charge_category, 'team' || (n % 40) AS dim_team, 'service' || n AS dim_service,
  'production' AS dim_environment, '' AS reason, FALSE AS estimated,
  cost AS effective_cost, cost AS billed_cost, cost AS contracted_cost, cost AS list_cost,
  cost AS gross_cost
FROM (
  SELECT n, $first + CAST(t AS INTEGER) AS day, CAST(
      (100 + n % 400) * CASE WHEN (t + n) % 7 < 5 THEN 1.0 ELSE 0.6 END
      * (0.9 + 0.2 * (hash(n * 1000 + t) % 1000) / 1000.0)
      * CASE WHEN hash(n + t * 100000) % 2000 = 0 THEN 4 ELSE 1 END AS DECIMAL(38, 21)) AS cost
  FROM range($series) AS a(n), range($days) AS b(t))
"""


def main(series: int) -> int:
    """Fill books once, sweep them, and time the parts alone."""
    lines = [_line(number) for number in range(200)]
    year = [value for number in range(11) for value in lines[number]][:1095]
    with tempfile.TemporaryDirectory() as folder:
        books = _filled(Path(folder), series)
        watch = Watch(scopes=("service",))
        frame = frame_of(books, Asked(), NOW, standing(books))
        told = anomalies(frame, watch)
        print(f"{len(told.rows)} unusual days of {series} series")
        sweep = cpu_seconds(lambda: anomalies(frame, watch))
        joined = cpu_seconds(lambda: incident_list(frame, watch))
        books.close()
    judged = cpu_seconds(lambda: sum(map(_judge, lines))) * series / len(lines)
    ahead = 1000 * min(cpu_seconds(lambda: forecast(year, 365, (30, 365))) for _ in range(9))
    return report(
        Figure(name=f"sweep of {series} series, CPU", value=sweep, bound=5.0, unit="s"),
        Figure(name="the same as incidents, CPU", value=joined, bound=5.0, unit="s"),
        Figure(name="judging alone, in memory, CPU", value=judged, bound=5.0, unit="s"),
        Figure(name="365 days of one series, CPU, best of 9", value=ahead, bound=20.0, unit="ms"),
    )


def _judge(line: list[Decimal]) -> int:
    told = [one.position for one in unusual(line, 70)]
    return len(told) + len(drifts(line, 70, told=told))


def _line(number: int) -> list[Decimal]:
    chance = Chance(number, "series")
    week = [chance.between(600, 1300) for _ in range(7)]
    return [Decimal(week[day % 7] * chance.between(900, 1100)) / 10_000 for day in range(100)]


def _filled(folder: Path, series: int) -> Books:
    """Write the roll-up the sweep reads, without a bill behind it."""
    settings = bench_settings(folder / "work", bills=folder, usage=folder, customers=folder / "c")
    books = open_books(settings, now=NOW)
    values: dict[str, Parameter] = {"series": series, "days": DAYS, "first": FIRST}
    books.marts.replace([Write(table="dimension_daily", select=FILL)], values)
    return books


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else SERIES))
