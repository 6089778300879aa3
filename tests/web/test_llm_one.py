"""The pages of one feature, one model and one user, told from the API's own snapshots."""

from tests.web.shown import page_of, snapshots, text_of

from costper.web.pages.llm_endpoint import LLM_ENDPOINT
from costper.web.pages.llm_model import LLM_MODEL
from costper.web.pages.llm_user import LLM_USER
from costper.web.told import Told

FEATURE = {
    "feature": "llm_feature",
    "daily": "llm_daily",
    "versions": "llm_prompt_versions",
    "models": "llm_models",
    "outcomes": "llm_outcomes",
    "retries": "llm_retries",
    "spikes": "llm_spikes",
}
MODEL = {"model": "llm_model", "daily": "llm_daily", "models": "llm_models", "cache": "llm_cache"}
USER = {"user": "llm_user", "bursts": "llm_bursts"}
PRICE = {
    "provider": "openai",
    "model": "gpt-5-mini",
    "input_per_mtok": "0.25",
    "output_per_mtok": "2.00",
    "cache_read_per_mtok": "0.025",
    "cache_write_per_mtok": {"value": None, "reason": "no_price"},
    "since": "2026-10-10",
    "source": "genai-prices",
}
PRICES = {"price openai/gpt-5-mini": Told(200, {"currency": "USD", "rows": [PRICE]})}


def test_a_features_page_tells_its_tokens_its_versions_and_the_proof() -> None:
    text = text_of(LLM_ENDPOINT, "/llm/endpoints/search", snapshots(FEATURE), name="search")
    for said in ("Tokens per call", "Prompt versions", "Users who cost most", "Explain this cost"):
        assert said in text
    page = page_of(LLM_ENDPOINT, "/llm/endpoints/search", snapshots(FEATURE), name="search")
    assert "/llm/explain?feature=search&amp;from=2026-10-01&amp;to=2026-11-01" in page


def test_a_features_chart_marks_new_versions_prices_and_spikes() -> None:
    answers = snapshots(FEATURE) | PRICES
    page = page_of(LLM_ENDPOINT, "/llm/endpoints/search", answers, name="search")
    marks = page[page.index('data-chart="panes"') :]
    for name in ("v2", "price of gpt-5-mini", "spike"):
        assert f"<title>{name}</title>" in marks


def test_a_models_page_says_its_price_in_force_with_its_first_day() -> None:
    answers = snapshots(MODEL) | PRICES
    text = text_of(LLM_MODEL, "/llm/models/gpt-5-mini", answers, name="gpt-5-mini")
    assert "since 10 Oct 2026 Input $0.25 Output $2.00 Read from a cache $0.025" in text


def test_a_model_without_a_price_leads_to_the_clean_up() -> None:
    page = page_of(LLM_MODEL, "/llm/models/gpt-5-mini", snapshots(MODEL), name="gpt-5-mini")
    assert 'No price list names it on these days. <a href="/clean-up">' in page


def test_a_users_page_says_whose_they_are_and_how_busy() -> None:
    text = text_of(LLM_USER, "/llm/users/u1", snapshots(USER), id="u1")
    for said in ("of tenant t1", "customer acme", "Requests an hour", "in the busiest"):
        assert said in text
    assert "1 burst" in text


def test_of_many_spikes_the_largest_are_shown_the_newest_first() -> None:
    answers = snapshots(FEATURE)
    spike = answers["spikes"].first
    many = [{**spike, "start": f"2026-10-{day:02}T03:00Z"} for day in range(1, 13)]
    answers["spikes"] = Told(200, {**answers["spikes"].body, "rows": many})
    text = text_of(LLM_ENDPOINT, "/llm/endpoints/search", answers, name="search")
    assert "12 spikes, the largest 5" in text
    assert text.index("from 5 Oct 2026") < text.index("from 1 Oct 2026")
    assert "from 6 Oct 2026" not in text


def test_a_name_with_markup_is_written_as_it_is() -> None:
    name = "<b>a/b?c</b>"
    answers = snapshots(FEATURE)
    row = {**answers["feature"].first, "feature": name}
    answers["feature"] = Told(200, {**answers["feature"].body, "rows": [row]})
    page = page_of(LLM_ENDPOINT, "/llm/endpoints/x", answers, name=name)
    assert "<b>a/b" not in page
    assert "/llm/explain?feature=%3Cb%3Ea%2Fb%3Fc%3C%2Fb%3E" in page
