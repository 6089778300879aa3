"""A plan tells every dimension it moves, and `show` what a stage took."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import cast

from tests.pipeline.shop import OVERHEAD, SHARED, shop

from costper.model.allocation import Match, Rule
from costper.model.answer import Row
from costper.pipeline.allocate import plan
from costper.pipeline.allocation_answers import plan_answer, show_answer

IDLE = Rule(
    name="idle",
    to="team",
    driver="fixed",
    match=(Match(key="service", values=("idle",)),),
    shares={"search": Decimal(60), "web": Decimal(40)},
)


def test_a_plan_moves_teams_where_a_rule_carries_to_teams(tmp_path: Path) -> None:
    with shop(tmp_path, SHARED, IDLE) as books:
        books.fill()
        books.apply()
    other = replace(IDLE, shares={"search": Decimal(50), "web": Decimal(50)})
    with shop(tmp_path, SHARED, other) as books:
        (row,) = plan_answer(books.books, plan(books.books)).rows
    moved = cast("list[Row]", row["by_team"])
    assert {one["team"]: round(cast("Decimal", one["change"]), 6) for one in moved} == {
        "search": Decimal("-0.5"),
        "web": Decimal("0.5"),
    }
    assert row["by_customer"] == ()


def test_show_says_that_a_chains_cost_counts_in_each_stage(tmp_path: Path) -> None:
    with shop(tmp_path, SHARED, OVERHEAD) as books:
        books.fill()
        books.apply()
        (row,) = show_answer(books.books).rows
    assert "stage" in str(row["matched_cost_note"])
    assert {one["stage"] for one in cast("list[Row]", row["rules"])} == {1, 2}
