"""Clean-up: what is not said, how much it is, and the line that mends it."""

from dataclasses import replace

from tests.web.shown import page_of, snapshots, text_of

from costper.web.pages.clean_up import CLEAN_UP
from costper.web.told import Told

HOSTILE = "<b onclick=alert(1)>\u202e\"' \U0001f4b8" + "y" * 500
UNKNOWN: dict[str, object] = {
    "kind": "unmapped_tenant",
    "name": HOSTILE,
    "calls": 12,
    "unpriced_calls": 0,
    "cost": "3.50",
    "first_seen": "2026-10-01",
    "last_seen": "2026-10-31",
    "age_days": 32,
    "fix": "add it to `llm.tenants`",
}
UNPRICED: dict[str, object] = {
    "provider": "lumen",
    "model": "rerank/1",
    "tier": "batch",
    "calls": 600,
    "tokens": 1_001_591,
    "first_seen": "2026-10-22",
    "last_seen": "2026-10-31",
    "age_days": 11,
    "why": "unknown model",
    "suggested": "rerank-1",
    "fix": "then `costper reprice`",
    "line": "- {provider: lumen, models: rerank/1, input_per_mtok: CHOOSE}",
}


Rows = tuple[dict[str, object], ...]


def told(unknown: Rows = (), unpriced: Rows = ()) -> dict[str, Told]:
    return {
        **snapshots({"untagged": "untagged"}),
        "unknown": Told(200, {"rows": unknown, "total": {}, "currency": "USD"}),
        "unpriced": Told(200, {"rows": unpriced, "total": {}, "currency": "USD"}),
    }


def test_untagged_money_stands_first_with_the_line_to_add_and_where() -> None:
    text = text_of(CLEAN_UP, "/clean-up", told())
    for said in (
        "Untagged groups 4",
        "No environment: $48.00",
        "No customer: $30.00",
        "rules divide $78.00 of the $108 that does not",
        "support divided by a rule $18.00 37.5%",
        '- {where: {account: "prod-1", service_name: "support"}, value: "production"}',
        "likely production (100.0% of the account)",
        "dimensions.environment.rules",
        "Complete: service.",
    ):
        assert said in text
    assert text.index("No environment") < text.index("No customer")


def test_each_queue_says_that_it_is_empty() -> None:
    nothing = told()
    body = {**nothing["untagged"].body, "rows": ()}
    nothing["untagged"] = replace(nothing["untagged"], body=body)
    text = text_of(CLEAN_UP, "/clean-up", nothing)
    assert "Nothing to clean up in charges" in text
    assert "LLM calls: nothing to clean up" in text
    assert "Prices: nothing to clean up" in text


def test_what_calls_do_not_say_has_its_age_and_what_to_do() -> None:
    text = text_of(CLEAN_UP, "/clean-up", told((UNKNOWN,), (UNPRICED,)))
    for said in (
        "Unknown in calls 1",
        "LLM calls name 1 nobody declared",
        "tenant of no customer",
        "32 days waiting",
        "1 model has no price",
        "perhaps rerank-1 is meant",
        "then costper reprice",
    ):
        assert said in text
    assert 'href="/llm/models/rerank%2F1"' in page_of(CLEAN_UP, "/clean-up", told((), (UNPRICED,)))


def test_models_without_a_price_are_counted_once() -> None:
    both = told(({**UNKNOWN, "kind": "unpriced_model"},), (UNPRICED,))
    assert "Unknown in calls 0" in text_of(CLEAN_UP, "/clean-up", both)


def test_names_that_are_markup_stay_words() -> None:
    shown = page_of(CLEAN_UP, "/clean-up", told((UNKNOWN,)))
    assert "<b onclick" not in shown
    assert "<bdi>&lt;b onclick" in shown


def test_one_dimension_is_shown_whole_and_alone() -> None:
    text = text_of(CLEAN_UP, "/clean-up?dimension=team", told((UNKNOWN,)))
    assert "All dimensions" in text
    assert "LLM calls name" not in text


def test_books_without_anything_say_the_next_step() -> None:
    empty = Told(200, {"rows": (), "total": {}, "currency": "USD", "as_of": ""})
    text = text_of(CLEAN_UP, "/clean-up", {**told(), "unknown": empty, "unpriced": empty})
    assert "Every call has a price" not in text
    assert "Nothing has come in yet. Connect a source" in text
