"""A changed tenant map moves past calls to the customer it says, and nothing else."""

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.pipeline.calls.people_world import NOW, PEPPER, people_books, tell

from costper.events.event import Event
from costper.pipeline.allocate import apply as allocate
from costper.pipeline.calls.backfill import (
    Moved,
    apply_backfill,
    backfill_answer,
    plan_backfill,
)
from costper.pipeline.calls.charges import land_calls
from costper.pipeline.calls.people import day_us, known_people
from costper.pipeline.calls.rollup import ROLLUPS, summed
from costper.store.audit import entries
from costper.store.books import Books
from costper.store.closing import close_period
from costper.store.engine import Write

AUGUST, SEPTEMBER, OCTOBER = (day_us(date(2026, month, 10)) for month in (8, 9, 10))
MEASURED = ("calls", "input_tokens", "call_cost", "cost", "unpriced_calls")


def call(at: int, tokens: int = 1, **said: str) -> Event:
    return Event(timestamp=at, input_tokens=tokens, **said)  # type: ignore[arg-type]


def reopened(books: Books, llm: str) -> Books:
    books.close()
    return people_books(books.settings.root, llm)


def planned(books: Books) -> tuple[Moved, ...]:
    return plan_backfill(books, known_people(books, environment=PEPPER))


def applied(books: Books) -> tuple[Moved, ...]:
    known = known_people(books, environment=PEPPER)
    return apply_backfill(books, plan_backfill(books, known), known, now=NOW)


def customers(books: Books) -> dict[tuple[str, int], str]:
    rows = books.marts.query("SELECT call_id, day, customer FROM calls ORDER BY call_id")
    return {(row["call_id"], row["day"].month): row["customer"] for row in rows.to_pylist()}


def sums(books: Books) -> Iterator[tuple[object, object]]:
    """Give each roll-up as it is, and as the calls say it should be."""
    for make in ROLLUPS:
        table = make()
        keys = [name for name in table.names if name not in {*MEASURED} and name != "hour"]
        keys = [name for name in keys if name in {"day", "tenant", "customer", "user_id", "team"}]
        measures = [name for name in MEASURED if name in table.names]
        totals = ", ".join(f"CAST(SUM({name}) AS DECIMAL(38,18)) AS {name}" for name in measures)
        by = ", ".join(keys)
        for origin in (table.name, f"({summed(table, 'TRUE')})"):
            sql = f"SELECT {by}, {totals} FROM {origin} AS t GROUP BY {by} ORDER BY {by}"
            yield table.name, books.marts.query(sql).to_pylist()


def assert_adds_up(books: Books) -> None:
    found = list(sums(books))
    for (name, held), (_, due) in zip(found[::2], found[1::2], strict=True):
        assert held == due, name


def test_a_mapping_added_later_reaches_back_to_its_first_day(tmp_path: Path) -> None:
    books = people_books(tmp_path, "llm: {}")
    tell(books, [call(at, external_request_id="a", tenant_id="T1") for at in (AUGUST, OCTOBER)])
    books = reopened(books, "llm: {tenants: {t1: {2026-09-01: acme}}}")
    assert [(one.move.becomes.customer, one.calls) for one in planned(books)] == [("acme", 1)]
    applied(books)
    assert customers(books) == {("a", 8): "", ("a", 10): "acme"}
    assert_adds_up(books)


def test_a_plan_writes_nothing(tmp_path: Path) -> None:
    books = people_books(tmp_path, "llm: {}")
    tell(books, [call(AUGUST, tenant_id="t1")])
    books = reopened(books, "llm: {tenants: {t1: acme}}")
    known = known_people(books, environment=PEPPER)
    before = (books.marts.changes, books.control.changes)
    assert plan_backfill(books, known)
    assert (books.marts.changes, books.control.changes) == before


def test_a_call_that_named_its_customer_keeps_it(tmp_path: Path) -> None:
    books = people_books(tmp_path, "llm: {tenants: {t1: acme}}")
    told = [
        call(AUGUST, external_request_id="said", tenant_id="t1", customer_id="other"),
        call(AUGUST, external_request_id="mapped", tenant_id="t1"),
    ]
    tell(books, told)
    books = reopened(books, "llm: {tenants: {t1: globex}}")
    applied(books)
    assert customers(books) == {("said", 8): "other", ("mapped", 8): "globex"}
    assert_adds_up(books)


def test_a_mapping_taken_away_leaves_calls_without_a_customer(tmp_path: Path) -> None:
    books = people_books(tmp_path, "llm: {tenants: {t1: acme}}")
    tell(books, [call(AUGUST, external_request_id="a", tenant_id="t1")])
    books = reopened(books, "llm: {}")
    applied(books)
    assert customers(books) == {("a", 8): ""}


def test_applying_twice_changes_nothing_more(tmp_path: Path) -> None:
    books = people_books(tmp_path, "llm: {}")
    tell(books, [call(AUGUST, tenant_id="t1")])
    books = reopened(books, "llm: {tenants: {t1: acme}}")
    assert applied(books)
    before = (books.marts.changes, books.control.changes)
    assert applied(books) == ()
    assert (books.marts.changes, books.control.changes) == before


def test_a_closed_month_stays_and_is_told(tmp_path: Path) -> None:
    books = people_books(tmp_path, "llm: {}")
    tell(books, [call(at, external_request_id="a", tenant_id="t1") for at in (AUGUST, SEPTEMBER)])
    books = reopened(books, "llm: {tenants: {t1: acme}}")
    close_period(books.control, date(2026, 8, 1), source="", now=NOW)
    answer = backfill_answer(planned(books), applied=False)
    assert (answer.total["calls"], answer.total["closed_calls"]) == (1, 1)
    applied(books)
    assert customers(books) == {("a", 8): "", ("a", 9): "acme"}
    assert_adds_up(books)


def test_an_account_declared_later_takes_its_past_calls(tmp_path: Path) -> None:
    books = people_books(tmp_path, "llm: {}")
    told = [
        call(AUGUST, 5, external_request_id="bot", service_account="Nightly"),
        call(AUGUST, 7, external_request_id="other", service_account="crawler"),
        call(AUGUST, 9, external_request_id="jane", user_id="jane"),
    ]
    tell(books, told)
    books = reopened(books, "llm: {service_accounts: {nightly: {customer: acme, team: ops}}}")
    (found,) = applied(books)
    assert (found.move.was.account, found.calls, found.cost) == ("nightly", 1, Decimal(5))
    assert customers(books) == {("bot", 8): "acme", ("jane", 8): "", ("other", 8): ""}
    teams = books.marts.query("SELECT team FROM calls WHERE call_id = 'bot'").to_pylist()
    assert teams == [{"team": "ops"}]
    assert_adds_up(books)


def test_what_was_moved_is_in_the_log(tmp_path: Path) -> None:
    books = people_books(tmp_path, "llm: {}")
    tell(books, [call(AUGUST, 3, tenant_id="t1", user_id="jane@laptop")])
    books = reopened(books, "llm: {tenants: {t1: acme}}")
    applied(books)
    last = entries(books.control)[-1]
    assert last.action == "calls moved to other customers"
    assert '"new_customer": "acme"' in last.detail
    assert "jane" not in last.detail


def test_roll_ups_that_an_invoice_trued_up_keep_their_cost(tmp_path: Path) -> None:
    books = people_books(tmp_path, "llm: {}")
    tell(books, [call(AUGUST, 3, tenant_id="t1", user_id="u1")])
    for table in ("call_hourly", "user_daily"):
        from_old = f"SELECT * REPLACE (CAST(2 AS DECIMAL(38,18)) AS cost) FROM {table}"
        books.marts.keep("trued_up", from_old)
        books.marts.replace([Write(table=table, where="TRUE", select="SELECT * FROM trued_up")])
    books = reopened(books, "llm: {tenants: {t1: acme}}")
    applied(books)
    rows = books.marts.query("SELECT customer, cost, call_cost FROM call_hourly").to_pylist()
    assert rows == [{"customer": "acme", "cost": Decimal(2), "call_cost": Decimal(3)}]


maps = st.dictionaries(
    st.sampled_from(["t1", "t2"]),
    st.dictionaries(
        st.sampled_from(["2026-08-01", "2026-09-10", "2026-09-11"]),
        st.sampled_from(["c1", "c2"]),
        min_size=1,
    ),
)
homes = st.fixed_dictionaries(
    {"customer": st.sampled_from(["c2", "c3"]), "team": st.sampled_from(["ops", "web"])}
)
told_calls = st.lists(
    st.fixed_dictionaries(
        {
            "at": st.sampled_from([AUGUST, SEPTEMBER, OCTOBER]),
            "tenant_id": st.sampled_from(["t1", "t2", ""]),
            "customer_id": st.sampled_from(["", "", "other"]),
            "team": st.sampled_from(["", "dev"]),
            "user_id": st.sampled_from(["", "jane", "auth0|1", "bot-7"]),
            "service_account": st.sampled_from(["", "", "bot", "bot-7", "crawler"]),
        }
    ),
    min_size=1,
    max_size=8,
)


def section(mapping: object, has_aliases: object, account: dict[str, str] | None) -> str:
    said: dict[str, object] = {"tenants": mapping}
    if has_aliases:
        said["aliases"] = {"auth0|1": "jane"}
    if account is not None:
        said["service_accounts"] = {"bot": {**account, "ids": ["bot-7"]}}
    return f"llm: {json.dumps(said)}"


def last_of(mapping: object, account: dict[str, str]) -> str:
    return section(mapping, "with aliases", account)


@settings(max_examples=6)
@given(
    told_calls,
    st.builds(section, maps, st.booleans(), st.none() | homes),
    st.builds(last_of, maps, homes),
)
def test_the_order_of_settings_and_calls_makes_no_difference(
    tmp_path_factory: pytest.TempPathFactory,
    told: list[dict[str, Any]],
    first: str,
    last: str,
) -> None:
    def events() -> list[Event]:
        return [
            Event(
                input_tokens=2, timestamp=one["at"], external_request_id=f"c{number}", **rest(one)
            )
            for number, one in enumerate(told)
        ]

    late = people_books(tmp_path_factory.mktemp("late"), first)
    early = people_books(tmp_path_factory.mktemp("early"), last)
    tell(late, events())
    tell(early, events())
    late = reopened(late, last)
    applied(late)
    assert whose(late) == whose(early)
    assert planned(late) == planned(early) == ()
    assert_adds_up(late)
    late.close()
    early.close()


def rest(one: dict[str, Any]) -> dict[str, Any]:
    return {name: said for name, said in one.items() if name != "at"}


def whose(books: Books) -> list[dict[str, Any]]:
    names = "call_id, day, tenant, customer, user_id, user_kind, team"
    return books.marts.query(f"SELECT {names} FROM calls ORDER BY call_id, day").to_pylist()


def test_an_alias_declared_later_makes_one_user_of_two(tmp_path: Path) -> None:
    books = people_books(tmp_path, "llm: {}")
    ids = ("jane", "auth0|1")
    tell(books, [call(AUGUST, 3, user_id=one, external_request_id=one) for one in ids])
    books = reopened(books, "llm: {aliases: {auth0|1: jane}}")
    (found,) = applied(books)
    assert (found.calls, found.cost) == (1, Decimal(3))
    known = known_people(books, environment=PEPPER)
    assert {row["user_id"] for row in whose(books)} == {known.user_id("jane")}
    users = "SELECT DISTINCT user_id, user_key = hash(user_id) AS same FROM user_daily"
    assert books.marts.query(users).to_pylist() == [
        {"user_id": known.user_id("jane"), "same": True}
    ]
    assert_adds_up(books)


def test_a_user_known_by_the_hash_alone_can_be_declared_a_program(tmp_path: Path) -> None:
    books = people_books(tmp_path, "llm: {}")
    tell(books, [call(AUGUST, 3, user_id="bot-7", tenant_id="t1")])
    shown = whose(books)[0]["user_id"]
    books = reopened(
        books, f"llm: {{service_accounts: {{bot: {{customer: acme, ids: ['h:{shown}']}}}}}}"
    )
    applied(books)
    (row,) = whose(books)
    assert (row["user_id"], row["user_kind"], row["customer"]) == ("bot", "service_account", "acme")
    assert_adds_up(books)


def test_an_alias_of_an_alias_in_a_file_loses_no_call(tmp_path: Path) -> None:
    books = people_books(tmp_path, "llm: {}")
    ids = ("a", "b", "c")
    tell(books, [call(AUGUST, 3, user_id=one, external_request_id=one) for one in ids])
    text = "alias,user\na,b\nb,c\n"
    (tmp_path / "aliases.csv").write_text(text)
    books = reopened(books, "llm: {aliases: {file: aliases.csv}}")
    applied(books)
    assert len(whose(books)) == len(ids)
    assert_adds_up(books)


def test_the_ledger_follows_a_backfill(tmp_path: Path) -> None:
    books = people_books(tmp_path, "llm: {}")
    told = [call(AUGUST, 3, tenant_id="t1"), call(AUGUST, 4, tenant_id="t2")]
    tell(books, told)
    assert carried(books) == {"(unallocated)": Decimal(7)}
    books = reopened(books, "llm: {tenants: {t1: acme}}")
    applied(books)
    assert carried(books) == {"acme": Decimal(3), "(unallocated)": Decimal(4)}


def carried(books: Books) -> dict[str, Decimal]:
    land_calls(books, now=NOW)
    allocate(books, now=NOW)
    rows = books.marts.query(
        "SELECT dim_customer AS customer, SUM(billed_cost) AS cost FROM legs GROUP BY 1"
    ).to_pylist()
    return {row["customer"]: row["cost"] for row in rows if row["cost"]}


def test_other_names_of_a_customer_are_read_as_the_ledger_reads_them(tmp_path: Path) -> None:
    books = people_books(tmp_path, "llm: {tenants: {t1: acme-old, t2: acme}}")
    early = [
        call(AUGUST, 1, external_request_id="said", customer_id="ACME-old"),
        call(AUGUST, 2, external_request_id="mapped", tenant_id="t1"),
        call(AUGUST, 4, external_request_id="both", tenant_id="t2", customer_id="acme-old"),
        call(AUGUST, 8, external_request_id="plain", tenant_id="t2"),
        call(AUGUST, 16, external_request_id="other", customer_id="globex"),
    ]
    tell(books, early)
    assert customers(books)["said", 8] == "acme-old"
    named = "dimensions: {customer: {from: tags.customer, aliases: {Acme-Old: acme}}}"
    books = reopened(books, f"{named}\nllm: {{tenants: {{t1: acme-old, t2: acme}}}}")
    assert {(it.move.was.customer, it.move.becomes.customer) for it in applied(books)} == {
        ("acme-old", "acme")
    }
    late = [
        call(SEPTEMBER, 1, external_request_id="late", customer_id="acme-OLD"),
        call(SEPTEMBER, 1, external_request_id="late mapped", tenant_id="t1"),
    ]
    tell(books, late)
    owners = customers(books)
    assert owners.pop(("other", 8)) == "globex"
    assert set(owners.values()) == {"acme"}
    assert planned(books) == ()
    for table, (held, summed_again) in _pairs(books):
        assert held == summed_again, table


def _pairs(books: Books) -> Iterator[tuple[object, tuple[object, object]]]:
    found = [*sums(books)]
    for at in range(0, len(found), 2):
        yield found[at][0], (found[at][1], found[at + 1][1])
