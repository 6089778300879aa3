"""Margins and concentration through the command line, over books filled by hand."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.cli.world import Ran, context
from tests.ledger import Ledger
from tests.pipeline.query.world import lettered

from costper.cli.main import main
from costper.config.settings import MarginSettings
from costper.model.allocation import Rule

OCTOBER = ("--from", "2026-10", "--to", "2026-11")
DAY = date(2026, 10, 10)
BY_REQUESTS = Rule(name="shared db", driver="by_quantity", quantity="requests")
Fill = Callable[[Ledger], object]


def run(folder: Path, fill: Fill, *words: str, **changes: object) -> Ran:
    """Fill books by hand and ask them."""
    ledger = Ledger.at(folder, **changes)
    fill(ledger)
    whole_october(ledger)
    return ran_in(ledger, *words)


def whole_october(ledger: Ledger) -> None:
    """Have the books hold every day of the month, so that revenue is of all of it."""
    first = next(iter(ledger.rows.get("legs", ())), None)
    if first is not None:
        names = ("customer", "team", "service", "environment")
        said = {name: first[f"dim_{name}"] for name in names}
        said.update(reason=first["reason"], source=first["source"])
        ledger.every_day(date(2026, 10, 1), 31, "0", **said)


def ran_in(ledger: Ledger, *words: str) -> Ran:
    """Ask books that are filled."""
    folder = ledger.settings.root
    books = ledger.keep().books()
    world = replace(context(folder), books=books)
    code = main(words, world)
    assert isinstance(world.stdout, io.StringIO)
    assert isinstance(world.stderr, io.StringIO)
    return Ran(code, world.stdout.getvalue(), world.stderr.getvalue())


def asked(folder: Path, fill: Fill, *words: str, **changes: object) -> dict[str, Any]:
    ran = run(folder, fill, *words, *OCTOBER, "--json", **changes)
    assert ran.code == 0, ran.err
    found: dict[str, Any] = json.loads(ran.out)
    return found


def shop(ledger: Ledger) -> None:
    ledger.leg(DAY, "8000", customer="initech").payer("initech", "2000", plan="pro")
    ledger.leg(DAY, "15", customer="solo").payer("solo", "49", plan="pro")
    ledger.leg(DAY, "500", customer="acme").payer("acme", "9000", plan="enterprise", seats="20")
    ledger.leg(DAY, "3", customer="guest").payer("guest", "0", plan="free")
    ledger.leg(DAY, "7", customer="(unallocated)", reason="no_usage")


def test_eight_thousand_on_two_thousand_is_minus_three_hundred_percent_and_first(
    tmp_path: Path,
) -> None:
    found = asked(tmp_path, shop, "margin")
    first = found["rows"][0]
    assert (first["customer"], first["margin"], first["margin_percent"]) == (
        "initech",
        "-6000.00",
        "-300.0",
    )
    assert [row["customer"] for row in found["rows"]] == ["initech", "guest", "solo", "acme"]


def test_fifteen_on_forty_nine_is_a_problem_and_no_loss(tmp_path: Path) -> None:
    found = asked(tmp_path, shop, "margin")
    solo = found["rows"][2]
    assert (solo["margin_percent"], solo["cost_of_revenue_percent"]) == ("69.4", "30.61")
    assert solo["band"] == "problem"
    table = run(tmp_path / "again", shop_at(tmp_path / "again"), "margin", *OCTOBER).out
    line = next(line for line in table.splitlines() if "solo" in line)
    assert "69.4 %" in line
    assert "30.6 %" in line


def shop_at(folder: Path) -> Fill:
    folder.mkdir()
    return shop


def test_without_revenue_percents_are_null_and_say_whether_money_is_lost(tmp_path: Path) -> None:
    guest = asked(tmp_path, shop, "margin")["rows"][1]
    lost = {"value": None, "reason": "free_loss"}
    assert (guest["margin"], guest["margin_percent"], guest["band"]) == ("-3.00", lost, "problem")
    assert guest["cost_of_revenue_percent"] == lost


def test_seats_have_a_cost_and_a_margin_each(tmp_path: Path) -> None:
    rows = {row["customer"]: row for row in asked(tmp_path, shop, "margin")["rows"]}
    acme = rows["acme"]
    assert (acme["seats"], acme["cost_per_seat"], acme["margin_per_seat"]) == (
        "20",
        "25.00",
        "425.00",
    )
    assert rows["solo"]["cost_per_seat"] == {"value": None, "reason": "no_seats"}


def test_plans_add_their_customers_up_worst_first(tmp_path: Path) -> None:
    found = asked(tmp_path, shop, "margin", "--by", "plan")
    rows = {row["plan"]: row for row in found["rows"]}
    assert list(rows) == ["pro", "free", "enterprise"]
    pro = rows["pro"]
    assert (pro["customers"], pro["paying_customers"], pro["loss_makers"]) == (2, 2, 1)
    assert (pro["cost"], pro["revenue"], pro["arpu"]) == ("8015.00", "2049.00", "1024.50")
    assert rows["free"]["arpu"] == {"value": None, "reason": "no_revenue"}
    assert found["total"]["loss_makers"] == 2
    (nobody,) = found["total"]["not_customers"]
    assert (nobody["customer"], nobody["cost"]) == ("(unallocated)", "7.00")


def test_the_curve_rises_to_the_last_customer_that_leaves_anything(tmp_path: Path) -> None:
    found = asked(tmp_path, shop, "margin", "--by", "curve")
    assert [(row["customers"], row["cumulative_margin"]) for row in found["rows"]] == [
        (1, "8500.00"),
        (2, "8534.00"),
        (3, "8531.00"),
        (4, "2531.00"),
    ]
    assert (found["total"]["peak_margin"], found["total"]["peak_customers"]) == ("8534.00", 2)
    assert found["rows"][1]["of_total_percent"] == "337.18"


def test_the_bands_and_what_they_compare_are_settings(tmp_path: Path) -> None:
    def fill(ledger: Ledger) -> None:
        ledger.leg(DAY, "3", customer="acme", service="inference").payer("acme", "30")
        ledger.leg(DAY, "20", customer="acme", service="db")

    ai = MarginSettings(cost="service = inference")
    (row,) = asked(tmp_path, fill, "margin", margins=ai)["rows"]
    assert (row["compared_cost"], row["cost_of_revenue_percent"]) == ("3.00", "10.0")
    assert (row["band"], row["margin"]) == ("watch", "7.00")
    strict = ai.model_copy(update={"problem_percent": Decimal(9)})
    (tmp_path / "b").mkdir()
    (row,) = asked(tmp_path / "b", fill, "margin", margins=strict)["rows"]
    assert row["band"] == "problem"
    (tmp_path / "c").mkdir()
    (row,) = asked(tmp_path / "c", fill, "margin", "--cost", "service = db", margins=ai)["rows"]
    assert row["cost_of_revenue_percent"] == "66.67"


def test_a_higher_price_for_a_plan_is_put_on_history(tmp_path: Path) -> None:
    words = ("margin", "--what-if", "price +10%", "--what-if", "plan PRO price 9000")
    found = asked(tmp_path, shop, *words)
    rows = {row["customer"]: row for row in found["rows"]}
    assert (rows["initech"]["new_margin"], rows["initech"]["effect"]) == ("1000.00", "up")
    assert (rows["acme"]["new_revenue"], rows["acme"]["change"]) == ("9900.00", "900.00")
    assert (rows["guest"]["new_margin"], rows["guest"]["effect"]) == ("-3.00", "same")
    total = found["total"]
    assert (total["loss_makers"], total["new_loss_makers"]) == (2, 1)
    assert (total["margins_up"], total["margins_down"]) == (3, 0)
    assert Decimal(total["new_margin"]) - Decimal(total["margin"]) == Decimal(total["change"])
    assert (total["new_revenue"], total["new_cost"]) == ("27900.00", "8525.00")


def test_a_price_per_seat_needs_seats(tmp_path: Path) -> None:
    found = asked(tmp_path, shop, "margin", "--what-if", "price 400 per seat")
    rows = {row["customer"]: row for row in found["rows"]}
    assert (rows["acme"]["new_revenue"], rows["acme"]["effect"]) == ("8000.00", "down")
    assert rows["solo"]["new_margin"] == {"value": None, "reason": "no_seats"}
    assert found["total"]["new_margin"] == {"value": None, "reason": "no_seats"}


def busy(ledger: Ledger) -> None:
    """A free customer that is divided by use, in two months, beside direct cost."""
    ledger.every_day(date(2026, 9, 1), 61, "0", customer="pro")
    for day in (date(2026, 9, 5), DAY):
        ledger.leg(day, "100", customer="free", rule="shared db", method="by_quantity")
        ledger.leg(day, "40", customer="free")
        ledger.requests(day, 400, "free")
    ledger.payer("free", "0", plan="free").payer("pro", "50", plan="pro")
    ledger.requests(DAY, 400, "pro")


def test_a_limit_cuts_the_cost_that_follows_use_to_the_allowed_share(tmp_path: Path) -> None:
    words = ("margin", "--what-if", "plan free limit requests 100 per month")
    found = asked(tmp_path, busy, *words, allocation=(BY_REQUESTS,))
    rows = {row["customer"]: row for row in found["rows"]}
    assert (rows["free"]["cost"], rows["free"]["new_cost"]) == ("140.00", "65.00")
    assert rows["pro"]["effect"] == "same"
    assert found["issues"] == []


def test_a_limit_at_a_price_is_paid_for_and_cuts_nothing(tmp_path: Path) -> None:
    words = ("margin", "--what-if", "limit requests 100 per month at 0.5")
    found = asked(tmp_path, busy, *words, allocation=(BY_REQUESTS,))
    rows = {row["customer"]: row for row in found["rows"]}
    assert (rows["free"]["new_revenue"], rows["free"]["new_cost"]) == ("150.00", "140.00")
    assert (rows["pro"]["new_revenue"], rows["pro"]["effect"]) == ("200.00", "up")


def test_a_limit_of_what_divides_no_cost_saves_nothing_and_says_so(tmp_path: Path) -> None:
    words = ("margin", "--what-if", "limit requests 100 per month")
    found = asked(tmp_path, busy, *words)
    assert [row["change"] for row in found["rows"]] == ["0.00", "0.00"]
    assert [issue["code"] for issue in found["issues"]] == ["nothing_driven"]


def test_what_if_is_asked_of_the_last_whole_months(tmp_path: Path) -> None:
    words = ("margin", "--what-if", "limit requests 100 per month", "--months", "2", "--json")
    ran = run(tmp_path, busy, *words, allocation=(BY_REQUESTS,))
    assert ran.code == 0, ran.err
    found = json.loads(ran.out)
    assert (found["question"]["from"], found["question"]["to"]) == ("2026-09-01", "2026-11-01")
    rows = {row["customer"]: row for row in found["rows"]}
    assert (rows["free"]["cost"], rows["free"]["new_cost"]) == ("280.00", "130.00")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--what-if", "plan gold price 9"), "what-if: unknown plan 'gold'"),
        (("--what-if", "limit calls 9"), "what-if: unknown metric 'calls'"),
        (("--what-if", "price 10%"), "what-if, column 7: say which way the price goes"),
        (("--cost", "servce = db"), "where, column 1: unknown key 'servce'"),
        (("--arpu", "30"), "arpu: arpu says what one unit brings"),
        (("--arpu", "many"), "argument --arpu: 'many' is not an amount"),
        (("--months", "3", "--days", "3"), "months: months and days say it twice"),
        (("--months", "0"), "argument --months: '0' is not a number of months"),
        (("--per", "calls"), "unknown metric 'calls'"),
        (("--by", "team"), "unknown --by 'team'"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_a_reason(
    tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    ran = run(tmp_path, busy, "margin", *words)
    assert ran.code == 2
    assert told in ran.err


def test_a_customer_without_a_record_has_no_margin_and_is_told(tmp_path: Path) -> None:
    def fill(ledger: Ledger) -> None:
        shop(ledger)
        ledger.leg(DAY, "5", customer="ghost")

    found = asked(tmp_path, fill, "margin", "--what-if", "price +10%")
    ghost = next(row for row in found["rows"] if row["customer"] == "ghost")
    assert ghost["margin"] == ghost["effect"] == {"value": None, "reason": "no_customer_record"}
    assert [issue["code"] for issue in found["issues"]] == ["no_customer_record"]
    assert found["total"]["change"] == "1104.90"


def test_tables_sum_up_and_csv_has_every_row(tmp_path: Path) -> None:
    words = ("margin", "--by", "plan", "--what-if", "price +10%")
    table = run(tmp_path, shop, *words, *OCTOBER)
    assert table.code == 0
    assert "4 customers, 2 loss makers; the best 2 leave $8,534.00" in table.out
    assert (
        "what if: margin $3,628.90, changed by $1,104.90; 2 loss makers instead of 2" in table.out
    )
    assert "(no customer: unallocated)" in table.out
    (tmp_path / "b").mkdir()
    written = run(tmp_path / "b", shop, *words, *OCTOBER, "--csv")
    assert len(list(csv.DictReader(io.StringIO(written.out)))) == 3


def crowd(ledger: Ledger) -> None:
    """Five customers at 80, and ninety-five that share six hundred."""
    for at in range(5):
        ledger.leg(DAY, "80", customer=f"big{at}")
    for at in range(95):
        ledger.leg(DAY, "6.315789" if at else "6.315834", customer=f"small{at:02}")
    ledger.leg(DAY, "50", customer="(unallocated)", reason="no_usage")
    ledger.leg(DAY, "900", customer="ourselves").payer("ourselves", None, status="internal")
    ledger.leg(DAY, "-9", customer="refunded")


def test_five_percent_of_the_customers_carry_forty_percent_of_the_cost(tmp_path: Path) -> None:
    found = asked(tmp_path, crowd, "concentration")
    total = found["total"]
    assert (total["members"], total["cost"]) == (100, "1000.00")
    assert (total["top_5_percent"], total["top_5_members"]) == ("40.0", 5)
    assert (total["gini_index"], total["hhi_index"]) == ("0.35", "0.0358")
    assert total["lorenz"][-1] == {"members_percent": "100.0", "cumulative_percent": "100.0"}
    assert found["rows"][4]["cumulative_percent"] == "40.0"
    assert {one["member"]: one["reason"] for one in total["apart"]} == {
        "(unallocated)": "nobody",
        "ourselves": "internal",
        "refunded": "negative",
    }
    assert [issue["code"] for issue in found["issues"]] == ["negative_members"]


def test_the_concentration_is_told_in_words(tmp_path: Path) -> None:
    out = run(tmp_path, crowd, "concentration", *OCTOBER).out
    assert "the dearest 5 % (5 customers) carry 40.0 % of the cost" in out
    assert "Gini 0.35 · HHI 0.0358" in out
    assert "apart: ourselves (internal) $900.00" in out


def test_too_few_members_have_no_top_and_one_alone_is_everything(tmp_path: Path) -> None:
    total = asked(tmp_path, shop, "concentration", "--of", "service")["total"]
    assert total["top_5_percent"] == {"value": None, "reason": "too_few"}
    assert (total["members"], total["gini_index"], total["hhi_index"]) == (1, "0.00", "1.00")


def test_an_unknown_dimension_is_refused(tmp_path: Path) -> None:
    ran = run(tmp_path, shop, "concentration", "--of", "servce")
    assert (ran.code, ran.err) == (
        2,
        "of: unknown dimension 'servce'\n  hint: did you mean 'service'?\n",
    )


def test_a_use_is_concentrated_as_a_cost_is(tmp_path: Path) -> None:
    ledger = lettered(tmp_path)
    ledger.every_day(date(2026, 10, 1), 31, "1")
    ledger.metric("orders", DAY, 300, customer="a").metric("orders", DAY, 100, customer="b")
    ran = ran_in(ledger, "concentration", "--metric", "orders", *OCTOBER, "--json")
    found = json.loads(ran.out)
    assert [(row["customer"], row["units"], row["share_percent"]) for row in found["rows"]] == [
        ("a", "300", "75.0"),
        ("b", "100", "25.0"),
    ]
    ran = ran_in(ledger, "concentration", "--of", "team", "--metric", "orders", *OCTOBER)
    assert (ran.code, "of: unknown dimension of orders 'team'" in ran.err) == (2, True)


@pytest.mark.parametrize(
    ("bill", "users", "arpu", "told"),
    [
        ("8000", 5000, "30", ("1.60", "5.33", "on_target", "2.40", "3.00")),
        ("800", 500, "30", ("1.60", "5.33", "on_target", "2.40", "3.00")),
        ("15000", 5000, "30", ("3.00", "10.0", "watch", "2.40", "3.00")),
        ("10000", 5000, "49", ("2.00", "4.08", "on_target", "3.92", "4.90")),
        ("25000", 5000, "49", ("5.00", "10.2", "problem", "3.92", "4.90")),
        ("50000", 5000, "99", ("10.00", "10.1", "problem", "7.92", "9.90")),
    ],
)
def test_the_cost_of_a_user_is_placed_by_what_one_brings(
    tmp_path: Path, bill: str, users: int, arpu: str, told: tuple[str, ...]
) -> None:
    ledger = lettered(tmp_path)
    ledger.every_day(date(2026, 10, 1), 31, "0")
    ledger.leg(DAY, bill, customer="(unallocated)", reason="no_rule")
    ledger.metric("mau", date(2026, 10, 1), users)
    ran = ran_in(ledger, "margin", "--per", "mau", "--arpu", arpu, *OCTOBER, "--json")
    total = json.loads(ran.out)["total"]
    names = ("cost_per_unit", "cost_of_arpu_percent", "band")
    limits = ("watch_from_cost", "problem_above_cost")
    assert tuple(total[name] for name in (*names, *limits)) == told
    assert total["arpu_is"] == "as given"


def test_revenue_by_who_pays_is_of_a_customer_and_places_no_user(tmp_path: Path) -> None:
    ledger = lettered(tmp_path)
    ledger.every_day(date(2026, 10, 1), 31, "1")
    ledger.payer("acme", "60").payer("beta", "30").payer("guest", "0")
    ledger.metric("mau", date(2026, 10, 1), 10)
    out = ran_in(ledger, "margin", "--per", "mau", *OCTOBER).out
    assert "cost per unit $3.10: no band without --arpu" in out
    assert "ARPU $45.00 is of a customer: revenue of those who pay" in out
    total = json.loads(ran_in(ledger, "margin", "--per", "mau", *OCTOBER, "--json").out)["total"]
    assert total["cost_of_arpu_percent"] == {"value": None, "reason": "no_arpu"}
    assert (total["band"], total["cost_of_revenue_percent"]) == ("", "34.44")


def test_with_an_arpu_the_cost_of_revenue_stays_what_it_is(tmp_path: Path) -> None:
    ledger = lettered(tmp_path)
    ledger.every_day(date(2026, 10, 1), 31, "1")
    ledger.payer("acme", "60").payer("beta", "30")
    ledger.metric("mau", date(2026, 10, 1), 10)
    words = ("margin", "--per", "mau", "--arpu", "31", *OCTOBER, "--json")
    total = json.loads(ran_in(ledger, *words).out)["total"]
    assert (total["cost_of_revenue_percent"], total["cost_of_arpu_percent"]) == ("34.44", "10.0")


def test_the_seats_of_a_month_are_the_average_of_its_days(tmp_path: Path) -> None:
    def fill(ledger: Ledger) -> None:
        half = date(2026, 10, 1) + timedelta(days=15)
        ledger.leg(DAY, "93", customer="acme")
        ledger.payer("acme", "100", seats="10", until=half)
        ledger.payer("acme", "100", seats="41", since=half)

    (row,) = asked(tmp_path, fill, "margin")["rows"]
    assert (row["seats"], row["cost_per_seat"]) == ("26", "3.576923076923")
