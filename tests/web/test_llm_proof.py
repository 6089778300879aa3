"""The pages of models, LLM savings and the calls behind a number, from given answers."""

from typing import Any

from tests.web.shown import page_of, snapshots, text_of

from costper.web.pages.llm_explain import LISTED, LLM_EXPLAIN
from costper.web.pages.llm_models import LLM_MODELS
from costper.web.pages.llm_savings import LLM_SAVINGS
from costper.web.told import Told

OCTOBER = {"from": "2026-10-01", "to": "2026-11-01", "days": 31}
MODELS = {"models": "llm_models", "daily": "llm_daily", "cache": "llm_cache"}
SAVING = {
    "lever": "model",
    "of": "search",
    "model": "openai/gpt-5",
    "to": "openai/gpt-5-mini",
    "now": "100.00",
    "would_low": "19.00",
    "would_likely": "20.00",
    "would_high": "21.00",
    "saved_percent": "80.0",
    "monthly_saving": "173.81",
    "calls": 500,
    "days": 14,
    "assumes": ["tokens as observed: ±5 %"],
    "evidence": [{"what": "prefix_tokens", "count": 980}],
}
LIMIT = {
    "limit": "5.00",
    "touched": 3,
    "touched_percent": "3.0",
    "touched_cost": "41.00",
    "touched_cost_percent": "41.0",
    "cost_above": "26.00",
    "cut_calls": 90,
    "cut_cost": "30.00",
}


def told(question: dict[str, Any], rows: list[dict[str, Any]], total: dict[str, Any]) -> Told:
    """Put rows in an envelope of October."""
    words = {**OCTOBER, **question}
    envelope = {
        "currency": "USD",
        "as_of": "2026-11-02T10:00:00Z",
        "settled_through": "2026-10-31",
        "estimated": False,
        "coverage": None,
    }
    return Told(200, {**envelope, "question": words, "rows": rows, "total": total})


def savings() -> dict[str, Told]:
    """Give one lever, and one limit."""
    sums = {
        "lever": "model",
        "rows": 1,
        "monthly_saving": {"value": None, "reason": "alternatives"},
    }
    total = {"calls": 500, "now": "100.00", "days": 14, "levers": [sums], "skipped": []}
    return {
        "savings": told({}, [SAVING], total),
        "limits": told({"noun": "limits a month"}, [LIMIT], {"members": 100}),
    }


def line(at: int) -> dict[str, Any]:
    """Give a line of a call."""
    return {
        "kind": "line",
        "at": "2026-10-05T10:00:00Z",
        "call": f"c{at}",
        "user": "u1",
        "customer": "<b>acme</b>",
        "feature": "search",
        "prompt_version": "v1",
        "model": "gpt-5",
        "how": "800 input at 1.25/1M",
        "price": "genai-prices: openai/gpt-5",
        "cost": "0.001",
    }


def explained(count: int, after: int = 0) -> dict[str, Told]:
    """Give a page of so many lines."""
    shown = [line(at) for at in range(after, min(count, after + LISTED))]
    others = {**line(0), "kind": "others", "call": "(other lines)", "how": "many", "cost": "1.00"}
    total = {
        "cost": "0.123456789",
        "call_cost": "0.12",
        "trued_up": "0.00",
        "calls": count,
        "lines": count,
        "unpriced_lines": 0,
    }
    return {"lines": told({}, [*shown, others] if count > LISTED else shown, total)}


def test_a_lever_says_its_range_and_every_assumption() -> None:
    text = text_of(LLM_SAVINGS, "/llm/savings", savings())
    assert "$100 $19.00 $20.00 $21.00 80.0% $174 1 assumptions" in text
    assert "tokens as observed: ±5 %" in text
    assert "prefix tokens: 980" in text


def test_a_limit_is_told_in_a_sentence() -> None:
    text = text_of(LLM_SAVINGS, "/llm/savings", savings())
    assert "A limit of $5.00 a month would have touched 3.0% of users and 41.0% of cost" in text


def test_limits_can_be_of_tenants_and_keep_what_was_tried() -> None:
    page = page_of(LLM_SAVINGS, "/llm/savings?limits=5,20", savings())
    assert 'href="/llm/savings?limits=5%2C20&amp;of=tenant#limits"' in page
    assert 'value="5,20"' in page


def test_models_say_their_price_and_lead_to_the_clean_up_without_one() -> None:
    price = {"provider": "openai", "model": "gpt-5-mini", "input_per_mtok": "0.25"}
    prices = told({}, [{**price, "output_per_mtok": "2.00"}], {})
    answers = {**snapshots(MODELS), "price openai/gpt-5-mini": prices}
    page = page_of(LLM_MODELS, "/llm/models", answers)
    assert "$0.25" in page
    assert 'href="/clean-up">1 unpriced' in page


def test_lines_add_up_to_the_number_with_all_its_digits() -> None:
    text = text_of(LLM_EXPLAIN, "/llm/explain?user=u1", explained(2))
    assert "Adds up to 0.123456789 USD" in text
    assert "<b>acme</b>" in text


def test_further_lines_are_a_link_away_and_so_are_those_before() -> None:
    first = page_of(LLM_EXPLAIN, "/llm/explain?user=u1", explained(LISTED + 5))
    assert f'href="/llm/explain?user=u1&amp;after={LISTED}">Further lines' in first
    assert "Lines before" not in first
    address = f"/llm/explain?user=u1&after={LISTED}"
    last = page_of(LLM_EXPLAIN, address, explained(LISTED + 5, LISTED))
    assert 'href="/llm/explain?user=u1">Lines before' in last
    assert "Further lines" not in last
