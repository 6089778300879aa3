"""The calls of the demo company, asked of its books through the command line."""

import csv
import json
from decimal import Decimal
from pathlib import Path

import pytest
from tests.demo.asked import AI_COST, Company, ask, row_of, run

from costper.demo.assistant import INPUT_TOKENS, OUTPUT_TOKENS, SEARCH
from costper.demo.calls import month_calls
from costper.demo.company import MONTHS, SEED


def test_calls_are_charged_to_whoever_made_them(company: Company) -> None:
    found = ask(company, "tenant")
    assert found["total"]["cost"] == str(AI_COST)
    kestrel = row_of(found["rows"], "customer", "kestrel-airways")
    charges = ask(company, "cost", "--by", "customer", "--where", "source = calls")["rows"]
    assert Decimal(row_of(charges, "customer", "kestrel-airways")["cost"]) > Decimal(
        kestrel["cost"]
    )
    assert "cobalt-freight" not in {row["customer"] for row in charges}


def a_call_costs(company: Company, *span: str) -> Decimal:
    """Give what a call that succeeded costs the summariser; refused ones cost nothing."""
    code, out, err = run(company.folder / "demo", "feature", *span, "--json")
    assert code == 0, err
    row = row_of(json.loads(out)["rows"], "feature", "summariser")
    refused = Decimal(row["error_percent"]) / 100 * int(row["calls"])
    return Decimal(row["cost"]) / (int(row["calls"]) - round(refused))


def test_a_new_prompt_made_a_call_of_the_summariser_dearer(company: Company) -> None:
    before = a_call_costs(company, "--from", "2026-10-01", "--to", "2026-10-20")
    after = a_call_costs(company, "--from", "2026-10-20", "--to", "2026-11-01")
    assert round(after / before, 2) == Decimal("1.22")


def test_nobody_is_named_in_the_books(company: Company) -> None:
    books = (company.folder / "demo" / ".costper" / "books.duckdb").read_bytes()
    assert b"ws-kestrel-airways" in books
    assert b"kestrel-airways-001" not in books


def test_calls_have_the_lengths_of_the_trace() -> None:
    calls = list(month_calls(SEED, MONTHS[1]))
    search = sorted(call.input_tokens for call in calls if call.feature.name == SEARCH)
    middle = Decimal(search[len(search) // 2])
    for twentieth in (4, 8, 16, 18):
        expected = Decimal(INPUT_TOKENS[twentieth]) / INPUT_TOKENS[10]
        found = search[len(search) * twentieth // 19] / middle
        assert abs(found / expected - 1) < Decimal("0.12"), twentieth


@pytest.mark.shared("data/llm")
def test_the_trace_has_the_lengths_the_demo_draws_from(shared: Path) -> None:
    with (shared / "data/llm/traces/AzureLLMInferenceTrace_conv.csv").open() as file:
        rows = list(csv.DictReader(file))
    for column, table in (("ContextTokens", INPUT_TOKENS), ("GeneratedTokens", OUTPUT_TOKENS)):
        found = sorted(int(row[column]) for row in rows)
        assert tuple(found[len(found) * part // 20] for part in range(20)) == table
