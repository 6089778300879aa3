"""Guesses what a file holds by its first lines, where they leave no doubt."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from costper.sources.base import Kind

SEPARATORS = (",", ";", "\t", "|")
BILLS: tuple[tuple[str, str, tuple[tuple[str, ...], ...]], ...] = (
    ("focus_file", "a bill in FOCUS", (("chargeperiodstart",), ("billedcost", "effectivecost"))),
    (
        "aws_cur",
        "an AWS Cost and Usage Report",
        (("lineitem/usagestartdate", "line_item_usage_start_date", "identity/lineitemid"),),
    ),
    (
        "gcp_billing",
        "a Google Cloud billing export",
        (("billing_account_id",), ("usage_start_time",), ("cost", "sku.id")),
    ),
    (
        "azure_cost",
        "an Azure cost export",
        (
            ("metercategory", "metername", "meterid"),
            ("costinbillingcurrency", "pretaxcost", "cost"),
        ),
    ),
)
"""Type, words, and columns of which each group needs one; an earlier one counts first."""

DATES = ("day", "date", "timestamp", "time", "ts", "week", "month", "hour")
PAYER = ("id", "customer", "customer_id")
PAYS = frozenset(("mrr", "plan", "seats", "status", "customer_name"))
RATE = (frozenset(("rate",)), frozenset(("currency", "from", "base")))
NOT_NAME = re.compile(r"[^a-z0-9]+")
MAGIC: tuple[tuple[str, str, str], ...] = (
    ("%PDF", "a PDF", "download the bill as CSV or Parquet; a PDF cannot be read"),
    ("PK\x03\x04", "a zip archive or an Excel workbook", "unpack it, or save the sheet as CSV"),
    ("\x1f\ufffd", "packed with gzip", "name it .csv.gz"),
    ("\x1f\x8b", "packed with gzip", "name it .csv.gz"),
    ("PAR1", "a Parquet file", "name it .parquet"),
    ("<", "a web page or XML", "download the export itself: CSV or Parquet"),
    ("{", "JSON", "export it as CSV or Parquet"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """What a file holds. Without a `type` nothing is sure, and `wrong` says if it is no data.

    `settings` are those of the source that would read it, besides where it lies.
    """

    type: str = ""
    kind: Kind = "bill"
    what: str = ""
    by: tuple[str, ...] = ()
    name: str = ""
    settings: Mapping[str, object] = field(default_factory=dict[str, object])
    wrong: str = ""
    hint: str = ""


def guess(head: str, dimensions: Collection[str]) -> Guess:
    """Guess by the first two lines of a file; `dimensions` are the words cost is asked by."""
    text = head.removeprefix("\ufeff").lstrip()
    bad = _bad(text)
    if bad is not None:
        return bad
    lines = _cells(text)
    if not lines or len(lines[0]) < 2:  # noqa: PLR2004 - one column says nothing
        return Guess()
    columns = tuple(cell.strip() for cell in lines[0])
    known = {column.casefold(): column for column in columns}
    return (
        _bill(known)
        or _rates(known)
        or _customers(known)
        or _usage(columns, lines[1] if len(lines) > 1 else (), dimensions)
        or Guess()
    )


def _bad(text: str) -> Guess | None:
    """Say what a file is that is no table."""
    for start, what, hint in MAGIC:
        if text.startswith(start):
            return Guess(wrong=f"this is {what}, no table of text", hint=hint)
    if "\x00" in text:
        hint = "save it as CSV in UTF-8, or send Parquet"
        return Guess(wrong="this is no text", hint=hint)
    if len(text.partition("\n")[0]) > csv.field_size_limit():
        hint = "save it as CSV with the names of the columns on a line of their own"
        return Guess(wrong="its first line is too long to be a header", hint=hint)
    return None


def _cells(text: str) -> Sequence[Sequence[str]]:
    """Cut the lines into cells, by whatever separates the most."""
    lines = text.splitlines()[:2]
    if not lines:
        return ()
    by = max(SEPARATORS, key=lines[0].count)
    return tuple(tuple(row) for row in csv.reader(lines, delimiter=by))


def _bill(known: Mapping[str, str]) -> Guess | None:
    for name, what, groups in BILLS:
        found = [next((it for it in group if it in known), "") for group in groups]
        if all(found):
            return Guess(type=name, what=what, by=tuple(known[it] for it in found), name="bill")
    return None


def _rates(known: Mapping[str, str]) -> Guess | None:
    if not all(group & known.keys() for group in RATE):
        return None
    by = tuple(known[it] for group in RATE for it in sorted(group & known.keys()))
    return Guess(type="csv", kind="rates", what="exchange rates", by=by, name="rates")


def _customers(known: Mapping[str, str]) -> Guess | None:
    payer = next((it for it in PAYER if it in known), "")
    pays = sorted(PAYS & known.keys())
    if not payer or not pays or "day" in known:
        return None
    by = (known[payer], *(known[it] for it in pays))
    return Guess(type="csv", kind="customers", what="a list of customers", by=by, name="customers")


def _usage(columns: Sequence[str], row: Sequence[str], dimensions: Collection[str]) -> Guess | None:
    """See a measurement: a day, one number or several, and words that are dimensions."""
    cells = dict(zip(columns, row, strict=False))
    when = _when(cells)
    numbers = [it for it in columns if it != when and _is_number(cells.get(it, ""))]
    whose = _whose(columns, dimensions)
    numbers = [it for it in numbers if it not in whose.values()]
    if not when or not numbers:
        return None
    settings: dict[str, object] = {"date": when}
    if len(numbers) == 1:
        settings["value"] = numbers[0]
    else:
        settings["values"] = {name_of(it): it for it in numbers}
    if whose:
        settings["dimensions"] = whose
    name = name_of(numbers[0]) if len(numbers) == 1 else "usage"
    by = (when, *numbers, *whose.values())
    what = "a metric by day" if len(numbers) == 1 else "metrics by day"
    return Guess(type="csv", kind="measurements", what=what, by=by, name=name, settings=settings)


def _when(cells: Mapping[str, str]) -> str:
    """Give the column that holds days, by its name or else by what stands in it."""
    named = (it for word in DATES for it in cells if it.casefold() == word)
    return next(named, "") or next((it for it, cell in cells.items() if _is_day(cell)), "")


def _whose(columns: Iterable[str], dimensions: Collection[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for column in columns:
        word = column.casefold().removesuffix("_id").removesuffix("_name")
        if word in dimensions and word not in found:
            found[word] = column
    return found


def _is_number(cell: str) -> bool:
    text = cell.strip().replace(",", "").removeprefix("-")
    return text.replace(".", "", 1).isdecimal() and text.isascii()


def _is_day(cell: str) -> bool:
    try:
        return bool(date.fromisoformat(cell.strip()[:10]))
    except ValueError:
        return False


def name_of(text: str) -> str:
    """Make a name for a source, or a metric, of any text.

    >>> name_of("API requests"), name_of("2026"), name_of("")
    ('api_requests', 'source_2026', 'source')
    """
    name = NOT_NAME.sub("_", text.casefold()).strip("_")[:50].strip("_")
    if name[:1].isalpha() and name.isascii():
        return name
    return f"source_{name}".rstrip("_") if name.isascii() else "source"
