"""What is held of the books is never older than the last write."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from tests.ledger import NOW, Ledger

from costper.errors import CostperError
from costper.pipeline.answer.customers import customers
from costper.pipeline.answer.frame import Asked
from costper.pipeline.answer.state import States
from costper.store.books import Books
from costper.store.engine import Write
from costper.store.keys import add_key, list_keys, verify_key

DAY = date(2026, 10, 5)
ASKED = Asked(since=date(2026, 10, 1), until=date(2026, 11, 1))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[tuple[Ledger, Books]]:
    ledger = Ledger.at(tmp_path)
    books = ledger.leg(DAY, "7").keep().books()
    yield ledger, books
    books.close()


def cost(states: States) -> str:
    return str(customers(states.newest().frame(ASKED, NOW)).total["cost"]).rstrip("0")


def test_nothing_is_read_again_while_nobody_writes(world: tuple[Ledger, Books]) -> None:
    _, books = world
    states = States(books)
    first = states.newest()
    list_keys(books.control)
    verify_key(books.control, "cp_no")
    books.marts.query("SELECT 1 AS one")
    assert states.newest() is first


def test_charges_and_customers_are_there_as_soon_as_they_are_written(
    world: tuple[Ledger, Books],
) -> None:
    ledger, books = world
    states = States(books)
    assert cost(states) == "7."
    before = states.newest()
    ledger.leg(DAY, "5", customer="beta").keep()
    assert cost(states) == "12."
    ledger.payer("acme", "31").keep()
    assert states.newest().ground.facts["acme"][0].mrr == 31 * 10**21
    assert states.newest().version != before.version


def test_a_write_to_the_control_store_is_seen_too(world: tuple[Ledger, Books]) -> None:
    _, books = world
    states = States(books)
    first = states.newest()
    add_key(books.control, "desk", ("read",), now=NOW)
    again = states.newest()
    assert again is not first
    assert again.version == first.version  # no answer tells of keys


def test_a_write_that_was_refused_left_nothing_and_nothing_is_read_again(
    world: tuple[Ledger, Books],
) -> None:
    _, books = world
    states = States(books)
    first = states.newest()

    def refuse(_ask: object) -> None:
        raise CostperError("no")

    with pytest.raises(CostperError):
        books.marts.replace([Write(table="dimension_daily", where="TRUE")], check=refuse)
    assert states.newest() is first
    assert cost(states) == "7."
