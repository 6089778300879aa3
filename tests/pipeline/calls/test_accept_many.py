"""What is settled in columns is what is settled event by event."""

import json
from dataclasses import replace
from datetime import date
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.pipeline.calls.desks import GOOD, NOW_US, desk

from costper.events.payload import read_payload
from costper.identity import ALWAYS, Account, Doorkeeper, identities
from costper.pipeline.calls.accept import Desk, accept
from costper.pipeline.calls.accept_many import LARGE, accept_many
from costper.pipeline.calls.told import KINDS, Written, batches_of_offers, table_of

DAY_BEFORE_US = NOW_US - 86_400_000_000
PEOPLE = identities(
    pepper=b"pepper",
    aliases={"janet": "jane"},
    accounts=(Account(name="nightly", customer="acme", ids=("bot-7",)),),
    tenants={"T1": [(ALWAYS, "Acme"), (DAY_BEFORE_US, "globex")], "t2": [(ALWAYS, "initech")]},
)
WORDS = {
    "provider": st.sampled_from(("openai", " OpenAI ")),
    "serviceTier": st.sampled_from(("", "Flex")),
    "environment": st.sampled_from(("", "Prod", "blue")),
    "status": st.sampled_from(("", "429")),
    "team": st.sampled_from(("", " Core ")),
    "promptVersion": st.sampled_from(("", "v1")),
}
ORDINARY = {
    "timestamp": st.sampled_from(
        ("2026-11-20T10:00:00.5+01:00", "2026-11-20T10:00Z", 1_795_168_800, 1_795_168_800.25,
         1_795_240_800_000_000_000)
    ),
    "cacheReadTokens": st.sampled_from((0, 60)),
    "imageInputTokens": st.sampled_from((0, 40)),
    "imageOutputTokens": st.sampled_from((0, 10)),
    "latencyMs": st.sampled_from((0, 1.5, 7)),
    "attempt": st.sampled_from((1, 2)),
    "estimated": st.booleans(),
    "sessionId": st.sampled_from(("", "s-1")),
    "userId": st.sampled_from(("", "jane", "janet", " 7 ", "null")),
    "tenantId": st.sampled_from(("", "t2", " T2", "t3")),
}  # fmt: skip
ODD = {
    "timestamp": st.sampled_from(
        ("soon", "1793120100000", "2026-11-20 10:00", 5, "2026-11-22T07:00:00Z", -1)
    ),
    "dataMode": st.sampled_from(("test", "okay")),
    "cacheReadTokens": st.sampled_from((61, 101, -1, 1.5)),
    "cacheWrite1hTokens": st.just(1),
    "reasoningTokens": st.just(11),
    "imageOutputTokens": st.just(11),
    "providerCost": st.sampled_from(("0.1", "x")),
    "lines": st.sampled_from(([], [{"inputTokens": 1}])),
    "response": st.sampled_from(({}, {"lines": [{"input_tokens": 1}]})),
    "wire": st.just("openai_chat"),
    "userId": st.sampled_from(("j@acme.com", "bot-7", 42, None)),
    "anonId": st.just("a-1"),
    "serviceAccount": st.just("nightly"),
    "customerId": st.sampled_from(("Globex", "c@acme.com")),
    "tenantId": st.sampled_from(("t1", "t@acme.com", "\t")),
    "sessionId": st.sampled_from(("jane@acme.com", "jane%40acme.com", "é")),
    "externalRequestId": st.sampled_from(("", "j@acme.com")),
    "unheard_of": st.just(1),
    "input_tokens": st.just(1),
}


def events(more: dict[str, Any], most: int) -> st.SearchStrategy[list[dict[str, Any]]]:
    said = {**WORDS, **ORDINARY} | more
    return st.lists(st.fixed_dictionaries({}, optional=said), min_size=1, max_size=most)


def opened(*, closed: frozenset[date] = frozenset()) -> Desk:
    """Give a desk with a real doorkeeper, which has heard all words that are known."""
    keeper = Doorkeeper(PEOPLE)
    doors = replace(
        desk(closed=closed),
        admit=keeper.admit,
        admit_known=keeper.admit_known,
        admit_columns=keeper.admit_columns,
        new_id=lambda: "new",
    )
    known = [
        GOOD | {"provider": provider, "serviceTier": tier, "environment": where, "status": status,
                "team": team, "promptVersion": version}
        for provider in ("openai", " OpenAI ") for tier in ("", "Flex")
        for where in ("", "Prod", "blue") for status in ("", "429") for team in ("", " Core ")
        for version in ("", "v1")
    ]  # fmt: skip
    accept(read_payload(json.dumps(known).encode()), doors, now_us=NOW_US)
    return doors


def body_of(said: list[dict[str, Any]], *, lines: bool) -> bytes:
    told = [json.dumps(GOOD | event).encode() for event in said]
    return (b"\n".join(told) if lines else b"[" + b",".join(told) + b"]") + b" " * LARGE


def rows(offer: object) -> list[dict[str, object]]:
    """Give what the spool would hold of an offer: what is said in it, by event."""
    table = table_of(batches_of_offers([cast("Written", offer)], 1, 0))
    return [
        {name: value for name, value in row.items() if value is not None}
        for row in table.to_pylist()
    ]


@settings(max_examples=150)
@given(said=events({}, 6), lines=st.booleans())
def test_ordinary_bodies_are_settled_in_columns_as_event_by_event(
    said: list[dict[str, Any]], *, lines: bool
) -> None:
    body = body_of(said, lines=lines)
    doors = opened()
    batch = accept_many(body, doors, now_us=NOW_US)
    assert batch is not None
    assert isinstance(batch.columns, Written)
    assert (batch.accepted, batch.total, batch.rejected) == (len(said), len(said), [])
    one_by_one = accept(read_payload(body), opened(), now_us=NOW_US)
    assert one_by_one.warnings == {}
    assert rows(batch.columns) == rows(one_by_one.events)


@settings(max_examples=300)
@given(before=events({}, 3), said=events(ODD, 4), lines=st.booleans())
def test_any_body_is_settled_so_or_left_to_be_settled_event_by_event(
    before: list[dict[str, Any]], said: list[dict[str, Any]], *, lines: bool
) -> None:
    doors = opened()
    accept_many(body_of(before, lines=lines), doors, now_us=NOW_US)
    body = body_of(said, lines=lines)
    batch = accept_many(body, doors, now_us=NOW_US)
    one_by_one = accept(read_payload(body), opened(), now_us=NOW_US)
    if batch is None:
        after = accept(read_payload(body), doors, now_us=NOW_US)  # nothing is left behind
        assert rows(after.events) == rows(one_by_one.events) if after.events else True
        assert after.rejected == one_by_one.rejected
    else:
        assert (one_by_one.rejected, one_by_one.warnings) == ([], {})
        assert rows(batch.columns) == rows(one_by_one.events)


def test_what_is_no_body_is_left_to_be_refused() -> None:
    doors = opened()
    for body in (b"", b"{", b"[]", b"[1]", b"\xff", b"null"):
        assert accept_many(body + b" " * LARGE, doors, now_us=NOW_US) is None
        doors.usual.heard(good=True)


def test_a_small_body_is_settled_event_by_event() -> None:
    assert accept_many(json.dumps(GOOD).encode(), opened(), now_us=NOW_US) is None


def test_a_body_with_calls_of_a_closed_month_is_flagged_event_by_event() -> None:
    october = {"timestamp": "2026-10-20T10:00:00Z"}
    doors = opened(closed=frozenset((date(2026, 10, 1),)))
    assert accept_many(body_of([{}, october], lines=True), doors, now_us=NOW_US) is None
    assert accept_many(body_of([{}], lines=True), doors, now_us=NOW_US) is None  # one is left out
    assert accept_many(body_of([{}], lines=True), doors, now_us=NOW_US) is not None


def test_a_tenant_that_changed_hands_within_a_body_is_looked_up_event_by_event() -> None:
    def at(moment: int) -> dict[str, Any]:
        return {"tenantId": "t1", "timestamp": moment * 1_000}

    doors = opened()
    earlier, later = at(DAY_BEFORE_US - 1), at(DAY_BEFORE_US)
    for said, customer in ((earlier, "acme"), (later, "globex")):
        batch = accept_many(body_of([said, said], lines=True), doors, now_us=NOW_US)
        assert batch is not None
        assert [row["customer_id"] for row in rows(batch.columns)] == [customer] * 2
    both = body_of([earlier, later], lines=True)
    assert accept_many(both, doors, now_us=NOW_US) is None
    kept = accept(read_payload(both), doors, now_us=NOW_US).events
    assert [event.customer_id for event in kept] == ["acme", "globex"]


def test_bodies_that_are_never_as_usual_are_tried_less_and_less_often() -> None:
    doors, odd = opened(), body_of([{"providerCost": "0.1"}], lines=True)
    tried = 0
    for _ in range(100):
        before = doors.usual.read(odd)
        if before is not None:
            tried += 1
            doors.usual.heard(good=False)
    assert tried == 7  # after 0, 1, 3, 7, 15, 31 and 31 that were not


def test_every_column_of_the_spool_is_a_field_of_calls_in_columns() -> None:
    said = {"anonId": "", "sessionId": "s", "userId": "jane", "attempt": 2, "latencyMs": 0}
    batch = accept_many(body_of([said], lines=True), opened(), now_us=NOW_US)
    assert batch is not None
    assert isinstance(batch.columns, Written)
    schema = batch.columns.table.schema
    assert [schema.field(name).type for name in schema.names] == [
        KINDS[name] for name in schema.names
    ]
    assert "latency_ms" in schema.names  # 0 ms are said, and nothing is not
    assert "anon_id" not in schema.names
