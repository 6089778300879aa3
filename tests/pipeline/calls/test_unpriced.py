"""Calls without a price stand in a queue with why, since when and what may be meant."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from tests.ledger import NOW
from tests.pipeline.calls.fold_world import HOUR_US, NOON_US, Road, call, road

from costper.model.answer import Answer
from costper.pipeline.answer.standing import standing
from costper.pipeline.calls.check_calls import check_calls
from costper.pipeline.calls.price_book import catalogue_of
from costper.pipeline.calls.pricing import pricing_of
from costper.pipeline.calls.unpriced import unpriced


def asked(open_road: Road) -> Answer:
    books = open_road.books
    return unpriced(books, catalogue_of(books), standing(books), now=NOW)


def test_the_queue_says_which_since_when_why_and_what_may_be_meant(tmp_path: Path) -> None:
    with road(tmp_path) as one:
        one.intake.price_with(pricing_of(catalogue_of(one.books)))
        one.send(
            [
                call(1),
                call(2, model="gpt-4o-mni", input_tokens=900),
                call(3, model="gpt-4o-mni", timestamp=NOON_US - 72 * HOUR_US),
                call(4, provider="cohere", model="command-r", service_tier="batch"),
                call(5, model="gpt-4o", audio_input_tokens=4),
                call(6, provider="acme", model="acme-1"),
            ]
        )
        found = asked(one)
    rows = {(row["model"], row["why"]): row for row in found.rows}
    assert set(rows) == {
        ("gpt-4o-mni", "unknown model"),
        ("command-r", "no price at tier batch"),
        ("gpt-4o", "no price for audio_input"),
        ("acme-1", "unknown provider"),
    }
    first = found.rows[0]
    assert (first["model"], first["calls"], first["tokens"]) == ("gpt-4o-mni", 2, 920)
    assert (first["first_seen"], first["last_seen"]) == (date(2026, 11, 17), date(2026, 11, 20))
    assert first["suggested"] == "openai/gpt-4o-mini"
    assert found.total["calls"] == 5


def test_the_line_of_each_row_gives_its_calls_a_price(tmp_path: Path) -> None:
    with road(tmp_path) as one:
        one.intake.price_with(pricing_of(catalogue_of(one.books)))
        one.send(
            [
                call(1, model='our "own": chat, v2'),
                call(2, provider="cohere", model="command-r", service_tier="batch"),
                call(3, model="gpt-4o", audio_input_tokens=4),
            ]
        )
        lines = [str(row["line"]) for row in asked(one).rows]
        assert '- {provider: "openai", models: "gpt-4o", audio_input_per_mtok: CHOOSE}' in lines
        file = one.books.settings.root / "own.yaml"
        text = "\n".join(["prices:", *lines]).replace("CHOOSE", "1")
        file.write_text(text, encoding="utf-8")
        llm = one.books.settings.llm.model_copy(update={"prices": (file.name,)})
        priced = replace(one.books, settings=replace(one.books.settings, llm=llm))
        left = unpriced(priced, catalogue_of(priced), standing(one.books), now=NOW).rows
    assert [row["why"] for row in left] == ["priced meanwhile"] * 3


def test_what_has_a_price_meanwhile_only_waits_to_be_repriced(tmp_path: Path) -> None:
    with road(tmp_path) as one:
        one.send([call(1, model="gpt-4o")])  # unknown to the prices made by hand
        (row,) = asked(one).rows
    assert row["why"] == "priced meanwhile"
    assert row["fix"] == "costper reprice --since 2026-11-20"


def test_unpriced_calls_are_warned_of_and_never_cost_nothing(tmp_path: Path) -> None:
    """LiteLLM booked $1.16 of about $185: what it had no price for cost $0."""
    with road(tmp_path) as one:
        one.send([call(1), call(2, model="nobody-knows")])
        (issue,) = [it for it in check_calls(one.books, NOW) if it.code == "unpriced_calls"]
        assert one.rows("SELECT cost FROM calls ORDER BY call_id") == [
            {"cost": Decimal("0.000015")},
            {"cost": None},
        ]
        assert one.one("SELECT SUM(unpriced_calls) FROM call_hourly") == 1
    assert (issue.severity, issue.count) == ("warning", 1)
    assert "`costper unpriced`" in issue.hint
