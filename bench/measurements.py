"""Writes the business numbers of the benchmark: forty a day in fifty segments, for three years."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from bench.bill import write_parquet
from costper.model.period import Period

METRICS = 40
SEGMENTS = 50
YEARS = Period(date(2023, 11, 1), date(2026, 11, 1))
NUMBERS = """
SELECT $start::DATE + d::INTEGER AS day, 'team-' || s AS team, {columns}
FROM range($days) AS days(d), range($segments) AS segments(s)
"""
COLUMN = "1 + hash(d * 1000000 + s * 1000 + {number}) % 100000 AS m{number:02}"


def write_numbers(folder: Path) -> tuple[Path, ...]:
    """Write one wide file a year, a column for each metric; existing files stay."""
    folder.mkdir(parents=True, exist_ok=True)
    columns = ", ".join(COLUMN.format(number=number) for number in range(METRICS))
    paths: list[Path] = []
    for year in range(YEARS.start.year, YEARS.end.year):
        span = Period(YEARS.start.replace(year=year), YEARS.start.replace(year=year + 1))
        paths.append(folder / f"numbers-{METRICS}-{SEGMENTS}-{year}.parquet")
        values: dict[str, str | int] = {
            "start": span.start.isoformat(),
            "days": span.days,
            "segments": SEGMENTS,
        }
        if not paths[-1].exists():
            write_parquet(NUMBERS.format(columns=columns), values, paths[-1])
    return tuple(paths)


def numbers_config(numbers: Path) -> tuple[str, str]:
    """Give the source's lines in costper.yaml, and those of its metrics: users and counts."""
    values = ", ".join(f"m{number:02}: m{number:02}" for number in range(METRICS))
    source = (
        f'  numbers: {{type: parquet, path: "{numbers}/*.parquet", outside: true, date: day,\n'
        f"            dimensions: {{team: team}}, values: {{{values}}}}}\n"
    )
    kinds = ("active_users", "count")
    lines = (
        f"  m{number:02}: {{source: numbers, kind: {kinds[number % 2]}}}\n"
        for number in range(METRICS)
    )
    return source, f"metrics:\n{''.join(lines)}"
