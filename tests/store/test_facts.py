"""Customers and rates are dated facts; each holds until the next one begins."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from tests.store.raw_bills import Desk

from costper.model.customer import CustomerFact, Rate
from costper.store.facts import land_customers, land_rates

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk.at(tmp_path)
    yield desk
    desk.books.close()


def fact(customer: str, since: date, mrr: str | None) -> CustomerFact:
    amount = None if mrr is None else Decimal(mrr)
    return CustomerFact(customer=customer, valid_from=since, mrr=amount, currency="USD")


def test_a_fact_holds_until_the_next_one_begins(desk: Desk) -> None:
    land_customers(
        desk.books,
        "customers",
        [fact("b", MARCH, None), fact("a", APRIL, "2"), fact("a", MARCH, "1")],
    )
    rows = desk.all("SELECT customer, mrr, valid_from, valid_to FROM customers ORDER BY 1, 3")
    assert rows == [
        ("a", Decimal(1), MARCH, APRIL),
        ("a", Decimal(2), APRIL, None),
        ("b", None, MARCH, None),
    ]


def test_the_same_list_changes_nothing_and_a_shorter_one_replaces(desk: Desk) -> None:
    facts = [fact("a", MARCH, "1"), fact("b", MARCH, "2")]
    assert land_customers(desk.books, "customers", facts)
    assert not land_customers(desk.books, "customers", list(reversed(facts)))
    assert land_customers(desk.books, "customers", facts[:1])
    assert desk.all("SELECT customer FROM customers") == [("a",)]


def test_rates_keep_eighteen_digits(desk: Desk) -> None:
    rate = Rate(
        valid_from=MARCH, currency="EUR", target="USD", rate=Decimal("1.123456789012345678")
    )
    assert land_rates(desk.books, [rate])
    assert not land_rates(desk.books, [rate])
    assert desk.all("SELECT rate FROM rates") == [(rate.rate,)]
