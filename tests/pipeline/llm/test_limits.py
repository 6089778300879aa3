"""Whom limits would have touched, on books that calls came into by the door."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.pipeline.llm.observed_world import NOON, Observed, observed, usd

from costper.economics.limits import limited
from costper.errors import UnknownNameError, UserError
from costper.model.answer import Answer
from costper.pipeline.llm.chosen import Chosen
from costper.pipeline.llm.limits import Grain, limits

PER_CALL = Decimal("1.25")
"""A million input tokens of gpt-5."""

calls = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 12), st.sampled_from((0, 100_000, 1_000_000))),
    max_size=30,
)
amounts = st.lists(st.decimals(0, 6, places=3), min_size=1, max_size=4)


def ask(
    world: Observed, *said: str, grain: Grain = "day", of: str = "user", feature: str = ""
) -> Answer:
    """Hold limits against the first weeks of November."""
    frame = world.frame(since=(NOON - timedelta(days=9)).date(), until=_end())
    tried = tuple(map(Decimal, said))
    return limits(frame, Chosen(feature=feature), of=of, grain=grain, amounts=tried)


def _end() -> Any:  # noqa: ANN401 - a day
    return (NOON + timedelta(days=10)).date()


def event(user: str, day: int = 0, tokens: int = 1_000_000, **said: object) -> dict[str, Any]:
    """Give one call."""
    at = (NOON + timedelta(days=day)).isoformat()
    return {"userId": user, "timestamp": at, "inputTokens": tokens, **said}


@given(told=calls, tried=amounts)
@settings(max_examples=8, deadline=None)
def test_the_books_say_what_the_definition_says(
    told: list[tuple[int, int, int]],
    tried: list[Decimal],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with observed(tmp_path_factory.mktemp("books")) as world:
        world.send(
            event(f"u-{user}", day // 2, tokens, timestamp=_later(number, day // 2))
            for number, (user, day, tokens) in enumerate(told)
        )
        spent: dict[tuple[int, int], Decimal] = {}
        cut = dict.fromkeys(tried, 0)
        for user, day, tokens in told:
            key = (user, day // 2)
            spent[key] = spent.get(key, Decimal(0)) + PER_CALL * tokens / 1_000_000
            for limit in cut:
                cut[limit] += spent[key] > limit
        answer = ask(world, *map(str, tried))
        assert [row["limit"] for row in answer.rows] == sorted(set(tried))
        for row in answer.rows:
            limit = usd(row["limit"])
            seen = limited(spent, limit)
            assert row["touched"] == seen.touched
            assert row["touched_percent"] == seen.touched_percent
            assert row["touched_cost"] == seen.touched_cost
            assert row["touched_cost_percent"] == seen.touched_cost_percent
            assert row["cost_above"] == seen.above
            assert row["cut_calls"] == cut[limit]
        # Hours are not kept by feature: then every call is read, and the rows are the same.
        assert ask(world, *map(str, tried), feature="search").rows == answer.rows
        assert answer.total["call_cost"] == sum(spent.values())


def _later(number: int, day: int) -> str:
    return (NOON + timedelta(days=day, seconds=613 * number)).isoformat()


def test_a_limit_a_month_is_held_against_months_and_one_a_day_against_days(
    tmp_path: Path,
) -> None:
    with observed(tmp_path) as world:
        world.send([event("heavy", day) for day in range(4)] + [event("light")])
        (day,) = ask(world, "1").rows
        (month,) = ask(world, "2", grain="month").rows
        assert (day["touched"], day["touched_days_count"]) == (2, 5)
        assert (month["touched"], month["touched_months_count"]) == (1, 1)
        assert month["touched_percent"] == Decimal("50.00")
        assert month["touched_cost_percent"] == Decimal("80.00")
        assert month["cost_above"] == Decimal(3)
        assert month["cut_calls"] == 3


def test_round_limits_are_tried_where_none_is_given(tmp_path: Path) -> None:
    with observed(tmp_path) as world:
        world.send([event("heavy", 0) for _ in range(20)] + [event(f"u-{n}") for n in range(9)])
        found = [row["limit"] for row in ask(world).rows]
        assert found == [Decimal(2), Decimal(5), Decimal(10), Decimal(20)]


def test_programs_and_nobody_are_not_limited_as_users_are(tmp_path: Path) -> None:
    llm = "llm: {tenants: {t1: acme}, service_accounts: {nightly: {team: growth}}}"
    with observed(tmp_path, llm) as world:
        world.send(
            [
                event("jane", tenantId="t1"),
                event("", serviceAccount="nightly"),
                event("", anonId="visitor"),
            ]
        )
        assert ask(world, "1").total["members"] == 1
        (tenant,) = ask(world, "1", of="tenant").rows
        (customer,) = ask(world, "1", of="customer").rows
        assert tenant["touched_cost"] == customer["touched_cost"] == PER_CALL


def test_the_last_whole_month_is_asked_of_where_nothing_is_said(tmp_path: Path) -> None:
    with observed(tmp_path) as world:
        answer = limits(world.frame(), Chosen())
        assert str(answer.question["from"]) == "2026-10-01"
        assert str(answer.question["to"]) == "2026-11-01"
        assert not answer.rows
        assert "partial_month" not in {issue.code for issue in answer.issues}
        part = limits(world.frame(days=5), Chosen())
        assert "partial_month" in {issue.code for issue in part.issues}


def test_asking_writes_nothing(tmp_path: Path) -> None:
    with observed(tmp_path) as world:
        world.send([event("jane")])
        books = world.world.books
        before = (books.marts.changes, books.control.changes)
        ask(world, "1", "0.5")
        assert (books.marts.changes, books.control.changes) == before


def test_what_is_no_limit_is_refused(tmp_path: Path) -> None:
    with observed(tmp_path) as world:
        for said in ("-1", "NaN", "1e13"):
            with pytest.raises(UserError):
                ask(world, said)
        with pytest.raises(UserError):
            ask(world, *map(str, range(51)))
        with pytest.raises(UnknownNameError):
            ask(world, "1", of="planet")
