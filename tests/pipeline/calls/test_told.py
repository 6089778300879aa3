"""What the spool writes down, and lets go of again."""

import sys
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.pipeline.calls.fold_world import call

from costper.errors import SourceError
from costper.events.event import Event, Line
from costper.pipeline.calls import told
from costper.pipeline.calls.told import (
    FEW,
    KINDS,
    NUMBERS,
    Written,
    batches_of,
    batches_of_offers,
    table_of,
)
from costper.store.spool import Batch

WORDS = st.sampled_from(("", "a", "b\0'\"\\\n𝄞é"))
SAID = {
    "external_request_id": WORDS,
    "model": WORDS,
    "user_id": WORDS,
    "session_id": WORDS,
    "service_account": WORDS,
    "attempt": st.sampled_from((None, 1, 3)),
    "timestamp": st.integers(0, 2**50),
    "latency_ms": st.sampled_from((None, 0.0, 1.5)),
    "input_tokens": st.sampled_from((0, 1, 10**10)),
    "provider_cost": st.sampled_from((None, "0.1", 1e-7)),
    "estimated": st.booleans(),
    "lines": st.sampled_from(((), (Line(model="m", output_tokens=3), Line(provider_cost=0.5)))),
}
EVENTS = st.lists(st.builds(Event, **SAID), min_size=1, max_size=9)


def read(events: list[Event], monkeypatch: pytest.MonkeyPatch, few: int) -> list[dict[str, Any]]:
    """Write events down as lines or as columns, and give what is read again."""
    with monkeypatch.context() as changed:
        changed.setattr(told, "FEW", few)
        (batch,) = batches_of(events, 7, 0)
    table = table_of([batch])
    rows = [dict.fromkeys(KINDS, None) | row for row in table.to_pylist()]
    return [{name: row[name] or None for name in (*KINDS, "n")} for row in rows]


@given(events=EVENTS)
def test_columns_hold_what_lines_do(events: list[Event]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        lines, columns = read(events, patch, len(events) + 1), read(events, patch, 0)
    assert lines == columns
    assert [row["n"] for row in columns] == [7 * NUMBERS + at for at in range(len(events))]
    assert [row["model"] or "" for row in columns] == [event.model for event in events]


@given(offers=st.lists(st.tuples(EVENTS, st.booleans()), min_size=1, max_size=5))
def test_offers_in_columns_or_not_are_written_in_order(
    offers: list[tuple[list[Event], bool]],
) -> None:
    def rows(batches: Iterable[Batch]) -> list[dict[str, Any]]:
        found = [dict.fromkeys(KINDS, None) | row for row in table_of(batches).to_pylist()]
        return [{name: row[name] or None for name in (*KINDS, "n")} for row in found]

    told = [in_columns(events) if columns else events for events, columns in offers]
    events = [event for some, _ in offers for event in some]
    assert rows(batches_of_offers(told, 3, 0)) == rows(batches_of(events, 3, 0))


def in_columns(events: list[Event]) -> Written:
    """Give events as a door would that settled them in columns."""
    (batch,) = batches_of(events, 1, 0)
    return Written(table_of([batch]).drop_columns("n"))


def test_more_offers_than_a_batch_holds_are_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(told, "MOST_EVENTS", 5)
    offers = [in_columns([call(number), call(number + 50)]) for number in range(6)]
    batches = list(batches_of_offers([*offers, [call(99)]], 4, 0))
    assert [(batch.seq, batch.events) for batch in batches] == [(4, 5), (5, 5), (6, 3)]
    numbers = table_of(batches)["n"].to_pylist()
    assert numbers == [seq * NUMBERS + at for seq, most in ((4, 5), (5, 5), (6, 3))
                       for at in range(most)]  # fmt: skip


def test_a_column_in_which_nobody_says_anything_is_left_out() -> None:
    (batch,) = batches_of([call(number) for number in range(FEW)], 1, 0)
    assert {"model", "status", "input_tokens"} < set(table_of([batch]).column_names)
    assert not {"team", "attempt", "web_searches", "lines"} & set(table_of([batch]).column_names)


@pytest.mark.parametrize("number", [1, FEW])
def test_what_cannot_be_written_is_told(number: int) -> None:
    events = [call(at, model="\ud800") for at in range(number)]
    with pytest.raises(ValueError, match="surrogates"):
        list(batches_of(events, 1, 0))


@pytest.mark.parametrize("few", [0, 2])
def test_a_batch_that_is_damaged_is_told(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(told, "FEW", few)
    (batch,) = batches_of([call(1)], 1, 0)
    cut = bytes(told.plain_of(batch))[:-9]
    body = pa.Codec("zstd").compress(cut, asbytes=True)
    with pytest.raises(SourceError, match="cannot be read"):
        table_of([Batch(seq=1, events=1, plain=len(cut), body=body, received_us=0)])


@pytest.mark.parametrize("number", [10, FEW])
def test_events_that_are_written_down_are_let_go_of(number: int) -> None:
    name = repr(object())  # a text nobody else holds
    before = sys.getrefcount(name)
    events = [Event(external_request_id=name, timestamp=1) for _ in range(number)]
    (batch,) = batches_of(events, 1, 0)
    del events
    assert sys.getrefcount(name) == before
    assert table_of([batch]).num_rows == number
