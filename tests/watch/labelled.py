"""Daily series in which others have labelled what is unusual."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path


def labelled(path: Path) -> Iterator[tuple[list[Decimal | None], list[bool]]]:
    """Give each series as consecutive days, None where one is missing, and each day's label."""
    by_series: dict[str, dict[date, tuple[Decimal, bool]]] = defaultdict(dict)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            day = date.fromisoformat(row["date"])
            by_series[row["series"]][day] = (Decimal(row["value"]), row["label"] == "1")
    for days in by_series.values():
        first = min(days)
        span = [first + timedelta(days=n) for n in range((max(days) - first).days + 1)]
        yield (
            [days[day][0] if day in days else None for day in span],
            [day in days and days[day][1] for day in span],
        )
