"""Rows of a question add up to its total, converted and shifted ones too."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from tests.pipeline.query.world import FIRST, OCTOBER, Lettered

from costper.model.money import EXACT
from costper.pipeline.query.answer import answer_of

COST = "cost"


def test_converted_amounts_keep_all_their_digits_so_that_rows_add_up(books: Lettered) -> None:
    for team, cost in (("a", "1043.061184298960585912345"), ("b", "0.000000000000000000003")):
        books.leg(FIRST, cost, team=team, currency="EUR")
    books.rate(FIRST, "EUR", "0.876543210987654321")
    answer = answer_of(books.ask(letters={"a": COST}, by="team", **OCTOBER))
    rate = Decimal("0.876543210987654321")
    exact = [EXACT.multiply(Decimal(one), rate) for one in ("1043.061184298960585912345", "3E-21")]
    assert [row["a"] for row in answer.rows] == exact
    assert answer.total["a"] == EXACT.add(*exact)


@pytest.mark.parametrize("grain", ["month", "quarter"])
def test_months_that_the_period_cuts_are_shifted_so_that_they_add_up(
    books: Lettered, grain: str
) -> None:
    for number in range(153):
        books.leg(date(2026, 6, 1) + timedelta(days=number), str(2**number % 1009))
    words = {"grain": grain, "from": "2026-09-10", "to": "2026-10-25"}
    asked = books.ask(letters={"a": COST}, formula="timeShift(a, 1 MONTH)", **words)
    rows = [asked.value("result", bucket=at) for at in range(len(asked.buckets))]
    assert asked.value("result") == sum(cost for cost in rows if isinstance(cost, Decimal))
    assert len(rows) == {"month": 2, "quarter": 2}[grain]
