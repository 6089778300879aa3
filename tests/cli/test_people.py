"""The clean-up queue and the backfill through the command line, over one set of books."""

import json
from datetime import date
from pathlib import Path

import pytest
from tests.cli.world import run
from tests.pipeline.calls.people_world import people_books, tell

from costper.events.event import Event
from costper.pipeline.calls.people import day_us

AUGUST = day_us(date(2026, 8, 10))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    books = people_books(tmp_path, "llm: {}")
    events = [Event(timestamp=AUGUST, tenant_id="t1", user_id="jane", input_tokens=5)]
    tell(books, events, environment={})
    books.close()
    return tmp_path


def mapped(folder: Path) -> None:
    text = "currency: USD\nllm: {tenants: {t1: acme}}\n"
    (folder / "costper.yaml").write_text(text, encoding="utf-8")


def test_the_queue_says_what_to_do(folder: Path) -> None:
    shown = run(folder, "unknown")
    assert shown.code == 0
    assert "unmapped_tenant" in shown.out
    rows = json.loads(run(folder, "unknown", "--json").out)["rows"]
    assert {row["kind"] for row in rows} == {"no_customer", "no_feature", "unmapped_tenant"}
    assert {row["age_days"] for row in rows} == {102}


def test_an_empty_queue_says_so(folder: Path) -> None:
    assert run(folder, "unknown", "--environment", "staging").out == "nothing is unknown\n"


def test_a_backfill_is_planned_then_applied_then_done(folder: Path) -> None:
    assert "every call is where costper.yaml says" in run(folder, "backfill", "plan").out
    mapped(folder)
    planned = json.loads(run(folder, "backfill", "plan", "--json").out)
    assert planned["rows"][0]["new_customer"] == "acme"
    assert planned["total"]["cost"] == "5.00"
    applied = run(folder, "backfill", "apply")
    assert (applied.code, applied.err) == (
        0,
        "the charges of these calls follow with the next `costper sync`\n",
    )
    assert "every call is where costper.yaml says" in run(folder, "backfill", "plan").out
    kinds = {row["kind"] for row in json.loads(run(folder, "unknown", "--json").out)["rows"]}
    assert kinds == {"no_feature"}
