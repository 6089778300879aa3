"""Runs: month by month, all or nothing, and the same digits again."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from queue import SimpleQueue

import pytest
from tests.allocation.world import MONTH, Charge, Used, World, money
from tests.pipeline.shop import NOW, OVERHEAD, SHARED, WORLD, shop

from costper.allocation import sql_legs
from costper.allocation.sql_stage import Numbered
from costper.errors import UserError
from costper.model.allocation import Match, Rule
from costper.model.dimension import UNALLOCATED
from costper.model.period import month_of
from costper.pipeline.allocate import apply, plan, recomputed
from costper.pipeline.defined import definition_of
from costper.pipeline.divide import divide
from costper.pipeline.words import Reader
from costper.store.closing import close_period
from costper.store.engine import Write
from costper.store.runs import listed_runs
from costper.store.tables import legs


def test_a_run_writes_legs_pools_and_roll_ups_that_agree(tmp_path: Path) -> None:
    with shop(tmp_path, SHARED, OVERHEAD) as books:
        books.fill()
        (done,) = books.apply()
        assert (done.month, done.state) == (MONTH, "new")
        assert done.legs == len(books.rows("SELECT * FROM legs"))
        total = sum((charge.costs["effective_cost"] for charge in WORLD.charges), Decimal(0))
        assert sum(books.by_customer().values()) == total
        daily = "SELECT SUM(effective_cost) AS cost FROM dimension_daily"
        assert books.rows(daily) == [{"cost": total}]
        pools = books.rows("SELECT rule, stage, weight_total, targets, effective_cost FROM pools")
        assert {(row["rule"], row["stage"]) for row in pools} == {
            ("shared database", 1),
            ("overhead", 2),
        }
        assert books.rows("SELECT DISTINCT reason, dim_service FROM moves") == [
            {"reason": "no_rule", "dim_service": "idle"}
        ]
        used = "SELECT customer, service, metric, value FROM measurement_daily ORDER BY customer"
        assert [row["value"] for row in books.rows(used)] == [25, 75]


def test_an_allocation_waits_for_whoever_lands_charges(tmp_path: Path) -> None:
    waits = SimpleQueue[str]()
    with shop(tmp_path, SHARED, OVERHEAD) as books, ThreadPoolExecutor(1) as other:
        books.fill()
        with books.books.activity.alone():
            done = other.submit(apply, books.books, now=NOW, progress=waits.put)
            assert waits.get(timeout=60) == "waiting: a sync or an allocation is at work"
            assert not listed_runs(books.books.control, ("pending", "current"))
        assert [month.state for month in done.result()] == ["new"]


def test_legs_are_what_was_divided_however_they_are_kept(tmp_path: Path) -> None:
    nobody = Charge(service_name="db", tags={"env": "prod"}, costs=money("0.000000000000000000007"))
    unnamed = Used(dims={"service": "db"}, value=Decimal("0.5"))
    world = replace(
        WORLD, charges=(*WORLD.charges, nobody), used=(*WORLD.used, *WORLD.used, unnamed)
    )
    team = Rule(
        name="key",
        driver="fixed",
        to="team",
        match=(Match(key="service", values=("idle",)),),
        shares={"search": Decimal("33.333333"), "growth": Decimal("66.666667")},
    )
    later = replace(OVERHEAD, match=(Match(key="team", values=("growth",)),))
    with shop(tmp_path, SHARED, team, later) as books:
        books.fill(world)
        books.apply()
        definition = definition_of(books.books.settings)
        divided = divide(
            books.books.engine, definition, Reader(definition), month_of(MONTH), "customers"
        )
        names = [name for name in legs(definition.names).names if name not in {"run_id", "month"}]
        inner = (
            f"SELECT l.* REPLACE (r.name AS rule) FROM ({divided.legs}) AS l "
            "JOIN alloc_rules AS r ON r.rule = l.rule"
        )
        wanted = f"SELECT {', '.join(names)} FROM ({inner}) ORDER BY ALL"
        kept = books.rows(f"SELECT {', '.join(names)} FROM legs ORDER BY ALL")
        assert kept == books.books.engine.query(wanted, divided.params).to_pylist()
        assert {row["reason"] for row in kept} == {"", "no_targets"}
        shared = books.rows("SELECT DISTINCT dim_customer FROM legs_shared ORDER BY 1")
        assert [row["dim_customer"] for row in shared] == ["acme", "bolt"]
        assert {row["stage"] for row in kept} == {1, 2}
        assert {row["rule"] for row in books.rows("SELECT rule FROM legs_wide")} >= {"", "key"}


def test_measurements_are_kept_by_day_customer_and_service_whatever_else_they_say(
    tmp_path: Path,
) -> None:
    teams = (
        Used(dims={"customer": "acme", "service": "db", "team": "a"}, value=Decimal(1)),
        Used(dims={"customer": "Acme", "service": "db", "team": "b"}, value=Decimal(2)),
    )
    daily = "SELECT customer, service, metric, value FROM measurement_daily ORDER BY ALL"
    with shop(tmp_path, SHARED) as books:
        books.fill(replace(WORLD, used=(*WORLD.used, *WORLD.used)))
        books.apply()
        assert [row["value"] for row in books.rows(daily)] == [50, 150]
        books.fill(replace(WORLD, used=(*WORLD.used, *teams)))
        again = "SELECT * REPLACE (delivery_id + 1 AS delivery_id) FROM charge_daily"
        books.books.engine.replace([Write(table="charge_daily", where="TRUE", select=again)])
        books.apply()
        assert [row["value"] for row in books.rows(daily)] == [28, 75]


def test_proportions_of_usage_and_of_credits_are_the_same(tmp_path: Path) -> None:
    with shop(tmp_path, SHARED) as books:
        books.fill()
        books.apply()
        found = books.rows(
            "SELECT charge_category, dim_customer, effective_cost FROM legs "
            "WHERE rule = 'shared database' ORDER BY ALL"
        )
        assert [(row["dim_customer"], row["effective_cost"]) for row in found] == [
            ("acme", Decimal("-0.653425")),
            ("bolt", Decimal("-1.960275")),
            ("acme", Decimal(25)),
            ("bolt", Decimal(75)),
        ]


def test_applying_again_changes_nothing_until_something_changed(tmp_path: Path) -> None:
    with shop(tmp_path, SHARED) as books:
        books.fill()
        first = books.apply()
        assert [done.state for done in books.apply()] == ["unchanged"]
        assert [done.run_id for done in books.apply()] == [done.run_id for done in first]
    with shop(tmp_path, SHARED, OVERHEAD) as books:
        (done,) = books.apply()
        assert done.state == "changed"
        statuses = [run.status for run in listed_runs(books.books.control)]
        assert statuses == ["superseded", "current"]
        kept = books.rows("SELECT DISTINCT run_id FROM legs")
        assert kept == [{"run_id": done.run_id}]


def test_a_superseded_run_keeps_its_sums(tmp_path: Path) -> None:
    with shop(tmp_path, SHARED) as books:
        books.fill()
        books.apply()
        before = books.by_customer()
    with shop(tmp_path) as books:
        books.apply()
        sql = "SELECT customer, SUM(effective_cost) AS cost FROM run_summary GROUP BY customer"
        assert {row["customer"]: row["cost"] for row in books.rows(sql)} == before
        assert books.by_customer()[UNALLOCATED] > 0


def test_a_plan_says_what_moves_and_writes_nothing(tmp_path: Path) -> None:
    with shop(tmp_path) as books:
        books.fill()
        books.apply()
        before = books.rows("SELECT * FROM legs ORDER BY ALL")
        runs = listed_runs(books.books.control)
    with shop(tmp_path, SHARED) as books:
        found = plan(books.books)
        assert books.rows("SELECT * FROM legs ORDER BY ALL") == before
        assert listed_runs(books.books.control) == runs
        assert {moved.key: moved.change for moved in found.by_customer} == {
            (UNALLOCATED, "USD"): Decimal("-97.3863"),
            ("bolt", "USD"): Decimal("73.039725"),
            ("acme", "USD"): Decimal("24.346575"),
        }
        assert found.unallocated == {("no_rule", "", "USD"): Decimal("5.000000000000000000001")}
        books.apply()
        again = plan(books.books)
        assert (again.by_customer, [due.state for due in again.months]) == ((), ["unchanged"])


def test_a_closed_month_keeps_its_digits_when_rules_change(tmp_path: Path) -> None:
    with shop(tmp_path, SHARED) as books:
        books.fill()
        (done,) = books.apply()
        before = books.by_customer()
        close_period(books.books.control, MONTH, source="", now=NOW)
    with shop(tmp_path, OVERHEAD) as books:
        assert [one.state for one in books.apply()] == ["closed"]
        assert books.by_customer() == before
        assert done.run_id is not None
        stored = recomputed(books.books, done.run_id, MONTH)
        assert {customer: cost for (customer, _), cost in stored.items()} == before


def test_a_broken_sum_keeps_nothing_and_says_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with shop(tmp_path, SHARED) as books:
        books.fill()
        original = sql_legs.table_shares

        def losing(legs: str, rules: tuple[Numbered, ...]) -> str:
            return f"{original(legs, rules)} AND l.dim_customer <> 'bolt'"

        monkeypatch.setattr(sql_legs, "table_shares", losing)
        (done,) = books.apply()
        assert (done.state, done.run_id) == ("refused", None)
        assert done.issue is not None
        assert done.issue.where == "allocation of 2026-08"
        assert "effective_cost 156" in done.issue.message
        assert books.rows("SELECT * FROM legs") == []
        assert books.rows("SELECT * FROM landed") == []
        assert [run.status for run in listed_runs(books.books.control, ("failed",))] == ["failed"]


def test_a_month_the_books_do_not_hold_is_wrong_use(tmp_path: Path) -> None:
    with shop(tmp_path, SHARED) as books:
        books.fill()
        with pytest.raises(UserError, match="nothing of 2025-01"):
            books.apply([date(2025, 1, 1)])


def test_a_month_whose_charges_vanished_is_emptied(tmp_path: Path) -> None:
    with shop(tmp_path, SHARED) as books:
        books.fill()
        books.apply()
        books.fill(World())
        (done,) = books.apply()
        assert (done.state, done.legs) == ("changed", 0)
        assert books.by_customer() == {}


def test_cost_of_record_may_differ_by_source(tmp_path: Path) -> None:
    rule = Rule(name="all", driver="by_cost", match=(Match(key="service", values=("db",)),))
    charges = (
        Charge(tags={"customer": "acme"}, costs=money(1, billed_cost="3")),
        Charge(tags={"customer": "bolt"}, costs=money(1, billed_cost="1")),
        Charge(service_name="db", costs=money(8)),
    )
    with shop(tmp_path, rule, cost_of_record="billed_cost") as books:
        books.fill(World(charges=charges))
        books.apply()
        assert books.by_customer("billed_cost") == {"acme": 9, "bolt": 3}


def test_two_methods_for_one_customer_and_service_stay_two_legs(tmp_path: Path) -> None:
    credit = Rule(
        name="credits",
        driver="by_seats",
        match=(Match(key="charge_category", values=("credit",)),),
    )
    with shop(tmp_path, credit, SHARED) as books:
        books.fill()
        books.apply()
        sql = (
            "SELECT method FROM legs WHERE dim_customer = 'acme' AND dim_service = 'db' ORDER BY 1"
        )
        assert [row["method"] for row in books.rows(sql)] == ["by_quantity", "by_seats"]


def test_hours_of_non_production_come_from_the_raw_charges(tmp_path: Path) -> None:
    with shop(tmp_path, SHARED) as books:
        books.fill()
        columns = {"source": "'aws'", "billing_currency": "'USD'", "service_name": "'idle'"}
        columns |= {"tags": """'{"env": "stg"}'""", "charge_category": "'Usage'"}
        columns |= {"effective_cost": "3", "billed_cost": "3"}
        columns |= {"charge_period_start": "TIMESTAMP '2026-08-01 05:00:00'"}
        columns |= {"charge_period_end": "TIMESTAMP '2026-08-01 06:00:00'"}
        select = ", ".join(f"{sql} AS {name}" for name, sql in columns.items())
        books.books.engine.replace([Write(table="charges", select=f"SELECT {select}")])
        books.apply()
        sql = (
            "SELECT hour, hourly, environment, effective_cost FROM environment_hourly ORDER BY hour"
        )
        assert [tuple(row.values()) for row in books.rows(sql)] == [
            (0, False, "staging", Decimal("2.000000000000000000001")),
            (5, True, "staging", Decimal(3)),
        ]


def test_estimated_days_stay_marked(tmp_path: Path) -> None:
    with shop(tmp_path) as books:
        books.fill(World(charges=(replace(WORLD.charges[0], estimated=True),)))
        books.apply()
        assert books.rows("SELECT estimated FROM dimension_daily") == [{"estimated": True}]
