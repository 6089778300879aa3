"""Replies written column by column are those written cell by cell."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from costper.api.encoding import encoded
from costper.model.answer import Absent, Answer
from costper.model.envelope import envelope
from costper.model.sheet import Amounts, Sheet

ANSWER = Answer(
    question={"noun": "customers"},
    rows=(),
    total={"cost": Decimal(1)},
    currency="USD",
    as_of="",
    settled_through=None,
    estimated=False,
    coverage=None,
)
CELLS = st.one_of(st.integers(-(10**25), 10**25), st.just(Absent("no_usage")))
WORDS = st.text(st.characters(exclude_categories=["Cs"]))
ROWS = st.lists(st.tuples(WORDS, st.integers(0, 300), CELLS, CELLS))


@given(ROWS, WORDS)
def test_a_sheet_is_written_as_its_rows_are(
    rows: list[tuple[str, int, int | Absent, int | Absent]], label: str
) -> None:
    sheet = Sheet(
        {
            label: [row[0] for row in rows],
            "day of it": [date(2026, 1, 1) + timedelta(days=row[1]) for row in rows],
            "some_cost": Amounts([row[2] for row in rows], 21),
            "some_percent": Amounts([row[3] for row in rows], 1),
            "requests": Amounts([row[3] for row in rows], 6),
        }
    )
    one_by_one = replace(ANSWER, rows=tuple(sheet))
    expected = msgspec.json.encode({**envelope(one_by_one), "next_cursor": None})
    assert encoded(replace(ANSWER, rows=sheet), next_cursor=None) == expected
    assert encoded(one_by_one, next_cursor=None) == expected
