"""Each source is told to be active, late, failing or never synced, and what to do about it."""

import os
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from tests.api.calls_world import EVENTS, GOOD, calls_world
from tests.pipeline.data_sources.company import HEADER, NOW, Company, bill

from costper.pipeline.data_sources.calls import calls_standing
from costper.pipeline.data_sources.standing import SourceStanding, source_standings
from costper.store.schema import source_syncs

ONE_DAY = timedelta(days=1)


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    made = Company.at(tmp_path)
    yield made
    made.books.close()


def stands(company: Company, now: datetime = NOW) -> dict[str, SourceStanding]:
    return {one.declared.name: one for one in source_standings(company.books, now)}


def test_what_was_never_read_says_why_and_how_to_begin(company: Company) -> None:
    found = stands(company)
    assert {one.verdict.status for one in found.values()} == {"never_synced"}
    assert found["bill"].verdict.next_step == "run `costper sync bill`"
    assert found["broken"].verdict.reason == "no file matches 'missing/*.csv'"
    assert "put the file there" in found["broken"].verdict.next_step


def test_one_row_that_cannot_be_read_is_a_failure_until_it_is_mended(company: Company) -> None:
    company.sync("requests")
    found = stands(company)["requests"]
    assert (found.verdict.status, found.synced_at) == ("failing", "")
    assert found.verdict.reason == "usage.csv:4: 'soon' is no day or time of requests"
    (company.root / "usage.csv").write_text("day,n,who\n2026-11-18,7,globex\n")
    company.sync("requests", now=NOW + ONE_DAY)
    found = stands(company, NOW + ONE_DAY)["requests"]
    assert (found.verdict.status, found.synced_at) == ("active", (NOW + ONE_DAY).isoformat())


def test_a_source_that_breaks_keeps_its_days_and_its_last_good_sync(company: Company) -> None:
    company.sync("bill")
    (company.root / "bills" / "november.csv").unlink()
    company.sync("bill", now=NOW + ONE_DAY)
    found = stands(company, NOW + ONE_DAY)["bill"]
    assert found.verdict.status == "failing"
    assert (found.newest_day, found.synced_at) == (date(2026, 11, 18), NOW.isoformat())


def test_a_bill_is_late_once_its_newest_day_is_older_than_settling_and_grace(
    company: Company,
) -> None:
    company.sync("bill")
    for days, status in ((3, "active"), (4, "late")):
        now = NOW + timedelta(days=days)
        assert stands(company, now)["bill"].verdict.status == status
    late = stands(company, NOW + timedelta(days=4))["bill"]
    assert late.expected_day == date(2026, 11, 19)
    assert "bills/*.csv" in late.verdict.next_step


def test_a_week_is_awaited_until_it_is_over_and_settled(company: Company) -> None:
    company.sync("users")
    found = stands(company)["users"]
    assert (found.cadence, found.newest_day) == ("week", date(2026, 11, 15))
    for day, status in ((26, "active"), (27, "late")):
        now = NOW.replace(day=day)
        assert stands(company, now)["users"].verdict.status == status


def test_an_invoice_of_a_month_is_not_late_within_the_next(tmp_path: Path) -> None:
    made = Company.at(tmp_path)
    once = bill(date(2026, 10, 1), date(2026, 10, 1)).removeprefix(HEADER)
    (tmp_path / "old.csv").write_text(bill(date(2026, 9, 1), date(2026, 9, 1), once))
    made.sync("old")
    found = stands(made)["old"]
    assert (found.cadence, found.newest_day) == ("month", date(2026, 10, 31))
    assert found.verdict.status == "active"
    assert stands(made, datetime(2026, 12, 6, tzinfo=NOW.tzinfo))["old"].verdict.status == "late"
    made.books.close()


def test_facts_have_no_days_and_are_late_when_nobody_reads_them(company: Company) -> None:
    company.sync("customers")
    found = stands(company)["customers"]
    assert (found.verdict.status, found.newest_day, found.expected_day) == ("active", None, None)
    late = stands(company, NOW + timedelta(days=9))["customers"]
    assert late.verdict.reason == "it was last read 9 days ago, on 2026-11-20"


def test_a_file_that_came_since_is_waiting_to_be_read(company: Company) -> None:
    company.sync("bill")
    (company.root / "bills" / "more.csv").write_text(bill(date(2026, 10, 1), date(2026, 10, 2)))
    assert stands(company)["bill"].waiting == 1


def test_a_file_that_changed_without_a_newer_time_is_waiting(company: Company) -> None:
    path = next((company.root / "bills").glob("*.csv"))
    company.sync("bill")
    assert stands(company)["bill"].waiting == 0
    before = path.stat()
    path.write_text(path.read_text() + bill(date(2026, 10, 1), date(2026, 10, 2)))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert stands(company)["bill"].waiting == 1


def test_a_file_with_an_old_time_that_no_sync_found_is_waiting(company: Company) -> None:
    company.sync("bill")
    path = company.root / "bills" / "restored.csv"
    path.write_text(bill(date(2026, 10, 1), date(2026, 10, 2)))
    os.utime(path, (0, 0))
    assert stands(company)["bill"].waiting == 1
    company.sync("bill")
    assert stands(company)["bill"].waiting == 0


def test_a_sync_that_remembers_no_files_is_judged_by_their_times(company: Company) -> None:
    company.sync("bill")
    with company.books.control.begin() as connection:
        connection.execute(source_syncs.update().values(files=None))
    assert stands(company)["bill"].waiting == 0
    (company.root / "bills" / "more.csv").write_text(bill(date(2026, 10, 1), date(2026, 10, 2)))
    assert stands(company)["bill"].waiting == 1


def test_books_from_before_syncs_were_remembered_are_judged_by_their_days(
    company: Company,
) -> None:
    company.sync("bill", "old")
    with company.books.control.begin() as connection:
        connection.execute(source_syncs.delete())
    found = stands(company)
    assert (found["bill"].verdict.status, found["old"].verdict.status) == ("active", "late")
    assert found["bill"].synced_at == NOW.isoformat()


def test_calls_are_a_source_once_one_was_told(tmp_path: Path) -> None:
    with calls_world(tmp_path) as world:
        assert calls_standing(world.books, NOW) == ()
        assert world.client().post(EVENTS, json=GOOD).status_code < 300
        world.told()
        (found,) = calls_standing(world.books, NOW)
        assert (found.verdict.status, found.newest_day) == ("active", date(2026, 11, 20))
        (found,) = calls_standing(world.books, NOW + timedelta(days=30))
        assert found.verdict.status == "late"
