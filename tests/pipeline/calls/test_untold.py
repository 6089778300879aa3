"""A call that counts nothing, though it went well, is unpriced: what is missing is not zero."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.ledger import NOW
from tests.pipeline.calls.desks import GOOD, NOW_US, desk
from tests.pipeline.calls.fold_world import DAY, call, road
from tests.pipeline.calls.test_accept_many import body_of, opened

from costper.events.batch import Batch
from costper.events.event import Line
from costper.events.payload import read_payload
from costper.pipeline.answer.standing import standing
from costper.pipeline.calls.accept import accept
from costper.pipeline.calls.accept_many import accept_many
from costper.pipeline.calls.price_book import catalogue_of
from costper.pipeline.calls.pricing import pricing_of
from costper.pipeline.calls.reprice import plan_reprice
from costper.pipeline.calls.unpriced import unpriced

SILENT = {"provider": "openai", "model": "gpt-4o", "externalRequestId": "k1"}
EMPTY = {"input_tokens": 0, "output_tokens": 0}


def told(batch: Batch) -> list[tuple[int, int]]:
    """Give where calls without usage were warned of first, and how often."""
    return [(it.index, it.count) for it in batch.warnings.values() if it.code == "no_usage"]


def accepted(*said: dict[str, Any]) -> Batch:
    """Let events in."""
    return accept(read_payload(json.dumps(said).encode()), desk(), now_us=NOW_US)


@pytest.mark.parametrize(
    ("said", "warned"),
    [
        ({}, True),
        ({"lines": [{"model": "gpt-4o"}]}, True),
        ({"lines": [{"inputTokens": 5}, {"model": "gpt-4o"}]}, True),
        ({"lines": [{"inputTokens": 5}]}, False),
        ({"response": {"lines": []}}, True),
        ({"response": {"lines": [{"input_tokens": 0}]}}, False),
        ({"response": {"lines": [{"input_tokens": 0, "estimated": True}]}}, True),
        ({"response": {"lines": [{"input_tokens": 5}, {"model": "gpt-5"}]}}, False),
        ({"status": "429"}, False),
        ({"status": "timeout"}, False),
        ({"providerCost": 0}, False),
        ({"webSearches": 1}, False),
        ({"outputTokens": 1}, False),
    ],
)
def test_the_door_warns_of_a_call_that_says_nothing_of_its_usage(
    said: dict[str, Any], *, warned: bool
) -> None:
    batch = accepted({**GOOD, "externalRequestId": "r-0"}, {**SILENT, **said})
    assert batch.accepted == 2
    assert told(batch) == ([(1, 1)] if warned else [])


def test_a_large_body_is_warned_of_alike() -> None:
    none = {"inputTokens": 0, "outputTokens": 0}
    body = body_of([{}, none, {"status": "429", **none}, none], lines=True)
    batch = accept_many(body, opened(), now_us=NOW_US)
    assert batch is not None
    assert told(batch) == told(accept(read_payload(body), opened(), now_us=NOW_US)) == [(1, 2)]


def test_what_was_not_told_is_unpriced_and_what_is_said_to_be_nothing_is_not(
    tmp_path: Path,
) -> None:
    with road(tmp_path) as one:
        one.intake.price_with(pricing_of(catalogue_of(one.books)))
        one.send(
            [
                call(1),
                call(2, **EMPTY),
                call(3, **EMPTY, status="error"),
                call(4, **EMPTY, provider_cost="0"),
                call(5, **EMPTY, lines=(Line(model="gpt-5", input_tokens=4), Line(model="gpt-5"))),
            ]
        )
        rows = {(row["call_id"], row["line_no"]): row["price_status"] for row in one.calls()}
        assert rows == {
            ("call-1", 0): "priced",
            ("call-2", 0): "unpriced",
            ("call-3", 0): "priced",
            ("call-4", 0): "provider",
            ("call-5", 0): "priced",
            ("call-5", 1): "unpriced",
        }
        books = one.books
        found = unpriced(books, catalogue_of(books), standing(books), now=NOW)
        (row,) = [row for row in found.rows if row["model"] == "gpt-5"]
        assert (row["why"], row["calls"], row["line"]) == ("no usage told", 2, "")
        assert plan_reprice(books, catalogue_of(books), since=DAY).found == ()
        one.send([call(7, **EMPTY)])  # a fold in which nothing is counted
        assert one.one("SELECT cost FROM calls WHERE call_id = 'call-7'") is None
