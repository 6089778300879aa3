"""A snapshot lands, changes nothing, or is refused, and says why."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from costper.model.delivery import Delivery, Incoming, Scope, decide

SCOPE = Scope(source="bill", account="1", billing_period=date(2026, 9, 1))
NEW = Incoming(
    scope=SCOPE,
    fingerprint="b",
    mode="overwrite",
    rows=10,
    covered_days=30,
    last_day=date(2026, 9, 30),
)
OLD = Delivery(
    delivery_id=1,
    scope=SCOPE,
    status="current",
    mode="overwrite",
    fingerprint="a",
    rows=12,
    bad_rows=0,
    set_aside=0,
    totals={"USD": {"billed_cost": Decimal(1)}},
    first_day=date(2026, 9, 1),
    last_day=date(2026, 9, 30),
    covered_days=30,
    files=("bill.csv",),
)


def test_the_first_snapshot_lands() -> None:
    assert decide(NEW, None, closed=False).action == "land"


def test_the_same_bytes_change_nothing_even_when_the_period_is_closed() -> None:
    same = replace(NEW, fingerprint="a")
    assert decide(same, OLD, closed=False).action == "unchanged"
    assert decide(same, OLD, closed=True).action == "unchanged"


def test_a_newer_snapshot_with_fewer_rows_lands_because_omitted_rows_vanish() -> None:
    assert decide(NEW, OLD, closed=False).action == "land"


def test_a_snapshot_of_fewer_days_never_replaces_a_fuller_one_unless_forced() -> None:
    short = replace(NEW, covered_days=9)
    assert decide(short, OLD, closed=False).action == "refuse"
    assert "9 days" in decide(short, OLD, closed=False).reason
    assert decide(short, OLD, closed=False, forced=True).action == "land"


def test_a_snapshot_that_ends_earlier_is_refused_though_it_covers_as_many_days() -> None:
    old = replace(OLD, covered_days=19)
    early = replace(NEW, covered_days=19, last_day=date(2026, 9, 19))
    assert decide(early, old, closed=False).action == "refuse"
    assert "2026-09-19" in decide(early, old, closed=False).reason
    assert decide(early, old, closed=False, forced=True).action == "land"


def test_a_snapshot_that_lost_more_than_half_its_rows_lands_and_says_so() -> None:
    thin = decide(replace(NEW, rows=5), OLD, closed=False)
    assert (thin.action, "5 rows" in thin.reason, "12" in thin.reason) == ("land", True, True)
    assert decide(replace(NEW, rows=6), OLD, closed=False).reason == ""


def test_a_snapshot_its_own_manifest_calls_short_is_refused_even_when_forced() -> None:
    short = replace(NEW, complete=False)
    assert decide(short, None, closed=False, forced=True).action == "refuse"


def test_a_closed_period_is_refused_until_it_is_reopened() -> None:
    assert decide(NEW, OLD, closed=True).action == "refuse"
    assert decide(NEW, OLD, closed=True, forced=True).action == "refuse"
    assert decide(NEW, OLD, closed=False).action == "land"


def test_an_appended_delivery_needs_no_more_days_than_it_brings() -> None:
    more = replace(NEW, mode="append", covered_days=1)
    assert decide(more, OLD, closed=False).action == "land"
