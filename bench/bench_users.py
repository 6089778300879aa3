"""How quick are the questions about users over 100 million calls of 30 days?

python -m bench.bench_users [CALLS]     100 million unless told; the books stay for the next run

The roll-ups are made as the fold and its packing leave them, without the calls behind: no answer
reads those. A twentieth of the users makes four tenths of the cost.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
from datetime import date
from pathlib import Path

from bench.calls import NOW, settings_of
from bench.measure import Figure, median_ms, report
from costper.pipeline.answer.frame import Asked, Standing, frame_of
from costper.pipeline.llm.chosen import Chosen
from costper.pipeline.llm.user import user
from costper.pipeline.llm.users import users
from costper.store.books import Books, open_books
from costper.store.call_tables import MEASURES, user_daily, user_hourly
from costper.store.engine import Table, Write

CALLS = 100_000_000
USERS, DAYS = 50_000, 30
FIRST = date(2026, 10, 20)
FEATURES, MODELS, HOURS = 4, 2, 6
HEAVY = 20
"""One user in so many is heavy, and calls thirteen times as often as others."""

USER = "md5(CAST(u AS VARCHAR))"
WHO = (
    f"hash({USER}) AS user_key, {USER} AS user_id, 'user' AS user_kind, "
    f"'tenant-' || u % 1000 AS tenant, 'customer-' || u % 1000 AS customer, "
    f"'production' AS environment, 'real' AS data_mode, "
)


def main(calls: int) -> int:
    """Make the books once, then ask them."""
    folder = Path(tempfile.gettempdir()) / "costper-bench" / f"users-{calls}"
    books = open_books(settings_of(folder), now=NOW)
    if not _held(books):
        _fill(books, calls)
    print(f"{_held(books):,} calls of {USERS:,} users in {DAYS} days")
    numbers = itertools.count(23, 7919)
    asked = Asked(days=DAYS, until=date(2026, 11, 19))

    def top() -> None:
        users(frame_of(books, asked, NOW, Standing()), Chosen())

    def page() -> None:
        (row,) = books.marts.query(f"SELECT md5('{next(numbers) % USERS}') AS id").to_pylist()
        user(frame_of(books, asked, NOW, Standing()), Chosen(), row["id"])

    figures = (
        Figure(
            name="top users of 30 days, 100 million calls, median", value=median_ms(top, times=10),
            bound=100, unit="ms",
        ),
        Figure(name="one user's page, median", value=median_ms(page), bound=20, unit="ms"),
    )  # fmt: skip
    books.close()
    return report(*figures)


def _held(books: Books) -> int:
    (row,) = books.marts.query("SELECT COALESCE(SUM(calls), 0) AS n FROM user_daily").to_pylist()
    return int(row["n"])


def _fill(books: Books, calls: int) -> None:
    """Write each month's rows as its packing would, in the order of user keys and days."""
    usual = calls / USERS / DAYS * HEAVY / (HEAVY - 1 + 13)
    november = (date(2026, 11, 1) - FIRST).days
    for days in (range(november), range(november, DAYS)):
        daily = (
            f"{WHO} 'feature-' || p % {FEATURES} AS feature, 'openai' AS provider, "
            f"'gpt-5' AS model, 'standard' AS tier, "
        )
        hourly = f"{WHO} DATE '{FIRST}' + d + INTERVAL (8 + p) HOUR AS hour, "
        books.marts.replace(
            [
                _write(user_daily(), daily, usual, MODELS, days),
                _write(user_hourly(), hourly, usual, HOURS, days),
            ]
        )


def _write(table: Table, keys: str, usual: float, parts: int, days: range) -> Write:
    """Give the write of some days: `parts` rows for each user and day, which share its calls."""
    sums = {
        "calls": "n",
        "input_tokens": "n * 1200",
        "output_tokens": "n * 300",
        "call_cost": "CAST(n * (0.001 + hash(u) % 997 / 1e6) AS DECIMAL(38,18))",
        "cost": "CAST(n * (0.001 + hash(u) % 997 / 1e6) AS DECIMAL(38,18))",
    }
    measures = ", ".join(
        f"{sums.get(name, '0')} AS {name}" for name, _ in MEASURES if name in table.names
    )
    weight = f"CASE WHEN u % {HEAVY} = 0 THEN 13 ELSE 1 END"
    select = (
        f"SELECT DATE '{FIRST}' + d AS day, {keys} {measures} FROM (SELECT u, p, d, CAST(floor("
        f"{weight} * {usual / parts} + hash(u, p, d) % 1000 / 1000.0) AS BIGINT) AS n "
        f"FROM range({USERS}) AS users(u), range({parts}) AS parts(p), "
        f"(SELECT CAST(d AS INTEGER) AS d FROM range({days.start}, {days.stop}) AS days(d))) "
        f"ORDER BY user_key, day"
    )
    return Write(table=table.name, select=select)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else CALLS))
