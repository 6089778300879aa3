"""Days on the command line are half-open, and contradictions are refused."""

import argparse
from datetime import date

import pytest

from costper.cli.options import (
    asked,
    form_of,
    period_of,
    reading_arguments,
    window_arguments,
)
from costper.errors import UserError
from costper.model.period import Period

END = date(2026, 11, 19)


def period(*words: str) -> Period:
    """Give the period that options ask for, when the books end on 19 November."""
    parser = argparse.ArgumentParser(exit_on_error=False)
    window_arguments(parser)
    return period_of(asked(parser.parse_args(words)), end=END)


@pytest.mark.parametrize(
    ("words", "start", "end"),
    [
        ((), date(2026, 10, 20), END),
        (("--days", "7"), date(2026, 11, 12), END),
        (("--from", "2026-08", "--to", "2026-09"), date(2026, 8, 1), date(2026, 9, 1)),
        (("--from", "2026-08-15"), date(2026, 8, 15), END),
        (("--from", "2026-08-15", "--days", "2"), date(2026, 8, 15), date(2026, 8, 17)),
        (("--to", "1970-01-01", "--days", "1"), date(1969, 12, 31), date(1970, 1, 1)),
        (("--to", "2026-09"), date(2026, 8, 2), date(2026, 9, 1)),
        (("--to", "2026-09", "--days", "31"), date(2026, 8, 1), date(2026, 9, 1)),
    ],
)
def test_days_are_half_open(words: tuple[str, ...], start: date, end: date) -> None:
    assert period(*words) == Period(start, end)


@pytest.mark.parametrize(
    "words",
    [
        ("--from", "2026-08", "--to", "2026-08-01"),
        ("--from", "2026-08", "--to", "2026-09", "--days", "3"),
        ("--from", "2027-01"),
    ],
)
def test_contradictions_are_refused(words: tuple[str, ...]) -> None:
    with pytest.raises(UserError):
        period(*words)


@pytest.mark.parametrize("day", ["2026-13", "2026-02-30", "yesterday", "20260801", "2026-8-1"])
def test_what_is_no_day_is_refused(day: str) -> None:
    with pytest.raises(argparse.ArgumentError, match="is not a day; write 2026-08-01, or 2026-08"):
        period("--from", day)


@pytest.mark.parametrize("day", ["0001-01-01", "1969-12-31", "2200-01-02", "9999-12-01"])
def test_days_out_of_all_use_are_refused(day: str) -> None:
    for option in ("--from", "--to"):
        with pytest.raises(argparse.ArgumentError, match="is not from 1970-01-01 to 2200-01-01"):
            period(option, day)


@pytest.mark.parametrize("days", ["0", "-1", "many", "99999", "1.5"])
def test_what_is_no_number_of_days_is_refused(days: str) -> None:
    with pytest.raises(argparse.ArgumentError):
        period(f"--days={days}")


def test_the_form_is_a_table_unless_asked_otherwise() -> None:
    parser = argparse.ArgumentParser()
    reading_arguments(parser)
    forms = [form_of(parser.parse_args(words)) for words in ((), ("--json",), ("--csv",))]
    assert forms == ["table", "json", "csv"]
