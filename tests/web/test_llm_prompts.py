"""The page of prompt versions, told from the API's own snapshots."""

from tests.web.shown import page_of, snapshots, text_of

from costper.web.pages.llm_prompts import LLM_PROMPTS
from costper.web.told import Told

ANSWERS = {"versions": "llm_prompt_versions", "drift": "llm_drift", "daily": "llm_daily"}
PATH = "/llm/prompt-versions"


def told() -> dict[str, Told]:
    """Give the golden replies, with the days of one feature by its prompt versions."""
    answers = snapshots(ANSWERS)
    days = [
        {**row, "prompt_version": "v1" if str(row["day"]) < "2026-10-17" else "v2"}
        for row in answers["daily"].rows
        if row["feature"] == "mail"
    ]
    return answers | {"daily": Told(200, {**answers["daily"].body, "rows": days})}


def test_the_version_that_made_a_feature_dearer_is_found_without_asking() -> None:
    text = text_of(LLM_PROMPTS, PATH, told())
    assert "Since 17 Oct 2026 a call of mail costs 172.7% more by price: v2." in text
    assert "Tokens per call changed by" in text


def test_versions_stand_side_by_side_with_their_first_and_last_days() -> None:
    text = text_of(LLM_PROMPTS, f"{PATH}?feature=chat", told())
    for said in ("Side by side", "Latency, median", "First day 1 Sep 2026 12 Oct 2026", "32.1%"):
        assert said in text
    assert "No version of chat made its calls dearer for sure." in text


def test_the_deploy_is_marked_in_the_chart_on_its_day() -> None:
    page = page_of(LLM_PROMPTS, PATH, told())
    marks = page[page.index('data-chart="panes"') :]
    assert "<title>v2</title>" in marks
    assert 'data-kind="deploy"' in marks


def test_every_feature_can_be_chosen_and_keeps_the_days() -> None:
    page = page_of(LLM_PROMPTS, f"{PATH}?days=90", told())
    assert f'href="{PATH}?days=90&amp;feature=search"' in page


def test_a_feature_that_is_not_there_says_so_and_breaks_nothing() -> None:
    text = text_of(LLM_PROMPTS, f"{PATH}?feature=<b>", snapshots(ANSWERS))
    assert "No prompt version of <b>" in text
