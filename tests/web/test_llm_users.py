"""The page of users, told from the API's own snapshots."""

from tests.web.shown import page_of, snapshots, text_of

from costper.web.pages.llm_users import LLM_USERS
from costper.web.told import Told

ANSWERS = {
    "users": "llm_users",
    "cohorts": "llm_cohorts",
    "rates": "llm_rates",
    "bursts": "llm_bursts",
}


def test_each_user_has_their_hours_beside_their_cost() -> None:
    text = text_of(LLM_USERS, "/llm/users", snapshots(ANSWERS))
    for said in ("people called", "Tokens/hour", "Busiest hour", "25 Oct 2026, 03:00 UTC", "Gini"):
        assert said in text


def test_who_was_far_busier_than_usual_is_told_with_the_hour() -> None:
    text = text_of(LLM_USERS, "/llm/users", snapshots(ANSWERS))
    assert "1 burst" in text
    assert "u1: 60 calls within an hour from 25 Oct 2026, 03:00 UTC" in text


def test_programs_stand_apart_and_can_be_listed() -> None:
    page = page_of(LLM_USERS, "/llm/users", snapshots(ANSWERS))
    assert 'href="/llm/users?kind=service_account"' in page


def test_the_share_of_the_dearest_few_is_one_sentence() -> None:
    answers = snapshots(ANSWERS)
    users = answers["users"].body
    total = {
        **answers["users"].total,
        "top_1_percent": "10.18",
        "top_5_percent": "39.98",
        "top_10_percent": "47.43",
        "top_1_members": 50,
        "top_5_members": 250,
        "top_10_members": 500,
    }
    told = answers | {"users": Told(200, {**users, "total": total})}
    text = text_of(LLM_USERS, "/llm/users", told)
    assert "The dearest 1%, 5% and 10% of users cause 10.2%, 40.0% and 47.4% of the cost." in text


def test_hours_that_are_not_kept_are_left_open() -> None:
    text = text_of(LLM_USERS, "/llm/users?feature=search", snapshots({"users": "llm_users"}))
    assert "Busiest hour" in text
    assert "burst" not in text
