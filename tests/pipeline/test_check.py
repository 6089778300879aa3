"""`costper check` finds what is wrong in the books, and says what to do."""

from decimal import Decimal
from pathlib import Path

from tests.allocation.world import Charge, World, money
from tests.pipeline.shop import MONTH, NOW, OVERHEAD, SHARED, WORLD, Shop, shop

from costper.model.allocation import Match, Rule
from costper.pipeline.check import check_books
from costper.store.closing import close_period
from costper.store.engine import Write

RULES = (SHARED, OVERHEAD)


def test_books_that_add_up_have_no_errors(tmp_path: Path) -> None:
    with shop(tmp_path, *RULES) as books:
        books.fill()
        books.apply()
        issues = check_books(books.books, NOW)
        assert {issue.code for issue in issues} == {"low_coverage"}
        assert {issue.severity for issue in issues} == {"info"}


def test_a_leg_that_was_tampered_with_is_an_error_with_its_day(tmp_path: Path) -> None:
    with shop(tmp_path, *RULES) as books:
        books.fill()
        books.apply()
        half = "effective_cost > 1"
        kept = Write(table="legs_shared", where=f"{half} AND dim_customer = 'acme'")
        books.books.marts.replace([kept])
        (error,) = [one for one in check_books(books.books, NOW) if one.severity == "error"]
        assert error.code == "conservation"
        assert "day 2026-08-01, currency USD, source aws" in error.message


def stale(books: Shop) -> list[tuple[str, str]]:
    found = check_books(books.books, NOW)
    return [(one.severity, one.message) for one in found if one.code == "stale_allocation"]


def test_never_allocated_is_an_error_and_rules_changed_since_a_warning(tmp_path: Path) -> None:
    with shop(tmp_path, SHARED) as books:
        books.fill()
        ((severity, message),) = stale(books)
        assert (severity, "never allocated" in message) == ("error", True)
        books.apply()
        assert stale(books) == []
    with shop(tmp_path, *RULES) as books:
        ((severity, message),) = stale(books)
        assert (severity, "usage or rules" in message) == ("warning", True)


def test_legs_of_other_charges_than_the_books_hold_are_an_error(tmp_path: Path) -> None:
    with shop(tmp_path, SHARED) as books:
        books.fill()
        books.apply()
        again = "SELECT * REPLACE (delivery_id + 1 AS delivery_id) FROM charge_daily"
        books.books.engine.replace([Write(table="charge_daily", select=again)])
        ((severity, message),) = stale(books)
        assert (severity, "do not add up" in message) == ("error", True)


def test_a_closed_month_must_add_up_too(tmp_path: Path) -> None:
    with shop(tmp_path, SHARED) as books:
        books.fill()
        books.apply()
        close_period(books.books.control, MONTH, source="", now=NOW)
        again = "SELECT * REPLACE (delivery_id + 1 AS delivery_id) FROM charge_daily"
        books.books.engine.replace([Write(table="charge_daily", select=again)])
        assert "conservation" in {one.code for one in check_books(books.books, NOW)}


def test_the_unallocated_is_told_by_reason_with_a_hint(tmp_path: Path) -> None:
    rule = Rule(name="seats", driver="by_seats", match=(Match(key="service", values=("db",)),))
    with shop(tmp_path, rule) as books:
        books.fill(World(charges=WORLD.charges))
        books.apply()
        found = {one.code: one for one in check_books(books.books, NOW)}
        assert found["unallocated_no_seats"].message.startswith("97.3863 USD is not carried")
        assert "sync the customers" in found["unallocated_no_seats"].hint
        assert "unallocated_no_rule" in found


def test_coverage_is_told_on_gross_cost(tmp_path: Path) -> None:
    charges = (
        Charge(tags={"customer": "a", "team": "search", "env": "prod"}, costs=money(80)),
        Charge(tags={"customer": "a"}, costs=money(Decimal(-20))),
    )
    with shop(tmp_path) as books:
        books.fill(World(charges=charges))
        books.apply()
        told = [one.message for one in check_books(books.books, NOW) if one.code == "low_coverage"]
        assert "80.0 % of gross cost has a value for team" in told
