"""The verb `explain` walks LLM cost back to its calls, and bills' cost back to bills."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from tests.cli.world import run
from tests.pipeline.calls.people_world import people_books, tell

from costper.events.event import Event
from costper.pipeline.calls.people import day_us

NOON = day_us(date(2026, 8, 10)) + 12 * 3_600_000_000
DAYS = ("--from", "2026-08-10", "--to", "2026-08-11")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    books = people_books(tmp_path, "llm: {}")
    events = [
        Event(
            timestamp=NOON + n,
            tenant_id="t1",
            user_id="jane",
            endpoint_tag="search",
            customer_id="acme",
            environment="production",
            data_mode="real",
            input_tokens=5,
        )
        for n in range(3)
    ]
    tell(books, events, environment={})
    books.close()
    return tmp_path


@pytest.mark.parametrize(
    "words",
    [
        ("user", "jane"),
        ("feature", "search"),
        ("tenant", "t1"),
        ("customer", "acme", "--calls"),
    ],
    ids=" ".join,
)
def test_a_noun_of_calls_is_walked_back_to_them(folder: Path, words: tuple[str, ...]) -> None:
    ran = run(folder, "explain", *words, *DAYS, "--rows", "2", "--json")
    assert ran.code == 0, ran.err
    answer = json.loads(ran.out)
    assert [row["kind"] for row in answer["rows"]] == ["line", "line", "others"]
    assert sum(Decimal(row["cost"]) for row in answer["rows"]) == Decimal(answer["total"]["cost"])
    shown = run(folder, words[0], words[1], *DAYS, "--json")
    if words[0] != "customer":
        assert json.loads(shown.out)["rows"][0]["cost"] == answer["total"]["cost"]


def test_a_table_names_the_rest_and_says_what_the_columns_mean(folder: Path) -> None:
    ran = run(folder, "explain", "feature", "search", *DAYS, "--rows", "1")
    assert "(other lines)" in ran.out
    assert "\n* every row is a line of a call" in ran.out
    second = run(folder, "explain", "feature", "search", *DAYS, "--rows", "1", "--after", "1")
    assert "2 lines, 1 of them before these" in second.out


def test_what_only_calls_have_is_refused_of_bills(folder: Path) -> None:
    ran = run(folder, "explain", "customer", "acme", "--tenant", "t1")
    assert ran.code == 2
    assert "--tenant is for LLM calls" in ran.err
    assert "LLM calls have no service" in run(folder, "explain", "service", "x", "--calls").err
