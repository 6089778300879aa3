"""Laws of margins over random books: drill-downs add up, and changes are what they say."""

import tempfile
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger import Ledger

from costper.economics.concentration import concentration
from costper.model.answer import Cell
from costper.pipeline.answer.customers import customers
from costper.pipeline.margins.answer import margins
from costper.pipeline.margins.clients import MarginQuestion
from costper.pipeline.margins.concentration import concentrated

OCTOBER = (date(2026, 10, 1), date(2026, 11, 1))
money = st.decimals(0, 10**6, places=6)
shops = st.dictionaries(
    st.sampled_from(["acme", "beta", "coda", "dune", "(unallocated)", "(untagged)"]),
    st.tuples(
        st.lists(st.tuples(st.integers(1, 31), money), max_size=3),
        st.none() | money,
        st.sampled_from(["", "pro", "free"]),
    ),
    min_size=1,
    max_size=6,
)
Shop = dict[str, tuple[list[tuple[int, Decimal]], Decimal | None, str]]


def books(folder: str, shop: Shop) -> Ledger:
    ledger = Ledger.at(Path(folder))
    for name, (legs, mrr, plan) in shop.items():
        for day, cost in legs:
            ledger.leg(date(2026, 10, day), cost, customer=name)
        if not name.startswith("("):
            ledger.payer(name, str(mrr or 0), plan=plan)
    return ledger


def amounts(rows: Cell, name: str) -> Fraction:
    """Add up a column of rows."""
    assert isinstance(rows, tuple)
    cells = [row[name] for row in rows if isinstance(row, dict)]
    return sum((exact(cell) for cell in cells if isinstance(cell, Decimal)), Fraction(0))


def exact(cell: Cell) -> Fraction:
    assert isinstance(cell, Decimal)
    return Fraction(cell)


@settings(max_examples=12, deadline=None)
@given(shops)
def test_customers_and_plans_add_up_to_the_total_with_what_is_nobodys(shop: Shop) -> None:
    with tempfile.TemporaryDirectory() as folder:
        ledger = books(folder, shop)
        frame = ledger.frame(since=OCTOBER[0], until=OCTOBER[1])
        for by in ("customer", "plan"):
            found = margins(frame, MarginQuestion(by=by, what_if="price +7%"))
            total = found.total
            nobody = total["not_customers"]
            for name in ("cost", "margin"):
                parts = amounts(found.rows, name) + amounts(nobody, name)
                if isinstance(total[name], Decimal):
                    assert parts == exact(total[name])
            if found.rows and isinstance(total["new_margin"], Decimal):
                assert amounts(found.rows, "change") == exact(total["change"])
                assert amounts(found.rows, "new_cost") + amounts(nobody, "cost") == exact(
                    total["new_cost"]
                )
        curve = margins(frame, MarginQuestion(by="curve"))
        if curve.rows:
            assert curve.rows[-1]["cumulative_margin"] == curve.total["customers_margin"]
        ledger.close()


@settings(max_examples=8, deadline=None)
@given(shops)
def test_the_concentration_of_books_is_that_of_their_customers_costs(shop: Shop) -> None:
    costs = {
        name: sum((cost for _, cost in legs), Decimal(0))
        for name, (legs, _, _) in shop.items()
        if any(cost for _, cost in legs) and not name.startswith("(")
    }
    with tempfile.TemporaryDirectory() as folder:
        ledger = books(folder, shop)
        found = concentrated(ledger.frame(since=OCTOBER[0], until=OCTOBER[1]), "customer")
        ledger.close()
    expected = concentration(costs)
    assert (found.total["gini_index"], found.total["hhi_index"]) == (expected.gini, expected.hhi)
    assert amounts(found.rows, "cost") == sum(map(Fraction, costs.values()), Fraction(0))


def test_cost_per_customer_is_of_those_with_cost_as_in_the_list_of_customers() -> None:
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger.at(Path(folder))
        ledger.every_day(date(2026, 9, 1), 60, "1", customer="here").payer("here", "100")
        ledger.every_day(date(2026, 9, 1), 10, "1", customer="gone").payer("gone", "0")
        frame = ledger.frame(since=OCTOBER[0], until=OCTOBER[1])
        listed = customers(frame).total["cost_per_customer"]
        assert margins(frame, MarginQuestion()).total["cost_per_customer"] == listed == 30
        ledger.close()
