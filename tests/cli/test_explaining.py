"""An explanation can be redone by hand, and tells its lines apart."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from re import findall
from typing import cast

import pytest
from tests.allocation.world import MONTH, money
from tests.pipeline.bill import BillLine, land
from tests.pipeline.shop import NOW, Shop, shop
from tests.pipeline.test_explain import RULES, filled

from costper.allocation.explain import TIMES
from costper.cli.explain import columns_shown
from costper.errors import UnknownNameError
from costper.model.answer import Row
from costper.model.period import month_of
from costper.pipeline.answer.customer import customer
from costper.pipeline.answer.frame import Asked, frame_of
from costper.pipeline.answer.standing import standing
from costper.pipeline.explain_answers import charge_answer, explain_answer
from costper.store.engine import Write

AUGUST = month_of(MONTH)


def explained(books: Shop, noun: str, value: str, rows: int | None = None) -> Sequence[Row]:
    asked = Asked(since=AUGUST.start, until=AUGUST.end)
    frame = frame_of(books.books, asked, NOW, standing(books.books))
    return explain_answer(books.books, frame, noun, value, rows=rows).rows


def redone(how: str) -> Fraction:
    """Multiply what stands before the pools."""
    worth = Fraction(1)
    for factor in how.partition(";")[0].replace(" of ", TIMES).split(TIMES):
        (number,) = findall(r"^-?[\d./]+", factor)
        top, _, bottom = number.partition("/")
        worth *= Fraction(top) / Fraction(bottom or "1")
    return worth


def test_how_multiplies_out_to_the_amount(tmp_path: Path) -> None:
    with shop(tmp_path, *RULES) as books:
        filled(books)
        lines = explained(books, "customer", "acme")
        parts = charge_answer(books.books, "aws/1/0:10").rows
    divided = [line for line in (*lines, *parts) if "direct" not in str(line["how"])]
    assert len(divided) > len(parts) > 1
    for line in divided:
        assert isinstance(line["cost"], Decimal)
        assert abs(redone(str(line["how"])) - Fraction(line["cost"])) < Fraction(1, 10**10)


def test_what_was_billed_in_two_currencies_adds_up_to_the_answers_number(tmp_path: Path) -> None:
    with shop(tmp_path, *RULES) as books:
        books.fill()
        eur = [
            BillLine(
                tags={"customer": "acme"},
                service_name="api",
                costs=money("7.77"),
                currency=currency,
                start=datetime(2026, 8, day, 3, tzinfo=UTC),
            )
            for currency, day in (("EUR", 1), ("EUR", 20), ("USD", 1))
        ]
        land(books.books, eur)
        rates = " UNION ALL ".join(
            f"SELECT DATE '{day}' AS valid_from, 'EUR' AS currency, 'USD' AS target, "
            f"CAST({rate} AS DECIMAL(38,18)) AS rate"
            for day, rate in (("2026-01-01", "1.0931"), ("2026-08-15", "1.1"))
        )
        books.books.engine.replace([Write(table="rates", select=rates)], {}, lambda _: None)
        books.apply()
        asked = Asked(since=AUGUST.start, until=AUGUST.end)
        frame = frame_of(books.books, asked, NOW, standing(books.books))
        total = explain_answer(books.books, frame, "customer", "acme").total
        number = customer(frame, "acme").total["cost"]
    assert total["cost"] == number == Decimal("7.77") * Decimal("3.1931")
    assert (total["cost_eur"], total["cost_usd"]) == (Decimal("15.54"), Decimal("7.77"))
    lines = cast("tuple[Row, ...]", total["converted"])
    found = [(one["currency"], one["amount"], one["rate"]) for one in lines]
    assert found == [
        ("EUR", Decimal("7.77"), Decimal("1.0931")),
        ("EUR", Decimal("7.77"), Decimal("1.1")),
        ("USD", Decimal("7.77"), Decimal(1)),
    ]


def test_a_source_is_explained_like_a_dimension(tmp_path: Path) -> None:
    with shop(tmp_path, *RULES) as books:
        filled(books)
        whole = sum(books.by_customer().values())
        asked = Asked(since=AUGUST.start, until=AUGUST.end)
        frame = frame_of(books.books, asked, NOW, standing(books.books))
        assert explain_answer(books.books, frame, "source", "aws").total == {"cost": whole}
        with pytest.raises(UnknownNameError, match="unknown source 'azure'"):
            explain_answer(books.books, frame, "source", "azure")


def test_a_pool_is_named_with_its_day_and_total_and_a_direct_row_says_so(tmp_path: Path) -> None:
    with shop(tmp_path, *RULES) as books:
        filled(books)
        hows = [str(line["how"]) for line in explained(books, "customer", "acme")]
    assert any(f"; shared database of {MONTH} = " in how for how in hows)
    assert "direct: names its customer" in hows


def test_rows_that_are_summed_up_say_by_which_rule(tmp_path: Path) -> None:
    with shop(tmp_path, *RULES) as books:
        filled(books)
        hows = [str(line["how"]) for line in explained(books, "customer", "acme", rows=0)]
    assert "1 part: direct: names its customer" in hows
    assert any(how.endswith("parts: overhead, stage 2, by_cost") for how in hows)


def test_lines_of_one_bill_row_are_told_apart_by_who_has_them(tmp_path: Path) -> None:
    with shop(tmp_path, *RULES) as books:
        filled(books)
        lines = explained(books, "service", "db")
    shown = columns_shown(lines, ("customer", "team", "service", "environment"))
    assert "customer" in shown
    assert not {"team", "environment"} & set(shown)
    keys = {(line["day"], line["charge"], line["customer"], line["how"]) for line in lines}
    assert len(keys) == len(lines)


@pytest.mark.parametrize(
    ("noun", "wrong", "near"), [("customer", "acmee", "acme"), ("service", "idel", "idle")]
)
def test_a_value_nobody_has_is_refused_with_the_nearest(
    tmp_path: Path, noun: str, wrong: str, near: str
) -> None:
    with shop(tmp_path, *RULES) as books:
        filled(books)
        with pytest.raises(UnknownNameError, match=f"did you mean '{near}'"):
            explained(books, noun, wrong)


def test_a_value_is_explained_as_the_books_write_it(tmp_path: Path) -> None:
    with shop(tmp_path, *RULES) as books:
        filled(books)
        assert explained(books, "customer", " ACME ") == explained(books, "customer", "acme") != ()


def test_a_value_without_cost_in_the_days_asked_for_is_no_fault(tmp_path: Path) -> None:
    with shop(tmp_path, *RULES) as books:
        filled(books)
        asked = Asked(since=MONTH - timedelta(days=9), until=MONTH)
        frame = frame_of(books.books, asked, NOW, standing(books.books))
        assert explain_answer(books.books, frame, "customer", "acme").rows == ()
