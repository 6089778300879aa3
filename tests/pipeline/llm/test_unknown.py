"""The clean-up queue: every gap with its count, cost and age, and what to do about it."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from tests.pipeline.calls.people_world import NOW, PEPPER, people_books, tell

from costper.errors import UserError
from costper.events.event import Event
from costper.identity import Doorkeeper
from costper.model.answer import Absent, Answer, Cell
from costper.pipeline.answer.frame import Standing
from costper.pipeline.calls.people import day_us, known_people
from costper.pipeline.calls.refusals import Refusals
from costper.pipeline.llm import unknown as room
from costper.pipeline.llm.unknown import Queue, unknown
from costper.store.books import Books
from costper.store.engine import Write

AUGUST, OCTOBER = day_us(date(2026, 8, 10)), day_us(date(2026, 10, 10))
WHOLE = {"user_id": "u1", "tenant_id": "t1", "endpoint_tag": "search"}
SECTION = """\
llm:
  tenants: {t1: acme}
  internal_tenants: [Ours]
  service_accounts: {nightly: {customer: acme}}
"""


def call(at: int, tokens: int, /, **said: str) -> Event:
    return Event(timestamp=at, input_tokens=tokens, **{**WHOLE, **said})  # type: ignore[arg-type]


def asked(books: Books, *, environment: str = "production", data_mode: str = "real") -> Answer:
    queue = Queue(books=books, now=NOW, environment=environment, data_mode=data_mode)
    return unknown(queue, Standing())


def row(answer: Answer, kind: str, name: str = "") -> dict[str, Cell]:
    (found,) = (it for it in answer.rows if (it["kind"], it["name"]) == (kind, name))
    return dict(found)


def test_calls_that_say_everything_leave_nothing_unknown(tmp_path: Path) -> None:
    books = people_books(tmp_path, SECTION)
    tell(books, [call(AUGUST, 3), call(AUGUST, 3, user_id="", service_account="nightly")])
    assert asked(books).rows == ()


@pytest.mark.parametrize(
    ("said", "kind", "name"),
    [
        ({"user_id": ""}, "no_user", ""),
        ({"user_id": "undefined"}, "no_user", ""),
        ({"tenant_id": "", "customer_id": "acme"}, "no_tenant", ""),
        ({"tenant_id": ""}, "no_customer", ""),
        ({"endpoint_tag": ""}, "no_feature", ""),
        ({"tenant_id": "T9"}, "unmapped_tenant", "t9"),
        ({"service_account": "Crawler"}, "unknown_account", "crawler"),
    ],
)
def test_every_gap_is_told_with_its_cost_and_age(
    said: dict[str, str], kind: str, name: str, tmp_path: Path
) -> None:
    books = people_books(tmp_path, SECTION)
    tell(books, [call(AUGUST, 100), call(AUGUST, 3, **said), call(OCTOBER, 4, **said)])
    found = row(asked(books), kind, name)
    assert (found["calls"], found["cost"], found["age_days"]) == (2, Decimal(7), 103)
    assert (found["first_seen"], found["last_seen"]) == (date(2026, 8, 10), date(2026, 10, 10))
    assert found["fix"]


def test_anonymous_visitors_and_our_own_tenants_are_no_gap(tmp_path: Path) -> None:
    books = people_books(tmp_path, SECTION)
    tell(books, [call(AUGUST, 1, user_id="", anon_id="7"), call(AUGUST, 1, tenant_id="ours")])
    assert asked(books).rows == ()


def test_calls_without_a_price_have_no_cost_and_never_zero(tmp_path: Path) -> None:
    books = people_books(tmp_path, SECTION)
    event = call(AUGUST, 0)
    event.output_tokens = 9
    tell(books, [event, call(AUGUST, 0, endpoint_tag="without tokens")])
    found = row(asked(books), "unpriced_model", "openai/gpt-5")
    assert (found["cost"], found["unpriced_calls"]) == (Absent("unpriced"), 1)


def test_test_calls_and_other_environments_are_told_only_when_asked(tmp_path: Path) -> None:
    books = people_books(tmp_path, SECTION)
    tell(
        books,
        [
            call(AUGUST, 1, endpoint_tag="", data_mode="test"),
            call(AUGUST, 1, endpoint_tag="", environment="staging"),
        ],
    )
    assert asked(books).rows == ()
    assert row(asked(books, environment="stg"), "no_feature")["calls"] == 1
    assert row(asked(books, data_mode="all", environment="all"), "no_feature")["calls"] == 2
    with pytest.raises(UserError, match="unknown data mode 'tset'"):
        asked(books, data_mode="tset")


def test_the_customer_a_tenant_may_be_of_is_suggested(tmp_path: Path) -> None:
    books = people_books(tmp_path, SECTION)
    books.marts.offer("known", pa.table({"customer": ["globex"]}))
    select = "SELECT customer, 'c' AS source FROM known"
    books.marts.replace([Write(table="customers", select=select)])
    tell(books, [call(AUGUST, 1, tenant_id="Globex-EU")])
    fix = row(asked(books), "unmapped_tenant", "globex-eu")["fix"]
    assert "{globex-eu: globex}" in str(fix)


def test_a_tenant_mapped_meanwhile_waits_for_the_backfill(tmp_path: Path) -> None:
    books = people_books(tmp_path, "llm: {}")
    tell(books, [call(AUGUST, 1)])
    books.close()
    books = people_books(tmp_path, SECTION)
    assert "costper backfill" in str(row(asked(books), "unmapped_tenant", "t1")["fix"])


def test_what_the_door_refused_is_told_without_a_cost(tmp_path: Path) -> None:
    books = people_books(tmp_path, SECTION)
    keeper = Doorkeeper(known_people(books, environment=PEPPER))
    door = Refusals(keeper, books.settings.store_path)
    assert door.admit(call(OCTOBER, 1, user_id="jane@acme.com"))
    found = row(asked(books), "refused_email", "userId")
    assert (found["calls"], found["cost"]) == (1, Absent("refused"))
    assert found["first_seen"] == date(2026, 10, 10)


def test_the_dearest_come_first_and_too_many_are_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "MOST", 2)
    books = people_books(tmp_path, SECTION)
    tell(books, [call(AUGUST, cost, customer_id="", tenant_id=f"x{cost}") for cost in (1, 2, 3)])
    answer = asked(books)
    names = [it["name"] for it in answer.rows if it["kind"] == "unmapped_tenant"]
    assert names == ["x3", "x2"]
    assert [it.code for it in answer.issues] == ["cut"]
