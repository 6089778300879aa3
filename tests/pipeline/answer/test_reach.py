"""How far bills reach decides what is settled, compared, and counted as days with data."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from costper.allocation.drivers import DRIVERS
from costper.config.load import load_settings
from costper.model.answer import Absent
from costper.pipeline.allocate import apply
from costper.pipeline.answer.cost import CostQuestion, cost
from costper.pipeline.answer.customer import customer
from costper.pipeline.answer.customers import customers
from costper.pipeline.answer.frame import Asked, Frame, frame_of
from costper.pipeline.answer.payers import payers
from costper.pipeline.answer.standing import standing
from costper.pipeline.answer.trend import trend
from costper.pipeline.answer.value import value
from costper.pipeline.answer.values import values
from costper.pipeline.query.ask import ask
from costper.pipeline.query.asked import Asked as Answered
from costper.pipeline.query.facts import facts_of
from costper.pipeline.query.written import question_from_json
from costper.pipeline.sync import sync
from costper.pipeline.verdict.pairs import last_settled
from costper.sources import SOURCES
from costper.store.books import Books, open_books

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
CONFIG = """
organisation: Acme
currency: USD
sources:
  main: {type: focus_file, path: main.csv}
  eu: {type: focus_file, path: eu.csv}
"""
HEADER = (
    "BilledCost,EffectiveCost,BillingCurrency,BillingAccountId,BillingPeriodStart,"
    "BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ServiceName,Tags"
)
ACME = '"{""customer"":""acme""}"'
OCTOBER = (date(2026, 10, 1), date(2026, 11, 1))
NOVEMBER = (date(2026, 11, 1), date(2026, 12, 1))


def bill(last: date, *, by_month: bool = False) -> str:
    """Write a bill of $10 a day from 1 September; with a row that spans November."""
    lines, day = [HEADER], date(2026, 9, 1)
    while day <= last:
        after = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
        lines.append(
            f"10,10,USD,a,{day.replace(day=1)},{after},{day},{day + timedelta(1)},Usage,x,{ACME}"
        )
        day += timedelta(days=1)
    if by_month:
        whole = "2026-11-01,2026-12-01"
        lines.append(f"30,30,USD,a,{whole},{whole},Purchase,support,{ACME}")
    return "\n".join(lines) + "\n"


class Company:
    """A folder with two bills, and its books."""

    def __init__(self, root: Path) -> None:
        """Write costper.yaml; the bills are to be written."""
        self.root = root
        self.books: Books | None = None
        (root / "costper.yaml").write_text(CONFIG)

    def synced(self, bills: Mapping[str, str]) -> Books:
        """Read the bills and allocate them."""
        for name, text in bills.items():
            (self.root / f"{name}.csv").write_text(text)
        config = self.root / "costper.yaml"
        settings = load_settings(config, catalogue=SOURCES, drivers=tuple(DRIVERS), environment={})
        books = self.books = open_books(settings, now=NOW)
        sync(books, now=NOW, names=tuple(bills))
        apply(books, now=NOW)
        return books


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    found = Company(tmp_path)
    yield found
    if found.books is not None:
        found.books.close()


def frame(books: Books, days: tuple[date, date] | None = None) -> Frame:
    since, until = days or (None, None)
    return frame_of(books, Asked(since=since, until=until), NOW, standing(books))


def codes(found: Frame) -> list[str]:
    return [one.code for one in found.issues]


def test_a_row_that_spans_the_month_says_nothing_of_how_far_the_bill_reaches(
    company: Company,
) -> None:
    books = company.synced({"main": bill(date(2026, 11, 8), by_month=True)})
    found = frame(books)
    assert found.settled_through == date(2026, 11, 8)
    november = frame(books, NOVEMBER)
    assert november.days_with_data == 8
    assert november.estimated
    assert november.counted is not None
    assert november.counted.end == date(2026, 11, 9)


def test_a_bill_that_lags_is_waited_for_and_named(company: Company) -> None:
    books = company.synced({"main": bill(date(2026, 11, 20)), "eu": bill(date(2026, 11, 8))})
    assert frame(books).settled_through == date(2026, 11, 8)
    assert "bill_behind" not in codes(frame(books, OCTOBER))
    late = frame(books, (date(2026, 11, 6), date(2026, 11, 20)))
    assert late.estimated
    (issue,) = [one for one in late.issues if one.code == "bill_behind"]
    assert issue.message.startswith("eu ends on 2026-11-08, others on 2026-11-20")


def test_a_bill_that_ended_long_ago_holds_nothing_back(company: Company) -> None:
    books = company.synced({"main": bill(date(2026, 11, 20)), "eu": bill(date(2026, 9, 15))})
    assert frame(books).settled_through == date(2026, 11, 19)
    assert not {"bill_behind", "bill_ended"} & {*codes(frame(books, NOVEMBER))}
    (issue,) = [one for one in frame(books, OCTOBER).issues if one.code == "bill_ended"]
    assert issue.message.startswith("eu ended on 2026-09-15, so it seems; others go on to")


def test_bills_of_months_only_reach_as_far_as_their_months(company: Company) -> None:
    month = bill(date(2026, 8, 31), by_month=True)
    books = company.synced({"main": month})
    assert frame(books).settled_through == date(2026, 11, 19)


def test_questions_in_letters_are_settled_as_far(company: Company) -> None:
    books = company.synced(
        {"main": bill(date(2026, 11, 20)), "eu": bill(date(2026, 11, 8), by_month=True)}
    )
    words = {"letters": {"a": "cost"}, "grain": "day", "days": 14, "to": "2026-11-20"}
    found = ask(books, question_from_json(words), now=NOW)
    assert found.settled_through == date(2026, 11, 8)
    assert found.estimated
    assert {"not_settled", "bill_behind"} <= {one.code for one in found.issues}


def test_totals_hold_the_days_ahead_that_a_fee_is_spread_over(company: Company) -> None:
    books = company.synced({"main": bill(date(2026, 11, 8), by_month=True)})
    november = frame(books, NOVEMBER)
    everything, by_service = trend(november), trend(november, "service")
    assert everything.total["cost"] == by_service.total["cost"] == Decimal(110)
    for found in (everything, by_service):
        known = [cost for row in found.rows if isinstance(cost := row["cost"], Decimal)]
        assert sum(known) == Decimal(110)
    words = {"letters": {"a": "cost"}, "from": "2026-11", "to": "2026-12"}
    assert ask(books, question_from_json(words), now=NOW).value("a") == Decimal(110)
    assert november.currencies == {"USD"}


@pytest.mark.parametrize("grain", ["day", "week", "month"])
def test_rows_of_days_ahead_add_up_to_the_total(company: Company, grain: str) -> None:
    books = company.synced({"main": bill(date(2026, 11, 8), by_month=True)})
    days = {"from": "2026-11", "to": "2026-12", "grain": grain, "by": ["service"]}
    asked = ask(books, question_from_json({"letters": {"a": "cost"}, **days}), now=NOW)
    total = sum(_amounts(asked, ()))
    assert total == sum(sum(_amounts(asked, key)) for key in asked.groups) == Decimal(110)
    assert asked.value("a") == Decimal(110)


def _amounts(asked: Answered, key: tuple[str, ...]) -> list[Decimal]:
    found = [asked.value("a", key, at) for at in range(len(asked.buckets))]
    return [one for one in found if isinstance(one, Decimal)]


def test_days_that_lie_ahead_alone_cost_what_their_rows_add_up_to(company: Company) -> None:
    books = company.synced({"main": bill(date(2026, 11, 8), by_month=True)})
    ahead = frame(books, (date(2026, 11, 20), date(2026, 11, 25)))
    whole = trend(ahead)
    amounts = [row["cost"] for row in whole.rows]
    assert sum(one for one in amounts if isinstance(one, Decimal)) == Decimal(5)
    found = (whole, customers(ahead), values(ahead, "service"), cost(ahead, CostQuestion()))
    assert [one.total["cost"] for one in found] == [Decimal(5)] * 4
    nothing = [Absent("no_data")] * 4
    assert [one.total["daily_average"] for one in found] == nothing
    later = frame(books, (date(2026, 12, 20), date(2026, 12, 25)))
    assert [trend(later).total["cost"], customers(later).total["cost"]] == nothing[:2]


def test_a_daily_average_is_of_the_days_with_data_above_and_below_the_line(
    company: Company,
) -> None:
    books = company.synced({"main": bill(date(2026, 11, 8), by_month=True)})
    november = frame(books, NOVEMBER)
    whole = customers(november)
    found = {
        "trend": trend(november).total,
        "by service": trend(november, "service").total,
        "customers": whole.total,
        "every customer": whole.rows[0],
        "a customer": customer(november, "acme").rows[0],
        "services": values(november, "service").total,
        "cost": cost(november, CostQuestion(by=("service",))).total,
        "a condition": cost(november, CostQuestion(where="service != y")).total,
    }
    assert {name: one["cost"] for name, one in found.items()} == dict.fromkeys(found, Decimal(110))
    assert {name: one["daily_average"] for name, one in found.items()} == dict.fromkeys(
        found, Decimal(11)
    )
    words = {"letters": {"a": "cost as average"}, "from": "2026-11", "to": "2026-12"}
    assert ask(books, question_from_json(words), now=NOW).value("a") == Decimal(11)
    (left_out,) = payers(november).left_out
    assert left_out.message.endswith("fees are spread over from 2026-11-09 on")
    each = {row["service"]: row["daily_average"] for row in values(november, "service").rows}
    assert each == {"x": Decimal(10), "support": Decimal(1)}
    assert value(november, "service", "support").rows[0]["daily_average"] == Decimal(1)


def test_a_verdict_takes_no_month_for_whole_that_a_lagging_bill_has_not_reached(
    company: Company,
) -> None:
    books = company.synced({"main": bill(date(2026, 11, 20)), "eu": bill(date(2026, 11, 8))})
    assert last_settled(books, facts_of(books), NOW) == date(2026, 11, 8)
