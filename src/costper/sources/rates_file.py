"""Read dated exchange rates from CSV or Parquet files.

In costper.yaml, as type `csv` or `parquet`:

    rates: {type: csv, path: rates.csv}

**What it takes.** Columns, found by name without regard to case:

    valid_from  the day the rate holds from, until the next one (also: date, day, month)
    currency    what is changed, as bills write it (also: from, base)
    target      into what (also: to, quote); the organisation's currency when left out
    rate        how much of the target one unit buys, above 0

`2026-08-01,EUR,USD,1.0842` says that from 1 August one euro is 1.0842 dollars. The way back is not
implied: say it too where it is needed. A rate that is missing is an error where it would be used,
never 1.

**Settings.** `path`, as for bills: a file, a pattern, a folder, or a list. `columns` says which
column holds a field under another name. `outside: true` allows files outside the project.

**Errors.** A row whose day or rate cannot be read, whose rate is not above 0, or that tells another
rate for the same day and pair is an issue with file:row, and the rest go on. A file that is cut
off, or has no rate column, changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from costper.model.customer import Rate
from costper.model.outcome import Issue, Outcome
from costper.sources.base import ReadContext, Source
from costper.sources.facts import Field, Row, bad_row, kept, read_rows
from costper.sources.gather import FileSettings

BILLED = re.compile("[A-Z]{2,3}")
"""What a rate may be of: some exports hold a code of two letters. Tokens are no money."""

FIELDS = (
    Field("valid_from", ("valid_from", "date", "day", "month"), "day", required=True),
    Field("currency", ("currency", "from", "base"), required=True),
    Field("target", ("target", "to", "quote")),
    Field("rate", ("rate",), "quantity", required=True),
)


class RateSettings(FileSettings):
    """What `rates:` takes."""

    columns: Mapping[Literal["valid_from", "currency", "target", "rate"], str] = {}
    """Which column holds a field under another name."""


def read(settings: RateSettings, context: ReadContext) -> Outcome[Rate]:
    """Read the rates, each day and pair of currencies once."""
    columns = {str(field): header for field, header in settings.columns.items()}
    rows = read_rows(FIELDS, columns, settings, context)
    good: list[tuple[Row, Rate]] = []
    issues: list[Issue] = list(rows.issues)
    for row in rows.items:
        rate = _rate(row, context.currency)
        if isinstance(rate, Issue):
            issues.append(rate)
        else:
            good.append((row, rate))
    rates = kept(good, lambda r: (r.valid_from, r.currency, r.target), "this rate")
    return Outcome(rates.items, (*issues, *rates.issues))


def _rate(row: Row, home: str) -> Rate | Issue:
    day, rate = row.day("valid_from"), row.number("rate")
    currency, target = row.text("currency").upper(), row.text("target").upper() or home
    if day is None or rate is None or rate <= 0:
        return bad_row(row, "rate is not above 0")
    if not BILLED.fullmatch(currency):
        return bad_row(row, f"{currency!r} is no currency that a bill may be in")
    if not re.fullmatch("[A-Z]{3}", target):
        return bad_row(row, f"{target!r} is not a three-letter currency code")
    if currency == target and rate != 1:
        return bad_row(row, f"{currency} to itself can only be 1")
    return Rate(valid_from=day, currency=currency, target=target, rate=rate)


CSV = Source(name="csv", kind="rates", settings=RateSettings, read=read)
PARQUET = Source(name="parquet", kind="rates", settings=RateSettings, read=read)
