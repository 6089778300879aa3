"""The options several verbs share: which days, and in which form to print."""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Literal

from costper.errors import UserError
from costper.model.period import FIRST_DAY, LAST_DAY, Period

DAYS_DEFAULT = 30
DAYS_MAX = 3660
MONTHS_MAX = 120
MONTHS = 12
DAY = re.compile(r"([0-9]{4})-([0-9]{2})(?:-([0-9]{2}))?")


@dataclass(frozen=True, slots=True)
class ToFile:
    """A file to write the rows to, instead of printing them."""

    kind: Literal["parquet", "arrow"]
    path: Path


Form = Literal["table", "json", "csv"] | ToFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The days a command line asks for, as far as it says."""

    start: date | None = None
    end: date | None = None
    days: int | None = None


def reading_arguments(parser: argparse.ArgumentParser, *, csv: bool = True) -> None:
    """Accept --json, and --csv, --parquet and --arrow where the answer is a table."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--json", action="store_true", help="print the whole answer as JSON")
    if csv:
        group.add_argument("--csv", action="store_true", help="print the rows as CSV")
        group.add_argument(
            "--parquet", metavar="FILE", type=Path, help="write the rows to a Parquet file"
        )
        group.add_argument(
            "--arrow", metavar="FILE", type=Path, help="write the rows to an Arrow file (Feather)"
        )


def form_of(args: argparse.Namespace) -> Form:
    """Say in which form to print."""
    if args.json:
        return "json"
    parquet: Path | None = getattr(args, "parquet", None)
    arrow: Path | None = getattr(args, "arrow", None)
    if parquet is not None or arrow is not None:
        return (
            ToFile("parquet", parquet) if parquet is not None else ToFile("arrow", arrow or Path())
        )
    return "csv" if getattr(args, "csv", False) else "table"


def window_arguments(parser: argparse.ArgumentParser) -> None:
    """Accept --from, --to and --days."""
    group = parser.add_argument_group(
        "days", "days are UTC; --to is the day after the last one; 2026-08 means 2026-08-01"
    )
    group.add_argument("--from", dest="start", metavar="DAY", type=day, help="the first day")
    group.add_argument("--to", dest="end", metavar="DAY", type=day, help="the day after the last")
    group.add_argument("--days", type=_days, metavar="N", help="how many days")


def range_argument(parser: argparse.ArgumentParser) -> None:
    """Accept --range."""
    parser.add_argument(
        "--range",
        metavar="WORDS",
        default="",
        help="days in words: last 30 days, last 3 months, month to date",
    )


def asked(args: argparse.Namespace) -> Window:
    """Give what the options say of the days.

    Raises:
        UserError: they contradict each other.
    """
    start, end, days = args.start, args.end, args.days
    if start is not None and end is not None:
        if days is not None:
            raise UserError("--from, --to and --days say it twice", hint="leave one of them out")
        if end <= start:
            raise UserError(f"--to {end} is not after --from {start}", hint="--to is not included")
    return Window(start=start, end=end, days=days)


def period_of(window: Window, *, end: date, days: int = DAYS_DEFAULT) -> Period:
    """Fill in what was not asked for: the `days` days before `end`, which is not included.

    >>> period_of(Window(start=date(2026, 8, 1), days=31), end=date(2026, 11, 20))
    Period(start=datetime.date(2026, 8, 1), end=datetime.date(2026, 9, 1))

    Raises:
        UserError: nothing is left between the first day and the end.
    """
    if window.start is not None:
        last = window.end or (_shift(window.start, window.days) if window.days else end)
        if last <= window.start:
            raise UserError(
                f"there is nothing yet from {window.start}: the books end on {end}",
                hint="choose an earlier --from",
            )
        return Period(window.start, last)
    last = window.end or end
    return Period(_shift(last, -(window.days or days)), last)


def day(text: str) -> date:
    """Read a day, or a month for its first day.

    >>> day("2026-08"), day("2026-08-15")
    (datetime.date(2026, 8, 1), datetime.date(2026, 8, 15))
    """
    parts = DAY.fullmatch(text)
    try:
        if parts is not None:
            return _usual(date(int(parts[1]), int(parts[2]), int(parts[3] or 1)))
    except ValueError:
        pass  # no such day: told below
    raise argparse.ArgumentTypeError(f"{text!r} is not a day; write 2026-08-01, or 2026-08")


def month(text: str) -> date:
    """Read a billing period, as the first day of its month.

    >>> month("2026-08")
    datetime.date(2026, 8, 1)
    """
    parts = DAY.fullmatch(text)
    if parts is not None and parts[3] in {None, "01"} and 0 < int(parts[2]) <= MONTHS:
        return _usual(date(max(int(parts[1]), 1), int(parts[2]), 1))
    raise argparse.ArgumentTypeError(f"{text!r} is not a billing period; write one like 2026-08")


def _usual(found: date) -> date:
    if not FIRST_DAY <= found <= LAST_DAY:
        raise argparse.ArgumentTypeError(f"{found} is not from {FIRST_DAY} to {LAST_DAY}")
    return found


def _shift(start: date, days: int) -> date:
    try:
        return start + timedelta(days=days)
    except OverflowError as error:
        raise UserError(f"{days} days from {start} is no day", hint="ask for fewer days") from error


def _days(text: str) -> int:
    if text.isdecimal() and 0 < int(text) <= DAYS_MAX:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a number of days from 1 to {DAYS_MAX}")


def amount(text: str) -> Decimal:
    """Read an amount of money that is not negative.

    >>> amount("50.00")
    Decimal('50.00')
    """
    try:
        found = Decimal(text)
    except InvalidOperation:
        found = Decimal(-1)
    if not found.is_finite() or found < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not an amount; write 50 or 50.00")
    return found


def months(text: str) -> int:
    """Read how many months."""
    if text.isdecimal() and 0 < int(text) <= MONTHS_MAX:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a number of months from 1 to {MONTHS_MAX}")
