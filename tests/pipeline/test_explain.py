"""Every number walks back to bill rows, every bill row walks on to legs, to the last digit."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path

import pytest
from tests.allocation.world import MONTH, Used, World, money
from tests.pipeline.bill import BillLine, land
from tests.pipeline.shop import OVERHEAD, SHARED, WORLD, Shop, shop

from costper.errors import UserError
from costper.model.allocation import Match, Rule
from costper.model.dimension import UNALLOCATED
from costper.model.money import EXACT
from costper.model.period import Period, month_of
from costper.pipeline.explain import explain
from costper.pipeline.explain_charge import explain_charge

LINES = (
    BillLine(tags={"customer": "acme"}, service_name="api", costs=money("36.1")),
    BillLine(tags={"customer": "bolt"}, service_name="api", costs=money("18")),
    BillLine(service_name="db", costs=money("60.000000000000000000007")),
    BillLine(service_name="db", costs=money("-1.5")),
    BillLine(service_name="db", costs=money("40.33")),
    BillLine(service_name="db", category="Credit", costs=money("-2.6137")),
    BillLine(service_name="idle", costs=money("7.1"), hours=100),
    BillLine(service_name=None, costs=money("0.000000000000000000003")),
    BillLine(
        service_name="db",
        costs=money("30"),
        start=datetime(2026, 8, 1, 12, tzinfo=UTC),
        hours=24,
    ),
)
USED = tuple(
    Used(day=MONTH + timedelta(days=day), dims={"customer": name}, value=Decimal(value))
    for day in range(3)
    for name, value in (("acme", 25), ("bolt", 74), ("", 1))
)
MONTH_LONG = month_of(MONTH)


def total(costs: Sequence[Decimal]) -> Decimal:
    with localcontext(EXACT):
        return sum(costs, Decimal(0))


def filled(books: Shop) -> None:
    books.fill(World(used=USED, people=WORLD.people))
    land(books.books, LINES)
    books.apply()


RULES = (
    Rule(
        name="shared database",
        match=SHARED.match,
        driver="by_quantity",
        quantity="requests",
    ),
    OVERHEAD,
)


@pytest.mark.parametrize("rows", [None, 3, 0])
def test_the_lines_add_up_to_each_customers_number(tmp_path: Path, rows: int | None) -> None:
    with shop(tmp_path, *RULES) as books:
        filled(books)
        numbers = books.by_customer()
        assert set(numbers) == {"acme", "bolt", UNALLOCATED}
        for customer, number in numbers.items():
            found = explain(books.books, "customer", customer, MONTH_LONG, rows=rows)
            assert found.totals == {"USD": number}
            assert total([line.cost for line in found.lines]) == number
            assert found.issues == ()


def test_all_rows_name_bill_rows_and_their_steps(tmp_path: Path) -> None:
    with shop(tmp_path, *RULES) as books:
        filled(books)
        found = explain(books.books, "customer", "acme", MONTH_LONG, rows=None)
        assert all(line.bill for line in found.lines)
        direct = [line for line in found.lines if not line.steps]
        assert [(line.bill.charge, line.cost) for line in direct if line.bill] == [
            ("aws/1/0:2", Decimal("36.1"))
        ]
        chained = [line for line in found.lines if len(line.steps) == 2]
        assert {(line.steps[0].rule, line.steps[1].rule) for line in chained} == {
            ("overhead", "shared database")
        }
        texts = {line.steps[-1].text() for line in found.lines if line.steps}
        assert "25/100 by_quantity [shared database]" in texts


@pytest.mark.parametrize("rows", [None, 3, 0])
def test_different_bill_rows_are_counted_once_and_their_parts_apart(
    tmp_path: Path, rows: int | None
) -> None:
    with shop(tmp_path, *RULES) as books:
        filled(books)
        every = explain(books.books, "customer", "acme", MONTH_LONG, rows=None)
        found = explain(books.books, "customer", "acme", MONTH_LONG, rows=rows)
    bills = [line.bill.charge for line in every.lines if line.bill]
    assert (found.rows, found.parts) == (len(set(bills)), len(bills))
    assert found.rows < found.parts
    assert sum(line.rows for line in found.lines) == found.parts


def test_a_row_times_its_shares_is_the_amount(tmp_path: Path) -> None:
    with shop(tmp_path, *RULES) as books:
        filled(books)
        found = explain(books.books, "customer", "acme", MONTH_LONG, rows=None)
    for line in found.lines:
        assert line.bill is not None
        amount = Fraction(line.bill.whole) * line.bill.share
        for step in line.steps:
            assert step.weight is not None
            assert step.weight_total is not None
            amount *= Fraction(step.weight) / Fraction(step.weight_total)
        assert abs(amount - Fraction(line.cost)) < Fraction(1, 10**10)


def test_a_row_of_several_days_keeps_the_cost_it_has_in_its_file(tmp_path: Path) -> None:
    with shop(tmp_path, *RULES) as books:
        filled(books)
        found = explain(books.books, "service", "db", MONTH_LONG, rows=None)
        bills = [line.bill for line in found.lines if line.bill and line.bill.share != 1]
    assert {(bill.row_no, bill.whole, bill.cost, bill.text()) for bill in bills} == {
        (len(LINES) + 1, Decimal(30), Decimal(15), "1/2 of 30")
    }


def test_every_bill_row_is_found_again_in_the_customers_parts(tmp_path: Path) -> None:
    with shop(tmp_path, *RULES) as books:
        filled(books)
        there: dict[tuple[str, str], Decimal] = {}
        for customer in books.by_customer():
            for line in explain(books.books, "customer", customer, MONTH_LONG, rows=None).lines:
                assert line.bill is not None
                key = (line.bill.charge, customer)
                there[key] = total([there.get(key, Decimal(0)), line.cost])
        for number, bill in enumerate(LINES, start=2):
            charge = f"aws/1/0:{number}"
            found = explain_charge(books.books, charge)
            assert found.bill.cost == bill.costs["effective_cost"]
            assert total([part.cost for part in found.parts]) == found.bill.cost
            back: dict[str, Decimal] = {}
            for part in found.parts:
                name = part.dims["customer"]
                back[name] = total([back.get(name, Decimal(0)), part.cost])
            for customer, cost in back.items():
                assert abs(there[charge, customer] - cost) < Decimal("1e-10")


def test_a_part_of_a_month_is_explained_by_itself(tmp_path: Path) -> None:
    with shop(tmp_path, *RULES) as books:
        filled(books)
        second = Period(MONTH + timedelta(days=1), MONTH + timedelta(days=2))
        found = explain(books.books, "customer", "bolt", second, rows=None)
        assert {line.day for line in found.lines} == {MONTH + timedelta(days=1)}
        assert total([line.cost for line in found.lines]) == found.totals["USD"]


def test_other_dimensions_are_explained_too(tmp_path: Path) -> None:
    with shop(tmp_path, *RULES) as books:
        filled(books)
        found = explain(books.books, "service", "db", MONTH_LONG, rows=None)
        assert found.totals["USD"] == Decimal("126.216300000000000000007")
        with pytest.raises(UserError, match="unknown dimension 'tenant'"):
            explain(books.books, "tenant", "x", MONTH_LONG)


def test_a_number_from_before_the_last_change_says_so(tmp_path: Path) -> None:
    with shop(tmp_path, *RULES) as books:
        filled(books)
        number = books.by_customer()["acme"]
    other = Rule(name="other", driver="even", match=(Match(key="service", values=("x",)),))
    with shop(tmp_path, other) as books:
        found = explain(books.books, "customer", "acme", MONTH_LONG, rows=None)
        assert [issue.code for issue in found.issues] == ["stale_allocation"]
        assert total([line.cost for line in found.lines]) == number


@pytest.mark.parametrize("name", ["aws", "aws/1/0:99", "aws/1/0", "'; DROP/1/0:2"])
def test_an_unknown_bill_row_is_wrong_use(tmp_path: Path, name: str) -> None:
    with shop(tmp_path, *RULES) as books:
        filled(books)
        with pytest.raises(UserError, match="bill row"):
            explain_charge(books.books, name)
