import tempfile
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger import Ledger, added, inner

from costper.errors import UnknownNameError
from costper.model.answer import Absent
from costper.pipeline.answer.customer import customer
from costper.pipeline.answer.customers import customers

OCTOBER = (date(2026, 10, 1), date(2026, 11, 1))
LAST = date(2026, 10, 31)


def cell(ledger: Ledger, name: str, column: str) -> object:
    rows = customers(ledger.frame(since=OCTOBER[0], until=OCTOBER[1])).rows
    return next(row[column] for row in rows if row["customer"] == name)


def test_eight_thousand_on_two_thousand_is_listed_first_at_minus_three_hundred(
    ledger: Ledger,
) -> None:
    ledger.every_day(OCTOBER[0], 31, "1", customer="small").payer("small", "30")
    ledger.every_day(OCTOBER[0], 31, "100", customer="good").payer("good", "9000")
    ledger.leg(OCTOBER[0], "8000", customer="initech").payer("initech", "2000")
    rows = customers(ledger.frame(since=OCTOBER[0], until=OCTOBER[1])).rows
    assert [row["customer"] for row in rows] == ["initech", "small", "good"]
    first = rows[0]
    assert (str(first["margin_percent"]), first["margin"]) == ("-300.0", Decimal(-6000))
    assert first["revenue"] == 2000


def test_whoever_pays_but_costs_nothing_is_listed_with_zero(ledger: Ledger) -> None:
    ledger.leg(OCTOBER[0], "5").leg(LAST, "0").payer("acme", "10").payer("quiet", "310")
    assert cell(ledger, "quiet", "cost") == 0
    assert cell(ledger, "quiet", "margin") == 310


def test_days_the_books_hold_nothing_of_have_no_cost_rather_than_none(ledger: Ledger) -> None:
    ledger.leg(OCTOBER[0], "5").leg(OCTOBER[0], "2", customer="(unallocated)", reason="no_rule")
    ledger.payer("acme", "10").requests(date(2027, 1, 5), 3)
    frame = ledger.frame(since=date(2027, 1, 1), until=date(2027, 2, 1))
    no_data = Absent("no_data")
    names = ("cost", "effective_cost", "billed_cost", "margin", "daily_average", "cost_per_request")
    alone = customer(frame, "acme")
    assert {alone.rows[0][name] for name in names} == {no_data}
    assert alone.total["cost"] == no_data
    every = customers(frame)
    for row in (*every.rows, every.total):
        assert {row[name] for name in names} == {no_data}
        assert row["trend_percent"] == no_data
    assert every.total["customers_cost"] == no_data


@pytest.mark.parametrize("status", ["trialing", "paused", "churned", "cancelled"])
def test_only_active_and_past_due_customers_have_revenue(ledger: Ledger, status: str) -> None:
    ledger.leg(OCTOBER[0], "5").payer("acme", "2000", status=status)
    assert cell(ledger, "acme", "revenue") == 0
    assert cell(ledger, "acme", "margin_percent") == Absent("free_loss")


def test_past_due_still_counts(ledger: Ledger) -> None:
    ledger.leg(OCTOBER[0], "5").leg(LAST, "0").payer("acme", "2000", status="past_due")
    assert cell(ledger, "acme", "revenue") == 2000


def test_a_change_of_plan_in_mid_month_counts_by_its_days(ledger: Ledger) -> None:
    ledger.leg(OCTOBER[0], "5").leg(LAST, "0")
    ledger.payer("acme", "3100", plan="old", until=date(2026, 10, 11))
    ledger.payer("acme", "6200", plan="new", since=date(2026, 10, 11))
    assert cell(ledger, "acme", "revenue") == Decimal(10 * 100 + 21 * 200)
    assert cell(ledger, "acme", "plan") == "new"


def test_cost_without_a_record_has_no_margin_and_is_an_issue(ledger: Ledger) -> None:
    ledger.leg(OCTOBER[0], "5", customer="ghost").leg(OCTOBER[0], "5").payer("acme", "10")
    ledger.every_day(OCTOBER[0], 31, "0")
    answer = customers(ledger.frame(since=OCTOBER[0], until=OCTOBER[1]))
    assert answer.rows[-1]["margin"] == Absent("no_customer_record")
    assert [issue.code for issue in answer.issues] == ["no_customer_record"]
    assert "ghost" in answer.issues[0].message


def test_without_any_record_the_total_has_no_revenue_either(ledger: Ledger) -> None:
    answer = customers(ledger.leg(OCTOBER[0], "5").frame(since=OCTOBER[0], days=31))
    unknown = Absent("no_customer_record")
    for column in ("revenue", "margin", "margin_percent"):
        assert answer.rows[0][column] == answer.total[column] == unknown


def test_what_belongs_to_nobody_is_no_customer_but_in_the_total(ledger: Ledger) -> None:
    ledger.leg(OCTOBER[0], "5").payer("acme", "10")
    ledger.leg(OCTOBER[0], "2", customer="(unallocated)", reason="no_usage")
    answer = customers(ledger.frame(since=OCTOBER[0], until=OCTOBER[1]))
    assert [row["customer"] for row in answer.rows] == ["acme"]
    (rest,) = inner(answer.total, "not_customers")
    assert (rest["customer"], rest["cost"]) == ("(unallocated)", Decimal(2))
    assert (answer.total["cost"], answer.total["customers_cost"]) == (Decimal(7), Decimal(5))
    assert answer.unallocated == {"no_usage": Decimal(2)}
    assert str(answer.coverage) == "0.714"


def test_cost_per_request_is_a_ratio_of_sums_with_a_reason_where_null(ledger: Ledger) -> None:
    ledger.leg(OCTOBER[0], "100").leg(OCTOBER[0], "100", customer="b").leg(
        OCTOBER[0], "1", customer="c"
    )
    ledger.requests(OCTOBER[0], 10).requests(OCTOBER[0], 1000, "b")
    answer = customers(ledger.frame(since=OCTOBER[0], until=OCTOBER[1]))
    per = {row["customer"]: row["cost_per_request"] for row in answer.rows}
    assert per["acme"] == 10
    assert per["b"] == Decimal("0.1")
    assert per["c"] == Absent("no_usage")
    assert answer.total["cost_per_request"] == Decimal("0.199009900990")


def test_a_source_may_have_its_own_cost_of_record(tmp_path: Path) -> None:
    from costper.config.settings import Declared
    from costper.sources.base import SourceSettings

    class Own(SourceSettings):
        cost_of_record: str = "billed_cost"

    own = Declared(name="other", type="focus_file", kind="bill", settings=Own(), where="a:1")
    ledger = Ledger.at(tmp_path, sources=(own,))
    ledger.leg(OCTOBER[0], "10", billed_cost="11").leg(
        OCTOBER[0], "10", billed_cost="11", source="other"
    )
    row = customers(ledger.frame(since=OCTOBER[0], until=OCTOBER[1])).rows[0]
    assert [row["cost"], row["effective_cost"], row["billed_cost"]] == [
        Decimal(21),
        Decimal(20),
        Decimal(22),
    ]
    ledger.close()


def test_another_currency_takes_its_days_rate_or_makes_the_row_null(ledger: Ledger) -> None:
    ledger.leg(OCTOBER[0], "10").leg(OCTOBER[0], "10", currency="EUR")
    ledger.leg(date(2026, 10, 2), "10", currency="EUR").payer("acme", "100")
    ledger.rate(OCTOBER[0], "EUR", "1.5").rate(date(2026, 10, 2), "EUR", "2")
    assert cell(ledger, "acme", "cost") == Decimal(10 + 15 + 20)
    ledger.leg(OCTOBER[0], "1", currency="GBP", customer="b").payer("b", "100")
    answer = customers(ledger.frame(since=OCTOBER[0], until=OCTOBER[1]))
    row = next(row for row in answer.rows if row["customer"] == "b")
    missing = Absent("missing_rate")
    assert row["cost"] == row["margin"] == row["trend_percent"] == missing
    assert answer.coverage is None
    assert ("missing_rate", "error") in {(one.code, one.severity) for one in answer.issues}


def test_one_customer_in_depth_agrees_with_the_list_and_with_its_parts(ledger: Ledger) -> None:
    ledger.every_day(date(2026, 8, 31), 62, "3.1", service="db")
    ledger.every_day(date(2026, 8, 31), 62, "1.05", service="api").payer("acme", "100")
    ledger.leg(date(2026, 10, 5), "50", service="api", team="data")
    frame = ledger.frame(since=OCTOBER[0], until=OCTOBER[1])
    (listed,) = customers(frame).rows
    answer = customer(frame, "acme")
    (row,) = answer.rows
    for column in listed:
        assert row[column] == listed[column], column
    services = inner(row, "services")
    assert [part["service"] for part in services] == ["db", "api"]
    assert added(services) == row["cost"] == answer.total["cost"]
    assert added(inner(row, "daily")) == row["cost"]
    drivers = inner(row, "drivers")
    assert (drivers[0]["service"], drivers[0]["change"]) == ("api", Decimal(50))


def test_an_unknown_customer_is_refused_with_the_nearest_name(ledger: Ledger) -> None:
    ledger.leg(OCTOBER[0], "5", customer="initech")
    with pytest.raises(UnknownNameError, match="initech"):
        customer(ledger.frame(), "initec")


def test_a_customer_without_cost_in_the_period_still_has_an_answer(ledger: Ledger) -> None:
    ledger.leg(date(2026, 1, 1), "5", customer="old").leg(OCTOBER[0], "1")
    ledger.leg(LAST, "0")
    ledger.payer("fresh", "310")
    frame = ledger.frame(since=OCTOBER[0], until=OCTOBER[1])
    assert customer(frame, "old").rows[0]["cost"] == 0
    assert customer(frame, "fresh").rows[0]["margin"] == 310


legs = st.lists(
    st.tuples(
        st.integers(0, 60),
        st.decimals(-1000, 1000, places=12, allow_nan=False),
        st.sampled_from(["a", "b", "(unallocated)", "(untagged)"]),
        st.sampled_from(["db", "api"]),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=15, deadline=None)
@given(legs)
def test_rows_and_what_is_nobodys_add_up_to_the_books(
    given_legs: list[tuple[int, Decimal, str, str]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger.at(Path(folder))
        for offset, cost, name, service in given_legs:
            day = date(2026, 9, 1) + timedelta(days=offset)
            ledger.leg(day, cost, customer=name, service=service)
        answer = customers(ledger.frame(since=OCTOBER[0], until=OCTOBER[1]))
        ledger.close()
    in_books = sum((cost for offset, cost, *_ in given_legs if offset >= 30), Decimal(0))
    lines = (*answer.rows, *inner(answer.total, "not_customers"))
    if not any(offset >= 30 for offset, *_ in given_legs):
        assert {row["cost"] for row in (*lines, answer.total)} == {Absent("no_data")}
        return
    shown = added(lines)
    assert shown == answer.total["cost"] == in_books


def test_margins_and_what_is_nobodys_add_up_to_the_totals_margin(ledger: Ledger) -> None:
    ledger.leg(OCTOBER[0], "5").payer("acme", "31").leg(OCTOBER[0], "2", customer="(untagged)")
    ledger.leg(LAST, "0")
    answer = customers(ledger.frame(since=OCTOBER[0], until=OCTOBER[1]))
    lines = (*answer.rows, *inner(answer.total, "not_customers"))
    assert added(lines, "margin") == answer.total["margin"] == 24


def test_days_with_cost_and_no_requests_are_told_where_a_request_has_a_cost(
    ledger: Ledger,
) -> None:
    ledger.every_day(OCTOBER[0], 4, "10")
    for offset in (0, 1, 3):
        ledger.requests(OCTOBER[0] + timedelta(days=offset), 5)
    frame = ledger.frame(since=OCTOBER[0], until=date(2026, 10, 5))
    for answer in (customer(frame, "acme"), customers(frame)):
        (told,) = (issue for issue in answer.issues if issue.code == "days_without_data")
        assert (told.count, told.where) == (1, "requests")
        assert "1 of 4 days with cost hold no requests, from 2026-10-03 on" in told.message
    full = ledger.frame(since=OCTOBER[0], until=date(2026, 10, 3))
    assert "days_without_data" not in {issue.code for issue in customers(full).issues}


def test_the_totals_cost_per_request_is_of_the_totals_cost(ledger: Ledger) -> None:
    ledger.leg(OCTOBER[0], "5").leg(OCTOBER[0], "2", customer="(untagged)")
    ledger.requests(OCTOBER[0], 10)
    total = customers(ledger.frame(since=OCTOBER[0], until=OCTOBER[1])).total
    assert (total["cost"], total["cost_per_request"]) == (7, Decimal("0.7"))


def test_no_row_at_all_says_why(ledger: Ledger) -> None:
    ledger.leg(OCTOBER[0], "2", customer="(unallocated)", reason="no_rule")
    answer = customers(ledger.frame(since=OCTOBER[0], until=OCTOBER[1]))
    assert answer.rows == ()
    assert [issue.code for issue in answer.issues] == ["no_customer_named"]


def test_revenue_of_days_without_cost_is_not_counted_and_the_answer_says_so(
    ledger: Ledger,
) -> None:
    ledger.every_day(OCTOBER[0], 10, "20").payer("acme", "310")
    frame = ledger.frame(since=date(2025, 11, 1), until=OCTOBER[1])
    answer = customers(frame)
    assert (answer.total["revenue"], answer.total["margin"]) == (100, -100)
    assert answer.total["loss_makers"] == 1
    (said,) = [one.message for one in answer.issues if one.code == "days_left_out"]
    assert "from 2026-10-01 to 2026-10-10" in said
    assert customer(frame, "acme").rows[0]["margin"] == -100


def test_without_any_cost_of_the_days_revenue_is_not_known(ledger: Ledger) -> None:
    ledger.leg(OCTOBER[0], "20").payer("acme", "310")
    frame = ledger.frame(since=date(2026, 9, 1), until=OCTOBER[0])
    answer = customers(frame)
    assert answer.total["revenue"] == answer.total["margin"] == Absent("no_data")
    assert [one.code for one in answer.issues if one.code == "days_left_out"]
