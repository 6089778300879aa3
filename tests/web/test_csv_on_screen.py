"""A page's file holds what its tables show."""

from dataclasses import replace

from tests.web.shown import NOW, snapshots

from costper.web.page import Page, Seen
from costper.web.pages.allocation import ALLOCATION
from costper.web.pages.clean_up import CLEAN_UP
from costper.web.pages.environments import ENVIRONMENTS
from costper.web.pages.events import EVENTS
from costper.web.pages.explorer import EXPLORER
from costper.web.pages.llm_models import LLM_MODELS
from costper.web.pages.llm_prompts import LLM_PROMPTS
from costper.web.table import csv_text
from costper.web.told import Row, Told, rows
from costper.web.url import Url

REFUSED = Told(404)


def filed(page: Page, told: dict[str, Told], path: str = "/", **said: str) -> list[Row]:
    assert page.table is not None
    seen = Seen(url=Url(path, tuple(said.items())), now=NOW)
    return [*page.table(seen, told)]


def test_the_file_of_clean_up_has_every_queue() -> None:
    told = snapshots({"untagged": "untagged"})
    unknown = [{"kind": "no_user", "calls": 3}, {"kind": "unpriced_model", "calls": 1}]
    told["unknown"] = Told(200, {"rows": unknown})
    told["unpriced"] = Told(200, {"rows": [{"model": "m"}]})
    found = filed(CLEAN_UP, told)
    groups = sum(len(rows(it, "groups")) for it in told["untagged"].rows)
    assert groups
    assert [it["table"] for it in found] == ["untagged"] * groups + ["unknown", "unpriced"]
    assert all(it["dimension"] and it["fix"] for it in found[:groups])


def test_the_file_of_allocation_has_rules_what_nobody_carries_and_days() -> None:
    told = snapshots({"allocation": "allocation", "runs": "allocation_runs"})
    tables = {it["table"] for it in filed(ALLOCATION, told)}
    assert tables >= {"rules", "conservation", "runs"}


def test_the_file_of_prompt_versions_is_of_the_feature_looked_at() -> None:
    told = snapshots({"versions": "llm_prompt_versions"})
    found = filed(LLM_PROMPTS, told, feature="search")
    assert {it["feature"] for it in found} == {"search"}


def test_the_file_of_models_has_prices_caches_and_what_was_billed() -> None:
    told = snapshots({"models": "llm_models", "cache": "llm_cache"})
    first = told["models"].first
    price = {"model": first["model"], "provider": first["provider"], "input_per_mtok": "0.25"}
    told["price one"] = Told(200, {"rows": [price]})
    told["reconcile"] = Told(200, {"rows": [{"provider": "openai", "billed": "9"}]})
    found = filed(LLM_MODELS, told)
    assert found[0]["input_per_mtok"] == "0.25"
    assert any(it["cache_saved"] is not None for it in found[:-1])
    assert found[-1] == {"table": "billed", "provider": "openai", "billed": "9"}


def test_the_file_of_environments_has_what_a_schedule_would_save() -> None:
    told = snapshots({"ranked": "environments", "waste": "waste"})
    found = filed(ENVIRONMENTS, told)
    assert found[-1]["table"] == "schedule"
    assert (found[-1]["environment"], found[-1]["monthly_saving"]) == ("staging", "12.25")
    told["waste"] = REFUSED
    assert {it["table"] for it in filed(ENVIRONMENTS, told)} == {"environments"}


def test_the_file_of_the_explorer_has_the_days_to_come() -> None:
    results = [{"name": "a", "measure": "money", "label": "$", "aggregation": "sum"}]
    days = [{"day": "2026-11-18", "a": "5"}]
    further = [
        {"day": "2026-11-18", "forecast": "1"},
        {"day": "2026-11-19", "forecast": "6", "forecast_low": "4", "forecast_high": "9"},
    ]
    told = {
        "answer": Told(200, {"rows": days, "question": {"results": results}}),
        "forecast": Told(200, {"rows": further}),
    }
    found = filed(EXPLORER, told, "/explorer", a="cost", ahead="30")
    assert [it["day"] for it in found] == ["2026-11-18", "2026-11-19"]
    assert (found[1]["a"], found[1]["forecast"], found[1]["forecast_high"]) == ("6", True, "9")
    assert filed(EXPLORER, {**told, "forecast": REFUSED}, "/explorer", a="cost") == days


def test_a_file_without_rows_names_its_columns() -> None:
    assert csv_text((), EVENTS.heads).startswith("id,at,until,title")
    assert replace(EVENTS, heads=()).heads == ()
