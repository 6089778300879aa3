"""Prices that change are applied to calls of the books with a diff, and never to what is closed."""

import threading
from collections.abc import Generator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from tests.ledger import NOW, settings
from tests.pipeline.calls.fold_world import DAY, HOUR_US, NOON_US, Road, call
from tests.store.raw_bills import bill_of, charge, part

from costper.config.llm import LlmSettings
from costper.errors import SettingError
from costper.model.answer import Absent
from costper.pipeline.calls.charges import land_calls
from costper.pipeline.calls.intake import open_intake
from costper.pipeline.calls.price_book import (
    accept_renewal,
    accepted_list,
    catalogue_of,
    keep_first_list,
    offered_list,
    plan_renewal,
)
from costper.pipeline.calls.pricing import pricing_of
from costper.pipeline.calls.reprice import apply_reprice, plan_reprice, reprice_answer
from costper.rating.catalogue import Catalogue, ListedPrice
from costper.rating.list_file import written
from costper.rating.prices import bundled, rates_of
from costper.rating.rates import for_one
from costper.store.audit import entries
from costper.store.books import open_books
from costper.store.closing import close_period
from costper.store.land import land_bill
from costper.store.price_lists import kept_lists

FIRST = date(2026, 1, 1)
DAY_US = 24 * HOUR_US
GPT_5 = Decimal("0.0000625")
"""10 tokens in at 1.25 and 5 out at 10 for a million."""


@pytest.fixture
def books_road(tmp_path: Path) -> Generator[Road]:
    held = settings(tmp_path)
    books = open_books(replace(held, llm=LlmSettings(prices=("own.yaml",))), now=NOW)
    (held.root / "own.yaml").write_text("prices: []\n")
    intake = open_intake(books, pricing_of(catalogue_of(books)))
    intake.start_committing()
    yield Road(books, intake)
    intake.close()
    books.close()


def own(road: Road, text: str) -> Catalogue:
    """Write own prices, and give the catalogue they make."""
    (road.books.settings.root / "own.yaml").write_text(text)
    return catalogue_of(road.books)


HOUSE = """\
prices:
  - provider: house
    models: llama
    input_per_mtok: 1
    output_per_mtok: 2
"""


def test_an_unpriced_model_that_gets_a_price_is_repriced_with_its_difference(
    books_road: Road,
) -> None:
    road = books_road
    road.send([call(1), call(2, provider="house", model="llama")])
    assert road.one("SELECT SUM(unpriced_calls) FROM call_hourly") == 1
    planned = plan_reprice(road.books, own(road, HOUSE), since=FIRST)
    (row,) = reprice_answer(planned, applied=False).rows
    assert (row["model"], row["before"], row["after"]) == (
        *("llama", Absent("unpriced"), Decimal("0.00002")),
    )
    assert road.one("SELECT SUM(unpriced_calls) FROM call_hourly") == 1  # nothing is written yet
    apply_reprice(road.books, planned, now=NOW)
    assert road.one("SELECT SUM(cost) FROM calls") == GPT_5 + Decimal("0.00002")
    assert road.one("SELECT SUM(unpriced_calls) FROM user_daily") == 0
    assert plan_reprice(road.books, own(road, HOUSE), since=FIRST).found == ()


MORE = """\
prices:
  - provider: house
    models: long
    input_per_mtok: 1
    output_per_mtok: 1
    long_context: [{above: 1000, input_per_mtok: 2, output_per_mtok: 2}]
  - {provider: house, models: asked, input_per_mtok: 0, output_per_mtok: 0, request_per_1000: 5}
"""


def test_prices_of_long_context_and_of_requests_stay_when_nothing_changed(
    books_road: Road,
) -> None:
    road = books_road
    prices = own(road, MORE)
    road.intake.price_with(pricing_of(prices))
    told = [call(1, model="long", input_tokens=2000, output_tokens=0), call(2, model="asked")]
    for one in told:
        one.provider = "house"
    road.send(told)
    assert road.one("SELECT SUM(cost) FROM calls") == Decimal("0.009")
    assert plan_reprice(road.books, prices, since=FIRST).found == ()


def test_what_an_invoice_trued_up_stays_so_when_calls_are_repriced(tmp_path: Path) -> None:
    llm = LlmSettings.model_validate(
        {"prices": ["own.yaml"], "calls": {"invoices": {"house": "bill"}}}
    )
    books = open_books(replace(settings(tmp_path), llm=llm), now=NOW)
    (tmp_path / "own.yaml").write_text(HOUSE)
    intake = open_intake(books, pricing_of(catalogue_of(books)))
    intake.start_committing()
    road = Road(books, intake)
    told = [call(n, provider="house", model="llama", user_id=f"u{n}") for n in range(3)]
    road.send(told)
    row = charge(DAY, "7", service_name="House", tags="{}")
    land_bill(books, "bill", bill_of(part(tmp_path / "bill.parquet", [row])), now=NOW)
    land_calls(books, now=NOW)
    dearer = own(road, HOUSE.replace("tok: 1", "tok: 5"))
    apply_reprice(books, plan_reprice(books, dearer, since=FIRST), now=NOW)
    for table in ("call_hourly", "user_daily"):
        assert road.one(f"SELECT SUM(cost) FROM {table}") == 7
        assert road.one(f"SELECT SUM(call_cost) FROM {table}") == Decimal("0.000180")
    intake.close()
    books.close()


def test_roll_ups_are_those_of_the_repriced_calls(books_road: Road) -> None:
    road = books_road
    road.send([call(n, timestamp=NOON_US - n * DAY_US) for n in range(40)])
    discount = "prices: [{provider: openai, models: 'gpt-5*', discount_percent: 20}]\n"
    planned = plan_reprice(road.books, own(road, discount), since=date(2026, 11, 1))
    apply_reprice(road.books, planned, now=NOW)
    kept = road.sums()
    assert kept == road.rebuilt([date(2026, 10, n) for n in range(1, 32)])
    assert road.one("SELECT SUM(cost) FROM call_hourly") == 20 * GPT_5 + 20 * GPT_5 * Decimal("0.8")
    assert road.one("SELECT COUNT(DISTINCT price_version) FROM calls") == 2
    (entry,) = [one for one in entries(road.books.control) if one.action == "calls repriced"]
    assert entry.subject == "20 calls"


def test_what_a_provider_reported_stays_the_cost_and_the_price_beside_it_changes(
    books_road: Road,
) -> None:
    road = books_road
    road.send([call(1, provider="house", model="llama", provider_cost="0.5")])
    planned = plan_reprice(road.books, own(road, HOUSE), since=FIRST)
    apply_reprice(road.books, planned, now=NOW)
    (row,) = road.calls()
    assert row["cost"] == Decimal("0.5")
    assert row["rated_cost"] == Decimal("0.00002")
    assert row["price_status"] == "provider"


def test_calls_of_a_closed_month_are_told_and_stay(books_road: Road) -> None:
    road = books_road
    road.send([call(1, provider="house", model="llama")])
    close_period(road.books.control, date(2026, 11, 1), source="", now=NOW)
    planned = plan_reprice(road.books, own(road, HOUSE), since=FIRST)
    assert reprice_answer(planned, applied=True).total["closed_calls"] == 1
    assert apply_reprice(road.books, planned, now=NOW) == ()
    assert road.one("SELECT COUNT(*) FROM calls WHERE cost IS NULL") == 1


def test_books_without_calls_have_nothing_to_reprice(books_road: Road) -> None:
    planned = plan_reprice(books_road.books, own(books_road, HOUSE), since=FIRST)
    assert planned.found == ()
    assert apply_reprice(books_road.books, planned, now=NOW) == ()


def test_an_own_price_with_a_fault_stops_pricing_and_says_its_line(books_road: Road) -> None:
    with pytest.raises(SettingError, match=r"own.yaml:4: unknown key 'inputs_per_mtok'"):
        own(books_road, HOUSE.replace("input_per", "inputs_per"))


def dearer(listed: Catalogue) -> Catalogue:
    """Give a list in which gpt-5 takes 2 for a million tokens of input."""
    openai = listed.providers["openai"]
    models = tuple(
        replace(
            model,
            prices=(
                ListedPrice(
                    sheet={**model.prices[0].sheet, "input": ((-1, for_one("input", Decimal(2))),)}
                ),
            ),
        )
        if model.id == "gpt-5"
        else model
        for model in openai.models
        if model.id != "gpt-5-mini"
    )
    providers = {**listed.providers, "openai": replace(openai, models=models)}
    return replace(listed, version="newer", source="newer", providers=providers)


def test_a_new_list_is_only_shown_until_it_is_accepted_and_then_holds_from_its_day(
    books_road: Road, tmp_path: Path
) -> None:
    books, day = books_road.books, date(2026, 11, 21)
    file = tmp_path / "newer.json"
    file.write_bytes(written(dearer(bundled())))
    planned = plan_renewal(books, offered_list(file), day)
    told = {
        (one.model, one.change, one.tier, one.kind, one.before, one.after)
        for one in planned.changes
    }
    assert ("gpt-5", "changed", "standard", "input", "1.25", "2") in told
    assert ("gpt-5-mini", "gone", "", "", "", "") in told
    assert kept_lists(books.settings.store_path) == ()
    accept_renewal(books, planned, now=NOW)
    first, second = kept_lists(books.settings.store_path)
    assert (first.number, second.number) == (1, 2)
    now_held = catalogue_of(books)
    for when, expected in ((date(2026, 11, 20), "0.00000125"), (day, "0.000002")):
        rates = rates_of(now_held, "openai", "gpt-5", "standard", when)
        assert rates is not None
        assert rates.base[0] == Decimal(expected)
    assert rates_of(now_held, "openai", "gpt-5-mini", "standard", day) is not None
    again = plan_renewal(books, offered_list(file), date(2026, 12, 1))
    assert [one for one in again.changes if one.change != "gone"] == []


def test_a_backdated_list_changes_the_past_too(books_road: Road) -> None:
    books = books_road.books
    planned = plan_renewal(books, dearer(bundled()), date(2026, 11, 21), backdated=True)
    accept_renewal(books, planned, now=NOW)
    rates = rates_of(catalogue_of(books), "openai", "gpt-5", "standard", date(2025, 9, 1))
    assert rates is not None
    assert rates.base[0] == Decimal("0.000002")


def test_another_costper_with_another_list_changes_no_price_by_itself(books_road: Road) -> None:
    books = books_road.books
    keep_first_list(books)
    keep_first_list(books)
    assert len(kept_lists(books.settings.store_path)) == 1
    assert accepted_list(books.settings.store_path) == bundled()


def test_the_hours_of_a_call_choose_its_price(books_road: Road) -> None:
    road = books_road
    midnight = int(datetime(2026, 11, 20, tzinfo=UTC).timestamp()) * 10**6
    deepseek = {"provider": "deepseek", "model": "deepseek-v4-pro"}
    road.send([call(h, timestamp=midnight + h * HOUR_US, **deepseek) for h in range(24)])
    dear = road.rows('SELECT DISTINCT hour("at") AS h, cost FROM calls ORDER BY h')
    assert len({row["cost"] for row in dear}) == 2
    assert [row["h"] for row in dear if row["cost"] == max(it["cost"] for it in dear)] == [
        *(1, 2, 3, 6, 7, 8, 9),
    ]


def test_calls_that_come_in_while_others_are_repriced_are_all_in_the_roll_ups(
    books_road: Road,
) -> None:
    road = books_road
    road.send([call(n) for n in range(50)])

    def more() -> None:
        for start in range(100, 1100, 100):
            road.send([call(n) for n in range(start, start + 100)])

    discount = "prices: [{provider: openai, models: gpt-5, discount_percent: %d}]\n"
    sending = threading.Thread(target=more)
    sending.start()
    for percent in (10, 20, 30, 40):
        catalogue = own(road, discount % percent)
        apply_reprice(road.books, plan_reprice(road.books, catalogue, since=FIRST), now=NOW)
    sending.join()
    apply_reprice(road.books, plan_reprice(road.books, catalogue, since=FIRST), now=NOW)
    assert road.one("SELECT COUNT(*) FROM calls") == 1_050
    assert road.one("SELECT SUM(cost) FROM calls") == 1_050 * GPT_5 * Decimal("0.6")
    kept = road.sums()
    assert kept == road.rebuilt()
