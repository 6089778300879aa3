"""Read customers - who they are, what they pay, how many seats - from CSV or Parquet files.

In costper.yaml, as type `csv` or `parquet`:

    customers: {type: csv, path: customers.csv}
    customers: {type: csv, path: crm/*.csv, columns: {id: account_key, mrr: monthly}}

**What it takes.** Columns, found by name without regard to case:

    id          who it is, as tags and usage name it (also: customer, customer_id)
    name        what people call it
    status      active, trial, churned …; active when left out
    mrr         money a month
    currency    of the MRR; the organisation's when left out
    plan        the plan's name
    seats       licensed places
    valid_from  the day the row is true from (also: from, since, month, date)

Only `id` is needed. With `valid_from` the file is a history: a row is true until the next one of
the same customer. A row without it is true from the beginning. The same row twice is one.

**Settings.** `path`, as for bills: a file, a pattern, a folder, or a list. `columns` says which
column holds a field under another name. `outside: true` allows files outside the project.

**Errors.** A row without id, with an MRR or a number of seats that cannot be read or is negative,
or that tells something else of the same customer and day, is an issue with file:row, and the rest
go on. The word `null` as an id is somebody's name, and an issue says that it was taken so; in every
other column it means nothing. A file that is cut off or has no id column changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

from costper.model.customer import CustomerFact
from costper.model.dimension import normal
from costper.model.outcome import Issue, Outcome
from costper.sources.base import ReadContext, Source
from costper.sources.facts import Field, Row, bad_row, kept, read_rows
from costper.sources.gather import FileSettings
from costper.sources.projection import NULLS

BEGINNING = date(1970, 1, 1)
FIELDS = (
    Field("id", ("id", "customer", "customer_id"), "name", required=True),
    Field("name", ("name", "customer_name")),
    Field("status", ("status",)),
    Field("mrr", ("mrr",), "amount"),
    Field("currency", ("currency",)),
    Field("plan", ("plan",)),
    Field("seats", ("seats",), "quantity"),
    Field("valid_from", ("valid_from", "from", "since", "month", "date"), "day"),
)


class CustomerSettings(FileSettings):
    """What `customers:` takes."""

    columns: Mapping[
        Literal["id", "name", "status", "mrr", "currency", "plan", "seats", "valid_from"], str
    ] = {}
    """Which column holds a field under another name."""


def read(settings: CustomerSettings, context: ReadContext) -> Outcome[CustomerFact]:
    """Read the facts, each customer and day once."""
    columns = {str(field): header for field, header in settings.columns.items()}
    rows = read_rows(FIELDS, columns, settings, context)
    good: list[tuple[Row, CustomerFact]] = []
    issues: list[Issue] = list(rows.issues)
    for row in rows.items:
        fact = _fact(row, context.currency)
        if isinstance(fact, Issue):
            issues.append(fact)
        else:
            good.append((row, fact))
    facts = kept(good, lambda fact: (normal(fact.customer), fact.valid_from), "this customer")
    return Outcome(facts.items, (*issues, *_null_words(good), *facts.issues))


def _null_words(good: Sequence[tuple[Row, CustomerFact]]) -> tuple[Issue, ...]:
    """Say that a word other files write for nothing was taken as somebody's name."""
    rows = [(row.where, fact.customer) for row, fact in good if fact.customer in NULLS]
    if not rows:
        return ()
    where, word = rows[0]
    return (
        Issue(
            code="null_word",
            message=f"{word!r} is taken as the id of a customer",
            where=where,
            severity="warning",
            hint="leave the row out, or its id empty, if nobody is called so",
            count=len(rows),
        ),
    )


def _fact(row: Row, currency: str) -> CustomerFact | Issue:
    money, seats = row.number("mrr"), row.number("seats")
    code = row.text("currency").upper() or currency
    if money is not None and money < 0:
        return bad_row(row, "mrr is negative", "a customer who left pays 0")
    if seats is not None and seats < 0:
        return bad_row(row, "seats is negative")
    if not re.fullmatch("[A-Z]{3}", code):
        return bad_row(row, f"currency {code!r} is not a three-letter code")
    return CustomerFact(
        customer=row.text("id"),
        valid_from=row.day("valid_from") or BEGINNING,
        name=row.text("name"),
        status=normal(row.text("status")) or "active",
        plan=row.text("plan"),
        seats=seats,
        mrr=money,
        currency=code,
    )


CSV = Source(name="csv", kind="customers", settings=CustomerSettings, read=read)
PARQUET = Source(name="parquet", kind="customers", settings=CustomerSettings, read=read)
