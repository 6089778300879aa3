"""Calls become charges where no invoice pays for them, and weights where one does."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from tests.pipeline.calls.billed_world import BILLED, DAY, DIMENSIONS, NOW, Calls, desk

from costper.model.allocation import Match, Rule
from costper.model.customer import CustomerFact
from costper.model.dimension import Dimension
from costper.store.closing import close_period, reopen_period
from costper.store.deliveries import current
from costper.store.facts import land_customers

FINE = "0.000000000000000001"


def test_calls_of_a_customer_become_its_cost_to_the_last_digit(tmp_path: Path) -> None:
    with desk(tmp_path) as it:
        it.fold(
            Calls(cost=f"1.25{FINE[4:]}"),
            Calls(cost="0.75", hour=10),
            Calls(cost="3", customer="Bolt", provider="anthropic", model="claude-sonnet-5"),
            Calls(cost="0.5", customer=""),
        )
        landed = it.land()
        assert landed.months == (date(2026, 11, 1),)
        assert it.sum("effective_cost", "charges") == it.sum("call_cost", "call_hourly")
        it.allocate()
        assert it.by_customer() == {
            "acme": Decimal(f"2.00{FINE[4:]}"),
            "bolt": Decimal(3),
            "(unallocated)": Decimal("0.5"),
        }
        row = it.rows("SELECT * FROM charges ORDER BY effective_cost DESC LIMIT 1")[0]
        assert row["service_category"] == "AI and Machine Learning"
        assert (row["service_name"], row["sku_id"]) == ("Anthropic", "claude-sonnet-5")
        assert row["tags"] == (
            '{"customer":"Bolt","environment":"production","feature":"search",'
            '"model":"claude-sonnet-5","provider":"anthropic"}'
        )
        assert row["charge_period_start"] == datetime(2026, 11, 3)  # noqa: DTZ001
        assert row["estimated"] is False


def test_the_same_calls_again_change_nothing(tmp_path: Path) -> None:
    with desk(tmp_path) as it:
        it.fold(Calls(cost="1"), Calls(cost="2", day=date(2026, 10, 30)))
        first = it.land()
        assert len(first.months) == 2
        before = it.books.marts.changes, [one.delivery_id for one in current(it.books.control)]
        again = it.land()
        assert (again.months, again.bills, again.series, again.trued_up) == ((), (), (), ())
        after = it.books.marts.changes, [one.delivery_id for one in current(it.books.control)]
        assert after == before


def test_only_the_month_that_changed_is_written(tmp_path: Path) -> None:
    with desk(tmp_path) as it:
        it.fold(Calls(cost="1"), Calls(cost="2", day=date(2026, 10, 30)))
        it.land()
        it.fold(Calls(cost="4", hour=11))
        assert it.land().months == (date(2026, 11, 1),)
        assert it.sum("effective_cost", "charges") == 7


def test_a_provider_without_new_calls_keeps_its_delivery(tmp_path: Path) -> None:
    with desk(tmp_path) as it:
        it.fold(Calls(cost="1"), Calls(cost="2", provider="anthropic"))
        it.land()
        before = {one.scope.account: one.delivery_id for one in current(it.books.control)}
        it.fold(Calls(cost="4", hour=11))
        it.land()
        after = {one.scope.account: one.delivery_id for one in current(it.books.control)}
        assert after["anthropic"] == before["anthropic"]
        assert after["openai"] > before["openai"]


def test_what_is_not_real_use_or_has_no_price_is_in_no_charge(tmp_path: Path) -> None:
    with desk(tmp_path) as it:
        it.fold(
            Calls(cost="1"),
            Calls(cost="8", mode="test"),
            Calls(cost="16", mode="demo"),
            Calls(cost="0", calls=3, unpriced=3, model="mystery"),
        )
        landed = it.land()
        assert it.sum("effective_cost", "charges") == 1
        assert [(one.code, one.count) for one in landed.issues] == [("unpriced_calls", 3)]


def test_today_is_charged_when_asked_for_and_then_stays(tmp_path: Path) -> None:
    today = NOW.date()
    with desk(tmp_path) as it:
        it.fold(Calls(cost="1"), Calls(cost="2", day=today))
        it.land(today=False)
        assert it.sum("effective_cost", "charges") == 1
        it.land()
        assert it.sum("effective_cost", "charges") == 3
        it.fold(Calls(cost="4", day=today))
        it.land(today=False)
        assert it.sum("effective_cost", "charges") == 7


def test_a_clock_that_is_moved_back_takes_no_charged_day_back(tmp_path: Path) -> None:
    with desk(tmp_path) as it:
        it.fold(Calls(cost="1", day=date(2026, 11, 16)), Calls(cost="2", day=NOW.date()))
        it.land()
        held = it.rows("SELECT * FROM charges ORDER BY ALL")
        it.fold(Calls(cost="4", day=date(2026, 11, 16)))
        for days in (3, 40):
            it.land(NOW - timedelta(days=days))
            assert it.sum("effective_cost", "charges") == 7
        it.land()
        assert it.sum("effective_cost", "charges") == 7
        assert len(it.rows("SELECT * FROM charges")) == len(held)


def test_a_clock_that_is_moved_back_takes_no_measured_day_back(tmp_path: Path) -> None:
    with desk(tmp_path) as it:
        it.fold(Calls(cost="1"), Calls(cost="2", day=date(2026, 11, 18)))
        it.land()
        it.fold(Calls(cost="4"))
        it.land(NOW - timedelta(days=3))
        assert it.sum("value", "measurements", "metric = 'ai_calls'") == 3


def test_days_an_invoice_covers_are_not_charged_twice(tmp_path: Path) -> None:
    later = date(2026, 11, 9)
    with desk(tmp_path, llm=BILLED) as it:
        it.fold(Calls(cost="1"), Calls(cost="3", customer="bolt"), Calls(cost="2", day=later))
        it.land()
        assert it.sum("effective_cost", "charges") == 6
        it.invoice((DAY, "8"))
        it.land()
        it.allocate()
        assert it.sum("effective_cost", "charges", "source = 'calls'") == 2
        assert it.by_customer() == {"acme": Decimal(4), "bolt": Decimal(6)}
        assert it.sum("cost", "user_daily", f"day = DATE '{DAY}'") == 8
        assert it.sum("cost", "user_daily", f"day = DATE '{later}'") == 2
        assert it.sum("call_cost", "user_daily") == 6


def test_an_invoice_of_all_days_leaves_no_charge_of_calls(tmp_path: Path) -> None:
    with desk(tmp_path, llm=BILLED) as it:
        it.fold(Calls(cost="1"), Calls(cost="3", customer=""))
        it.land()
        it.invoice((DAY, "8"))
        it.land()
        assert it.sum("effective_cost", "charges", "source = 'calls'") == 0
        [left] = it.rows("SELECT * FROM charges WHERE source = 'calls'")
        assert left["charge_description"] == "paid by the invoice of its provider"
        assert left["charge_period_start"].date() == DAY
        assert it.land().months == ()
        it.allocate()
        assert it.by_customer() == {"acme": Decimal(2), "(unallocated)": Decimal(6)}
        reasons = it.rows("SELECT DISTINCT reason FROM legs WHERE effective_cost <> 0")
        assert {row["reason"] for row in reasons} == {"", "no_targets"}


def test_a_bill_without_calls_stays_visible_as_unallocated(tmp_path: Path) -> None:
    with desk(tmp_path, llm=BILLED) as it:
        it.fold(Calls(cost="1", day=date(2026, 11, 9)))
        it.invoice((DAY, "8"))
        it.land()
        it.allocate()
        assert it.by_customer() == {"acme": Decimal(1), "(unallocated)": Decimal(8)}
        [row] = it.rows("SELECT DISTINCT reason FROM legs WHERE effective_cost = 8")
        assert row["reason"] == "no_usage"


def test_a_service_account_is_divided_by_the_rule_it_names(tmp_path: Path) -> None:
    overhead = Rule(name="overhead", driver="even", match=(Match(key="service", values=("none",)),))
    fixed = Rule(
        name="nightly",
        driver="fixed",
        shares={"acme": Decimal(25), "bolt": Decimal(75)},
        match=(Match(key="service", values=("none",)),),
    )
    llm = {
        "service_accounts": {
            "Indexer": {"team": "search", "allocate": "nightly"},
            "porter": {"customer": "acme"},
        }
    }
    with desk(tmp_path, overhead, fixed, llm=llm) as it:
        kind = "service_account"
        it.fold(
            Calls(cost="4", customer="", user="indexer", kind=kind),
            Calls(cost="2", customer="", user="porter", kind=kind),
        )
        it.land()
        it.allocate()
        assert it.by_customer() == {"acme": Decimal(3), "bolt": Decimal(3)}
        teams = it.rows("SELECT DISTINCT dim_team FROM legs WHERE rule LIKE 'nightly%'")
        assert teams == [{"dim_team": "search"}]


def test_own_tenants_and_free_plans_are_told_apart_by_a_tag(tmp_path: Path) -> None:
    llm = {"internal_tenants": ["Ours"]}
    with desk(tmp_path, llm=llm) as it:
        it.fold(Calls(cost="1", more={"tenant": "ours"}), Calls(cost="2", more={"tenant": "t1"}))
        it.land()
        rows = it.rows("SELECT effective_cost AS c, tags FROM charges ORDER BY 1")
        assert ['"segment":"internal"' in row["tags"] for row in rows] == [True, False]


def test_metrics_of_calls_are_measured_by_the_words_of_charges(tmp_path: Path) -> None:
    with desk(tmp_path) as it:
        it.fold(Calls(cost="1.5", customer="acme-inc"), Calls(cost="2", calls=4, feature="mail"))
        landed = it.land()
        assert [one.metric for one in landed.series] == ["ai_cost", "ai_calls", "ai_tokens"]
        found = it.rows(
            "SELECT metric, customer, feature, service, value FROM measurements "
            "WHERE feature = 'search' ORDER BY metric"
        )
        assert [(row["metric"], row["customer"], row["service"]) for row in found] == [
            ("ai_calls", "acme", "openai"),
            ("ai_cost", "acme", "openai"),
            ("ai_tokens", "acme", "openai"),
        ]
        assert it.sum("value", "measurements", "metric = 'ai_calls'") == 5
        assert it.sum("value", "measurements", "metric = 'ai_tokens'") == 550


def test_what_an_hour_adds_to_today_is_measured_when_the_day_is_over(tmp_path: Path) -> None:
    with desk(tmp_path) as it:
        it.fold(Calls(cost="2", day=NOW.date()))
        assert it.land().series == ()
        assert it.land(now=datetime(2026, 11, 21, 1, tzinfo=UTC)).series


def test_plans_that_pay_nothing_are_told_apart_on_the_days_they_hold(tmp_path: Path) -> None:
    facts = [
        CustomerFact(customer="acme", plan="Hobby", valid_from=date(2026, 1, 1)),
        CustomerFact(customer="acme", plan="pro", valid_from=date(2026, 11, 5)),
    ]
    with desk(tmp_path, llm={"free_plans": ["hobby"]}) as it:
        land_customers(it.books, "crm", facts)
        it.fold(Calls(cost="1"), Calls(cost="2", day=date(2026, 11, 6)))
        it.land()
        rows = it.rows("SELECT tags FROM charges ORDER BY effective_cost")
        assert ['"segment":"free"' in row["tags"] for row in rows] == [True, False]


def test_calls_may_be_kept_out_of_the_ledger_and_still_are_measured(tmp_path: Path) -> None:
    with desk(tmp_path, llm={"calls": {"charges": False}}) as it:
        it.fold(Calls(cost="1"))
        landed = it.land()
        assert not landed.bills
        assert it.sum("effective_cost", "charges") == 0
        assert it.sum("value", "measurements", "metric = 'ai_calls'") == 1


def test_a_closed_month_is_refused_and_lands_when_it_is_open_again(tmp_path: Path) -> None:
    month = date(2026, 10, 1)
    with desk(tmp_path) as it:
        it.fold(Calls(cost="1", day=month))
        it.land()
        close_period(it.books.control, month, source="calls", now=NOW)
        it.fold(Calls(cost="2", day=month))
        assert [one.refused for one in it.land().bills] == [1]
        assert it.sum("effective_cost", "charges") == 1
        reopen_period(it.books.control, month, source="calls", reason="late calls", now=NOW)
        it.land()
        assert it.sum("effective_cost", "charges") == 3


def test_a_dimension_read_from_another_tag_finds_its_word(tmp_path: Path) -> None:
    other = Dimension(name="customer", fields=("tags.cust",))
    with desk(tmp_path, dimensions=(other, *DIMENSIONS[1:])) as it:
        it.fold(Calls(cost="1"))
        it.land()
        it.allocate()
        assert it.by_customer() == {"acme": Decimal(1)}


def test_a_prompt_version_splits_charges_only_where_a_dimension_reads_it(tmp_path: Path) -> None:
    version = Dimension(name="version", fields=("tags.prompt_version",))
    calls = [Calls(cost="1", more={"prompt_version": word}) for word in ("v1", "v2")]
    for place, dimensions in enumerate((DIMENSIONS, (*DIMENSIONS, version))):
        folder = tmp_path / str(place)
        folder.mkdir()
        with desk(folder, dimensions=dimensions) as it:
            it.fold(*calls)
            it.land()
            assert it.sum("1", "charges") == place + 1


def test_a_customer_s_cost_holds_cloud_and_calls(tmp_path: Path) -> None:
    with desk(tmp_path) as it:
        it.fold(Calls(cost="2"))
        it.invoice((DAY, "3"), source="cloud", tags='{"customer": "acme"}')
        it.land()
        it.allocate()
        assert it.by_customer() == {"acme": Decimal(5)}
