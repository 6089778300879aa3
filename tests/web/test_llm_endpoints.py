"""The pages of features that call models, told from the API's own snapshots."""

from datetime import UTC, datetime

from tests.web.shown import page_of, snapshots, text_of

from costper.web.page import Seen
from costper.web.pages.llm_endpoints import LLM_ENDPOINTS
from costper.web.told import Told
from costper.web.url import Url

ANSWERS = {
    "features": "llm_features",
    "versions": "llm_prompt_versions",
    "daily": "llm_daily",
    "active": "llm_active",
    "per_day": "llm_active",
    "cohorts": "llm_cohorts",
    "cache": "llm_cache",
    "retries": "llm_retries",
    "outcomes": "llm_outcomes",
    "segments": "llm_segments",
    "modes": "llm_modes",
    "spikes": "llm_spikes",
}


def test_the_page_tells_each_feature_with_its_tokens_share_and_change() -> None:
    text = text_of(LLM_ENDPOINTS, "/llm/endpoints", snapshots(ANSWERS))
    for said in ("chat", "search", "Up to here", "Cached", "Failed", "against the days before"):
        assert said in text


def test_the_steepest_rise_by_a_prompt_version_is_told_with_its_day() -> None:
    text = text_of(LLM_ENDPOINTS, "/llm/endpoints", snapshots(ANSWERS))
    assert "Since 17 Oct 2026 a call of mail costs 172.7% more by price: v2." in text


def test_active_users_are_those_of_the_months_the_chosen_days_lie_in() -> None:
    chosen = Url("/llm/endpoints", (("from", "2026-10-05"), ("to", "2026-11-01")))
    seen = Seen(url=chosen, now=datetime(2026, 11, 21, tzinfo=UTC))
    assert "active" not in LLM_ENDPOINTS.asks(seen)
    asked = LLM_ENDPOINTS.then(seen, snapshots({"features": "llm_features"}))["active"]
    assert (asked.params["from"], asked.params["to"]) == ("2026-10-01", "2026-11-01")


def test_a_spike_names_its_hour_its_feature_and_its_user() -> None:
    text = text_of(LLM_ENDPOINTS, "/llm/endpoints", snapshots(ANSWERS))
    assert "1 spike" in text
    assert "within 1 h from 25 Oct 2026, 03:00 UTC" in text
    assert "$3.00 where $0.00559 is usual. Most by chat, user u1. The calls" in text
    page = page_of(LLM_ENDPOINTS, "/llm/endpoints", snapshots(ANSWERS))
    assert 'href="/llm/endpoints/chat?from=2026-10-25&amp;to=2026-10-26"' in page


def test_what_is_refused_leaves_out_its_card_alone() -> None:
    text = text_of(LLM_ENDPOINTS, "/llm/endpoints", snapshots({"features": "llm_features"}))
    assert "Up to here" in text
    assert "Cost of an outcome" not in text


def test_days_without_calls_lead_to_days_with_some() -> None:
    none = {
        "question": {"from": "2026-11-01", "to": "2026-11-02"},
        "rows": [],
        "total": {},
        "currency": "USD",
        "issues": [
            {
                "code": "no_calls",
                "severity": "warning",
                "where": "",
                "message": "the books hold no calls of these days",
                "hint": "9 calls from 2026-08-01 to 2026-10-31: --from 2026-08-01 --to 2026-11-01",
                "count": 1,
            }
        ],
    }
    page = page_of(LLM_ENDPOINTS, "/llm/endpoints?days=1", {"features": Told(200, none)})
    assert 'href="/llm/endpoints?from=2026-08-01&amp;to=2026-11-01"' in page
    assert "Show 1 Aug 2026" in page


def test_a_filter_is_shown_and_can_be_taken_away() -> None:
    page = page_of(LLM_ENDPOINTS, "/llm/endpoints?tenant=t1&days=90", snapshots(ANSWERS))
    assert 'href="/llm/endpoints?days=90" aria-label="Without tenant t1"' in page
