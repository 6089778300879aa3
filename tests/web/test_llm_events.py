"""Which events are drawn into the charts of LLM calls."""

from collections.abc import Mapping

import pytest
from tests.web.shown import page_of, snapshots

from costper.web.called import happened
from costper.web.pages.llm_endpoint import LLM_ENDPOINT
from costper.web.pages.llm_endpoints import LLM_ENDPOINTS
from costper.web.told import Told

ANSWERS = {"features": "llm_features", "versions": "llm_prompt_versions", "daily": "llm_daily"} | {
    name: f"llm_{name}" for name in ("cohorts", "cache", "retries", "outcomes", "segments", "modes")
}


def event(**scope: str) -> Told:
    """Give one event of a scope."""
    said = [{"dimension": name, "value": value} for name, value in scope.items()]
    row = {"title": "It happened", "at": "2026-10-20T10:00:00Z", "category": "deploy"}
    return Told(200, {"rows": [{**row, "scope": said}]})


@pytest.mark.parametrize(
    ("scope", "which", "belongs"),
    [
        ({}, {}, True),
        ({}, {"feature": "chat"}, True),
        ({"service": "web"}, {}, False),
        ({"feature": "chat"}, {}, True),
        ({"feature": "chat"}, {"feature": "chat"}, True),
        ({"feature": "chat"}, {"feature": "search"}, False),
        ({"feature": "chat", "service": "web"}, {"model": "gpt-5"}, True),
        ({"customer": "acme", "feature": "chat"}, {"customer": "bolt"}, False),
    ],
)
def test_an_event_belongs_to_calls_without_a_scope_or_with_one_of_theirs(
    scope: Mapping[str, str], which: Mapping[str, str], *, belongs: bool
) -> None:
    assert bool(happened(event(**scope), which)) is belongs


def test_what_happened_to_a_service_is_not_drawn_into_what_features_cost() -> None:
    answers = snapshots(ANSWERS)
    told = {**answers, "annotations": event()}
    assert "It happened" in page_of(LLM_ENDPOINTS, "/llm/endpoints", told)
    told["annotations"] = event(service="web")
    assert "It happened" not in page_of(LLM_ENDPOINTS, "/llm/endpoints", told)


def test_one_feature_shows_its_own_events_alone() -> None:
    answers = snapshots({"feature": "llm_feature", "daily": "llm_daily"})
    answers |= snapshots({"models": "llm_models", "outcomes": "llm_outcomes"})
    for feature, drawn in (("search", True), ("mail", False)):
        told = {**answers, "annotations": event(feature=feature)}
        page = page_of(LLM_ENDPOINT, "/llm/endpoints/search", told, name="search")
        assert ("It happened" in page) is drawn
