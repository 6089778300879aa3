"""Bills land whole or not at all, once, and every row is accounted for."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.store.raw_bills import JUNE, MAY, NOW, Desk, bill_of, charge, days

from costper.errors import SourceError
from costper.store.audit import entries
from costper.store.closing import close_period, reopen_period
from costper.store.deliveries import current, listed
from costper.store.land import land_bill


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk.at(tmp_path)
    yield desk
    desk.books.close()


def fates(desk: Desk) -> list[str]:
    return [scope.fate for scope in desk.landings[-1].scopes]


def test_the_totals_are_those_of_the_file_to_the_last_digit(desk: Desk) -> None:
    cost = "0.123456789012345678901"
    landing = desk.land([charge(MAY, cost), charge(MAY, "-20"), charge(MAY, "1e-21")])
    assert landing.totals["USD"]["effective_cost"] == Decimal("-19.876543210987654321098")
    assert (landing.rows, landing.landed, landing.bad, landing.set_aside) == (3, 3, 0, 0)
    assert [each.rows for each in current(desk.books.control)] == [3]


def test_the_same_bytes_twice_change_nothing(desk: Desk) -> None:
    file = desk.file(days(MAY, 3))
    desk.land(file)
    before = desk.state()
    again = desk.land(file)
    assert fates(desk) == ["unchanged"]
    assert (again.rows, again.unchanged, again.landed) == (3, 3, 0)
    assert again.totals == desk.landings[0].totals
    assert desk.state() == before
    assert len(listed(desk.books.control)) == 1


def test_the_same_bytes_under_another_name_are_refused_until_forced(desk: Desk) -> None:
    file = desk.file(days(MAY, 3))
    desk.land(file)
    before = desk.state()
    again = land_bill(desk.books, "renamed", bill_of(file), now=NOW)
    assert (again.refused, again.landed, desk.state()) == (3, 0, before)
    (issue,) = again.issues
    assert issue.message == "not landed: the same bytes are in the books as delivery 1 of bill"
    assert "withdraw" in issue.hint
    other = land_bill(desk.books, "other", bill_of(desk.file(days(MAY, 3, "2"))), now=NOW)
    forced = land_bill(desk.books, "renamed", bill_of(file), now=NOW, forced=True)
    assert (other.landed, forced.landed) == (3, 3)


def test_a_newer_snapshot_replaces_and_what_it_omits_vanishes(desk: Desk) -> None:
    desk.land([*days(MAY, 3, service_name="old"), *days(MAY, 3)])
    desk.land(days(MAY, 3, "2"))
    (desk.folder / "fresh").mkdir()
    fresh = Desk.at(desk.folder / "fresh")
    fresh.land(days(MAY, 3, "2"))
    assert fates(desk) == ["replaced"]
    assert desk.state() == fresh.state()
    old = desk.all(
        "SELECT delivery_id, SUM(effective_cost) FROM charge_daily_superseded GROUP BY 1"
    )
    assert old == [(1, Decimal(6))]
    fresh.books.close()


def test_scopes_are_replaced_one_by_one(desk: Desk) -> None:
    desk.land([*days(MAY, 2), *days(JUNE, 2)])
    desk.land(days(JUNE, 2, "5"))
    held = desk.all(
        "SELECT billing_period, SUM(billed_cost) FROM charge_daily GROUP BY 1 ORDER BY 1"
    )
    assert held == [(MAY, Decimal(2)), (JUNE, Decimal(10))]


def test_a_file_of_two_scopes_lands_only_the_one_that_changed(desk: Desk) -> None:
    may, june = desk.file(days(MAY, 2)), desk.file(days(JUNE, 2))
    both = desk.file(
        [*days(MAY, 2, billing_account_id="b"), *days(JUNE, 2, billing_account_id="b")]
    )
    desk.land(may, june, both)
    close_period(desk.books.control, MAY, source="bill", now=NOW)
    other = desk.file(
        [*days(MAY, 2, "3", billing_account_id="b"), *days(JUNE, 2, "3", billing_account_id="b")]
    )
    landing = desk.land(may, june, other)
    assert fates(desk) == ["unchanged", "unchanged", "refused", "replaced"]
    assert (landing.landed, landing.unchanged, landing.refused) == (2, 4, 2)
    assert [issue.code for issue in landing.issues] == ["period_closed"]
    rows = desk.all("SELECT file_no, COUNT(*) FROM charges WHERE billed_cost = 3 GROUP BY 1")
    assert rows == [(0, 2)]


def test_a_partial_snapshot_never_replaces_a_fuller_one(desk: Desk) -> None:
    desk.land(days(MAY, 3))
    before = desk.state()
    landing = desk.land(days(MAY, 2, "9"))
    assert fates(desk) == ["refused"]
    assert landing.issues[0].code == "delivery_refused"
    assert "covers 2 days" in landing.issues[0].message
    assert desk.state() == before
    desk.land(days(MAY, 2, "9"))
    assert len(listed(desk.books.control, statuses=("refused",))) == 1


def monthly(month: date, category: str = "Tax") -> dict[str, str | None]:
    """Give a tax, a fee or a credit: one row that spans the month."""
    after = (month + timedelta(days=32)).replace(day=1)
    return charge(month, charge_period_end=after.isoformat(), charge_category=category)


def test_rows_that_span_the_month_do_not_make_a_cut_off_snapshot_whole(desk: Desk) -> None:
    whole = desk.land([*days(MAY, 31), monthly(MAY)])
    assert [scope.delivery.covered_days for scope in whole.scopes] == [31]
    before = desk.state()
    landing = desk.land([*days(MAY, 19), monthly(MAY)])
    assert fates(desk) == ["refused"]
    assert "covers 19 days" in landing.issues[0].message
    assert desk.state() == before


def test_usage_may_follow_a_fee_that_spans_the_month(desk: Desk) -> None:
    first = desk.land([monthly(MAY)])
    assert [scope.delivery.covered_days for scope in first.scopes] == [1]
    desk.land([monthly(MAY), charge(MAY)])
    assert fates(desk) == ["replaced"]


def test_a_snapshot_that_ends_earlier_is_refused(desk: Desk) -> None:
    desk.land(days(MAY + timedelta(days=1), 5))
    landing = desk.land(days(MAY, 5))
    assert fates(desk) == ["refused"]
    assert "ends on 2026-05-05" in landing.issues[0].message


def test_a_snapshot_that_lost_most_of_its_rows_is_told(desk: Desk) -> None:
    desk.land([*days(MAY, 3), *days(MAY, 3, service_name="db"), *days(MAY, 3, service_name="dns")])
    landing = desk.land(days(MAY, 3))
    assert fates(desk) == ["replaced"]
    told = [(issue.code, issue.severity, issue.where) for issue in landing.issues]
    assert told == [("rows_vanished", "warning", "bill a 2026-05")]


def test_force_accepts_fewer_days_and_is_written_down(desk: Desk) -> None:
    desk.land(days(MAY, 3))
    desk.land(days(MAY, 2, "9"), forced=True)
    assert fates(desk) == ["replaced"]
    assert [entry.action for entry in entries(desk.books.control)] == ["forced"]


@pytest.mark.parametrize("promise", [{"promised_rows": 4}, {"promised_files": 2}])
def test_what_its_own_manifest_calls_short_never_lands(desk: Desk, promise: dict[str, int]) -> None:
    desk.land(days(MAY, 3), forced=True, **promise)
    assert fates(desk) == ["refused"]
    assert desk.state()["charges"] == []


def test_a_closed_period_changes_only_after_a_logged_reopening(desk: Desk) -> None:
    control = desk.books.control
    desk.land(days(MAY, 2))
    close_period(control, MAY, source="", now=NOW)
    desk.land(days(MAY, 2, "2"))
    assert fates(desk) == ["refused"]
    reopen_period(control, MAY, source="", reason="the vendor corrected it", now=NOW)
    desk.land(days(MAY, 2, "2"))
    assert fates(desk) == ["replaced"]
    log = [(entry.action, entry.subject) for entry in entries(control)]
    assert log == [
        ("period closed", "all sources 2026-05"),
        ("period reopened", "all sources 2026-05"),
    ]


def test_bad_rows_are_named_and_the_rest_go_on(desk: Desk) -> None:
    rows = [charge(MAY), charge(MAY, "ten"), charge(MAY, charge_category=None), charge(MAY)]
    landing = desk.land(desk.file(rows, "may.parquet"))
    assert (landing.rows, landing.landed, landing.bad) == (4, 2, 2)
    told = [(issue.code, issue.where, issue.message) for issue in landing.issues]
    assert told == [
        ("bad_row", "may.parquet:2", "no readable BilledCost"),
        ("bad_row", "may.parquet:3", "no readable ChargeCategory"),
    ]


def test_a_thousand_bad_rows_alike_make_fifty_issues_and_a_count(desk: Desk) -> None:
    landing = desk.land([charge(MAY), *(charge(MAY, "?") for _ in range(1000))])
    assert len(landing.issues) == 51
    assert sum(issue.count for issue in landing.issues) == 1000


def test_rows_that_do_not_say_their_scope_are_bad_rows_of_their_file(desk: Desk) -> None:
    rows = [charge(MAY), charge(MAY, billing_account_id=None)]
    landing = desk.land(rows, [charge(JUNE), charge(JUNE, billing_period_start="soon")])
    assert (landing.landed, landing.bad) == (2, 2)
    assert [issue.message for issue in landing.issues] == [
        "no readable BillingAccountId",
        "no readable BillingPeriodStart",
    ]


def test_a_file_without_any_scope_is_all_bad_rows(desk: Desk) -> None:
    lost = desk.file([charge(MAY, billing_account_id=None)] * 2, "lost.parquet")
    landing = desk.land([charge(MAY)], lost)
    assert (landing.rows, landing.landed, landing.bad) == (3, 1, 2)
    assert [issue.where for issue in landing.issues] == ["lost.parquet:1", "lost.parquet:2"]
    again = desk.land(desk.file([charge(MAY)], "bill-1.parquet"), lost)
    assert (again.unchanged, again.bad, len(again.issues)) == (1, 2, 2)


def test_a_snapshot_of_bad_rows_alone_replaces_nothing(desk: Desk) -> None:
    desk.land(days(MAY, 2))
    before = desk.state()
    landing = desk.land(days(MAY, 2, "?"))
    assert fates(desk) == ["refused"]
    assert "none of its rows can be read" in landing.issues[0].message
    assert desk.state() == before


def test_bad_rows_that_leave_days_uncovered_make_a_snapshot_partial(desk: Desk) -> None:
    desk.land([*days(MAY, 3), *days(JUNE, 3)])
    landing = desk.land(
        [*days(MAY, 2, "2"), charge(MAY + timedelta(days=2), "?"), *days(JUNE, 3, "2")]
    )
    assert fates(desk) == ["refused", "replaced"]
    assert (landing.refused, landing.landed) == (3, 3)


def test_rows_the_source_sets_aside_are_counted(desk: Desk) -> None:
    landing = desk.land(
        [charge(MAY), charge(MAY, charge_category="Total")], keep="charge_category <> 'Total'"
    )
    assert (landing.rows, landing.landed, landing.set_aside) == (2, 1, 1)


def test_a_control_total_that_differs_lands_nothing(desk: Desk) -> None:
    with pytest.raises(SourceError, match=r"difference -0\.01"):
        desk.land(days(MAY, 2), control_totals={"billed_cost": Decimal("2.01")})
    assert desk.state()["charges"] == []
    desk.land(days(MAY, 2), control_totals={"billed_cost": Decimal("2.00")})
    assert fates(desk) == ["landed"]


def test_appended_files_add_up_and_never_twice(desk: Desk) -> None:
    first, second = desk.file(days(MAY, 2)), desk.file([charge(MAY, "7")])
    desk.land(first, mode="append")
    desk.land(first, second, mode="append")
    assert sorted(fates(desk)) == ["landed", "unchanged"]
    desk.land(first, second, mode="append")
    assert fates(desk) == ["unchanged", "unchanged"]
    assert desk.all("SELECT SUM(billed_cost) FROM charges") == [(Decimal(9),)]


def test_a_copy_of_a_file_is_told_and_counts_once(desk: Desk) -> None:
    landing = desk.land(desk.file([charge(MAY)], "may.csv"), desk.file([charge(MAY)], "copy.csv"))
    assert (landing.landed, landing.files) == (1, 1)
    assert [(issue.code, issue.where) for issue in landing.issues] == [
        ("duplicate_file", "copy.csv")
    ]


def test_two_currencies_are_kept_apart_and_told(desk: Desk) -> None:
    landing = desk.land([charge(MAY), charge(MAY, billing_currency="EUR")])
    assert [issue.code for issue in landing.issues] == ["two_currencies"]
    assert list(landing.totals) == ["EUR", "USD"]


def test_a_hole_of_a_year_is_told(desk: Desk) -> None:
    landing = desk.land([charge(MAY), charge(MAY.replace(year=2027))])
    assert [issue.code for issue in landing.issues] == ["days_missing"]


def test_effective_cost_rounded_to_whole_units_is_flagged(desk: Desk) -> None:
    rows = [charge(MAY, "1.4", effective_cost="1"), charge(MAY, "0.2", effective_cost="0")]
    landing = desk.land(rows)
    assert [issue.code for issue in landing.issues] == ["effective_cost_rounded"]
    assert "cost_of_record: billed_cost" in landing.issues[0].hint


def test_an_effective_cost_that_differs_without_commitments_is_doubted(desk: Desk) -> None:
    landing = desk.land([charge(MAY, "1.4", effective_cost="0.7"), charge(MAY, "2")])
    assert [issue.code for issue in landing.issues] == ["effective_cost_differs"]


def test_a_row_a_commitment_pays_for_is_one_though_it_names_none(desk: Desk) -> None:
    covered = charge(MAY, "1.4", effective_cost="0.7", commitment_discount_status="Used")
    assert desk.land([covered, charge(MAY, "2")]).issues == ()


def test_a_tag_or_account_with_sql_in_it_is_only_text(desk: Desk) -> None:
    evil = "'; DROP TABLE charges; --"
    desk.land([charge(MAY, billing_account_id=evil, tags=f'{{"customer": "{evil}"}}')])
    assert desk.all("SELECT billing_account_id FROM charge_daily") == [(evil,)]


def test_a_cell_of_ten_megabytes_lands(desk: Desk) -> None:
    desk.land([charge(MAY, charge_description="x" * 10_000_000)])
    assert desk.all("SELECT length(charge_description) FROM charges") == [(10_000_000,)]


def test_a_charge_of_a_century_is_a_bad_row(desk: Desk) -> None:
    landing = desk.land([charge(MAY), charge(MAY, charge_period_end="2126-05-01")])
    assert [issue.message for issue in landing.issues] == ["no readable ChargePeriodEnd"]


amounts = st.decimals(-1000, 1000, places=6, allow_nan=False).map(str)
bills = st.lists(st.tuples(st.integers(0, 40), amounts), min_size=1, max_size=12)


@settings(deadline=None, max_examples=12)
@given(st.data(), bills, st.integers(1, 4))
def test_chunks_in_any_order_are_the_whole(
    tmp_path_factory: pytest.TempPathFactory,
    data: st.DataObject,
    lines: list[tuple[int, str]],
    k: int,
) -> None:
    # Each row is its own: two files of the same bytes would be a copy, and count once.
    rows = [
        charge(MAY + timedelta(days=day), cost, resource_id=str(place))
        for place, (day, cost) in enumerate(lines)
    ]
    shuffled = data.draw(st.permutations(rows))
    chunks = [chunk for place in range(k) if (chunk := shuffled[place::k])]
    whole, parts = (Desk.at(tmp_path_factory.mktemp(name)) for name in ("whole", "parts"))
    whole.land(rows)
    parts.land(*chunks)
    assert parts.state()["daily"] == whole.state()["daily"]
    whole.books.close()
    parts.books.close()


def test_day_by_day_is_the_whole_month(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "whole").mkdir()
    whole = Desk.at(tmp_path / "whole")
    whole.land(days(MAY, 5))
    for count in range(1, 6):
        desk.land(days(MAY, count))
    assert desk.state() == whole.state()
    whole.books.close()
