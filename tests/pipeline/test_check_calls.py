"""What is doubtful of LLM calls is told by `costper check`."""

from datetime import date
from pathlib import Path

import pytest
from tests.pipeline.calls.people_world import PEPPER, people_books, tell

from costper.events.event import Event
from costper.identity import Doorkeeper
from costper.pipeline.calls.people import day_us, known_people
from costper.pipeline.calls.refusals import Refusals
from costper.pipeline.check_calls import check_calls, check_people
from costper.store.books import Books
from costper.store.engine import Write
from costper.store.spool import Batch, Spool

AUGUST = day_us(date(2026, 8, 10))
WHOLE = {"user_id": "u1", "tenant_id": "t1", "endpoint_tag": "search"}
SECTION = "llm: {tenants: {t1: acme}}"


def call(**said: str) -> Event:
    return Event(timestamp=AUGUST, input_tokens=3, **{**WHOLE, **said})  # type: ignore[arg-type]


def codes(books: Books) -> list[str]:
    return [issue.code for issue in check_calls(books, PEPPER)]


def test_good_calls_have_nothing_to_be_told(tmp_path: Path) -> None:
    books = people_books(tmp_path, SECTION)
    assert codes(books) == []
    tell(books, [call()])
    assert codes(books) == []


def test_calls_that_wait_for_a_server_are_told(tmp_path: Path) -> None:
    books = people_books(tmp_path, SECTION)
    spool = Spool(books.settings.store_path / "spool.sqlite", folded=0)
    spool.write([Batch(seq=1, events=1200, plain=2, body=b"{}", received_us=0)])
    spool.close()
    (issue,) = check_calls(books, PEPPER)
    assert (issue.code, issue.severity) == ("spooled_calls", "info")
    assert issue.message.startswith("1,200 events of calls are acknowledged and not in the books")


@pytest.mark.parametrize("table", ["call_hourly", "user_daily"])
def test_a_roll_up_that_does_not_add_up_is_an_error(table: str, tmp_path: Path) -> None:
    books = people_books(tmp_path, SECTION)
    tell(books, [call()])
    books.marts.replace([Write(table=table, where="TRUE")])
    (issue,) = check_calls(books, PEPPER)
    assert (issue.code, issue.severity) == ("conservation", "error")
    assert issue.message == f"{table} of 2026-08-10 does not add up to the calls"


def test_gaps_refusals_and_a_due_backfill_are_told(tmp_path: Path) -> None:
    books = people_books(tmp_path, "llm: {}")
    tell(books, [call(), call(user_id="", endpoint_tag="")])
    keeper = Doorkeeper(known_people(books, environment=PEPPER))
    Refusals(keeper, books.settings.store_path).admit(call(user_id="jane@acme.com"))
    assert codes(books) == ["unknown_calls"] * 3 + ["refused_calls"]
    books.close()
    books = people_books(tmp_path, SECTION)
    assert codes(books)[0] == "backfill_due"


def test_another_pepper_is_told(tmp_path: Path) -> None:
    books = people_books(tmp_path, SECTION)
    tell(books, [call()])
    (issue,) = check_calls(books, {"COSTPER_PEPPER": "quite another one, and long"})
    assert issue.code == "pepper"


def test_a_file_of_people_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    section = "llm: {tenants: {file: t.csv}, aliases: {file: a.csv}}"
    books = people_books(tmp_path, section, t="tenant,client\n")
    told = [issue.text().partition("\n")[0] for issue in check_people(books.settings)]
    assert told == [
        "t.csv:1: no column 'customer'",
        "a.csv: cannot be read: No such file or directory",
    ]
