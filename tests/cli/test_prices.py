"""Prices, the unpriced queue and repricing through the command line."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.cli.world import context, run
from tests.pipeline.calls.fold_world import NOON_US, call
from tests.pipeline.calls.people_world import people_books

from costper.cli.main import main
from costper.pipeline.calls.road import open_calls
from costper.store.price_lists import kept_lists

CONFIG = """\
organisation: Shop
currency: USD
llm:
  prices: [own.yaml]
"""
OWN = """\
prices:
  - provider: openai
    models: gpt-5
    discount_percent: 20
    valid_from: 2026-11-01
    note: contract 4711
  - provider: house
    models: llama-*
    gpu_hours:
      usd_per_hour: 3.6
      gpus: 2
      input_tokens_per_hour: 72000000
      output_tokens_per_hour: 7200000
    tier_percent: {batch: 50}
"""
CALL: dict[str, Any] = {
    "provider": "openai",
    "model": "gpt-5",
    "inputTokens": 1000,
    "outputTokens": 100,
    "timestamp": "2026-11-19T10:00:00Z",
}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "costper.yaml").write_text(CONFIG)
    (tmp_path / "own.yaml").write_text(OWN)
    return tmp_path


def send(shop: Path, *calls: dict[str, Any]) -> None:
    told = [{**CALL, "externalRequestId": f"r-{n}", **one} for n, one in enumerate(calls)]
    (shop / "calls.json").write_text(json.dumps(told))
    assert run(shop, "events", "send", "calls.json").code == 0


def rows(shop: Path, *words: str) -> list[dict[str, Any]]:
    ran = run(shop, *words, "--json")
    assert ran.code == 0, ran.err
    found: list[dict[str, Any]] = json.loads(ran.out)["rows"]
    return found


def test_a_price_is_shown_by_day_with_its_sources(shop: Path) -> None:
    def shown(day: str) -> dict[str, Any]:
        words = ("prices", "show", "openai", "gpt-5", "--tier", "standard", "--day", day)
        (found,) = [row for row in rows(shop, *words) if row["kind"] == "input"]
        return found

    assert shown("2026-10-31")["usd"] == "1.25"
    november = shown("2026-11-01")
    assert november["usd"] == "1.00"
    assert november["source"].endswith("own.yaml:2: contract 4711")
    assert november["source"].startswith("genai-prices ")


def test_models_are_listed_by_provider_and_name(shop: Path) -> None:
    found = rows(shop, "prices", "list", "gpt-5*", "--provider", "openai")
    assert {"gpt-5", "gpt-5-mini"} <= {row["model"] for row in found}
    assert {row["provider"] for row in found} == {"openai"}
    (house,) = rows(shop, "prices", "list", "--provider", "house")
    assert (house["input_per_mtok"], house["output_per_mtok"]) == ("0.10", "1.00")
    unknown = run(shop, "prices", "list", "--provider", "opnai")
    assert unknown.code == 2
    assert "did you mean 'openai'?" in unknown.err


def test_a_rate_is_shown_with_all_its_digits(shop: Path) -> None:
    tune = "  - {provider: openai, models: our-tune, input_per_mtok: 1.875, output_per_mtok: 2.5}\n"
    (shop / "own.yaml").write_text(OWN + tune)
    shown = run(shop, "prices", "show", "openai", "our-tune").out
    assert "$1.875" in shown
    assert "$2.50" in shown
    assert "$1.875" in run(shop, "prices", "list", "our-tune").out


def test_a_model_without_a_price_is_told_with_what_may_be_meant(shop: Path) -> None:
    ran = run(shop, "prices", "show", "openai", "gpt-4o-mni")
    assert ran.code == 2
    assert "did you mean openai/gpt-4o-mini" in ran.err


def test_a_new_list_is_shown_then_accepted_and_kept_beside_the_old_one(shop: Path) -> None:
    assert run(shop, "prices", "export", "held.json").code == 0
    assert run(shop, "prices", "export", "held.json").code != 0  # never over a file
    told = json.loads((shop / "held.json").read_text())
    (openai,) = [one for one in told["providers"] if one["id"] == "openai"]
    (gpt,) = [one for one in openai["models"] if one["id"] == "gpt-5"]
    gpt["prices"][0]["usd"]["input"] = [[-1, "0.000002"]]
    (shop / "new.json").write_text(json.dumps({**told, "source": "a newer list"}))
    (row, *others) = rows(shop, "prices", "update", "--list", "new.json", "--diff")
    assert (row["model"], row["kind"], row["before"], row["after"]) == (
        *("gpt-5", "input", "1.25", "2"),
    )
    assert others == []
    assert kept_lists(shop / ".costper") == ()
    accepted = run(shop, "prices", "update", "--list", "new.json", "--accept")
    assert "accepted: 1 model, in force from" in accepted.err
    assert [one.number for one in kept_lists(shop / ".costper")] == [1, 2]
    assert "no price changes" in run(shop, "prices", "update", "--list", "new.json").out


def test_a_file_that_is_no_price_list_is_refused(shop: Path) -> None:
    (shop / "bad.json").write_text('[{"id": "x"}]')
    ran = run(shop, "prices", "update", "--list", "bad.json")
    assert ran.code != 0
    assert "not a price list" in ran.err


def test_an_unpriced_call_waits_in_the_queue_until_it_is_repriced(shop: Path) -> None:
    assert run(shop, "unpriced").out == "every call has a price\n"
    send(shop, {}, {"provider": "house", "model": "llama-4"}, {"model": "our-tune"})
    (queued,) = rows(shop, "unpriced")
    assert (queued["model"], queued["why"], queued["calls"]) == ("our-tune", "unknown model", 1)
    assert "unpriced_calls" in run(shop, "check", "--json").out
    tune = "  - {provider: openai, models: our-tune, input_per_mtok: 3, output_per_mtok: 12}\n"
    (shop / "own.yaml").write_text(OWN + tune)
    (queued,) = rows(shop, "unpriced")
    assert queued["why"] == "priced meanwhile"
    diff = run(shop, "reprice", "--since", "2026-11-01", "--diff")
    assert "nothing is written" in diff.err
    assert len(rows(shop, "unpriced")) == 1
    (done,) = rows(shop, "reprice", "--since", "2026-11-01")
    assert (done["model"], done["after"], done["unpriced_after"]) == ("our-tune", "0.0042", 0)
    assert run(shop, "unpriced").out == "every call has a price\n"
    again = run(shop, "reprice", "--since", "2026-11-01")
    assert again.out == "every call costs what it did\n"


def test_a_fault_in_own_prices_is_told_by_file_and_line_with_a_suggestion(shop: Path) -> None:
    (shop / "own.yaml").write_text(OWN.replace("discount_percent", "discont_percent"))
    checked = json.loads(run(shop, "check", "--json").out)
    (fault,) = [one for one in checked if one["code"] == "unknown_key"]
    assert (fault["where"], fault["hint"]) == (*("own.yaml:4", "did you mean 'discount_percent'?"),)
    (shop / "own.yaml").write_text(OWN.replace("models: gpt-5", "models: gtp-5"))
    checked = json.loads(run(shop, "check", "--json").out)
    (doubt,) = [one for one in checked if one["code"] == "unknown_model"]
    assert (doubt["where"], doubt["severity"]) == ("own.yaml:2", "warning")
    assert doubt["hint"].startswith("did you mean openai/gpt-5")


def test_a_provider_that_reports_another_cost_is_told_with_the_gap(shop: Path) -> None:
    """Two calls reported at $0.00187 cost $0.0018 by price; what is reported counts."""
    assert "no provider reports another" in run(shop, "prices", "gaps").out
    send(shop, {"providerCost": "0.0018"}, {"providerCost": "0.00194"}, {"model": "gpt-5-mini"})
    (row,) = rows(shop, "prices", "gaps")
    assert (row["reported"], row["rated"], row["gap"]) == ("0.00374", "0.0036", "0.00014")
    assert row["gap_percent"] == "3.888889"
    assert "price_gap" in run(shop, "check", "--json").out
    assert len(rows(shop, "prices", "gaps", "--all", "--since", "2026-11-20")) == 0


def test_a_running_server_prices_by_what_is_accepted_at_once(tmp_path: Path) -> None:
    assert dear_list(tmp_path).exists()
    books = people_books(tmp_path, "llm: {}")
    try:
        with open_calls(books) as calls:
            lent = replace(context(tmp_path), books=books, calls=calls)
            for number in (1, 2):
                calls.intake.offer([call(number, timestamp=NOON_US + number)], NOON_US).result()
                calls.intake.fold_now()
                words = ("prices", "update", "--list", "dear.json", "--accept")
                assert main((*words, "--from", "2026-11-20"), lent) == 0
        costs = books.marts.query("SELECT cost FROM calls ORDER BY call_id").to_pylist()
    finally:
        books.close()
    assert [str(row["cost"].normalize()) for row in costs] == ["0.0000625", "0.00007"]


def dear_list(folder: Path) -> Path:
    """Write the list of this costper in which gpt-5 takes 2 for a million tokens of input."""
    (folder / "costper.yaml").write_text("currency: USD\n")
    assert run(folder, "prices", "export", "held.json").code == 0
    told = json.loads((folder / "held.json").read_text())
    (openai,) = [one for one in told["providers"] if one["id"] == "openai"]
    (gpt,) = [one for one in openai["models"] if one["id"] == "gpt-5"]
    gpt["prices"][0]["usd"]["input"] = [[-1, "0.000002"]]
    (folder / "dear.json").write_text(json.dumps(told))
    return folder / "dear.json"
