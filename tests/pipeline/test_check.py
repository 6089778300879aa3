"""`costper check` finds what is wrong in the books, and says what to do."""

from decimal import Decimal
from pathlib import Path

from tests.allocation.world import Charge, World, money
from tests.pipeline.shop import NOW, OVERHEAD, SHARED, WORLD, shop

from costper.model.allocation import Match, Rule
from costper.pipeline.check import check_books
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
        kept = Write(table="legs", where=f"{half} AND dim_customer = 'acme'")
        books.books.marts.replace([kept])
        (error,) = [one for one in check_books(books.books, NOW) if one.severity == "error"]
        assert error.code == "conservation"
        assert "day 2026-08-01, currency USD, source aws" in error.message


def test_what_was_never_allocated_or_changed_since_is_a_warning(tmp_path: Path) -> None:
    with shop(tmp_path, SHARED) as books:
        books.fill()
        assert "stale_allocation" in {one.code for one in check_books(books.books, NOW)}
        books.apply()
        assert "stale_allocation" not in {one.code for one in check_books(books.books, NOW)}
    with shop(tmp_path, *RULES) as books:
        assert "stale_allocation" in {one.code for one in check_books(books.books, NOW)}


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
